"""Names of samplers in every tool's spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import samplers


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("euler a", "Euler a"),
        ("EULER_A", "Euler a"),
        ('"Euler a"', "Euler a"),
        ("“dpm++ 2m”", "DPM++ 2M"),
        ("DPM++2M", "DPM++ 2M"),
        ("ｄｐｍ＋＋　２ｍ", "DPM++ 2M"),
        # NovelAI
        ("plms", "PLMS"),
        ("ddim", "DDIM"),
        ("k_euler", "Euler"),
        ("k_euler_ancestral", "Euler a"),
        ("k_heun", "Heun"),
        ("k_dpm_2", "DPM2"),
        ("k_dpm_2_ancestral", "DPM2 a"),
        ("k_lms", "LMS"),
        ("k_dpmpp_2s_ancestral", "DPM++ 2S a"),
        # k-diffusion and ComfyUI
        ("sample_dpmpp_2m", "DPM++ 2M"),
        ("dpmpp_2m_sde_gpu", "DPM++ 2M SDE"),
        ("dpm_fast", "DPM fast"),
        ("uni_pc", "UniPC"),
        # diffusers
        ("EulerDiscreteScheduler", "Euler"),
        ("EulerAncestralDiscreteScheduler", "Euler a"),
        ("eulerancestraldiscrete", "Euler a"),
        ("HeunDiscreteScheduler", "Heun"),
        ("LMSDiscreteScheduler", "LMS"),
        ("KDPM2DiscreteScheduler", "DPM2"),
        ("KDPM2AncestralDiscreteScheduler", "DPM2 a"),
        ("DPMSolverMultistepScheduler", "DPM++ 2M"),
        ("DPMSolverSinglestepScheduler", "DPM++ SDE"),
        ("DPMSolverSDEScheduler", "DPM++ SDE"),
        ("DDIMScheduler", "DDIM"),
        ("PNDMScheduler", "PLMS"),
        ("UniPCMultistepScheduler", "UniPC"),
        ("LCMScheduler", "LCM"),
    ],
)
def test_spellings(spelling: str, name: str) -> None:
    """A1111, NovelAI, k-diffusion, ComfyUI and diffusers, in any case and punctuation."""
    assert samplers.sampler(spelling) == (name, None)


@pytest.mark.parametrize("name", samplers.SAMPLERS)
@pytest.mark.parametrize("schedule", samplers.SCHEDULES)
def test_a_schedule_may_follow(name: str, schedule: str) -> None:
    """As in A1111's old combined names."""
    assert samplers.sampler(f"{name} {schedule}") == (name, schedule)


def test_k_diffusions_short_form_of_karras() -> None:
    """A1111's alias `k_dpmpp_2m_ka`."""
    assert samplers.sampler("k_dpmpp_2m_ka") == ("DPM++ 2M", "Karras")


@pytest.mark.parametrize("text", ["", "k", "karras", "eulr", "Euler b", "a", "++"])
def test_what_is_no_sampler(text: str) -> None:
    """Nothing is guessed."""
    assert samplers.sampler(text) is None


@pytest.mark.parametrize(
    ("text", "name"), [("eulr a", "Euler a"), ("DPM+++ 2M", "DPM++ 2M"), ("qqq", None)]
)
def test_did_you_mean(text: str, name: str | None) -> None:
    """A near name is offered, a far one is not."""
    assert samplers.nearest(text) == name


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    """Nothing raises."""
    samplers.sampler(text)
    samplers.schedule(text)
    samplers.nearest(text)
