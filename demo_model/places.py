"""Where objects stand and how large they are: few sizes, places whole latent cells (8 px) apart.

A small network learns a picture that moves by whole cells nearly as fast as one that stays. Objects
are never mirrored: it then blended the two sides (a fish with two tails, an apple with two leaves).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

SIDE = 128
CELL = 8
LARGE, MIDDLE, HALF = 128, 104, 72  # sides of a sprite's clear canvas, in pixels
EDGE = 2  # nothing stands nearer to the picture's edge
GROUND = 122  # row that standing objects reach down to
FLOATING = ("space", "underwater")
Rng = np.random.Generator


@dataclass(frozen=True)
class Place:
    """Side of the sprite's canvas and its upper left corner."""

    side: int = LARGE
    x: int = 0
    y: int = 0

    def put(self, sprite: Image.Image) -> Image.Image:
        """The sprite on a clear canvas of the picture's size."""
        image = sprite
        if self.side != sprite.width:
            image = sprite.resize((self.side, self.side), Image.Resampling.LANCZOS)
        canvas = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
        canvas.paste(image, (self.x, self.y))
        return canvas


def steps(low: float, high: float) -> list[int]:
    """Multiples of a cell from ``low`` to ``high``; the nearest one where there is none."""
    found = list(range(-(-int(np.ceil(low)) // CELL) * CELL, int(high) + 1, CELL))
    return found or [CELL * round((low + high) / 2 / CELL)]


def one_of(rng: Rng, values: list[int]) -> int:
    return values[int(rng.integers(len(values)))]


def plain_place(rng: Rng) -> Place:
    """On a plain background: mostly large and centred."""
    if rng.random() < 0.6:
        return Place(LARGE, int(rng.choice([-CELL, 0, CELL], p=[0.1, 0.8, 0.1])), 0)
    return Place(MIDDLE, one_of(rng, [0, 8, 16, 24]), one_of(rng, [8, 16]))


def scene_place(rng: Rng, sprite: Image.Image, scene: str) -> Place:
    """In a scene: on the ground, anywhere from left to right; or afloat where things float."""
    side = int(rng.choice([LARGE, MIDDLE], p=[0.43, 0.57]))
    left, top, right, bottom = (v * side / SIDE for v in sprite.getchannel("A").getbbox())
    x = one_of(rng, steps(EDGE - left, SIDE - EDGE - right))
    y = steps(EDGE - top, GROUND - bottom)[-1]
    if scene in FLOATING:
        y = one_of(rng, steps(max(EDGE - top, y - 3 * CELL), y))
    return Place(side, x, y)


def pair_places(rng: Rng, sprites: list[Image.Image], on_ground: bool) -> list[Place]:
    """Two objects side by side, at the same height or on the same ground."""
    places = []
    middle = one_of(rng, [24, 32])
    for x, sprite in zip((0, SIDE - HALF), sprites, strict=True):
        bottom = sprite.getchannel("A").getbbox()[3] * HALF / SIDE
        y = steps(0, GROUND - bottom)[-1] if on_ground else middle
        places.append(Place(HALF, x, y))
    return places


def all_places(sprite: Image.Image, scene: bool) -> list[Place]:
    """Every place that a lone object may have, by the rules above."""
    if not scene:
        large = [Place(LARGE, x, 0) for x in (-CELL, 0, CELL)]
        return large + [Place(MIDDLE, x, y) for x in (0, 8, 16, 24) for y in (8, 16)]
    found = []
    for side in (LARGE, MIDDLE):
        left, top, right, bottom = (v * side / SIDE for v in sprite.getchannel("A").getbbox())
        lowest = steps(EDGE - top, GROUND - bottom)[-1]
        rows = steps(max(EDGE - top, lowest - 3 * CELL), lowest)
        across = steps(EDGE - left, SIDE - EDGE - right)
        found += [Place(side, x, y) for x in across for y in rows]
    return found
