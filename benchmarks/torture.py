"""Kill the bot anywhere, again and again; then count what the members got.

Figures: `cycles` lives ended by SIGKILL; `accepted` requests; `lost` accepted without a picture;
`charged_twice` jobs whose credits are not their price once; `stuck` jobs that never ended;
`discord_duplicates` and `telegram_repeats` second copies of a picture; `unbalanced` sums that the
ledger's rows do not add up to; `kills_while_sending` lives that ended with a result on its way,
where Telegram cannot be asked whether it arrived; `deaths` by the edge at which they struck.
"""

import asyncio
import random
import signal
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.torture_victim import DIED, SENDING, SENT
from benchmarks.torture_world import World

_MOST_EDGES = 30
_DRAIN_S = 600.0
_NONE = (
    "lost",
    "charged_twice",
    "stuck",
    "discord_duplicates",
    "telegram_repeats_outside_a_send",
    "unbalanced",
)
"""Figures that must be 0."""


def run(cycles: int = 1000, seed: int | None = None) -> dict[str, Any]:
    """All figures; the seed is among them."""
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_torture(Path(folder), cycles, seed))
    if any(figures[name] for name in _NONE):
        raise SystemExit(f"torture: something was lost, doubled or stuck: {figures}")
    return figures


async def _torture(folder: Path, cycles: int, seed: int) -> dict[str, Any]:
    begun = time.monotonic()
    lives: list[_Life] = []
    troubles = 0
    async with World.open(seed) as world:
        for _ in range(cycles):
            if world.rng.random() < 0.2:
                world.trouble()
                troubles += 1
            lives.append(await _life(folder, world))
        drained = await _last_life(folder, world)
        return {
            "cycles": cycles,
            "seed": seed,
            "network_faults": troubles,
            **_count(folder, world, sum(life.sending for life in lives)),
            "drained_s": round(drained, 1),
            "minutes": round((time.monotonic() - begun) / 60, 1),
            "deaths": dict(Counter(life.edge for life in lives).most_common()),
        }


@dataclass(frozen=True, slots=True)
class _Life:
    """How one ended."""

    edge: str
    sending: int
    """Results that were on their way."""


async def _life(folder: Path, world: World) -> _Life:
    """One life under load, until its death."""
    rng = world.rng
    for _ in range(rng.randint(0, 2)):
        await world.ask()  # while it is gone
    process = await _start(folder, world, rng.randint(1, _MOST_EDGES))
    dying = asyncio.ensure_future(process.communicate())
    for _ in range(rng.randint(1, 4)):
        await asyncio.wait([dying], timeout=rng.uniform(0, 0.5))
        if not dying.done():
            await world.ask()
    done, _ = await asyncio.wait([dying], timeout=rng.uniform(0.2, 2))
    if not done:
        process.kill()
    said, _ = await dying
    if process.returncode != -signal.SIGKILL:
        raise RuntimeError(f"the bot ended by itself with {process.returncode}")
    lines = said.decode().splitlines()
    edges = [line.removeprefix(f"{DIED} ") for line in lines if line.startswith(DIED)]
    sending = lines.count(SENDING) - lines.count(SENT)
    return _Life(edges[0] if edges else "between edges", sending)


async def _last_life(folder: Path, world: World) -> float:
    """Let it finish everything; seconds until the last picture arrived."""
    process = await _start(folder, world, 0)
    begun = time.monotonic()
    try:
        await _until(lambda: not world.missing() or process.returncode is not None, _DRAIN_S)
        drained = time.monotonic() - begun
        # What is noted after the last picture has arrived.
        await _until(lambda: not _one(folder, "SELECT COUNT(*) FROM jobs WHERE told = 0"), 10)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return drained


async def _until(true: Callable[[], bool], patience_s: float) -> None:
    """Look again and again, for another process cannot wake this one."""
    end = time.monotonic() + patience_s
    while not true() and time.monotonic() < end:  # noqa: ASYNC110 there is no event to wait for
        await asyncio.sleep(0.1)


async def _start(folder: Path, world: World, death: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.torture_victim", folder),
        *(world.telegram.base, world.discord.api_base, str(death)),
        cwd=Path(__file__).parents[1],
        stdin=DEVNULL,
        stdout=PIPE,
    )


def _count(folder: Path, world: World, kills_while_sending: int) -> dict[str, Any]:
    telegram, discord = world.telegram_results(), world.discord_results()
    repeats = sum(count - 1 for count in telegram.values())
    return {
        "accepted": len(world.asked) + len(world.accepted_on_discord()),
        "lost": world.missing(),
        "charged_twice": _one(folder, _CHARGES),
        "stuck": _one(folder, "SELECT COUNT(*) FROM jobs WHERE told = 0"),
        "discord_duplicates": sum(count - 1 for count in discord.values()),
        "telegram_repeats": repeats,
        "kills_while_sending": kills_while_sending,
        "telegram_repeats_outside_a_send": max(0, repeats - kills_while_sending),
        "unbalanced": _one(folder, _SUMS),
    }


_CHARGES = """
SELECT COUNT(*) FROM jobs j WHERE j.state = 'delivered'
AND j.cost <> (SELECT COALESCE(SUM(amount), 0) FROM ledger l WHERE l.job_id = j.id)
"""
_SUMS = """
SELECT COUNT(*) FROM totals t WHERE t.account <> '' AND t.chat = '' AND t.used <>
(SELECT COALESCE(SUM(amount - granted), 0) FROM ledger l
 WHERE l.account = t.account AND t.slot IN (l.day, l.hour))
"""


def _one(folder: Path, sql: str) -> int:
    with closing(sqlite3.connect(folder / "data" / "chatelier.sqlite")) as database:
        return int(database.execute(sql).fetchone()[0])
