"""SDXL's refiner as the last steps of a picture: narrow random weights, real modules."""

import copy
import io
from typing import Any

import diffusers
import pytest
import torch
from PIL import Image

from bot.domain import CheckpointInfo, LoraRef, ModelRef, RenderSpec
from bot.prompt import Weighted
from bot.render.batch import Ask, UNetBatch
from bot.render.frugal import denoise_by_rows
from bot.render.library import Checkpoint
from bot.render.model import Model
from bot.render.plan import refiner_spec
from bot.render.text import encode
from bot.spec import HiresSpec, RefinerSpec
from tests.render_fixtures import Bench, ends_of_passes, relative
from tests.render_layout import narrow, random_parts, single_file

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")

BASE = ModelRef(name="xl", sha256="a" * 64)
REFINER = ModelRef(name="refiner", sha256="b" * 64)
FAMILIES = {BASE: ("sdxl", "SDXL"), REFINER: ("sdxl_refiner", "SDXL refiner")}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("refiner")
    bench = Bench(folder / "models", folder / "data")
    library, narrowed = bench.loop._library, {}
    known = library.checkpoint
    # Families are told by the published widths, which no test can afford.
    library.checkpoint = lambda ref: narrowed.get(ref.sha256) or known(ref)
    for ref, (family, name) in FAMILIES.items():
        config = narrow(family, folder / f"{family}-config")
        path = single_file(family, random_parts(config), folder / f"{family}.safetensors")
        info = CheckpointInfo(name=ref.name, sha256=ref.sha256, family=name, native_size=64)
        sizes = {"unet": 1_000_000, "vae": 100_000, "text": 1_000_000}
        narrowed[ref.sha256] = Checkpoint(info, path, config, sizes)
    return bench


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    return ends_of_passes(monkeypatch)


def spec(bench: Bench, switch_at: float | None = 0.6, **changes: object) -> RenderSpec:
    refiner = None if switch_at is None else RefinerSpec(checkpoint=REFINER, switch_at=switch_at)
    values: dict[str, object] = {
        "checkpoint": BASE, "refiner": refiner, "steps": 6, "sampler": "Euler",
        "schedule": "Normal", "negative_prompt": "blue",
    }  # fmt: skip
    return bench.spec(**{**values, **changes})


def model(bench: Bench, ref: ModelRef) -> Model:
    return bench.loop.shelf.get(ref).model


def by_hand(bench: Bench, order: RenderSpec, base_steps: int) -> torch.Tensor:
    """The first steps with the base UNet, the others with the refiner's, by diffusers' scheduler
    and with the numbers that diffusers' own pipelines give to each."""
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
        timestep_spacing="linspace",
    )  # fmt: skip
    scheduler.set_timesteps(order.steps)
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(order.seed))
    # A1111 begins with noise of the first level; diffusers' own scale differs in the fourth digit.
    x = noise * scheduler.sigmas[0]
    size = [float(order.height), float(order.width), 0.0, 0.0]
    with torch.inference_mode():
        for i, time in enumerate(scheduler.timesteps):
            speaks = model(bench, BASE if i < base_steps else REFINER)
            tails = [[*size[:2]]] * 2 if i < base_steps else [[2.5], [6.0]]
            seen = scheduler.scale_model_input(x, time)
            said = []
            for heard, tail in zip(_heard(speaks, order), tails, strict=True):
                context, pooled = heard
                added = {"text_embeds": pooled, "time_ids": torch.tensor([[*size, *tail]])}
                said.append(
                    speaks.unet(seen, time, context, added_cond_kwargs=added, return_dict=False)[0]
                )
            guess = said[0] + order.cfg_scale * (said[1] - said[0])
            x = scheduler.step(guess, time, x, return_dict=False)[0]
    return x


def _heard(model: Model, order: RenderSpec) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Negative and positive, each with its pooled vector, as diffusers encodes them. Its SDXL makes
    zeros of a negative prompt that is missing; A1111 does so with the refiner, too."""
    parts: dict[str, Any] = dict.fromkeys(("text_encoder", "tokenizer"))
    for tower in model.towers:
        tokenizer = copy.deepcopy(tower.tokenizer)
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(tower.pad_id)
        tokenizer.model_max_length = 77
        end = "_2" * tower.projected
        parts |= {f"text_encoder{end}": tower.encoder, f"tokenizer{end}": tokenizer}
    pipeline = diffusers.StableDiffusionXLPipeline(
        vae=model.vae, unet=model.unet, scheduler=diffusers.EulerDiscreteScheduler(),
        force_zeros_for_empty_prompt=True, add_watermarker=False, **parts,
    )  # fmt: skip
    towards, away, pooled, pooled_away = pipeline.encode_prompt(
        order.prompt, negative_prompt=order.negative_prompt or None
    )
    return [(away, pooled_away), (towards, pooled)]


@pytest.mark.parametrize("negative", ["blue", ""])
def test_the_refiner_draws_the_last_steps(
    bench: Bench, ends: list[torch.Tensor], negative: str
) -> None:
    """At 0.6 of six steps the base draws four and the refiner two, as diffusers does by
    hand; no negative prompt is heard as zeros."""
    order = spec(bench, negative_prompt=negative)
    ((picture,),) = bench.draw(order)
    (latent,) = ends
    assert relative(latent, by_hand(bench, order, 4)) < 1e-3
    assert relative(latent, by_hand(bench, order, 6)) > 1e-2
    assert bench.steps("0") == [1, 2, 3, 4, 5, 6]
    assert "Refiner: refiner [bbbbbbbbbb], Refiner switch at: 0.6" in picture.infotext
    assert Image.open(io.BytesIO(picture.png)).size == (64, 64)


def test_the_refiner_is_told_how_good_the_picture_is(bench: Bench) -> None:
    """Size, corner and a score: 6 with the prompt, 2.5 with the negative prompt; the base hears
    the target size instead."""
    told: list[list[float]] = []

    def note(_: object, __: object, kwargs: dict[str, dict[str, torch.Tensor]]) -> None:
        told.extend(kwargs["added_cond_kwargs"]["time_ids"].tolist())

    unets = [model(bench, ref).unet for ref in (BASE, REFINER)]
    hooks = [unet.register_forward_pre_hook(note, with_kwargs=True) for unet in unets]
    bench.draw(spec(bench, 0.5, steps=2, width=128))
    for hook in hooks:
        hook.remove()
    size = [64, 128, 0, 0]
    assert told == [[*size, 64, 128], [*size, 64, 128], [*size, 6], [*size, 2.5]]


def test_a_refiner_asked_row_by_row_says_the_same(bench: Bench) -> None:
    """The row that avoids hears its own score, also in a call of its own."""
    resident = bench.loop.shelf.get(REFINER)
    heard, away = (encode(resident.model, (Weighted(w, 1.0),)) for w in ("a star", "blue"))
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    ask = Ask(x, 3.0, heard, away, 5.0)
    (wanted,) = resident.batch.denoise([ask])
    assert relative(denoise_by_rows(resident.batch, ask), wanted) < 1e-5


def test_jobs_meet_in_the_refiner_and_stay_right(
    bench: Bench, ends: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes of two jobs change the group at their own steps; each latent is that of a run alone,
    and a call of the refiner holds both where they are there together."""
    orders = [
        spec(bench),
        spec(bench, 0.3, sampler="Euler a", seed=2, cfg_scale=1.0),
        spec(bench, None, seed=3),
        spec(bench, 0.5, sampler="Heun", seed=4, prompt="a green star, " * 20),
    ]
    for order in orders:
        bench.draw(order)
    alone = list(ends)
    ends.clear()
    met: set[int] = set()
    widths: list[int] = []
    """Kinds of models that lanes of one call want: one, always."""
    denoise = UNetBatch.denoise

    def note(batch: UNetBatch, asks: list[Ask], **more: object) -> list[torch.Tensor]:
        widths.append(len({ask.positive.context.shape[-1] for ask in asks}))
        if batch is bench.loop.shelf.get(REFINER).batch:
            met.add(len(asks))
        return denoise(batch, asks, **more)

    monkeypatch.setattr(UNetBatch, "denoise", note)
    bench.draw(*orders)
    assert set(widths) == {1}
    assert max(met) >= 2
    for wanted in alone:
        assert min(relative(found, wanted) for found in ends) < 1e-3


def test_in_hires_fix_the_refiner_draws_in_the_second_pass(
    bench: Bench, ends: list[torch.Tensor]
) -> None:
    """As A1111 does by default: the first pass is the base's alone."""
    hires = HiresSpec(width=128, height=128, steps=3)
    bench.draw(spec(bench, None, hires=hires))
    bench.draw(spec(bench, 0.6, hires=hires))
    first, second, same, refined = ends
    assert torch.equal(first, same)
    assert relative(refined, second) > 1e-3


def test_a_refiner_that_is_gone_fails_its_job_alone(bench: Bench) -> None:
    """Nothing is drawn for it; the neighbour without one is."""
    gone = RefinerSpec(checkpoint=ModelRef(name="gone", sha256="0" * 64), switch_at=0.8)
    bench.submit([spec(bench, refiner=gone), spec(bench, None)])
    bench.run()
    assert bench.end("0").failure == "ModelUnavailable"
    assert bench.end("1").failure == ""


def test_a_model_with_other_latents_cannot_refine(bench: Bench) -> None:
    """The demo model knows nothing of SDXL's latents: told before the first step."""
    demo = RefinerSpec(
        checkpoint=ModelRef(name=bench.demo.name, sha256=bench.demo.sha256), switch_at=0.8
    )
    bench.submit([spec(bench, refiner=demo)])
    bench.run()
    assert bench.end("0").failure == "RenderError"
    assert bench.steps("0") == []


def test_loras_of_the_checkpoint_stay_off_the_refiner(bench: Bench) -> None:
    """Nor do embeddings and the VAE go there; a refiner of the same family wears the LoRAs."""
    lora = LoraRef(name="ink", sha256="c" * 64)
    order = spec(bench, loras=(lora,), embeddings=(REFINER,), vae=BASE)
    told = refiner_spec(order, same_kind=False)
    assert (told.loras, told.embeddings, told.vae) == ((), (), None)
    assert refiner_spec(order, same_kind=True).loras == (lora,)
