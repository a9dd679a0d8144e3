"""From a `RenderSpec` to infotext, in the form that A1111 writes and reads back."""

import json
import re

from bot.spec import HiresSpec, LoraRef, RenderSpec, enlarged
from bot.values import shown

_NEEDS_QUOTES = re.compile(r'[,:\n，：]|^["{\[*]|^\s|\s$|^$')


def format_infotext(spec: RenderSpec, index: int, version: str) -> str:
    """The block for picture number `index` of `spec`.

    LoRAs stand as tags at the end of the prompt, where A1111 looks for them.
    """
    lines = [" ".join((spec.words(index), *map(_tag, spec.loras)))]
    if spec.negative_prompt:
        lines.append(f"Negative prompt: {spec.negative_prompt}")
    lines.append(", ".join(f"{key}: {_quoted(value)}" for key, value in _fields(spec, index)))
    return "\n".join(lines) + f", Version: {_quoted(f'Chatelier {version}')}"


def _tag(lora: LoraRef) -> str:
    return f"<{':'.join(('lora', lora.name, shown(lora.weight), *lora.extra))}>"


def _fields(spec: RenderSpec, index: int) -> list[tuple[str, str]]:
    seed, subseed = spec.seeds(index)
    fields = [
        ("Steps", str(spec.steps)),
        ("Sampler", spec.sampler),
        ("Schedule type", spec.schedule),
        ("CFG scale", shown(spec.cfg_scale)),
        ("Seed", str(seed)),
        ("Size", f"{spec.width}x{spec.height}"),
        ("Model hash", spec.checkpoint.sha256[:10]),
        ("Model", spec.checkpoint.name),
    ]
    if spec.vae is not None:
        fields += [("VAE hash", spec.vae.sha256[:10]), ("VAE", spec.vae.name)]
    if spec.subseed_strength:
        fields.append(("Variation seed", str(subseed)))
        fields.append(("Variation seed strength", shown(spec.subseed_strength)))
    if spec.hires is not None:
        fields += _hires(spec, spec.hires)
    elif spec.input_sha256 is not None:
        fields.append(("Denoising strength", shown(spec.denoising_strength)))
    if spec.clip_skip != 1:
        fields.append(("Clip skip", str(spec.clip_skip)))
    if spec.refiner is not None:
        model = spec.refiner.checkpoint
        fields.append(("Refiner", f"{model.name} [{model.sha256[:10]}]"))
        fields.append(("Refiner switch at", shown(spec.refiner.switch_at)))
    for key, refs in (("Lora hashes", spec.loras), ("TI hashes", spec.embeddings)):
        if refs:
            fields.append((key, ", ".join(f"{ref.name}: {ref.sha256[:10]}" for ref in refs)))
    return fields


def _hires(spec: RenderSpec, hires: HiresSpec) -> list[tuple[str, str]]:
    """The second pass; by its scale where that gives exactly its size, else by the size."""
    fields = [("Denoising strength", shown(hires.denoising_strength))]
    scale = round(hires.width / spec.width, 2)
    if enlarged(spec.width, spec.height, scale) == (hires.width, hires.height):
        fields.append(("Hires upscale", shown(scale)))
    else:
        fields.append(("Hires resize", f"{hires.width}x{hires.height}"))
    if hires.steps:
        fields.append(("Hires steps", str(hires.steps)))
    fields.append(("Hires upscaler", hires.upscaler))
    return fields


def _quoted(value: str) -> str:
    """JSON text where a bare value could be misread, as A1111 does."""
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES.search(value) else value
