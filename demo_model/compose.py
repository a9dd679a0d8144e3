"""Compose captioned training pictures from the sprites.

    python -m demo_model.compose --data DATA --count 56000 --seed 11

Writes ``DATA/bank/pictures.npy`` (count, 128, 128, 3) and ``DATA/bank/subjects.json``. Objects have
few sizes and stand in places that are whole latent cells apart (``places.py``).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from demo_model.captions import Subject, caption
from demo_model.paint import SIDE, paint
from demo_model.places import FLOATING, Place, pair_places, plain_place, scene_place
from demo_model.recolour import recolour
from demo_model.vocabulary import COLOUR_BY_NAME, COLOURS, OBJECTS, SCENES, held_out

SCENES_PER_KIND = 64
SCENE_WEIGHTS = np.array([scene.weight for scene in SCENES])
PAIRS, FLAT, SCENERY = 0.08, 0.15, 0.07  # shares: two objects, in the flat style, no object


class Composer:
    """Draws subjects at random and composes their pictures."""

    def __init__(self, sprites: dict[str, np.ndarray], seed: int) -> None:
        self.sprites = sprites
        self.rng = np.random.default_rng(seed)
        self.index = {thing.name: k for k, thing in enumerate(OBJECTS)}
        self.painted: dict[tuple[str, str, str | None], Image.Image] = {}
        self.scenes = {
            scene.name: [paint(scene.name, self.rng) for _ in range(SCENES_PER_KIND)]
            for scene in SCENES
        }

    def subject(self) -> Subject:
        """A random subject; combinations held out for testing never come up."""
        rng = self.rng
        if rng.random() < SCENERY:
            return Subject("", scene=SCENES[int(rng.integers(len(SCENES)))].name)
        thing, second = (OBJECTS[int(k)] for k in rng.choice(len(OBJECTS), 2, replace=False))
        style = "flat" if rng.random() < FLAT else "3d"
        colour = scene = backdrop = None
        other = second.name if rng.random() < PAIRS else None
        if thing.recolour and rng.random() < 0.45:
            colour = COLOURS[int(rng.integers(len(COLOURS)))].name
        ground = rng.random()
        if ground < 0.36:
            scene = SCENES[int(rng.choice(len(SCENES), p=SCENE_WEIGHTS / SCENE_WEIGHTS.sum()))].name
        elif ground < 0.50:
            backdrop = COLOURS[int(rng.integers(len(COLOURS)))].name
        if colour and (colour == backdrop or held_out(thing.name, colour)):
            colour = None
        if scene and (held_out(thing.name, scene) or (other and held_out(other, scene))):
            scene = None
        return Subject(thing.name, colour, scene, backdrop, style, other)

    def sprite(self, name: str, style: str, colour: str | None) -> Image.Image:
        key = (name, style, colour)
        if key not in self.painted:
            pixels = self.sprites[style][self.index[name]]
            if colour:
                pixels = recolour(pixels, COLOUR_BY_NAME[colour].rgb, name)
            self.painted[key] = Image.fromarray(pixels)
        return self.painted[key]

    def background(self, subject: Subject) -> Image.Image:
        if subject.scene:
            kinds = self.scenes[subject.scene]
            return Image.fromarray(kinds[int(self.rng.integers(len(kinds)))]).convert("RGBA")
        rgb = COLOUR_BY_NAME[subject.backdrop].rgb if subject.backdrop else (255, 255, 255)
        return Image.new("RGBA", (SIDE, SIDE), (*rgb, 255))

    def picture(self, subject: Subject, place: Place | None = None) -> np.ndarray:
        """Compose one picture, uint8 (128, 128, 3); a single object at ``place`` where given."""
        base = self.background(subject)
        if not subject.thing:
            return np.asarray(base.convert("RGB"))
        sprites = [self.sprite(subject.thing, subject.style, subject.colour)]
        if subject.other:
            sprites.append(self.sprite(subject.other, subject.style, None))
            places = pair_places(self.rng, sprites, subject.scene is not None)
        elif place:
            places = [place]
        elif subject.scene:
            places = [scene_place(self.rng, sprites[0], subject.scene)]
        else:
            places = [plain_place(self.rng)]
        for sprite, where in zip(sprites, places, strict=True):
            canvas = where.put(sprite)
            if subject.scene and subject.scene not in FLOATING:
                shade(base, canvas)
            base.alpha_composite(canvas)
        return np.asarray(base.convert("RGB"))


def shade(base: Image.Image, canvas: Image.Image) -> None:
    """A soft shadow on the ground under what stands on the canvas."""
    left, _, right, bottom = canvas.getchannel("A").getbbox()
    layer = Image.new("RGBA", base.size, (0, 0, 0, 0))
    inset = (right - left) * 0.1
    ImageDraw.Draw(layer).ellipse(
        [left + inset, bottom - 5, right - inset, bottom + 4], fill=(0, 0, 0, 70)
    )
    base.alpha_composite(layer.filter(ImageFilter.GaussianBlur(1.5)))


def load_sprites(data: Path) -> dict[str, np.ndarray]:
    with np.load(data / "sprites.npz") as archive:
        return {style: archive[style] for style in archive.files}


def compose_part(job: tuple[Path, int, int]) -> tuple[np.ndarray, list[dict]]:
    """Compose one part of the bank: (data folder, how many, seed)."""
    data, count, seed = job
    composer = Composer(load_sprites(data), seed)
    pictures = np.empty((count, SIDE, SIDE, 3), np.uint8)
    records = []
    for k in range(count):
        subject = composer.subject()
        pictures[k] = composer.picture(subject)
        records.append(asdict(subject) | {"caption": caption(subject, composer.rng)})
    return pictures, records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=56000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    folder = args.data / "bank"
    folder.mkdir(parents=True, exist_ok=True)
    part = 4000  # pictures in one job
    jobs = [(args.data, part, args.seed * 100_003 + k) for k in range(args.count // part)]
    pictures = np.lib.format.open_memmap(
        folder / "pictures.npy", "w+", np.uint8, (len(jobs) * part, SIDE, SIDE, 3)
    )
    records: list[dict] = []
    with multiprocessing.Pool(args.workers) as pool:
        for k, (some, more) in enumerate(pool.imap(compose_part, jobs)):
            pictures[k * part : (k + 1) * part] = some
            records += more
    pictures.flush()
    (folder / "subjects.json").write_text(json.dumps(records, ensure_ascii=False))
    print(f"{len(records)} pictures")


if __name__ == "__main__":
    main()
