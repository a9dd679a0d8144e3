"""Brings messages to their chats: results first, status edits coalesced, retried until it arrived.

Each chat has an outbox of its own, so one chat's limit never holds up another. What must arrive
(how a job ended) is read from the journal again at every start until the member was told.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from bot import grid, logs, metrics
from bot.database import Database
from bot.domain import (
    LOCAL,
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
NOTE_GIVE_UP_AFTER_S = 600
LONGEST_PAUSE_S = 300.0
STORE_PAUSE_S = 5.0
IDLE_S = 900.0
"""A chat without messages keeps its outbox so long."""
Settled = Callable[[Receipt | None], Awaitable[None]]
"""Awaited once a message has arrived; or, with None, once it is given up."""
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
        told: Callable[[Job], Awaitable[None]] | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        """`told` is awaited once the result of a job has arrived and that is noted."""
        self.adapters = adapters
        self.database = database
        self.journal = journal
        self.ledger = ledger
        self.messages = messages
        self.pause = pause
        self.is_demo = is_demo
        self.chat_gone = chat_gone
        self.told = told
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

    def send(self, message: Outgoing, settled: Settled | None = None) -> None:
        """Bring a message to a chat, after the ends of jobs; tried while the program runs, not
        kept over a restart. Messages to one chat keep their order."""
        outbox = self._outbox(message.to, message.notify.user_id if message.notify else "")
        outbox.add_note(message, settled)

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
        self._notes: deque[tuple[Outgoing, Settled | None]] = deque()
        self._statuses: dict[str, tuple[Job, JobEvent]] = {}
        self._status_ids: dict[str, str] = {}
        self._arrived: dict[str, Receipt] = {}
        """Ends that are in the chat and not in the journal yet: never sent again."""
        self._ended: set[str] = set()
        self._next_edit = 0.0
        self._next_first = 0.0
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

    def add_note(self, message: Outgoing, settled: Settled | None) -> None:
        self._notes.append((message, settled))
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
            await self._note(*self._notes.popleft())
        elif due := self._due():
            await self._status(*self._statuses.pop(due))
        else:
            await self._sleep()

    def _due(self) -> str | None:
        """A job without a status message gets one at once, unless the platform wants a pause;
        edits wait for the chat's budget."""
        now = time.monotonic()
        if now >= self._next_first:
            for job_id, (job, _) in self._statuses.items():
                if not self._status_id(job):
                    return job_id
        if now < self._next_edit:
            return None
        return next((i for i, (job, _) in self._statuses.items() if self._status_id(job)), None)

    async def _sleep(self) -> None:
        self._wake.clear()
        left = self._delivery.idle_s
        if self._statuses:
            edits = any(self._status_id(job) for job, _ in self._statuses.values())
            firsts = not all(self._status_id(job) for job, _ in self._statuses.values())
            due = [self._next_edit] * edits + [self._next_first] * firsts
            left = min(due) - time.monotonic()
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
            # A result that comes meanwhile does not wait for this.
            if job.id not in self._ended:
                self._statuses.setdefault(job.id, (job, event))
            self._next_edit = time.monotonic() + min(error.seconds, LONGEST_PAUSE_S)
            if not known:
                self._next_first = self._next_edit
        except DeliveryError as error:
            log.info("job %s: status not shown: %s", job.id, error)
            # Without an id, the next event would be taken for the first one and sent anew.
            self._status_ids.setdefault(job.id, known or _NOT_SHOWN)
        else:
            if receipt.message_ids and not known:
                self._status_ids[job.id] = receipt.message_ids[0]
                await self._delivery.journal.set_status_message(job.id, receipt.message_ids[0])

    async def _note(self, message: Outgoing, settled: Settled | None) -> None:
        adapter = self._adapter(message.to)
        if adapter is None:
            return
        receipt, gone = None, message.kind is Kind.LEAVE
        patience = NOTE_GIVE_UP_AFTER_S
        if message.kind is Kind.RESULT:
            message, patience = await _shown(message), GIVE_UP_AFTER_S
        try:
            receipt = await self._insist(adapter, message, patience)
        except DeliveryError as error:
            log.warning("a %s could not be delivered: %s", message.kind, error)
            gone = isinstance(error, ChatGone)
        if settled is not None:
            await settled(receipt)
        if gone and self._delivery.chat_gone:
            # Only now: a chat that is forgotten before would never be left after a restart.
            await self._delivery.chat_gone(message.to)

    async def _end(self, job_id: str) -> None:
        journal = self._delivery.journal
        job = await journal.job(job_id)
        adapter = self._adapter(job.reply_to) if job else None
        if job is None or adapter is None:
            return
        pictures = await journal.pictures(job_id) if job.state is JobState.DRAWN else []
        try:
            if job_id not in self._arrived:
                if await journal.sending(job_id):
                    log.warning("job %s: was being sent when the bot ended; it may repeat", job_id)
                ending = await self._ending(job, pictures)
                self._arrived[job_id] = await self._insist(adapter, ending)
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
        except StoreError:
            raise  # the store may work again; the picture is on the disk
        except Exception:
            self._count(job, "given_up")
            log.exception("job %s: unexpected error in delivery", job_id)
            await self._give_up(job, adapter)
        else:
            if pictures is None:
                await self._refund(job)
            seen = [p.index for p in pictures or () if not p.fate.hidden]
            await journal.told(job, self._arrived[job_id].message_ids, seen)
            self._count(job, "delivered")
            sent = ", ".join(self._arrived[job_id].message_ids)
            log.info("job %s: delivered to %s as %s", job_id, job.reply_to.chat, sent)
            if self._delivery.told is not None:
                await self._delivery.told(job)

    @staticmethod
    def _count(job: Job, outcome: str) -> None:
        metrics.DELIVERED.labels(job.reply_to.platform, outcome).inc()

    async def _ending(self, job: Job, pictures: list[Picture] | None) -> Outgoing:
        message = self._delivery.messages.end(
            job, pictures or (), is_demo=self._delivery.is_demo(job)
        )
        shown = self._status_ids.get(job.id, _NOT_SHOWN)
        message = replace(
            message, remove=message.remove or (shown if shown != _NOT_SHOWN else None)
        )
        return await _shown(message)

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


def _veiled(pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """As a chat may see them."""
    return tuple(
        replace(p, png=blurred(p.png), infotext="") if p.fate is Fate.BLURRED else p
        for p in pictures
    )


async def _shown(message: Outgoing) -> Outgoing:
    """As a chat may see it, with a grid of a few pictures where they are to be looked at."""
    message = replace(message, pictures=await asyncio.to_thread(_veiled, message.pictures))
    pngs = [p.png for p in message.pictures]
    if not 1 < len(pngs) <= grid.MOST or message.as_file or message.to.platform in LOCAL:
        return message
    try:
        return replace(message, grid=await asyncio.to_thread(grid.grid, pngs))
    except OSError:
        log.exception("job %s: its pictures make no grid and go one by one", message.job_id)
        return message
