"""The queue as intake and worker see it: who may be begun now, and who stands where."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from bot.domain import Job, RenderSpec
from bot.job_queue.line import Changes, Entry, Flow, Line
from bot.job_queue.walk import Walk, fair_order

PASSED = 2000
"""By how many millicredits of work a job may be passed altogether."""
CANDIDATES = 32
"""How far from the front a job that fits is looked for."""
SHOWN = 32
"""How far from the front places are exact, and those who wait are told how the line moves."""


class JobQueue:
    """Waiting jobs of one event loop. `get` waits for one; everything else is immediate, and costs
    no more than O(log n) of the jobs that wait.

    `may_run` says whether another job may be begun beside so many of its person and so many of its
    chat that are being drawn.
    """

    def __init__(self, may_run: Callable[[int, int], bool] = lambda person, chat: True) -> None:
        self._line = Line()
        self._back: OrderedDict[str, Entry] = OrderedDict()
        """Jobs that had their turn and could not be finished: they go first."""
        self._may_run = may_run
        self._running_in: Counter[str] = Counter()
        self._waiting_in: Counter[str] = Counter()
        self._waiting_of: Counter[str] = Counter()
        self._left: dict[str, float] = {}
        """Millicredits of work that jobs in the renderer still need."""
        self._work = 0
        """Millicredits of all waiting jobs."""
        self._passed: dict[int, int] = {}
        self._loaded = ""
        self._order = Walk(self._line)
        self._walk: Iterator[Entry] | None = None
        """Goes along the line, as far as it was looked at since it changed."""
        self._shown: dict[str, tuple[Job, int, float]] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._back) + len(self._line.entries)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._line.entries or job_id in self._back

    def count(self, person: str) -> int:
        """How many jobs of a person (or of an account that is linked to no other) wait."""
        return self._waiting_of[person]

    def count_of_chat(self, chat: str) -> int:
        """How many jobs of a chat (`ReplyTo.chat`) wait."""
        return self._waiting_in[chat]

    def put(self, job: Job, *, first: bool = False) -> None:
        """Let a job wait for its turn; `first`: it had its turn, and goes before all others."""
        if first:
            self.leave(job.id)
            entry = self._back[job.id] = self._line.entry(job)
        else:
            entry = self._line.put(job)
        # A job far behind all that were looked at has not changed what was seen.
        walk = self._walk if not first and self._is_beyond(entry) else None
        self._count(entry, 1)
        self._walk = walk

    async def get(self) -> str:
        """The job to be drawn next; waits while there is none that may be begun."""
        while (entry := self._choose()) is None:
            self._changed.clear()
            await self._changed.wait()
        job = entry.job
        if self._back.pop(job.id, None) is None:
            self._line.take(job.id)
        else:
            self._line.run(entry)
        self._count(entry, -1)
        _add(self._running_in, job.reply_to.chat, 1)
        self._left[job.id] = job.cost
        self._loaded = job.spec.checkpoint.sha256
        return job.id

    def drawn(self, job_id: str, share: float) -> None:
        """A job that is being drawn has come so far (0 to 1)."""
        if (entry := self._line.running.get(job_id)) is not None:
            self._left[job_id] = entry.job.cost * (1 - share)
            self._walk = None

    def leave(self, job_id: str, share: float = 1.0) -> None:
        """A job is not being drawn any more; only `share` of it was, and counts."""
        entry = self._line.running.get(job_id)
        if entry is None:
            return
        self._line.leave(job_id, entry.job.cost * (1 - share))
        self._left.pop(job_id, None)
        _add(self._running_in, entry.job.reply_to.chat, -1)
        self._move()

    def remove(self, job_id: str) -> bool:
        """Take a job out of the line; False when it does not wait."""
        entry = self._back.pop(job_id, None) or self._line.remove(job_id)
        if entry is None:
            return False
        self._count(entry, -1)
        return True

    def restore(self, flows: Iterable[Flow]) -> None:
        """Take up what `unsaved` gave before the restart; before any job is put."""
        self._line.restore(flows)

    def unsaved(self) -> Changes:
        """What must be stored, with the claim of the job that `get` gave, to keep the line."""
        return self._line.unsaved()

    # Where jobs stand ------------------------------------------------------------------------

    def line(self) -> list[str]:
        """All waiting jobs in the order in which they would be drawn."""
        return [entry.job.id for entry in chain(self._back.values(), fair_order(self._line))]

    def places(self) -> Iterator[tuple[Job, int, float]]:
        """The first jobs of the line (as they were put), with what `ahead` says of them."""
        self._look("")
        return iter(list(self._shown.values()))

    def ahead(self, job_id: str) -> tuple[int, float]:
        """How many waiting jobs stand before this one, and how much work (millicredits) until it
        is drawn: theirs, its own, and what is left of the jobs being drawn now.

        Further back than `SHOWN` this is an estimate: what the job's share promises it at least.
        """
        self._look(job_id)
        if (found := self._shown.get(job_id)) is not None:
            return found[1:]
        entry = self._line.entries.get(job_id)
        if entry is None:
            return 0, 0.0
        chat = self._line.chats[entry.chat]
        own = chat.rows[entry.person].ahead_of(job_id, SHOWN)
        promised = own * chat.weights * len(self._line.ready)
        drawing, everything = self.work - self._work, max(1, self._work)
        before = next(reversed(self._shown.values()))[2] - drawing
        work = min(everything, max(promised, before + entry.job.cost))
        place = max(len(self._shown), round(len(self) * work / everything))
        return min(len(self) - 1, place), drawing + work

    def _look(self, job_id: str) -> None:
        """Go along the line up to this job, but not far back."""
        if self._walk is None:
            self._shown = {}
            self._order = Walk(self._line)
            self._walk = islice(chain(self._back.values(), self._order), SHOWN)
        if job_id in self._shown:
            return
        last = next(reversed(self._shown.values()), None)
        work = last[2] if last else self.work - self._work
        for entry in self._walk:
            work += entry.job.cost
            self._shown[entry.job.id] = entry.job, len(self._shown), work
            if entry.job.id == job_id:
                return

    def _is_beyond(self, entry: Entry) -> bool:
        return len(self._shown) == SHOWN and self._order.is_beyond(entry)

    @property
    def work(self) -> float:
        """Millicredits until everything that waits is drawn: no job waits for more."""
        return self._work + sum(self._left.values())

    def outlook(self, job: Job) -> float:
        """The work until a job that is not in the line would be drawn, itself included."""
        self.put(job)
        _, work = self.ahead(job.id)
        self.remove(job.id)
        return work

    # Who may be begun ------------------------------------------------------------------------

    def _choose(self) -> Entry | None:
        """The first of the line, or one soon after it that fits what is being drawn."""
        if self._back:
            return next(iter(self._back.values()))
        chosen, best, room = None, -1, PASSED
        seen: set[tuple[str, str]] = set()
        before: list[Entry] = []
        passed: list[Entry] = []
        order = fair_order(self._line, shut=self._shut, held=self._held)
        most = 2 if self._left else 1
        for entry in islice(order, CANDIDATES):
            row, fit = (entry.chat, entry.person), self._fit(entry.job.spec)
            # Nobody overtakes themselves: of a row, only the first may be begun.
            if row not in seen and fit > best and (chosen is None or entry.job.cost <= room):
                chosen, best, passed = entry, fit, before.copy()
            seen.add(row)
            before.append(entry)
            room = min(room, PASSED - self._passed.get(entry.number, 0))
            if best == most or room <= 0:
                break
        work = chosen.job.cost if chosen else 0
        for entry in passed:
            self._passed[entry.number] = self._passed.get(entry.number, 0) + work
        return chosen

    def _shut(self, entry: Entry) -> bool:
        to = entry.job.reply_to
        return not to.private and not self._may_run(0, self._running_in[to.chat])

    def _held(self, entry: Entry) -> bool:
        running = self._line.persons[entry.person].running
        return not self._may_run(running, self._running_in[entry.job.reply_to.chat])

    def _fit(self, spec: RenderSpec) -> int:
        """2: it joins the batch (same checkpoint and size); 1: its checkpoint is loaded."""
        running = (entry.job.spec for entry in self._line.running.values())
        if any(_batch(other) == _batch(spec) for other in running):
            return 2
        return int(self._loaded in ("", spec.checkpoint.sha256))

    def _count(self, entry: Entry, change: int) -> None:
        """A job has come to wait, or waits no more."""
        job = entry.job
        self._work += change * job.cost
        _add(self._waiting_in, job.reply_to.chat, change)
        _add(self._waiting_of, entry.person, change)
        if change < 0:
            self._passed.pop(entry.number, None)
        self._move()

    def _move(self) -> None:
        self._walk = None
        self._changed.set()


def _batch(spec: RenderSpec) -> tuple[str, int, int]:
    return spec.checkpoint.sha256, spec.width, spec.height


def _add(counter: Counter[str], key: str, change: int) -> None:
    counter[key] += change
    if not counter[key]:
        del counter[key]
