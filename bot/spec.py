"""What is to be drawn, complete: the order that intake writes and the renderer obeys.

Stored with every job for ever, so that its picture can be drawn again. A1111's words throughout.
"""

from dataclasses import dataclass
from math import ceil

from bot.values import shown
from bot.wildcards import drawn

SEEDS = 2**32
"""Seeds are 0 to this, not included: torch looks at 32 bits of a seed on the CPU, where all noise
comes from, so that beyond it the same noise comes again. A1111 draws its seeds from these too."""
SPEC_VERSION = 3
"""Grows when `RenderSpec` changes; every released version stays readable.

1: text and picture to picture. 2: hires fix, refiner, variation seed; a row of version 1 has none.
3: wildcards; before, `{a|b}` were words.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRef:
    """A file, named by its content; the name beside it is only for people."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraRef:
    """A LoRA and its weights."""

    name: str
    sha256: str
    weight: float = 1.0
    """On text encoders and UNet."""
    unet_weight: float | None = None
    """On the UNet, where it differs."""
    blocks: tuple[float, ...] = ()
    """Factors for single blocks, 12, 17, 20 or 26 of them; see `bot.lora_blocks`."""

    @property
    def extra(self) -> tuple[str, ...]:
        """What follows the weight in a tag that means the same: `0.2`, `lbw=1,0,…`."""
        unet = () if self.unet_weight is None else (shown(self.unet_weight),)
        blocks = (f"lbw={','.join(map(shown, self.blocks))}",) if self.blocks else ()
        return (*unet, *blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiresSpec:
    """Hires fix: the finished latent is enlarged and drawn over in a second pass."""

    width: int
    """Pixels of the picture in the end; `RenderSpec.width` and `height` are the first pass."""
    height: int
    steps: int = 0
    """Steps of the second pass, all of which are run; 0: as many as the first pass has."""
    denoising_strength: float = 0.7
    upscaler: str = "Latent"
    """One of `bot.upscalers`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefinerSpec:
    """A second model that draws the last steps."""

    checkpoint: ModelRef
    switch_at: float
    """Share of the steps after which it takes over, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSpec:
    """A complete order: enough to draw the picture again.

    Picture `i` of `count` uses seed `seed + i`; with a variation seed (`subseed`, in use where
    `subseed_strength` is not 0) all use `seed`, and picture `i` uses `subseed + i`, as in A1111.
    `denoising_strength` matters only with an `input_sha256`. `width` and `height` are pixels.
    """

    schema_version: int = SPEC_VERSION
    prompt: str
    """With its wildcards, see `words`."""
    negative_prompt: str = ""
    seed: int
    steps: int
    cfg_scale: float
    sampler: str
    schedule: str = "Automatic"
    width: int
    height: int
    count: int = 1
    checkpoint: ModelRef
    vae: ModelRef | None = None
    loras: tuple[LoraRef, ...] = ()
    embeddings: tuple[ModelRef, ...] = ()
    clip_skip: int = 1
    input_sha256: str | None = None
    denoising_strength: float = 1.0
    hires: HiresSpec | None = None
    """Only without an input picture."""
    refiner: RefinerSpec | None = None
    subseed: int = 0
    subseed_strength: float = 0.0
    """0 to 1: how far the first noise is turned from the one of `seed` to that of `subseed`."""

    @property
    def final_size(self) -> tuple[int, int]:
        """Width and height of the finished picture, in pixels."""
        return (self.hires.width, self.hires.height) if self.hires else (self.width, self.height)

    def words(self, index: int) -> str:
        """The prompt of picture `index`: its wildcards drawn by its seed."""
        return drawn(self.prompt, self.seeds(index)[0]) if self.schema_version > 2 else self.prompt

    def seeds(self, index: int) -> tuple[int, int]:
        """Seed and variation seed of picture `index`; after the last seed comes the first."""
        if self.subseed_strength:
            return self.seed % SEEDS, (self.subseed + index) % SEEDS
        return (self.seed + index) % SEEDS, self.subseed % SEEDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One run of the sampler over one picture."""

    width: int
    """Pixels."""
    height: int
    schedule_steps: int
    """Steps of the whole schedule, from pure noise to the picture."""
    steps: int
    """The last so many of them, which are run."""
    refine_from: int | None = None
    """Of these, the number of steps that the checkpoint itself draws; the refiner draws the rest.
    None: there is no refiner in this pass."""


def enlarged(width: int, height: int, scale: float) -> tuple[int, int]:
    """The size that hires fix asks for: rounded down to multiples of 8, as in A1111."""
    return int(width * scale + 1e-6) // 8 * 8, int(height * scale + 1e-6) // 8 * 8


_NOT_ALL = 0.999
"""A strength above this counts as this."""
_LONGEST = 1000
"""Steps of a schedule: a model was trained on no more levels."""


def passes(spec: RenderSpec) -> tuple[Pass, ...]:
    """What is run for one picture of `spec`: the truth for the price and for the render loop.

    A1111's meaning of steps. img2img at strength 0.75 runs the last `int(0.75 * 20) + 1` = 16 of
    20 steps ("exactly the amount of steps" is off by default; its issues 193 and 9716 show the
    counts). The second pass of hires fix runs exactly the steps asked for, which are the last of
    `int(steps / strength)`. A refiner draws in the second pass where there is one.
    """
    if spec.hires is not None:
        hires = spec.hires
        steps = hires.steps or spec.steps
        strength = min(max(hires.denoising_strength, 1 / _LONGEST), _NOT_ALL)
        whole = max(steps, min(int(steps / strength), _LONGEST))
        second = _pass(spec, hires.width, hires.height, whole, steps, refine=True)
        first = _pass(spec, spec.width, spec.height, spec.steps, spec.steps, refine=False)
        return first, second
    steps = spec.steps
    if spec.input_sha256 is not None:
        steps = min(steps, int(min(spec.denoising_strength, _NOT_ALL) * steps) + 1)
    return (_pass(spec, spec.width, spec.height, spec.steps, steps, refine=True),)


def work_done(spec: RenderSpec, steps: float) -> float:
    """The share of the work of a picture that lies in the first `steps` (a share too, 0 to 1) of
    its steps: a step of the second pass is more work than one of the first."""
    runs = passes(spec)
    left = min(1.0, max(0.0, steps)) * sum(run.steps for run in runs)
    done = 0.0
    for run in runs:
        here = min(float(run.steps), left)
        done, left = done + run.width * run.height * here, left - here
    return done / max(1, sum(run.width * run.height * run.steps for run in runs))


def _pass(
    spec: RenderSpec, width: int, height: int, schedule_steps: int, steps: int, *, refine: bool
) -> Pass:
    refine_from = None
    if refine and spec.refiner is not None:
        # The refiner takes over at the first step whose share of the run is not below `switch_at`.
        refine_from = min(steps, ceil(spec.refiner.switch_at * steps - 1e-9))
    return Pass(
        width=width,
        height=height,
        schedule_steps=schedule_steps,
        steps=steps,
        refine_from=refine_from,
    )
