"""An HTTP proxy and a SOCKS5 proxy on loopback; names that exist nowhere lead through them."""

import asyncio
import re
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Literal, Self

from yarl import URL

USER, PASSWORD = "ann", "secret"


class Proxy:
    """Use as `async with`. `names`: for each host that is asked for, an address on loopback."""

    def __init__(self, kind: Literal["http", "socks5"], names: dict[str, str]) -> None:
        self.kind, self._names = kind, names
        self._busy: set[asyncio.Task[None]] = set()
        self.asked: list[str] = []
        """Every host that a connection was asked to, in order."""
        self.cut = b""
        """HTTP: one request with this in its head is not answered."""
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)

    @property
    def address(self) -> str:
        """As it stands in the configuration."""
        secret = f"{USER}:{PASSWORD}@" if self.kind == "socks5" else ""
        return f"{self.kind}://{secret}127.0.0.1:{self.port}"

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serve = self._http if self.kind == "http" else self._socks
        self._busy.add(asyncio.create_task(self._closing(serve(reader, writer), writer)))

    async def _closing(
        self, serving: Coroutine[Any, Any, None], writer: asyncio.StreamWriter
    ) -> None:
        try:
            await serving
        finally:
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """RFC 9110, 9.3.6: CONNECT; and RFC 9112, 3.2.2: a whole address in the request line."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        if self.cut and self.cut in head:
            self.cut = b""
            return
        asked = re.match(rb"CONNECT ([^: ]+):\d+ |[A-Z]+ (?:http|ws)s?://([^:/ ]+)", head)
        assert asked is not None, head
        name = (asked[1] or asked[2]).decode()
        if asked[1]:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            head = b""
        await self._through(name, reader, writer, head)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """RFC 1928, with name and password by RFC 1929."""
        _, count = await reader.readexactly(2)
        assert 2 in await reader.readexactly(count)
        writer.write(b"\x05\x02")
        _, length = await reader.readexactly(2)
        user = await reader.readexactly(length)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        assert (user, password) == (USER.encode(), PASSWORD.encode())
        writer.write(b"\x01\x00")
        _, command, _, kind = await reader.readexactly(4)
        assert (command, kind) == (1, 3), "the name is looked up by the proxy"
        name = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        await reader.readexactly(2)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        await self._through(name, reader, writer)

    async def _through(
        self,
        name: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: bytes = b"",
    ) -> None:
        self.asked.append(name)
        there = URL(self._names[name])
        back, forth = await asyncio.open_connection(there.host, there.port)
        try:
            forth.write(head)
            await asyncio.gather(_copy(reader, forth), _copy(back, writer))
        finally:
            forth.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
