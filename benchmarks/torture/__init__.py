"""Kill the bot anywhere, again and again; then count what the members got.

Both platforms are stand-ins on loopback under load. The first lives end at each edge that a request
crosses, by name; the others anywhere, by number or by time. In between the network fails (429, 5xx,
resets, nonsense, answers lost or held back after delivery), the render process is stopped or
killed, the disk is full, the clock jumps by days, and some requests are poison. All of it follows
from the seed.

Figures: `cycles` lives ended by SIGKILL; `accepted` requests; `lost` without a picture and without
a word; `failed` could not be drawn, told and refunded; `refused` on a full disk, told at once;
`charged_twice` jobs whose credits are not their price once (or nothing, where they failed); `stuck`
jobs that never ended; `discord_duplicates` and `telegram_repeats` second copies of a picture;
`unbalanced` sums that the ledger's rows do not add up to; `kills_while_sending` results that were
on their way when a life ended, where Telegram cannot be asked whether they arrived; `deaths` by the
edge at which they struck; `mischief` by kind.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.torture.count import outcome
from benchmarks.torture.life import Life, last_life, life
from benchmarks.torture.world import World

_NONE = (
    "lost",
    "charged_twice",
    "stuck",
    "discord_duplicates",
    "telegram_repeats_outside_a_send",
    "unbalanced",
)
"""Figures that must be 0."""
_NEWS_EVERY = 50


def run(cycles: int = 1000, seed: int | None = None) -> dict[str, Any]:
    """All figures; the seed is printed first, and is among them.

    Raises:
        SystemExit: something was lost, doubled or stuck.
    """
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"torture: seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_torture(Path(folder), cycles, seed))
    if any(figures[name] for name in _NONE):
        raise SystemExit(f"torture: something was lost, doubled or stuck: {figures}")
    return figures


async def _torture(folder: Path, cycles: int, seed: int) -> dict[str, Any]:
    begun = time.monotonic()
    async with World.open(seed) as world:
        lives = []
        for number in range(cycles):
            lives.append(await life(folder, world, number))
            if len(lives) % _NEWS_EVERY == 0:
                print(f"torture: {len(lives)} of {cycles}", file=sys.stderr, flush=True)
        drained = await last_life(folder, world)
        return {
            "cycles": cycles,
            "seed": seed,
            **_count(folder, world, lives),
            "drained_s": round(drained, 1),
            "minutes": round((time.monotonic() - begun) / 60, 1),
            "deaths": dict(Counter(one.edge for one in lives).most_common()),
            "mischief": dict(Counter(m for one in lives for m in one.mischief).most_common()),
        }


def _count(folder: Path, world: World, lives: list[Life]) -> dict[str, Any]:
    found = outcome(folder, world)
    sending = sum(one.sending for one in lives)
    return {
        "accepted": found.accepted,
        "lost": found.lost,
        "failed": found.failed,
        "refused": found.refused,
        "charged_twice": found.charged_wrongly,
        "stuck": found.stuck,
        "discord_duplicates": found.discord_duplicates,
        "telegram_repeats": found.telegram_repeats,
        "kills_while_sending": sending,
        "telegram_repeats_outside_a_send": max(0, found.telegram_repeats - sending),
        "unbalanced": found.unbalanced,
    }
