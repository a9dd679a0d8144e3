"""A finished picture as PNG, with its parameters inside as A1111 writes them."""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.domain import RenderSpec


def png_bytes(image: Image.Image, infotext: str) -> bytes:
    """PNG with the chunk `parameters`: tEXt where Latin-1 suffices, else iTXt."""
    info = PngInfo()
    try:
        infotext.encode("latin-1")
        info.add_text("parameters", infotext)
    except UnicodeEncodeError:
        info.add_itxt("parameters", infotext)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=info, compress_level=4)
    return buffer.getvalue()


def format_infotext(spec: RenderSpec, seed: int, version: str) -> str:
    """A1111's parameter block for one picture."""
    lines = [spec.prompt]
    if spec.negative_prompt:
        lines.append(f"Negative prompt: {spec.negative_prompt}")
    fields = [
        f"Steps: {spec.steps}", f"Sampler: {spec.sampler}", f"Schedule type: {spec.schedule}",
        f"CFG scale: {spec.cfg_scale:g}", f"Seed: {seed}", f"Size: {spec.width}x{spec.height}",
        f"Model hash: {spec.checkpoint.sha256[:10]}", f"Model: {spec.checkpoint.name}",
    ]  # fmt: skip
    if spec.input_sha256 is not None:
        fields.append(f"Denoising strength: {spec.denoising_strength:g}")
    if spec.clip_skip > 1:
        fields.append(f"Clip skip: {spec.clip_skip}")
    lines.append(", ".join([*fields, f"Version: chatelier {version}"]))
    return "\n".join(lines)
