"""Takes a message of ours away; one that is too old to be deleted is covered."""

import logging
from collections.abc import Iterator

from telegram import InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.errors import Reason, reason
from bot.adapters.telegram.post import place_of
from bot.adapters.telegram.text import CAPTION_UNITS, MESSAGE_UNITS, shorten
from bot.domain import Outgoing
from bot.errors import Rejected

log = logging.getLogger(__name__)

_DONE = (Reason.MESSAGE_GONE, Reason.NOT_MODIFIED)


async def take_away(api: Api, message: Outgoing) -> None:
    """Do what `Kind.REMOVE` asks; that it is gone already is what was wanted. Telegram lets bots
    delete what is younger than 48 hours, and change what they sent for ever.

    Raises:
        telegram.error.TelegramError: the network, or a pause that Telegram wants.
        Rejected: it stays as it is.
    """
    id_ = message.remove or ""
    if not id_.isdecimal():
        return
    chat, number = place_of(message).chat_id, int(id_)
    try:
        await api.delete_message(chat, number)
        return
    except BadRequest as error:
        log.info("telegram: message %s cannot be deleted: %s", id_, error)
    for media in _covers(message):
        try:
            await api.edit_message_media(media, chat_id=chat, message_id=number)
            return
        except BadRequest as error:
            if _is_done(error):
                return
    try:
        await api.edit_message_text(
            shorten(message.text or "✓", MESSAGE_UNITS), chat_id=chat, message_id=number
        )
    except BadRequest as error:
        if not _is_done(error):
            raise Rejected(f"message {id_} can be neither deleted nor changed: {error}") from error


def _is_done(error: BadRequest) -> bool:
    """That it cannot be edited is no comfort here: it is still to be seen."""
    return reason(error) in _DONE and "can't be" not in str(error).lower()


def _covers(message: Outgoing) -> Iterator[InputMediaPhoto | InputMediaDocument]:
    """A photo may take the place of a photo, and within an album only a document that of one."""
    caption = shorten(message.text, CAPTION_UNITS)
    for picture in message.pictures[:1]:
        yield InputMediaPhoto(picture.png, caption=caption)
        yield InputMediaDocument(picture.png, caption=caption, filename="hidden.png")
