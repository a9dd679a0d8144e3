"""The shipped bot with its real renderer, and a probe in its event loop.

    python -m benchmarks.responsiveness.subject FOLDER TELEGRAM_BASE DISCORD_BASE

After SIGTERM what was probed is on standard output, as JSON.
"""

import asyncio
import contextlib
import json
import signal
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.responsiveness import READY
from bot import logs
from bot.app import App, open_app, run
from bot.config import Config, Secrets
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN

_EVERY_S = 0.01


def config(telegram_base: str, discord_base: str) -> Config:
    """As shipped, but open to everybody, with room for every request, and without the studio."""
    tables: dict[str, Any] = {
        "access": {"open": True},
        "studio": {"enabled": "off"},
        "telegram": {"api_base": telegram_base},
        "discord": {"api_base": discord_base},
        "limits": {
            "waiting_per_user": 10_000,
            "waiting_per_chat": 10_000,
            "max_wait_s": "unlimited",
        },
        "quota": {"credits_per_day": 1e9, "per_minute": "unlimited"},
    }
    return msgspec.convert(tables, Config)


@dataclass
class Probed:
    """How much later than asked for a task was woken while something was drawn, in seconds; and how
    often it was woken at all."""

    lags: list[float] = field(default_factory=list)
    samples: int = 0


async def probe(app: App, probed: Probed) -> None:
    """Until cancelled. The clock is the loop's own, so that one long callback is one long lag."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY_S
        await asyncio.sleep(_EVERY_S)
        probed.samples += 1
        if app.worker.drawing:
            probed.lags.append(loop.time() - due)


async def main(folder: Path, settings: Config) -> Probed:
    """Serve until SIGTERM."""
    stop, probed = asyncio.Event(), Probed()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tokens = Secrets(telegram_token=TELEGRAM_TOKEN, discord_token=DISCORD_TOKEN)
    async with open_app(settings, tokens, folder) as app:
        serving = asyncio.create_task(run(app, stop))
        await app.renderer.wait_ready()
        print(READY, flush=True)
        probing = asyncio.create_task(probe(app, probed))
        await stop.wait()
        probing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await probing
        await serving
    return probed


if __name__ == "__main__":
    logs.setup("WARNING", ())
    _, place, telegram, discord = sys.argv
    print(json.dumps(asdict(asyncio.run(main(Path(place), config(telegram, discord))))))
