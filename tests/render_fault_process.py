"""A render process that misbehaves on order: `python -m tests.render_fault_process`.

It speaks the real protocol over the real pipes and draws nothing. The prompt says what happens:

    steps N        N steps, then a grey picture
    slow           one step, then nothing until it is cancelled, alive all the while
    crash at N     the process exits in the middle of step N
    abort at N     the same by a signal
    hang at N      no sign of life any more from step N on
    nan            what the real process says of a picture that is not a number
    babble         bytes that are no report
    silent         takes the job and does nothing, as if stuck at once
    leak N         keeps N megabytes for ever, then two steps and a grey picture
    out of memory  what the real process says when the device is full
    device lost    what the real process does when the device itself has failed (a CUDA error that
                   every later call repeats)
"""

import io
import os
import queue
import re
import sys
import threading
import time

from PIL import Image

from bot.domain import Catalog, CheckpointInfo, Picture
from bot.errors import BadOutput, OutOfMemory
from bot.render.process import Wire
from bot.render.protocol import Beat, Cancel, Draw, Drawn, Ended, Order, Ready, Setup, Step

CATALOG = Catalog(
    checkpoints=(
        CheckpointInfo(name="fake", sha256="f" * 64, family="SD 1.x", native_size=64, demo=True),
    ),
    default_checkpoint="fake",
    samplers=("Euler",),
    schedules=("Automatic",),
    device="a process for tests",
)


class FaultyProcess:
    """Draws one job after the other, as its prompt says."""

    def __init__(self) -> None:
        self._wire = Wire()
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._leaked: list[bytes] = []

    def run(self) -> None:
        assert isinstance(self._wire.read(), Setup)
        threading.Thread(target=self._listen, daemon=True).start()
        print("a library prints to standard output")
        self._wire.tell(Ready(catalog=CATALOG))
        jobs: list[tuple[Draw, int]] = []
        while True:
            while not jobs or not self._orders.empty():
                order = self._orders.get()
                if isinstance(order, Draw):
                    jobs.append((order, 0))
                elif isinstance(order, Cancel):
                    jobs = [j for j in jobs if j[0].job_id != order.job_id]
                    self._wire.tell(Ended(job_id=order.job_id, failure="JobCancelled"))
            job, done = jobs.pop(0)
            if self._step(job, done + 1):
                jobs.append((job, done + 1))
            self._wire.tell(Beat())

    def _listen(self) -> None:
        while (order := self._wire.read()) is not None:
            self._orders.put(order)
        os._exit(0)

    def _step(self, job: Draw, step: int) -> bool:
        """Do one step; False when the job is over."""
        words, _, number = job.spec.prompt.partition(" at ")
        if number and step == int(number):
            self._misbehave(words)
        if words == "silent":
            self._misbehave("hang")
        if words == "nan":
            self._wire.tell(Ended(job_id=job.job_id, failure=BadOutput.__name__, detail="latent"))
            return False
        if words == "out of memory":
            end = Ended(job_id=job.job_id, failure=OutOfMemory.__name__, detail="1 GB too little")
            self._wire.tell(end)
            return False
        if words == "device lost":
            sys.exit("the device has failed: an illegal memory access was encountered")
        if words == "babble":
            self._wire._channel._out.write(b"\xff\xff\xff\xff nonsense")
            self._wire._channel._out.flush()
            return False
        if words == "slow" and step > 1:
            time.sleep(0.02)
            return True
        if step == 1 and (leak := re.fullmatch(r"leak (\d+)", words)):
            self._leaked.append(b"\1" * (int(leak[1]) * 2**20))
        match = re.fullmatch(r"(?:steps|(leak)) (\d+)", words)
        steps = (2 if match[1] else int(match[2])) if match else 10
        self._wire.tell(Step(job_id=job.job_id, step=step, steps=steps))
        if match and step == steps:
            self._wire.tell(Drawn(job_id=job.job_id, picture=_grey(job)))
            self._wire.tell(Ended(job_id=job.job_id))
            return False
        return True

    def _misbehave(self, how: str) -> None:
        if how == "crash":
            print("famous last words", file=sys.stderr, flush=True)
            os._exit(3)
        elif how == "abort":
            os.abort()
        elif how == "hang":
            threading.Event().wait()


def _grey(job: Draw) -> Picture:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(buffer, "PNG")
    return Picture(index=0, png=buffer.getvalue(), seed=job.spec.seed, infotext=job.spec.prompt)


if __name__ == "__main__":
    FaultyProcess().run()
