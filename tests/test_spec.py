"""Orders: what is run for one picture, which seeds it has, and what old rows mean."""

import msgspec
import pytest

from bot.spec import SEEDS, HiresSpec, ModelRef, Pass, RefinerSpec, RenderSpec, passes, work_done
from tests.samples import spec

REFINER = RefinerSpec(checkpoint=ModelRef(name="refiner", sha256="e" * 64), switch_at=0.8)


def run(**changes: object) -> list[int]:
    return [p.steps for p in passes(spec(**changes))]


def test_a_picture_from_words_is_one_pass() -> None:
    """All steps at the size that was asked for."""
    assert passes(spec()) == (Pass(width=512, height=512, schedule_steps=20, steps=20),)


@pytest.mark.parametrize(
    ("steps", "strength", "expected"),
    [(100, 0.3, 31), (40, 0.5, 21), (80, 0.5, 41), (20, 0.75, 16), (20, 1.0, 20), (20, 0.01, 1)],
)
def test_img2img_runs_as_many_steps_as_in_a1111(steps: int, strength: float, expected: int) -> None:
    """The counts that users of A1111 report from its console (31 of 100, 21 of 40, 41 of 80)."""
    assert run(steps=steps, input_sha256="a" * 64, denoising_strength=strength) == [expected]


def test_the_second_pass_runs_exactly_its_steps() -> None:
    """Whatever the strength; it only sets how long the schedule is of which they are the end."""
    assert run(hires=HiresSpec(width=1024, height=1024)) == [20, 20]
    hires = HiresSpec(width=1024, height=768, steps=8, denoising_strength=0.4)
    first, second = passes(spec(hires=hires))
    assert (first.width, first.height, first.steps) == (512, 512, 20)
    assert second == Pass(width=1024, height=768, schedule_steps=20, steps=8)


def test_a_tiny_strength_makes_no_endless_schedule() -> None:
    """No model knows more than a thousand noise levels."""
    hires = HiresSpec(width=1024, height=1024, denoising_strength=1e-9)
    assert passes(spec(hires=hires))[1].schedule_steps == 1000


def test_the_refiner_takes_over_at_its_share_of_the_steps() -> None:
    """0.8 of twenty steps are the base's; in hires fix the refiner draws in the second pass."""
    assert [p.refine_from for p in passes(spec(refiner=REFINER))] == [16]
    hires = HiresSpec(width=1024, height=1024, steps=10)
    assert [p.refine_from for p in passes(spec(refiner=REFINER, hires=hires))] == [None, 8]


def test_a_step_of_the_second_pass_is_more_work() -> None:
    """At twice the side a step counts four times: after 20 + 5 of 20 + 10 steps two thirds are
    done."""
    hires = spec(hires=HiresSpec(width=1024, height=1024, steps=10))
    done = [work_done(hires, n / 30) for n in (0, 10, 20, 25, 30, 99)]
    assert done == pytest.approx([0, 1 / 6, 1 / 3, 2 / 3, 1, 1])
    assert work_done(spec(), 0.25) == 0.25


def test_seeds_count_up_or_else_variation_seeds_do() -> None:
    """As in A1111: with a variation strength all pictures share the seed."""
    assert [spec(seed=5).seeds(i) for i in (0, 2)] == [(5, 0), (7, 0)]
    varied = spec(seed=5, subseed=9, subseed_strength=0.1)
    assert [varied.seeds(i) for i in (0, 2)] == [(5, 9), (5, 11)]


def test_after_the_last_seed_comes_the_first() -> None:
    """Also in orders of old, whose seeds were larger: torch has always drawn them alike."""
    assert [spec(seed=SEEDS - 1).seeds(i)[0] for i in (0, 1)] == [SEEDS - 1, 0]
    varied = spec(seed=SEEDS + 5, subseed=3 * SEEDS - 1, subseed_strength=0.1)
    assert [varied.seeds(i) for i in (0, 1)] == [(5, SEEDS - 1), (5, 0)]


def test_a_row_of_version_1_is_read() -> None:
    """What version 1 wrote has no second pass, no refiner and no variation."""
    row = (
        b'{"schema_version":1,"prompt":"a fox","negative_prompt":"","seed":3,"steps":20,'
        b'"cfg_scale":7.0,"sampler":"Euler","schedule":"Automatic","width":64,"height":64,'
        b'"count":1,"checkpoint":{"name":"demo","sha256":"dd"},"vae":null,"loras":[],'
        b'"embeddings":[],"clip_skip":1,"input_sha256":null,"denoising_strength":1.0}'
    )
    read = msgspec.json.decode(row, type=RenderSpec)
    assert (read.schema_version, read.seed, read.hires, read.refiner) == (1, 3, None, None)
    assert read.subseed_strength == 0


def test_an_order_survives_being_stored() -> None:
    """Everything that version 2 added comes back from JSON."""
    order = spec(
        hires=HiresSpec(width=768, height=768, upscaler="Lanczos"), refiner=REFINER, subseed=4
    )
    assert msgspec.json.decode(msgspec.json.encode(order), type=RenderSpec) == order
