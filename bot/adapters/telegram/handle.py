"""What is done with each event that was received."""

import asyncio
import logging
import time
from dataclasses import replace

from telegram.error import TelegramError

from bot.adapters.telegram.api import Api, NotFetched, TooLarge
from bot.adapters.telegram.parse import Command, Event, Joined, Migrated, Pressed, Removed
from bot.adapters.telegram.send import Sender
from bot.adapters.telegram.text import ALERT_UNITS, shorten
from bot.adapters.telegram.timing import Timing
from bot.conversation import Conversation
from bot.domain import Answer, Incoming, Kind, Outgoing, Permissions, Platform, Press, ReplyTo
from bot.errors import DeliveryError, RetryLater

log = logging.getLogger(__name__)

ANSWER_TRIES = 3


class Handler:
    """Hands events to the conversation, and says what it answers."""

    def __init__(
        self,
        *,
        api: Api,
        conversation: Conversation,
        sender: Sender,
        max_age_s: float,
        timing: Timing,
    ) -> None:
        self._api = api
        self._conversation = conversation
        self._sender = sender
        self._max_age_s = max_age_s
        self._timing = timing

    async def __call__(self, event: Event) -> None:
        """Handle one event to its end."""
        match event:
            case Command():
                await self._command(event)
            case Pressed():
                await self._press(event)
            case Joined(to=to, title=title):
                answer = await self._conversation.joined(to, title)
                await self._say(to, answer.text)
            case Removed(chat_id=chat_id):
                log.info("telegram: removed from chat %s", chat_id)
            case Migrated(old_chat_id=old, new_chat_id=new):
                await self._conversation.migrated(Platform.TELEGRAM, old, new)

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """What Telegram says of this member; nobody is an admin whom it does not know.

        Raises:
            TelegramError: it could not be asked.
        """
        if chat_id == user_id:
            # An anonymous admin speaks as the group itself; in private nobody is an admin.
            return Permissions(is_admin=chat_id.startswith("-"))
        if user_id.startswith("-"):
            return Permissions()
        member = await self._api.get_chat_member(int(chat_id), int(user_id))
        return Permissions(is_admin=member.status in (member.ADMINISTRATOR, member.OWNER))

    async def _command(self, command: Command) -> None:
        incoming = command.incoming
        if time.time() - incoming.received_at > self._max_age_s:
            log.info("telegram: %s is too old to be done", incoming.key)
            answer = await self._conversation.too_old(incoming)
        else:
            if command.found.file_id:
                incoming = await self._with_picture(incoming, command.found.file_id)
            answer = await self._conversation.handle(incoming)
        await self._say(incoming.reply_to, answer.text)

    async def _with_picture(self, incoming: Incoming, file_id: str) -> Incoming:
        try:
            return replace(incoming, source=await self._api.download(file_id))
        except TooLarge:
            return replace(incoming, source_problem="picture-too-large")
        except NotFetched as error:
            log.warning("telegram: %s: picture not fetched: %s", incoming.key, error)
            return replace(incoming, source_problem="telegram-picture-lost")

    async def _press(self, pressed: Pressed) -> None:
        """Show the answer as an alert, the nearest thing to a private reply.

        A query can be answered once, and soon: what takes longer is said in the chat.
        """
        if pressed.press is None:
            await self._answer_query(pressed.query_id, "")
            return
        work = asyncio.create_task(self._pressed(pressed.press))
        try:
            await asyncio.wait({work}, timeout=self._timing.press_s)
            in_time = work.done()
            alert = work.result().text if in_time else ""
            await self._answer_query(pressed.query_id, alert)
            if not in_time:
                await self._say(pressed.press.reply_to, (await work).text)
        finally:
            work.cancel()

    async def _pressed(self, press: Press) -> Answer:
        if not press.reply_to.private:
            try:
                to = press.reply_to
                known = await self.permissions(to.chat_id, press.requester.user_id)
                press = replace(press, is_chat_admin=known.is_admin)
            except TelegramError as error:
                log.info("telegram: permissions unknown: %s", type(error).__name__)
        return await self._conversation.press(press)

    async def _answer_query(self, query_id: str, text: str) -> None:
        try:
            await self._api.answer_callback_query(
                query_id, shorten(text, ALERT_UNITS) or None, show_alert=bool(text)
            )
        except TelegramError as error:
            # Too late (a replay after a restart), or the network: the press itself still counts.
            log.info("telegram: button not answered: %s: %s", type(error).__name__, error)

    async def _say(self, to: ReplyTo, text: str) -> None:
        """Say one short thing; what cannot be said after a few tries is given up."""
        if not text:
            return
        message = Outgoing(kind=Kind.NOTE, to=to, text=text)
        for _ in range(ANSWER_TRIES):
            try:
                await self._sender.deliver(message)
                return
            except RetryLater as error:
                log.info("telegram: answer waits %.0f s: %s", error.seconds, error)
                await asyncio.sleep(min(error.seconds, self._timing.longest_s))
            except DeliveryError as error:
                log.warning("telegram: answer not delivered: %s", error)
                return
        log.warning("telegram: answer given up in chat %s", to.chat_id)
