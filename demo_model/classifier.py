"""A small classifier of the taught objects, to judge drawn pictures by.

    python -m demo_model.classifier --data DATA --minutes 4

It never sees a drawn picture nor a held-out combination: it trains on composed pictures, slightly
moved, blurred and noised, and states its own accuracy on composed held-out combinations.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from demo_model.captions import Subject
from demo_model.compose import Composer, load_sprites
from demo_model.latents import as_tensor
from demo_model.optim import schedule
from demo_model.vocabulary import COLOURS, OBJECTS, SCENES, held_out

SIDE = 64
INDEX = {thing.name: k for k, thing in enumerate(OBJECTS)}


def make_classifier() -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for width in (24, 48, 96, 160):
        layers += [nn.Conv2d(channels, width, 3, 2, 1), nn.GroupNorm(8, width), nn.SiLU()]
        layers += [nn.Conv2d(width, width, 3, 1, 1), nn.GroupNorm(8, width), nn.SiLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.2), nn.Linear(16 * 160, len(OBJECTS)))


def shrink(pictures: torch.Tensor) -> torch.Tensor:
    return F.adaptive_avg_pool2d(pictures, SIDE)


def disturb(pictures: torch.Tensor) -> torch.Tensor:
    """Move a batch by up to 4 pixels; blur and noise it a little."""
    dx, dy = (int(v) for v in torch.randint(-4, 5, (2,)))
    moved = torch.roll(pictures, (dy, dx), (2, 3))
    if torch.rand(()) < 0.4:
        moved = F.avg_pool2d(F.pad(moved, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return moved + 0.06 * torch.rand(()) * torch.randn_like(moved)


def held_out_subjects() -> list[Subject]:
    """Every combination of object with colour or scene that training never shows."""
    found = []
    for thing in OBJECTS:
        if thing.recolour:
            found += [
                Subject(thing.name, colour=c.name) for c in COLOURS if held_out(thing.name, c.name)
            ]
        found += [Subject(thing.name, scene=s.name) for s in SCENES if held_out(thing.name, s.name)]
    return found


def single_object(record: dict) -> bool:
    return bool(record["thing"]) and not record["other"]


def train(model: nn.Module, data: Path, args: argparse.Namespace) -> None:
    records = json.loads((data / "bank" / "subjects.json").read_text(encoding="utf-8"))
    single = np.array([k for k, record in enumerate(records) if single_object(record)])
    labels = torch.tensor([INDEX.get(record["thing"], -1) for record in records])
    pictures = np.load(data / "bank" / "pictures.npy", mmap_mode="r")
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.02)
    rng = np.random.default_rng(args.seed)
    begin, step, plan = time.time(), 0, args.minutes * 60
    while (passed := time.time() - begin) < plan:
        chosen = np.sort(rng.choice(single, args.batch, replace=False))
        batch = disturb(shrink(as_tensor(pictures[chosen])))
        loss = F.cross_entropy(model(batch), labels[chosen], label_smoothing=0.05)
        optimiser.param_groups[0]["lr"] = args.rate * schedule(step, passed / plan)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            print(f"step {step} {passed:.0f} s loss {loss.item():.3f}", flush=True)


@torch.no_grad()
def classify(model: nn.Module, pictures: np.ndarray) -> list[str]:
    """The main name of the object in each picture."""
    batches = torch.split(shrink(as_tensor(pictures)), 64)
    best = torch.cat([model(batch).argmax(1) for batch in batches])
    return [OBJECTS[int(k)].name for k in best]


def load_classifier(path: Path) -> nn.Module:
    model = make_classifier()
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    model = make_classifier()
    train(model, args.data, args)
    torch.save(model.state_dict(), args.data / "classifier.pt")
    composer = Composer(load_sprites(args.data), args.seed)
    subjects = held_out_subjects()
    found = classify(model.eval(), np.stack([composer.picture(s) for s in subjects]))
    right = np.mean([name == s.thing for name, s in zip(found, subjects, strict=True)])
    print(f"accuracy on {len(subjects)} composed held-out combinations: {right:.3f}")


if __name__ == "__main__":
    main()
