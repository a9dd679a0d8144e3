"""Every error of the library has a meaning here: nothing falls through the map."""

import inspect

import httpx
import pytest
import telegram.error
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
    TimedOut,
)

from bot.adapters.telegram.errors import Reason, reason, translate
from bot.errors import ChatGone, DeliveryError, DoubtfulSend, Rejected, RetryLater

MEANING: dict[type[TelegramError], tuple[TelegramError, type[DeliveryError]]] = {
    BadRequest: (BadRequest("whatever"), Rejected),
    ChatMigrated: (ChatMigrated(-100), RetryLater),
    Conflict: (Conflict("two pollers"), RetryLater),
    EndPointNotFound: (EndPointNotFound("no such method"), Rejected),
    Forbidden: (Forbidden("bot was blocked by the user"), ChatGone),
    InvalidToken: (InvalidToken("the token 1:secret"), RetryLater),
    NetworkError: (NetworkError("Bad Gateway"), DoubtfulSend),
    PassportDecryptionError: (PassportDecryptionError("x"), Rejected),
    RetryAfter: (RetryAfter(5), RetryLater),
    TelegramError: (TelegramError("Invalid server response"), DoubtfulSend),
    TimedOut: (TimedOut(), DoubtfulSend),
}


def test_the_map_knows_every_error_of_the_library() -> None:
    """A new class in a new version of the library fails here until somebody decides."""
    found = {
        item
        for _, item in inspect.getmembers(telegram.error, inspect.isclass)
        if issubclass(item, TelegramError)
    }
    assert set(MEANING) == found


@pytest.mark.parametrize("kind", MEANING, ids=lambda kind: kind.__name__)
def test_each_error_says_what_to_do_next(kind: type[TelegramError]) -> None:
    """Wait, give up, or make sure."""
    error, expected = MEANING[kind]
    told = translate(error)
    assert type(told) is expected
    assert "secret" not in str(told)


@pytest.mark.parametrize(
    "cause",
    [c for c in vars(httpx).values() if inspect.isclass(c) and issubclass(c, httpx.TransportError)],
)
def test_only_a_failure_before_the_first_byte_is_no_doubt(cause: type[Exception]) -> None:
    """Every transport error of the HTTP client: safe to repeat, or in doubt."""
    never_sent = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
    )
    error = NetworkError("lost")
    error.__cause__ = cause("lost")
    expected = RetryLater if issubclass(cause, never_sent) else DoubtfulSend
    assert type(translate(error)) is expected
    assert type(translate(error, repeatable=True)) is RetryLater


@pytest.mark.parametrize(
    ("expected", "description"),
    [
        (Reason.CHAT_GONE, "Chat not found"),
        (Reason.NO_REPLY_TARGET, "Message to be replied not found"),
        (Reason.NO_TOPIC, "Message thread not found"),
        (Reason.NOT_MODIFIED, "Message is not modified: specified new message content and …"),
        (Reason.MESSAGE_GONE, "Message to edit not found"),
        (Reason.MESSAGE_GONE, "Message can't be deleted for everyone"),
        (Reason.NOT_A_TEXT, "There is no text in the message to edit"),
        (Reason.UNFIT_PICTURE, "Photo_invalid_dimensions"),
        (Reason.UNFIT_PICTURE, "Not enough rights to send photos to the chat"),
        (Reason.OTHER, "Button_data_invalid"),
    ],
)
def test_bad_requests_are_told_apart(expected: Reason, description: str) -> None:
    """By the descriptions of the Bot API server: the code is 400 for all of them."""
    assert reason(BadRequest(description)) is expected


def test_a_chat_that_does_not_exist_is_gone() -> None:
    """Although Telegram calls it a bad request."""
    assert type(translate(BadRequest("Chat not found"))) is ChatGone


def test_seconds_come_through_exactly() -> None:
    """What Telegram asks for is what is waited."""
    told = translate(RetryAfter(37))
    assert isinstance(told, RetryLater)
    assert told.seconds == 37.0
