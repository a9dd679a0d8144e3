"""The render process: `python -m bot.render.process`, started by `client`.

Orders come on standard input, reports go to standard output, both as messages of `protocol`. A
thread reads; the main thread owns the device. The process ends at once when its input is closed, so
that a bot that was killed leaves nothing behind.
"""

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable

from bot.child_process.channel import Channel
from bot.child_process.log_lines import log_to_parent
from bot.render.protocol import (
    WRONG_SETTING,
    Beat,
    Cancel,
    Draw,
    Order,
    Ready,
    Report,
    Setup,
    decode_order,
    encode,
)

log = logging.getLogger(__name__)

_BEAT_S = 1.0


class Wire:
    """Orders and reports on the two pipes."""

    def __init__(self) -> None:
        self._channel = Channel()
        self._last_beat = 0.0

    def read(self) -> Order | None:
        """The next order; None at the end."""
        content = self._channel.read()
        return None if content is None else decode_order(content)

    def tell(self, report: Report) -> None:
        """Send a report, from any thread. Beats are thinned out."""
        now = time.monotonic()
        if isinstance(report, Beat) and not report.loading and now - self._last_beat < _BEAT_S:
            return
        self._last_beat = now
        self._channel.write(encode(report))


def main() -> None:
    """Read the setup, load, say `Ready`, then draw until the input ends."""
    wire = Wire()
    # Threads that spin while they wait for each other starve on a machine that is not idle: with
    # one of two cores taken a picture took a hundred times longer. Must be set before torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    log_to_parent()
    setup = wire.read()
    if not isinstance(setup, Setup):
        return
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire.read, orders), daemon=True).start()
    _draw(setup, orders, wire.tell)


def _listen(read: Callable[[], Order | None], orders: "queue.SimpleQueue[Order]") -> None:
    while (order := read()) is not None:
        orders.put(order)
    # The main thread may be deep in a UNet call; nothing of this process is worth waiting for.
    os._exit(0)


def _draw(setup: Setup, orders: "queue.SimpleQueue[Order]", tell: Callable[[Report], None]) -> None:
    from bot.render.device import NoSuchDevice
    from bot.render.easel import set_up  # imports torch: seconds

    try:
        easel = set_up(setup, tell)
    except NoSuchDevice as error:
        # These are the last words that the parent repeats; once is enough.
        log.setLevel(logging.DEBUG)
        log.debug("%s", error)
        sys.exit(WRONG_SETTING)
    tell(easel.figures())
    tell(Ready(catalog=easel.catalog))
    easel.watch.start()
    loop, told = easel.loop, 0.0
    while True:
        if not loop.busy:
            easel.warm_up(lambda: not orders.empty())
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
        if not loop.busy or time.monotonic() - told >= _BEAT_S:
            told = time.monotonic()
            tell(easel.figures())


if __name__ == "__main__":
    main()
