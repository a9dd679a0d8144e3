"""A running bot: its parts, what it takes up at its start, and what it does by the hour."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from functools import partial

import msgspec

from bot.access import Doorkeeper
from bot.admin import Admin
from bot.config import Config
from bot.conversation import Conversation
from bot.delivery import Delivery
from bot.domain import Finished, Held, JobState, Platform, ReplyTo
from bot.errors import ConfigError, RenderError, StoreError
from bot.gallery import Gallery
from bot.inbox import Inbox
from bot.insist import insist
from bot.job_queue import Flow, JobQueue, Pace
from bot.journal import Journal
from bot.members.forget import Forgetting
from bot.picture_moderation import PictureModeration
from bot.picture_store import PictureStore
from bot.ports import ChatAdapter
from bot.prompt_review import PromptReview
from bot.quota.held_prompts import HeldPrompts
from bot.quota.ledger import Ledger
from bot.quota.strikes import Strikes
from bot.quota.windows import day_of
from bot.render.client import RenderClient
from bot.settings import Settings
from bot.worker import Worker

log = logging.getLogger(__name__)

LEAVE_UNAPPROVED_AFTER_S = 7 * 24 * 3600
HOUSEKEEPING_EVERY_S = 3600.0
SUMS_KEPT_S = 40 * 24 * 3600
"""Sums of older days limit nothing; the ledger's rows stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The parts of a running bot that its owner and tests talk to."""

    config: Config
    conversation: Conversation
    doorkeeper: Doorkeeper
    settings: Settings
    admin: Admin
    journal: Journal
    gallery: Gallery
    ledger: Ledger
    inbox: Inbox
    store: PictureStore
    queue: JobQueue
    worker: Worker
    delivery: Delivery
    renderer: RenderClient
    adapters: dict[Platform, ChatAdapter]
    forgetting: Forgetting
    strikes: Strikes
    held_prompts: HeldPrompts
    review: PromptReview
    moderation: PictureModeration
    pace: Pace


async def run(app: App, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then jobs in the renderer go back to waiting.

    Raises:
        ConfigError: a platform refuses its token, a port is in use, the device is not there.
    """
    await recover(app)
    # The renderer ends last: jobs that leave it by cancellation go back to waiting, while a
    # renderer that went first would look like a crash to them.
    async with app.renderer, asyncio.TaskGroup() as group:
        tasks = [group.create_task(a.run(), name=str(p)) for p, a in app.adapters.items()]
        tasks.append(group.create_task(app.worker.run(), name="worker"))
        tasks.append(group.create_task(_housekeeping(app), name="housekeeping"))
        tasks.append(group.create_task(_remember_catalog(app), name="catalogue"))
        await stop.wait()
        for task in tasks:
            task.cancel()


async def recover(app: App) -> None:
    """Whatever the last run left unfinished goes on: waiting jobs wait, drawn ones are sent."""
    app.queue.restore(map(Flow._make, await app.journal.turns()))
    held = await app.held_prompts.waiting()
    jobs, damaged = await app.journal.leftovers()
    for job_id in damaged:
        await insist(partial(app.worker.ends.set_aside, job_id), f"job {job_id}: its end")
    for job in jobs:
        match job.state:
            case JobState.WAITING if job.id in held:
                app.delivery.tell(job, Held())
            case JobState.WAITING:
                app.queue.put(job, first=job.rank < 0)
            case JobState.DRAWING:
                again = partial(app.journal.back_to_waiting, job.id)
                await insist(again, f"job {job.id}: its way back in line")
                app.queue.put(job, first=True)
            case _:
                app.delivery.tell(job, Finished(seconds=job.seconds))
    await app.moderation.holding.resume()


async def _remember_catalog(app: App) -> None:
    """For the command line beside this bot, and for the next start if this one is killed.

    Raises:
        ConfigError: `[render]` asks for what this machine cannot do.
    """
    try:
        await app.renderer.wait_ready()
    except RenderError:
        if app.renderer.wrong_setting:
            raise ConfigError(app.renderer.wrong_setting) from None
        return
    with contextlib.suppress(StoreError):
        await app.settings.set_fact("catalog", msgspec.json.encode(app.renderer.catalog).decode())


async def _housekeeping(app: App) -> None:
    while True:
        try:
            await housekeep(app, time.time())
        except StoreError:
            log.exception("housekeeping: will be tried again")
        await asyncio.sleep(HOUSEKEEPING_EVERY_S)


async def housekeep(app: App, now: float) -> None:
    """Leave chats that nobody approved, drop old pictures and settled updates."""
    for chat in await app.settings.chats():
        if not chat.approved and chat.asked_at < now - LEAVE_UNAPPROVED_AFTER_S:
            to = ReplyTo(platform=chat.platform, chat_id=chat.chat_id, message_id="")
            if not await app.doorkeeper.chat_allowed(to):
                app.conversation.leave(chat.platform, chat.chat_id)
    storage = app.config.storage
    oldest = now - storage.keep_days * 86400
    swept = await app.store.sweep(
        older_than=oldest,
        most_bytes=round(storage.keep_gb * 1e9),
        keep=await app.journal.needed(),
    )
    if swept:
        log.info("housekeeping: %d old pictures deleted", swept)
    await app.ledger.tidy(day_of(now - SUMS_KEPT_S, app.config.quota.timezone))
    await app.inbox.forget_before(now - 7 * 86400, set_aside=oldest)
    await app.strikes.tidy(now)
    await app.review.expire(now)
    await app.moderation.holding.expire()
    await app.forgetting.finish(backups_before=oldest)
