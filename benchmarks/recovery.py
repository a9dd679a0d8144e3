"""How long a start takes until everything that was left over is in line again.

A bot that had `jobs` requests when it was killed: most wait, sixteen were being drawn, two hundred
are drawn and not delivered. `recovery_s` is taking them up again, `start_s` what comes before, from
the creation of the database on; the render process starts beside that.
"""

import asyncio
import statistics
import time
from dataclasses import replace

from benchmarks.front_desk import open_desk, waiting_job
from bot.app import recover
from bot.domain import Job, JobState

_MEMBERS, _CHATS = 1000, 40
_DRAWING, _DRAWN = 16, 200
_RUNS = 5
_MOST_S = 2.0


def run(cycles: int = 10_000) -> dict[str, object]:
    """All figures, with `cycles` jobs; the median and the worst of five starts."""
    starts, recoveries = [], []
    for _ in range(_RUNS):
        start, recovery = asyncio.run(_once(cycles))
        starts.append(start)
        recoveries.append(recovery)
    return {
        "jobs": cycles,
        "recovery_s": round(statistics.median(recoveries), 3),
        "recovery_s_worst": round(max(recoveries), 3),
        "start_s": round(statistics.median(starts), 3),
    }


def verdict(figures: dict[str, object]) -> None:
    """Let the command fail.

    Raises:
        SystemExit: it takes too long.
    """
    if float(str(figures["recovery_s"])) > _MOST_S:
        raise SystemExit(f"recovery: more than {_MOST_S} s")


async def _once(count: int) -> tuple[float, float]:
    jobs = [_job(n) for n in range(count)]
    async with open_desk(waiting=jobs[:0]):
        pass  # what is loaded once is loaded
    begun = time.perf_counter()
    async with open_desk(waiting=jobs) as app:
        opened = time.perf_counter()
        await recover(app)
        recovered = time.perf_counter()
        if len(app.queue) != count - _DRAWN:
            raise RuntimeError(f"{len(app.queue)} of {count - _DRAWN} jobs are in line")
    return opened - begun, recovered - opened


def _job(number: int) -> Job:
    job = waiting_job(number, f"{number % _MEMBERS}", f"-{number % _CHATS + 1}")
    if number < _DRAWING:
        return replace(job, state=JobState.DRAWING)
    return replace(job, state=JobState.DRAWN) if number < _DRAWING + _DRAWN else job
