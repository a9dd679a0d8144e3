"""What every test may ask for: a real database in a temporary folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "chatelier.sqlite") as opened:
        yield opened
