"""Kill the bot anywhere, again and again; then count what the members got.

Both platforms are stand-ins on loopback under load. The first lives end at each edge that a request
crosses, by name; the others anywhere, by number or by time. In between the network fails (429, 5xx,
resets, nonsense, answers lost or held back after delivery), the render process is stopped or
killed, the disk is full, the clock jumps by days, and some requests are poison. All of it follows
from the seed.

Figures: `cycles` lives ended by SIGKILL; `accepted` requests, `accepted_on_discord` among them;
`lost` without a picture and without a word; `failed` could not be drawn, told and refunded;
`refused` on a full disk, told at once; `charged_twice` jobs whose credits are not their price once
(or nothing, where they failed); `stuck`
jobs that never ended; `discord_duplicates` and `telegram_repeats` second copies of a picture;
`telegram_repeats_outside_a_send` those of requests that were neither on their way when a life ended
nor sent without an answer, and `lost_answers` how many were sent so;
`unbalanced` sums that the ledger's rows do not add up to; `kills_while_sending` results that were
on their way when a life ended, where Telegram cannot be asked whether they arrived; `deaths` by the
edge at which they struck; `mischief` by kind.
"""

import asyncio
import dataclasses
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.torture.count import leftovers, outcome
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

    Where something was lost, the bot's folder stays, and what is open is told.
    """
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"torture: seed {seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    figures = asyncio.run(_torture(folder, cycles, seed))
    if not _faults(figures):
        shutil.rmtree(folder)
    return figures


def verdict(figures: dict[str, Any]) -> None:
    """Let the command fail.

    Raises:
        SystemExit: something was lost, doubled or stuck.
    """
    if faults := _faults(figures):
        raise SystemExit(f"torture: something was lost, doubled or stuck: {', '.join(faults)}")


def _faults(figures: dict[str, Any]) -> list[str]:
    return [name for name in _NONE if figures[name]]


async def _torture(folder: Path, cycles: int, seed: int) -> dict[str, Any]:
    begun = time.monotonic()
    async with World.open(seed) as world:
        lives = []
        for number in range(cycles):
            lives.append(await life(folder, world, number))
            if len(lives) % _NEWS_EVERY == 0:
                print(f"torture: {len(lives)} of {cycles}", file=sys.stderr, flush=True)
        drained = await last_life(folder, world)
        counted = _count(folder, world, lives)
        if _faults(counted):
            print(f"torture: {folder} is kept", *leftovers(folder, world), sep="\n")
        return {
            "cycles": cycles,
            "seed": seed,
            **counted,
            "drained_s": round(drained, 1),
            "minutes": round((time.monotonic() - begun) / 60, 1),
            "deaths": dict(Counter(one.edge for one in lives).most_common()),
            "mischief": dict(Counter(m for one in lives for m in one.mischief).most_common()),
        }


def _count(folder: Path, world: World, lives: list[Life]) -> dict[str, Any]:
    sending = [job_id for one in lives for job_id in one.sending]
    found = outcome(folder, world, sending)
    return {
        **dataclasses.asdict(found),
        "kills_while_sending": len(sending),
        "lost_answers": world.unanswered().total(),
    }
