"""Fetch the art packages and cut the sprites out of them.

    python -m demo_model.fetch --data DATA

Runs ``npm pack`` for the two art packages (both MIT, Microsoft's Fluent emoji) and writes
``DATA/sprites.npz``: one RGBA picture of 128x128 per object and style.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from demo_model.vocabulary import OBJECTS

PACKAGES = {
    "3d": "@lobehub/fluent-emoji-3d@1.1.0",
    "flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "names": "emojibase-data@17.0.0",
}
SIDE = 128
BOX = 104  # the drawn part of every sprite is fitted into a box of this size


def download(folder: Path) -> dict[str, Path]:
    """``npm pack`` every package that is not in ``folder`` yet; return where each was unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for key, package in PACKAGES.items():
        name, version = package.lstrip("@").replace("/", "-").rsplit("@", 1)
        target = folder / f"{name}-{version}"
        if not (target / "package").is_dir():
            subprocess.run(["npm", "pack", package], cwd=folder, check=True)
            with tarfile.open(folder / f"{name}-{version}.tgz") as archive:
                archive.extractall(target, filter="data")
        found[key] = target / "package"
    return found


def fit(picture: Image.Image) -> Image.Image:
    """Crop to the visible part, scale it into the box, and centre it on a clear canvas."""
    picture = picture.convert("RGBA")
    visible = picture.getchannel("A").point(lambda value: 255 if value > 8 else 0).getbbox()
    picture = picture.crop(visible)
    scale = BOX / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    canvas.paste(picture, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return canvas


def glossy(package: Path, code: str) -> Image.Image:
    """The 3D picture of one emoji."""
    for name in (code, f"{code}-fe0f"):
        path = package / "assets" / f"{name}.webp"
        if path.exists():
            return Image.open(path).convert("RGBA")
    raise FileNotFoundError(f"no 3D picture for {code}")


def flat(package: Path, code: str, icons: dict, chars: dict[str, str]) -> Image.Image:
    """The flat (vector) picture of one emoji, drawn at twice the size that is needed."""
    import resvg_py

    name = chars.get(code) or chars[f"{code}-fe0f"]
    icon = icons["icons"].get(name) or icons["icons"][icons["aliases"][name]["parent"]]
    width, height = icon.get("width", icons["width"]), icon.get("height", icons["height"])
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="256" height="256">{icon["body"]}</svg>'
    )
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg))))


def check_names(package: Path) -> list[str]:
    """Objects whose Chinese name is neither the label nor a keyword of the emoji (for review)."""
    entries = json.loads((package / "zh" / "data.json").read_text(encoding="utf-8"))
    known = {
        entry["hexcode"].lower().replace("-fe0f", ""): " ".join(
            [entry["label"], *entry.get("tags", [])]
        )
        for entry in entries
    }
    return [
        f"{thing.name}: {'/'.join(thing.zh)} against {known.get(thing.code, '?')}"
        for thing in OBJECTS
        if not any(name in known.get(thing.code, "") for name in thing.zh)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    packages = download(args.data / "npm")
    icons = json.loads((packages["flat"] / "icons.json").read_text(encoding="utf-8"))
    chars = json.loads((packages["flat"] / "chars.json").read_text(encoding="utf-8"))
    solid = [np.asarray(fit(glossy(packages["3d"], thing.code))) for thing in OBJECTS]
    plain = [np.asarray(fit(flat(packages["flat"], t.code, icons, chars))) for t in OBJECTS]
    sprites = {"3d": np.stack(solid), "flat": np.stack(plain)}
    np.savez_compressed(args.data / "sprites.npz", **sprites)
    for line in check_names(packages["names"]):
        print("name to review:", line)
    print(f"{len(OBJECTS)} objects in {len(sprites)} styles")


if __name__ == "__main__":
    main()
