"""One picture on its way through the sampler, pass after pass."""

from typing import TypeAlias

from torch import Tensor

from bot.render.batch import Ask
from bot.render.noise import PictureNoise
from bot.render.plan import Leg, Plan, Speaker
from bot.render.samplers import Sampling, Wish, end_scale, start_scale

Group: TypeAlias = tuple[str, int, int]
"""Checkpoint, height and width: what must be equal within one UNet call."""


class Lane:
    """One picture: its sampler, its random numbers, its next wish."""

    def __init__(self, plan: Plan, index: int) -> None:
        """Picture number `index` of `plan`, ready for its first UNet call."""
        self.plan, self.index = plan, index
        self.steps_done = 0
        """Over all passes."""
        self.result: Tensor | None = None
        """The final latent of the current pass, once there is one."""
        self.denoised: Tensor | None = None
        """The model's last opinion, for previews."""
        self._pass = 0
        self._sampling: Sampling
        self._wish: Wish
        self._begin(plan.start)

    @property
    def leg(self) -> Leg:
        """The current pass."""
        return self.plan.legs[self._pass]

    @property
    def next_leg(self) -> Leg | None:
        """The pass that follows, if any."""
        legs = self.plan.legs
        return legs[self._pass + 1] if self._pass + 1 < len(legs) else None

    @property
    def speaker(self) -> Speaker:
        """The model whose opinion is wanted next."""
        plan, refine_from = self.plan, self.leg.run.refine_from
        if plan.refiner is None or refine_from is None or self._wish[2] < refine_from:
            return plan.base
        return plan.refiner

    @property
    def group(self) -> Group:
        """With whom this lane may share its next call."""
        run = self.leg.run
        return (self.speaker.sha256, run.height, run.width)

    @property
    def ask(self) -> Ask:
        """This picture's part in the next UNet call."""
        return self.speaker.ask(self._wish, self.leg, self.index)

    def advance(self, denoised: Tensor) -> None:
        """Hand the model's opinion to the sampler; afterwards there is a new wish or a result."""
        self.denoised = denoised
        before = sum(leg.run.steps for leg in self.plan.legs[: self._pass])
        try:
            self._wish = self._sampling.send(denoised)
            self.steps_done = before + self._wish[2]
        except StopIteration as end:
            last = self.leg.sigmas[-1]
            self.result = end.value * end_scale(last) if last > 0 else end.value
            self.steps_done = before + self.leg.run.steps

    def enter_next(self, latent: Tensor) -> None:
        """Begin the pass that follows, over `latent`."""
        self._pass += 1
        self._begin(latent)

    def _begin(self, over: Tensor | None) -> None:
        """Begin the current pass: from pure noise, or from a noised latent."""
        model, leg, kind = self.plan.base.model, self.leg, self.plan.kind
        scale = model.latent_scale
        shape = (1, model.latent_channels, leg.run.height // scale, leg.run.width // scale)
        noise = PictureNoise(self.plan.spec, self.index, shape, model.device)
        first = leg.sigmas[0]
        if over is None:
            x = noise.first() * start_scale(kind, first)
        else:
            x = over + noise.first() * first
        self._sampling = kind.sampler(x, leg.sigmas, noise)
        self._wish = next(self._sampling)
        self.result = None
