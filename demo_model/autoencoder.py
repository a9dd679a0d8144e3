"""Train the autoencoder: 128x128 pictures, in a latent space that is given.

    python -m demo_model.autoencoder --data DATA --minutes 20

The decoder learns to draw the picture from the latents in ``DATA/bank/latents.pt``; the encoder
learns to find those latents. So the UNet can train on the same latents at the same time.
``--free`` needs no latents: both sides find a space of their own, near unit variance; run
``demo_model.latents`` with it afterwards. ``--resume`` goes on from the saved ``DATA/autoencoder``;
``--decoder`` leaves the encoder, and so the latent space, as it is. Three of four pictures are
busy ones (a scene or two objects), since plain ones are soon learned.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from demo_model.latents import as_tensor
from demo_model.models import make_autoencoder
from demo_model.optim import Optimisers, schedule

HELD_OUT = 256  # pictures at the end of the bank, never trained on
ENCODER_EVERY = 3
BUSY_SHARE = 0.75
CERTAIN = -30.0  # log-variance the encoder reports: its samples are its means


def edges(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return picture.diff(dim=-1), picture.diff(dim=-2)


def drawing_loss(drawn: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Absolute error of the pixels and of their steps, at full and at half size."""
    loss = F.l1_loss(drawn, wanted)
    for scale in (1, 2):
        if scale > 1:
            drawn, wanted = F.avg_pool2d(drawn, scale), F.avg_pool2d(wanted, scale)
        for got, true in zip(edges(drawn), edges(wanted), strict=True):
            loss = loss + F.l1_loss(got, true) * 0.6 / scale
    return loss


def find_means(model: AutoencoderKL, pictures: torch.Tensor) -> torch.Tensor:
    return model.encode(pictures).latent_dist.mean


def make_certain(model: AutoencoderKL) -> None:
    """Let the encoder report no variance."""
    with torch.no_grad():
        model.quant_conv.weight[4:].zero_()
        model.quant_conv.bias[4:].fill_(CERTAIN)


@torch.no_grad()
def measure(model: AutoencoderKL, pictures: torch.Tensor, latents: torch.Tensor | None) -> dict:
    """Peak signal-to-noise ratios in dB on held-out pictures."""

    def ratio(points: torch.Tensor) -> float:
        drawn = torch.cat([model.decode(some).sample for some in points.split(32)])
        return round(-10 * math.log10(F.mse_loss(drawn.clamp(-1, 1), pictures).item() / 4), 2)

    means = torch.cat([find_means(model, some) for some in pictures.split(32)])
    figures = {"psnr through the encoder": ratio(means)}
    if latents is not None:
        figures["psnr from given latents"] = ratio(latents)
        figures["latent error"] = round(F.mse_loss(means, latents).item(), 4)
    return figures


def guided_loss(
    model: AutoencoderKL, wanted: torch.Tensor, given: torch.Tensor, teach_encoder: bool
) -> torch.Tensor:
    """Draw from given latents; teach the encoder to find them where asked."""
    drawn = model.decode(given + 0.03 * torch.randn_like(given)).sample
    loss = drawing_loss(drawn.float(), wanted)
    if teach_encoder:
        loss = loss + 0.3 * F.mse_loss(find_means(model, wanted).float(), given)
    return loss


def free_loss(model: AutoencoderKL, wanted: torch.Tensor) -> torch.Tensor:
    """Draw from the encoder's own latents, held near mean zero and variance one per channel."""
    found = find_means(model, wanted)
    drawn = model.decode(found + 0.05 * torch.randn_like(found)).sample
    means, spreads = found.float().mean((0, 2, 3)), found.float().std((0, 2, 3))
    white = means.square().sum() + (spreads - 1).square().sum()
    return drawing_loss(drawn.float(), wanted) + 0.02 * white


def busy_pictures(data: Path) -> np.ndarray:
    """Numbers of the pictures for training with a scene or two objects."""
    records = json.loads((data / "bank" / "subjects.json").read_text(encoding="utf-8"))
    busy = [k for k, record in enumerate(records) if record["scene"] or record["other"]]
    return np.array([k for k in busy if k < len(records) - HELD_OUT])


def train(model, pictures: np.ndarray, latents: torch.Tensor | None, args, device: str) -> None:
    if args.decoder:
        model.encoder.requires_grad_(False)
        model.quant_conv.requires_grad_(False)
    named = [(name, param) for name, param in model.named_parameters() if param.requires_grad]
    optimisers = Optimisers(named, args.muon, args.adam)
    busy = busy_pictures(args.data)
    average = [param.detach().clone() for param in optimisers.params]
    begin, step, plan = time.time(), 0, args.minutes * 60
    rng = np.random.default_rng(args.seed)
    while (passed := time.time() - begin) < plan:
        chosen = rng.integers(0, len(pictures) - HELD_OUT, args.batch)
        chosen = np.where(rng.random(args.batch) < BUSY_SHARE, rng.choice(busy, args.batch), chosen)
        wanted = as_tensor(pictures[chosen]).to(device, memory_format=torch.channels_last)
        with torch.autocast(device, dtype=torch.bfloat16):
            if latents is None:
                loss = free_loss(model, wanted)
            else:
                teach = not args.decoder and step % ENCODER_EVERY == 0  # its task is the easier one
                loss = guided_loss(model, wanted, latents[chosen].float().to(device), teach)
        optimisers.step(loss, args.rate * schedule(step, passed / plan))
        step += 1
        keep = min(0.995, (1 + step) / (10 + step))
        torch._foreach_lerp_(average, [p.detach() for p in optimisers.params], 1 - keep)
        if step % 100 == 0:
            speed = step * args.batch / passed
            print(f"step {step} {passed:.0f} s loss {loss:.4f} {speed:.0f} pictures/s", flush=True)
    with torch.no_grad():
        for param, smooth in zip(optimisers.params, average, strict=True):
            param.copy_(smooth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--muon", type=float, default=0.01)
    parser.add_argument("--adam", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--rate", type=float, default=1.0, help="scales both learning rates")
    parser.add_argument("--free", action="store_true")
    parser.add_argument("--decoder", action="store_true", help="train the decoder only")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = args.data / "autoencoder"
    model = AutoencoderKL.from_pretrained(folder).float() if args.resume else make_autoencoder()
    model.to(device, memory_format=torch.channels_last).train()
    pictures = np.load(args.data / "bank" / "pictures.npy", mmap_mode="r")
    latents = None
    if not args.free:
        latents = torch.load(args.data / "bank" / "latents.pt", weights_only=True)
    train(model, pictures, latents, args, device)
    make_certain(model)
    model.eval().save_pretrained(folder)
    held = as_tensor(pictures[-HELD_OUT:]).to(device)
    wanted = None if latents is None else latents[-HELD_OUT:].float().to(device)
    print(measure(model, held, wanted))


if __name__ == "__main__":
    main()
