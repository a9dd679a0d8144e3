"""A file from an address: resumed where it stopped, and checked."""

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from yarl import URL

from bot.errors import ConfigError


class Broken(ConfigError):
    """The connection failed; what has come is kept."""


Progress = Callable[[int, int | None], None]
"""Bytes that are there, and bytes in all, if known."""

_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=30, sock_read=60)
_AWAY = (
    aiohttp.ClientError, OSError, TimeoutError,
    ProxyConnectionError, ProxyTimeoutError, ProxyError,  # kinds of nothing else
)  # fmt: skip
_CHUNK = 2**20
_TRIES = 5
"""How often a connection may break, if more comes each time."""


class Web:
    """HTTP for models, through their proxy."""

    def __init__(self, session: aiohttp.ClientSession, proxy: str | None) -> None:
        self._session, self._proxy = session, proxy

    @asynccontextmanager
    async def get(
        self, address: str, headers: dict[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer whose body is still to be read.

        Raises:
            Broken: nobody answers there, or the answer ends early.
        """
        try:
            async with self._session.get(address, headers=headers, proxy=self._proxy) as answer:
                yield answer
        except _AWAY as error:
            said = str(error) or type(error).__name__
            raise Broken(
                f"{URL(address).host}: {said}; what is there stays, so the same"
                " command goes on where it stopped"
            ) from None


@asynccontextmanager
async def web(proxy: str) -> AsyncIterator[Web]:
    """Connections that last for the block."""
    socks = proxy.startswith("socks")
    connector = ProxyConnector.from_url(proxy) if socks else None
    async with aiohttp.ClientSession(
        connector=connector, timeout=_TIMEOUT, trust_env=not proxy
    ) as session:
        yield Web(session, None if socks else proxy or None)


async def fetch(
    web: Web, address: str, target: Path, progress: Progress, headers: dict[str, str] | None = None
) -> None:
    """Download to `target`; what came before a failure is kept, and not asked for again.

    Beside it, `<target>.from` says which version of the file the part belongs to.

    Raises:
        ConfigError: it is not there, or does not come whole; there is no room for it.
    """
    for _ in range(_TRIES):
        before = _length(target)
        try:
            if await _go_on(web, address, target, progress, headers or {}):
                _origin(target).unlink(missing_ok=True)
                return
        except Broken:
            if _length(target) <= before:
                raise
    raise ConfigError(f"{address}: does not come whole; the same command tries again")


async def _go_on(
    web: Web, address: str, target: Path, progress: Progress, headers: dict[str, str]
) -> bool:
    """Take what is missing; whether all of it is there now."""
    have, version = _length(target), _version(target)
    asked = dict(headers)
    if have and version:
        asked |= {"Range": f"bytes={have}-", "If-Range": version}
    async with web.get(address, asked) as answer:
        if answer.status == 416:
            return _is_whole(answer, target)
        _refuse(answer, address)
        resumed = answer.status == 206 and _starts_at(answer, have)
        if not resumed:
            have = 0
        size = None if answer.content_length is None else have + answer.content_length
        _check_room(target, (size or 0) - have)
        _remember(target, answer)
        return size == await _receive(answer, target, have, size, progress) or size is None


async def _receive(
    answer: aiohttp.ClientResponse, target: Path, have: int, size: int | None, progress: Progress
) -> int:
    """Write what comes behind the first `have` bytes; how many there are then."""
    progress(have, size)
    with _writing(target, "ab" if have else "wb") as file:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            file.write(chunk)
            have += len(chunk)
            progress(have, size)
    return have


@contextmanager
def _writing(target: Path, mode: str) -> Iterator[BinaryIO]:
    try:
        with cast(BinaryIO, target.open(mode)) as file:
            yield file
    except (aiohttp.ClientError, TimeoutError):  # some of these are OSErrors too
        raise
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror or error}") from None


def _is_whole(answer: aiohttp.ClientResponse, target: Path) -> bool:
    """Nothing is missing; else the file has become shorter, and is asked for anew."""
    if answer.headers.get("Content-Range", "").endswith(f"/{_length(target)}"):
        return True
    target.unlink(missing_ok=True)
    return False


def _refuse(answer: aiohttp.ClientResponse, address: str) -> None:
    if answer.status in (401, 403):
        raise ConfigError(
            f"{address}: not without permission ({answer.status}). If it asks for agreement to its"
            " licence, agree on its page, and set CHATELIER_HUB_TOKEN to a token of your account"
        )
    if answer.status == 404:
        raise ConfigError(f"{address}: is not there (404)")
    if answer.status not in (200, 206):
        raise ConfigError(f"{address}: the server answers with {answer.status}; try again later")


def _starts_at(answer: aiohttp.ClientResponse, first: int) -> bool:
    told = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return told is not None and int(told[1]) == first


def _check_room(target: Path, missing: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if missing > free:
        raise ConfigError(
            f"{target.parent}: {free / 1e9:.1f} GB are free, and {missing / 1e9:.1f} GB are needed"
        )


def _length(target: Path) -> int:
    return target.stat().st_size if target.exists() else 0


def _origin(target: Path) -> Path:
    return target.with_name(target.name + ".from")


def _version(target: Path) -> str:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return str(json.loads(_origin(target).read_text("utf-8")).get("version", ""))
    return ""


def _remember(target: Path, answer: aiohttp.ClientResponse) -> None:
    """A weak tag promises nothing about bytes (RFC 9110, 13.1.5)."""
    tag = answer.headers.get("ETag", "")
    version = tag if not tag.startswith("W/") else ""
    version = version or answer.headers.get("Last-Modified", "")
    _origin(target).write_text(json.dumps({"version": version}), "utf-8")


def sha256(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
