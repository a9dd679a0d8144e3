"""What all samplers share. Mathematics as in k-diffusion (Karras et al., arXiv:2206.00364).

A sampler is a coroutine of one picture. It yields `(x, sigma, step)` whenever it wants the model's
opinion, is sent `denoised` (the same shape) and returns the final latent. So the loop may gather
the wishes of many pictures, each with its own sampler, into one call of the UNet.
"""

import math
from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias

from torch import Tensor

Wish: TypeAlias = tuple[Tensor, float, int]
"""Latent, its noise level, and how many steps were done before."""
Sampling: TypeAlias = Generator[Wish, Tensor, Tensor]
Noise: TypeAlias = Callable[[], Tensor]
"""Draws the next standard normal tensor of this picture's own generator."""
Sampler: TypeAlias = Callable[[Tensor, Sequence[float], Noise], Sampling]
"""Starting latent, noise levels (falling, one more than steps), noise."""


def slope(x: Tensor, denoised: Tensor, sigma: float) -> Tensor:
    """The derivative dx/dsigma."""
    return (x - denoised) / sigma


def ancestral(sigma: float, after: float) -> tuple[float, float]:
    """Splits a step into (level to go down to, noise to add on top); eta is 1."""
    up = min(after, math.sqrt(max(after**2 * (sigma**2 - after**2) / sigma**2, 0.0)))
    return math.sqrt(max(after**2 - up**2, 0.0)), up


def exponential_step(x: Tensor, denoised: Tensor, sigma: float, after: float) -> Tensor:
    """Exact step of the semi-linear equation for a constant `denoised` (DPM-Solver++)."""
    if after == 0.0:
        return denoised
    return x * (after / sigma) + denoised * (1.0 - after / sigma)


def half_log(sigma: float) -> float:
    """DPM-Solver's lambda in this parametrisation: -log sigma."""
    return -math.log(sigma)
