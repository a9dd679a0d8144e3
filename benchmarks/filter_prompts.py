"""Ordinary Stable Diffusion prompts, composed of what people really put into them."""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_PARTS = Path(__file__).parents[1] / "tests" / "data" / "filter_ordinary.txt"
_MOST = {
    "quality": 4,
    "people": 1,
    "body": 4,
    "clothes": 2,
    "places": 1,
    "things": 1,
    "styles": 2,
}


@cache
def _parts() -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    items: list[str] = []
    for line in _PARTS.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line[1:-1] in (*_MOST, "negative"):
            items = parts.setdefault(line[1:-1], [])
        else:
            items.append(line)
    return parts


def ordinary(count: int = 1000, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Prompts and negative prompts; the same ones for the same seed."""
    draw = random.Random(seed)
    parts = _parts()
    for _ in range(count):
        chosen: list[str] = []
        for kind, most in _MOST.items():
            chosen += draw.sample(parts[kind], draw.randint(0, most))
        draw.shuffle(chosen)
        yield ", ".join(chosen), ", ".join(draw.sample(parts["negative"], draw.randint(0, 12)))
