"""The DPM-Solver++ family (arXiv:2211.01095), deterministic and with noise."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor

from bot.render.samplers.core import (
    Noise,
    Sampling,
    ancestral,
    exponential_step,
    half_log,
)


def dpmpp_2m(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Second order, multistep: leans on the last step's result."""
    old: Tensor | None = None
    last = 0.0
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        if old is None or after == 0:
            x = exponential_step(x, denoised, sigma, after)
        else:
            h = half_log(after) - half_log(sigma)
            lean = h / (half_log(sigma) - half_log(last)) / 2
            x = exponential_step(x, denoised * (1 + lean) - old * lean, sigma, after)
        old, last = denoised, sigma
    return x


def dpmpp_2s_ancestral(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Second order, single step, ancestral: a second look half-way in log sigma."""
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        down, up = ancestral(sigma, after)
        if down > 0:
            middle = math.sqrt(sigma * down)
            denoised = yield exponential_step(x, denoised, sigma, middle), middle, i
        x = exponential_step(x, denoised, sigma, down)
        if after > 0:
            x = x + noise() * up
    return x


def dpmpp_sde(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Second order, single step, stochastic.

    The noise of the half step is part of the whole step's, as on one Brownian path: the whole is
    the sum of two independent pieces in proportion to the variance that each spans.
    """
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        if after == 0:
            x = denoised
            continue
        middle = math.sqrt(sigma * after)
        first, second = noise(), noise()
        share = (sigma - middle) / (sigma - after)
        whole = first * math.sqrt(share) + second * math.sqrt(1 - share)
        down, up = ancestral(sigma, middle)
        ahead = exponential_step(x, denoised, sigma, down) + first * up
        # With the look half-way (r = 1/2) the blend of the two opinions is the second alone.
        denoised = yield ahead, middle, i
        down, up = ancestral(sigma, after)
        x = exponential_step(x, denoised, sigma, down) + whole * up
    return x


def dpmpp_2m_sde(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """`dpmpp_2m` of the stochastic equation, midpoint rule."""
    old: Tensor | None = None
    h_last = 1.0
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        if after == 0:
            x = denoised
            continue
        h = half_log(after) - half_log(sigma)
        gain = -math.expm1(-2 * h)
        x = x * (after / sigma * math.exp(-h)) + denoised * gain
        if old is not None:
            x = x + (denoised - old) * (0.5 * gain * h / h_last)
        x = x + noise() * (after * math.sqrt(gain))
        old, h_last = denoised, h
    return x


def dpmpp_3m_sde(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Third order, multistep, of the stochastic equation.

    As in k-diffusion. diffusers' solver of order 3 ends in another constant (its last term does not
    vanish with the step), so its latents differ by a tenth.
    """
    past: list[tuple[Tensor, float]] = []  # (denoised, length of the step), newest first
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        if after == 0:
            x = denoised
            continue
        h = half_log(after) - half_log(sigma)
        x = x * math.exp(-2 * h) + denoised * -math.expm1(-2 * h)
        x = _corrected(x, denoised, past, h)
        x = x + noise() * (after * math.sqrt(-math.expm1(-2 * h)))
        past = [(denoised, h), *past[:1]]
    return x


def _corrected(x: Tensor, denoised: Tensor, past: list[tuple[Tensor, float]], h: float) -> Tensor:
    """The terms of second and third order, as far as the past allows."""
    if not past:
        return x
    phi_2 = math.expm1(-2 * h) / (2 * h) + 1
    (one, h_1), *older = past
    first = (denoised - one) * (h / h_1)
    if not older:
        return x + first * phi_2
    ((two, h_2),) = older
    r_0, r_1 = h_1 / h, h_2 / h
    second = (one - two) / r_1
    bend = first - second
    phi_3 = phi_2 / (2 * h) - 0.5
    return x + (first + bend * (r_0 / (r_0 + r_1))) * phi_2 - bend * (phi_3 / (r_0 + r_1))
