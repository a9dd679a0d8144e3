"""A render process that takes its time: `python -m tests.patient_painter SECONDS`.

Every `SECONDS` all jobs that it has come one of their steps further, each with a small preview;
what they end with is what `tests.quick_painter` paints.
"""

import io
import os
import queue
import sys
import threading
import time

from PIL import Image

from bot.errors import JobCancelled
from bot.render.process import Wire
from bot.render.protocol import Beat, Cancel, Draw, Drawn, Ended, Order, Ready, Setup, Step
from tests.quick_painter import CATALOG, colour, painted


def command(seconds: float) -> tuple[str, ...]:
    """How to start it."""
    return (sys.executable, "-m", "tests.patient_painter", str(seconds))


def preview(order: Draw, step: int) -> bytes:
    out = io.BytesIO()
    red, green, blue = colour(order.spec.seed)
    Image.new("RGB", (32, 32), (red, green, step * blue // order.spec.steps)).save(out, "JPEG")
    return out.getvalue()


def main() -> None:
    wire, orders, jobs = Wire(), queue.SimpleQueue[Order](), dict[str, tuple[Draw, int]]()
    assert isinstance(wire.read(), Setup)
    threading.Thread(target=listen, args=(wire, orders), daemon=True).start()
    wire.tell(Ready(catalog=CATALOG))
    while True:
        wire.tell(Beat())
        time.sleep(float(sys.argv[1]))
        while not orders.empty():
            match orders.get():
                case Draw() as order:
                    jobs[order.job_id] = (order, 0)
                case Cancel(job_id=job_id) if jobs.pop(job_id, None):
                    wire.tell(Ended(job_id=job_id, failure=JobCancelled.__name__))
        for job_id, (order, done) in list(jobs.items()):
            step, steps = done + 1, order.spec.steps
            jobs[job_id] = (order, step)
            wire.tell(Step(job_id=job_id, step=step, steps=steps, preview=preview(order, step)))
            if step == steps:
                del jobs[job_id]
                for index in range(order.spec.count):
                    wire.tell(Drawn(job_id=job_id, picture=painted(order.spec, index)))
                wire.tell(Ended(job_id=job_id))


def listen(wire: Wire, orders: queue.SimpleQueue[Order]) -> None:
    while (order := wire.read()) is not None:
        orders.put(order)
    os._exit(0)


if __name__ == "__main__":
    main()
