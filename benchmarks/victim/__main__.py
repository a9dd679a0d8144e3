"""The bot that is killed: the shipped program, with a death waiting at one of its edges.

    python -m benchmarks.victim FOLDER TELEGRAM_BASE DISCORD_BASE DEATH JUMPS CLASSIFIER

Everything is real but the drawing, which `tests.render_fault_process` does without a network.
DEATH: see `edges.Death`. JUMPS: 0, or a seed for a wall clock that jumps by up to two days, forth
and back. CLASSIFIER: as in `[moderation]`. SIGTERM ends it, where nothing else does.
"""

import asyncio
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.victim.edges import UP, Death
from bot import logs
from bot.app import open_app, run
from bot.config import Config, Secrets
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN

RENDERER = (sys.executable, "-m", "tests.render_fault_process")
_JUMP_EVERY_S = 0.2
_LONGEST_JUMP_S = 2 * 86400.0


def config(telegram_base: str, discord_base: str, classifier: str) -> Config:
    """Open to everybody, with room for every request, and little patience with the renderer."""
    tables: dict[str, Any] = {
        "access": {"open": True},
        "studio": {"enabled": "off"},
        # A clock that jumps makes any request old.
        "telegram": {"api_base": telegram_base, "max_age_s": 10**9},
        "discord": {"api_base": discord_base},
        "limits": {
            "waiting_per_user": 100_000,
            "waiting_per_chat": 100_000,
            "max_wait_s": "unlimited",
        },
        "quota": {"credits_per_day": 1e9, "per_minute": "unlimited"},
        "moderation": {"classifier": classifier},
        "render": {"step_timeout_s": 2.0, "load_timeout_s": 20.0},
    }
    return msgspec.convert(tables, Config)


async def jumping_clock(seed: int) -> None:
    """Until cancelled."""
    rng, steady, offset = random.Random(seed), time.time, 0.0
    time.time = lambda: steady() + offset
    while True:
        await asyncio.sleep(_JUMP_EVERY_S)
        offset = rng.uniform(-_LONGEST_JUMP_S, _LONGEST_JUMP_S)


async def main(folder: Path, settings: Config, death: Death, jumps: int) -> None:
    """Run until killed, or asked to stop by SIGTERM."""
    death.haunt()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tokens = Secrets(telegram_token=TELEGRAM_TOKEN, discord_token=DISCORD_TOKEN)
    clock = asyncio.create_task(jumping_clock(jumps)) if jumps else None
    async with open_app(settings, tokens, folder, render_command=RENDERER) as app:
        for adapter in app.adapters.values():
            adapter.deliver = death.haunt_delivery(adapter.deliver)  # type: ignore[method-assign]
        print(UP, flush=True)
        await run(app, stop)
    if clock is not None:
        clock.cancel()


if __name__ == "__main__":
    logs.setup("WARNING", ())
    _, place, telegram, discord, at, seed, judge = sys.argv
    asyncio.run(main(Path(place), config(telegram, discord, judge), Death(at), int(seed)))
