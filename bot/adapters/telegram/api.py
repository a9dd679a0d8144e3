"""The library's client as this project wants it: raw updates, patience, and a silent token."""

import asyncio
import logging
import os
from typing import Any

import httpx
from telegram import Bot
from telegram.error import TelegramError

from bot.adapters.telegram.counted import CountedRequest
from bot.adapters.telegram.timing import Timing
from bot.config import TelegramConfig

# The library's own switch to what its next major version does; without it, every 429 warns.
os.environ["PTB_TIMEDELTA"] = "true"

ALLOWED_UPDATES = ("message", "channel_post", "callback_query", "my_chat_member")
"""Edited messages and posts are not among them: an edit would draw, and cost, again."""
DOWNLOAD_BYTES = 20 * 1024 * 1024
"""getFile gives no more; a Bot API server of one's own does, and is not asked to."""


class TooLarge(Exception):
    """The file has more than `DOWNLOAD_BYTES`."""


class NotFetched(Exception):
    """The file could not be downloaded."""


class Api(Bot):
    """python-telegram-bot's `Bot`, made for one configuration.

    Raises, like its parent, `telegram.error.TelegramError`.
    """

    __slots__ = ("_proxy", "_timing")

    def __init__(self, config: TelegramConfig, token: str, timing: Timing) -> None:
        hush()
        base = config.api_base.rstrip("/")
        proxy = config.proxy or None
        polling = CountedRequest(
            waits=True, connection_pool_size=1, proxy=proxy, connect_timeout=timing.connect_s
        )
        ordinary = CountedRequest(
            proxy=proxy,
            connect_timeout=timing.connect_s,
            read_timeout=timing.read_s,
            write_timeout=timing.read_s,
            pool_timeout=timing.connect_s,
            media_write_timeout=timing.media_s,
        )
        self._proxy = proxy
        self._timing = timing
        super().__init__(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=ordinary,
            get_updates_request=polling,
        )

    def __repr__(self) -> str:
        return "Api(…)"  # the parent's shows the token

    async def raw_updates(self, offset: int | None) -> list[dict[str, Any]]:
        """Wait for updates and give them as they came, unparsed.

        `Bot.get_updates` parses a batch as a whole, so that one update it does not understand
        hides all the others, again and again.
        """
        wait = self._timing.long_poll_s
        updates: Any = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": wait, "allowed_updates": list(ALLOWED_UPDATES)},
            read_timeout=wait + self._timing.read_s,
        )
        if not isinstance(updates, list) or not all(map(_has_id, updates)):
            raise TelegramError("getUpdates answered with something else than updates")
        return updates

    async def download(self, file_id: str) -> bytes:
        """The bytes of a member's file.

        Raises:
            TooLarge: it has more than `DOWNLOAD_BYTES`, whatever Telegram said before.
            NotFetched: Telegram or the network failed.
        """
        try:
            file = await self.get_file(file_id)
            if (file.file_size or 0) > DOWNLOAD_BYTES:
                raise TooLarge
            async with asyncio.timeout(self._timing.media_s):
                return await self._read(file.file_path or "")
        except TelegramError as error:
            if "file is too big" in str(error).lower():
                raise TooLarge from error
            raise NotFetched(f"{type(error).__name__}: {error}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            # The address holds the token: only the kind of failure is told.
            raise NotFetched(type(error).__name__) from None

    async def _read(self, address: str) -> bytes:
        """Count while reading: a size that somebody else states protects nobody."""
        data = bytearray()
        async with (
            httpx.AsyncClient(proxy=self._proxy, timeout=self._timing.read_s) as client,
            client.stream("GET", address) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise NotFetched(f"HTTP {response.status_code}")
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > DOWNLOAD_BYTES:
                    raise TooLarge
        return bytes(data)

    async def close_connections(self) -> None:
        """Close both HTTP clients, also where `initialize` never came to its end."""
        for request in self._request:
            await request.shutdown()


def _has_id(update: object) -> bool:
    return isinstance(update, dict) and isinstance(update.get("update_id"), int)


def hush() -> None:
    """Keep the token out of the log: it is part of every address that these loggers tell."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # The library tells addresses at DEBUG; and what it raises, we log ourselves.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
