"""Asking a platform over HTTP, through its proxy, with failures told in an operator's words."""

import email.utils
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from yarl import URL

TIMEOUT_S = 10.0


class Unreachable(Exception):
    """No answer came; `str()` says why and what to do, without any secret."""


class Ailing(Exception):
    """The server has an error of its own, or what answers is no API; `str()` says so."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body`: the parsed JSON; `date`: the server's clock, seconds since 1970."""

    status: int
    body: Any
    date: float | None = None


class Api:
    """One server. `secret` never appears in what is raised."""

    def __init__(self, session: aiohttp.ClientSession, base: str, proxy: str, secret: str) -> None:
        self._session, self._base, self._secret = session, base.rstrip("/"), secret
        self._proxy = proxy
        self.date: float | None = None
        """What the server's clock said last."""

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """What stands at `path`.

        Raises:
            Unreachable, Ailing
        """
        proxy = self._proxy if not self._proxy.startswith("socks") else ""
        try:
            async with self._session.get(
                self._base + path, headers=headers, proxy=proxy or None
            ) as answer:
                text, self.date = await answer.text(), _date(answer.headers.get("Date", ""))
        except (ProxyConnectionError, ProxyTimeoutError, ProxyError) as error:
            raise Unreachable(
                f"the proxy {shown(self._proxy)} does not let it through: {self._told(error)}"
            ) from None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(self._why(error)) from None
        try:
            body = json.loads(text)
        except ValueError:
            raise Ailing(
                f"{self._base} answers with something else than its API "
                f"({answer.status}); is the address right?"
            ) from None
        if answer.status >= 500:
            raise Ailing(
                f"{self._base} answers with an error of its own ({answer.status}); try again later"
            )
        return Reply(answer.status, body, self.date)

    def _why(self, error: BaseException) -> str:
        host = URL(self._base).host
        match error:
            case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
                return (
                    f"the proxy {shown(self._proxy)} does not let it through: {self._told(error)}"
                )
            case aiohttp.ClientConnectorCertificateError() | ssl.SSLError():
                return (
                    f"{self._base} cannot be reached: its certificate is not trusted here; "
                    "look at this machine's clock, and at what stands between"
                )
            case aiohttp.ClientConnectorDNSError():
                return (
                    f"{self._base} cannot be reached: the name {host} is not found; look at "
                    "this machine's network, or set a proxy"
                )
            case TimeoutError():
                return (
                    f"{self._base} cannot be reached: no answer within {TIMEOUT_S:.0f} s; "
                    "where it is blocked, set a proxy"
                )
            case _:
                return (
                    f"{self._base} cannot be reached: {self._told(error)}; look at the address and"
                    " this machine's network, or set a proxy"
                )

    def _told(self, error: BaseException) -> str:
        said = str(error) or type(error).__name__
        return said.replace(self._secret, "…") if self._secret else said


@asynccontextmanager
async def opened(base: str, proxy: str, secret: str) -> AsyncIterator[Api]:
    """A connection to the API at `base`, through `proxy` unless that is ""."""
    connector = ProxyConnector.from_url(proxy) if proxy.startswith("socks") else None
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, trust_env=not proxy
    ) as session:
        yield Api(session, base, proxy, secret)


def shown(proxy: str) -> str:
    """A proxy's address without name and password."""
    return str(URL(proxy).with_user(None))


def _date(header: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(header).timestamp()
    except ValueError:
        return None
