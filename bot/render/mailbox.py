"""What the bot holds of one job that is in the render process."""

import asyncio
from collections import deque

from bot.domain import RenderEvent, StepDone


class Mailbox:
    """Events of one job, kept for its reader. Steps that were not read in time are merged into
    the newest; pictures are never dropped. The writer never waits."""

    def __init__(self) -> None:
        self._events: deque[RenderEvent] = deque()
        self._news = asyncio.Event()
        self._end: BaseException | None = None
        self._ended = False

    def put(self, event: RenderEvent) -> None:
        """Add an event for the reader."""
        last = self._events[-1] if self._events else None
        if isinstance(event, StepDone) and isinstance(last, StepDone):
            self._events[-1] = StepDone(
                step=event.step, steps=event.steps, preview=event.preview or last.preview
            )
        else:
            self._events.append(event)
        self._news.set()

    def close(self, error: BaseException | None = None) -> None:
        """No more events; the reader gets those that are there, then `error`."""
        if not self._ended:
            self._end, self._ended = error, True
            self._news.set()

    async def get(self) -> RenderEvent | None:
        """The next event; None after the last.

        Raises:
            the error that the mailbox was closed with, once.
        """
        while not self._events and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._events:
            return self._events.popleft()
        if self._end is not None:
            raise self._end
        return None
