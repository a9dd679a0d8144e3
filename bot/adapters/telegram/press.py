"""Presses on buttons: acknowledged soon, answered as privately as Telegram can."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram.error import TelegramError

from bot.adapters.telegram.answers import Then
from bot.adapters.telegram.api import Api
from bot.adapters.telegram.parse import Pressed
from bot.adapters.telegram.rights import Rights
from bot.adapters.telegram.text import ALERT_UNITS, shorten, units
from bot.adapters.telegram.timing import Timing
from bot.conversation import Conversation
from bot.domain import Answer, Kind, Outgoing, Press, Receipt
from bot.phrase import phrase

log = logging.getLogger(__name__)

_TAKEN = phrase("telegram-press-taken")
_FOR_POSTERS = phrase("telegram-press-of-reader")
_PASSING_UNITS = 40
"""What is no longer goes by itself; nobody has to close it."""
_FOR_ADMINS = frozenset({"cancel", "delete", "edit"})
"""Who is about to be refused these is asked about anew."""


class Pressing:
    """Hands presses to the conversation. `bring` sends a message, and tells when it has arrived."""

    def __init__(
        self,
        *,
        api: Api,
        rights: Rights,
        conversation: Conversation,
        bring: Callable[[Outgoing, Then | None], Awaitable[None]],
        timing: Timing,
    ) -> None:
        self._api = api
        self._rights = rights
        self._conversation = conversation
        self._bring = bring
        self._timing = timing

    async def __call__(self, pressed: Pressed) -> None:
        """Show the answer as an alert, the nearest thing to a private reply; a few words,
        such as that a picture is on its way, go by themselves.

        A query can be answered once, and soon: what takes longer, what is to be copied and is
        too long for an alert, files and forms come as messages.
        """
        press = pressed.press
        if press is None:
            await self._acknowledge(pressed.query_id, "")
            return
        work = asyncio.create_task(self._pressed(press, is_post=pressed.is_post))
        try:
            await asyncio.wait({work}, timeout=self._timing.press_s)
            soon = work.result() if work.done() else Answer()
            alert, hint = _alert(soon), ""
            if soon.job_id and not alert:
                hint = self._conversation.words(press.requester, _TAKEN)
            is_long = units(alert) > _PASSING_UNITS
            await self._acknowledge(pressed.query_id, alert or hint, alert=is_long)
            answer = await work
        finally:
            work.cancel()
        if pressed.is_post:  # whoever posts there stays unnamed
            press = replace(press, requester=replace(press.requester, name=""))
        await self._show(press, replace(answer, text="") if alert else answer)

    async def _pressed(self, press: Press, *, is_post: bool) -> Answer:
        if not press.reply_to.private:
            try:
                is_admin = await self._rights.is_admin(
                    press.reply_to.chat_id,
                    press.requester.user_id,
                    doubt_no=press.action in _FOR_ADMINS,
                )
                press = replace(press, is_chat_admin=is_admin)
            except TelegramError as error:
                log.info("telegram: permissions unknown: %s", type(error).__name__)
        if is_post and not press.is_chat_admin:
            # What a button asks for becomes a post, and those are not for readers to make.
            return Answer(text=self._conversation.words(press.requester, _FOR_POSTERS))
        return await self._conversation.press(press)

    async def _show(self, press: Press, answer: Answer) -> None:
        note = Outgoing(
            kind=Kind.NOTE, to=press.reply_to, job_id=press.job_id, notify=press.requester
        )
        if answer.text:
            await self._bring(replace(note, text=answer.text), None)

        async def shows(about: Receipt) -> None:
            await self._conversation.shows(press, about.message_ids)

        if answer.files:
            await self._bring(replace(note, pictures=answer.files, as_file=True), shows)
        elif answer.form is not None:
            await self._bring(replace(note, form=answer.form), shows)

    async def _acknowledge(self, query_id: str, text: str, *, alert: bool = False) -> None:
        try:
            await self._api.answer_callback_query(
                query_id, shorten(text, ALERT_UNITS) or None, show_alert=alert
            )
        except TelegramError as error:
            # Too late (a replay after a restart), or the network: the press itself still counts.
            log.info("telegram: button not answered: %s: %s", type(error).__name__, error)


def _alert(answer: Answer) -> str:
    return "" if answer.verbatim and units(answer.text) > ALERT_UNITS else answer.text
