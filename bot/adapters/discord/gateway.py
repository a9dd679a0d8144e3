"""The connection to Discord: discord.py's client, with raw events for us, none of them fatal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.adapters.discord.attachments import proxy_settings
from bot.adapters.discord.counted import counting
from bot.errors import ConfigError

log = logging.getLogger(__name__)

Hear = Callable[[str, Any], None]
"""Takes an event's name and its raw JSON; must not raise."""

HEARD = ("INTERACTION_CREATE", "MESSAGE_CREATE")
"""Events that must be kept in raw form before anything else happens to them."""

LONGEST_RATELIMIT_S = 30.0
"""A longer pause that Discord asks for is not slept in the library but told to delivery."""

_CHATTY = ("discord.gateway", "discord.http", "discord.webhook.async_", "discord.client")
"""At DEBUG these write whole events and addresses, with the tokens of interactions in them."""

_CLOSED_FOR_GOOD = {
    4004: "Discord refuses the token",
    4010: "Discord refuses the shard",
    4011: "the bot is in so many servers that Discord demands sharding, which this bot has not",
    4012: "Discord no longer speaks this version of its gateway",
    4013: "Discord refuses the intents",
    4014: "Discord refuses the intents",
}


def intents() -> discord.Intents:
    """Only what is needed, nothing privileged: servers, channels, mentions, private messages."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


@contextmanager
def base_address(api_base: str) -> Iterator[None]:
    """discord.py keeps the addresses of REST and gateway in classes: ours, then theirs again."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = api_base.rstrip("/")
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


class Gateway(discord.Client):
    """A client that hands raw events to `hear` and survives those that cannot be read."""

    def __init__(
        self,
        *,
        proxy: str,
        hear: Hear,
        logged_in: Callable[[], None],
        joined: Callable[[discord.Guild], None],
    ) -> None:
        for name in _CHATTY:
            logger = logging.getLogger(name)
            logger.setLevel(max(logging.INFO, logger.level))
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        connector, option = proxy_settings(proxy)
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            connector=connector,
            proxy=option,
            http_trace=counting(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_RATELIMIT_S,
        )
        self.http.request = _answered(self.http.request)  # type: ignore[method-assign]  # see there
        self._logged_in = logged_in
        self._joined = joined
        self._take_events(hear)

    def _take_events(self, hear: Hear) -> None:
        """The library has no public way to see an interaction raw, and one event that it cannot
        read ends its whole connection: both are mended where it looks its parsers up."""
        parsers = self._connection.parsers
        parsers["GUILD_CREATE"] = self._and_joins(parsers["GUILD_CREATE"])
        for event, parse in list(parsers.items()):
            parsers[event] = _guarded(event, parse)
        for event in HEARD:
            parsers[event] = _raw(event, hear)

    async def setup_hook(self) -> None:
        """Called after the login: learn the gateway's address from the same base."""
        _, url, limits = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
        if limits["remaining"] <= 0:
            wait = limits["reset_after"] / 1000
            log.error("discord: no starts left today; waiting %.0f s", wait)
            await asyncio.sleep(wait)
        self._logged_in()

    async def close(self) -> None:
        """Close, and leave none of the library's own tasks behind."""
        await super().close()
        waiting = self._connection._ready_task
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    def _and_joins(self, parse: Callable[[Any], Any]) -> Callable[[Any], None]:
        """Tell of a server that is new. The library's own event leaves out those that come within
        two seconds of a start."""

        def create(data: Any) -> None:
            parse(data)
            guild = self.get_guild(int(data["id"]))
            if guild is not None and "unavailable" not in data:
                self._joined(guild)

        return create

    def raw_interaction(self, raw: Any) -> "discord.Interaction[Gateway]":
        """The library's object for the raw JSON of an interaction.

        Raises whatever the library raises for JSON that is not one (KeyError, ValueError, …).
        """
        return discord.Interaction(data=raw, state=self._connection)

    async def stay(self, token: str) -> None:
        """Log in and listen until closed.

        Raises:
            ConfigError: the token is refused, or Discord will not have this bot.
            discord.HTTPException, aiohttp.ClientError, OSError: no connection now.
        """
        try:
            await self.start(token)
        except AttributeError:
            if self.ws is not None:
                raise
            # The library wants to resume a connection that never was (its client.py, `connect`).
            raise ConnectionError("its gateway cannot be reached") from None
        except discord.LoginFailure:
            raise ConfigError(_refused()) from None
        except discord.PrivilegedIntentsRequired:
            raise ConfigError(f"discord: {_CLOSED_FOR_GOOD[4014]}") from None
        except discord.ConnectionClosed as error:
            if error.code == 4004:
                raise ConfigError(_refused()) from None
            if why := _CLOSED_FOR_GOOD.get(error.code):
                raise ConfigError(f"discord: {why} (code {error.code})") from None
            raise


def _refused() -> str:
    return (
        "[discord] token_file or CHATELIER_DISCORD_TOKEN: Discord refuses this token; expected the"
        " token under Bot ▸ Token of your application at discord.com/developers"
    )


def _answered(request: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """The library takes any text for an answer, and stumbles over it later. Discord answers with
    JSON or with nothing: text is a proxy's, and whether Discord got the call is unknown."""

    async def answered(*call: Any, **options: Any) -> Any:
        answer = await request(*call, **options)
        if isinstance(answer, str) and answer:
            raise aiohttp.ClientPayloadError(f"an answer that is no JSON: {answer[:60]!r}")
        return answer

    return answered


def _guarded(event: str, parse: Callable[[Any], Any]) -> Callable[[Any], None]:
    def guarded(data: Any) -> None:
        try:
            parse(data)
        except Exception:
            log.exception("discord: an event %s could not be read", event)

    return guarded


def _raw(event: str, hear: Hear) -> Callable[[Any], None]:
    return lambda data: hear(event, data)
