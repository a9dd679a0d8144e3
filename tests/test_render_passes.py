"""The second pass of hires fix, and variations, with the embedded checkpoint in this process."""

import io
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from PIL import Image
from torch.nn import functional

import bot.render
from bot.domain import RenderSpec
from bot.prompt import Piece, Weighted, parse
from bot.render import loop, plan, vae
from bot.render.batch import UNetBatch
from bot.render.lane import Lane
from bot.render.model import Conditioning, Model
from bot.render.noise import slerp
from bot.render.text import encode
from bot.spec import SEEDS, HiresSpec
from tests.render_fixtures import Bench, ends_of_passes, png, relative

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")

DEMO = Path(bot.render.__file__).parent / "demo" / "config"

HIRES = HiresSpec(width=96, height=96, steps=3, denoising_strength=0.6)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("render")
    return Bench(folder / "models", folder / "data")


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    return ends_of_passes(monkeypatch)


def model_of(bench: Bench, spec: RenderSpec) -> Model:
    return bench.loop.shelf.get(spec.checkpoint).model


def by_hand(
    model: Model, spec: RenderSpec, start: torch.Tensor, whole: int, run: int
) -> torch.Tensor:
    """The last `run` of `whole` Euler steps over `start`, with diffusers' scheduler and modules."""
    config = json.loads((DEMO / "scheduler" / "scheduler_config.json").read_text("utf-8"))
    scheduler = diffusers.EulerDiscreteScheduler.from_config(config, timestep_spacing="linspace")
    scheduler.set_timesteps(whole)
    times = scheduler.timesteps[-run:]
    scheduler.set_begin_index(whole - run)
    noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(spec.seed))
    x = scheduler.add_noise(start, noise, times[:1])
    heard = [
        encode(model, parse(text).at_step(1, 1)).context
        for text in (spec.negative_prompt, spec.prompt)
    ]
    with torch.inference_mode():
        for time in times:
            seen = scheduler.scale_model_input(x, time)
            away, towards = (
                model.unet(seen, time, encoder_hidden_states=h, return_dict=False)[0] for h in heard
            )
            guess = away + spec.cfg_scale * (towards - away)
            x = scheduler.step(guess, time, x, return_dict=False)[0]
    return x


def test_the_second_pass_is_what_diffusers_does_by_hand(
    bench: Bench, ends: list[torch.Tensor]
) -> None:
    """The first latent enlarged, noised from the same seed, and drawn over for the last steps of
    the longer schedule: 3 steps at strength 0.6 are the end of 5."""
    spec = bench.spec(sampler="Euler", schedule="Normal", hires=HIRES, negative_prompt="blue")
    bench.draw(spec)
    first, second = ends
    assert first.shape[-2:] != second.shape[-2:]
    model = model_of(bench, spec)
    alone = by_hand(model, spec, torch.zeros_like(first), 4, 4)
    assert relative(first, alone) < 1e-3
    larger = functional.interpolate(first, second.shape[-2:], mode="bilinear")
    assert relative(second, by_hand(model, spec, larger, 5, 3)) < 1e-3


def test_lanczos_enlarges_the_picture(bench: Bench, ends: list[torch.Tensor]) -> None:
    """Decoded, resized, encoded again; then as with a latent."""
    lanczos = HiresSpec(width=96, height=96, steps=3, denoising_strength=0.6, upscaler="Lanczos")
    spec = bench.spec(sampler="Euler", schedule="Normal", hires=lanczos)
    bench.draw(spec)
    first, second = ends
    model = model_of(bench, spec)
    picture = vae.decode(model, first).resize((96, 96), Image.Resampling.LANCZOS)
    larger = vae.encode(model, _file(picture), 96, 96)
    assert relative(second, by_hand(model, spec, larger, 5, 3)) < 1e-3


def _file(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def mixed(bench: Bench) -> list[RenderSpec]:
    """Jobs that meet: their first or second pass has the same size."""
    plain = {"width": 96, "height": 96}
    lanczos = HiresSpec(width=96, height=96, upscaler="Lanczos", denoising_strength=0.5)
    return [
        bench.spec(hires=HIRES, seed=11),
        bench.spec(**plain, steps=12, sampler="Euler a", seed=12),
        bench.spec(hires=lanczos, sampler="Heun", cfg_scale=1.0, seed=13),
        bench.spec(hires=HIRES, sampler="Euler a", steps=6, seed=14, prompt="[apple|star], " * 4),
        bench.spec(**plain, sampler="DDIM", seed=15, subseed=3, subseed_strength=0.4),
    ]


def test_second_passes_share_calls_and_stay_right(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a mixed batch every latent is that of a run alone within 1e-3; what is large by a second
    pass shares calls with what is large from the start."""
    kept: dict[tuple[int, tuple[int, ...]], torch.Tensor] = {}
    advance, denoise = Lane.advance, UNetBatch.denoise
    shared: set[int] = set()

    def spy(lane: Lane, denoised: torch.Tensor) -> None:
        advance(lane, denoised)
        if lane.result is not None:
            kept[lane.plan.spec.seed, tuple(lane.result.shape)] = lane.result

    def count(batch: UNetBatch, asks: list[object], **more: object) -> list[torch.Tensor]:
        if asks[0].x.shape[-1] == size_of(bench, 96):  # type: ignore[attr-defined]
            shared.add(len(asks))
        return denoise(batch, asks, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Lane, "advance", spy)
    monkeypatch.setattr(UNetBatch, "denoise", count)
    specs = mixed(bench)
    for spec in specs:
        bench.draw(spec)
    alone = dict(kept)
    kept.clear()
    assert shared == {1}
    bench.draw(*specs)
    assert max(shared) >= 3
    assert alone.keys() == kept.keys()
    assert len(kept) == len(specs) + 3
    for name, wanted in alone.items():
        assert relative(kept[name], wanted) < 1e-3, name


def size_of(bench: Bench, side: int) -> int:
    """Latent cells of a side in pixels."""
    return side // model_of(bench, bench.spec()).latent_scale


def test_both_passes_are_counted(bench: Bench) -> None:
    """Steps rise over both passes of all pictures; every picture arrives once, at the full size."""
    (pictures,) = bench.draw(bench.spec(hires=HIRES, count=2))
    assert bench.steps("0") == [1, 2, 3, 4, 5, 6, 7]
    assert [p.index for p in pictures] == [0, 1]
    for picture in pictures:
        assert Image.open(io.BytesIO(picture.png)).size == (96, 96)
        assert "Size: 64x64" in picture.infotext
        assert "Denoising strength: 0.6, Hires upscale: 1.5, Hires steps: 3" in picture.infotext


def test_cancel_in_the_second_pass(bench: Bench) -> None:
    """No further step is made; a neighbour in the same calls ends with its picture."""
    bench.submit([bench.spec(hires=HIRES), bench.spec(width=96, height=96, steps=9)])
    while not bench.steps("0") or bench.steps("0")[-1] < 5:
        bench.loop.tick()
        bench.easel.finisher.wait()
    bench.loop.cancel("0")
    bench.run()
    assert bench.end("0").failure == "JobCancelled"
    assert bench.steps("0")[-1] == 5
    assert bench.pictures("0") == []
    assert len(bench.pictures("1")) == 1


def test_nan_in_the_first_pass_fails_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, ends: list[torch.Tensor]
) -> None:
    """A latent that is not finite is never enlarged; the neighbour's latent is that of a run
    alone."""
    bench.draw(bench.spec())
    (alone,) = ends
    ends.clear()
    advance = Lane.advance

    def poison(lane: Lane, denoised: torch.Tensor) -> None:
        advance(lane, denoised * float("nan") if lane.plan.spec.seed == 666 else denoised)

    monkeypatch.setattr(Lane, "advance", poison)
    bench.submit([bench.spec(seed=666, hires=HIRES), bench.spec()])
    bench.run()
    assert bench.end("0").failure == "BadOutput"
    assert max(bench.steps("0")) == 4
    assert bench.end("1").failure == ""
    assert relative(ends[-1], alone) < 1e-3


def test_groups_take_turns_under_a_mixed_load(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many small jobs, one whose second pass is large, and a large one: while a group has work, no
    other is served twice before it."""
    served: list[int] = []
    denoise = UNetBatch.denoise

    def note(batch: UNetBatch, asks: list[object], **more: object) -> list[torch.Tensor]:
        served.append(asks[0].x.shape[-1])  # type: ignore[attr-defined]
        return denoise(batch, asks, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(UNetBatch, "denoise", note)
    small = [bench.spec(seed=i, steps=5) for i in range(12)]
    big = bench.spec(width=128, height=128, steps=7)
    bench.draw(*small, bench.spec(hires=HIRES), big)
    last = {size: max(i for i, s in enumerate(served) if s == size) for size in set(served)}
    first = {size: served.index(size) for size in set(served)}
    assert len(last) == 3
    for size, end in last.items():
        turns = [i for i in range(first[size], end + 1) if served[i] == size]
        for here, there in pairwise(turns):
            assert max(Counter(served[here + 1 : there]).values(), default=0) <= 1


@pytest.mark.parametrize(
    "changes",
    [
        {"hires": HiresSpec(width=97, height=96)},
        {"hires": HiresSpec(width=96, height=96, upscaler="ESRGAN")},
        {"hires": HiresSpec(width=96, height=96, steps=-1)},
        {"hires": HiresSpec(width=96, height=96, steps=10_000)},
        {"hires": HIRES, "input_sha256": "x"},
        {"subseed_strength": 1.5},
    ],
)
def test_a_bad_second_pass_fails_alone(bench: Bench, changes: dict[str, object]) -> None:
    """What intake would never pass on is refused before anything is drawn."""
    bench.submit([bench.spec(**changes), bench.spec()], {"x": png()})
    bench.run()
    assert bench.end("0").failure == "RenderError"
    assert bench.steps("0") == []
    assert bench.end("1").failure == ""


def test_prompt_time_goes_on_in_the_second_pass(bench: Bench, ends: list[torch.Tensor]) -> None:
    """`[a:b:1.0]` is `a` in the first pass and `b` in the second."""
    for prompt in ("apple", "[apple:star:1.0]"):
        bench.draw(bench.spec(prompt=prompt, hires=HIRES))
    first, plain, same, changed = ends
    assert torch.equal(first, same)
    assert relative(changed, plain) > 1e-2


def test_prompt_time_begins_with_the_first_step_that_is_run(
    bench: Bench, ends: list[torch.Tensor]
) -> None:
    """As in A1111, `[a:b:1]` is `a` for one step of img2img, however many were skipped."""
    source = png()
    for prompt in ("star", "[apple:star:1]"):
        spec = bench.spec(prompt=prompt, steps=6, input_sha256="x", denoising_strength=0.5)
        bench.draw(spec, inputs={"x": source})
    assert relative(ends[1], ends[0]) > 1e-2


# Variations ---------------------------------------------------------------------------------


def test_slerp_turns_column_by_column() -> None:
    """Against the textbook formula in double precision; lengths of unit columns are kept."""
    generator = torch.Generator().manual_seed(3)
    a, b = (torch.randn(1, 4, 8, 6, generator=generator) for _ in range(2))
    found = slerp(a, b, 0.3).double()
    for channel in range(4):
        for column in range(6):
            u, v = (t[0, channel, :, column].double() for t in (a, b))
            angle = torch.acos(torch.dot(u / u.norm(), v / v.norm()))
            wanted = (torch.sin(0.7 * angle) * u + torch.sin(0.3 * angle) * v) / torch.sin(angle)
            assert torch.allclose(found[0, channel, :, column], wanted, atol=1e-5)
    assert torch.allclose(slerp(a, b, 0.0), a, atol=1e-6)
    assert torch.allclose(slerp(a, b, 1.0), b, atol=1e-6)
    assert bool(torch.isfinite(slerp(a, a, 0.5)).all())


def test_noise_repeats_where_seeds_begin_again() -> None:
    """What torch does on the CPU, and why there are no more seeds than `SEEDS`."""

    def noise(seed: int) -> torch.Tensor:
        return torch.randn(64, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(noise(5), noise(5 + SEEDS))
    assert not torch.equal(noise(5), noise(5 + SEEDS // 2))


def test_a_variation_lies_between_its_two_seeds(bench: Bench, ends: list[torch.Tensor]) -> None:
    """At strength 1 it is the other seed's picture; a little is nearer to the first one."""
    bench.draw(bench.spec(seed=5))
    bench.draw(bench.spec(seed=9))
    bench.draw(bench.spec(seed=5, subseed=9, subseed_strength=1.0))
    bench.draw(bench.spec(seed=5, subseed=9, subseed_strength=0.1))
    own, other, whole, little = ends
    assert relative(whole, other) < 1e-3
    assert 1e-2 < relative(little, own) < relative(little, other)


def test_pictures_of_a_varied_job_count_the_variation_seed(bench: Bench) -> None:
    """All have the seed; each picture's parameters draw it again alone."""
    (pictures,) = bench.draw(bench.spec(count=2, seed=5, subseed=9, subseed_strength=0.3))
    assert [p.seed for p in pictures] == [5, 5]
    second = pictures[1]
    assert "Seed: 5" in second.infotext
    assert "Variation seed: 10, Variation seed strength: 0.3" in second.infotext
    ((alone,),) = bench.draw(bench.spec(seed=5, subseed=10, subseed_strength=0.3))
    found, wanted = (
        torch.frombuffer(bytearray(Image.open(io.BytesIO(p.png)).tobytes()), dtype=torch.uint8)
        for p in (second, alone)
    )
    assert int((found.int() - wanted.int()).abs().max()) <= 1


def test_words_that_cannot_be_encoded_on_the_way_fail_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pictures of the job end with it; its neighbour in the batch does not."""
    real = plan.encode

    def fragile(model: Model, pieces: tuple[Piece, ...], *rest: Any) -> Conditioning:
        if any(isinstance(p, Weighted) and "poison" in p.text for p in pieces):
            raise RuntimeError("the encoder fails")
        return real(model, pieces, *rest)

    monkeypatch.setattr(plan, "encode", fragile)
    bench.submit([bench.spec(prompt="[apple:poison:2]", count=2), bench.spec()])
    bench.run()
    assert bench.end("0").failure == "RenderError"
    assert bench.steps("0") == [1, 2]
    assert bench.end("1").failure == ""


def test_long_prompts_that_repeat_to_even_longer_ones_are_asked_one_by_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, ends: list[torch.Tensor]
) -> None:
    """Four chunks beside five share no call of twenty, not even with each other; the latent is the
    one of such a call, and a neighbour's that of a run alone."""
    parts = ("apple", "star", "moon", "sun", "cat")
    long = bench.spec(prompt=" BREAK ".join(parts), negative_prompt=" BREAK ".join(parts[1:]))
    bench.draw(bench.spec(seed=2))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "MOST_CHUNKS", 20)
        bench.draw(long)
    lengths: set[int] = set()
    call = UNetBatch._context

    def note(batch: UNetBatch, *asked: Any) -> tuple[torch.Tensor, torch.Tensor | None]:
        context, pooled = call(batch, *asked)
        lengths.add(context.shape[1] // 77)
        return context, pooled

    monkeypatch.setattr(UNetBatch, "_context", note)
    bench.draw(bench.spec(seed=2), long)
    assert lengths == {1, 4, 5}
    for found, wanted in zip(ends[2:], ends[:2], strict=True):
        assert relative(found, wanted) < 1e-3


def test_a_prompt_of_too_many_chunks_fails_alone(bench: Bench) -> None:
    """Intake refuses it in words; should it reach the loop all the same, it is not drawn."""
    bench.submit([bench.spec(prompt="apple BREAK " * 65), bench.spec()])
    bench.run()
    assert bench.end("0").failure == "PromptTooLong"
    assert bench.end("1").failure == ""
