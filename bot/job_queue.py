"""The fair, bounded queue of waiting jobs: start-time fair queueing by account.

Each account is served by the work it asks for: a job's start tag is the later of the queue's
virtual time and the finish tag of the account's previous job; the lowest start tag is drawn next
(Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996). So one member's batch of ten
does not block a newcomer. Tags are stored with the jobs, and a restart keeps the order.
"""

import asyncio
import heapq
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class _Entry:
    rank: float
    number: int
    job_id: str = field(compare=False)
    account: str = field(compare=False)
    cost: int = field(compare=False)


class JobQueue:
    """Waiting jobs of one event loop. `get` waits for one; everything else is immediate."""

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._waiting: dict[str, _Entry] = {}
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

    def put(self, job_id: str, *, account: str, cost: int, rank: float) -> None:
        """Let a job wait. `rank` is its start tag: from `rank()`, or as stored."""
        entry = _Entry(rank, self._count, job_id, account, cost)
        self._count += 1
        self._waiting[job_id] = entry
        heapq.heappush(self._heap, entry)
        self._finish[account] = max(self._finish.get(account, 0.0), rank + cost)
        self._filled.set()

    async def get(self) -> str:
        """The job to be drawn next; waits while there is none."""
        while True:
            self._drop_removed()
            if self._heap:
                entry = heapq.heappop(self._heap)
                del self._waiting[entry.job_id]
                self._virtual_time = max(self._virtual_time, entry.rank)
                self._forget_idle()
                return entry.job_id
            self._filled.clear()
            await self._filled.wait()

    def remove(self, job_id: str) -> bool:
        """Take a job out of the line; False when it does not wait. Its tag goes back, so a
        cancelled batch does not count against its member."""
        entry = self._waiting.pop(job_id, None)
        if entry is None:
            return False
        if self._finish.get(entry.account) == entry.rank + entry.cost:
            self._finish[entry.account] = entry.rank
        return True

    def count(self, account: str) -> int:
        """How many jobs of an account wait."""
        return sum(1 for e in self._waiting.values() if e.account == account)

    def line(self) -> list[str]:
        """All waiting jobs in the order in which they would be drawn."""
        return [e.job_id for e in sorted(self._waiting.values())]

    def ahead(self, job_id: str) -> tuple[int, int]:
        """How many jobs, and how much work (millicredits), stand before a waiting job."""
        own = self._waiting.get(job_id)
        if own is None:
            return 0, 0
        before = [e for e in self._waiting.values() if e < own]
        return len(before), sum(e.cost for e in before)

    def _drop_removed(self) -> None:
        while self._heap and self._waiting.get(self._heap[0].job_id) is not self._heap[0]:
            heapq.heappop(self._heap)

    def _forget_idle(self) -> None:
        """Accounts whose finish tag has passed start level again; keeps the table small."""
        if len(self._finish) > 1000:
            self._finish = {a: f for a, f in self._finish.items() if f > self._virtual_time}
