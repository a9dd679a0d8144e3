"""Requests whose words an admin reads first: shown in private, released, or ended with the credits
back."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.access import Doorkeeper
from bot.audit import Audit
from bot.database import Database, Transaction
from bot.domain import (
    Answer,
    Failed,
    Failure,
    Held,
    Job,
    JobEvent,
    Kind,
    Outgoing,
    Platform,
    Press,
    Queued,
    ReplyTo,
    Requester,
)
from bot.errors import StoreError
from bot.job_queue import JobQueue, Pace
from bot.journal import Journal
from bot.members.seen import Members
from bot.phrase import Phrase, phrase
from bot.preferences import Preferences, PreferenceStore
from bot.quota.held_prompts import HeldPrompt, HeldPrompts
from bot.quota.ledger import Ledger
from bot.quota.limits import MODERATION
from bot.removal import Removal
from bot.replies import language_for, say
from bot.replies.answers import answer
from bot.replies.buttons import worded_button
from bot.replies.messages import PROMPT_DECISIONS, shortened

log = logging.getLogger(__name__)

PROMPT_SHOWN = 1200
"""Characters of each prompt that admins are shown."""


class PromptReview:
    """Asks admins, and does what they say. Pressing twice, or after another admin, changes
    nothing; what is kept survives a restart."""

    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        queue: JobQueue,
        pace: Pace,
        held: HeldPrompts,
        doorkeeper: Doorkeeper,
        members: Members,
        preferences: PreferenceStore,
        removal: Removal,
        tell: Callable[[Job, JobEvent], None],
        send: Callable[[Outgoing], None],
        language: str = "auto",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._queue = queue
        self._pace = pace
        self._held = held
        self._doorkeeper = doorkeeper
        self._members = members
        self._preferences = preferences
        self._removal = removal
        self._tell = tell
        self._send = send
        self._language = language
        self._clock = clock
        self.handlers: dict[str, Callable[[Press, Preferences], Awaitable[Answer]]] = {
            "prompt-show": self._show,
            "prompt-release": self._release,
            "prompt-delete": self._delete,
        }

    async def hold(self, job: Job, held: HeldPrompt) -> None:
        """Tell the member that it waits, and the operators in private what it is about; the chat's
        admins find buttons below the member's message."""
        self._tell(job, Held())
        for account in sorted(await self._doorkeeper.operators()):
            platform, _, user_id = account.partition(":")
            operator = Requester(platform=Platform(platform), user_id=user_id)
            kept = await self._preferences.of("", account)
            language = kept.language or await self._members.language_of(operator)
            await self._write(replace(operator, language=language), job, held)

    async def expire(self, now: float) -> None:
        """End what nobody looked at in time."""
        for job_id in await self._held.over(now):
            job = await self._journal.job(job_id)
            if job is not None and await self._end(job, "prompt-held-expired", MODERATION):
                log.info("job %s: no admin looked at it in time", job_id)

    # Buttons ---------------------------------------------------------------------------------

    async def _show(self, press: Press, _: Preferences) -> Answer:
        job, held = await self._of(press)
        if job is None or held is None:
            return answer(press.requester, phrase("prompt-held-over"))
        if not await self._may(press, job):
            return answer(press.requester, phrase("admins-only"))
        if press.reply_to.platform is Platform.TELEGRAM and not press.reply_to.private:
            # An alert has room for 200 characters.
            decides = await self._doorkeeper.is_operator(press.requester)
            await self._write(press.requester, job, held, decides=decides)
            return answer(press.requester, phrase("told-aside"))
        chat = await self._doorkeeper.named(job.reply_to)
        return answer(press.requester, _shown(job, held, chat))

    async def _release(self, press: Press, _: Preferences) -> Answer:
        job, _held = await self._of(press)
        if job is None:
            return answer(press.requester, phrase("prompt-held-over"))
        if not await self._may(press, job):
            return answer(press.requester, phrase("admins-only"))
        async with self._database.transaction() as t:
            taken = await HeldPrompts.take(t, job.id)
            if taken:
                await _record(t, press.requester.account, job, "released")
        if not taken:
            return answer(press.requester, phrase("prompt-held-over"))
        self._queue.put(job)
        jobs, work = self._queue.ahead(job.id)
        self._tell(job, Queued(position=jobs, eta_s=self._pace.seconds(work)))
        log.info("job %s: released by %s", job.id, press.requester.account)
        return answer(press.requester, phrase("prompt-held-released"))

    async def _delete(self, press: Press, _: Preferences) -> Answer:
        job, _held = await self._of(press)
        if job is None:
            return answer(press.requester, phrase("prompt-held-over"))
        if not await self._may(press, job):
            return answer(press.requester, phrase("admins-only"))
        if not await self._end(job, "prompt-held-refused", press.requester.account):
            return answer(press.requester, phrase("prompt-held-over"))
        log.info("job %s: refused by %s", job.id, press.requester.account)
        return answer(press.requester, phrase("prompt-held-deleted"))

    # In common -------------------------------------------------------------------------------

    async def _of(self, press: Press) -> tuple[Job | None, HeldPrompt | None]:
        return await self._journal.job(press.job_id), await self._held.of(press.job_id)

    async def _may(self, press: Press, job: Job) -> bool:
        here = press.reply_to.chat == job.reply_to.chat
        return (here and press.is_chat_admin) or await self._doorkeeper.is_operator(press.requester)

    async def _end(self, job: Job, key: str, by: str) -> bool:
        """End a request that waits, with its credits back; False where it does not wait."""
        failure = Failure(key=key, incident="")
        async with self._database.transaction() as t:
            if not await HeldPrompts.take(t, job.id):
                return False
            await self._ledger.refund(t, job.id)
            await self._journal.end_failed(t, job.id, failure)
            await _record(t, by, job, "refused")
        self._tell(job, Failed(failure=failure))
        try:
            await self._removal.drop_source(job)
        except StoreError:
            log.exception("job %s: its source picture could not be deleted", job.id)
        return True

    async def _write(
        self, who: Requester, job: Job, held: HeldPrompt, *, decides: bool = True
    ) -> None:
        """Show a request to somebody in their private chat. An admin of the chat `decides` there,
        where Telegram and Discord vouch for their rank."""
        language = language_for(who.language, self._language)
        actions = PROMPT_DECISIONS if decides else ()
        chat = await self._doorkeeper.named(job.reply_to)
        self._send(
            Outgoing(
                kind=Kind.NOTE,
                to=ReplyTo(platform=who.platform, chat_id="", message_id="", private=True),
                text=say(_shown(job, held, chat), language),
                notify=who,
                buttons=tuple(worded_button(a, job.id, language) for a in actions),
            )
        )


def _shown(job: Job, held: HeldPrompt, chat: Phrase | str) -> Phrase:
    spec = job.spec
    negative = shortened(spec.negative_prompt, PROMPT_SHOWN)
    return phrase(
        "prompt-held-shown",
        who=job.requester.name or job.requester.account,
        account=job.requester.account,
        chat=chat,
        category=phrase(f"category-{held.category}"),
        prompt=shortened(spec.prompt, PROMPT_SHOWN),
        negative=phrase("prompt-held-negative", words=negative) if negative else "",
    )


async def _record(t: Transaction, by: str, job: Job, after: str) -> None:
    await Audit.record(
        t,
        account=by,
        act="prompt-held",
        target=job.requester.account,
        before="held",
        after=after,
        chat=job.reply_to.chat,
    )
