"""Sample grids: fixed prompts, seeds 0-3 from left to right, nothing picked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from demo_model.prompts import GRID, Test

TILE = 96
LABEL = 14
GLOSS = {  # the default font has no Chinese
    "红苹果": "zh: red apple",
    "蓝色的鱼": "zh: blue fish",
    "企鹅在雪地里": "zh: penguin in the snow",
    "星星": "zh: star",
    "红色的花": "zh: red flower",
}


def save_small(image: Image.Image, path: Path) -> None:
    """A palette PNG: these pictures lose little by it."""
    image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def lay_out(
    pictures: np.ndarray, labels: Sequence[str], each: int, across: int, tile: int
) -> Image.Image:
    """Groups of ``each`` pictures with one label below, ``across`` groups in a row."""
    rows = -(-len(labels) // across)
    wide, high = each * tile + 6, tile + LABEL
    image = Image.new("RGB", (across * wide, rows * high), "white")
    draw = ImageDraw.Draw(image)
    for k, label in enumerate(labels):
        x, y = k % across * wide, k // across * high
        for j in range(each):
            small = Image.fromarray(pictures[k * each + j]).resize((tile, tile))
            image.paste(small, (x + j * tile, y))
        draw.text((x + 2, y + tile + 1), label, fill="black")
    return image


def save_grid(artist, out: Path, seeds: tuple[int, ...]) -> None:
    """``grid.png``: the fixed prompts of all kinds."""
    prompts = [prompt for prompt in GRID for _ in seeds]
    pictures = artist.draw(prompts, list(seeds) * len(GRID))
    labels = [GLOSS.get(prompt, prompt) for prompt in GRID]
    save_small(lay_out(pictures, labels, len(seeds), 3, TILE), out / "grid.png")


def save_sheets(pictures: np.ndarray, tests: Sequence[Test], each: int, out: Path) -> None:
    """``objects.png``, ``colours.png``, ``scenes.png``: every test prompt, the first two seeds."""
    for kind, name in (("plain", "objects"), ("colour", "colours"), ("scene", "scenes")):
        mine = [k for k, test in enumerate(tests) if test.kind == kind]
        first = mine[::each]
        labels = [" ".join(filter(None, (tests[k].colour, tests[k].thing))) for k in first]
        labels = [f"{label} {tests[k].scene or ''}" for k, label in zip(first, labels, strict=True)]
        shown = pictures[[k + seed for k in first for seed in (0, 1)]]
        save_small(lay_out(shown, labels, 2, 6, TILE), out / f"{name}.png")
