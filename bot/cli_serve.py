"""`chatelier run`: serve until told to stop."""

import asyncio
import contextlib
import logging
import signal
from asyncio import FIRST_COMPLETED
from pathlib import Path

from bot.app import App, open_app, run
from bot.config import Config, Secrets
from bot.domain import Platform
from bot.greeting import greeting
from bot.ports import ChatAdapter
from bot.starts import LASTED_S, Starts
from bot.startup import is_running
from bot.watching.server import watched

log = logging.getLogger(__name__)

_PATIENCE_S = 10.0
"""Within this time a platform that can be reached has answered."""


async def serve(config: Config, keys: Secrets, base: Path) -> int:
    """Run the bot; its exit code.

    Raises:
        ConfigError, StoreError: it cannot run.
    """
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    starts = Starts(base / config.bot.data_dir, config, keys)
    if not is_running(base / config.bot.data_dir) and (pause := starts.begin()):
        log.warning("the last starts failed one after another; waiting %.0f s", pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
    try:
        await _serve(config, keys, base, stop, starts)
    except asyncio.CancelledError:  # Ctrl-C
        starts.went_well()
        raise
    starts.went_well()
    return 0


async def _serve(
    config: Config, keys: Secrets, base: Path, stop: asyncio.Event, starts: Starts
) -> None:
    async with open_app(config, keys, base) as app, watched(app, config.metrics):
        code = await app.doorkeeper.claim_code()
        running = asyncio.create_task(run(app, stop))
        try:
            page = await _page(app.adapters.get(Platform.STUDIO), running)
            reached = await _reached(app, running)
            if not running.done():
                print(greeting(reached, page, code), flush=True)
            await asyncio.wait([running], timeout=LASTED_S)
            if not running.done():
                starts.went_well()
            await running
        finally:  # Ctrl-C may come before the page is there
            running.cancel()
            await asyncio.wait([running])


async def _reached(app: App, running: asyncio.Task[None]) -> dict[Platform, bool]:
    """The chat platforms, and whether each has taken its token by now: one that refuses it ends
    everything, and one that cannot be reached is not waited for much longer."""
    chats = [p for p in (Platform.TELEGRAM, Platform.DISCORD) if p in app.adapters]
    reached = app.conversation.reached

    async def all_of_them() -> None:
        for platform in chats:
            await reached[platform].wait()

    waiting = asyncio.create_task(all_of_them())
    await asyncio.wait({running, waiting}, timeout=_PATIENCE_S, return_when=FIRST_COMPLETED)
    waiting.cancel()
    return {platform: reached[platform].is_set() for platform in chats}


async def _page(studio: ChatAdapter | None, running: asyncio.Task[None]) -> str:
    """The address of the page once it can be opened; "" where there is none."""
    if studio is None:
        return ""
    from bot.adapters.studio import StudioAdapter

    if not isinstance(studio, StudioAdapter):
        raise TypeError(type(studio))
    listening = asyncio.ensure_future(studio.listening.wait())
    await asyncio.wait({listening, running}, return_when=FIRST_COMPLETED)
    listening.cancel()
    return studio.address
