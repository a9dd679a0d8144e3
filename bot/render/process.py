"""The render process: `python -m bot.render.process`, started by `client`.

Orders come on standard input, reports go to standard output, both as frames of `protocol`. A thread
reads; the main thread owns the device. The process ends at once when its input is closed, so that
a bot that was killed leaves nothing behind.
"""

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from bot.render.protocol import (
    LENGTH,
    Beat,
    Cancel,
    Draw,
    Order,
    Ready,
    Report,
    Setup,
    decode_order,
    frame,
    length_of,
)

_BEAT_S = 1.0


class Channel:
    """The two pipes. Taken before any library is imported, because libraries print."""

    def __init__(self) -> None:
        self._in: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 for the whole life
        self._lock = threading.Lock()
        self._last_beat = 0.0

    def read(self) -> Order | None:
        """The next order; None at the end."""
        prefix = self._in.read(LENGTH.size)
        if len(prefix) < LENGTH.size:
            return None
        content = self._in.read(length_of(prefix))
        return decode_order(content) if len(content) == length_of(prefix) else None

    def tell(self, report: Report) -> None:
        """Send a report, from any thread. Beats are thinned out."""
        now = time.monotonic()
        if isinstance(report, Beat) and not report.loading and now - self._last_beat < _BEAT_S:
            return
        with self._lock:
            self._last_beat = now
            self._out.write(frame(report))
            self._out.flush()


def main() -> None:
    """Read the setup, load, say `Ready`, then draw until the input ends."""
    channel = Channel()
    # Threads that spin while they wait for each other starve on a machine that is not idle: with
    # one of two cores taken a picture took a hundred times longer. Must be set before torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s"
    )
    setup = channel.read()
    if not isinstance(setup, Setup):
        return
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(channel.read, orders), daemon=True).start()
    _draw(setup, orders, channel.tell)


def _listen(read: Callable[[], Order | None], orders: "queue.SimpleQueue[Order]") -> None:
    while (order := read()) is not None:
        orders.put(order)
    # The main thread may be deep in a UNet call; nothing of this process is worth waiting for.
    os._exit(0)


def _draw(setup: Setup, orders: "queue.SimpleQueue[Order]", tell: Callable[[Report], None]) -> None:
    from bot.render.easel import set_up  # imports torch: seconds

    easel = set_up(setup, tell)
    tell(Ready(catalog=easel.catalog))
    loop = easel.loop
    easel.warm_up(lambda: not orders.empty())
    while True:
        waiting = orders.qsize()
        if not loop.busy:
            waiting = max(1, waiting)
        for _ in range(waiting):
            order = orders.get()
            if isinstance(order, Draw):
                loop.submit(order)
            elif isinstance(order, Cancel):
                loop.cancel(order.job_id)
        loop.tick()


if __name__ == "__main__":
    main()
