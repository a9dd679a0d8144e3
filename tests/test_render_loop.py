"""The render loop with the embedded checkpoint, in this process: what shares a call stays right."""

import hashlib
import io
from collections.abc import Iterator

import pytest
import torch
from PIL import Image

from bot.domain import LoraRef, ModelRef, RenderSpec
from bot.infotext import parse_infotext, to_request
from bot.prompt import Weighted
from bot.render import finish, vae
from bot.render.lane import Lane
from bot.render.samplers import SAMPLERS
from bot.render.text import encode
from tests.render_fixtures import Bench, png, relative

SOURCE = png()
DIGEST = hashlib.sha256(SOURCE).hexdigest()
INPUTS = {DIGEST: SOURCE}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("render")
    return Bench(folder / "models", folder / "data")


@pytest.fixture
def latents(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, torch.Tensor]]:
    """The final latents of the next drawing by prompt and index, instead of decoding them."""
    kept: dict[str, torch.Tensor] = {}
    advance = Lane.advance

    def spy(lane: Lane, denoised: torch.Tensor) -> None:
        advance(lane, denoised)
        if lane.result is not None:
            spec = lane.plan.spec
            kept[f"{spec.sampler} {spec.input_sha256 is not None} {lane.index}"] = lane.result

    monkeypatch.setattr(Lane, "advance", spy)
    return kept


def pixels(file: bytes) -> torch.Tensor:
    """Brightnesses of 0 to 255."""
    with Image.open(io.BytesIO(file)) as picture:
        return torch.tensor(list(picture.convert("RGB").tobytes()))


def various(bench: Bench) -> list[RenderSpec]:
    """Every sampler, with and without an input picture; no two alike in anything else either."""
    specs = []
    for i, sampler in enumerate(SAMPLERS):
        common = {
            "sampler": sampler, "seed": 100 + i, "steps": 3 + i % 2,
            "cfg_scale": 1.0 if i % 5 == 0 else 2.0 + i,
            "prompt": "a red apple, " * (1 + 12 * (i % 3)), "negative_prompt": "blue" * (i % 2),
        }  # fmt: skip
        specs.append(bench.spec(**common))
        specs.append(bench.spec(**common, input_sha256=DIGEST, denoising_strength=0.7))
    return specs


def test_a_mixed_batch_equals_solo_runs(bench: Bench, latents: dict[str, torch.Tensor]) -> None:
    """Every sampler, with and without input picture, mixed with all the others: the latents are
    those of a run alone within 1e-3."""
    specs = various(bench)
    alone: dict[str, torch.Tensor] = {}
    for spec in specs:
        bench.draw(spec, inputs=INPUTS)
        alone.update(latents)
    solo_ticks = 3 * len(specs)
    latents.clear()
    bench.submit(specs, INPUTS)
    ticks = bench.run()
    assert len(specs) == len(alone) == len(latents)
    assert ticks < solo_ticks
    for name, wanted in alone.items():
        assert relative(latents[name], wanted) < 1e-3, name


def test_the_same_order_is_the_same_file(bench: Bench) -> None:
    """Drawn twice alone, a picture has the same PNG bytes; another seed has others."""
    spec = bench.spec(sampler="Euler a")
    ((first,),) = bench.draw(spec)
    ((second,),) = bench.draw(spec)
    ((other,),) = bench.draw(bench.spec(sampler="Euler a", seed=2))
    assert first.png == second.png
    assert first.png != other.png


def test_pictures_of_one_job_have_rising_seeds(bench: Bench) -> None:
    """Picture i of a job is what seed + i draws alone."""
    (pictures,) = bench.draw(bench.spec(count=3, seed=7))
    assert sorted((p.index, p.seed) for p in pictures) == [(0, 7), (1, 8), (2, 9)]
    ((alone,),) = bench.draw(bench.spec(seed=8))
    one = next(p for p in pictures if p.index == 1)
    found, wanted = (
        torch.tensor(list(Image.open(io.BytesIO(p.png)).tobytes())) for p in (one, alone)
    )
    assert int((found - wanted).abs().max()) <= 1


def test_the_png_carries_its_parameters(bench: Bench) -> None:
    """The chunk `parameters` parses back into the order that was given."""
    spec = bench.spec(negative_prompt="雪, blurry", sampler="Heun", schedule="Karras", seed=123)
    ((picture,),) = bench.draw(spec)
    image = Image.open(io.BytesIO(picture.png))
    assert isinstance(image, Image.Image)
    assert image.size == (64, 64)
    text = image.info["parameters"]
    assert text == picture.infotext
    request, _ = to_request(parse_infotext(text))
    assert (
        request.prompt, request.negative_prompt, request.seed,
    ) == ("a red apple", "雪, blurry", 123)  # fmt: skip
    assert (
        request.steps, request.sampler, request.schedule, request.cfg_scale,
    ) == (4, "Heun", "Karras", 3.0)  # fmt: skip


def test_steps_rise_and_previews_are_pictures(bench: Bench) -> None:
    """Each step is told once and in order; every few steps a small JPEG comes along."""
    bench.draw(bench.spec(steps=12, count=2))
    assert list(range(1, 13)) == bench.steps("0")
    previews = [r.preview for r in bench.told if getattr(r, "preview", None)]
    assert len(previews) == 2
    assert all(Image.open(io.BytesIO(p)).format == "JPEG" for p in previews)


def test_strength_decides_how_many_steps_are_run(bench: Bench) -> None:
    """As in A1111, strength 0.75 of 20 steps runs the last 16, and 1.0 runs all."""
    for strength, run in ((0.75, 16), (1.0, 20), (0.05, 2)):
        spec = bench.spec(steps=20, input_sha256=DIGEST, denoising_strength=strength)
        bench.draw(spec, inputs=INPUTS)
        assert run == bench.steps("0")[-1]


def test_low_strength_stays_near_the_source(bench: Bench) -> None:
    """The lower the strength, the more the result looks like the source."""
    source = torch.tensor(list(SOURCE_PIXELS)).float()
    distances = []
    for strength in (0.1, 0.9):
        spec = bench.spec(
            prompt="a blue star", steps=10, input_sha256=DIGEST, denoising_strength=strength
        )
        ((picture,),) = bench.draw(spec, inputs=INPUTS)
        pixels = torch.tensor(list(Image.open(io.BytesIO(picture.png)).tobytes())).float()
        distances.append(float((pixels - source).abs().mean()))
    assert distances[0] < distances[1]


SOURCE_PIXELS = Image.open(io.BytesIO(SOURCE)).tobytes()


def test_a_short_job_behind_a_long_one_leaves_first(bench: Bench) -> None:
    """A job that joins later shares the calls and ends long before the first."""
    bench.submit([bench.spec(steps=30)])
    for _ in range(3):
        bench.loop.tick()
    joined_at = len(bench.told)
    from bot.render.protocol import Draw

    bench.loop.submit(Draw(job_id="late", spec=bench.spec(steps=4), inputs={}))
    bench.run()
    order = [r.job_id for r in bench.told[joined_at:] if type(r).__name__ == "Ended"]
    assert order == ["late", "0"]


def test_groups_of_different_size_take_turns(bench: Bench) -> None:
    """Two sizes cannot share a call; neither waits for the other to end."""
    bench.submit([bench.spec(steps=6), bench.spec(steps=6, width=96)])
    bench.run()
    steps = [r.job_id for r in bench.told if type(r).__name__ == "Step"]
    assert steps == ["0", "1"] * 6


def test_cancel_drops_a_job_at_the_next_tick(bench: Bench) -> None:
    """After a cancel no step of that job is made; its neighbour ends with a picture."""
    bench.submit([bench.spec(steps=10), bench.spec(steps=10, seed=2)])
    bench.loop.tick()
    bench.loop.tick()
    bench.loop.cancel("0")
    bench.run()
    assert bench.end("0").failure == "JobCancelled"
    assert bench.steps("0")[-1] == 2
    assert len(bench.pictures("1")) == 1


def test_cancel_of_a_waiting_job_and_of_an_unknown_one(bench: Bench) -> None:
    """A job that has not begun is cancelled too; a name nobody knows is ignored."""
    bench.submit([bench.spec()])
    bench.loop.cancel("0")
    bench.loop.cancel("never heard of")
    bench.run()
    assert bench.end("0").failure == "JobCancelled"
    assert len(bench.told) - sum(type(r).__name__ == "Beat" for r in bench.told) == 1


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"sampler": "Nonsense"}, "RenderError"),
        ({"schedule": "Nonsense"}, "RenderError"),
        ({"steps": 10_000}, "RenderError"),
        ({"steps": 0}, "RenderError"),
        ({"width": 65}, "RenderError"),
        ({"checkpoint": ModelRef(name="gone", sha256="0" * 64)}, "ModelUnavailable"),
        ({"loras": (LoraRef(name="gone", sha256="0" * 64),)}, "ModelUnavailable"),
        ({"vae": ModelRef(name="gone", sha256="0" * 64)}, "ModelUnavailable"),
        ({"input_sha256": "not sent"}, "RenderError"),
    ],
)
def test_a_bad_order_fails_alone(bench: Bench, changes: dict[str, object], failure: str) -> None:
    """What cannot be drawn is told for that job; its neighbour gets its picture."""
    bench.submit([bench.spec(**changes), bench.spec()])
    bench.run()
    assert failure == bench.end("0").failure
    assert bench.end("1").failure == ""
    assert len(bench.pictures("1")) == 1


def test_an_input_that_is_no_picture_fails_alone(bench: Bench) -> None:
    """Text instead of a picture is told; the loop goes on."""
    bench.submit([bench.spec(input_sha256="x")], {"x": b"hello"})
    bench.run()
    assert bench.end("0").failure == "RenderError"


def test_latents_that_are_no_numbers_fail_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NaN in one lane is a bad output of that job; its neighbour is untouched."""
    ((wanted,),) = bench.draw(bench.spec())
    advance = Lane.advance

    def poison(lane: Lane, denoised: torch.Tensor) -> None:
        bad = lane.plan.spec.seed == 666
        advance(lane, denoised * float("nan") if bad else denoised)

    monkeypatch.setattr(Lane, "advance", poison)
    bench.submit([bench.spec(seed=666), bench.spec()])
    bench.run()
    assert bench.end("0").failure == "BadOutput"
    (neighbour,) = bench.pictures("1")
    assert (pixels(neighbour.png) - pixels(wanted.png)).abs().max() <= 1


def test_a_blank_picture_is_a_bad_output(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of one colour is never delivered as a success."""
    monkeypatch.setattr(vae, "_pixels", lambda *_: torch.zeros(1, 3, 64, 64))
    bench.submit([bench.spec()])
    bench.run()
    assert bench.end("0").failure == "BadOutput"


def test_a_picture_that_cannot_be_packed_ends_its_job(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the thread that writes PNGs is told instead of leaving the job open."""

    def broken(*_: object) -> bytes:
        raise OSError("encoder error")

    monkeypatch.setattr(finish, "png_bytes", broken)
    bench.submit([bench.spec()])
    bench.run()
    assert bench.end("0").failure == "RenderError"


def test_the_culprit_of_a_failing_call_is_found(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a shared UNet call raises, it is split until only the culprit fails."""
    from bot.render.batch import Ask, UNetBatch

    denoise = UNetBatch.denoise
    model = bench.loop.shelf.get(bench.spec().checkpoint).model
    beast = encode(model, (Weighted("beast", 1.0),)).context

    def fragile(batch: UNetBatch, asks: list[Ask], *, apart: bool = False) -> list[torch.Tensor]:
        if any(torch.equal(ask.positive.context, beast) for ask in asks):
            raise torch.OutOfMemoryError("no room for the beast")
        return denoise(batch, asks, apart=apart)

    monkeypatch.setattr(UNetBatch, "denoise", fragile)
    good = [bench.spec(seed=i) for i in range(5)]
    bench.submit([*good[:3], bench.spec(prompt="beast"), *good[3:]])
    bench.run()
    assert bench.end("3").failure == "OutOfMemory"
    assert [bench.end(j).failure for j in "01245"] == ["", "", "", "", ""]


def test_prompt_editing_changes_words_in_the_middle(bench: Bench) -> None:
    """`[a:b:0.5]` draws neither what `a` nor what `b` draws."""
    three = [bench.spec(prompt=p, steps=6) for p in ("apple", "star", "[apple:star:0.5]")]
    pictures = [job[0].png for job in bench.draw(*three)]
    assert len(set(pictures)) == 3


def test_each_picture_reads_its_own_wildcard(bench: Bench) -> None:
    """The pictures of `{a|b}` are those of `a` and of `b` with their seeds, and say so."""
    common = {"steps": 2, "seed": 4, "width": 64, "height": 64}
    both, first, second = bench.draw(
        bench.spec(prompt="a {red|blue} apple", count=2, **common),
        bench.spec(prompt="a red apple", **common),
        bench.spec(prompt="a blue apple", **{**common, "seed": 5}),
    )
    alone = (*first, *second)
    assert [p.infotext for p in both] == [p.infotext for p in alone]
    for one, other in zip(both, alone, strict=True):
        pixels = [
            torch.tensor(list(Image.open(io.BytesIO(p.png)).tobytes())).float()
            for p in (one, other)
        ]
        assert (pixels[0] - pixels[1]).abs().max() <= 2
    assert both[0].png != both[1].png
