"""Pictures that wait for an admin: who may decide is asked, and what they decide is done.

All that has to be said follows from the rows of `holds`, so that a new start says what the last one
could not.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cache, partial

from bot.domain import Answer, Fate, Job, JobState, Kind, Outgoing, Picture, Press, Receipt
from bot.errors import StoreError
from bot.holds import Hold, Holds, Why
from bot.journal import Journal
from bot.moderators import Moderators
from bot.phrase import phrase
from bot.picture_store import PictureStore
from bot.pictures import cover
from bot.preferences import Preferences
from bot.quota.limits import MODERATION
from bot.removal import Removal
from bot.replies import held, language_for
from bot.replies.answers import answer
from bot.replies.messages import Messages

log = logging.getLogger(__name__)

Settled = Callable[[Receipt | None], Awaitable[None]]
"""Awaited once a message has arrived, or (None) will not."""
Send = Callable[[Outgoing, Settled | None], None]


class Holding:
    """Asks, and does what is answered."""

    def __init__(
        self,
        *,
        holds: Holds,
        journal: Journal,
        store: PictureStore,
        removal: Removal,
        moderators: Moderators,
        messages: Messages,
        send: Send,
        language: str = "auto",
    ) -> None:
        self._holds = holds
        self._journal = journal
        self._store = store
        self._removal = removal
        self._moderators = moderators
        self._messages = messages
        self._send = send
        self._language = language

    # Asking ------------------------------------------------------------------------------------

    async def ask(self, job: Job) -> None:
        """Ask about the pictures of `job` that wait, if nobody was asked yet; what was reported
        is taken out of the chat first."""
        try:
            waiting = [h for h in await self._holds.of(job.id) if not (h.asked or h.decided)]
            if waiting:
                await self._ask(job, waiting)
        except StoreError:
            log.exception("job %s: held pictures are asked about at the next start", job.id)

    async def _ask(self, job: Job, waiting: Sequence[Hold]) -> None:
        language = language_for(job.requester.language, self._language)
        why = max((h.why for h in waiting), key=lambda w: w is Why.REPORT)
        settled: list[Settled] = [partial(self._asked, job.id)]
        if why is Why.REPORT:
            for message_id in await self._journal.messages_of(job.id):
                self._take_away(job, message_id)
        if not job.reply_to.private:
            self._send(held.question(job, len(waiting), why, language), settled.pop())
        elif why is Why.REPORT:
            self._send(held.reported(job, language), settled.pop())
        pictures = await self._pictures(job.id, [h.picture for h in waiting])
        chat = await self._moderators.named(job.reply_to)
        for operator in await self._moderators.operators():
            own = language_for(operator.language, self._language)
            for picture in pictures:
                aside = held.shown_aside(job, picture, why, operator, _nonce(job), own, chat=chat)
                self._send(aside, settled.pop() if settled else None)
        if settled:  # nobody is there; the time will be up
            await self._holds.asked(job.id)

    def _take_away(self, job: Job, message_id: str, *, again: bool = False) -> None:
        """Out of the chat; an archived thread may open again by the question that follows."""
        language = language_for(job.requester.language, self._language)
        removal = held.removal(job, message_id, _cover(), language)

        async def settled(receipt: Receipt | None) -> None:
            if receipt is not None:
                return
            if not again:
                self._take_away(job, message_id, again=True)
                return
            log.error("job %s: message %s was reported and stays", job.id, message_id)
            self._send(held.stays(job, language), None)

        self._send(removal, settled)

    async def _asked(self, job_id: str, _: Receipt | None) -> None:
        await self._holds.asked(job_id)

    async def resume(self) -> None:
        """Say what the last run could not."""
        for job_id in dict.fromkeys(h.job_id for h in await self._holds.unsaid()):
            job = await self._journal.job(job_id)
            if job is None:
                continue
            await self.ask(job)
            for decided in (Fate.RELEASED, Fate.DELETED):
                ended = [h.picture for h in await self._holds.of(job_id) if h.decided is decided]
                if ended:
                    await self._tell(job, ended, decided)

    async def expire(self) -> None:
        """Delete what nobody decided about in time."""
        for job_id in await self._holds.overdue():
            job = await self._journal.job(job_id)
            if job is not None:
                ended = await self._holds.decide(job, Fate.DELETED, by=MODERATION)
                log.info("job %s: nobody released %d held pictures", job_id, len(ended))
                await self._tell(job, ended, Fate.DELETED)

    # Deciding ----------------------------------------------------------------------------------

    async def release(self, press: Press, _: Preferences) -> Answer:
        """The button "Release": the pictures are shown."""
        return await self._decide(press, Fate.RELEASED)

    async def discard(self, press: Press, _: Preferences) -> Answer:
        """The button "Delete": nobody will see them, and their credits are back."""
        return await self._decide(press, Fate.DELETED)

    async def look(self, press: Press, _: Preferences) -> Answer:
        """The button "Look": the pictures come to the private chat of who may decide."""
        job, _index = await self._meant(press)
        if job is None:
            return answer(press.requester, phrase("button-unknown"))
        if not await self._moderators.may_decide(press, job.reply_to):
            return answer(press.requester, phrase("held-admins-only"))
        waiting = [h for h in await self._holds.of(job.id) if h.decided is None]
        if not waiting:
            return await self._over(press, job, None)
        language = language_for(press.requester.language, self._language)
        why, who = waiting[0].why, press.requester
        chat = await self._moderators.named(job.reply_to)
        for picture in await self._pictures(job.id, [h.picture for h in waiting]):
            nonce = _nonce(job)
            self._send(held.shown_aside(job, picture, why, who, nonce, language, chat=chat), None)
        return answer(press.requester, phrase("held-look-sent"))

    async def _decide(self, press: Press, decided: Fate) -> Answer:
        job, index = await self._meant(press)
        if job is None:
            return answer(press.requester, phrase("button-unknown"))
        if not await self._moderators.may_decide(press, job.reply_to):
            return answer(press.requester, phrase("held-admins-only"))
        by = press.requester.account
        ended = await self._holds.decide(job, decided, by=by, only=index)
        if not ended:
            return await self._over(press, job, index)
        log.info("job %s: pictures %s %s by %s", job.id, ended, decided, by)
        self._close_question(press, job, decided)
        await self._tell(job, ended, decided)
        return answer(press.requester, phrase(f"held-{decided}", count=len(ended)))

    async def _meant(self, press: Press) -> tuple[Job | None, int | None]:
        """The job of a button, and its picture if it is about one of them only."""
        job_id, _, index = press.argument.partition(":")
        return await self._journal.job(job_id), int(index) if index.isdecimal() else None

    async def _over(self, press: Press, job: Job, index: int | None) -> Answer:
        """Somebody was faster."""
        listed = await self._journal.listed(job.id)
        meant = [p.fate for p in listed if index in (None, p.index)]
        # A released one may be covered or blurred again, as it was before.
        ends = (Fate.RELEASED, Fate.DELETED, Fate.SPOILER, Fate.BLURRED)
        known = next((end for end in ends if end in meant), None)
        told = "over" if known is None else "deleted" if known is Fate.DELETED else "released"
        return answer(press.requester, phrase(f"held-already-{told}"))

    def _close_question(self, press: Press, job: Job, decided: Fate) -> None:
        """The buttons go; a deleted picture also from the private chat of who deleted it."""
        to, language = press.reply_to, language_for(press.requester.language, self._language)
        if not to.message_id:
            return
        if to.private and decided is Fate.DELETED:
            self._send(Outgoing(kind=Kind.REMOVE, to=to, remove=to.message_id), None)
        else:
            self._send(held.decided(to, decided, press.requester, language), None)

    # Telling -----------------------------------------------------------------------------------

    async def _tell(self, job: Job, ended: Sequence[int], decided: Fate) -> None:
        """Show what was released, or say that it is gone."""
        language = language_for(job.requester.language, self._language)
        if decided is Fate.RELEASED:
            pictures = await self._pictures(job.id, ended)
            if pictures:
                nonce = f"{job.id}-{await self._mark(job.id):x}-{ended[0]}"
                message = self._messages.released(job, pictures, nonce)
                self._send(message, partial(self._shown, job, ended))
                return
            await self._holds.told(job.id, ended, lost=True)
            self._send(held.lost(job, language), None)
            return
        await self._removal.delete(job.id, only=ended)
        if job.state is JobState.DELIVERED:
            self._send(held.deleted(job, len(ended), language), partial(self._told, job, ended))
        else:  # its chat is gone, or it was given up
            await self._holds.told(job.id, ended)

    async def _shown(self, job: Job, ended: Sequence[int], receipt: Receipt | None) -> None:
        if receipt is not None:
            await self._journal.shown(job, receipt.message_ids, ended)
        await self._holds.told(job.id, ended, lost=receipt is None)

    async def _told(self, job: Job, ended: Sequence[int], _: Receipt | None) -> None:
        await self._holds.told(job.id, ended)

    async def _mark(self, job_id: str) -> int:
        """Another one each time that the pictures of a job are held."""
        return round(max((h.until for h in await self._holds.of(job_id)), default=0)) & 0xFFFFFF

    async def _pictures(self, job_id: str, wanted: Sequence[int]) -> list[Picture]:
        """With their bytes, whatever their fate; what is gone from the disk is left out."""
        files = await self._holds.files(job_id)
        return [
            replace(picture, png=png)
            for picture in await self._journal.listed(job_id)
            if picture.index in wanted and (png := await self._store.get(files[picture.index]))
        ]


def _nonce(job: Job) -> str:
    """Of a message that may be sent again on purpose."""
    return f"{job.id}-{secrets.token_hex(4)}"


@cache
def _cover() -> Picture:
    return Picture(index=0, png=cover(), seed=0, infotext="")
