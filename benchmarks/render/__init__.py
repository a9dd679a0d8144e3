"""The render loop beside diffusers' pipelines, side by side in one run.

On any machine with the checkpoint that ships with the bot; on a CUDA card also with random weights
in the shapes of SD 1.5 and SDXL. Ratios are theirs to ours in time, or as their names say; both
sides take turns, so that a busy machine slows both.

`throughput_ratio_N`: N waiting mixed requests, to one-at-a-time diffusers (see `load`);
`static_ratio_N`: N equal ones, to static batches of diffusers;
`lone_ratio`: a lone request, ours to theirs, with the 95 % interval of the median;
`border_ms`: what the way through the render process adds;
`short_behind_long_ratio`: a 10-step request behind a 50-step one, to its time alone;
`host_ms_per_request_tick`: what a tick costs beside the UNet; `rows_per_s`: by rows of a call.
"""

import json
import tempfile
from pathlib import Path

import torch

from benchmarks.render.alone import border, lone
from benchmarks.render.load import under_load
from benchmarks.render.shapes import card_figures
from benchmarks.render.sides import Ours, Subject, Theirs
from benchmarks.render.table import table
from benchmarks.render.ticks import host, rows, short_behind_long
from bot.config import RenderConfig
from bot.domain import ModelRef
from bot.render import library

__all__ = ["demo", "run", "table"]


def run(quick: bool = False) -> dict[str, object]:
    """All figures. `quick`: fewer rounds; a few minutes on two idle cores."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        config = RenderConfig(models_dir=str(data / "models"), preview_every=0)
        ours, theirs = Ours(config, data), Theirs.demo()
        ours.easel.warm_up(lambda: False)
        subject = demo(ours)
        figures: dict[str, object] = {
            "device": ours.easel.catalog.device, "torch": torch.__version__,
        }  # fmt: skip
        figures |= rows(ours, subject)
        for count, rounds in (
            ((1, 3), (4, 1), (16, 1)) if quick else ((1, 9), (4, 5), (16, 3), (64, 1))
        ):
            figures |= under_load(ours, theirs, subject, count, rounds)
        figures |= lone(ours, theirs, subject, 10 if quick else 40)
        figures |= border(ours, subject, config, data, 5 if quick else 20)
        figures |= short_behind_long(ours, subject, 3 if quick else 9)
        figures |= host(ours, subject)
        if torch.cuda.is_available():
            figures |= card_figures(data, quick)
    return figures


def demo(ours: Ours) -> Subject:
    """The embedded checkpoint, asked for things that it knows."""
    checkpoint = ours.checkpoints[-1]
    about = Path(library.__file__).parent / "demo" / "config" / "chatelier.json"
    known = json.loads(about.read_text("utf-8"))
    things, scenes = ([entry["en"][0] for entry in known[k]] for k in ("objects", "scenes"))

    def prompt(number: int) -> str:
        thing, other = things[number % len(things)], scenes[number // len(things) % len(scenes)]
        return f"a {thing} {other}, number {number}"

    ref = ModelRef(name=checkpoint.name, sha256=checkpoint.sha256)
    return Subject(ref, checkpoint.native_size, prompt)
