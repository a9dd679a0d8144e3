"""From an `Infotext` to the `DrawRequest` that asks for the same picture."""

from collections.abc import Callable, Iterable
from typing import Any

from bot import samplers, upscalers, values
from bot.domain import AskedLora, DrawRequest
from bot.infotext.reader import Infotext
from bot.phrase import Phrase, phrase
from bot.prompt import LoraTag, ParsedPrompt, parse

SHOWN = 300
"""Characters of unknown keys that a note repeats."""

Changes = dict[str, Any]
"""Fields of a `DrawRequest` and their new values."""


def to_request(infotext: Infotext) -> tuple[DrawRequest, tuple[Phrase, ...]]:
    """What the block asks for, and notes about what was left out of it.

    A block is made by a program and often by another one than this, so a value that cannot be
    used is no fault: it is left out and told.
    """
    parsed = parse(infotext.prompt)
    changes: Changes = {}
    notes = list(_notes_on_tags(parsed))
    for key, value in infotext.fields.items():
        change = _READERS[key](value)
        if change is None:
            notes.append(phrase("note-paste-value", key=key, asked=value[:60]))
        else:
            changes |= change
    if infotext.unknown:
        listed = ", ".join(f"{k}: {v}" if v else k for k, v in infotext.unknown)
        shortened = listed if len(listed) <= SHOWN else listed[: SHOWN - 1] + "…"
        notes.append(phrase("note-paste-unknown", keys=shortened))
    request = DrawRequest(
        prompt=parsed.text.strip(),
        negative_prompt=infotext.negative_prompt,
        loras=_asked(parsed.loras),
        checkpoint=_checkpoint(infotext),
        **changes,
    )
    return request, tuple(notes)


def _notes_on_tags(parsed: ParsedPrompt) -> Iterable[Phrase]:
    for tag in parsed.ignored:
        yield phrase("note-network-ignored", tag=tag[:60])


def _asked(tags: Iterable[LoraTag]) -> tuple[AskedLora, ...]:
    """A LoRA named twice counts once, as it was named last."""
    last = {tag.name: tag for tag in tags}
    return tuple(
        AskedLora(name=tag.name, weight=tag.weight, extra=tag.extra) for tag in last.values()
    )


def _checkpoint(infotext: Infotext) -> str | None:
    """`name [hash]`, as A1111 titles a checkpoint."""
    name, digest = infotext.fields.get("Model", ""), infotext.fields.get("Model hash", "")
    if name and digest:
        return f"{name} [{digest}]"
    return name or digest or None


def _one(field: str, read: Callable[[str], object]) -> Callable[[str], Changes | None]:
    def change(value: str) -> Changes | None:
        result = read(value)
        return None if result is None else {field: result}

    return change


def _sampler(value: str) -> Changes | None:
    found = samplers.sampler(value)
    if found is None:
        return None
    name, schedule = found
    return {"sampler": name} if schedule is None else {"sampler": name, "schedule": schedule}


def _size(value: str) -> Changes | None:
    size = values.size(value)
    return None if size is None else {"width": size[0], "height": size[1]}


def _hires_size(value: str) -> Changes | None:
    size = values.size(value)
    return None if size is None else {"hires_size": size}


def _vae(value: str) -> Changes:
    return {} if value.casefold() in ("automatic", "none", "") else {"vae": value}


_READERS: dict[str, Callable[[str], Changes | None]] = {
    "Steps": _one("steps", values.whole),
    "Sampler": _sampler,
    "Schedule type": _one("schedule", samplers.schedule),
    "CFG scale": _one("cfg_scale", values.decimal),
    "Seed": _one("seed", values.seed),
    "Size": _size,
    "Width": _one("width", values.whole),
    "Height": _one("height", values.whole),
    "Model": lambda _: {},
    "Model hash": lambda _: {},
    "VAE": _vae,
    "Denoising strength": _one("denoising_strength", values.decimal),
    "Clip skip": _one("clip_skip", values.whole),
    "Hires upscale": _one("hires_scale", values.decimal),
    "Hires resize": _hires_size,
    "Hires steps": _one("hires_steps", values.whole),
    "Hires upscaler": lambda value: {"hires_upscaler": upscalers.upscaler(value) or value},
    "Refiner": lambda value: {"refiner": value} if value else {},
    "Refiner switch at": _one("refiner_switch_at", values.decimal),
    "Variation seed": _one("subseed", values.seed),
    "Variation seed strength": _one("subseed_strength", values.decimal),
}
"""What each key of `bot.infotext.keys.KEYS` sets; "Model" is read together with its hash."""
