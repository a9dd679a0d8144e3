"""Rules that tell which colour an object has and which scene a picture shows.

The object is first found in the picture (``locate.py``). Its colour is asked for in three ways:
what its part that takes colours is called by a person's names (``naming.py``), what the whole
object is called, and which of our own coloured drawings is nearest. The scene is the one whose
coarse picture is nearest around the object. None of them asks whether the object is well drawn.
"""

from __future__ import annotations

import numpy as np

from demo_model.captions import Subject
from demo_model.compose import Composer
from demo_model.locate import Locator, moved
from demo_model.naming import NAMES, colour_name, shares
from demo_model.places import Place
from demo_model.recolour import main_part
from demo_model.vocabulary import COLOURS, OBJECTS, SCENES

COARSE = 16
EXAMPLES = 24
FARTHEST = (
    16.0  # that a cell may count, in squared spreads: an object may cover more than it should
)
HALF = 0.5  # of its part that takes colours must have the colour asked for


def coarse(pictures: np.ndarray) -> np.ndarray:
    """Means of 8x8 blocks: (n, 16, 16, 3) floats in 0..1."""
    count, side = pictures.shape[0], pictures.shape[1]
    block = side // COARSE
    shaped = pictures.reshape(count, COARSE, block, COARSE, block, 3)
    return shaped.mean((2, 4)) / 255


class Rules:
    """Holds the references, composed from the sprites with a seed of its own."""

    def __init__(self, sprites: dict[str, np.ndarray], seed: int = 99) -> None:
        self.sprites = sprites
        composer = Composer(sprites, seed)
        self.composer = composer
        self.locator = Locator(composer)
        self.index = {thing.name: k for k, thing in enumerate(OBJECTS)}
        self.scene_means = np.stack(
            [coarse(np.stack(composer.scenes[s.name][:EXAMPLES])).mean(0) for s in SCENES]
        )
        self.scene_spread = np.stack(
            [coarse(np.stack(composer.scenes[s.name][:EXAMPLES])).std(0) + 0.06 for s in SCENES]
        )

    def sprite(self, thing: str) -> np.ndarray:
        """Float RGBA in 0..1."""
        return self.sprites["3d"][self.index[thing]].astype(np.float32) / 255

    def part(self, thing: str, place: Place) -> np.ndarray:
        """Where the part of the object that takes colours is, as a mask (128, 128)."""
        sprite = self.sprite(thing)
        return moved(main_part(sprite, thing) * sprite[..., 3] > HALF, place)

    def whole(self, thing: str, place: Place) -> np.ndarray:
        return moved(self.sprite(thing)[..., 3] > HALF, place)

    def colours(self, picture: np.ndarray, thing: str, place: Place) -> dict[str, str]:
        """What the part that takes colours is called, the whole object, and the nearest drawing.

        The part has no colour (``mixed``) unless half of it has one name.
        """
        part = self.part(thing, place)
        found = shares(picture[part])
        best = int(found.argmax())
        return {
            "part": NAMES[best] if found[best] >= HALF else "mixed",
            "whole": colour_name(picture[self.whole(thing, place)]),
            "nearest": self.nearest(picture, thing, place, part),
        }

    def nearest(self, picture: np.ndarray, thing: str, place: Place, part: np.ndarray) -> str:
        """The colour of the composed drawing whose mean colour is nearest in the part."""
        drawn = [self.composer.picture(Subject(thing, colour=c.name), place) for c in COLOURS]
        wanted = picture[part].mean(0)
        return NAMES[int(np.argmin([np.linalg.norm(d[part].mean(0) - wanted) for d in drawn]))]

    def scene(self, picture: np.ndarray, thing: str, place: Place) -> str:
        """The painted scene nearest to what surrounds the object, or ``plain``."""
        covered = self.whole(thing, place).reshape(COARSE, 8, COARSE, 8).mean((1, 3))
        weight = (covered < 0.05)[..., None].astype(np.float32)
        cells = coarse(picture[None])[0]
        area = max(float(weight.sum()), 1.0)
        far = np.minimum(((cells - self.scene_means) / self.scene_spread) ** 2, FARTHEST)
        distance = (far * weight).sum((1, 2, 3)) / area
        plain = (np.minimum(((cells - 1.0) / 0.06) ** 2, FARTHEST) * weight).sum() / area
        best = int(np.argmin(distance))
        return "plain" if plain < distance[best] else SCENES[best].name
