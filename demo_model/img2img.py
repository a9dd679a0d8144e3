"""Redraw a few samples for another prompt: does img2img keep the composition?

    python -m demo_model.img2img --model bot/render/demo --out demo_model/samples

Writes ``img2img.png``: the first drawing above, the redrawn one (strength 0.6) below; seed 0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline
from PIL import Image

from demo_model.evaluate import Artist
from demo_model.export import DEFAULTS
from demo_model.grid import lay_out, save_small

CHANGES = {
    "red apple": "green apple",
    "cat on the beach": "purple cat on the beach",
    "house": "blue house",
    "blue car": "red car in space",
    "penguin in the snow": "penguin on the beach",
    "star": "heart",
}
STRENGTH = 0.6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    artist = Artist(args.model, DEFAULTS["steps"], DEFAULTS["cfg_scale"])
    first = artist.draw(list(CHANGES), [0] * len(CHANGES))
    pipe = StableDiffusionImg2ImgPipeline.from_pipe(artist.pipe)
    pipe.set_progress_bar_config(disable=True)
    pictures = pipe(
        list(CHANGES.values()),
        image=[Image.fromarray(picture) for picture in first],
        strength=STRENGTH,
        num_inference_steps=artist.steps,
        guidance_scale=artist.scale,
        generator=[torch.Generator().manual_seed(0) for _ in first],
        output_type="np",
    ).images
    second = (pictures * 255).round().astype(np.uint8)
    labels = [*CHANGES, *CHANGES.values()]
    sheet = lay_out(np.concatenate([first, second]), labels, 1, len(CHANGES), 128)
    save_small(sheet, args.out / "img2img.png")


if __name__ == "__main__":
    main()
