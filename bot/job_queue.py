"""The fair, bounded queue of waiting jobs: start-time fair queueing by account.

Each account is served by the work it asks for: a job's start tag is the later of the queue's
virtual time and the finish tag of the account's previous job; the lowest start tag is drawn next
(Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996). So one member's batch of ten
does not block a newcomer. Tags are stored with the jobs, and a restart keeps the order.
"""

import asyncio
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain import Job


@dataclass(order=True, slots=True)
class _Entry:
    rank: float
    number: int
    job: Job = field(compare=False)


class JobQueue:
    """Waiting jobs of one event loop. `get` waits for one; everything else is immediate."""

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._waiting: dict[str, _Entry] = {}
        self._taken: dict[str, int] = {}
        self._finish: dict[str, float] = {}
        self._virtual_time = 0.0
        self._count = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._waiting

    def rank(self, account: str) -> float:
        """The start tag that a job of this account would get now."""
        return max(self._virtual_time, self._finish.get(account, 0.0))

    def put(self, job: Job, *, first: bool = False) -> None:
        """Let a job wait at its start tag (`job.rank`), or before all others."""
        account, rank = job.requester.account, self._front() if first else job.rank
        if not self._count:
            # After a restart time goes on where the jobs that waited left it: from zero, newcomers
            # would stand before all of them.
            self._virtual_time = rank
        entry = _Entry(rank, self._count, job)
        self._count += 1
        self._waiting[job.id] = entry
        heapq.heappush(self._heap, entry)
        self._finish[account] = max(self._finish.get(account, 0.0), rank + job.cost)
        self._filled.set()

    async def get(self) -> str:
        """The job to be drawn next; waits while there is none."""
        while True:
            self._drop_removed()
            if self._heap:
                entry = heapq.heappop(self._heap)
                del self._waiting[entry.job.id]
                self._taken[entry.job.id] = entry.job.cost
                self._virtual_time = max(self._virtual_time, entry.rank)
                self._forget_idle()
                return entry.job.id
            self._filled.clear()
            await self._filled.wait()

    def leave(self, job_id: str) -> None:
        """A job that was taken is not being drawn any more."""
        self._taken.pop(job_id, None)

    def remove(self, job_id: str) -> bool:
        """Take a job out of the line; False when it does not wait. Its tag goes back, so a
        cancelled batch does not count against its member."""
        entry = self._waiting.pop(job_id, None)
        if entry is None:
            return False
        if self._finish.get(entry.job.requester.account) == entry.rank + entry.job.cost:
            self._finish[entry.job.requester.account] = entry.rank
        return True

    def count(self, account: str) -> int:
        """How many jobs of an account wait."""
        return sum(1 for e in self._waiting.values() if e.job.requester.account == account)

    def count_of_chat(self, chat: str) -> int:
        """How many jobs of a chat wait."""
        return sum(1 for e in self._waiting.values() if e.job.reply_to.chat == chat)

    def line(self) -> list[str]:
        """All waiting jobs in the order in which they would be drawn."""
        return [e.job.id for e in sorted(self._waiting.values())]

    def places(self) -> Iterator[tuple[Job, int, int]]:
        """Every waiting job (as it was put), first to last, with what `ahead` says of it."""
        work = sum(self._taken.values())
        for place, entry in enumerate(sorted(self._waiting.values())):
            work += entry.job.cost
            yield entry.job, place, work

    def ahead(self, job_id: str) -> tuple[int, int]:
        """How many waiting jobs stand before this one, and how much work (millicredits) until it
        is drawn: theirs, its own, and that of the jobs being drawn now."""
        own = self._waiting.get(job_id)
        if own is None:
            return 0, 0
        before = [e for e in self._waiting.values() if e < own]
        work = own.job.cost + sum(e.job.cost for e in before) + sum(self._taken.values())
        return len(before), work

    def _front(self) -> float:
        """A start tag that comes before every other."""
        return min((e.rank for e in self._waiting.values()), default=self._virtual_time) - 1

    def _drop_removed(self) -> None:
        while self._heap and self._waiting.get(self._heap[0].job.id) is not self._heap[0]:
            heapq.heappop(self._heap)

    def _forget_idle(self) -> None:
        """Accounts whose finish tag has passed start level again; keeps the table small."""
        if len(self._finish) > 1000:
            self._finish = {a: f for a, f in self._finish.items() if f > self._virtual_time}


class Pace:
    """How long a credit takes: a moving average, for predicted waits."""

    def __init__(self, seconds_per_credit: float = 5.0) -> None:
        self.seconds_per_credit = seconds_per_credit

    def learn(self, seconds: float, millicredits: int) -> None:
        """A job of this price took `seconds` of the renderer's time."""
        sample = seconds * 1000 / max(1, millicredits)
        self.seconds_per_credit += 0.3 * (sample - self.seconds_per_credit)

    def seconds(self, millicredits: int) -> float:
        """The predicted time for this much work."""
        return self.seconds_per_credit * millicredits / 1000
