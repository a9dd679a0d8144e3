"""Samplers against diffusers' schedulers, and against the published update rules in 64 bit."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from torch import Tensor

from bot.render.noise_schedule import SCHEDULES, NoiseLevels, leading
from bot.render.samplers import SAMPLERS, levels_for, start_scale

# diffusers 0.42 speaks to NumPy in a way that NumPy 2 is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")

LEVELS = NoiseLevels.from_betas(0.00085, 0.012)
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
TARGET = torch.linspace(-2, 2, 64, dtype=torch.float64).reshape(1, 1, 8, 8)


def denoiser(x: Tensor, sigma: float) -> Tensor:
    """A smooth stand-in for the model: the exact posterior mean for data of spread 0.7 around
    TARGET, bent a little so that it is not linear."""
    share = 0.49 / (0.49 + sigma**2)
    mean = TARGET.to(x.dtype)
    guess = mean + share * (x - mean)
    return guess + 0.05 * torch.sin(guess * 3)


def start(seed: int = 3) -> Tensor:
    return torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(seed)).double()


def noises(seed: int = 4) -> Callable[[], Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return lambda: torch.randn(1, 1, 8, 8, generator=generator).double()


def ours(name: str, sigmas: list[float], x: Tensor) -> Tensor:
    sampling = SAMPLERS[name].sampler(x, sigmas, noises())
    wish = next(sampling)
    while True:
        try:
            wish = sampling.send(denoiser(wish[0], wish[1]))
        except StopIteration as end:
            result: Tensor = end.value
            return result


def theirs(scheduler: Any, steps: int, x: Tensor, *, variance_preserving: bool) -> Tensor:
    """A diffusers scheduler driven with the same denoiser, from unscaled noise `x`."""
    scheduler.set_timesteps(steps)
    if hasattr(scheduler, "sigmas"):
        first = float(scheduler.sigmas[0])
        x = x * (1.0 if variance_preserving else first)
    for t in scheduler.timesteps:
        sigma = LEVELS.sigma(float(t))
        # In k-diffusion's scale the latent is x * sqrt(1 + sigma²) of the variance-preserving one.
        scale = math.hypot(1.0, sigma) if variance_preserving else 1.0
        noisy = x * scale
        eps = (noisy - denoiser(noisy, sigma)) / sigma
        scheduler.scale_model_input(x, t)
        x = scheduler.step(eps, t, x).prev_sample
    return x


def close(found: Tensor, wanted: Tensor, tolerance: float) -> None:
    assert float((found - wanted).abs().max() / wanted.abs().max()) < tolerance


@pytest.mark.parametrize(
    ("name", "schedule", "scheduler", "options", "tolerance"),
    [
        ("Euler", "Uniform", "EulerDiscreteScheduler", {}, 1e-3),
        ("Euler", "Karras", "EulerDiscreteScheduler", {"use_karras_sigmas": True}, 1e-3),
        ("Euler", "Exponential", "EulerDiscreteScheduler", {"use_exponential_sigmas": True}, 1e-3),
        ("Heun", "Uniform", "HeunDiscreteScheduler", {}, 1e-3),
        ("DPM2", "Uniform", "KDPM2DiscreteScheduler", {}, 2e-3),
    ],
)
def test_deterministic_samplers_equal_diffusers(
    name: str, schedule: str, scheduler: str, options: dict[str, object], tolerance: float
) -> None:
    """In k-diffusion's scale our latents are those of diffusers' scheduler."""
    made = getattr(diffusers, scheduler)(**BETAS, timestep_spacing="linspace", **options)
    wanted = theirs(made, 12, start(), variance_preserving=False)
    sigmas = SCHEDULES[schedule](LEVELS, 12)
    close(ours(name, sigmas, start() * sigmas[0]), wanted, tolerance)


@pytest.mark.parametrize("karras", [False, True])
def test_dpmpp_2m_equals_diffusers(karras: bool) -> None:
    """DPM++ 2M follows DPMSolverMultistepScheduler with a last Euler step."""
    made = diffusers.DPMSolverMultistepScheduler(
        **BETAS, use_karras_sigmas=karras, final_sigmas_type="zero", timestep_spacing="linspace",
        lower_order_final=False, euler_at_final=True,
    )  # fmt: skip
    made.set_timesteps(12)
    sigmas = [float(s) for s in made.sigmas]
    x = start()
    for i, t in enumerate(made.timesteps):
        scale = math.hypot(1.0, sigmas[i])
        eps = (x * scale - denoiser(x * scale, sigmas[i])) / sigmas[i]
        x = made.step(eps, t, x).prev_sample
    close(ours("DPM++ 2M", sigmas, start() * math.hypot(1.0, sigmas[0])), x, 1e-4)


def test_dpmpp_2m_sde_equals_diffusers() -> None:
    """DPM++ 2M SDE follows diffusers' sde-dpmsolver++ with the same noise."""
    made = diffusers.DPMSolverMultistepScheduler(
        **BETAS, algorithm_type="sde-dpmsolver++", use_karras_sigmas=True,
        final_sigmas_type="zero", lower_order_final=False, euler_at_final=True,
    )  # fmt: skip
    made.set_timesteps(12)
    sigmas, noise = [float(s) for s in made.sigmas], noises()
    x = start()
    for i, t in enumerate(made.timesteps):
        scale = math.hypot(1.0, sigmas[i])
        eps = (x * scale - denoiser(x * scale, sigmas[i])) / sigmas[i]
        last = i == len(sigmas) - 2
        made_noise = torch.zeros(1, 1, 8, 8).double() if last else noise()
        x = made.step(eps, t, x, variance_noise=made_noise).prev_sample
    close(ours("DPM++ 2M SDE", sigmas, start() * math.hypot(1.0, sigmas[0])), x, 1e-4)


@pytest.mark.parametrize(
    ("name", "scheduler", "options"),
    [
        ("DDIM", "DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False}),
        ("PLMS", "PNDMScheduler", {"skip_prk_steps": True, "set_alpha_to_one": False}),
    ],
)
def test_timestep_samplers_equal_diffusers(
    name: str, scheduler: str, options: dict[str, object]
) -> None:
    """DDIM and PLMS walk diffusers' leading timesteps and give its latents."""
    made = getattr(diffusers, scheduler)(**BETAS, steps_offset=1, **options)
    wanted = theirs(made, 10, start(), variance_preserving=True)
    sigmas = leading(LEVELS, 10)
    found = ours(name, sigmas, start() * start_scale(SAMPLERS[name], sigmas[0]))
    close(found / math.hypot(1.0, sigmas[-1]), wanted, 2e-3)


def test_unipc_equals_diffusers() -> None:
    """UniPC of order three, variant bh1: the latents are diffusers' up to its last step, which is
    not a number there when the last level is zero."""
    made = diffusers.UniPCMultistepScheduler(
        **BETAS, solver_order=3, solver_type="bh1", use_karras_sigmas=True,
        final_sigmas_type="zero",
    )  # fmt: skip
    made.set_timesteps(10)
    sigmas = [float(s) for s in made.sigmas]
    x = start()
    sampling = SAMPLERS["UniPC"].sampler(x * math.hypot(1.0, sigmas[0]), sigmas, noises())
    found, _, _ = next(sampling)
    for i, t in enumerate(made.timesteps[:-1]):
        noisy = x * math.hypot(1.0, sigmas[i])
        close(found, noisy, 1e-4)
        eps = (noisy - denoiser(noisy, sigmas[i])) / sigmas[i]
        x = made.step(eps, t, x).prev_sample
        found, _, _ = sampling.send(denoiser(found, sigmas[i]))
    close(found, x * math.hypot(1.0, sigmas[-2]), 1e-4)


@pytest.mark.parametrize("name", ["Euler a", "DPM2 a", "LCM"])
def test_noisy_samplers_equal_diffusers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same noise, ancestral samplers and LCM give diffusers' latents."""
    classes = {
        "Euler a": ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "linspace"}),
        "DPM2 a": ("KDPM2AncestralDiscreteScheduler", {"timestep_spacing": "linspace"}),
        "LCM": ("LCMScheduler", {"clip_sample": False, "set_alpha_to_one": True}),
    }
    kind, options = classes[name]
    made = getattr(diffusers, kind)(**BETAS, **options)
    noise = noises()
    module = getattr(diffusers.schedulers, _module(kind))
    monkeypatch.setattr(module, "randn_tensor", lambda *_, **__: noise())
    steps = 4 if name == "LCM" else 10
    wanted = theirs(made, steps, start(), variance_preserving=name == "LCM")
    kind_ = SAMPLERS[name]
    sigmas = levels_for(kind_, "Automatic" if name == "LCM" else "Uniform", LEVELS, steps)
    if name == "DPM2 a":
        sigmas = SCHEDULES["Uniform"](LEVELS, steps)
    first = math.hypot(1.0, sigmas[0]) if name == "LCM" else sigmas[0]
    close(ours(name, sigmas, start() * first), wanted, 2e-3)


def _module(kind: str) -> str:
    return {
        "EulerAncestralDiscreteScheduler": "scheduling_euler_ancestral_discrete",
        "KDPM2AncestralDiscreteScheduler": "scheduling_k_dpm_2_ancestral_discrete",
        "LCMScheduler": "scheduling_lcm",
    }[kind]


# Published rules in 64 bit ------------------------------------------------------------------


def _split(sigma: float, after: float) -> tuple[float, float]:
    up = after * math.sqrt((sigma**2 - after**2) / sigma**2)
    return math.sqrt(after**2 - up**2), up


def reference_2s_ancestral(x: np.ndarray, sigmas: list[float]) -> np.ndarray:
    """DPM-Solver++(2S), algorithm 2 of arXiv:2211.01095 with r = 1/2, ancestral."""
    noise = noises()
    for sigma, after in pairwise(sigmas):
        d = denoiser(torch.from_numpy(x), sigma).numpy()
        if after == 0:
            return d
        down, up = _split(sigma, after)
        t, s = -math.log(sigma), -math.log(down)
        h = s - t
        middle = math.exp(-(t + h / 2))
        u = middle / sigma * x - math.expm1(-h / 2) * d
        d = denoiser(torch.from_numpy(u), middle).numpy()
        x = down / sigma * x - math.expm1(-h) * d + up * noise().numpy()
    return x


def reference_sde(x: np.ndarray, sigmas: list[float]) -> np.ndarray:
    """SDE-DPM-Solver++(2S): two Brownian pieces a step, the whole being their sum."""
    noise = noises()
    for sigma, after in pairwise(sigmas):
        d = denoiser(torch.from_numpy(x), sigma).numpy()
        if after == 0:
            return d
        middle = math.exp((math.log(sigma) + math.log(after)) / 2)
        one = noise().numpy() * math.sqrt(sigma - middle)
        two = noise().numpy() * math.sqrt(middle - after)
        down, up = _split(sigma, middle)
        u = down / sigma * x - math.expm1(math.log(down / sigma)) * d
        u = u + up * one / math.sqrt(sigma - middle)
        d = denoiser(torch.from_numpy(u), middle).numpy()
        down, up = _split(sigma, after)
        x = down / sigma * x - math.expm1(math.log(down / sigma)) * d
        x = x + up * (one + two) / math.sqrt(sigma - after)
    return x


def reference_3m_sde(x: np.ndarray, sigmas: list[float]) -> np.ndarray:
    """DPM++ 3M SDE: exponential integrator with divided differences of up to second order."""
    noise, old = noises(), []
    for sigma, after in pairwise(sigmas):
        d = denoiser(torch.from_numpy(x), sigma).numpy()
        if after == 0:
            return d
        h = math.log(sigma / after)
        z = 2 * h
        x = math.exp(-z) * x - math.expm1(-z) * d
        phi_2 = math.expm1(-z) / z + 1
        phi_3 = phi_2 / z - 0.5
        if len(old) == 1:
            x = x + phi_2 * (d - old[0][0]) * h / old[0][1]
        elif len(old) == 2:
            r_0, r_1 = old[0][1] / h, old[1][1] / h
            d_10, d_11 = (d - old[0][0]) / r_0, (old[0][0] - old[1][0]) / r_1
            d_1 = d_10 + (d_10 - d_11) * r_0 / (r_0 + r_1)
            d_2 = (d_10 - d_11) / (r_0 + r_1)
            x = x + phi_2 * d_1 - phi_3 * d_2
        x = x + after * math.sqrt(-math.expm1(-2 * h)) * noise().numpy()
        old = [(d, h), *old[:1]]
    return x


def reference_lms(x: np.ndarray, sigmas: list[float]) -> np.ndarray:
    """Adams-Bashforth on uneven levels: the Lagrange polynomial through the last four slopes,
    integrated by numpy's polynomials. (diffusers' own needs scipy.)"""
    slopes: list[np.ndarray] = []
    for i, (sigma, after) in enumerate(pairwise(sigmas)):
        slopes = [(x - denoiser(torch.from_numpy(x), sigma).numpy()) / sigma, *slopes[:3]]
        nodes = [sigmas[i - k] for k in range(len(slopes))]
        for k, d in enumerate(slopes):
            others = [n for n in nodes if n != nodes[k]]
            basis = np.poly1d(np.poly(others)) / np.prod([nodes[k] - n for n in others])
            area = np.polyint(basis)
            x = x + d * (area(after) - area(sigma))
    return x


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("LMS", reference_lms),
        ("DPM++ 2S a", reference_2s_ancestral),
        ("DPM++ SDE", reference_sde),
        ("DPM++ 3M SDE", reference_3m_sde),
    ],
)
@pytest.mark.parametrize("schedule", ["Karras", "Exponential"])
def test_samplers_that_diffusers_lacks_equal_the_published_rule(
    name: str, reference: Callable[[np.ndarray, list[float]], np.ndarray], schedule: str
) -> None:
    """The latents are those of the rule written down step by step."""
    sigmas = SCHEDULES[schedule](LEVELS, 9)
    x = start() * sigmas[0]
    close(ours(name, sigmas, x), torch.from_numpy(reference(x.numpy(), sigmas)), 1e-9)


@pytest.mark.parametrize("name", [n for n in SAMPLERS if n != "LCM"])
def test_more_steps_come_closer_to_the_same_picture(name: str) -> None:
    """Deterministic samplers agree with a fine Euler run; noisy ones land on the same data."""
    kind = SAMPLERS[name]
    sigmas = levels_for(kind, "Automatic", LEVELS, 40)
    found = ours(name, sigmas, start() * sigmas[0])
    noisy = any(word in name for word in ("SDE", " a"))
    if noisy:
        assert abs(float((found - TARGET).mean())) < 0.3
        return
    fine = SCHEDULES["Karras"](LEVELS, 400)
    close(found, ours("Euler", fine, start() * fine[0]), 0.1)


# Schedules ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("schedule", ["Automatic", *SCHEDULES])
@pytest.mark.parametrize("steps", [1, 2, 7, 50, 150])
def test_levels_fall_and_are_as_many_as_asked(name: str, schedule: str, steps: int) -> None:
    """Every sampler gets `steps + 1` falling levels on every schedule."""
    sigmas = levels_for(SAMPLERS[name], schedule, LEVELS, steps)
    assert steps + 1 == len(sigmas)
    assert all(a > b for a, b in pairwise(sigmas))
    assert sigmas[-1] >= 0


def test_levels_and_timesteps_are_inverse() -> None:
    """A fractional timestep survives the way to its level and back."""
    for t in (0.0, 0.4, 1.0, 500.25, 998.9, 999.0):
        assert t == pytest.approx(LEVELS.timestep(LEVELS.sigma(t)), abs=1e-6)
    assert pytest.approx(LEVELS.highest, abs=1e-3) == 14.6146
    assert pytest.approx(LEVELS.lowest, abs=1e-4) == 0.02917
