"""The render loop against diffusers' pipeline, side by side in one run, with the demo checkpoint.

Figures (all ratios are ours to theirs, measured in turn so that a busy machine slows both):
`throughput_ratio_N`: pictures per second of N waiting mixed requests, to one-at-a-time diffusers;
`lone_ratio`: time of a lone request, text in to pixels out, with its 95 % interval;
`short_behind_long_ratio`: a 10-step request behind a 50-step one, to its time alone;
`host_ms_per_request_tick`: what a tick costs beside the UNet; `rows`: rows to calls' seconds.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
from PIL import Image
from torch import Tensor

from bot.config import RenderConfig
from bot.domain import ModelRef, RenderSpec
from bot.render import library
from bot.render.batch import Ask, UNetBatch
from bot.render.easel import Easel, set_up
from bot.render.protocol import Draw, Setup
from bot.render.text import encode

_SCHEDULERS = {
    "Euler": diffusers.EulerDiscreteScheduler,
    "Euler a": diffusers.EulerAncestralDiscreteScheduler,
    "DPM++ 2M": diffusers.DPMSolverMultistepScheduler,
    "DDIM": diffusers.DDIMScheduler,
}
_SIDE = 128


class _Ours:
    """The loop, with finished pictures counted instead of compressed."""

    def __init__(self, data: Path) -> None:
        config = RenderConfig(models_dir=str(data), preview_every=0)
        self.easel: Easel = set_up(Setup(config=config, data_dir=str(data)), lambda _: None)
        self.easel.warm_up(lambda: False)
        self.done: dict[str, float] = {}
        self.easel.finisher.picture = self._note  # type: ignore[method-assign]
        demo = self.easel.catalog.checkpoints[-1]
        self.ref = ModelRef(name=demo.name, sha256=demo.sha256)

    def _note(
        self, job_id: str, spec: RenderSpec, index: int, image: Image.Image, *, last: bool
    ) -> None:
        self.done[job_id] = time.perf_counter()

    def spec(self, seed: int, steps: int, sampler: str, cfg: float) -> RenderSpec:
        return RenderSpec(
            prompt="a red apple", seed=seed, steps=steps, cfg_scale=cfg, sampler=sampler,
            width=_SIDE, height=_SIDE, checkpoint=self.ref,
        )  # fmt: skip

    def draw(self, specs: list[RenderSpec]) -> list[float]:
        """Seconds until each picture, all handed in at once."""
        start = time.perf_counter()
        self.done.clear()
        for i, spec in enumerate(specs):
            self.easel.loop.submit(Draw(job_id=str(i), spec=spec, inputs={}))
        while self.easel.loop.busy:
            self.easel.loop.tick()
        return [self.done[str(i)] - start for i in range(len(specs))]


class _Theirs:
    """`StableDiffusionPipeline` on the same file."""

    def __init__(self) -> None:
        folder = Path(library.__file__).parent / "demo"
        self._pipe: Any = diffusers.StableDiffusionPipeline.from_single_file(
            str(folder / "chatelier-demo.safetensors"), config=str(folder / "config"),
            local_files_only=True, torch_dtype=torch.float32, safety_checker=None,
        )  # fmt: skip
        self._pipe.set_progress_bar_config(disable=True)
        self._base = self._pipe.scheduler.config

    def draw(self, specs: list[RenderSpec]) -> list[float]:
        """Seconds until each picture, one request after the other."""
        start = time.perf_counter()
        return [self._one(spec) - start for spec in specs]

    def _one(self, spec: RenderSpec) -> float:
        options = {"use_karras_sigmas": True} if spec.sampler == "DPM++ 2M" else {}
        kind = _SCHEDULERS[spec.sampler]
        self._pipe.scheduler = kind.from_config(self._base, **options)
        self._pipe(
            spec.prompt, height=_SIDE, width=_SIDE, num_inference_steps=spec.steps,
            guidance_scale=spec.cfg_scale, generator=torch.Generator().manual_seed(spec.seed),
        )  # fmt: skip
        return time.perf_counter()


def run(quick: bool = False) -> dict[str, object]:
    """All figures; `quick` takes about a minute on two idle cores."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _Ours(Path(folder)), _Theirs()
        figures: dict[str, object] = {"device": ours.easel.catalog.device}
        for count in (1, 4, 16) if quick else (1, 4, 16, 64):
            figures |= _throughput(ours, theirs, count)
        figures |= _lone(ours, theirs, 10 if quick else 30)
        figures |= _short_behind_long(ours)
        figures |= _host(ours)
        figures |= _rows(ours)
    return figures


def _mixed(ours: _Ours, count: int) -> list[RenderSpec]:
    rng = random.Random(count)
    return [
        ours.spec(i, rng.randint(8, 50), rng.choice(list(_SCHEDULERS)), rng.choice([2.0, 3.0, 7.0]))
        for i in range(count)
    ]


def _throughput(ours: _Ours, theirs: _Theirs, count: int) -> dict[str, object]:
    specs = _mixed(ours, count)
    mine, other = ours.draw(specs), theirs.draw(specs)
    found: dict[str, object] = {f"throughput_ratio_{count}": round(max(other) / max(mine), 3)}
    for name, times in (("ours", mine), ("diffusers", other)):
        found[f"pictures_per_s_{count}_{name}"] = round(count / max(times), 3)
        found[f"median_s_{count}_{name}"] = round(statistics.median(times), 3)
        found[f"p95_s_{count}_{name}"] = round(sorted(times)[int(0.95 * (count - 1))], 3)
    return found


def _lone(ours: _Ours, theirs: _Theirs, pairs: int) -> dict[str, object]:
    spec = [ours.spec(1, 20, "DPM++ 2M", 3.0)]
    for _ in range(2):
        ours.draw(spec), theirs.draw(spec)
    ratios = [ours.draw(spec)[0] / theirs.draw(spec)[0] for _ in range(pairs)]
    rng = random.Random(0)
    medians = sorted(statistics.median(rng.choices(ratios, k=pairs)) for _ in range(2000))
    return {
        "lone_ratio": round(statistics.median(ratios), 3),
        "lone_ratio_95": [round(medians[50], 3), round(medians[1949], 3)],
        "lone_pairs": pairs,
    }


def _short_behind_long(ours: _Ours) -> dict[str, object]:
    short, long = ours.spec(1, 10, "DPM++ 2M", 3.0), ours.spec(2, 50, "DPM++ 2M", 3.0)
    alone = statistics.median(ours.draw([short])[0] for _ in range(5))
    behind = statistics.median(ours.draw([long, short])[1] for _ in range(5))
    return {"short_behind_long_ratio": round(behind / alone, 3)}


def _host(ours: _Ours) -> dict[str, object]:
    """Ticks of 16 requests while the UNet answers at once with its input."""
    model = ours.easel.loop.shelf.get(ours.ref).model
    forward = model.unet.forward

    def instantly(sample: Tensor, *_: object, **__: object) -> tuple[Tensor]:
        return (sample,)

    model.unet.forward = instantly
    try:
        specs = [ours.spec(i, 40, name, 3.0) for i in range(4) for name in _SCHEDULERS]
        seconds = min(_ticks(ours, specs) for _ in range(3))
    finally:
        model.unet.forward = forward
    return {"host_ms_per_request_tick": round(1000 * seconds / (16 * 20), 4)}


def _ticks(ours: _Ours, specs: list[RenderSpec]) -> float:
    """Seconds of 20 ticks in the middle of the run, in which every request makes a step."""
    loop = ours.easel.loop
    ours.easel.meter.limit = lambda key: 64  # type: ignore[method-assign]
    for i, spec in enumerate(specs):
        loop.submit(Draw(job_id=str(i), spec=spec, inputs={}))
    loop.tick()
    start = time.perf_counter()
    for _ in range(20):
        loop.tick()
    seconds = time.perf_counter() - start
    for i in range(len(specs)):
        loop.cancel(str(i))
    return seconds


def _rows(ours: _Ours) -> dict[str, object]:
    model = ours.easel.loop.shelf.get(ours.ref).model
    side = _SIDE // model.latent_scale
    ask = Ask(torch.randn(1, 4, side, side), 3.0, encode(model, ()), None, 1.0)
    batch = UNetBatch(model)
    times = {n: _best(lambda n=n: batch.denoise([ask] * n)) for n in (1, 2, 4, 8, 16, 32)}  # type: ignore[misc]
    return {"rows": {str(n): round(seconds, 5) for n, seconds in times.items()}}


def _best(call: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(once() for _ in range(4))
