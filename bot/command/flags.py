"""The flags of a request: their names, and what the value of each one sets.

Sizes in words (`portrait`, `竖`) are values (`--size portrait`, `--ar 竖`) and switches
(`--portrait`, `--竖`). In English they are never taken from the text, since `a portrait of a king`
is a prompt; in Chinese a last word standing alone (`一只猫 竖`) is taken, see `bot.command`.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot import samplers, upscalers, values
from bot.domain import AskedLora

Changes = dict[str, Any]
"""Fields of a `DrawRequest` and their new values."""

HIRES_SCALE = 2.0
"""What `--hires` alone means, as in A1111."""


class Reads(Enum):
    """How much of the text behind a flag is its value."""

    NOTHING = auto()
    NUMBER = auto()
    """A word, in which a comma before digits is a decimal point."""
    NUMBER_IF_ANY = auto()
    WORD = auto()
    SIZE = auto()
    """A word, or `1024 x 768` with spaces."""
    SAMPLER = auto()
    """As many words as make a sampler's name."""
    UPSCALER = auto()
    """As many words as make an upscaler's name."""
    LINE = auto()
    """Up to the next flag or the end of the line."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `change` returns None for a value that it cannot read."""

    names: tuple[str, ...]
    """Without dashes, the one to show first; a single letter also goes with one dash."""
    reads: Reads
    change: Callable[[str], Changes | None]
    example: str = ""
    repeats: bool = False
    """Whether giving it twice means both."""


def _one(field: str, read: Callable[[str], object]) -> Callable[[str], Changes | None]:
    def change(value: str) -> Changes | None:
        result = read(value)
        return None if result is None else {field: result}

    return change


def _set(**changes: Any) -> Callable[[str], Changes]:
    return lambda _: dict(changes)


def _size(value: str) -> Changes | None:
    if size := values.size(value):
        return {"width": size[0], "height": size[1]}
    return _one("aspect", values.ratio)(value)


def _sampler(value: str) -> Changes | None:
    found = samplers.sampler(value)
    if found is None:
        return None
    return {"sampler": found[0]} | ({"schedule": found[1]} if found[1] else {})


def _lora(value: str) -> Changes | None:
    name, colon, weight = value.rpartition(":")
    if not colon:
        return {"loras": (AskedLora(name=value),)} if value else None
    number = values.decimal(weight)
    return (
        {"loras": (AskedLora(name=name, weight=number),)} if name and number is not None else None
    )


def _hires(value: str) -> Changes | None:
    scale = values.decimal(value.removesuffix("x").removesuffix("×")) if value else HIRES_SCALE
    return None if scale is None else {"hires_scale": scale}


def _refiner(value: str) -> Changes | None:
    name, colon, share = value.rpartition(":")
    switch_at = values.decimal(share) if colon else None
    if switch_at is None:
        return {"refiner": value} if value else None
    return {"refiner": name, "refiner_switch_at": switch_at} if name else None


FLAGS = (
    Flag(
        ("no", "neg", "negative", "uc", "u", "负面", "反向"),
        Reads.LINE,
        lambda value: {"negative_prompt": value.translate(values.FULL_WIDTH).strip(" ,")},
        "--no blurry",
    ),
    Flag(("seed", "x", "种子"), Reads.WORD, _one("seed", values.seed), "--seed 42"),
    Flag(("steps", "step", "t", "步数"), Reads.WORD, _one("steps", values.whole), "--steps 28"),
    Flag(
        ("cfg", "scale", "cfg-scale", "guidance", "c", "引导"),
        Reads.NUMBER,
        _one("cfg_scale", values.decimal),
        "--cfg 7",
    ),
    Flag(("sampler", "r", "采样器"), Reads.SAMPLER, _sampler, "--sampler Euler a"),
    Flag(
        ("schedule", "schedule-type", "scheduler", "调度器"),
        Reads.SAMPLER,
        _one("schedule", samplers.schedule),
        "--schedule Karras",
    ),
    Flag(("size", "尺寸", "大小"), Reads.SIZE, _size, "--size 768x512"),
    Flag(("width", "W", "w", "宽"), Reads.WORD, _one("width", values.whole), "--width 768"),
    Flag(("height", "H", "h", "高"), Reads.WORD, _one("height", values.whole), "--height 512"),
    Flag(
        ("ar", "aspect", "aspect-ratio", "ratio", "比例"),
        Reads.SIZE,
        _one("aspect", values.ratio),
        "--ar 3:2",
    ),
    *(Flag((word,), Reads.NOTHING, _set(aspect=shape)) for word, shape in values.SHAPES.items()),
    Flag(
        ("count", "n", "batch", "repeat", "数量", "张数"),
        Reads.WORD,
        _one("count", values.whole),
        "-n 4",
    ),
    Flag(
        ("strength", "denoise", "denoising-strength", "N", "重绘", "重绘幅度"),
        Reads.NUMBER,
        _one("denoising_strength", values.decimal),
        "--strength 0.6",
    ),
    Flag(("model", "m", "checkpoint", "模型"), Reads.WORD, _one("checkpoint", str), "--model NAME"),
    Flag(("vae",), Reads.WORD, _one("vae", str), "--vae NAME"),
    Flag(("lora",), Reads.WORD, _lora, "--lora NAME:0.8", repeats=True),
    Flag(("hires", "hires-fix", "高清"), Reads.NUMBER_IF_ANY, _hires, "--hires 1.5"),
    Flag(
        ("hires-steps", "高清步数"),
        Reads.WORD,
        _one("hires_steps", values.whole),
        "--hires-steps 12",
    ),
    Flag(
        ("hires-denoise", "hires-strength", "高清幅度"),
        Reads.NUMBER,
        _one("hires_denoising_strength", values.decimal),
        "--hires-denoise 0.5",
    ),
    Flag(
        ("hires-upscaler", "upscaler", "放大算法"),
        Reads.UPSCALER,
        _one("hires_upscaler", upscalers.upscaler),
        "--hires-upscaler Lanczos",
    ),
    Flag(("refiner", "精修"), Reads.WORD, _refiner, "--refiner NAME:0.8"),
    Flag(
        ("subseed", "variation-seed", "变异种子"),
        Reads.WORD,
        _one("subseed", values.seed),
        "--subseed 7",
    ),
    Flag(
        ("vary", "subseed-strength", "variation", "变异强度"),
        Reads.NUMBER,
        _one("subseed_strength", values.decimal),
        "--vary 0.1",
    ),
    Flag(("clip-skip",), Reads.WORD, _one("clip_skip", values.whole), "--clip-skip 2"),
    Flag(("preset", "预设"), Reads.WORD, _one("preset", str), "--preset NAME"),
    Flag(("raw", "O", "原味"), Reads.NOTHING, _set(raw=True), "--raw"),
    Flag(("spoiler", "剧透"), Reads.NOTHING, _set(spoiler=True), "--spoiler"),
    Flag(("file", "原图"), Reads.NOTHING, _set(as_file=True), "--file"),
    Flag(("price", "cost", "价格"), Reads.NOTHING, _set(price=True), "--price"),
)
"""Every flag of the product, with Chinese names beside the English ones."""

_MIDJOURNEY = {
    Reads.NOTHING: "tile hd fast relax turbo draft upbeta uplight",
    Reads.NUMBER_IF_ANY: "v version stylize chaos quality q niji iw ow cw sw weird stop exp",
    Reads.WORD: "style sref cref oref profile p",
}
MIDJOURNEY = {
    name: Flag((), reads, _set()) for reads, names in _MIDJOURNEY.items() for name in names.split()
}
"""Flags of Midjourney without a counterpart: taken out of the prompt, and told."""


def _key(name: str) -> str:
    """Single letters keep their case: `-n` and `-N` are different flags."""
    return name if len(name) == 1 else name.casefold().replace("-", "").replace("_", "")


_BY_NAME = {_key(name): flag for flag in FLAGS for name in flag.names}
_SHOWN = {_key(name): name for flag in FLAGS for name in flag.names if len(name) > 1}

MAIN = ", ".join(f"--{f.names[0]}" for f in FLAGS if f.names[0] not in values.SHAPES)
"""Every flag by its main name, to show to somebody who is lost."""


def named(name: str) -> Flag | None:
    """The flag of that name, written without its dashes."""
    return _BY_NAME.get(_key(name))


def of_midjourney(name: str) -> Flag | None:
    """The flag of that name in Midjourney that means nothing here."""
    return MIDJOURNEY.get(_key(name))


def nearest(name: str) -> str | None:
    """The known flag, without dashes, that this may be a misspelling of: of its names that are
    about as near, the first, which all pages show."""
    asked = _key(name)[:40]
    close = difflib.get_close_matches(asked, _SHOWN, 1, 0.6)
    if not close:
        return None
    alike = difflib.get_close_matches(asked, map(_key, _BY_NAME[close[0]].names), 9, 0.75)
    return next((n for n in _BY_NAME[close[0]].names if _key(n) in alike), _SHOWN[close[0]])
