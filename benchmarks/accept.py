"""What accepting a request costs: from the words of a member to the durable job in line.

Each request goes through the conversation as it is wired: settings of chat and member, grammar,
names and limits, prompt filter, then credits and job in one transaction with `synchronous=FULL`,
then the queue. Beside each, in turn, a bare SQLite transaction that writes one row as long as a
job into another file, so that a busy machine slows both.

- `accept_ms_median`, `bare_transaction_ms_median`, and their 95th percentiles.
- `per_job_ms_at_100`, `per_job_ms_at_100000`: accept, tell the place, take from the line and claim,
  with so many others waiting in queue and journal, measured in turn. `queue_ms_at_…`: what the
  queue itself does for a job (take, leave, put, place).
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from benchmarks.figures import percentile
from benchmarks.front_desk import open_desk, request, waiting_job
from bot.app import App, recover

_PROMPT = "a red apple number {} on a wooden table, oil painting, golden light --steps 20 --seed {}"
_MEMBERS, _CHATS = 1000, 40
_WARM_UP = 20


class _Bare:
    """One connection with the pragmas of the bot."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, content TEXT)")

    async def write(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO rows (content) VALUES (?)", ("x" * 1500,))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


async def _ms(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - start)


async def _settled() -> None:
    """Let what follows from a request (its status message) happen outside the measured time."""
    for _ in range(20):
        await asyncio.sleep(0)


def _ask(app: App, name: str, number: int) -> Awaitable[object]:
    user, chat = f"{7 * number % _MEMBERS}", f"-{number % _CHATS + 1}"
    text = _PROMPT.format(number, number)
    return app.conversation.handle(request(f"{name}-{number}", user, chat, text))


async def _accept(samples: int) -> dict[str, object]:
    accepts, bares = [], []
    with tempfile.TemporaryDirectory() as folder:
        bare = _Bare(Path(folder) / "bare.sqlite")
        async with open_desk() as app:
            for number in range(samples + _WARM_UP):
                accepts.append(await _ms(_ask(app, "accept", number)))
                await _settled()
                bares.append(await _ms(bare.write()))
        bare.close()
    return {
        "accept_ms_median": _median(accepts),
        "accept_ms_p95": round(percentile(accepts[_WARM_UP:], 0.95), 3),
        "bare_transaction_ms_median": _median(bares),
        "bare_transaction_ms_p95": round(percentile(bares[_WARM_UP:], 0.95), 3),
    }


async def _per_job(samples: int, crowds: Sequence[int]) -> dict[str, object]:
    """The same small steps in each crowd, one sample of each in turn."""
    whole: dict[int, list[float]] = {crowd: [] for crowd in crowds}
    own: dict[int, list[float]] = {crowd: [] for crowd in crowds}
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(_crowded(crowd)) for crowd in crowds]
        for number in range(samples + _WARM_UP):
            for crowd, app in zip(crowds, apps, strict=True):
                accepting = await _ms(_ask(app, "job", number))
                await _settled()
                drawing, queue = await _draw(app, _MEMBERS + number)
                whole[crowd].append(accepting + drawing)
                own[crowd].append(queue)
    return {
        **{f"per_job_ms_at_{crowd}": _median(whole[crowd]) for crowd in crowds},
        **{f"queue_ms_at_{crowd}": _median(own[crowd]) for crowd in crowds},
    }


async def _draw(app: App, member: int) -> tuple[float, float]:
    """Milliseconds to take the next job and claim it; and of what the queue does for a job."""
    start = time.perf_counter()
    job_id = await app.queue.get()
    app.queue.leave(job_id)
    extra = waiting_job(10**7 + member, f"{member}")
    app.queue.put(extra)
    app.queue.ahead(extra.id)
    own = 1000 * (time.perf_counter() - start)
    app.queue.remove(extra.id)
    changes = app.queue.unsaved()
    begin = app.journal.begin(job_id, turns=changes.flows, gone=changes.gone, anew=changes.anew)
    return own + await _ms(begin), own


@asynccontextmanager
async def _crowded(waiting: int) -> AsyncIterator[App]:
    """A bot that comes up with so many jobs waiting."""
    jobs = [waiting_job(n, f"{n % _MEMBERS}", f"-{n % _CHATS + 1}") for n in range(waiting)]
    async with open_desk(waiting=jobs) as app:
        await recover(app)
        await _settled()
        yield app


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values[_WARM_UP:]), 3)


async def _figures(samples: int, crowds: Sequence[int]) -> dict[str, object]:
    return {**await _accept(samples), **await _per_job(samples, crowds), "samples": samples}


def run(quick: bool = False) -> dict[str, object]:
    """All figures; `quick` takes fewer samples, and a crowd of ten thousand."""
    return asyncio.run(_figures(100, (100, 10_000)) if quick else _figures(500, (100, 100_000)))
