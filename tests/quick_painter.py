"""A render process that draws at once: `python -m tests.quick_painter`.

It speaks the real protocol over the real pipes. Each picture has the size that was asked for, a
colour that its seed decides, and its infotext inside, so that a test can tell pictures apart.
"""

import random
import sys

from PIL import Image

from bot.domain import Catalog, CheckpointInfo, Picture, RenderSpec
from bot.infotext import format_infotext
from bot.render.picture import png_bytes
from bot.render.process import Wire
from bot.render.protocol import Beat, Draw, Drawn, Ended, Ready, Setup, Step

COMMAND = (sys.executable, "-m", "tests.quick_painter")
CATALOG = Catalog(
    checkpoints=(
        CheckpointInfo(
            name="quick", sha256="a1" * 32, family="SD 1.x", native_size=64, max_side=4096
        ),
    ),
    default_checkpoint="quick",
    samplers=("Euler", "Euler a", "DPM++ 2M"),
    schedules=("Automatic", "Karras"),
    features=("hires", "clip_skip"),
    device="a process for tests",
)
STEPS = 3


def colour(seed: int) -> tuple[int, int, int]:
    """Of all pictures with this seed."""
    red, green, blue = random.Random(seed).randbytes(3)
    return red, green, blue


def painted(spec: RenderSpec, index: int) -> Picture:
    seed, subseed = spec.seeds(index)
    infotext = format_infotext(spec, index, "test")
    image = Image.new("RGB", spec.final_size, colour(seed + 7 * subseed))
    return Picture(index=index, png=png_bytes(image, infotext), seed=seed, infotext=infotext)


def main() -> None:
    wire = Wire()
    assert isinstance(wire.read(), Setup)
    wire.tell(Ready(catalog=CATALOG))
    while (order := wire.read()) is not None:
        if not isinstance(order, Draw):
            continue
        for step in range(1, STEPS + 1):
            wire.tell(Beat())
            wire.tell(Step(job_id=order.job_id, step=step, steps=STEPS))
        for index in range(order.spec.count):
            wire.tell(Drawn(job_id=order.job_id, picture=painted(order.spec, index)))
        wire.tell(Ended(job_id=order.job_id))


if __name__ == "__main__":
    main()
