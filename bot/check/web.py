"""Asking a platform over HTTP, through its proxy, with failures told in an operator's words."""

import email.utils
import json
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from yarl import URL

TIMEOUT_S = 10.0
_NO_PROXY = (ProxyConnectionError, ProxyTimeoutError, aiohttp.ClientProxyConnectionError)


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
        except (
            ProxyConnectionError,
            ProxyTimeoutError,
            aiohttp.ClientProxyConnectionError,
        ) as error:
            raise Unreachable(f"the proxy {absent(self._proxy, error)}") from None
        except (ProxyError, aiohttp.ClientHttpProxyError) as error:
            raise Unreachable(
                f"the proxy {shown(self._proxy)} does not let it through:"
                f" {self._told(error)}; look at its user, its password and its rules"
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
        through = f" through the proxy {shown(self._proxy)}" if self._proxy else ""
        instead = "look at the proxy" if self._proxy else "where it is blocked, set a proxy"
        failed = f"{self._base} cannot be reached{through}"
        match error:
            case aiohttp.ClientConnectorCertificateError() | ssl.SSLError():
                return (
                    f"{failed}: its certificate is not trusted here; "
                    "look at this machine's clock, and at what stands between"
                )
            case aiohttp.ClientConnectorDNSError():
                return (
                    f"{failed}: the name {host} is not found; look at "
                    "this machine's network, or set a proxy"
                )
            case TimeoutError():
                return f"{failed}: no answer within {TIMEOUT_S:.0f} s; {instead}"
            case _:
                return f"{failed}: {self._told(error)}; look at the address, or {instead}"

    def _told(self, error: BaseException) -> str:
        said = reason(error)
        return said.replace(self._secret, "…") if self._secret else said


def reason(error: BaseException) -> str:
    """Why nothing came, in the operating system's words where it has any."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"{error.status} {error.message}"
    below: BaseException | None = error
    while below is not None:
        number = getattr(below, "errno", None)
        if isinstance(number, int) and number > 0:
            said = os.strerror(number)  # asyncio's own words hold the address once more
            return (
                str(error) if said.startswith("Unknown") else said
            )  # Windows' numbers above 10000
        below = below.__cause__ or below.__context__
    hung_up = (ConnectionError, aiohttp.ServerDisconnectedError)
    if isinstance(getattr(error, "os_error", error), hung_up):
        return "it closed the connection"
    return str(error) or type(error).__name__


def absent(proxy: str, error: BaseException) -> str:
    """That nothing answers at this address of a proxy, and what to do."""
    silent = isinstance(error, TimeoutError | ProxyTimeoutError)
    why = f"no answer within {TIMEOUT_S:.0f} s" if silent else reason(error)
    return f"{shown(proxy)} cannot be reached ({why}); start it, or change `proxy`"


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
