"""A render process that draws when it is let: `python -m tests.gated_painter PORT`.

It connects to the test before each picture and waits until that closes the connection.
"""

import asyncio
import socket
import sys
from typing import Self

from bot.render.process import Wire
from bot.render.protocol import Beat, Draw, Drawn, Ended, Ready, Setup
from tests.quick_painter import CATALOG, painted


class Gate:
    """The test's side: use as `async with`; shut at first."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._let_in, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._open.set()
        self._server.close()
        await self._server.wait_closed()

    @property
    def command(self) -> tuple[str, ...]:
        """Starts the painter."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return (sys.executable, "-m", "tests.gated_painter", str(port))

    def open(self) -> None:
        """From now on everything is drawn at once."""
        self._open.set()

    async def _let_in(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        writer.close()


def main(port: int) -> None:
    wire = Wire()
    assert isinstance(wire.read(), Setup)
    wire.tell(Ready(catalog=CATALOG))
    while (order := wire.read()) is not None:
        if not isinstance(order, Draw):
            continue
        wire.tell(Beat())
        with socket.create_connection(("127.0.0.1", port)) as gate:
            gate.recv(1)
        for index in range(order.spec.count):
            wire.tell(Drawn(job_id=order.job_id, picture=painted(order.spec, index)))
        wire.tell(Ended(job_id=order.job_id))


if __name__ == "__main__":
    main(int(sys.argv[1]))
