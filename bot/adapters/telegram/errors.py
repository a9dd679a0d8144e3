"""What goes wrong with Telegram, told in our words."""

from enum import Enum, auto

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    PassportDecryptionError,
    RetryAfter,
    TelegramError,
)

from bot.errors import ChatGone, DeliveryError, DoubtfulSend, Rejected, RetryLater

SOON_S = 3.0
LATER_S = 60.0

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    RuntimeError,  # PTB: the HTTP client is closed
)
"""Causes of a failure that show that no byte of the request reached Telegram."""


class Reason(Enum):
    """Why Telegram calls a request bad, as far as it matters here."""

    CHAT_GONE = auto()
    NO_REPLY_TARGET = auto()
    NO_TOPIC = auto()
    NOT_MODIFIED = auto()
    MESSAGE_GONE = auto()
    """The message to edit or to delete is not there, or is no longer ours to touch."""
    NOT_A_TEXT = auto()
    """The message to edit is a picture: its text is a caption."""
    UNFIT_PICTURE = auto()
    """Too large, too long, or pictures of this form may not be posted here."""
    OTHER = auto()


# Parts of the descriptions that the Bot API server answers with, in lower case. They are no
# contract, but there is nothing else to go by: all of these come with the same code 400.
_DESCRIPTIONS = (
    ("chat not found", Reason.CHAT_GONE),
    ("user not found", Reason.CHAT_GONE),
    ("chat was deactivated", Reason.CHAT_GONE),
    ("peer_id_invalid", Reason.CHAT_GONE),
    ("chat_id_invalid", Reason.CHAT_GONE),
    ("message to be replied not found", Reason.NO_REPLY_TARGET),
    ("replied message not found", Reason.NO_REPLY_TARGET),
    ("reply message not found", Reason.NO_REPLY_TARGET),
    ("message thread not found", Reason.NO_TOPIC),
    ("topic_deleted", Reason.NO_TOPIC),
    ("message is not modified", Reason.NOT_MODIFIED),
    ("message to edit not found", Reason.MESSAGE_GONE),
    ("message can't be edited", Reason.MESSAGE_GONE),
    ("message to delete not found", Reason.MESSAGE_GONE),
    ("message can't be deleted", Reason.MESSAGE_GONE),
    ("message_id_invalid", Reason.MESSAGE_GONE),
    ("no text in the message to edit", Reason.NOT_A_TEXT),
    ("photo", Reason.UNFIT_PICTURE),
    ("image_process_failed", Reason.UNFIT_PICTURE),
    ("file is too big", Reason.UNFIT_PICTURE),
    ("file too large", Reason.UNFIT_PICTURE),
    ("file_parts_invalid", Reason.UNFIT_PICTURE),
    ("documents", Reason.UNFIT_PICTURE),
)


def reason(error: TelegramError) -> Reason:
    """Why Telegram refused; OTHER for what is no refusal of this one request."""
    text = str(error).lower()
    if isinstance(error, ChatMigrated):
        return Reason.MESSAGE_GONE  # the supergroup numbers its messages anew
    if not isinstance(error, BadRequest):
        # 413 comes from the web server in front of the Bot API, as a general error.
        return Reason.UNFIT_PICTURE if "entity too large" in text else Reason.OTHER
    return next((kind for part, kind in _DESCRIPTIONS if part in text), Reason.OTHER)


def translate(error: TelegramError, *, repeatable: bool = False) -> DeliveryError:
    """The delivery error that says what to do next.

    `repeatable`: doing it twice is harmless (edits), so what is in doubt is just done again.
    """
    detail = f"{type(error).__name__}: {error}"
    match error:
        case RetryAfter():
            return RetryLater(_seconds(error), detail)
        case Forbidden():
            return ChatGone(detail)
        case BadRequest():
            gone = reason(error) is Reason.CHAT_GONE
            return ChatGone(detail) if gone else Rejected(detail)
        case ChatMigrated():
            return RetryLater(SOON_S, detail)
        case InvalidToken() | Conflict():
            # The receiving side finds out whether it is for good; nothing is given up before.
            return RetryLater(LATER_S, type(error).__name__)
        case EndPointNotFound() | PassportDecryptionError():
            return Rejected(detail)
        case _:
            return _unanswered(error, detail, repeatable)


def _unanswered(error: TelegramError, detail: str, repeatable: bool) -> DeliveryError:
    """The network failed, the server fell over, or what it said is no JSON."""
    if isinstance(error, NetworkError) and isinstance(error.__cause__, _NEVER_SENT):
        return RetryLater(SOON_S, detail)
    if reason(error) is Reason.UNFIT_PICTURE:
        return Rejected(detail)
    if repeatable or "too many requests" in detail.lower():
        return RetryLater(SOON_S, detail)
    return DoubtfulSend(detail)


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after) if isinstance(after, int | float) else after.total_seconds()
