"""From what is asked to what is done: hires fix, the refiner and the variation seed."""

from dataclasses import replace
from typing import Any

import pytest

from bot.command import parse_draw
from bot.config import DefaultsConfig, LimitsConfig
from bot.domain import CheckpointInfo, DrawRequest
from bot.infotext import format_infotext, parse_infotext, to_request
from bot.spec import HiresSpec, ModelRef, RefinerSpec
from tests.test_resolve import CATALOG, SD15, SD15_TOO, SDXL, cat, faults, notes, resolved, spec

REFINER = CheckpointInfo(
    name="xl-refiner", sha256="7a" * 32, family="SDXL refiner", native_size=1024
)
FULL = replace(CATALOG, checkpoints=(*CATALOG.checkpoints, REFINER))
XL_REFINER = RefinerSpec(
    checkpoint=ModelRef(name="xl-refiner", sha256=REFINER.sha256), switch_at=0.8
)


def hires(**said: Any) -> HiresSpec | None:
    return spec(cat(**said), FULL).hires


def test_hires_fix_is_filled_with_what_a1111_fills_in() -> None:
    """Twice the size, the same steps, strength 0.7, the latent enlarged."""
    assert hires(hires_scale=2.0) == HiresSpec(width=1024, height=1024)
    assert hires(hires_steps=9) == HiresSpec(width=1024, height=1024, steps=9)
    assert hires() is None


def test_everything_of_the_second_pass_can_be_said() -> None:
    """Its strength by either name; its own name wins."""
    said = {"hires_scale": 1.5, "hires_steps": 12, "hires_upscaler": "Lanczos"}
    wanted = HiresSpec(width=768, height=768, steps=12, upscaler="Lanczos", denoising_strength=0.4)
    assert hires(**said, denoising_strength=0.4) == wanted
    assert hires(**said, denoising_strength=0.9, hires_denoising_strength=0.4) == wanted
    assert spec(cat(**said, denoising_strength=0.4), FULL).denoising_strength == 1.0


@pytest.mark.parametrize(
    ("size", "scale", "whole", "expected"),
    [
        ((512, 768), 1.5, None, (768, 1152)),
        ((520, 512), 1.5, None, (776, 768)),
        ((512, 512), None, (768, 768), (768, 768)),
        ((512, 768), None, (800, 1200), (800, 1200)),
        ((512, 512), None, (768, 1024), (768, 768)),
        ((512, 512), 1.0, None, (512, 512)),
    ],
)
def test_sizes_of_the_second_pass(
    size: tuple[int, int],
    scale: float | None,
    whole: tuple[int, int] | None,
    expected: tuple[int, int],
) -> None:
    """A scale is rounded down as in A1111; where shapes differ the smaller scale counts."""
    asked = cat(width=size[0], height=size[1], hires_scale=scale, hires_size=whole)
    order = spec(asked, FULL)
    assert (order.width, order.height) == size
    assert order.final_size == expected


def test_the_second_pass_is_clamped_and_told() -> None:
    """It ends within the installation's limits, which are named."""
    asked = cat(width=1024, height=1024, hires_scale=2)
    order = resolved(asked, FULL).spec
    assert order.final_size == (1248, 1248)
    assert notes(asked, FULL) == [
        "Hires fix ends at 1248×1248 instead of 2048×2048: sides measure at most 2048 pixels here, "
        "with at most 1.6 megapixels in all."
    ]


def test_without_room_there_is_no_second_pass() -> None:
    """A first pass at the limit is drawn, and why nothing follows is said."""
    limits = LimitsConfig(max_pixels=512 * 512)
    result = resolved(cat(hires_scale=1.5), FULL, limits=limits)
    assert result.spec.hires is None
    assert notes(cat(hires_scale=1.5), FULL, limits=limits)[0].startswith("Drawn without hires fix")


def test_hires_fix_needs_no_picture() -> None:
    """With a source picture it is left out and said; the strength is then img2img's."""
    asked = cat(hires_scale=2, denoising_strength=0.3)
    result = resolved(asked, FULL, input_sha256="99", input_size=(64, 64))
    assert (result.spec.hires, result.spec.denoising_strength) == (None, 0.3)
    assert [note.key for note in result.notes] == ["note-hires-input"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"hires_scale": 0.5}, "Hires fix enlarges 1 to 4 times, not 0.5 times."),
        ({"hires_scale": 20.0}, "Hires fix enlarges 1 to 4 times, not 20 times."),
        ({"hires_steps": -1}, "-1 steps cannot be drawn in the second pass."),
        ({"hires_scale": 2, "hires_denoising_strength": 0}, "A strength of 0 does not exist."),
        ({"hires_scale": 2, "denoising_strength": 60}, "A strength of 60 is unclear."),
        ({"hires_upscaler": "ESRGAN"}, "There is no upscaler “ESRGAN” here."),
        ({"refiner": "nobody", "checkpoint": "sdxl-base"}, "No refiner is called “nobody”."),
        ({"refiner": "xl-refiner"}, "xl-refiner is made for SDXL and cannot finish"),
        (
            {"refiner": "xl-refiner", "checkpoint": "sdxl-base", "refiner_switch_at": 80.0},
            "A refiner cannot take over at 80.",
        ),
        ({"checkpoint": "xl-refiner"}, "xl-refiner only refines what another checkpoint"),
        ({"subseed_strength": 1.5}, "A variation of 1.5 does not exist."),
        ({"subseed": -7}, "-7 is no variation seed."),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, Any], fault: str) -> None:
    """Each fault names the value and what would do."""
    (told,) = faults(cat(**said), FULL)
    assert told.startswith(fault)


def test_too_many_steps_are_clamped() -> None:
    """As in the first pass."""
    assert resolved(cat(hires_steps=500), FULL).spec.hires == HiresSpec(
        width=1024, height=1024, steps=60
    )


def test_a_pasted_upscaler_that_is_missing_is_replaced_and_told() -> None:
    """The nearest to a model that enlarges pictures is Lanczos."""
    parsed = parse_draw("a cat\nSteps: 9, Seed: 1, Hires upscale: 2, Hires upscaler: 4x-UltraSharp")
    result = resolved(parsed.request, FULL, pasted=parsed.pasted)
    assert result.spec.hires == HiresSpec(width=1024, height=1024, upscaler="Lanczos")
    assert [note.key for note in result.notes] == ["note-upscaler-missing"]


def test_the_refiner_is_found_and_named() -> None:
    """By name and share; none by "none", nor where it would take over after the last step."""
    xl = cat(checkpoint="sdxl-base")
    assert spec(replace(xl, refiner="refiner"), FULL).refiner == XL_REFINER
    late = replace(xl, refiner="xl-refiner", refiner_switch_at=0.6)
    assert spec(late, FULL).refiner == replace(XL_REFINER, switch_at=0.6)
    assert spec(replace(xl, refiner="none"), FULL).refiner is None
    assert spec(replace(late, refiner_switch_at=1.0), FULL).refiner is None


def test_a_checkpoint_of_the_same_family_may_refine() -> None:
    """As in A1111; the checkpoint itself and other families may not."""
    found = spec(cat(refiner="realistic"), FULL).refiner
    assert found is not None
    assert found.checkpoint.sha256 == SD15_TOO.sha256
    assert faults(cat(refiner=SD15.name), FULL)


def test_the_configured_refiner_is_used_where_it_fits() -> None:
    """Not for other families, not where the request says none; and silently."""
    house = DefaultsConfig(refiner="xl-refiner")
    assert spec(cat(checkpoint=SDXL.name), FULL, defaults=house).refiner == XL_REFINER
    assert spec(cat(), FULL, defaults=house).refiner is None
    assert spec(cat(checkpoint=SDXL.name, refiner="none"), FULL, defaults=house).refiner is None


def test_a_refiner_is_never_the_default_checkpoint() -> None:
    """Where it stands first in the catalogue, the first real checkpoint is used."""
    catalog = replace(FULL, checkpoints=(REFINER, SDXL), default_checkpoint="")
    assert spec(cat(), catalog).checkpoint.name == SDXL.name


def test_variations() -> None:
    """A seed alone means a tenth, a strength alone draws a seed, and no strength means none."""
    drawn = [
        (order.subseed, order.subseed_strength)
        for order in (
            spec(cat(subseed=9, subseed_strength=0.5)),
            spec(cat(subseed=9)),
            spec(cat(subseed_strength=0.3)),
            spec(cat(subseed=-1)),
            spec(cat(subseed=9, subseed_strength=0.0)),
            spec(cat()),
        )
    ]
    assert drawn == [(9, 0.5), (9, 0.1), (42, 0.3), (42, 0.1), (0, 0.0), (0, 0.0)]


def test_everything_comes_back_from_a_paste() -> None:
    """What was drawn in two passes by two models, varied, is asked for again by its infotext."""
    asked = cat(
        checkpoint=SDXL.name,
        width=768,
        height=768,
        hires_scale=1.5,
        hires_steps=7,
        hires_denoising_strength=0.55,
        hires_upscaler="Latent (nearest)",
        refiner="xl-refiner",
        refiner_switch_at=0.75,
        subseed=11,
        subseed_strength=0.25,
    )
    order = spec(asked, FULL)
    again, _ = to_request(parse_infotext(format_infotext(order, 0, "1")))
    assert isinstance(again, DrawRequest)
    assert spec(again, FULL, pasted=frozenset(("prompt", "refiner"))) == order


def test_a_pasted_size_below_the_first_pass_is_left_out() -> None:
    """Hires fix enlarges; what a block says otherwise is told."""
    parsed = parse_draw("a cat\nSteps: 9, Seed: 1, Size: 512x512, Hires resize: 256x256")
    result = resolved(parsed.request, FULL, pasted=parsed.pasted)
    assert result.spec.hires is None
    assert [note.key for note in result.notes] == ["note-paste-value"]
