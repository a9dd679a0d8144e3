"""The bot's side of the inspection process: asks, waits with patience, replaces it."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeVar

from bot.child_process.child import Child
from bot.errors import InspectionFailed, UnusablePicture
from bot.inspection.messages import (
    Finding,
    Open,
    Opened,
    Question,
    Rate,
    Rating,
    Ready,
    Setup,
    Unusable,
    decode_finding,
    encode,
)
from bot.phrase import phrase

log = logging.getLogger(__name__)

MEMORY_LIMIT = 512 * 2**20
"""Bytes beyond the set-up process. The largest picture taken, 25 megapixels with alpha, needs half:
decoded, flattened and encoded again."""
TIME_LIMIT_S = 15.0
"""Seconds for one picture; the largest needs about two on an old machine."""
START_LIMIT_S = 60.0
_COMMAND = (sys.executable, "-m", "bot.inspection.process")
Kind = TypeVar("Kind", Opened, Rating, Ready)


class Inspector:
    """Opens and rates pictures, one at a time. Use as `async with`; the process starts when it is
    first needed, and again after it died."""

    def __init__(
        self,
        classifier: str,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        memory_limit: int = MEMORY_LIMIT,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """`classifier`: see `classifiers.load`; `command` replaces the program."""
        self._setup = Setup(classifier=classifier, memory_limit=memory_limit)
        self._time_limit_s = time_limit_s
        self._command = command
        self._lock = asyncio.Lock()
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The operating system's number of the process; None while there is none."""
        return None if self._child is None else self._child.pid

    async def begin(self) -> None:
        """Start the process now instead of when it is first needed.

        Raises:
            InspectionFailed: it cannot be started, or its classifier does not work.
        """
        async with self._lock:
            if self._child is None:
                try:
                    await self._start()
                except InspectionFailed:
                    await self._drop()
                    raise

    async def open(self, content: bytes) -> Opened:
        """Open and rate a stranger's picture.

        Raises:
            UnusablePicture: it is none, too large, damaged, or it broke the process.
            InspectionFailed: no process can be started, or its classifier does not work.
        """
        try:
            finding = await self._ask(Open(content=content))
        except _Died as death:
            log.warning("a picture of %d bytes ended the inspection: %s", len(content), death)
            raise UnusablePicture(phrase("picture-damaged")) from None
        if isinstance(finding, Unusable):
            raise UnusablePicture(finding.phrase)
        return _expect(finding, Opened)

    async def rate(self, picture: bytes) -> Rating:
        """Rate a picture of our own, PNG or JPEG.

        Raises:
            InspectionFailed: it could not be looked at, so nobody knows what it shows.
        """
        try:
            return _expect(await self._ask(Rate(picture=picture)), Rating)
        except _Died as death:
            raise InspectionFailed(f"the inspection process ended: {death}") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._drop()

    async def _ask(self, question: Question) -> Finding:
        async with self._lock:
            answered = False
            try:
                child = self._child or await self._start()
                child.send(encode(question))
                finding = await _receive(child, self._time_limit_s)
                answered = True
                return finding
            finally:
                # Also when this task was cancelled: the next question must not get this answer.
                if not answered:
                    await self._drop()

    async def _start(self) -> Child:
        try:
            child = self._child = await Child.start(self._command)
        except OSError as error:
            raise InspectionFailed(f"the inspection process cannot be started: {error}") from error
        child.send(encode(self._setup))
        try:
            ready = _expect(await _receive(child, START_LIMIT_S), Ready)
        except _Died as death:
            raise InspectionFailed(f"the inspection process does not start: {death}") from None
        if ready.problem:
            raise InspectionFailed(
                f"[moderation] classifier = {self._setup.classifier!r}: {ready.problem}"
            )
        return child

    async def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end(patience_s=0.5)


class _Died(Exception):
    """The process ended, or had to be ended, over a question."""


async def _receive(child: Child, patience_s: float) -> Finding:
    try:
        content = await child.receive(lambda: patience_s)
        if content is None:
            raise _Died(await child.obituary())
        return decode_finding(content)
    except TimeoutError:
        raise _Died(f"silent for {patience_s:.0f} s") from None
    except ValueError as error:
        raise _Died(f"spoke nonsense: {error}") from None


def _expect(finding: Finding, kind: type[Kind]) -> Kind:
    if not isinstance(finding, kind):
        raise InspectionFailed(f"the inspection process answered {finding!r:.100}")
    return finding
