"""What all pictures of a job have in common: models, words and noise levels, pass by pass."""

from dataclasses import dataclass, replace

from torch import Tensor

from bot.domain import RenderSpec
from bot.errors import RenderError
from bot.prompt import ParsedPrompt, parse
from bot.render.addons import Addons
from bot.render.batch import Ask
from bot.render.fitting import Fitted, fit
from bot.render.model import Conditioning
from bot.render.samplers import SAMPLERS, SamplerKind, Wish, levels_for
from bot.render.shelf import Resident
from bot.render.text import encode, silence
from bot.spec import Pass, passes


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """One pass of a job, ready to be run."""

    run: Pass
    sigmas: list[float]
    """Levels to visit, falling."""
    steps_said: int
    """Steps that a `when` of the prompt is a share of."""
    earlier: int | None = None
    """Steps of the pass before."""


class Speaker:
    """A model that draws a job, and what it hears of the job's prompts at each step."""

    def __init__(self, resident: Resident, sha256: str, spec: RenderSpec, addons: Addons) -> None:
        """Fits LoRAs, embeddings and VAE to the model.

        Raises:
            ModelUnavailable: as `fit`.
        """
        self.resident, self.sha256 = resident, sha256
        self._fitted: Fitted = fit(resident, spec, addons)
        self.model = self._fitted.model
        self._spec = spec
        words = [spec.words(index) for index in range(spec.count)]
        parsed = {text: parse(text) for text in words}
        self._positive = [parsed[text] for text in words]
        self._negative = parse(spec.negative_prompt) if spec.cfg_scale != 1.0 else None
        self._constant: dict[int, Conditioning] = {}
        if self._negative and self.model.is_xl and not self._negative.text.strip():
            self._constant[id(self._negative)] = silence(self.model)

    def ask(self, wish: Wish, leg: Leg, index: int) -> Ask:
        """The part of picture `index` in the next UNet call."""
        x, sigma, step = wish
        negative = self._hears(self._negative, step, leg) if self._negative else None
        positive = self._hears(self._positive[index], step, leg)
        return Ask(x, sigma, positive, negative, self._spec.cfg_scale, self._fitted.loras)

    def prepare(self, leg: Leg) -> None:
        """Encode now what does not change on the way."""
        for prompt in (*self._positive, self._negative):
            if prompt is not None and not prompt.changes:
                self._hears(prompt, 0, leg)

    def _hears(self, prompt: ParsedPrompt, step: int, leg: Leg) -> Conditioning:
        if (known := self._constant.get(id(prompt))) is not None:
            return known
        pieces = prompt.at_step(step + 1, leg.steps_said, leg.earlier)
        fitted = self._fitted
        heard = encode(fitted.model, pieces, self._spec.clip_skip, fitted.loras, fitted.embeddings)
        if not prompt.changes:
            self._constant[id(prompt)] = heard
        return heard


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How the pictures of `spec` are drawn."""

    spec: RenderSpec
    kind: SamplerKind
    legs: tuple[Leg, ...]
    base: Speaker
    refiner: Speaker | None
    start: Tensor | None
    """Latent of the input picture."""

    @property
    def steps(self) -> int:
        """Steps of all passes that are really run; fewer than asked with an input picture."""
        return sum(leg.run.steps for leg in self.legs)

    @property
    def speakers(self) -> tuple[Speaker, ...]:
        """All models that take part."""
        return (self.base,) if self.refiner is None else (self.base, self.refiner)


def make_plan(
    base: Speaker, refiner: Speaker | None, spec: RenderSpec, start: Tensor | None
) -> Plan:
    """Everything the pictures of `spec` share.

    Raises:
        KeyError: unknown sampler or schedule.
        RenderError: the refiner works on other latents than the checkpoint.
    """
    if refiner is not None and _latents(refiner) != _latents(base):
        raise RenderError("the refiner works on other latents than the checkpoint")
    kind = SAMPLERS[spec.sampler]
    legs: list[Leg] = []
    for run in passes(spec):
        levels = levels_for(kind, spec.schedule, base.model.levels, run.schedule_steps)
        earlier = legs[-1].run.steps if legs else None
        said = run.steps if legs else spec.steps
        legs.append(Leg(run, levels[-(run.steps + 1) :], said, earlier))
    plan = Plan(spec, kind, tuple(legs), base, refiner, start)
    for speaker in plan.speakers:
        speaker.prepare(legs[0])
    return plan


def refiner_spec(spec: RenderSpec, *, same_kind: bool) -> RenderSpec:
    """The order as a refiner is fitted to it: LoRAs and embeddings that were made for the
    checkpoint fit a refiner only if it is of the same kind. The checkpoint's VAE decodes."""
    if same_kind:
        return replace(spec, vae=None)
    return replace(spec, vae=None, loras=(), embeddings=())


def _latents(speaker: Speaker) -> tuple[bool, int, int]:
    model = speaker.model
    return model.is_xl, model.latent_channels, model.latent_scale
