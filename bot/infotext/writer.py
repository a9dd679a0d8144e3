"""From a `RenderSpec` to infotext, in the form that A1111 writes and reads back."""

import json
import re

from bot.domain import RenderSpec
from bot.values import shown

_NEEDS_QUOTES = re.compile(r'[,:\n，：]|^["{\[*]|^\s|\s$|^$')


def format_infotext(spec: RenderSpec, seed: int, version: str) -> str:
    """The block for the picture of `spec` that was drawn with `seed`.

    LoRAs stand as tags at the end of the prompt, where A1111 looks for them.
    """
    tags = (f"<lora:{lora.name}:{shown(lora.weight)}>" for lora in spec.loras)
    lines = [" ".join((spec.prompt, *tags))]
    if spec.negative_prompt:
        lines.append(f"Negative prompt: {spec.negative_prompt}")
    lines.append(", ".join(f"{key}: {_quoted(value)}" for key, value in _fields(spec, seed)))
    return "\n".join(lines) + f", Version: {_quoted(f'Chatelier {version}')}"


def _fields(spec: RenderSpec, seed: int) -> list[tuple[str, str]]:
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
    if spec.input_sha256 is not None:
        fields.append(("Denoising strength", shown(spec.denoising_strength)))
    if spec.clip_skip != 1:
        fields.append(("Clip skip", str(spec.clip_skip)))
    for key, refs in (("Lora hashes", spec.loras), ("TI hashes", spec.embeddings)):
        if refs:
            fields.append((key, ", ".join(f"{ref.name}: {ref.sha256[:10]}" for ref in refs)))
    return fields


def _quoted(value: str) -> str:
    """JSON text where a bare value could be misread, as A1111 does."""
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES.search(value) else value
