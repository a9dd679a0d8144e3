"""The durable record of jobs."""

from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Failure, JobState
from bot.journal import Journal
from bot.picture_store import PictureStore
from tests.samples import job


@pytest.mark.parametrize("damage", ['{"prompt": 5}', '"text"', "{}"])
async def test_one_unreadable_row_does_not_stop_the_others(
    database: Database, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The start goes on with every job that can be read, and names the one that cannot."""
    journal = Journal(database, PictureStore(tmp_path))
    async with database.transaction() as t:
        for name in ("good", "bad", "fine"):
            await journal.accept(t, job(name, key=name))
        await t.run("UPDATE jobs SET spec = ? WHERE id = 'bad'", (damage,))
    assert [found.id for found in await journal.unfinished()] == ["good", "fine"]
    assert (await journal.leftovers())[1] == ["bad"]
    assert "job bad cannot be read" in caplog.text
    assert await journal.needed() == frozenset()


@pytest.mark.parametrize(
    ("column", "damage"),
    [
        ("spec", "{}"),
        ("requester", "no JSON"),
        ("reply_to", '{"platform": "nowhere"}'),
        ("notes", "5"),
        ("failure", "{"),
    ],
)
async def test_a_damaged_row_becomes_a_failed_job_that_can_be_told(
    database: Database, tmp_path: Path, column: str, damage: str
) -> None:
    """What can be read of it stays; the rest comes from columns of its own."""
    journal = Journal(database, PictureStore(tmp_path))
    failure = Failure(key="job-unreadable", incident="abc123")
    async with database.transaction() as t:
        await journal.accept(t, job())
        await t.run(f"UPDATE jobs SET {column} = ?", (damage,))
    async with database.transaction() as t:
        mended = await journal.set_aside(t, "aaaaaaaaaaaa", failure)
    assert mended is not None
    assert (mended.state, mended.failure) == (JobState.FAILED, failure)
    assert mended.requester.account == "telegram:1"
    assert mended.reply_to.chat == "telegram:-100"
    assert mended.reply_to.message_id == ("" if column == "reply_to" else "7")
    assert await journal.unfinished() == [mended]


async def test_a_row_that_tells_nobody_is_over(database: Database, tmp_path: Path) -> None:
    """Neither who asked nor where: it must not come back at every start."""
    journal = Journal(database, PictureStore(tmp_path))
    async with database.transaction() as t:
        await journal.accept(t, job())
        await t.run("UPDATE jobs SET account = 'nobody', requester = '', reply_to = ''")
    async with database.transaction() as t:
        assert await journal.set_aside(t, "aaaaaaaaaaaa", Failure(key="k", incident="i")) is None
    assert await journal.leftovers() == ([], [])
