"""Buttons that draw: again, another variation, larger, with other words.

Whoever presses asks for a picture of their own: a new job, at their cost, that replies to the
message they pressed.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from bot.asking import Asking
from bot.domain import PRESSED, Answer, Incoming, Job, Press
from bot.editing import edit_form
from bot.intake import Asked, Intake
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.presses import ButtonRights
from bot.replies import language_for
from bot.replies.buttons import EDIT, UPSCALE
from bot.resolve.again import asked_again

TWICE_S = 3.0
"""The same button pressed by the same member within this time is one request."""


class Redraw:
    """Makes a request of a press."""

    def __init__(
        self,
        *,
        asking: Asking,
        intake: Intake,
        journal: Journal,
        rights: ButtonRights,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asking = asking
        self._intake = intake
        self._journal = journal
        self._rights = rights
        self._clock = clock
        self._lately: dict[tuple[object, ...], tuple[str, float]] = {}
        """What was pressed where, by whom, with the key of the request that it became."""

    async def press(self, press: Press, held: Preferences) -> Answer:
        """`again`, `vary`, `upscale`, or `edit`: its button, and then its form.

        Raises:
            Refusal: not theirs to press, or it cannot be drawn; nothing is charged.
        """
        job = await self._rights.job(press, held)
        await self._rights.pictures(job, press)
        press = _in_its_topic(press, job)
        if press.action == EDIT and press.fields is None:
            return Answer(form=edit_form(job, press.index, language_for(press.requester.language)))
        incoming = self._incoming(press)
        if press.fields is not None:
            asked = await self._asking.edited(incoming, held, job, press.index, press.fields)
        elif press.action == UPSCALE and not await self._journal.picture(job.id, press.index):
            return await self.once_more(press, held, job, press.index)
        else:
            asked = await self._asking.about(incoming, held, press.action, job, press.index)
        return await self._submit(asked)

    async def once_more(
        self,
        press: Press,
        held: Preferences,
        job: Job,
        index: int | None = None,
        *,
        as_file: bool = False,
    ) -> Answer:
        """Draw the very picture again (`index` None: all of the job), as its file is gone."""
        press = _in_its_topic(press, job)
        asked = await self._asking.about(self._incoming(press), held, "again", job, index or 0)
        same = asked_again(job.spec, index or 0)
        request = replace(
            asked.parsed.request,
            seed=same.seed,
            subseed=same.subseed,
            count=job.spec.count if index is None else 1,
            as_file=as_file,
            spoiler=job.spoiler,
        )
        notes = (*asked.parsed.notes, phrase("redrawn-gone"))
        parsed = replace(asked.parsed, request=request, notes=notes)
        return await self._submit(replace(asked, parsed=parsed))

    async def _submit(self, asked: Asked) -> Answer:
        return Answer(job_id=(await self._intake.submit(asked)).job_id, private=False)

    def _incoming(self, press: Press) -> Incoming:
        return Incoming(
            key=f"{PRESSED}{self._key(press)}",
            command=press.action,
            requester=press.requester,
            reply_to=press.reply_to,
            chat_title=press.chat_title,
            replied_message_id=press.reply_to.message_id or None,
            is_chat_admin=press.is_chat_admin,
            roles=press.roles,
            received_at=press.received_at,
        )

    def _key(self, press: Press) -> str:
        """The key of this press, or of the one that it repeats."""
        now, to = self._clock(), press.reply_to
        self._lately = {k: v for k, v in self._lately.items() if now - v[1] < TWICE_S}
        fields = tuple(sorted((press.fields or {}).items()))
        what = (to.chat, to.chat_id, to.message_id, press.action, press.argument, fields)
        return self._lately.setdefault((*what, press.requester.account), (press.key, now))[0]


def _in_its_topic(press: Press, job: Job) -> Press:
    """Telegram tells of old messages that they are there, and not in which topic."""
    to, was = press.reply_to, job.reply_to
    if to.thread_id or (to.platform, to.chat_id) != (was.platform, was.chat_id):
        return press
    return replace(press, reply_to=replace(to, thread_id=was.thread_id))
