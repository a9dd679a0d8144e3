"""Takes jobs from the queue to the renderer, and decides, in one place, how each ended."""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot import logs, metrics
from bot.database import Database, Transaction, uninterrupted
from bot.domain import (
    Cancelled,
    Fate,
    Finished,
    Job,
    JobState,
    Picture,
    PictureDone,
    Queued,
    Started,
    StepDone,
)
from bot.ends import PATIENCE_S, Ends, Tell
from bot.errors import (
    JobCancelled,
    ModelUnavailable,
    RendererDied,
    RenderError,
    RenderTimeout,
    StoreError,
)
from bot.holds import Holds, Why
from bot.insist import insist
from bot.job_queue import JobQueue, Pace
from bot.job_queue.watch import Watch
from bot.job_rows import UNREADABLE
from bot.journal import Journal
from bot.phrase import Phrase
from bot.picture_check import PictureCheck
from bot.picture_store import PictureStore
from bot.picture_strikes import PictureStrikes
from bot.ports import Renderer
from bot.quota.allowance import Allowances
from bot.quota.ledger import Ledger

log = logging.getLogger(__name__)

MAX_DEATHS = 2
"""One death may be a neighbour's fault; the second happens while drawing alone."""
PAUSE_LOOK_S = 2.0
"""How soon a pause that was ended on the command line is seen."""


@dataclass(slots=True, eq=False)
class _Attempt:
    """A job that has left the line, until it has ended or is back in it."""

    task: asyncio.Task[None] | None = None
    """Set by the task itself, and only while cancelling it stops the drawing: a task that has
    not begun would end without a word, and an end that is being stored must be told."""
    cancelled: bool = False
    share: float = 0.0
    """How much was drawn of it, 0 to 1: its member's turn is counted for that much."""
    by: str = ""
    """The account that cancelled it."""


class Worker:
    """Keeps up to `jobs_at_once` jobs in the renderer.

    `tell` is called with exactly one Finished, Failed or Cancelled per job, after the transaction
    that made it so.
    """

    def __init__(
        self,
        *,
        renderer: Renderer,
        queue: JobQueue,
        pace: Pace,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        store: PictureStore,
        check: PictureCheck,
        holds: Holds,
        tell: Tell,
        jobs_at_once: int,
        strikes: PictureStrikes | None = None,
        paused: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """`paused` says whether an operator wants nothing to be begun at the moment."""
        self._renderer = renderer
        self._queue = queue
        self._pace = pace
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._store = store
        self._check = check
        self._holds = holds
        self._tell = tell
        self.ends = Ends(database=database, journal=journal, ledger=ledger, tell=tell)
        self._strikes = strikes
        self._paused = paused
        self._resumed = asyncio.Event()
        self._room = asyncio.Semaphore(jobs_at_once)
        self._attempts: dict[str, _Attempt] = {}
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._last_end = time.monotonic()

    @property
    def drawing(self) -> tuple[str, ...]:
        """The jobs that are in the renderer now."""
        return tuple(self._attempts)

    async def run(self) -> None:
        """Draw until cancelled; jobs in the renderer then go back to waiting, not counted."""
        try:
            await self._run()
        finally:
            # One that was claimed in the very moment of the cancel has no task to put it back.
            with contextlib.suppress(StoreError):  # the next start does the same
                await uninterrupted(self._journal.all_back_to_waiting())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                await self._room.acquire()
                await self._until_resumed()
                job_id = await self._queue.get()
                if await self._is_paused():
                    await self._put_back(job_id)
                    continue
                attempt = self._attempts[job_id] = _Attempt()
                self._tell_places()
                job = await self._begin(job_id)
                if job is not None and job.deaths:
                    # It was in the render process when that ended: it draws without company, so
                    # that a second death has one possible cause.
                    await self._idle.wait()
                if job is None or attempt.cancelled:
                    self._leave(job_id, attempt)
                    continue
                self._running += 1
                self._idle.clear()
                task = group.create_task(self._draw(job, attempt), name=f"draw {job.id}")
                task.add_done_callback(partial(self._end_running, job.id, attempt))
                if job.deaths:
                    await asyncio.wait([task])

    def wake(self) -> None:
        """The pause may have ended."""
        self._resumed.set()

    async def cancel(self, job_id: str, by: str = "") -> bool:
        """Stop a job, waiting or drawing, for the account `by`; False when it has ended already."""
        attempt = self._attempts.get(job_id)
        if attempt is not None and attempt.task is not None:
            self._interrupt(attempt, by)
            return True
        job = await self._journal.job(job_id)
        if job is None:
            return False
        async with self._database.transaction() as t:
            ended = await self._journal.end_cancelled(t, job_id)
            if ended:
                await self._ledger.refund(t, job_id)
        if ended:
            if (attempt := self._attempts.get(job_id)) is not None:
                self._interrupt(attempt, by)  # it left the line meanwhile
            self._tell(job, Cancelled())
            if self._queue.remove(job_id):
                self._tell_places()
        return ended

    def _tell_places(self) -> None:
        """The line has moved; delivery sends the newest of what it is told, within its budget."""
        for job, place, work in self._queue.places():
            self._tell(job, Queued(position=place, eta_s=self._pace.seconds(work)))

    async def _until_resumed(self) -> None:
        """Another process, the command line, may end a pause: it is looked for."""
        while await self._is_paused():
            self._resumed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._resumed.wait(), PAUSE_LOOK_S)

    async def _is_paused(self) -> bool:
        try:
            return self._paused is not None and await self._paused()
        except StoreError:
            return False  # claiming a job tries until the store works again

    async def _put_back(self, job_id: str) -> None:
        """It came while the pause began; or it was cancelled meanwhile."""
        job = await self._journal.job(job_id)
        if job is not None and job.state is JobState.WAITING:
            self._queue.put(job, first=True)
        else:
            self._queue.leave(job_id, 0.0)
        self._room.release()

    @staticmethod
    def _interrupt(attempt: _Attempt, by: str) -> None:
        if attempt.cancelled:  # whoever was first has stopped it
            return
        if attempt.task is not None:
            attempt.task.cancel()
        attempt.cancelled, attempt.by = True, by

    async def _begin(self, job_id: str) -> Job | None:
        changes = self._queue.unsaved()
        claim = partial(
            self._journal.begin, job_id, turns=changes.flows, gone=changes.gone, anew=changes.anew
        )
        try:
            return await insist(claim, f"job {job_id}: its claim")
        except UNREADABLE:
            log.exception("job %s: cannot be read", job_id)
            await insist(partial(self.ends.set_aside, job_id), f"job {job_id}: its end")
            return None

    def _end_running(self, job_id: str, attempt: _Attempt, _: asyncio.Task[None]) -> None:
        self._running -= 1
        if not self._running:
            self._idle.set()
        self._leave(job_id, attempt)

    def _leave(self, job_id: str, attempt: _Attempt) -> None:
        if self._attempts.get(job_id) is attempt:  # else it is in its next attempt already
            del self._attempts[job_id]
            self._queue.leave(job_id, attempt.share)
        self._room.release()

    async def _draw(self, job: Job, attempt: _Attempt) -> None:
        if attempt.cancelled:
            return
        with logs.about(job.id):
            waited = max(0.0, time.time() - job.accepted_at)
            metrics.WAITED.observe(waited)
            log.info("job %s: begun after %.0f s (%d)", job.id, waited, job.attempts)
            self._tell(job, Started())
            outcome = await self._outcome(job, attempt)
            try:
                await outcome
            except StoreError as error:
                await self.ends.fail(job, "store-failed", str(error))

    async def _outcome(self, job: Job, attempt: _Attempt) -> Coroutine[Any, Any, None]:
        """Draw, and say what is to be done about how that went."""
        watch = Watch(job.spec)
        attempt.task = asyncio.current_task()
        try:
            pictures = await self._render(job, watch)
            watch.share = 1.0
            return self._finish(job, pictures, watch.seconds)
        except (RendererDied, RenderTimeout) as error:
            return self._died(job, error)
        except RenderError as error:
            return self.ends.fail(job, error.key, error.detail)
        except JobCancelled:
            return self._stop(job, watch.share, attempt.by)
        except asyncio.CancelledError:
            if not attempt.cancelled:
                with contextlib.suppress(StoreError):  # the next start does the same
                    await uninterrupted(self._journal.back_to_waiting(job.id))
                raise
            _uncancel()
            return self._stop(job, watch.share, attempt.by)
        except StoreError as error:
            return self.ends.fail(job, "store-failed", str(error))
        except Exception:
            log.exception("job %s: unexpected error", job.id)
            return self.ends.fail(job, RenderError.key, "see the traceback above")
        finally:
            attempt.task, attempt.share = None, watch.share
            self._measure(job.cost * watch.share, watch.seconds)

    async def _render(self, job: Job, watch: Watch) -> list[tuple[Picture, str]]:
        pictures: list[tuple[Picture, str]] = []
        inputs = await self._inputs(job)
        # Closed at once whatever happens here: closing is what cancels the job in the renderer.
        async with aclosing(self._renderer.render(job.id, job.spec, inputs)) as events:
            async for event in events:
                match event:
                    case StepDone(preview=preview):
                        seen = preview and await self._check.preview(preview, job.reply_to)
                        self._tell(job, replace(watch.step(event), preview=seen))
                        self._queue.drawn(job.id, watch.share)
                    case PictureDone(picture=picture):
                        pictures.append(await self._keep(job, picture))
        return pictures

    async def _keep(self, job: Job, picture: Picture) -> tuple[Picture, str]:
        """Look at a picture, and put it on disk if anybody may ever see it."""
        picture = await self._check.result(picture, job.reply_to)
        metrics.PICTURES.labels(picture.fate).inc()
        if picture.fate is Fate.DROPPED:
            log.info("job %s: picture %d is dropped (%.2f)", job.id, picture.index, picture.nsfw)
            return picture, hashlib.sha256(picture.png).hexdigest()
        put = partial(self._store.put, picture.png)
        what = f"job {job.id}: its picture"
        return picture, await insist(put, what, patience_s=PATIENCE_S)

    async def _inputs(self, job: Job) -> dict[str, bytes]:
        sha256 = job.spec.input_sha256
        if sha256 is None:
            return {}
        content = await self._store.get(sha256)
        if content is None:
            raise ModelUnavailable(f"the source picture {sha256} is gone from the disk")
        return {sha256: content}

    async def _finish(self, job: Job, pictures: list[tuple[Picture, str]], seconds: float) -> None:
        dropped = [p.index for p, _ in pictures if p.fate is Fate.DROPPED]
        held = [p.index for p, _ in pictures if p.fate is Fate.HELD]
        strikes, told = self._strikes, list[Phrase]()
        offence = await strikes.offence(job) if dropped and strikes else None

        async def end(t: Transaction) -> bool:
            await self._ledger.settle(t, job.id)
            if dropped:
                await self._ledger.refund(t, job.id, only=dropped)
            ended = await self._journal.end_drawn(t, job.id, pictures, seconds)
            if ended and strikes and offence:
                told.extend(await strikes.count(t, offence))
            if ended and held:
                await self._holds.begin(t, job.id, held, Why.CHECK)
            return ended

        await self.ends.write(job, end, Finished(seconds=seconds))
        if strikes and told:
            strikes.tell(job, told)
        metrics.DREW.observe(seconds)
        log.info("job %s: drawn in %.1f s", job.id, seconds)

    def _measure(self, work: float, seconds: float) -> None:
        """Jobs of a batch share the time between two ends; idle time is nobody's."""
        if work:
            now = time.monotonic()
            self._pace.learn(min(seconds, now - self._last_end), work)
            self._last_end = now

    async def _stop(self, job: Job, share: float, by: str) -> None:
        async def end(t: Transaction) -> bool:
            await self._ledger.settle(t, job.id, share)
            if by == job.requester.account:
                await Allowances.stopped(t, by, job.id, time.time())
            return await self._journal.end_cancelled(t, job.id)

        await self.ends.write(job, end, Cancelled())
        log.info("job %s: cancelled after %d %%", job.id, share * 100)

    async def _died(self, job: Job, error: RenderError) -> None:
        if job.deaths + 1 >= MAX_DEATHS:
            await self.ends.fail(job, error.key, error.detail)
            return
        log.warning("job %s: %s; it is drawn once more, alone", job.id, error.detail or error.key)
        again = partial(self._journal.back_to_waiting, job.id, died=True)
        await insist(again, f"job {job.id}: its death")
        self._queue.put(job, first=True)


def _uncancel() -> None:
    """This task was cancelled by a member, not by the program's stop: it goes on to its end."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
