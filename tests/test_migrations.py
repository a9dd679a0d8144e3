"""A database that earlier versions filled is upgraded with all that it holds."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot import database as module
from bot.database import Database
from bot.domain import Fate
from bot.holds import Holds
from bot.job_rows import to_json
from bot.journal import Journal
from bot.picture_store import PictureStore
from bot.quota.chat_filters import ChatFilters
from bot.quota.prompt_filter import Fields, PromptFilter
from tests.front import config
from tests.samples import job, spec


def of_version(path: Path, number: int, script: str) -> None:
    """A database as version `number` left it, with what `script` puts into it."""
    with closing(sqlite3.connect(path)) as old:
        for migration in module._scripts()[:number]:
            old.executescript(migration)
        for name in ("one", "two"):
            old.execute(
                "INSERT INTO jobs (id, platform, request_key, chat_id, account, state, rank, cost,"
                " requester, reply_to, spec, text, spoiler, as_file, notes, accepted_at)"
                " VALUES (?1, 'telegram', ?1, '-100', 'telegram:1', 'delivered', 0, 2000,"
                ' \'{"platform":"telegram","user_id":"1"}\','
                ' \'{"platform":"telegram","chat_id":"-100","message_id":"7"}\','
                " ?2, '', 0, 0, '[]', 0)",
                (name, to_json(spec())),
            )
        old.executescript(script)
        old.execute(f"PRAGMA user_version = {number}")
        old.commit()


FATED = """
    INSERT INTO pictures (job_id, picture, sha256, seed, infotext, nsfw, fate) VALUES
        ('one', 0, 'aa', 5, 'a red apple', 0.25, 'shown'),
        ('one', 1, 'bb', 6, 'a red apple', 0.75, 'spoiler'),
        ('two', 0, 'cc', 7, 'a pear', NULL, 'dropped');
"""


async def test_the_words_of_a_chat_outlive_the_actions(tmp_path: Path) -> None:
    """From version 8, which knew words and no actions, strikes or held requests."""
    path = tmp_path / "d"
    of_version(
        path,
        8,
        "INSERT INTO filter_words VALUES (3, 'telegram:-100', 'gore', 'zorbl', 'zorbl');" + FATED,
    )
    async with Database(path) as opened:
        filters = ChatFilters(opened, config().moderation, PromptFilter)
        found = await filters.check(Fields(prompt="a zorbl"), "telegram:-100")
        assert (found.action, found.category) == ("refuse", "gore")
        assert (await filters.check(Fields(prompt="a zorbl"), "telegram:-200")).allowed
        for table in ("filter_actions", "held_prompts", "strikes"):
            assert await opened.rows(f"SELECT * FROM {table}") == []


async def test_pictures_keep_their_fates_and_may_be_held_now(tmp_path: Path) -> None:
    """From version 9, whose table of pictures had no word for it: it is built anew."""
    path = tmp_path / "d"
    of_version(path, 9, FATED)
    async with Database(path) as opened:
        journal = Journal(opened, PictureStore(tmp_path))
        shown = [(p.seed, p.nsfw, p.fate) for p in await journal.listed("one")]
        assert shown == [(5, 0.25, Fate.SHOWN), (6, 0.75, Fate.SPOILER)]
        assert [p.fate for p in await journal.listed("two")] == [Fate.DROPPED]
        holds = Holds(opened, days=7)
        one = job("one")
        assert await holds.report(one, "telegram:2", most_per_hour=5) == "held"
        assert [p.fate for p in await journal.listed("one")] == [Fate.HELD, Fate.HELD]
        await holds.decide(one, Fate.RELEASED, by="telegram:9")
        assert [p.fate for p in await journal.listed("one")] == [Fate.RELEASED, Fate.SPOILER]
        assert await opened.rows("PRAGMA foreign_key_check") == []
        query = "SELECT tbl_name FROM sqlite_schema WHERE name = 'pictures_by_content'"
        assert [row["tbl_name"] for row in await opened.rows(query)] == ["pictures"]


async def test_what_was_reported_before_comes_back_covered(tmp_path: Path) -> None:
    """From version 11: how it was shown nobody has noted; what the check held comes back plain."""
    path = tmp_path / "d"
    of_version(
        path,
        11,
        FATED
        + "UPDATE pictures SET fate = 'held' WHERE job_id = 'one';"
        + "INSERT INTO holds (job_id, picture, why, until) VALUES ('one', 0, 'check', 9e9),"
        + " ('one', 1, 'report', 9e9);",
    )
    async with Database(path) as opened:
        await Holds(opened, days=7).decide(job("one"), Fate.RELEASED, by="telegram:9")
        listed = await Journal(opened, PictureStore(tmp_path)).listed("one")
        assert [p.fate for p in listed] == [Fate.RELEASED, Fate.SPOILER]
