"""The durable record of jobs."""

from pathlib import Path

import pytest

from bot.database import Database
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
    assert "job bad cannot be read" in caplog.text
    assert await journal.needed() == frozenset()
