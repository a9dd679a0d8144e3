"""discord.py's and aiohttp's exceptions, told in our words: what to do now."""

import aiohttp
import discord
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from bot.errors import ChatGone, DeliveryError, DoubtfulSend, Rejected, RetryLater

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_INTERACTION = 10062
"""Acknowledged too late: more than three seconds."""
ALREADY_ACKNOWLEDGED = 40060
NO_HISTORY = 160002
"""A reply needs the permission to read the history."""
TOO_LARGE = 40005
INVALID_FORM = 50035
INVALID_WEBHOOK_TOKEN = 50027
"""An interaction older than fifteen minutes."""

NEVER_CONNECTED = (
    aiohttp.ClientConnectorError,  # refused, no such host, TLS
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    ProxyConnectionError,  # of SOCKS; these three are kinds of nothing else
    ProxyTimeoutError,
    ProxyError,
)
"""Nothing was sent, so nothing can have arrived."""

NETWORK = (*NEVER_CONNECTED, aiohttp.ClientError, OSError, TimeoutError)

ANSWERING = (discord.HTTPException, discord.RateLimited, *NETWORK)
"""What a REST call may fail with when Discord, not we, is at fault."""


def translate(error: BaseException) -> DeliveryError | None:
    """The delivery error that `error` of a REST call means; None: not of the library's kinds.

    The order matters: subclasses first.
    """
    match error:
        case DeliveryError():
            return error
        case discord.RateLimited():
            return RetryLater(error.retry_after, "rate limited")
        case discord.Forbidden():
            return ChatGone(_told(error))
        case discord.NotFound() if error.code == UNKNOWN_CHANNEL:
            return ChatGone(_told(error))
        case discord.DiscordServerError():
            return DoubtfulSend(_told(error))
        case discord.HTTPException():
            return _http(error)
        case discord.GatewayNotFound() | discord.ConnectionClosed():
            return RetryLater(5, _told(error))
        case discord.DiscordException():
            return Rejected(_told(error))
        case _ if isinstance(error, NEVER_CONNECTED):
            return RetryLater(5, _told(error))
        case aiohttp.InvalidURL():
            return Rejected(_told(error))
        case _ if isinstance(error, NETWORK):
            return DoubtfulSend(_told(error))
        case _:
            return None


def _http(error: discord.HTTPException) -> DeliveryError:
    if error.status == 429:
        # The library repeats these itself unless they come from the proxy in front of Discord.
        return RetryLater(_seconds(error), _told(error))
    if error.status == 401:
        return RetryLater(60, _told(error))
    return Rejected(_told(error))


def _seconds(error: discord.HTTPException) -> float:
    try:
        return float(error.response.headers["Retry-After"])
    except (AttributeError, KeyError, ValueError):
        return 60.0


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def is_gone(error: discord.HTTPException) -> bool:
    """The message, or the interaction that made it, is no longer there (or no longer ours)."""
    return isinstance(error, discord.NotFound) or error.code == INVALID_WEBHOOK_TOKEN
