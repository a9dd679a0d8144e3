"""A flood, driven through the shipped intake, database and queue on a virtual clock.

One member asks for 40 pictures of a credit at once; 20 others ask for one picture each at random
times in the next 600 s. A credit takes 37 s, one job is drawn at a time. A wait ends when drawing
begins. Each figure is the worst of 100 seeds and of two arrangements: all in one
chat, and every member in a chat of their own.

- `light_p95_s`, `fifo_light_p95_s`: the 95th percentile of the 20 waits, and what it would be if
  the same jobs were drawn in the order of accepting. The 20 ask for a quarter of a credit each
  (256×256 in 20 steps), 185 s of work altogether.
- `equal_…`: the same where the 20 ask for a whole credit each. That is 740 s of work in 600 s: no
  order whatever keeps these waits short. `equal_alone_light_p95_s` is what they would wait for each
  other without the flood. Of a fifth of the seeds.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.figures import percentile
from benchmarks.front_desk import accepted, open_desk, request
from bot.app import App
from bot.domain import Job

SECONDS_PER_CREDIT = 37.0
_START = 1_780_000_000.0
_QUARTER = "a red apple --size 256x256 --steps 20"
_WHOLE = "a red apple --size 512x512 --steps 20"


@dataclass(frozen=True)
class _Request:
    at: float
    user: str
    chat: str
    text: str


@dataclass
class _Clock:
    now: float = 0.0

    def read(self) -> float:
        """Seconds since 1970."""
        return _START + self.now


@dataclass
class _Flood:
    """One run: who waited for how long, served fairly and in the order of accepting."""

    app: App
    clock: _Clock
    name: str
    jobs: dict[str, Job] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)

    async def accept(self, requests: Sequence[_Request], until: float) -> Sequence[_Request]:
        """Let in what is asked until then; what remains."""
        for number, asked in enumerate(requests):
            if asked.at > until:
                return requests[number:]
            self.clock.now = asked.at
            key = f"{self.name}-{len(self.jobs)}"
            job = await accepted(self.app, request(key, asked.user, asked.chat, asked.text))
            self.jobs[job.id] = job
        return ()

    async def draw(self, requests: Sequence[_Request]) -> None:
        """Until everything is drawn."""
        queue, drawn = self.app.queue, 0.0
        while requests or len(queue):
            if not len(queue):
                drawn = max(drawn, requests[0].at)
            requests = await self.accept(requests, drawn)
            job = self.jobs[await queue.get()]
            changes = queue.unsaved()
            await self.app.journal.begin(job.id, turns=changes.flows, gone=changes.gone)
            self.waits[job.id] = drawn - (job.accepted_at - _START)
            drawn += _seconds(job)
            requests = await self.accept(requests, drawn)
            queue.leave(job.id)

    def in_order_of_accepting(self) -> Iterator[tuple[Job, float]]:
        """Every job and its wait if they were drawn in the order of accepting."""
        drawn = 0.0
        for job in self.jobs.values():
            came = job.accepted_at - _START
            drawn = max(drawn, came)
            yield job, drawn - came
            drawn += _seconds(job)


def _seconds(job: Job) -> float:
    return SECONDS_PER_CREDIT * job.cost / 1000


def _requests(seed: int, own_chats: bool, text: str, flood: int) -> list[_Request]:
    """Members have other names in every run: what one has had does not concern the next."""
    rng = random.Random(seed)
    times = sorted(rng.uniform(0, 600) for _ in range(20))
    heavy = [_Request(0.0, f"{seed}00", "-1", _WHOLE)] * flood
    light = [
        _Request(at, f"{seed}{n:02}", f"-{n + 1}" if own_chats else "-1", text)
        for n, at in enumerate(times, 1)
    ]
    return heavy + light


async def _worst(name: str, seeds: int, text: str, flood: int = 40) -> tuple[float, float]:
    """The largest 95th percentile: fair, and in the order of accepting."""
    fair, fifo = [], []
    for own_chats in (False, True):
        clock = _Clock()
        async with open_desk(clock=clock.read) as app:
            for seed in range(seeds):
                one = _Flood(app, clock, f"{name}-{seed}")
                await one.draw(_requests(seed, own_chats, text, flood))
                light = {j.id for j in one.jobs.values() if j.requester.user_id != f"{seed}00"}
                fair.append(percentile([w for i, w in one.waits.items() if i in light], 0.95))
                in_order = one.in_order_of_accepting()
                fifo.append(percentile([w for j, w in in_order if j.id in light], 0.95))
    return round(max(fair), 1), round(max(fifo), 1)


async def _figures(seeds: int) -> dict[str, object]:
    light, fifo = await _worst("quarter", seeds, _QUARTER)
    equal, equal_fifo = await _worst("whole", seeds // 5, _WHOLE)
    alone, _ = await _worst("alone", seeds // 5, _WHOLE, flood=0)
    return {
        "light_p95_s": light,
        "fifo_light_p95_s": fifo,
        "equal_light_p95_s": equal,
        "equal_fifo_light_p95_s": equal_fifo,
        "equal_alone_light_p95_s": alone,
        "seeds": seeds,
    }


def run(quick: bool = False) -> dict[str, object]:
    """All figures; `quick` takes ten seeds."""
    return asyncio.run(_figures(10 if quick else 100))
