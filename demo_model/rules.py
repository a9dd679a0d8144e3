"""Rules that tell which colour an object has and which scene a picture shows.

Both compare with composed references: the colour rule compares the mean colour where the object's
main part stands, the scene rule the coarse picture around the object. Neither asks whether the
object is well drawn.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from demo_model.captions import Subject
from demo_model.compose import Composer
from demo_model.recolour import main_part
from demo_model.vocabulary import COLOURS, OBJECTS, SCENES

COARSE = 16
EXAMPLES = 24


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
        self.index = {thing.name: k for k, thing in enumerate(OBJECTS)}
        self.scene_means = np.stack(
            [coarse(np.stack(composer.scenes[s.name][:EXAMPLES])).mean(0) for s in SCENES]
        )
        self.scene_spread = np.stack(
            [coarse(np.stack(composer.scenes[s.name][:EXAMPLES])).std(0) + 0.06 for s in SCENES]
        )

    def main_mask(self, thing: str) -> np.ndarray:
        """Where a plain picture of the object shows its main part, as weights (128, 128)."""
        sprite = self.sprites["3d"][self.index[thing]].astype(np.float32) / 255
        return main_part(sprite) * sprite[..., 3]

    def colour(self, picture: np.ndarray, thing: str) -> str:
        """The named colour nearest to the object's in a picture on a plain background."""
        mask = self.main_mask(thing)[..., None]

        def mean(pixels: np.ndarray) -> np.ndarray:
            return (pixels * mask).sum((0, 1)) / mask.sum() / 255

        references = [mean(self.composer.picture(Subject(thing, colour=c.name))) for c in COLOURS]
        distances = [np.linalg.norm(mean(picture) - wanted) for wanted in references]
        return COLOURS[int(np.argmin(distances))].name

    def around(self, thing: str) -> np.ndarray:
        """Coarse cells that the object does not cover in a scene, as weights (16, 16)."""
        alpha = Image.fromarray(self.sprites["3d"][self.index[thing]][..., 3])
        lowered = np.roll(np.asarray(alpha, np.float32) / 255, 8, axis=0)
        covered = lowered.reshape(COARSE, 8, COARSE, 8).max((1, 3))
        widened = np.maximum.reduce([np.roll(covered, k, axis=1) for k in (-1, 0, 1)])
        return 1 - widened

    def scene(self, picture: np.ndarray, thing: str) -> str:
        """The painted scene nearest to what surrounds the object, or ``plain``."""
        weight = self.around(thing)[..., None]
        cells = coarse(picture[None])[0]
        area = weight.sum()
        far = ((cells - self.scene_means) / self.scene_spread) ** 2
        distance = (far * weight).sum((1, 2, 3)) / area
        plain = (((cells - 1.0) / 0.06) ** 2 * weight).sum() / area
        best = int(np.argmin(distance))
        return "plain" if plain < distance[best] else SCENES[best].name
