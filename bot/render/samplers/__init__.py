"""Samplers by A1111's name, with the noise levels that suit them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.render.noise_schedule import (
    SCHEDULES,
    NoiseLevels,
    Schedule,
    latent_consistency,
    leading,
    time_uniform,
)
from bot.render.samplers import dpmpp, euler, multistep
from bot.render.samplers.core import Noise, Sampler, Sampling, Wish

__all__ = ["SAMPLERS", "Noise", "Sampler", "SamplerKind", "Sampling", "Wish", "levels_for"]


@dataclass(frozen=True, slots=True)
class SamplerKind:
    """A sampler and the habits that A1111 gave it."""

    sampler: Sampler
    schedule: str = "Uniform"
    """What the schedule type "Automatic" means for it."""
    own_levels: Schedule | None = None
    """Levels that "Automatic" means instead of a named schedule."""
    timesteps_only: bool = False
    """Works on its own levels whatever schedule is asked, from unscaled noise."""
    skips_second_last: bool = False
    """Asks for one level more and leaves out the last but one."""


SAMPLERS: dict[str, SamplerKind] = {
    "Euler a": SamplerKind(euler.euler_ancestral),
    "Euler": SamplerKind(euler.euler),
    "DPM++ 2M": SamplerKind(dpmpp.dpmpp_2m, "Karras"),
    "DPM++ 2M SDE": SamplerKind(dpmpp.dpmpp_2m_sde, "Exponential"),
    "DPM++ 3M SDE": SamplerKind(dpmpp.dpmpp_3m_sde, "Exponential", skips_second_last=True),
    "DPM++ SDE": SamplerKind(dpmpp.dpmpp_sde, "Karras"),
    "DPM++ 2S a": SamplerKind(dpmpp.dpmpp_2s_ancestral, "Karras"),
    "Heun": SamplerKind(euler.heun),
    "LMS": SamplerKind(multistep.lms),
    "DPM2": SamplerKind(euler.dpm2, "Karras", skips_second_last=True),
    "DPM2 a": SamplerKind(euler.dpm2_ancestral, "Karras", skips_second_last=True),
    "DDIM": SamplerKind(euler.euler, own_levels=leading, timesteps_only=True),
    "PLMS": SamplerKind(multistep.plms, own_levels=leading, timesteps_only=True),
    "UniPC": SamplerKind(multistep.unipc, own_levels=time_uniform, timesteps_only=True),
    "LCM": SamplerKind(euler.lcm, own_levels=latent_consistency),
}
"""In the order that A1111 lists them."""


def levels_for(kind: SamplerKind, schedule: str, levels: NoiseLevels, steps: int) -> list[float]:
    """The noise levels of a whole run: falling, `steps + 1` of them.

    Raises:
        KeyError: no such schedule type.
    """
    choose: Callable[[NoiseLevels, int], list[float]]
    if kind.own_levels and (kind.timesteps_only or schedule == "Automatic"):
        choose = kind.own_levels
    else:
        choose = SCHEDULES[kind.schedule if schedule == "Automatic" else schedule]
    if not kind.skips_second_last:
        return choose(levels, steps)
    chosen = choose(levels, steps + 1)
    return [*chosen[:-2], chosen[-1]]


def start_scale(kind: SamplerKind, sigma: float) -> float:
    """What pure noise is multiplied with at the first level."""
    return math.hypot(1.0, sigma) if kind.timesteps_only else sigma


def end_scale(sigma: float) -> float:
    """What the result is multiplied with when the last level is not zero."""
    return 1.0 / math.hypot(1.0, sigma)
