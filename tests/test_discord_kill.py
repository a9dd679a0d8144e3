"""What Discord was told that we have is not lost by a kill: a real process, really killed."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.standins.discord import DiscordServer
from tests.standins.discord_rest import Issued
from tests.standins.discord_world import Channel, User

ROOT = Path(__file__).parent.parent
SOME = 20


@asynccontextmanager
async def victim(server: DiscordServer, folder: Path) -> AsyncIterator[None]:
    """A receiving process; killed (not asked to stop) when the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.standins.discord_victim"),
        *(server.api_base, folder / "inbox.sqlite", folder / "handled"),
        cwd=ROOT,
    )
    try:
        await server.until(lambda: server.gateway.connected and server.world.commands, 30)
        yield
    finally:
        process.kill()
        await process.wait()
        await server.until(lambda: not server.gateway.connected)


async def asks(server: DiscordServer, who: User, where: Channel, first: int) -> list[Issued]:
    """Uses `/draw` twenty times; the prompts are numbers."""
    numbers = range(first, first + SOME)
    return [await server.slash(who, where, "draw", {"prompt": f"{n}"}) for n in numbers]


async def test_what_was_acknowledged_is_handled(tmp_path: Path) -> None:
    """Each interaction is committed before Discord hears of it: killed among the answers, all that
    was answered is handled by the next start. Some twice, as they are handled side by side; the
    conversation knows a request by its key and takes it once."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with victim(server, tmp_path):
            used = await asks(server, ann, art, 1)
            await server.until(lambda: sum(u.kind is not None for u in used) > 6, 30)
        heard = {str(n) for n, u in enumerate(used, 1) if u.kind is not None}
        async with victim(server, tmp_path):
            last = await asks(server, ann, art, 101)
            done = [u for n, u in enumerate(used, 1) if str(n) in heard] + last
            await server.until(
                lambda: all(u.response and u.response.content for u in done), timeout=30
            )
        times = Counter((tmp_path / "handled").read_text("utf-8").split())
    assert len(heard) > 6
    assert heard <= set(times)
    assert max(times.values()) <= 2
