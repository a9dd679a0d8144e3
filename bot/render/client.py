"""The bot's side of the render process: starts it, watches it, replaces it. Free of torch."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from bot import __version__
from bot.child_process.child import Child
from bot.config import RenderConfig
from bot.domain import Catalog, PictureDone, RenderEvent, RenderSpec, StepDone
from bot.errors import RendererDied, RenderError, RenderTimeout
from bot.render.mailbox import Mailbox
from bot.render.protocol import (
    WRONG_SETTING,
    Beat,
    Cancel,
    Draw,
    Drawn,
    Ended,
    Figures,
    Ready,
    Report,
    Setup,
    Step,
    decode_report,
    encode,
    error_of,
)
from bot.render.wear import Wear

log = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-m", "bot.render.process")
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0
_HOPELESS_AFTER = 3
"""Failed starts in a row after which waiting jobs are told instead of kept waiting."""


class Phase(StrEnum):
    """How the render process is."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True)
class RendererState:
    """For status pages: the phase, and the device in words once known."""

    phase: Phase
    device: str = ""


@dataclass(slots=True, eq=False)
class _Job:
    order: Draw
    mailbox: Mailbox
    sent: bool = False


class RenderClient:
    """Draws in a child process; implements `bot.ports.Renderer`.

    Use it as `async with`. Jobs given while the process starts wait for it. When the process dies,
    each job in it gets `RendererDied`; when it is silent for too long it is killed, and each gets
    `RenderTimeout`; a new process is started either way. One that is worn gets no more jobs, and is
    replaced when those in it have ended.
    """

    def __init__(
        self,
        config: RenderConfig,
        data_dir: Path,
        *,
        stored_catalog: Catalog | None = None,
        on_catalog: Callable[[Catalog], None] | None = None,
        default_checkpoint: str = "",
        command: Sequence[str] | None = None,
    ) -> None:
        """`command` replaces the child's program; it must speak `protocol`."""
        self._config = config
        self._setup = Setup(
            config=config,
            data_dir=str(data_dir),
            default_checkpoint=default_checkpoint,
            version=__version__,
        )
        self._catalog = stored_catalog or Catalog()
        self._on_catalog = on_catalog
        self._command = tuple(command or _COMMAND)
        self._jobs: dict[str, _Job] = {}
        self._child: Child | None = None
        self._phase = Phase.STARTING
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        """Set at each turn of events, and replaced by a fresh one."""
        self._failed_starts = 0
        self._last_death = ""
        self.wrong_setting = ""
        """What `[render]` asks for that this machine cannot do, where the first start found it so:
        then no process is started again. "" otherwise."""
        self._was_ready = False
        self.deaths = 0
        """Processes that ended without being told to."""
        self._figures = Figures()
        self._wear = Wear(config, lambda: self.memory_bytes)
        self._loading = True
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def catalog(self) -> Catalog:
        """What it offers; the stored catalogue until the process is up."""
        return self._catalog

    @property
    def state(self) -> RendererState:
        """How the process is, and what it draws on."""
        return RendererState(self._phase, self._catalog.device)

    @property
    def figures(self) -> Figures:
        """What the process last told of itself."""
        return self._figures

    @property
    def pid(self) -> int | None:
        """The operating system's number of the process; None between two of them."""
        return None if self._child is None else self._child.pid

    @property
    def memory_bytes(self) -> int:
        """What the process takes of the main memory; 0 between two of them."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.pid else 0
        except psutil.Error:
            return 0

    async def wait_ready(self) -> None:
        """Until the process takes orders (again).

        Raises:
            RenderError: it failed to start several times in a row, or for a wrong setting.
        """
        while not self._ready.is_set():
            if self._failed_starts >= _HOPELESS_AFTER:
                raise RenderError(f"the render process does not start: {self._last_death}")
            await self._changed.wait()

    async def render(
        self, job_id: str, spec: RenderSpec, inputs: Mapping[str, bytes]
    ) -> AsyncGenerator[RenderEvent]:
        """See `bot.ports.Renderer.render`."""
        job = _Job(Draw(job_id=job_id, spec=spec, inputs=dict(inputs)), Mailbox())
        self._jobs[job_id] = job
        try:
            if self._ready.is_set():
                self._send(job)
            while (event := await job.mailbox.get()) is not None:
                yield event
        finally:
            if self._jobs.get(job_id) is job:
                del self._jobs[job_id]
                if job.sent and self._child is not None:
                    self._child.send(encode(Cancel(job_id=job_id)))

    async def __aenter__(self) -> Self:
        self._supervisor = asyncio.create_task(self._supervise(), name="render supervisor")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
        for job in self._jobs.values():
            job.mailbox.close(RendererDied("the bot stops"))

    # Supervision ------------------------------------------------------------------------------

    async def _supervise(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                reason = await self._live_and_die()
            except OSError as error:
                reason = RendererDied(f"cannot be started: {error}")
            if reason is None:
                log.info("the render process is replaced after %s", self._wear.why)
                self._ready.clear()
                self._phase = Phase.RESTARTING
                continue
            self._last_death = reason.detail
            if self.wrong_setting:  # what waits goes on at the start with another one
                self._tell_waiting()
                return
            was_ready = self._ready.is_set()
            self._ready.clear()
            self._phase = Phase.RESTARTING
            self._failed_starts = 0 if was_ready else self._failed_starts + 1
            self.deaths += 1
            self._bury(reason)
            self._tell_waiting()
            pause = _FIRST_PAUSE_S if was_ready else min(pause * 2, _LONGEST_PAUSE_S)
            log.warning("render process ended (%s); again in %.1f s", reason.detail, pause)
            await asyncio.sleep(pause)

    async def _live_and_die(self) -> RenderError | None:
        """One life of the process, from start to death; says how it died. None: it was worn."""
        self._loading = True
        self._wear.renew()
        async with await Child.start(self._command) as child:
            self._child = child
            try:
                child.send(encode(self._setup))
                if await self._listen(child):
                    return None
                obituary = await child.obituary()
                if child.exit_code == WRONG_SETTING:
                    # One that has worked may work again, with its driver back; nobody waits for it.
                    self._failed_starts = _HOPELESS_AFTER
                    self.wrong_setting = "" if self._was_ready else child.last_words
                    return RendererDied(child.last_words)
                return RendererDied(obituary)
            except TimeoutError:
                limit = self._patience()
                return RenderTimeout(f"silent for more than {limit:.0f} s")
            except ValueError as error:
                return RendererDied(f"spoke nonsense: {error}")
            finally:
                self._child = None

    async def _listen(self, child: Child) -> bool:
        """Handle reports until the process ends, or until it is worn and empty (then True);
        TimeoutError if it is silent at work."""
        while True:
            content = await child.receive(self._patience)
            if content is None:
                return False
            self._handle(decode_report(content))
            if self._wear.why and not self._is_busy:
                return True

    @property
    def _is_busy(self) -> bool:
        return any(job.sent for job in self._jobs.values())

    def _patience(self) -> float | None:
        """Seconds of silence to bear; None while it has nothing to do."""
        if self._loading:
            return self._config.load_timeout_s
        return self._config.step_timeout_s if self._is_busy else None

    def _handle(self, report: Report) -> None:
        if isinstance(report, Ready) and self._ready.is_set():
            self._note_catalog(report.catalog)  # says nothing of what the device is doing
            return
        if isinstance(report, Figures):
            self._figures = report  # the device may be at work all the same
            return
        self._loading = isinstance(report, Beat) and report.loading
        if isinstance(report, Ready):
            self._became_ready(report.catalog)
        elif isinstance(report, Step | Drawn):
            if job := self._jobs.get(report.job_id):
                job.mailbox.put(_event(report))
        elif isinstance(report, Ended) and (job := self._jobs.pop(report.job_id, None)):
            job.mailbox.close(error_of(report))
            self._wear.drew()

    def _became_ready(self, catalog: Catalog) -> None:
        self._phase, self._failed_starts, self._was_ready = Phase.READY, 0, True
        self._note_catalog(catalog)
        self._ready.set()
        self._tell_waiting()
        for job in self._jobs.values():
            self._send(job)

    def _note_catalog(self, catalog: Catalog) -> None:
        self._catalog = catalog
        if self._on_catalog is not None:
            self._on_catalog(catalog)

    def _tell_waiting(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _send(self, job: _Job) -> None:
        if self._child is not None and not job.sent and not self._wear.why:
            job.sent = True
            self._child.send(encode(job.order))

    def _bury(self, reason: RenderError) -> None:
        """Tell the jobs that were in the process; those that waited for it go on waiting."""
        lost = [job for job in self._jobs.values() if job.sent]
        if self._failed_starts >= _HOPELESS_AFTER:
            lost = list(self._jobs.values())
        for job in lost:
            del self._jobs[job.order.job_id]
            job.mailbox.close(_copy(reason, alone=len(lost) == 1))


def _event(report: Step | Drawn) -> RenderEvent:
    if isinstance(report, Drawn):
        return PictureDone(picture=report.picture)
    return StepDone(step=report.step, steps=report.steps, preview=report.preview)


def _copy(reason: RenderError, *, alone: bool) -> RenderError:
    if isinstance(reason, RendererDied):
        return RendererDied(reason.detail, alone=alone)
    return type(reason)(reason.detail)
