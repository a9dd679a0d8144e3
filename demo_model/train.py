"""Train the text encoder and the UNet together on the latents of the composed pictures.

    python -m demo_model.train --data DATA --start START --steps 4000
    python -m demo_model.train --data DATA --start START --steps 4000 --resume

``--steps`` is the whole plan: the learning rate falls to zero at its end, and samples are worth
looking at only then. The plan may be changed on resuming: the rate follows the share that is done.
``--minutes`` plans by the clock instead, for a machine that has other work: this run ends then.
The state is saved every few minutes to ``DATA/state.pt``; ``--resume`` goes on from there. Uses a
GPU where there is one.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextModel, CLIPTokenizer

from demo_model.captions import Subject, caption
from demo_model.models import (
    CONTEXT,
    load_tokenizer,
    make_scheduler,
    make_text_encoder,
    make_unet,
    token_ids,
)
from demo_model.optim import Optimisers, schedule

CAPTIONS_EACH = 3  # captions drawn for every picture
EMPTY_SHARE = 0.1
STRANGE_SHARE = 0.7  # of the captions of mere scenery are made of words without meaning


def load_subjects(data: Path) -> list[Subject]:
    records = json.loads((data / "bank" / "subjects.json").read_text(encoding="utf-8"))
    return [Subject(**{k: v for k, v in r.items() if k != "caption"}) for r in records]


def strange_ids(count: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Prompts of one to ten tokens at random, between the first token and the end's, (count, 77).

    ``size`` is that of the vocabulary, whose last two tokens are those. They teach the model to
    answer words it does not know with scenery.
    """
    rows = np.full((count, CONTEXT), size - 1)
    rows[:, 0] = size - 2
    lengths = rng.integers(1, 11, count)
    for row, length in zip(rows, lengths, strict=True):
        row[1 : 1 + length] = rng.integers(0, size - 2, length)
    return rows


def draw_prompts(data: Path, tokenizer: CLIPTokenizer, seed: int) -> torch.Tensor:
    """Token numbers of ``CAPTIONS_EACH`` captions for every picture of the bank, in order."""
    rng = np.random.default_rng(seed)
    subjects = [subject for subject in load_subjects(data) for _ in range(CAPTIONS_EACH)]
    ids = token_ids(tokenizer, [caption(subject, rng) for subject in subjects])
    bare = np.array([not subject.thing for subject in subjects])
    strange = np.flatnonzero(bare & (rng.random(len(subjects)) < STRANGE_SHARE))
    ids[strange] = torch.from_numpy(strange_ids(len(strange), len(tokenizer), rng))
    return ids


class Trainer:
    """Holds the networks, their running average, the optimisers and the clock."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(args.seed)
        self.tokenizer = load_tokenizer(args.tokenizer or args.start / "tokenizer")
        if args.start:
            self.text = CLIPTextModel.from_pretrained(args.start / "text_encoder").float()
            self.unet = UNet2DConditionModel.from_pretrained(args.start / "unet").float()
        else:
            self.text, self.unet = make_text_encoder(self.tokenizer), make_unet()
        self.text.to(self.device).train()
        self.unet.to(self.device).train()
        if self.device == "cpu":
            self.unet.set_attn_processor(AttnProcessor())  # the fused backward is slow there
        self.unet.to(memory_format=torch.channels_last)
        named = [(f"text.{n}", p) for n, p in self.text.named_parameters()]
        named += [(f"unet.{n}", p) for n, p in self.unet.named_parameters()]
        self.params = [param for _, param in named]
        self.average = [param.detach().clone() for param in self.params]
        self.optimisers = Optimisers(named, args.muon, args.adam)
        self.alphas = make_scheduler().alphas_cumprod.to(self.device)
        self.steps, self.seconds = 0, 0.0
        if args.resume:
            self.load(args.data / "state.pt")

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        with torch.no_grad():
            for param, average, saved, smooth in zip(
                self.params, self.average, state["params"], state["average"], strict=True
            ):
                param.copy_(saved)
                average.copy_(smooth)
        self.optimisers.load_state_dict(state["optimisers"])
        self.steps, self.seconds = state["steps"], state["seconds"]

    def save(self, path: Path) -> None:
        state = {
            "params": [param.detach() for param in self.params],
            "average": self.average,
            "optimisers": self.optimisers.state_dict(),
            "steps": self.steps,
            "seconds": self.seconds,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def loss(self, latents: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, float]:
        """v-prediction, min-SNR weighted (with a floor); also the plain mean square error."""
        count = len(latents)
        times = torch.randint(0, 1000, (count,), device=self.device)
        noise = torch.randn_like(latents)
        level = self.alphas[times]
        signal, spread = level.sqrt().view(-1, 1, 1, 1), (1 - level).sqrt().view(-1, 1, 1, 1)
        target = signal * noise - spread * latents
        noisy = (signal * latents + spread * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            words = self.text(ids)[0]
            guess = self.unet(noisy, times, words).sample
        error = (guess.float() - target).square().mean((1, 2, 3))
        ratio = level / (1 - level)
        weight = ratio.clamp(max=5.0) / (ratio + 1) + 0.15
        return (weight * error).mean(), error.detach().mean().item()

    def share_done(self, passed: float) -> float:
        """Share of the plan that is done, ``passed`` seconds after this run began."""
        if self.args.minutes:
            return passed / (60 * self.args.minutes)
        return self.steps / self.args.steps

    def run(self, latents: torch.Tensor, ids: torch.Tensor) -> None:
        args = self.args
        latents, ids = latents.to(self.device), ids.to(self.device)
        empty = token_ids(self.tokenizer, [""])[0].to(self.device)
        begin, first, start = time.time() - self.seconds, self.steps, time.time()
        next_save, recent = self.seconds + 60 * args.every, []
        while (done := self.share_done(time.time() - start)) < 1:
            chosen = torch.randint(0, len(latents), (args.batch,), device=self.device)
            which = chosen * CAPTIONS_EACH + torch.randint_like(chosen, CAPTIONS_EACH)
            drop = torch.rand(args.batch, device=self.device) < EMPTY_SHARE
            prompts = torch.where(drop[:, None], empty[None], ids[which])
            loss, error = self.loss(latents[chosen].float(), prompts)
            rate = args.rate * schedule(self.steps, done, flat=args.flat)
            self.optimisers.step(loss, rate)
            self.steps += 1
            keep = min(args.smooth, (1 + self.steps) / (10 + self.steps))
            torch._foreach_lerp_(self.average, [p.detach() for p in self.params], 1 - keep)
            self.seconds = time.time() - begin
            recent.append(error)
            if self.steps % 25 == 0:
                speed = args.batch * (self.steps - first) / (time.time() - start)
                print(
                    f"step {self.steps} {self.seconds:.0f} s error {np.mean(recent[-400:]):.4f} "
                    f"rate {rate:.3f} {speed:.0f} pictures/s",
                    flush=True,
                )
            if self.seconds > next_save:
                self.save(args.data / "state.pt")
                next_save = self.seconds + 60 * args.every
        self.save(args.data / "state.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a diffusers folder to train on from")
    parser.add_argument("--tokenizer", type=Path, help="needed without --start")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--minutes", type=float, help="plan by the clock, not by steps")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--muon", type=float, default=0.02)
    parser.add_argument("--adam", type=float, default=1.2e-3)
    parser.add_argument("--flat", type=float, default=0.4, help="share of the plan at full rate")
    parser.add_argument("--rate", type=float, default=1.0, help="scales both learning rates")
    parser.add_argument("--smooth", type=float, default=0.998, help="of the running average")
    parser.add_argument("--every", type=float, default=3.0, help="minutes between saves")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    trainer = Trainer(args)
    latents = torch.load(args.data / "bank" / "latents.pt", weights_only=True)
    ids = draw_prompts(args.data, trainer.tokenizer, args.seed)
    trainer.run(latents, ids)


if __name__ == "__main__":
    main()
