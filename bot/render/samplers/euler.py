"""First- and second-order solvers without memory: Euler, Heun, DPM2, and LCM."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor

from bot.render.samplers.core import Noise, Sampling, ancestral, slope


def euler(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Euler's method (Karras et al., algorithm 2 without churn); DDIM is this on its own levels."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        x = x + slope(x, denoised, sigma) * (after - sigma)
    return x


def euler_ancestral(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Euler down to a lower level than asked, then noise back up to it."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        down, up = ancestral(sigma, after)
        x = x + slope(x, denoised, sigma) * (down - sigma)
        if after > 0:
            x = x + noise() * up
    return x


def heun(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Heun's method: the mean of the slopes at both ends (algorithm 2)."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        first = slope(x, denoised, sigma)
        ahead = x + first * (after - sigma)
        if after == 0:
            x = ahead
        else:
            denoised = yield ahead, after, i
            x = x + (first + slope(ahead, denoised, after)) * ((after - sigma) / 2)
    return x


def dpm2(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """DPM-Solver-2: the slope at the geometric middle (arXiv:2206.00927)."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        first = slope(x, denoised, sigma)
        if after == 0:
            x = x + first * (after - sigma)
        else:
            middle = math.sqrt(sigma * after)
            ahead = x + first * (middle - sigma)
            denoised = yield ahead, middle, i
            x = x + slope(ahead, denoised, middle) * (after - sigma)
    return x


def dpm2_ancestral(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """`dpm2` down to a lower level than asked, then noise back up to it."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        first = slope(x, denoised, sigma)
        down, up = ancestral(sigma, after)
        if down == 0:
            x = x + first * (down - sigma)
        else:
            middle = math.sqrt(sigma * down)
            ahead = x + first * (middle - sigma)
            denoised = yield ahead, middle, i
            x = x + slope(ahead, denoised, middle) * (down - sigma) + noise() * up
    return x


def lcm(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Latent consistency: jump to the clean picture, then noise to the next level."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        x = yield x, sigma, i
        if after > 0:
            x = x + noise() * after
    return x
