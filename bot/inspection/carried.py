"""The parameters that a picture carries, as an infotext.

Read are A1111's block (the PNG text `parameters`, the EXIF user comment of JPEG and WebP),
NovelAI's (PNG `Description` and `Comment`, JSON), and ComfyUI's graph (PNG `prompt`, JSON) where it
is plain: one sampler fed by two texts. What is read is a member's text like any other: it is
parsed, limited and filtered as if it had been typed.
"""

import io
import json
import warnings
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

from bot.pictures import FORMATS

MOST_CHARACTERS = 20_000
_CODES = {b"ASCII\0\0\0": "ascii", b"JIS\0\0\0\0\0": "iso2022_jp"}


def carried_by(content: bytes) -> str:
    """The same of a file that could be opened as a picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return carried_text(image)


def carried_text(image: Image.Image) -> str:
    """An infotext, or "" where the picture (opened, its metadata still there) carries none that
    is understood."""
    info = {str(key): value for key, value in image.info.items() if isinstance(value, str)}
    for read in (_a1111, _novelai, _comfyui):
        # Anybody may have written these bytes: what does not have the expected shape is nothing.
        try:
            text = read(info)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            continue
        if text:
            return text[:MOST_CHARACTERS]
    return _user_comment(image)[:MOST_CHARACTERS]


def _a1111(info: Mapping[str, str]) -> str:
    return info.get("parameters", "").strip()


def _user_comment(image: Image.Image) -> str:
    """EXIF 0x9286: eight bytes of encoding, then the text. `UNICODE` is UTF-16 in an order that
    writers do not agree on: the one with fewer rare characters is meant."""
    try:
        raw = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment, b"")
    except Exception:
        return ""  # damaged EXIF makes Pillow raise many kinds; it is dropped anyway
    if isinstance(raw, str):
        return raw.strip("\0 ")
    if not isinstance(raw, bytes):
        return ""
    code, body = raw[:8], raw[8:]
    if code == b"UNICODE\0":
        orders = [body.decode(order, "replace") for order in ("utf-16-be", "utf-16-le")]
        return max(orders, key=_plainness).strip("\0 ")
    return body.decode(_CODES.get(code, "utf-8"), "replace").strip("\0 ")


def _plainness(text: str) -> int:
    return sum(character.isascii() for character in text)


def _novelai(info: Mapping[str, str]) -> str:
    comment = json.loads(info["Comment"])
    prompt = comment.get("prompt") or info["Description"]
    return _block(
        prompt,
        comment.get("uc", ""),
        {
            "Steps": comment["steps"],
            "Sampler": comment["sampler"],
            "Schedule type": comment.get("noise_schedule"),
            "CFG scale": comment.get("scale"),
            "Seed": comment.get("seed"),
            "Size": _size(comment),
            "Denoising strength": comment.get("strength"),
        },
    )


def _comfyui(info: Mapping[str, str]) -> str:
    nodes = json.loads(info["prompt"])
    samplers = [n["inputs"] for n in nodes.values() if n["class_type"] == "KSampler"]
    if len(samplers) != 1:
        return ""
    (sampler,) = samplers
    latent = nodes[sampler["latent_image"][0]]["inputs"]
    model, loras = _models(nodes, sampler["model"])
    return _block(
        _prompt(nodes, sampler["positive"]) + loras,
        _prompt(nodes, sampler["negative"]),
        {
            "Steps": sampler["steps"],
            "Sampler": sampler["sampler_name"],
            "Schedule type": sampler.get("scheduler"),
            "CFG scale": sampler.get("cfg"),
            "Seed": sampler.get("seed"),
            "Size": _size(latent),
            "Model": model or None,
            "Denoising strength": _strength(sampler.get("denoise", 1)),
        },
    )


def _prompt(nodes: Mapping[str, Any], link: Any) -> str:
    """The text of the encoder at this link; KeyError where something stands between."""
    text = nodes[link[0]]["inputs"]["text"]
    if not isinstance(text, str):
        raise KeyError("text")
    return text


def _models(nodes: Mapping[str, Any], link: Any) -> tuple[str, str]:
    """The checkpoint's name, and the LoRAs on the way to it as A1111 writes them."""
    loras = ""
    for _ in nodes:  # no longer than the graph, whatever circles it has
        inputs = nodes[link[0]]["inputs"]
        if "ckpt_name" in inputs:
            return _stem(inputs["ckpt_name"]), loras
        if "lora_name" in inputs:
            loras += f" <lora:{_stem(inputs['lora_name'])}:{float(inputs['strength_model']):g}>"
        link = inputs["model"]
    return "", loras


def _stem(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".safetensors")


def _size(fields: Mapping[str, Any]) -> str | None:
    if "width" not in fields or "height" not in fields:
        return None
    return f"{int(fields['width'])}x{int(fields['height'])}"


def _strength(denoise: Any) -> float | None:
    return None if float(denoise) >= 1 else float(denoise)


def _block(prompt: str, negative: str, fields: Mapping[str, Any]) -> str:
    """A1111's form; a value with a comma or colon would be taken for several."""
    lines = [str(prompt).strip()]
    if str(negative).strip():
        lines.append(f"Negative prompt: {str(negative).strip()}")
    lines.append(", ".join(f"{k}: {_quoted(str(v))}" for k, v in fields.items() if v is not None))
    return "\n".join(lines)


def _quoted(value: str) -> str:
    return json.dumps(value) if set(",:\n") & set(value) else value
