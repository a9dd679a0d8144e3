"""Full-size checkpoints with random weights, through the real way from file to picture.

    python -m tests.full_size sd1 sd2 sdxl sdxl_refiner [--vram low]

Writes each file in its published layout (2 to 7 GB in fp16) to a temporary folder, has it found,
loaded and drawn with for one step on the CPU in bf16, and tells what that took. Not part of the
tests: SDXL needs 12 GB of memory and disk, and some minutes.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import psutil
import torch
from safetensors.torch import load_file, save_file

from bot.domain import ModelRef
from bot.render import loading
from tests import render_layout as layout
from tests.render_fixtures import Bench

CONFIGS = Path(loading.__file__).parent / "configs"


def write(family: str, path: Path) -> int:
    """A file with every tensor of the family; returns its bytes."""
    with torch.device("meta"):
        parts = layout.random_parts(CONFIGS / family)
    empty = path.with_suffix(".meta")
    kept: dict[str, torch.Tensor] = {}
    layout.save_file = lambda weights, _: kept.update(weights)  # type: ignore[attr-defined]
    layout.single_file(family, parts, empty)
    block = torch.randn(2**20, generator=torch.Generator().manual_seed(1)).half() * 0.02
    save_file({name: filled(name, like, block) for name, like in kept.items()}, path)
    return path.stat().st_size


def filled(name: str, like: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
    """Numbers in this shape: noise, but ones where a norm multiplies."""
    if like.ndim == 1 and name.endswith("weight"):
        return torch.ones(like.shape, dtype=torch.half)
    count = like.numel()
    return block.repeat(count // len(block) + 1)[:count].reshape(like.shape).clone()


def arrived(path: Path, unet: torch.nn.Module) -> bool:
    """Whether a tensor deep in the UNet has the numbers of the file."""
    name = "model.diffusion_model.out.2.weight"
    found = unet.get_parameter("conv_out.weight")
    return torch.equal(load_file(path)[name].to(found.dtype), found)


def check(family: str, folder: Path, vram: str) -> dict[str, object]:
    """Write, find, load, draw; what it took."""
    path = folder / "models" / "checkpoints" / f"{family}.safetensors"
    path.parent.mkdir(parents=True)
    size = write(family, path)
    began = time.monotonic()
    bench = Bench(folder / "models", folder / "data", precision="bf16", vram=vram)
    info = next(c for c in bench.easel.catalog.checkpoints if not c.demo)
    found = time.monotonic()
    resident = bench.loop.shelf.get(ModelRef(name=info.name, sha256=info.sha256))
    loaded = time.monotonic()
    spec = bench.spec(
        checkpoint=ModelRef(name=info.name, sha256=info.sha256), steps=1, width=128, height=128
    )
    ((picture,),) = bench.draw(spec)
    return {
        "family": info.family,
        "GB": round(size / 1e9, 2),
        "found_s": round(found - began, 1),
        "loaded_s": round(loaded - found, 1),
        "drawn_s": round(time.monotonic() - loaded, 1),
        "png_bytes": len(picture.png),
        "arrived": arrived(path, resident.model.unet),
        "vram": resident.model.residency.room.words,
        "resident_GB": round(psutil.Process().memory_info().rss / 1e9, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="+", choices=["sd1", "sd2", "sdxl", "sdxl_refiner"])
    parser.add_argument("--vram", default="auto")
    options = parser.parse_args()
    for wanted in options.families:
        with tempfile.TemporaryDirectory() as scratch:
            print(json.dumps(check(wanted, Path(scratch), options.vram)), flush=True)
