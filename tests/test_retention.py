"""What is kept for how long, and `chatelier export`, in the whole application."""

import logging
import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App, housekeep, open_app
from bot.cli import main
from bot.config import Secrets
from bot.domain import Job, Platform
from tests.app_fixture import app_config
from tests.samples import job, picture, requester

DAY = 86400.0


async def delivered(app: App, id: str, png: bytes) -> Job:
    """A request whose picture has arrived."""
    made = job(id, requester=requester("1", name="Ann"), text="of ann")
    async with app.journal._database.transaction() as t:
        await app.journal.accept(t, made)
    await app.journal.begin(id)
    sha256 = await app.store.put(png)
    async with app.journal._database.transaction() as t:
        await app.journal.end_drawn(t, id, [(picture(), sha256)], 1.0)
    await app.journal.told(made, [f"m{id}"])
    return made


def age(folder: Path, days: float) -> None:
    """All picture files were last written so long ago."""
    then = time.time() - days * DAY
    for file in (folder / "data" / "pictures").glob("*/*"):
        os.utime(file, (then, then))


async def test_pictures_go_after_keep_days_and_records_stay(tmp_path: Path) -> None:
    """`[storage] keep_days`: the file is gone, the order to draw it again is not."""
    async with open_app(app_config(storage={"keep_days": 5}), Secrets(), tmp_path) as app:
        old = await delivered(app, "old", b"old picture")
        age(tmp_path, 6)
        await delivered(app, "new", b"new picture")
        await housekeep(app, time.time())
        assert await app.journal.pictures("old") is None
        assert await app.journal.picture("new", 0) == b"new picture"
        kept = await app.journal.job("old")
    assert kept is not None
    assert (kept.spec, kept.text) == (old.spec, "of ann")


async def test_the_oldest_pictures_go_beyond_keep_gb(tmp_path: Path) -> None:
    """`[storage] keep_gb`: room for one of the two."""
    async with open_app(app_config(storage={"keep_gb": 1.5e-5}), Secrets(), tmp_path) as app:
        await delivered(app, "old", b"o" * 10_000)
        age(tmp_path, 1)
        await delivered(app, "new", b"n" * 10_000)
        await housekeep(app, time.time())
        assert await app.journal.picture("old", 0) is None
        assert await app.journal.picture("new", 0) == b"n" * 10_000


async def test_housekeeping_ends_what_forgetting_began(tmp_path: Path) -> None:
    """And drops messages that could not be read once they are as old as the oldest picture."""
    async with open_app(app_config(), Secrets(), tmp_path) as app:
        on_its_way = replace(job("a"), requester=requester("1", name="Ann"), text="of ann")
        async with app.journal._database.transaction() as t:
            await app.journal.accept(t, on_its_way)
            await app.journal.end_cancelled(t, "a")
        assert (await app.forgetting.forget(frozenset({"telegram:1"}))).later == 1
        await app.journal.told(on_its_way, ())
        await app.inbox.put(Platform.TELEGRAM, "5", "secret")
        await app.inbox.set_aside(Platform.TELEGRAM, "5", "cannot be read")
        await housekeep(app, time.time())
        forgotten = await app.journal.job("a")
        assert forgotten is not None
        assert (forgotten.text, forgotten.requester.name) == ("", "")
        assert not await app.inbox.put(Platform.TELEGRAM, "5", "again")
        await housekeep(app, time.time() + 31 * DAY)
        assert await app.inbox.put(Platform.TELEGRAM, "5", "again")


# chatelier export ----------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHATELIER_CONFIG", raising=False)
    monkeypatch.setattr(logging.root, "handlers", [])  # as before, once the commands are done
    return tmp_path


def test_export_on_the_command_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A member's, with the linked account's; then everybody's."""
    assert main(["admin", "link", "telegram:5", "discord:6"]) == 0
    assert main(["admin", "ban", "discord:6", "2d", "spam"]) == 0
    assert main(["admin", "ban", "telegram:7", "spam"]) == 0
    capsys.readouterr()
    assert main(["export", "telegram:5", "five.zip"]) == 0
    assert capsys.readouterr().out.startswith("five.zip: ")
    assert main(["export", "all.zip"]) == 0
    with zipfile.ZipFile(here / "five.zip") as five, zipfile.ZipFile(here / "all.zip") as all_:
        assert b"discord:6" in five.read("bans.jsonl")
        assert b"telegram:7" not in five.read("bans.jsonl")
        assert b"telegram:7" in all_.read("bans.jsonl")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "there.zip"], "there.zip: is there already"),
        (["export", "no/folder.zip"], "cannot be written"),
    ],
)
def test_an_export_that_cannot_be_written_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    """Exit code 2, no traceback, nothing overwritten."""
    (here / "there.zip").write_text("mine")
    assert main(["admin", "ban", "telegram:5"]) == 0
    capsys.readouterr()
    assert main(words) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert (here / "there.zip").read_text() == "mine"


def test_an_account_of_which_nothing_is_kept_is_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its number may be a chat's, or mistyped: an empty file would look like an answer."""
    assert main(["admin", "ban", "telegram:5"]) == 0
    capsys.readouterr()
    assert main(["export", "telegram:55", "none.zip"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("chatelier: telegram:55: nothing is kept of this; no file was written")
    assert error.count("\n") == 1
    assert list(here.glob("none.zip*")) == []


def test_before_the_first_start_there_is_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty database is not made for it."""
    assert main(["export", "all.zip"]) == 2
    assert "nothing yet" in capsys.readouterr().err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("words", [["telegram:5"], ["five"], ["telegram:5", "telegram:6"]])
def test_a_forgotten_file_name_exports_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """An account alone would else be taken for the file, and everybody be handed out."""
    with pytest.raises(SystemExit):
        main(["export", *words])
    assert "is no name of a zip file" in capsys.readouterr().err
    assert not list(here.glob("telegram*"))
