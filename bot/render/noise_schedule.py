"""Noise levels: what the model was trained on, and the ones a request visits.

Sigma is k-diffusion's: a latent of level sigma is `x = clean + sigma * noise`. The model itself
sees `x / sqrt(sigma**2 + 1)` and a timestep from 0 to 999. Numbers here are Python floats.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

_KARRAS_RHO = 7.0
_NEARLY_ZERO = 2.0**-24
"""Keeps the last sigma finite; diffusers' EulerDiscreteScheduler takes the same value."""


@dataclass(frozen=True, slots=True)
class NoiseLevels:
    """The levels a model was trained on: `sigmas[t]` for timestep `t`, rising."""

    sigmas: tuple[float, ...]

    @classmethod
    def from_betas(
        cls,
        start: float,
        end: float,
        count: int = 1000,
        kind: str = "scaled_linear",
        *,
        zero_terminal: bool = False,
    ) -> "NoiseLevels":
        """From a diffusers scheduler's `beta_start`, `beta_end`, `beta_schedule`.

        `zero_terminal`: the last level is (nearly) pure noise, as of a model that was trained so.

        Raises:
            ValueError: a kind of schedule that Stable Diffusion does not use.
        """
        if kind not in ("scaled_linear", "linear"):
            raise ValueError(f"beta schedule {kind!r}")
        alphas, alpha = [], 1.0
        for i in range(count):
            share = i / (count - 1)
            if kind == "linear":
                beta = start + (end - start) * share
            else:
                beta = (math.sqrt(start) + (math.sqrt(end) - math.sqrt(start)) * share) ** 2
            alpha *= 1.0 - beta
            alphas.append(alpha)
        if zero_terminal:
            alphas = _zero_terminal(alphas)
        return cls(tuple(math.sqrt((1.0 - alpha) / alpha) for alpha in alphas))

    @property
    def lowest(self) -> float:
        """The last level before a clean picture."""
        return self.sigmas[0]

    @property
    def highest(self) -> float:
        """Pure noise, nearly."""
        return self.sigmas[-1]

    def sigma(self, timestep: float) -> float:
        """The level at a (fractional) timestep: linear between neighbours in log sigma."""
        low = min(max(int(timestep), 0), len(self.sigmas) - 2)
        share = timestep - low
        return math.exp(
            (1 - share) * math.log(self.sigmas[low]) + share * math.log(self.sigmas[low + 1])
        )

    def timestep(self, sigma: float) -> float:
        """Inverse of `sigma`, clamped to the trained range."""
        if sigma <= self.lowest:
            return 0.0
        if sigma >= self.highest:
            return float(len(self.sigmas) - 1)
        high = bisect_left(self.sigmas, sigma)
        low_log, high_log = math.log(self.sigmas[high - 1]), math.log(self.sigmas[high])
        return high - 1 + (math.log(sigma) - low_log) / (high_log - low_log)


def _zero_terminal(alphas: list[float]) -> list[float]:
    """Cumulated alphas stretched so that the last one is zero (Lin et al., "Common Diffusion Noise
    Schedules and Sample Steps are Flawed", https://arxiv.org/abs/2305.08891, algorithm 1)."""
    roots = [math.sqrt(alpha) for alpha in alphas]
    first, last = roots[0], roots[-1]
    stretched = [((root - last) * first / (first - last)) ** 2 for root in roots]
    return [*stretched[:-1], _NEARLY_ZERO]


def _uniform(levels: NoiseLevels, steps: int) -> list[float]:
    last = len(levels.sigmas) - 1
    return [levels.sigma(t) for t in _spread(last, 0.0, steps)] + [0.0]


def _sgm_uniform(levels: NoiseLevels, steps: int) -> list[float]:
    last = len(levels.sigmas) - 1
    return [levels.sigma(t) for t in _spread(last, 0.0, steps + 1)[:-1]] + [0.0]


def _simple(levels: NoiseLevels, steps: int) -> list[float]:
    count = len(levels.sigmas)
    return [levels.sigmas[count - 1 - int(i * count / steps)] for i in range(steps)] + [0.0]


def _karras(levels: NoiseLevels, steps: int) -> list[float]:
    low, high = (s ** (1 / _KARRAS_RHO) for s in (levels.lowest, levels.highest))
    return [s**_KARRAS_RHO for s in _spread(high, low, steps)] + [0.0]


def _exponential(levels: NoiseLevels, steps: int) -> list[float]:
    low, high = math.log(levels.lowest), math.log(levels.highest)
    return [math.exp(s) for s in _spread(high, low, steps)] + [0.0]


def leading(levels: NoiseLevels, steps: int) -> list[float]:
    """DDIM's own spacing: timesteps 1, 1+k, 1+2k, …; ends at the lowest level, not at zero."""
    gap, last = len(levels.sigmas) // steps, len(levels.sigmas) - 1
    return [levels.sigmas[min(1 + i * gap, last)] for i in reversed(range(steps))] + [levels.lowest]


def time_uniform(levels: NoiseLevels, steps: int) -> list[float]:
    """UniPC's own spacing: even in time from the highest level down to the lowest."""
    return [levels.sigma(t) for t in _spread(len(levels.sigmas) - 1, 0.0, steps + 1)]


def latent_consistency(levels: NoiseLevels, steps: int) -> list[float]:
    """LCM's own: an even choice of the 50 timesteps that such models were distilled on."""
    trained, count = max(50, steps), len(levels.sigmas)
    chosen = [trained - int(i * trained / steps) for i in range(steps)]
    return [levels.sigmas[count * i // trained - 1] for i in chosen] + [0.0]


def _spread(first: float, last: float, count: int) -> list[float]:
    if count == 1:
        return [first]
    return [first + (last - first) * i / (count - 1) for i in range(count)]


Schedule = Callable[[NoiseLevels, int], list[float]]

SCHEDULES: dict[str, Schedule] = {
    "Uniform": _uniform,
    "Karras": _karras,
    "Exponential": _exponential,
    "SGM Uniform": _sgm_uniform,
    "Simple": _simple,
    "Normal": _uniform,
    "DDIM": leading,
}
"""Schedule types by A1111's name: levels to visit, falling, one more than steps."""
