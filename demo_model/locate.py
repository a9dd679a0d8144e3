"""Find where a drawn picture has its object: the composed place that explains the picture best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo_model.compose import Composer
from demo_model.places import Place, all_places
from demo_model.vocabulary import COLOURS, THING_BY_NAME

SIDE = 64  # pictures are compared at this size


def small(picture: np.ndarray) -> np.ndarray:
    """Float32 (64, 64, channels) in 0..1."""
    factor = picture.shape[0] // SIDE
    shaped = picture.reshape(SIDE, factor, SIDE, factor, -1).astype(np.float32)
    return shaped.mean((1, 3)) / 255


@dataclass(frozen=True)
class Views:
    """An object at every place, in every colour it comes in."""

    colours: tuple[str | None, ...]
    places: list[Place]
    drawn: np.ndarray  # (colours, places, 64, 64, 4), RGB times alpha, and alpha


class Locator:
    """Compares pictures with composed views; keeps those of the object last asked for."""

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.known: tuple[tuple[str, bool], Views] | None = None

    def views(self, thing: str, scene: bool) -> Views:
        """Coloured objects are asked for on plain backgrounds only, plain ones anywhere."""
        if self.known and self.known[0] == (thing, scene):
            return self.known[1]
        names = [c.name for c in COLOURS] if THING_BY_NAME[thing].recolour and not scene else []
        colours = (None, *names)
        sprite = self.composer.sprite(thing, "3d", None)
        places = all_places(sprite, scene)
        drawn = np.empty((len(colours), len(places), SIDE, SIDE, 4), np.float32)
        for c, colour in enumerate(colours):
            image = self.composer.sprite(thing, "3d", colour)
            for p, place in enumerate(places):
                drawn[c, p] = small(np.asarray(place.put(image).convert("RGBa")))
        self.known = ((thing, scene), Views(colours, places, drawn))
        return self.known[1]

    def find(self, picture: np.ndarray, thing: str, scene: bool) -> Place:
        """The place whose view differs least: all over on white, within its outline in a scene."""
        views = self.views(thing, scene)
        rgb, alpha = views.drawn[..., :3], views.drawn[..., 3:]
        wanted = small(picture)
        if scene:
            off = np.abs(alpha * wanted - rgb).sum((2, 3, 4)) / alpha.sum((2, 3, 4))
        else:
            off = np.abs(rgb + (1 - alpha) - wanted).mean((2, 3, 4))
        return views.places[int(off.min(0).argmin())]


def moved(mask: np.ndarray, place: Place) -> np.ndarray:
    """A boolean mask (128, 128) of a sprite's pixels, moved to where the sprite stands."""
    layer = Image.fromarray(np.dstack([mask.astype(np.uint8) * 255] * 4))
    return np.asarray(place.put(layer).getchannel("A")) > 127
