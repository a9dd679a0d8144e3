"""Brings messages to their chats: results first, status edits coalesced, retried until it arrived.

Each chat has an outbox of its own, so one chat's limit never holds up another. What must arrive
(how a job ended) is read from the journal again at every start until the member was told.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

from bot import logs, metrics
from bot.database import Database
from bot.domain import (
    Cancelled,
    Failed,
    Fate,
    Finished,
    Job,
    JobEvent,
    JobState,
    Kind,
    Outgoing,
    Picture,
    Platform,
    Receipt,
    ReplyTo,
)
from bot.errors import ChatGone, DeliveryError, Rejected, RetryLater, StoreError
from bot.journal import Journal
from bot.pictures import blurred
from bot.ports import ChatAdapter
from bot.quota.ledger import Ledger
from bot.replies.messages import Messages

log = logging.getLogger(__name__)

GIVE_UP_AFTER_S = 24 * 3600
LONGEST_PAUSE_S = 300.0
STORE_PAUSE_S = 5.0
IDLE_S = 900.0
"""A chat without messages keeps its outbox so long."""
_NOT_SHOWN = "-"
"""Stands for the id of a status message that could not be sent."""


class Delivery:
    """Use as `async with`; on leaving, everything undelivered stays in the journal.

    `pause` gives the seconds between two edits of status messages in a chat, by platform.
    """

    def __init__(
        self,
        *,
        adapters: Mapping[Platform, ChatAdapter],
        database: Database,
        journal: Journal,
        ledger: Ledger,
        messages: Messages,
        pause: Callable[[ReplyTo], float],
        is_demo: Callable[[Job], bool] = lambda _: False,
        chat_gone: Callable[[ReplyTo], Awaitable[None]] | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        self.adapters = adapters
        self.database = database
        self.journal = journal
        self.ledger = ledger
        self.messages = messages
        self.pause = pause
        self.is_demo = is_demo
        self.chat_gone = chat_gone
        self.idle_s = idle_s
        self._outboxes: dict[tuple[Platform, str], _Outbox] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def pending(self) -> int:
        """How many ends of jobs are not in their chats yet."""
        return sum(outbox.ends for outbox in self._outboxes.values())

    def tell(self, job: Job, event: JobEvent) -> None:
        """Let the member know; returns at once."""
        outbox = self._outbox(job.reply_to)
        if isinstance(event, Finished | Failed | Cancelled):
            outbox.add_end(job.id)
        else:
            outbox.set_status(job, event)

    def send(self, message: Outgoing) -> None:
        """Bring a note to a chat; tried while the program runs, not kept over a restart."""
        outbox = self._outbox(message.to, message.notify.user_id if message.notify else "")
        outbox.add_note(message)

    def _outbox(self, to: ReplyTo, user_id: str = "") -> "_Outbox":
        key = (to.platform, to.chat_id or f"user {user_id}")
        outbox = self._outboxes.get(key)
        if outbox is None:
            outbox = self._outboxes[key] = _Outbox(self)
            task = asyncio.create_task(self._serve(key, outbox), name=f"outbox {key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return outbox

    async def _serve(self, key: tuple[Platform, str], outbox: "_Outbox") -> None:
        await outbox.run()
        # No await since the outbox found itself idle, so nothing was put into it meanwhile.
        del self._outboxes[key]


class _Outbox:
    """The messages of one chat, sent one after another."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._ends: deque[str] = deque()
        self._notes: deque[Outgoing] = deque()
        self._statuses: dict[str, tuple[Job, JobEvent]] = {}
        self._status_ids: dict[str, str] = {}
        self._arrived: dict[str, Receipt] = {}
        """Ends that are in the chat and not in the journal yet: never sent again."""
        self._ended: set[str] = set()
        self._next_edit = 0.0
        self._idle = False
        self._wake = asyncio.Event()

    @property
    def ends(self) -> int:
        """Ends of jobs that wait or are being sent."""
        return len(self._ends)

    def add_end(self, job_id: str) -> None:
        if job_id not in self._ended:
            self._ended.add(job_id)
            self._statuses.pop(job_id, None)
            self._ends.append(job_id)
            self._wake.set()

    def add_note(self, message: Outgoing) -> None:
        self._notes.append(message)
        self._wake.set()

    def set_status(self, job: Job, event: JobEvent) -> None:
        if job.id not in self._ended:
            self._statuses[job.id] = (job, event)
            self._wake.set()

    async def run(self) -> None:
        """Until the chat has been silent for long."""
        while not self._idle:
            try:
                await self._step()
            except Exception:
                # A message that cannot be built must not stop the others of this chat.
                log.exception("delivery: unexpected error")

    async def _step(self) -> None:
        if self._ends:
            job_id = self._ends[0]
            try:
                with logs.about(job_id):
                    await self._end(job_id)
            except StoreError:
                log.exception("job %s: its end cannot be read or noted; trying again", job_id)
                await asyncio.sleep(STORE_PAUSE_S)
                return
            except Exception:
                log.exception("job %s: its end cannot be told before the next start", job_id)
            self._ends.popleft()
            self._ended.discard(job_id)
            self._status_ids.pop(job_id, None)
            self._arrived.pop(job_id, None)
        elif self._notes:
            await self._note(self._notes.popleft())
        elif due := self._due():
            await self._status(*self._statuses.pop(due))
        else:
            await self._sleep()

    def _due(self) -> str | None:
        """A job without a status message gets one at once; edits wait for the chat's budget."""
        for job_id, (job, _) in self._statuses.items():
            if not self._status_id(job):
                return job_id
        return next(iter(self._statuses), None) if time.monotonic() >= self._next_edit else None

    async def _sleep(self) -> None:
        self._wake.clear()
        left = self._next_edit - time.monotonic() if self._statuses else self._delivery.idle_s
        try:
            async with asyncio.timeout(left):
                await self._wake.wait()
        except TimeoutError:
            # A job that is still drawn needs the id of its status message.
            self._idle = not (self._ends or self._notes or self._statuses or self._status_ids)

    def _status_id(self, job: Job) -> str | None:
        return self._status_ids.get(job.id) or job.status_message_id

    async def _status(self, job: Job, event: JobEvent) -> None:
        message = self._delivery.messages.status(job, event)
        known = self._status_id(job)
        if known and not message.edit:
            message = replace(message, edit=known)
        adapter = self._adapter(job.reply_to)
        self._next_edit = time.monotonic() + self._delivery.pause(job.reply_to)
        if adapter is None:
            return
        try:
            receipt = await adapter.deliver(message)
        except RetryLater as error:
            self._next_edit = time.monotonic() + error.seconds
            if not known:
                self._statuses.setdefault(job.id, (job, event))
                await self._pause(error.seconds)
        except DeliveryError as error:
            log.info("job %s: status not shown: %s", job.id, error)
            # Without an id, the next event would be taken for the first one and sent anew.
            self._status_ids.setdefault(job.id, known or _NOT_SHOWN)
        else:
            if receipt.message_ids and not known:
                self._status_ids[job.id] = receipt.message_ids[0]
                await self._delivery.journal.set_status_message(job.id, receipt.message_ids[0])

    async def _pause(self, seconds: float) -> None:
        """Wait before the next try; a result that comes meanwhile does not wait longer for it."""
        await asyncio.sleep(min(seconds, LONGEST_PAUSE_S))

    async def _note(self, message: Outgoing) -> None:
        adapter = self._adapter(message.to)
        if adapter is None:
            return
        try:
            await self._insist(adapter, message, give_up_after_s=600)
        except DeliveryError as error:
            log.warning("a note could not be delivered: %s", error)
            left = isinstance(error, ChatGone)
        else:
            left = message.kind is Kind.LEAVE
        if left and self._delivery.chat_gone:
            # Only now: a chat that is forgotten before would never be left after a restart.
            await self._delivery.chat_gone(message.to)

    async def _end(self, job_id: str) -> None:
        journal = self._delivery.journal
        job = await journal.job(job_id)
        adapter = self._adapter(job.reply_to) if job else None
        if job is None or adapter is None:
            return
        pictures = await journal.pictures(job_id) if job.state is JobState.DRAWN else []
        pictures = pictures and await asyncio.to_thread(_veiled, pictures)
        try:
            if job_id not in self._arrived:
                if await journal.sending(job_id):
                    log.warning("job %s: was being sent when the bot ended; it may repeat", job_id)
                self._arrived[job_id] = await self._insist(adapter, self._ending(job, pictures))
        except Rejected as error:
            self._count(job, "rejected")
            log.error("job %s: the platform refuses the result: %s", job_id, error)
            await self._give_up(job, adapter)
        except ChatGone as error:
            self._count(job, "gone")
            log.warning("job %s: its chat is gone: %s", job_id, error)
            await self._give_up(job, None)
            if self._delivery.chat_gone:
                await self._delivery.chat_gone(job.reply_to)
        except DeliveryError as error:
            self._count(job, "given_up")
            log.error("job %s: could not be delivered: %s", job_id, error)
            await self._give_up(job, None)
        except Exception:
            self._count(job, "given_up")
            log.exception("job %s: unexpected error in delivery", job_id)
            await self._give_up(job, adapter)
        else:
            if pictures is None:
                await self._refund(job)
            await journal.told(job, self._arrived[job_id].message_ids)
            self._count(job, "delivered")
            sent = ", ".join(self._arrived[job_id].message_ids)
            log.info("job %s: delivered to %s as %s", job_id, job.reply_to.chat, sent)

    @staticmethod
    def _count(job: Job, outcome: str) -> None:
        metrics.DELIVERED.labels(job.reply_to.platform, outcome).inc()

    def _ending(self, job: Job, pictures: list[Picture] | None) -> Outgoing:
        message = self._delivery.messages.end(
            job, pictures or (), is_demo=self._delivery.is_demo(job)
        )
        shown = self._status_ids.get(job.id, _NOT_SHOWN)
        return replace(message, remove=message.remove or (shown if shown != _NOT_SHOWN else None))

    async def _give_up(self, job: Job, adapter: ChatAdapter | None) -> None:
        await self._refund(job)
        if adapter is not None:
            try:
                await self._insist(adapter, self._delivery.messages.unsendable(job))
            except DeliveryError as error:
                log.warning("job %s: nobody could be told: %s", job.id, error)

    async def _refund(self, job: Job) -> None:
        async with self._delivery.database.transaction() as t:
            await self._delivery.ledger.refund(t, job.id)
            await self._delivery.journal.give_up(t, job.id)

    async def _insist(
        self,
        adapter: ChatAdapter,
        message: Outgoing,
        give_up_after_s: float = GIVE_UP_AFTER_S,
    ) -> Receipt:
        """Try until it arrived, with growing pauses, or as long as the platform says."""
        begun, pause = time.monotonic(), 1.0
        while True:
            try:
                return await adapter.deliver(message)
            except (Rejected, ChatGone):
                raise
            except DeliveryError as error:
                if time.monotonic() - begun > give_up_after_s:
                    raise
                wait = error.seconds if isinstance(error, RetryLater) else pause
                pause = min(pause * 2, LONGEST_PAUSE_S)
                metrics.RETRIED.labels(message.to.platform, type(error).__name__).inc()
                log.info("delivery: again in %.0f s: %s", wait, error)
                await asyncio.sleep(wait)

    def _adapter(self, to: ReplyTo) -> ChatAdapter | None:
        """None while the platform is not configured: what is due waits in the journal."""
        return self._delivery.adapters.get(to.platform)


def _veiled(pictures: list[Picture]) -> list[Picture]:
    """As a chat may see them."""
    return [
        replace(p, png=blurred(p.png), infotext="") if p.fate is Fate.BLURRED else p
        for p in pictures
    ]
