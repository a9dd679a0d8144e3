"""Fetches a picture that a member attached, from Discord's own hosts only."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import discord
from aiohttp_socks import ProxyConnector
from msgspec import Struct
from yarl import URL

from bot.adapters.discord.errors import NETWORK
from bot.pictures import MAX_BYTES

log = logging.getLogger(__name__)

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=20)
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


class Attachment(Struct, frozen=True):
    """What is needed of an attachment, as Discord describes it."""

    id: str
    url: str
    filename: str = ""
    size: int = 0
    content_type: str | None = None

    @classmethod
    def of(cls, given: discord.Attachment) -> "Attachment":
        """The library's object in our form."""
        return cls(
            id=str(given.id),
            url=given.url,
            filename=given.filename,
            size=given.size,
            content_type=given.content_type,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The bytes, or the key of the phrase that says why there are none."""

    content: bytes | None = None
    problem: str = ""


def first_picture(attachments: Sequence[Attachment]) -> Attachment | None:
    """The first that says it is a picture; else the first of all, to be refused by content."""
    for attachment in attachments:
        kind = attachment.content_type or ""
        if kind.startswith("image/") or attachment.filename.lower().endswith(_SUFFIXES):
            return attachment
    return attachments[0] if attachments else None


class Fetcher:
    """Downloads attachments. Made by `opened`."""

    def __init__(self, session: aiohttp.ClientSession, proxy: str | None, mirror: URL) -> None:
        self._session = session
        self._proxy = proxy
        self._mirror = mirror

    @classmethod
    @asynccontextmanager
    async def opened(cls, *, api_base: str, proxy: str) -> AsyncIterator["Fetcher"]:
        """With a session of its own. A mirror at `api_base` may serve attachments itself."""
        connector, option = proxy_settings(proxy)
        async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session:
            yield cls(session, option, URL(api_base).origin())

    def _allowed(self, url: URL) -> bool:
        if url.scheme == "https" and url.host in HOSTS:
            return True
        return url.scheme in ("https", "http") and url.origin() == self._mirror

    async def fetch(self, attachment: Attachment | None) -> Fetched:
        """Download; at most `MAX_BYTES`, counted while they come."""
        if attachment is None:
            return Fetched()
        url = URL(attachment.url)
        if not self._allowed(url):
            log.warning("an attachment at a foreign host was not fetched: %s", url.host)
            return Fetched(problem="discord-picture-failed")
        if attachment.size > MAX_BYTES:
            return Fetched(problem="picture-too-large")
        try:
            return await self._download(url)
        except NETWORK as error:
            log.warning("an attachment could not be fetched: %s", type(error).__name__)
            return Fetched(problem="discord-picture-failed")

    async def _download(self, url: URL) -> Fetched:
        content = bytearray()
        async with self._session.get(url, allow_redirects=False, proxy=self._proxy) as response:
            if response.status != 200:
                log.warning("an attachment was answered with %d", response.status)
                return Fetched(problem="discord-picture-failed")
            async for chunk in response.content.iter_chunked(65536):
                content += chunk
                if len(content) > MAX_BYTES:
                    response.close()
                    return Fetched(problem="picture-too-large")
        return Fetched(content=bytes(content))


def proxy_settings(proxy: str) -> tuple[aiohttp.BaseConnector | None, str | None]:
    """What aiohttp wants for `proxy`: a connector for SOCKS, an option for HTTP, or neither."""
    if proxy.startswith("socks"):
        return ProxyConnector.from_url(proxy), None
    return None, proxy or None
