"""One new message into one chat, whatever has become of the chat, its topic or the request."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.errors import Reason, reason
from bot.adapters.telegram.text import MESSAGE_UNITS, shorten
from bot.domain import Button, Outgoing
from bot.errors import Rejected

log = logging.getLogger(__name__)

T = TypeVar("T")

SIGN = 3
"""Characters of a label that is a sign rather than a word."""
MANY = 8
FEW = 3
"""Buttons in a row, of signs and of words."""
NO_LINKS = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes."""

    chat_id: int
    thread_id: int | None = None
    reply_to: int | None = None

    def arguments(self) -> dict[str, Any]:
        """As the library's send methods take them."""
        reply = None
        if self.reply_to is not None:
            reply = ReplyParameters(self.reply_to, allow_sending_without_reply=True)
        return {
            "chat_id": self.chat_id,
            "message_thread_id": self.thread_id,
            "reply_parameters": reply,
        }


class Post:
    """Sends, and finds another way where the first is closed.

    `migrated` is told the old and the new id of a group that became a supergroup.
    """

    def __init__(self, api: Api, migrated: Callable[[str, str], Awaitable[None]]) -> None:
        self._api = api
        self._migrated = migrated

    async def text(self, message: Outgoing, text: str, *, silent: bool = False) -> Message:
        """Send `text` to where `message` goes, with its buttons."""
        return await self.send(
            self._api.send_message,
            message,
            text=shorten(text, MESSAGE_UNITS),
            reply_markup=keyboard(message.buttons),
            disable_notification=silent or None,
            link_preview_options=NO_LINKS,
        )

    async def send(
        self, call: Callable[..., Awaitable[T]], message: Outgoing, **arguments: Any
    ) -> T:
        """Await `call` with the place of `message` and `arguments`.

        A request or topic that was deleted is left out; a group that migrated is followed.

        Raises:
            telegram.error.TelegramError: it was not sent, or nobody knows.
            Rejected: the message has no chat.
        """
        place = place_of(message)
        while True:
            try:
                return await call(**place.arguments(), **arguments)
            except ChatMigrated as error:
                new = error.new_chat_id
                if new == place.chat_id:
                    raise
                log.warning("telegram: chat %d is now %d", place.chat_id, new)
                await self._migrated(str(place.chat_id), str(new))
                place = Place(new)  # its messages and topics are numbered anew
            except BadRequest as error:
                why = reason(error)
                if why is Reason.NO_REPLY_TARGET and place.reply_to is not None:
                    place = replace(place, reply_to=None)
                elif why is Reason.NO_TOPIC and place.thread_id is not None:
                    place = Place(place.chat_id)
                else:
                    raise


def place_of(message: Outgoing) -> Place:
    """The place of a message; a note without a chat goes to its member in private.

    Raises:
        Rejected: there is neither chat nor member.
    """
    to = message.to
    chat = to.chat_id or (message.notify.user_id if message.notify else "")
    if not chat:
        raise Rejected("a message without chat and member")
    return Place(
        int(chat),
        int(to.thread_id) if to.thread_id else None,
        int(to.message_id) if to.message_id else None,
    )


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """Buttons in their rows, none of them too long; None where there are none."""
    rows = []
    for _, row in groupby(buttons, key=lambda button: button.row):
        made = [
            InlineKeyboardButton(b.label, callback_data=f"{b.action}:{b.argument}") for b in row
        ]
        most = MANY if all(len(b.text) <= SIGN for b in made) else FEW
        rows += [made[i : i + most] for i in range(0, len(made), most)]
    return InlineKeyboardMarkup(rows) if rows else None
