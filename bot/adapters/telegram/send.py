"""Brings what the bot says to Telegram: new messages, edits of status messages, removals."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from telegram import InputMediaPhoto
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.ask import ask
from bot.adapters.telegram.background import Background
from bot.adapters.telegram.budget import MOST, Budget, price
from bot.adapters.telegram.errors import Reason, reason, translate
from bot.adapters.telegram.nods import Nods
from bot.adapters.telegram.post import NO_LINKS, Post, keyboard, place_of
from bot.adapters.telegram.removals import Removals
from bot.adapters.telegram.results import Results
from bot.adapters.telegram.take_away import take_away
from bot.adapters.telegram.text import CAPTION_UNITS, MESSAGE_UNITS, neutral, shorten
from bot.adapters.telegram.timing import Timing
from bot.conversation import Conversation
from bot.domain import Kind, Outgoing, Platform, Press, Receipt, Requester
from bot.errors import DeliveryError, DoubtfulSend, RetryLater
from bot.phrase import Phrase, phrase

log = logging.getLogger(__name__)

REDUCE_TRIES = 5


class Sender:
    """`deliver` for the adapter."""

    def __init__(self, api: Api, conversation: Conversation, timing: Timing) -> None:
        self._api = api
        self._conversation = conversation
        self._timing = timing
        self._budget = Budget(timing.window_s)
        self.nods = Nods(api, self._budget, timing)
        self._post = Post(api, self._migrated)
        self._results = Results(api, self._post, self._words, timing)
        self._with_preview: set[tuple[str, str]] = set()
        """Chat and id of status messages that are pictures now: their text is a caption."""
        self._removals = Removals(api, self._budget, timing, self._stays)
        self._background = Background()

    async def deliver(self, message: Outgoing) -> Receipt:
        """Send, edit or leave.

        Raises:
            RetryLater, DoubtfulSend, Rejected, ChatGone: see `bot.errors`.
        """
        chat, (most, calls) = message.to.chat_id, price(message)
        if (seconds := self._budget.wait(chat, most, calls)) > 0:
            raise RetryLater(seconds, f"enough was said in chat {chat}")
        self._budget.spend(chat, calls)
        try:
            receipt = await self._deliver(replace(message, text=neutral(message.text)))
        except TelegramError as error:
            raise self._told(chat, translate(error), error) from error
        except RetryLater as error:
            raise self._told(chat, error, error.__cause__) from error.__cause__
        self.nods.spoke(message.to)
        return receipt

    async def _deliver(self, message: Outgoing) -> Receipt:
        if message.kind is Kind.LEAVE:
            return await self._leave(message)
        if message.kind is Kind.REMOVE:
            return await self._take_away(message)
        if message.kind is Kind.RESULT:
            return await self._result(message)
        if message.pictures:
            return await self._results.send(message)
        if message.edit:
            return await self._edit(message, message.edit)
        if message.form:
            words = self._question(message)
            sent = await ask(self._api, self._post, message, message.form, words)
        else:
            silent = message.kind is Kind.STATUS
            sent = await self._post.text(message, message.text, silent=silent)
        return Receipt(message_ids=(str(sent.message_id),))

    def _told(self, chat: str, told: DeliveryError, why: BaseException | None) -> DeliveryError:
        """`told`; and nothing more is said in a chat that Telegram wants to be quiet."""
        if isinstance(told, RetryLater) and isinstance(why, RetryAfter):
            self._budget.hold(chat, min(told.seconds, self._timing.flood_s))
        return told

    async def close(self) -> None:
        """Give up what still waits for its time."""
        await self.nods.close()
        await self._removals.close()
        await self._background.close()

    async def _result(self, message: Outgoing) -> Receipt:
        if message.pictures:
            receipt = await self._results.send(message)
        else:
            receipt = await self._ending(message)
        status = message.remove if message.remove not in receipt.message_ids else None
        if len(receipt.message_ids) > 1 and message.buttons:
            self._background.start(
                self._buttons_apart(message, status or ""), "telegram album buttons"
            )
        elif status and status.isdecimal():
            self._with_preview.discard((message.to.chat_id, status))
            self._removals.add(message)
        return receipt

    async def _ending(self, message: Outgoing) -> Receipt:
        """Say how a job ended without pictures."""
        try:
            sent = await self._post.text(message, message.text)
        except TelegramError as error:
            told = translate(error)
            if not isinstance(told, DoubtfulSend) or not message.remove:
                raise
            return await self._edit(message, message.remove)
        return Receipt(message_ids=(str(sent.message_id),))

    # Edits: harmless to repeat -----------------------------------------------------------------

    async def _edit(self, message: Outgoing, id_: str) -> Receipt:
        """Edit; a message that is gone, or says so already, is as good as edited."""
        if id_.isdecimal():
            try:
                await self._rewrite(message, id_)
            except TelegramError as error:
                if reason(error) not in (Reason.NOT_MODIFIED, Reason.MESSAGE_GONE):
                    raise translate(error, repeatable=True) from error
        return Receipt(message_ids=(id_,))

    async def _rewrite(self, message: Outgoing, id_: str) -> None:
        chat, number = place_of(message).chat_id, int(id_)
        buttons = keyboard(message.buttons)
        caption = shorten(message.text, CAPTION_UNITS)
        known = (message.to.chat_id, id_)
        if message.preview:
            picture = InputMediaPhoto(
                message.preview, caption=caption, has_spoiler=message.spoiler or None
            )
            await self._api.edit_message_media(
                picture,
                chat_id=chat,
                message_id=number,
                reply_markup=buttons,
                read_timeout=self._timing.media_s,
            )
            self._with_preview.add(known)
            return
        if known not in self._with_preview:
            try:
                text = shorten(message.text, MESSAGE_UNITS)
                await self._api.edit_message_text(
                    text,
                    chat_id=chat,
                    message_id=number,
                    reply_markup=buttons,
                    link_preview_options=NO_LINKS,
                )
                return
            except BadRequest as error:
                if reason(error) is not Reason.NOT_A_TEXT:
                    raise
                self._with_preview.add(known)
        await self._api.edit_message_caption(chat, number, caption=caption, reply_markup=buttons)

    async def _stays(self, message: Outgoing) -> None:
        """A status message cannot be deleted: mostly as it is older than 48 hours."""
        if message.remove and message.remove_text:
            short = replace(message, text=message.remove_text, buttons=())
            await self._reduce(short, message.remove)

    async def _buttons_apart(self, message: Outgoing, status: str) -> None:
        """An album has none of its own: the status message before it becomes theirs. Where there
        was no room for one, or it has become a picture, they come in a line of their own."""
        line = phrase("telegram-album-buttons", count=len(message.pictures))
        message = replace(message, text=self._words(message, line))
        with suppress(Exception):
            if status.isdecimal():
                await self._reduce(message, status)
                await self._shows(message, status)
            else:
                await self._insist(message, lambda: self._send_buttons(message))

    async def _send_buttons(self, message: Outgoing) -> None:
        sent = await self._post.text(message, message.text, silent=True)
        await self._shows(message, str(sent.message_id))

    async def _shows(self, message: Outgoing, id_: str) -> None:
        """A reply to this message means the first of the pictures."""
        about = Press(
            action="",
            argument=f"{message.job_id}:{message.pictures[0].index}",
            requester=message.notify or Requester(platform=Platform.TELEGRAM, user_id=""),
            reply_to=message.to,
        )
        await self._conversation.shows(about, (id_,))

    async def _reduce(self, message: Outgoing, id_: str) -> None:
        """Leave one line of a status message."""
        rest = replace(message, text=neutral(message.text), preview=None)
        with suppress(Exception):
            await self._insist(rest, lambda: self._edit(rest, id_))

    async def _insist(
        self, message: Outgoing, act: Callable[[], Awaitable[object]]
    ) -> DeliveryError | None:
        """Do it once Telegram lets us; why it cannot be done, if so."""
        chat = message.to.chat_id
        for _ in range(REDUCE_TRIES):
            await self._budget.room(chat, MOST)
            try:
                await act()
                return None
            except (TelegramError, DeliveryError) as error:
                told = (
                    error if isinstance(error, DeliveryError) else translate(error, repeatable=True)
                )
                if not isinstance(told, RetryLater):
                    return told
                await asyncio.sleep(min(told.seconds, self._timing.flood_s))
        return None

    async def _take_away(self, message: Outgoing) -> Receipt:
        try:
            await take_away(self._api, message)
        except TelegramError as error:
            raise translate(error, repeatable=True) from error
        self._with_preview.discard((message.to.chat_id, message.remove or ""))
        return Receipt(message_ids=())

    async def _leave(self, message: Outgoing) -> Receipt:
        # Being out already is what was wanted.
        with suppress(BadRequest, Forbidden):
            await self._api.leave_chat(place_of(message).chat_id)
        return Receipt(message_ids=())

    async def _migrated(self, old: str, new: str) -> None:
        await self._conversation.migrated(Platform.TELEGRAM, old, new)

    def _question(self, message: Outgoing) -> tuple[str, str]:
        """What is asked with a form, and what stands in the empty line for the answer."""
        name = message.notify.name if message.notify else ""
        question = phrase("form-ask", name=name) if name else phrase("form-ask-anybody")
        asked = self._words(message, question)
        return asked, self._words(message, phrase("form-placeholder"))

    def _words(self, message: Outgoing, item: Phrase) -> str:
        nobody = Requester(platform=Platform.TELEGRAM, user_id="")
        return self._conversation.words(message.notify or nobody, item)
