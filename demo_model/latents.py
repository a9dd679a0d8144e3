"""Encode the composed pictures once, so that training need not.

    python -m demo_model.latents --data DATA --autoencoder FOLDER

Writes ``DATA/bank/latents.pt``. Takes either the finished autoencoder (128x128, f=8) or the first
one (64x64, f=4), whose latent space the finished one was taught; pictures are scaled to suit.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, AutoencoderTiny
from torch import nn

from demo_model.models import LATENT


def load_autoencoder(folder: Path) -> nn.Module:
    name = json.loads((folder / "config.json").read_text())["_class_name"]
    kind = AutoencoderTiny if name == "AutoencoderTiny" else AutoencoderKL
    return kind.from_pretrained(folder).float().eval()


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (n, height, width, 3) to float (n, 3, height, width) in -1..1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def encode(model: nn.Module, pictures: torch.Tensor) -> torch.Tensor:
    """Latents of unit variance."""
    factor = 2 ** (len(model.config.block_out_channels) - 1)
    shrink = pictures.shape[-1] // (LATENT * factor)
    if shrink > 1:
        pictures = F.avg_pool2d(pictures, shrink)
    found = model.encode(pictures.contiguous(memory_format=torch.channels_last))
    latents = found.latents if hasattr(found, "latents") else found.latent_dist.mean
    return latents * model.config.scaling_factor


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--autoencoder", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_autoencoder(args.autoencoder).to(device, memory_format=torch.channels_last)
    pictures = np.load(args.data / "bank" / "pictures.npy", mmap_mode="r")
    parts = []
    for k in range(0, len(pictures), 64):
        batch = as_tensor(pictures[k : k + 64]).to(device)
        with torch.autocast(device, dtype=torch.bfloat16):
            parts.append(encode(model, batch).half().cpu())
    latents = torch.cat(parts)
    torch.save(latents, args.data / "bank" / "latents.pt")
    print(
        tuple(latents.shape), f"mean {latents.float().mean():.3f} std {latents.float().std():.3f}"
    )


if __name__ == "__main__":
    main()
