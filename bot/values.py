"""Numbers, sizes and ratios as people write them: `7,5`, `60%`, `1024×768`, `16：9` (pure).

Every function returns None for what it cannot read; the caller knows what to say about it.
"""

import math
import re
import unicodedata

_WHOLE = re.compile(r"[+-]?\d{1,20}")
_DECIMAL = re.compile(r"([+-]?(?:\d{1,15}(?:[.,]\d{0,25})?|[.,]\d{1,25})(?:e[+-]?\d{1,3})?)(%?)")
_SIZE = re.compile(r"(\d{1,6}) ?[x*×✕✖х] ?(\d{1,6})")
_RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,5})?) ?[:/x*×] ?(\d{1,5}(?:\.\d{1,5})?)")

SHAPES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("portrait", "tall", "竖", "竖图", "竖屏", "竖版", "竖向", "纵向"), (2.0, 3.0)),
    **dict.fromkeys(("landscape", "wide", "横", "横图", "横屏", "横版", "横向"), (3.0, 2.0)),
    **dict.fromkeys(("square", "方", "方图", "方形", "正方形"), (1.0, 1.0)),
}
"""Words for a shape, and the ratio of width to height that each means."""

FULL_WIDTH = str.maketrans("，：（）", ",:()")
"""Chinese punctuation that means something in a prompt, for `str.translate`."""


def _plain(text: str) -> str:
    """Full-width digits and signs as ASCII, typographic minus as `-`, no spaces around."""
    folded = unicodedata.normalize("NFKC", text[:64]).strip().casefold()
    return re.sub("[−–—‒]", "-", folded).rstrip(".。!,;")


def whole(text: str) -> int | None:
    """A whole number: `28`, `-1`, `+5`."""
    plain = _plain(text)
    return int(plain) if _WHOLE.fullmatch(plain) else None


def decimal(text: str) -> float | None:
    """A finite number: `7`, `7.5`, `7,5`, `.6`; `60%` is 0.6."""
    found = _DECIMAL.fullmatch(_plain(text))
    if not found:
        return None
    number = float(found[1].replace(",", "."))
    number = number / 100 if found[2] else number
    return number if math.isfinite(number) else None


def size(text: str) -> tuple[int, int] | None:
    """Width and height in pixels: `768x512`, `1024*768`, `1024 × 768`; `768` is a square."""
    plain = _plain(text)
    if found := _SIZE.fullmatch(plain):
        width, height = int(found[1]), int(found[2])
    else:
        side = whole(plain)
        if side is None or side > 999_999:
            return None
        width = height = side
    return (width, height) if width > 0 and height > 0 else None


def ratio(text: str) -> tuple[float, float] | None:
    """Width to height: `3:2`, `16/9`, `16：9`, `1.5`, or a word such as `portrait` or `竖`."""
    plain = _plain(text)
    if plain in SHAPES:
        return SHAPES[plain]
    if found := _RATIO.fullmatch(plain):
        width, height = float(found[1]), float(found[2])
    else:
        number = decimal(plain)
        if number is None:
            return None
        width, height = number, 1.0
    return (width, height) if 0 < width < 1e6 and 0 < height < 1e6 else None


def seed(text: str) -> int | None:
    """A seed; `random` and `随机` are -1."""
    return -1 if _plain(text) in ("random", "rand", "随机", "隨機") else whole(text)


def shown(number: float) -> str:
    """The shortest text that reads back as `number`: `7`, `7.5`, `0.68`."""
    is_whole = abs(number) < 1e15 and number == int(number)
    return str(int(number)) if is_whole else repr(float(number))
