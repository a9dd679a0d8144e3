"""`/forget`, `/privacy`, `chatelier export`: what is kept of members, and what goes."""

import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config import StorageConfig
from bot.database import Database
from bot.domain import Failure, Job, JobState, Platform
from bot.inbox import Inbox
from bot.journal import Journal
from bot.members.export import Export
from bot.members.forget import Forgetting, Forgotten
from bot.members.kept import TABLES
from bot.members.own_data import OwnData
from bot.members.seen import Members
from bot.picture_store import PictureStore
from bot.replies import LANGUAGES, say_all
from tests.samples import incoming, job, picture, requester, spec

ANN = requester("1", name="Ann Secret", username="annsecret", language="en")
BOB = requester("2", name="Bob")
ON_DISCORD = replace(ANN, platform=Platform.DISCORD, user_id="11")


class Archive:
    """Journal, store and the parts under test over one real database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.store = PictureStore(folder / "pictures")
        self.journal = Journal(database, self.store)
        self.members = Members(database)
        self.inbox = Inbox(database)
        self.cancelled: list[str] = []
        self.forgetting = Forgetting(
            database=database, store=self.store, members=self.members, cancel=self._cancel
        )
        self.accounts: tuple[str, ...] = ()
        self.own_data = OwnData(
            config=StorageConfig(), forgetting=self.forgetting, accounts_of=self._accounts_of
        )

    async def _accounts_of(self, account: str) -> tuple[str, ...]:
        return self.accounts or (account,)

    async def _cancel(self, job_id: str) -> bool:
        self.cancelled.append(job_id)
        async with self.database.transaction() as t:
            return await self.journal.end_cancelled(t, job_id)

    async def accepted(self, id: str, **changes: Any) -> Job:
        """A waiting request with words that must go."""
        made = job(id, **{"requester": ANN, "text": "secret words", **changes})
        async with self.database.transaction() as t:
            await self.journal.accept(t, made)
        return made

    async def delivered(self, id: str, png: bytes, *, told: bool = True, **changes: Any) -> str:
        """A drawn request, and the SHA-256 of its picture."""
        made = await self.accepted(id, **{"spec": spec(prompt="secret prompt"), **changes})
        await self.journal.begin(id)
        sha256 = await self.store.put(png)
        shown = replace(picture(), infotext="secret prompt\nSteps: 20")
        async with self.database.transaction() as t:
            await self.journal.end_drawn(t, id, [(shown, sha256)], 3.0)
        if told:
            await self.journal.told(made, [f"m-{id}"])
        return sha256

    async def forget(self, *accounts: str) -> Forgotten:
        return await self.forgetting.forget(frozenset(accounts or {ANN.account}))

    async def everything(self) -> str:
        """All that stands in the database, as text."""
        found = []
        for table in TABLES:
            rows = await self.database.rows(f"SELECT * FROM {table}")
            found += [repr(tuple(row)) for row in rows]
        return "\n".join(found)


@pytest.fixture
def archive(database: Database, tmp_path: Path) -> Archive:
    return Archive(database, tmp_path)


# Forgetting ----------------------------------------------------------------------------------


async def test_words_names_and_pictures_go(archive: Archive) -> None:
    """Nowhere in the database does anything of them stand afterwards, and the files are gone."""
    await archive.members.saw(ANN, private_chat_id="1234567")
    drawn = await archive.delivered("a", b"drawn")
    source = await archive.store.put(b"source")
    await archive.delivered("b", b"varied", spec=spec(prompt="secret", input_sha256=source))
    await archive.inbox.put(Platform.TELEGRAM, "5", '{"from": {"id": 1}, "text": "secret"}')
    await archive.inbox.set_aside(Platform.TELEGRAM, "5", "secret could not be read")
    async with archive.database.transaction() as t:
        await t.run(
            "INSERT INTO preferences VALUES ('member', ?, 'negative', 'secret')", (ANN.account,)
        )
        await t.run(
            "INSERT INTO presets VALUES (?, 'secret', 'Secret', 'secret', 1.0)", (ANN.account,)
        )
    done = await archive.forget()
    assert (done.requests, done.pictures, done.cancelled, done.later) == (2, 3, 0, 0)
    left = (await archive.everything()).lower()
    for word in ("secret", "1234567", drawn, source):
        assert word not in left
    assert [await archive.store.get(s) for s in (drawn, source)] == [None, None]


async def test_no_word_is_left_in_the_files_of_the_database(archive: Archive) -> None:
    """Neither in the file itself nor in the log that SQLite keeps beside it."""
    await archive.delivered("a", b"drawn")
    await archive.forget()
    files = sorted(archive.database.path.parent.glob(f"{archive.database.path.name}*"))
    assert len(files) > 1
    for file in files:
        assert b"secret" not in file.read_bytes(), file.name


async def test_what_adds_up_stays(archive: Archive) -> None:
    """The record says still when, for how much and how it was drawn."""
    await archive.delivered("a", b"drawn", cost=1234)
    await archive.forget()
    kept = await archive.journal.job("a")
    assert kept is not None
    assert (kept.cost, kept.state, kept.requester.account) == (
        1234,
        JobState.DELIVERED,
        "telegram:1",
    )
    assert (kept.spec.prompt, kept.spec.seed, kept.text, kept.requester.name) == ("", 1, "", "")
    async with archive.database.transaction() as t:
        assert await archive.journal.known(t, Platform.TELEGRAM, kept.key) == "a"


async def test_others_keep_theirs(archive: Archive) -> None:
    """Also the same picture, and one of Ann's that Bob went on from."""
    same = await archive.delivered("a", b"same")
    await archive.delivered("b", b"same", requester=BOB, text="of bob")
    went_on = await archive.delivered("c", b"went on")
    await archive.delivered("d", b"of bob", requester=BOB, spec=spec(input_sha256=went_on))
    done = await archive.forget()
    assert (done.requests, done.pictures) == (2, 0)
    assert [await archive.store.get(s) for s in (same, went_on)] == [b"same", b"went on"]
    assert len(await archive.journal.pictures("b") or ()) == 1
    theirs = await archive.journal.job("b")
    assert theirs is not None
    assert (theirs.text, theirs.requester.name) == ("of bob", "Bob")
    assert (await archive.forget(BOB.account)).pictures == 3


async def test_what_waits_is_cancelled_first(archive: Archive) -> None:
    """It is forgotten once its member knows that it was cancelled."""
    waiting = await archive.accepted("a")
    done = await archive.forget()
    assert archive.cancelled == ["a"]
    assert (done.requests, done.cancelled, done.later) == (0, 1, 1)
    await archive.forgetting.finish(backups_before=0)
    assert "secret words" in await archive.everything()
    await archive.journal.told(waiting, ())
    await archive.forgetting.finish(backups_before=0)
    assert "secret words" not in await archive.everything()


async def test_a_picture_on_its_way_arrives_and_is_forgotten_then(archive: Archive) -> None:
    """Delivery needs the file still."""
    sha256 = await archive.delivered("a", b"drawn", told=False)
    assert (await archive.forget()).later == 1
    assert await archive.store.get(sha256) == b"drawn"
    drawn = await archive.journal.job("a")
    assert drawn is not None
    await archive.journal.told(drawn, ["m1"])
    await archive.forgetting.finish(backups_before=0)
    assert await archive.store.get(sha256) is None


async def test_what_others_wait_for_is_not_counted(archive: Archive) -> None:
    """Bob's picture is on its way, and his wish to forget it as well."""
    await archive.delivered("a", b"drawn", told=False, requester=BOB)
    assert (await archive.forget(BOB.account)).later == 1
    await archive.delivered("b", b"of ann")
    assert (await archive.forget()).later == 0


async def test_a_failed_request_is_forgotten_too(archive: Archive) -> None:
    """Its words were kept like those of any other."""
    failed = await archive.accepted("a")
    async with archive.database.transaction() as t:
        await archive.journal.end_failed(t, "a", Failure(key="render-failed", incident="0a1b2c"))
    await archive.journal.told(failed, ())
    assert (await archive.forget()).requests == 1
    assert "secret" not in await archive.everything()


async def test_all_accounts_of_a_person_are_forgotten(archive: Archive) -> None:
    """Linked on two platforms: one wish."""
    await archive.delivered("a", b"one")
    await archive.delivered("b", b"two", requester=ON_DISCORD)
    await archive.delivered("c", b"three", requester=BOB)
    assert (await archive.forget(ANN.account, ON_DISCORD.account)).requests == 2


async def test_forgetting_twice_is_forgetting_once(archive: Archive) -> None:
    """The second time there is nothing; a new request is a new matter."""
    await archive.delivered("a", b"one")
    await archive.forget()
    assert (await archive.forget()).nothing
    await archive.delivered("b", b"two")
    assert (await archive.forget()).requests == 1


async def test_a_kill_in_the_middle_loses_no_wish(archive: Archive, tmp_path: Path) -> None:
    """The mark is committed first; the next housekeeping goes on, files that are gone or not."""
    sha256 = await archive.delivered("a", b"one")
    async with archive.database.transaction() as t:
        await t.run("UPDATE jobs SET forgotten = 1 WHERE id = 'a'")
    await archive.store.remove(sha256)
    await archive.forgetting.finish(backups_before=0)
    assert "secret" not in await archive.everything()


async def test_more_than_one_transaction_holds(archive: Archive) -> None:
    """Hundreds of requests are forgotten in steps, all of them."""
    async with archive.database.transaction() as t:
        for n in range(450):
            await archive.journal.accept(t, job(f"j{n}", requester=ANN, text="secret"))
        await t.run("UPDATE jobs SET state = 'cancelled', told = 1")
    assert (await archive.forget()).requests == 450
    assert "secret" not in await archive.everything()


async def test_the_history_of_a_chat_shows_nothing_forgotten(archive: Archive) -> None:
    """The page shows what it remembers; not this."""
    await archive.delivered("a", b"one")
    await archive.delivered("b", b"two", requester=BOB)
    await archive.forget()
    history = await archive.journal.history(Platform.TELEGRAM, "-100")
    assert [item.job.id for item in history] == ["b"]


async def test_the_file_itself_holds_no_trace(database: Database, tmp_path: Path) -> None:
    """Deleted text would lie in free pages of the file until something overwrites it."""
    archive = Archive(database, tmp_path)
    for n in range(30):
        words = f"trace {n} " * 200
        await archive.delivered(f"a{n}", b"%d" % n, text=words, spec=spec(prompt=words))
    await archive.delivered("b", b"of bob", requester=BOB, text="bob stays")
    await archive.forget()
    async with database.transaction() as t:
        await t.run("UPDATE jobs SET cost = cost")
    await database.empty_log()
    content = (tmp_path / "chatelier.sqlite").read_bytes()
    assert b"bob stays" in content
    assert b"trace " not in content


async def test_copies_from_before_upgrades_go_too(archive: Archive, tmp_path: Path) -> None:
    """They remember what was forgotten since; young ones are still needed."""
    old, young = tmp_path / "chatelier.v1.backup", tmp_path / "chatelier.v2.backup"
    for copy, moment in ((old, 1000), (young, 3000)):
        copy.write_bytes(b"copy")
        os.utime(copy, (moment, moment))
    await archive.forgetting.finish(backups_before=2000)
    assert [old.exists(), young.exists()] == [False, True]


# Asking for it -------------------------------------------------------------------------------


async def said(archive: Archive, text: str, command: str = "forget") -> str:
    lines = await archive.own_data.answer(command, incoming(text, command, requester=ANN))
    return say_all(lines)


@pytest.mark.parametrize("text", ["", "no", "yes please not", "all"])
async def test_nothing_goes_without_a_clear_yes(archive: Archive, text: str) -> None:
    """The answer says what would go, and how to say yes."""
    await archive.delivered("a", b"one")
    assert "/forget yes" in await said(archive, text)
    assert "secret" in await archive.everything()


async def test_what_is_told_is_of_the_one_who_asked(archive: Archive) -> None:
    """Others whose wish was waiting are not counted in; what was cancelled is told once."""
    await archive.delivered("a", b"one")
    await archive.delivered("b", b"two", requester=BOB, told=False)
    await archive.forget(BOB.account)
    bobs = await archive.journal.job("b")
    assert bobs is not None
    await archive.journal.told(bobs, ["m-b"])
    await archive.accepted("c")
    assert (await said(archive, "yes")).splitlines()[:2] == [
        "Forgotten: one request, one picture file deleted.",
        "One request was cancelled, and is forgotten within the hour.",
    ]


@pytest.mark.parametrize("text", ["yes", " YES! ", "confirm", "是", "确认。"])
async def test_yes_in_both_languages(archive: Archive, text: str) -> None:
    """Then it is done, and what stays is said."""
    await archive.delivered("a", b"one")
    answer = await said(archive, text)
    assert answer.startswith("Forgotten: one request, one picture file deleted.")
    assert "stays there" in answer
    assert (await said(archive, text)).startswith("You have no requests here.")


async def test_linked_accounts_are_named_before(archive: Archive) -> None:
    """Nobody forgets the other account by surprise."""
    archive.accounts = ("telegram:1", "discord:11")
    assert "discord:11, telegram:1" in await said(archive, "")


# What is kept --------------------------------------------------------------------------------


async def test_every_table_is_accounted_for(database: Database) -> None:
    """A new table must say here whose its rows are, so that export and `/privacy` stay true."""
    rows = await database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    there = {row["name"] for row in rows if not row["name"].startswith("sqlite_")}
    assert there == set(TABLES)
    for table, kept in TABLES.items():
        columns = {r["name"] for r in await database.rows(f"PRAGMA table_info({table})")}
        wanted = {*kept.by, *kept.json}
        wanted |= {"platform", "user_id"} if kept.by_user else set()
        wanted |= {"job_id"} if kept.by_job else set()
        assert wanted <= columns, table
        holds_an_account = {"account", "user_id"} & columns
        assert bool(kept.by or kept.by_user or kept.by_job) >= bool(holds_an_account), table
        assert kept.told or table in ("facts", "filter_words", "filter_actions")  # of nobody


def test_the_page_about_members_data_names_every_table() -> None:
    """docs/privacy.md says where what is kept."""
    page = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text("utf-8")
    told = {table for table, kept in TABLES.items() if kept.told}
    assert {table for table in told if f"`{table}`" not in page} == set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_privacy_tells_how_long(archive: Archive, language: str) -> None:
    """With the operator's own figures, and each kind of record once."""
    lines = await archive.own_data.answer("privacy", incoming("", "privacy"))
    text = say_all(lines, language)
    assert "30" in text
    assert "20 GB" in text
    assert "/forget" in text
    assert len(set(text.splitlines())) == len(text.splitlines())


# Export --------------------------------------------------------------------------------------


def records(archive: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{table}.jsonl").splitlines()]


async def test_a_members_export_has_theirs_only(archive: Archive, tmp_path: Path) -> None:
    """Records as JSON lines and the pictures, those they gave too; nobody else's."""
    await archive.members.saw(ANN)
    await archive.members.saw(BOB)
    source = await archive.store.put(b"source")
    drawn = await archive.delivered("a", b"drawn", spec=spec(input_sha256=source))
    await archive.delivered("b", b"of bob", requester=BOB)
    target = tmp_path / "ann.zip"
    export = Export(archive.database, archive.store)
    count = await export.write(target, frozenset({ANN.account}))
    with zipfile.ZipFile(target) as made:
        assert made.testzip() is None
        names = set(made.namelist())
        (request,) = records(made, "jobs")
        (member,) = records(made, "members")
        assert made.read(f"pictures/{drawn}.png") == b"drawn"
        assert {n for n in names if n.startswith("pictures/")} == {
            f"pictures/{drawn}.png",
            f"pictures/{source}.png",
        }
        total = sum(len(records(made, n.removesuffix(".jsonl"))) for n in names if "jsonl" in n)
    assert request["spec"]["input_sha256"] == source
    assert request["requester"]["name"] == "Ann Secret"
    assert member["user_id"] == "1"
    assert "facts.jsonl" not in names
    assert count == total
    assert [p.name for p in tmp_path.glob("*.part")] == []


async def test_everybodys_export_has_every_row(archive: Archive, tmp_path: Path) -> None:
    """More rows than one page holds, none twice, in the tables that are not numbered too."""
    async with archive.database.transaction() as t:
        for n in range(1201):
            await archive.journal.accept(t, job(f"j{n}", requester=ANN))
            await t.run(
                "INSERT INTO bans (account, chat, reason, given_by, at) VALUES (?, '', '', '', 0)",
                (f"telegram:{n}",),
            )
    await Export(archive.database, archive.store).write(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as made:
        assert [r["id"] for r in records(made, "jobs")] == [f"j{n}" for n in range(1201)]
        assert len({r["account"] for r in records(made, "bans")}) == 1201
        assert {n.removesuffix(".jsonl") for n in made.namelist()} == set(TABLES)


async def test_an_export_overwrites_nothing(archive: Archive, tmp_path: Path) -> None:
    """And leaves no half of a file behind."""
    target = tmp_path / "there.zip"
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        await Export(archive.database, archive.store).write(target)
    assert target.read_text() == "mine"
    with pytest.raises(FileNotFoundError):
        await Export(archive.database, archive.store).write(tmp_path / "no folder" / "x.zip")
