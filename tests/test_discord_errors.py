"""Every exception of the library has a meaning for us; a new one in a newer library is noticed."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.adapters.discord.errors import translate
from bot.errors import ChatGone, DeliveryError, DoubtfulSend, Rejected, RetryLater

NEVER_RAISED_BY_REST = {
    "FFmpegProcessError",
    "OpusError",
    "OpusNotLoaded",
    "OggError",
    "LoginFailure",
    "PrivilegedIntentsRequired",
    "AppCommandError",
    "CommandInvokeError",
    "TransformerError",
    "TranslationError",
    "CheckFailure",
    "NoPrivateMessage",
    "MissingRole",
    "MissingAnyRole",
    "MissingPermissions",
    "BotMissingPermissions",
    "CommandOnCooldown",
    "CommandAlreadyRegistered",
    "CommandNotFound",
    "CommandLimitReached",
    "CommandSignatureMismatch",
}
"""Voice, login and command definitions. Should one come all the same: not to be sent again."""

MEANING: dict[str, type[DeliveryError]] = {
    "DiscordException": Rejected,
    "ClientException": Rejected,
    "InvalidData": Rejected,
    "InteractionResponded": Rejected,
    "MissingApplicationID": Rejected,
    "HTTPException": Rejected,
    "CommandSyncFailure": Rejected,
    "Forbidden": ChatGone,
    "NotFound": Rejected,
    "DiscordServerError": DoubtfulSend,
    "RateLimited": RetryLater,
    "GatewayNotFound": RetryLater,
    "ConnectionClosed": RetryLater,
    **dict.fromkeys(NEVER_RAISED_BY_REST, Rejected),
}


def library_exceptions() -> dict[str, type[BaseException]]:
    """All exceptions that discord.py defines, wherever."""
    for module in pkgutil.walk_packages(discord.__path__, "discord."):
        if not module.name.startswith(("discord.ext", "discord.__main__", "discord.types")):
            importlib.import_module(module.name)

    def below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    every = below(discord.DiscordException)
    return {e.__name__: e for e in every if not e.__module__.startswith("discord.ext")}


def made(kind: type[BaseException], **attributes: Any) -> BaseException:
    """An instance without its constructor, which wants an open connection."""
    error = kind.__new__(kind)
    known = {"status": 400, "code": 0, "retry_after": 3.0, "response": SimpleNamespace(headers={})}
    for name, value in (known | attributes).items():
        setattr(error, name, value)
    return error


def test_the_map_is_complete() -> None:
    """Each class of the library is listed, and none that is no longer there."""
    assert set(MEANING) == set(library_exceptions())


@pytest.mark.parametrize("name", sorted(MEANING))
def test_each_exception_has_its_meaning(name: str) -> None:
    """The kind decides what delivery does next."""
    assert type(translate(made(library_exceptions()[name]))) is MEANING[name]


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (made(discord.NotFound, status=404, code=10003), ChatGone),
        (made(discord.HTTPException, status=429), RetryLater),
        (made(discord.HTTPException, status=401), RetryLater),
        (made(discord.HTTPException, status=413), Rejected),
        (aiohttp.ServerDisconnectedError(), DoubtfulSend),
        (aiohttp.ServerTimeoutError(), DoubtfulSend),
        (aiohttp.ClientOSError(), DoubtfulSend),
        (aiohttp.ClientPayloadError(), DoubtfulSend),
        (aiohttp.ConnectionTimeoutError(), RetryLater),
        (aiohttp.InvalidURL("x"), Rejected),
        (TimeoutError(), DoubtfulSend),
        (ConnectionResetError(), DoubtfulSend),
        (ChatGone("as it is"), ChatGone),
    ],
)
def test_finer_differences(error: BaseException, meaning: type[DeliveryError]) -> None:
    """By status and code, and for the network below the library."""
    assert type(translate(error)) is meaning


def test_nothing_was_sent_without_a_connection() -> None:
    """A refused connection can be repeated without doubt."""
    key: Any = SimpleNamespace(host="h", port=1, ssl=True, is_ssl=True)
    refused = aiohttp.ClientConnectorError(key, OSError("refused"))
    assert type(translate(refused)) is RetryLater


def test_our_own_mistakes_are_not_hidden() -> None:
    """A bug is no delivery error."""
    assert translate(KeyError("x")) is None
