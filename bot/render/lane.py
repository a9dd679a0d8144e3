"""One picture on its way through the sampler."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
from torch import Tensor

from bot.domain import RenderSpec
from bot.prompt import Piece, parse
from bot.render.batch import Ask
from bot.render.fitting import Fitted
from bot.render.lora import Worn
from bot.render.model import Conditioning, Model
from bot.render.samplers import (
    SAMPLERS,
    SamplerKind,
    Sampling,
    Wish,
    end_scale,
    levels_for,
    start_scale,
)
from bot.render.text import encode

_Prompts: TypeAlias = Callable[[int], Conditioning]


@dataclass(slots=True, eq=False)
class Plan:
    """What all pictures of a job have in common."""

    spec: RenderSpec
    kind: SamplerKind
    sigmas: list[float]
    """Levels to visit, falling."""
    positive: _Prompts
    """By number of steps done before."""
    negative: _Prompts | None
    start: Tensor | None
    """Latent of the input picture."""
    loras: Worn = ()

    @property
    def steps(self) -> int:
        """Steps that are really run; fewer than asked with an input picture."""
        return len(self.sigmas) - 1


@dataclass(slots=True, eq=False)
class Lane:
    """One picture: its sampler, its random numbers, its next wish."""

    plan: Plan
    index: int
    sampling: Sampling
    wish: Wish
    steps_done: int = 0
    result: Tensor | None = field(default=None)
    """The final latent, once there is one."""
    denoised: Tensor | None = None
    """The model's last opinion, for previews."""

    @property
    def ask(self) -> Ask:
        """This picture's part in the next UNet call."""
        x, sigma, step = self.wish
        plan = self.plan
        negative = plan.negative(step) if plan.negative else None
        return Ask(x, sigma, plan.positive(step), negative, plan.spec.cfg_scale, plan.loras)

    def advance(self, denoised: Tensor) -> None:
        """Hand the model's opinion to the sampler; afterwards there is a new wish or a result."""
        self.denoised = denoised
        try:
            self.wish = self.sampling.send(denoised)
            self.steps_done = self.wish[2]
        except StopIteration as end:
            last = self.plan.sigmas[-1]
            self.result = end.value * end_scale(last) if last > 0 else end.value
            self.steps_done = self.plan.steps


def make_plan(fitted: Fitted, spec: RenderSpec, start: Tensor | None) -> Plan:
    """Everything the pictures of `spec` share.

    Raises:
        KeyError: unknown sampler or schedule.
    """
    kind = SAMPLERS[spec.sampler]
    sigmas = levels_for(kind, spec.schedule, fitted.model.levels, spec.steps)
    if start is not None:
        # As A1111 counts: strength 0.75 of 20 steps runs the last 16.
        run = int(min(spec.denoising_strength, 0.999) * spec.steps) + 1
        sigmas = sigmas[max(0, len(sigmas) - 1 - run) :]
    skipped = spec.steps - (len(sigmas) - 1)
    positive = _prompts(fitted, spec.prompt, spec, skipped)
    guided = spec.cfg_scale != 1.0
    negative = _prompts(fitted, spec.negative_prompt, spec, skipped) if guided else None
    return Plan(spec, kind, sigmas, positive, negative, start, fitted.loras)


def make_lane(model: Model, plan: Plan, index: int) -> Lane:
    """The picture number `index` of a plan, ready for its first UNet call.

    All its noise comes from one generator on the CPU, so that it depends neither on the device nor
    on the neighbours in the batch.
    """
    spec, scale = plan.spec, model.latent_scale
    shape = (1, model.latent_channels, spec.height // scale, spec.width // scale)
    generator = torch.Generator().manual_seed((spec.seed + index) % 2**63)

    def noise() -> Tensor:
        return torch.randn(shape, generator=generator).to(model.device)

    first = plan.sigmas[0]
    if plan.start is None:
        x = noise() * start_scale(plan.kind, first)
    else:
        x = plan.start + noise() * first
    sampling = plan.kind.sampler(x, plan.sigmas, noise)
    return Lane(plan, index, sampling, next(sampling))


def _prompts(fitted: Fitted, text: str, spec: RenderSpec, skipped: int) -> _Prompts:
    """Encodings by step; most prompts have only one."""
    parsed = parse(text)
    encoded: dict[tuple[Piece, ...], Conditioning] = {}

    def at(step: int) -> Conditioning:
        pieces = parsed.at_step(skipped + step + 1, spec.steps)
        if pieces not in encoded:
            encoded[pieces] = encode(
                fitted.model, pieces, spec.clip_skip, fitted.loras, fitted.embeddings
            )
        return encoded[pieces]

    if parsed.changes:
        return at
    only = at(0)
    return lambda _: only
