"""The two schedulers of diffusers that lean on libraries this project has no other use for.

LMS takes one integral of a polynomial from scipy, DPM++ SDE its Brownian path from torchsde; both
are given here by what they stand for, so that the schedulers themselves run.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from torch import Tensor

from bot.render.noise_schedule import SCHEDULES
from tests.test_render_samplers import BETAS, LEVELS, close, noises, ours, start, theirs

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")


def quad(
    function: Callable[[float], float], low: float, high: float, **_: float
) -> tuple[float, float]:
    """Gauss and Legendre's quadrature with five nodes: exact for polynomials up to degree nine."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    half, middle = (float(high) - float(low)) / 2, (float(high) + float(low)) / 2
    values = [float(function(half * node + middle)) for node in nodes]
    return half * float(np.dot(weights, values)), 0.0


@pytest.mark.parametrize("karras", [False, True])
def test_lms_equals_diffusers(monkeypatch: pytest.MonkeyPatch, karras: bool) -> None:
    """LMS is diffusers' linear multistep scheduler of the fourth order."""
    module = import_module("diffusers.schedulers.scheduling_lms_discrete")
    monkeypatch.setattr(module, "integrate", SimpleNamespace(quad=quad), raising=False)
    made = module.LMSDiscreteScheduler(
        **BETAS, timestep_spacing="linspace", use_karras_sigmas=karras
    )
    wanted = theirs(made, 12, start(), variance_preserving=False)
    sigmas = SCHEDULES["Karras" if karras else "Uniform"](LEVELS, 12)
    close(ours("LMS", sigmas, start() * sigmas[0]), wanted, 1e-3)


class BrownianPath:
    """A Brownian path over sigma in two pieces a step, as increments of spread 1."""

    def __init__(self) -> None:
        self._noise = noises()
        self._first: tuple[float, float, Tensor] | None = None

    def __call__(self, sigma: Tensor, after: Tensor) -> Tensor:
        begin, end = float(sigma), float(after)
        if self._first is None or self._first[0] != begin:
            noise = self._noise()
            self._first = (begin, end, noise)
            return noise
        _, middle, first = self._first
        self._first = None
        whole = first * (begin - middle) ** 0.5 + self._noise() * (middle - end) ** 0.5
        return whole / (begin - end) ** 0.5


def test_dpmpp_sde_equals_diffusers(monkeypatch: pytest.MonkeyPatch) -> None:
    """DPM++ SDE is diffusers' scheduler of that name on the same Brownian path."""
    monkeypatch.setitem(sys.modules, "torchsde", ModuleType("torchsde"))
    module = import_module("diffusers.schedulers.scheduling_dpmsolver_sde")
    monkeypatch.setattr(module, "BrownianTreeNoiseSampler", lambda *_: BrownianPath())
    made = module.DPMSolverSDEScheduler(
        **BETAS, timestep_spacing="linspace", use_karras_sigmas=True
    )
    wanted = theirs(made, 10, start(), variance_preserving=False)
    sigmas = SCHEDULES["Karras"](LEVELS, 10)
    close(ours("DPM++ SDE", sigmas, start() * sigmas[0]), wanted, 2e-3)
