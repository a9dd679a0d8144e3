"""The two sides that are compared: our render loop, and diffusers' pipelines.

Both are handed specs and say after how many seconds each picture was there as pixels.
"""

import copy
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
from PIL import Image

from bot.config import RenderConfig
from bot.domain import CheckpointInfo, ModelRef, RenderSpec
from bot.render import library
from bot.render.easel import Easel, set_up
from bot.render.model import Model
from bot.render.protocol import Draw, Setup
from bot.render.shelf import Resident
from bot.render.text import CHUNK

SAMPLERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "DPM++ 2M": (diffusers.DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    "Euler a": (diffusers.EulerAncestralDiscreteScheduler, {}),
    "Euler": (diffusers.EulerDiscreteScheduler, {}),
    "DDIM": (diffusers.DDIMScheduler, {}),
    "Heun": (diffusers.HeunDiscreteScheduler, {}),
    "UniPC": (diffusers.UniPCMultistepScheduler, {}),
}
"""Those that both sides have, with as many UNet calls per step on either side."""


@dataclass(frozen=True)
class Subject:
    """What is drawn with: a checkpoint at one size, and how its pictures are usually asked for."""

    ref: ModelRef
    side: int
    prompt: Callable[[int], str]
    """The words of the n-th request; no two are alike."""

    def spec(self, number: int, steps: int, sampler: str, cfg: float) -> RenderSpec:
        """The n-th request: its own words, both positive and negative, and its own seed."""
        return RenderSpec(
            prompt=self.prompt(number), negative_prompt="not " + self.prompt(number + 7),
            seed=number, steps=steps, cfg_scale=cfg, sampler=sampler, width=self.side,
            height=self.side, checkpoint=self.ref,
        )  # fmt: skip


class Ours:
    """The loop in this process; finished pictures are noted instead of compressed."""

    def __init__(self, config: RenderConfig, data: Path) -> None:
        self.easel: Easel = set_up(Setup(config=config, data_dir=str(data)), lambda _: None)
        self._at_once = config.jobs_at_once
        self._done: dict[str, float] = {}
        self._pack, self._packs = self.easel.finisher.picture, False
        self.easel.finisher.picture = self._note  # type: ignore[method-assign]  # pixels suffice

    @property
    def checkpoints(self) -> tuple[CheckpointInfo, ...]:
        """All there are, the embedded one last."""
        return self.easel.catalog.checkpoints

    def resident(self, ref: ModelRef) -> Resident:
        """The model in memory."""
        return self.easel.loop.shelf.get(ref)

    def _note(
        self, job_id: str, spec: RenderSpec, index: int, image: Image.Image, *, last: bool
    ) -> None:
        self._done[job_id] = time.perf_counter()
        if self._packs:
            self._pack(job_id, spec, index, image, last=last)

    def draw(self, specs: Sequence[RenderSpec]) -> list[float]:
        """All are waiting; as many as the bot would are in the loop at once."""
        loop, start = self.easel.loop, time.perf_counter()
        self._done.clear()
        waiting = deque(enumerate(specs))
        while waiting or loop.busy:
            in_loop = len(specs) - len(waiting) - len(self._done)
            for _ in range(min(self._at_once - in_loop, len(waiting))):
                number, spec = waiting.popleft()
                loop.submit(Draw(job_id=str(number), spec=spec, inputs={}))
            loop.tick()
        return [self._done[str(i)] - start for i in range(len(specs))]

    def draw_packed(self, spec: RenderSpec) -> float:
        """One alone, with its PNG."""
        self._packs, start = True, time.perf_counter()
        self.draw([spec])
        self.easel.finisher.wait()
        self._packs = False
        return time.perf_counter() - start


class Theirs:
    """A pipeline of diffusers, one request after the other, or in batches of equal requests."""

    def __init__(self, pipeline: Any) -> None:
        self._pipe = pipeline
        self._pipe.set_progress_bar_config(disable=True)
        self._schedule = dict(pipeline.scheduler.config)

    @classmethod
    def demo(cls) -> "Theirs":
        """The checkpoint that ships with the bot, loaded by diffusers."""
        folder = Path(library.__file__).parent / "demo"
        return cls(
            diffusers.StableDiffusionPipeline.from_single_file(
                str(folder / "chatelier-demo.safetensors"), config=str(folder / "config"),
                local_files_only=True, torch_dtype=torch.float32, safety_checker=None,
            )
        )  # fmt: skip

    @classmethod
    def around(cls, model: Model) -> "Theirs":
        """The same modules as ours, so that a large model is in memory once."""
        parts = {"unet": model.unet, "vae": model.vae}
        for i, tower in enumerate(model.towers):
            end = f"_{i + 1}" if i else ""
            tokenizer = copy.deepcopy(tower.tokenizer)
            tokenizer.model_max_length = CHUNK + 2
            parts |= {"text_encoder" + end: tower.encoder, "tokenizer" + end: tokenizer}
        parts["scheduler"] = diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
        )
        if model.is_xl:
            return cls(diffusers.StableDiffusionXLPipeline(**parts, add_watermarker=False))
        return cls(
            diffusers.StableDiffusionPipeline(
                **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
            )
        )

    def draw(self, specs: Sequence[RenderSpec]) -> list[float]:
        """One after the other."""
        return self.draw_batches(specs, 1)

    def draw_batches(self, specs: Sequence[RenderSpec], size: int) -> list[float]:
        """So many at once, who must agree on everything but words and seed."""
        start = time.perf_counter()
        times: list[float] = []
        for first in range(0, len(specs), size):
            batch = specs[first : first + size]
            self._call(batch)
            times += [time.perf_counter() - start] * len(batch)
        return times

    def _call(self, batch: Sequence[RenderSpec]) -> None:
        spec = batch[0]
        if any(_settings(other) != _settings(spec) for other in batch):
            raise ValueError("a static batch of different settings")
        kind, options = SAMPLERS[spec.sampler]
        self._pipe.scheduler = kind.from_config(self._schedule, **options)
        self._pipe(
            [s.prompt for s in batch], negative_prompt=[s.negative_prompt for s in batch],
            height=spec.height, width=spec.width, num_inference_steps=spec.steps,
            guidance_scale=spec.cfg_scale,
            generator=[torch.Generator().manual_seed(s.seed) for s in batch],
        )  # fmt: skip


def _settings(spec: RenderSpec) -> tuple[object, ...]:
    return spec.steps, spec.sampler, spec.cfg_scale, spec.width, spec.height
