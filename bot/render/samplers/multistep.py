"""Solvers that remember slopes: LMS, PLMS and UniPC."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor

from bot.render.samplers.core import Noise, Sampling, exponential_step, half_log, slope

_GAUSS = math.sqrt(1 / 3)  # nodes of the two-point Gauss rule, exact for polynomials of degree 3
_ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


def lms(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Linear multistep of order four on uneven levels."""
    slopes: list[Tensor] = []
    for i, (sigma, _) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        slopes = [slope(x, denoised, sigma), *slopes[:3]]
        for back, d in enumerate(slopes):
            x = x + d * _lms_weight(sigmas, i, len(slopes), back)
    return x


def _lms_weight(sigmas: Sequence[float], i: int, order: int, back: int) -> float:
    """Integral over this step of the Lagrange polynomial that is 1 `back` levels ago."""

    def basis(tau: float) -> float:
        value = 1.0
        for k in range(order):
            if k != back:
                value *= (tau - sigmas[i - k]) / (sigmas[i - back] - sigmas[i - k])
        return value

    half, middle = (sigmas[i + 1] - sigmas[i]) / 2, (sigmas[i + 1] + sigmas[i]) / 2
    return half * (basis(middle - half * _GAUSS) + basis(middle + half * _GAUSS))


def plms(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """Pseudo linear multistep (arXiv:2202.09778): Heun first, then Adams-Bashforth."""
    slopes: list[Tensor] = []
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        slopes = [slope(x, denoised, sigma), *slopes[:3]]
        if i == 0 and after > 0:
            ahead = x + slopes[0] * (after - sigma)
            denoised = yield ahead, after, i
            blend = (slopes[0] + slope(ahead, denoised, after)) / 2
        else:
            weights = _ADAMS_BASHFORTH[len(slopes) - 1]
            blend = slopes[0] * weights[0]
            for d, weight in zip(slopes[1:], weights[1:], strict=True):
                blend = blend + d * weight
        x = x + blend * (after - sigma)
    return x


def unipc(x: Tensor, sigmas: Sequence[float], noise: Noise) -> Sampling:
    """UniPC (arXiv:2302.04867), data prediction, B(h) = h, order three, lower at both ends."""
    steps = len(sigmas) - 1
    past: list[tuple[Tensor, float]] = []  # (denoised, level), newest first
    before, order = x, 1
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        denoised = yield x, sigma, i
        if past:
            x = _correct(before, past[:order], denoised, sigma)
        past = [(denoised, sigma), *past[:2]]
        before = x
        order = min(3, i + 1, steps - i)
        x = _predict(x, past[:order], after)
    return x


def _predict(x: Tensor, past: list[tuple[Tensor, float]], after: float) -> Tensor:
    denoised, sigma = past[0]
    ahead = exponential_step(x, denoised, sigma, after)
    if after == 0 or len(past) == 1:
        return ahead
    h, ratios, differences = _divided(past, after)
    weights = [0.5] if len(past) == 2 else _solve(ratios, _moments(h, len(ratios)))
    for weight, difference in zip(weights, differences, strict=True):
        ahead = ahead + difference * (h * weight)
    return ahead


def _correct(x: Tensor, past: list[tuple[Tensor, float]], denoised: Tensor, sigma: float) -> Tensor:
    """The step that led to `sigma` once more, now that the model's opinion there is known."""
    old, start = past[0]
    h, ratios, differences = _divided(past, sigma)
    ratios, differences = [*ratios, 1.0], [*differences, denoised - old]
    weights = [0.5] if len(past) == 1 else _solve(ratios, _moments(h, len(ratios)))
    result = exponential_step(x, old, start, sigma)
    for weight, difference in zip(weights, differences, strict=True):
        result = result + difference * (h * weight)
    return result


def _divided(
    past: list[tuple[Tensor, float]], after: float
) -> tuple[float, list[float], list[Tensor]]:
    denoised, sigma = past[0]
    h = half_log(after) - half_log(sigma)
    ratios = [(half_log(level) - half_log(sigma)) / h for _, level in past[1:]]
    return h, ratios, [(d - denoised) / r for (d, _), r in zip(past[1:], ratios, strict=True)]


def _moments(h: float, count: int) -> list[float]:
    """Right-hand sides of the order conditions (the paper's b, with hh = -h and B(h) = hh)."""
    hh, result = -h, []
    phi = math.expm1(hh) / hh - 1.0
    factorial = 1
    for i in range(1, count + 1):
        result.append(phi * factorial / hh)
        factorial *= i + 1
        phi = phi / hh - 1 / factorial
    return result


def _solve(ratios: list[float], right: list[float]) -> list[float]:
    """Weights w with sum(w * r**k) = right[k]: a Vandermonde system of at most three unknowns."""
    count = len(ratios)
    rows = [[r**k for r in ratios] + [right[k]] for k in range(count)]
    for i in range(count):
        pivot = max(range(i, count), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(count):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]
