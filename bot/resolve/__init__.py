"""What is asked becomes what is done: a `DrawRequest` into a `RenderSpec` (pure).

Holes are filled, names are looked up, limits are applied. A value outside the limits is clamped
and told where the intent is clear (steps, size, count), and refused where it is not. What comes
from a pasted block and is missing here is left out and told: the block was made elsewhere.
All faults are raised together.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.config import DefaultsConfig, LimitsConfig
from bot.domain import Catalog, DrawRequest, RenderSpec
from bot.phrase import Phrase, phrase
from bot.prompt import parse
from bot.resolve.models import Models
from bot.resolve.numbers import Numbers
from bot.resolve.passes import Passes
from bot.resolve.report import Report
from bot.resolve.sampling import sampling
from bot.resolve.style import styled

__all__ = ["Resolved", "resolve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A complete order, and what had to be changed on the way to it."""

    spec: RenderSpec
    notes: tuple[Phrase, ...] = ()


def resolve(
    request: DrawRequest,
    catalog: Catalog,
    limits: LimitsConfig,
    defaults: DefaultsConfig,
    *,
    seed_source: Callable[[], int],
    has_input: bool | None = None,
    input_size: tuple[int, int] | None = None,
    input_sha256: str | None = None,
    pasted: frozenset[str] = frozenset(),
    faults: tuple[Phrase, ...] = (),
    notes: tuple[Phrase, ...] = (),
) -> Resolved:
    """Complete `request`.

    `seed_source` draws a seed of 0 or more. `has_input` says that there is a source picture (by
    default if its size or hash is given); `input_size` is its width and height in pixels.
    `pasted`, `faults` and `notes` are those of `bot.command.Parsed`, so that one message tells
    everything.

    Raises:
        UnknownName: a name is not in the catalogue, and nothing else is wrong.
        BadCommand: anything else is wrong; `phrases` holds all faults.
    """
    if has_input is None:
        has_input = input_size is not None or input_sha256 is not None
    report = Report(pasted, faults, notes)
    parsed = parse(request.prompt)
    report.check_prompts(parsed.text, request.negative_prompt, limits, has_input=has_input)
    said, request = request.prompt, _in_house_style(request, defaults)
    if request.prompt != said:
        parsed = parse(request.prompt)
    for tag in parsed.ignored:
        report.note(phrase("note-network-ignored", tag=tag[:60]))
    avoided = parse(request.negative_prompt or "")
    for name in (*avoided.ignored, *(lora.name for lora in avoided.loras)):
        report.note(phrase("note-network-negative", name=name[:60]))
    models = Models(request, catalog, defaults, report)
    checkpoint = models.checkpoint()
    numbers = Numbers(request, limits, defaults, checkpoint, report)
    count = numbers.count()
    width, height = numbers.size(input_size if has_input else None)
    steps, cfg_scale, clip_skip = numbers.steps(), numbers.cfg_scale(), numbers.clip_skip(catalog)
    sampler, schedule = sampling(request, catalog, checkpoint, defaults, report)
    more = Passes(numbers, catalog)
    hires = more.hires((width, height), has_input=has_input)
    wants_hires = hires is not None or request.hires_scale is not None
    strength = numbers.denoising_strength(has_input=has_input, has_hires=wants_hires)
    subseed, subseed_strength = more.variation(seed_source)
    spec = RenderSpec(
        prompt=parsed.text.strip(),
        negative_prompt=request.negative_prompt or "",
        seed=numbers.seed(seed_source),
        steps=steps,
        cfg_scale=cfg_scale,
        sampler=sampler,
        schedule=schedule,
        width=width,
        height=height,
        count=count,
        checkpoint=models.checkpoint_ref(checkpoint),
        vae=models.vae(checkpoint),
        loras=models.loras(checkpoint, parsed.loras),
        embeddings=models.embeddings(checkpoint),
        clip_skip=clip_skip,
        input_sha256=input_sha256 if has_input else None,
        denoising_strength=strength,
        hires=hires,
        refiner=more.refiner(),
        subseed=subseed,
        subseed_strength=subseed_strength,
    )
    report.raise_faults()
    return Resolved(spec=spec, notes=report.notes)


def _in_house_style(request: DrawRequest, defaults: DefaultsConfig) -> DrawRequest:
    """With what this house adds to prompts, and its negative prompt where none is said."""
    prompt, negative = request.prompt, request.negative_prompt
    if defaults.style and not request.raw:
        prompt = styled(prompt, defaults.style)
    if negative is None:
        negative = "" if request.raw else defaults.negative_prompt
    return replace(request, prompt=prompt, negative_prompt=negative)
