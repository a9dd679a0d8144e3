"""Shared by the tests of `bot.render`: a loop in this process with the embedded checkpoint."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image

from bot.config import RenderConfig
from bot.domain import CheckpointInfo, ModelRef, Picture, RenderSpec
from bot.render.easel import Easel, set_up
from bot.render.lane import Lane
from bot.render.protocol import Draw, Drawn, Ended, Report, Setup, Step

SAMPLER = "DPM++ 2M"


class Bench:
    """A render loop and everything it has told since the last drawing."""

    def __init__(self, models: Path, data: Path, **settings: object) -> None:
        self.told: list[Report] = []
        values = {"models_dir": str(models), "device": "cpu", "threads": 1, **settings}
        config = RenderConfig(**values)  # type: ignore[arg-type]  # a bag of test settings
        self.easel: Easel = set_up(Setup(config=config, data_dir=str(data)), self.told.append)
        self.loop = self.easel.loop
        # What a call pays is measured; what a test finds must not depend on the machine's mood.
        self.easel.meter.limit = lambda key: 16  # type: ignore[method-assign]  # only here

    @property
    def demo(self) -> CheckpointInfo:
        return next(c for c in self.easel.catalog.checkpoints if c.demo)

    def spec(self, **changes: object) -> RenderSpec:
        """A small order for the demo checkpoint."""
        values: dict[str, object] = {
            "prompt": "a red apple", "seed": 1, "steps": 4, "cfg_scale": 3.0, "sampler": SAMPLER,
            "width": 64, "height": 64,
            "checkpoint": ModelRef(name=self.demo.name, sha256=self.demo.sha256),
        }  # fmt: skip
        return RenderSpec(**{**values, **changes})  # type: ignore[arg-type]  # checked by its user

    def submit(self, specs: Sequence[RenderSpec], inputs: Mapping[str, bytes] = {}) -> None:
        """Hand in jobs named 0, 1, 2, …"""
        self.told.clear()
        for i, spec in enumerate(specs):
            self.loop.submit(Draw(job_id=str(i), spec=spec, inputs=dict(inputs)))

    def run(self) -> int:
        """Tick until nothing is left; returns the number of ticks."""
        ticks = 0
        while self.loop.busy:
            self.loop.tick()
            ticks += 1
        self.easel.finisher.wait()
        return ticks

    def draw(self, *specs: RenderSpec, inputs: Mapping[str, bytes] = {}) -> list[list[Picture]]:
        """The pictures of each job, drawn together."""
        self.submit(specs, inputs)
        self.run()
        return [self.pictures(str(i)) for i in range(len(specs))]

    def pictures(self, job_id: str) -> list[Picture]:
        return [r.picture for r in self.told if isinstance(r, Drawn) and r.job_id == job_id]

    def steps(self, job_id: str) -> list[int]:
        return [r.step for r in self.told if isinstance(r, Step) and r.job_id == job_id]

    def end(self, job_id: str) -> Ended:
        (end,) = (r for r in self.told if isinstance(r, Ended) and r.job_id == job_id)
        return end


def ends_of_passes(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """The latents at the end of each pass from now on, in order."""
    kept: list[torch.Tensor] = []
    advance = Lane.advance

    def spy(lane: Lane, denoised: torch.Tensor) -> None:
        advance(lane, denoised)
        if lane.result is not None:
            kept.append(lane.result)

    monkeypatch.setattr(Lane, "advance", spy)
    return kept


def png(colour: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (64, 64)) -> bytes:
    """A picture with a square of `colour` on white."""
    image = Image.new("RGB", size, "white")
    image.paste(colour, (size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def relative(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """Largest difference, as a share of the largest value."""
    return float((found - wanted).abs().max() / wanted.abs().max())
