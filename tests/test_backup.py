"""The memory of a bot in one file, and back."""

import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest

from bot.backup import back_up, restore
from bot.database import Database
from bot.errors import ConfigError
from bot.journal import Journal
from bot.picture_store import PictureStore
from bot.startup import only_copy
from tests.samples import PNG, job, picture


async def remember(data: Path, *job_ids: str) -> None:
    """Drawn jobs with a picture each."""
    data.mkdir(exist_ok=True)
    store = PictureStore(data / "pictures")
    async with Database(data / "chatelier.sqlite") as database:
        journal = Journal(database, store)
        for job_id in job_ids:
            one = picture(png=PNG + job_id.encode())
            kept = [(one, await store.put(one.png))]
            async with database.transaction() as t:
                await journal.accept(t, job(job_id))
                await journal.end_drawn(t, job_id, kept, 1.0)


async def known(data: Path) -> dict[str, list[bytes]]:
    """The jobs of a folder and the bytes of their pictures."""
    async with Database(data / "chatelier.sqlite") as database:
        journal = Journal(database, PictureStore(data / "pictures"))
        return {
            one.id: [p.png for p in await journal.pictures(one.id) or ()]
            for one in await journal.unfinished()
        }


async def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    """In another folder, on another machine: jobs and pictures, byte for byte."""
    await remember(tmp_path / "old", "a", "b")
    assert back_up(tmp_path / "old", tmp_path / "b.zip") == 2
    assert restore(tmp_path / "new", tmp_path / "b.zip") == 2
    assert await known(tmp_path / "new") == await known(tmp_path / "old")
    assert not list(tmp_path.glob("*.part"))


async def test_the_bot_may_go_on_while_it_is_kept(tmp_path: Path) -> None:
    """Rows that are written meanwhile are in the copy or not, and the copy is whole."""
    data = tmp_path / "data"
    await remember(data, "a")
    writer = sqlite3.connect(data / "chatelier.sqlite", check_same_thread=False)
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.001):
            writer.execute("INSERT OR REPLACE INTO facts VALUES ('n', hex(randomblob(2000)))")
            writer.commit()

    thread = threading.Thread(target=write)
    with only_copy(data):
        thread.start()
        try:
            assert back_up(data, tmp_path / "b.zip") == 1
        finally:
            stop.set()
            thread.join()
            writer.close()
    restore(tmp_path / "new", tmp_path / "b.zip")
    assert list(await known(tmp_path / "new")) == ["a"]


async def test_a_backup_replaces_what_is_there_and_keeps_it_beside(tmp_path: Path) -> None:
    """Also what stands in SQLite's log only; none of that log is read into the restored file."""
    data = tmp_path / "data"
    await remember(data, "a")
    back_up(data, tmp_path / "b.zip")
    await remember(data, "later")
    left_open = sqlite3.connect(data / "chatelier.sqlite")
    left_open.execute("UPDATE jobs SET text = 'in the log'")
    left_open.commit()
    assert (data / "chatelier.sqlite-wal").stat().st_size > 0
    restore(data, tmp_path / "b.zip")
    left_open.close()
    assert list(await known(data)) == ["a"]
    with sqlite3.connect(data / "chatelier.sqlite.replaced") as replaced:
        rows = replaced.execute("SELECT id, text FROM jobs ORDER BY id").fetchall()
    replaced.close()
    assert rows == [("a", "in the log"), ("later", "in the log")]


async def test_a_damaged_database_can_be_replaced(tmp_path: Path) -> None:
    """That is what a backup is for."""
    data = tmp_path / "data"
    await remember(data, "a")
    back_up(data, tmp_path / "b.zip")
    (data / "chatelier.sqlite").write_bytes(b"rubbish" * 1000)
    restore(data, tmp_path / "b.zip")
    assert list(await known(data)) == ["a"]
    assert (data / "chatelier.sqlite.replaced").read_bytes().startswith(b"rubbish")


async def test_nothing_is_put_back_under_a_running_bot(tmp_path: Path) -> None:
    """With a sentence, and nothing has changed."""
    data = tmp_path / "data"
    await remember(data, "a")
    back_up(data, tmp_path / "b.zip")
    await remember(data, "later")
    with only_copy(data), pytest.raises(ConfigError, match="already running"):
        restore(data, tmp_path / "b.zip")
    assert list(await known(data)) == ["a", "later"]


async def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    """Nor is an empty folder kept as if it were a bot."""
    await remember(tmp_path / "data", "a")
    file = tmp_path / "b.zip"
    file.write_text("my holidays")
    with pytest.raises(ConfigError, match="there already"):
        back_up(tmp_path / "data", file)
    with pytest.raises(ConfigError, match="nothing yet"):
        back_up(tmp_path / "nowhere", tmp_path / "c.zip")
    assert file.read_text() == "my holidays"


def rewrite(file: Path, name: str, content: bytes) -> None:
    """Replace or add one entry."""
    with zipfile.ZipFile(file) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    entries[name] = content
    with zipfile.ZipFile(file, "w") as archive:
        for entry, data in entries.items():
            archive.writestr(entry, data)


async def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    """Cut off, its database rubbish, a picture exchanged, or no backup at all."""
    data = tmp_path / "data"
    await remember(data, "a")
    back_up(data, tmp_path / "sound.zip")
    sound = (tmp_path / "sound.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "sound.zip") as archive:
        entry = next(name for name in archive.namelist() if name.startswith("pictures/"))
    file = tmp_path / "b.zip"
    await remember(data, "later")
    for damage in ("cut", "database", "picture", "empty"):
        file.write_bytes(sound[: len(sound) // 2] if damage == "cut" else sound)
        if damage == "database":
            rewrite(file, "chatelier.sqlite", b"rubbish" * 500)
        if damage == "picture":
            rewrite(file, entry, b"another picture")
        if damage == "empty":
            with zipfile.ZipFile(file, "w"):
                pass
        with pytest.raises(ConfigError, match=r"no whole backup|damaged|not a database"):
            restore(data, file)
        assert list(await known(data)) == ["a", "later"]


async def test_a_backup_cannot_write_elsewhere(tmp_path: Path) -> None:
    """Names that lead out of the folder are left in the file."""
    await remember(tmp_path / "data", "a")
    file = tmp_path / "b.zip"
    back_up(tmp_path / "data", file)
    for name in ("../../evil.png", "pictures/../../evil.png", "/evil.png", "config.toml"):
        rewrite(file, name, b"evil")
    restore(tmp_path / "new" / "data", file)
    kept = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert not kept & {"evil.png", "config.toml"}


async def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """With both numbers."""
    await remember(tmp_path / "data", "a")
    with sqlite3.connect(tmp_path / "data" / "chatelier.sqlite") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    back_up(tmp_path / "data", tmp_path / "b.zip")
    with pytest.raises(ConfigError, match="newer Chatelier"):
        restore(tmp_path / "new", tmp_path / "b.zip")
