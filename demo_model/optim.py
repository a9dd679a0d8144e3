"""Muon for the matrices, AdamW for the rest, and one learning-rate schedule for both.

Muon (Jordan et al., 2024) steps along the momentum with its singular values brought near one.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the published quintic iteration


def orthogonal(matrix: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """Newton-Schulz iteration towards the nearest matrix with orthonormal rows or columns."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.mT if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(rounds):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Convolution kernels are flattened to (out, in * height * width)."""

    def __init__(self, params: Iterable, lr: float, momentum: float = 0.95, decay: float = 0.01):
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(param)
                average = state["momentum"]
                average.lerp_(param.grad, 1 - group["momentum"])
                ahead = param.grad.lerp(average, group["momentum"])
                update = orthogonal(ahead.reshape(len(ahead), -1))
                size = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
                param.mul_(1 - group["lr"] * group["decay"])
                param.add_(update.reshape(param.shape), alpha=-group["lr"] * size)


def takes_muon(name: str, param: torch.Tensor) -> bool:
    """Inner weight matrices; not embeddings, nor the first and last convolution."""
    edge = any(part in name for part in ("conv_in", "conv_out", "embedding"))
    return param.ndim >= 2 and min(param.shape[0], param[0].numel()) >= 16 and not edge


class Optimisers:
    """Both optimisers, stepped together."""

    def __init__(self, named: list[tuple[str, nn.Parameter]], muon: float, adam: float) -> None:
        matrices = [param for name, param in named if takes_muon(name, param)]
        rest = [param for name, param in named if not takes_muon(name, param)]
        self.params = matrices + rest
        self.parts = [
            (Muon(matrices, lr=muon), muon),
            (torch.optim.AdamW(rest, lr=adam, betas=(0.9, 0.98), weight_decay=0.01), adam),
        ]

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """Back-propagate and step with ``rate`` times the full learning rates."""
        for optimiser, _ in self.parts:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.params, 1.0)
        for optimiser, full in self.parts:
            for group in optimiser.param_groups:
                group["lr"] = full * rate
            optimiser.step()

    def state_dict(self) -> list[dict]:
        return [optimiser.state_dict() for optimiser, _ in self.parts]

    def load_state_dict(self, states: list[dict]) -> None:
        for (optimiser, _), state in zip(self.parts, states, strict=True):
            optimiser.load_state_dict(state)


def schedule(step: int, done: float, warm_up: int = 100, flat: float = 0.4) -> float:
    """Share of the full learning rate: a short warm-up, a plateau, then a line down to zero.

    ``done`` is the share of the planned time that has passed, 0..1.
    """
    rising = min(1.0, (step + 1) / warm_up)
    falling = min(1.0, max(0.0, 1 - done) / (1 - flat))
    return rising * falling
