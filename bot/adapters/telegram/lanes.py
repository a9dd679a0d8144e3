"""Many things at once, each lane in its order, never more than a bound."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]


class Lanes:
    """Runs work: at most `at_once` pieces at a time, one after another within a lane.

    `put` waits while `most_waiting` pieces are unfinished, so that a flood stays with Telegram.
    """

    def __init__(self, *, at_once: int = 32, most_waiting: int = 1000) -> None:
        self._lanes: dict[str, deque[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(at_once)
        self._room = asyncio.Semaphore(most_waiting)

    async def put(self, lane: str, work: Work) -> None:
        """Run `work` once everything put into `lane` before it is done."""
        await self._room.acquire()
        if lane in self._lanes:
            self._lanes[lane].append(work)
            return
        self._lanes[lane] = deque([work])
        task = asyncio.create_task(self._run(lane), name=f"telegram lane {lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, wait_s: float) -> None:
        """Give what runs `wait_s` seconds; then it is cancelled, as is all that waits."""
        for waiting in self._lanes.values():
            waiting.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=wait_s)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _run(self, lane: str) -> None:
        waiting = self._lanes[lane]
        try:
            while waiting:
                work = waiting.popleft()
                try:
                    async with self._at_once:
                        await work()
                except Exception:
                    log.exception("telegram: unexpected error")
                finally:
                    self._room.release()
        finally:
            del self._lanes[lane]
