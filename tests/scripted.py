"""Small classes that stand at the two ports, for tests of what lies between them.

`ScriptedRenderer` tells the events it is told to tell; `RecordingAdapter` keeps what it is given
and fails on demand. Wherever a picture matters, the real renderer draws it (tests/test_app.py).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping

from bot.domain import (
    Catalog,
    Kind,
    Outgoing,
    Permissions,
    PictureDone,
    Platform,
    Receipt,
    RenderEvent,
    RenderSpec,
    StepDone,
)
from tests.samples import CATALOG, picture


class ScriptedRenderer:
    """Draws `steps` steps and then the pictures; each step waits for `go` to be set.

    `fail` maps a job id to the errors of its first, second, … drawing (None: draw it).
    """

    def __init__(self, *, steps: int = 4) -> None:
        self.catalog: Catalog = CATALOG
        self.steps = steps
        self.go = asyncio.Event()
        self.go.set()
        self.fail: dict[str, list[Exception | None]] = {}
        self.pngs: list[bytes] = []
        self.begun: list[str] = []
        self.company: dict[str, int] = {}
        self.active: set[str] = set()
        self.changed = asyncio.Condition()

    async def render(
        self, job_id: str, spec: RenderSpec, inputs: Mapping[str, bytes]
    ) -> AsyncGenerator[RenderEvent]:
        self.begun.append(job_id)
        self.active.add(job_id)
        self.company[job_id] = len(self.active)
        await self._notify()
        try:
            for step in range(1, self.steps + 1):
                yield StepDone(step=step, steps=self.steps)
                await self.go.wait()
                errors = self.fail.get(job_id, [])
                if errors and (error := errors.pop(0)) is not None:
                    raise error
            for index in range(spec.count):
                png = self.pngs[index] if self.pngs else b"%d of " % index + job_id.encode()
                yield PictureDone(picture=picture(index, png))
        finally:
            self.active.discard(job_id)
            await self._notify()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with self.changed:
            await self.changed.wait_for(condition)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class RecordingAdapter:
    """Numbers what it delivers; `errors` are raised, one for each call, before it does."""

    def __init__(self, platform: Platform = Platform.TELEGRAM) -> None:
        self.platform = platform
        self.delivered: list[Outgoing] = []
        self.tried = 0
        self.errors: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def deliver(self, message: Outgoing) -> Receipt:
        self.tried += 1
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.delivered.append(message)
        async with self._changed:
            self._changed.notify_all()
        return Receipt(message_ids=(message.edit or f"m{len(self.delivered)}",))

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        return Permissions()

    def results(self) -> list[Outgoing]:
        return [m for m in self.delivered if m.kind is Kind.RESULT]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(condition)
