"""A kill at any moment loses no update: a real process, really killed."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN

ROOT = Path(__file__).parent.parent


@asynccontextmanager
async def victim(server: TelegramServer, folder: Path) -> AsyncIterator[None]:
    """A receiving process; killed (not asked to stop) when the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.standins.telegram_victim"),
        *(server.base, folder / "inbox.sqlite", folder / "handled"),
        cwd=ROOT,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def test_no_update_is_lost_over_kills(tmp_path: Path) -> None:
    """Killed right after fetching, in the middle of handling, and between: all are handled.

    One may be handled twice, where the kill falls between its handling and its settling; the
    conversation knows a request by its key and takes it once.
    """
    said = 0

    async def say(count: int) -> None:
        nonlocal said
        for _ in range(count):
            said += 1
            await server.say(chat, ANN, f"/draw {said}")

    async with TelegramServer() as server:
        chat = server.group()
        await say(20)
        async with victim(server, tmp_path):  # killed as soon as Telegram has let go of them
            await server.when(lambda: server.confirmed > 1000)
        await say(20)
        async with victim(server, tmp_path):  # killed in the middle of the answers
            await server.next(lambda c: c.method == "sendMessage" and "answer 9" in c.p["text"])
        await say(1)
        async with victim(server, tmp_path):
            await server.next(lambda c: c.method == "sendMessage" and "answer 41" in c.p["text"])
        times = Counter((tmp_path / "handled").read_text("utf-8").split())
    assert set(times) == {str(n) for n in range(1, said + 1)}
    assert sum(times.values()) - said <= 2
