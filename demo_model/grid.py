"""Sample grids: fixed prompts, seeds 0-3 from left to right, nothing picked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from demo_model.prompts import GRID

TILE = 96
LABEL = 14
GLOSS = {  # the default font has no Chinese
    "红苹果": "zh: red apple",
    "蓝色的鱼": "zh: blue fish",
    "企鹅在雪地里": "zh: penguin in the snow",
    "星星": "zh: star",
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


def save_objects(pictures: np.ndarray, names: Sequence[str], out: Path) -> None:
    """``objects.png``: every object alone, two pictures of each."""
    save_small(lay_out(pictures, names, 2, 6, TILE), out / "objects.png")
