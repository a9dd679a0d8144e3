"""`chatelier backup` and `restore`, and a start after others that failed, as a shell sees them."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import pytest

from bot.database import Database
from tests.standins.telegram import TelegramServer
from tests.test_cli import CLEAN, chatelier, serving

pytestmark = pytest.mark.timeout(300)


async def test_a_backup_is_made_while_the_bot_runs_and_put_back_when_it_does_not(
    tmp_path: Path,
) -> None:
    """The other way round it is refused with a sentence."""
    async with serving(tmp_path):
        code, out, error = await chatelier(tmp_path, "backup", "b.zip")
        assert (code, error) == (0, "")
        assert out == "b.zip: the database and 0 pictures\n"
        code, _, error = await chatelier(tmp_path, "restore", "b.zip")
        assert code == 2
        assert "already running" in error
    path = tmp_path / "data" / "chatelier.sqlite"
    async with Database(path) as database, database.transaction() as t:
        await t.run("INSERT INTO facts VALUES ('later', '1')")
    code, out, error = await chatelier(tmp_path, "restore", "b.zip")
    assert (code, error) == (0, "")
    async with Database(path) as database:
        assert await database.rows("SELECT * FROM facts WHERE name = 'later'") == []


async def test_a_refused_token_ends_the_start_and_is_counted(tmp_path: Path) -> None:
    """Exit code 2 each time; after some of that it waits first, and SIGTERM ends the waiting."""
    async with TelegramServer() as server:
        environ = {
            "CHATELIER_TELEGRAM_API_BASE": server.base,
            "CHATELIER_TELEGRAM_TOKEN": "1:wrong",
        }
        code, _, error = await chatelier(tmp_path, "run", **environ)
        assert code == 2
        assert "CHATELIER_TELEGRAM_TOKEN was refused" in error
        noted = (tmp_path / "data" / "starts.json").read_text()
        assert '"failed": 1' in noted
        (tmp_path / "data" / "starts.json").write_text(re.sub('"failed": 1', '"failed": 9', noted))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=tmp_path,
            env={**CLEAN, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        line = await process.stderr.readline()
        assert b"waiting" in line
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await process.communicate()
    assert not [call for call in server.heard if call.method == "getUpdates"]


async def test_a_start_that_its_operator_ends_is_not_counted(tmp_path: Path) -> None:
    """However soon that is."""
    async with serving(tmp_path):
        assert (tmp_path / "data" / "starts.json").exists()
    assert not (tmp_path / "data" / "starts.json").exists()
