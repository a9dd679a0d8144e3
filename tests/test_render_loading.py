"""Single files of every family, with narrow random weights in the published layout."""

import json
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
import transformers
from diffusers import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_euler_discrete import rescale_zero_terminal_snr
from safetensors.torch import save_file

from bot.config import RenderConfig
from bot.domain import CheckpointInfo
from bot.errors import ModelUnavailable
from bot.prompt import Weighted
from bot.render import device, loading, vae
from bot.render.batch import Ask, UNetBatch
from bot.render.family import checkpoint_family
from bot.render.model import Model
from bot.render.noise_schedule import NoiseLevels
from bot.render.text import encode
from bot.render.tokenizer import CLIP_TOKENS, IncompleteTokenizer, checked, clip_tokenizer
from bot.render.weights_file import read_header
from tests import render_layout as layout
from tests.render_layout import narrow, random_parts, single_file

CONFIGS = Path(loading.__file__).parent / "configs"
INFO = CheckpointInfo(name="x", sha256="y", family="", native_size=64)
CPU = device.choose(RenderConfig(device="cpu", threads=1))


def load(tmp_path: Path, family: str) -> tuple[dict[str, Any], Model]:
    config = narrow(family, tmp_path / "config")
    parts = random_parts(config)
    path = single_file(family, parts, tmp_path / "model.safetensors")
    return parts, loading.load_single_file(path, config, INFO, CPU)


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl", "sdxl_refiner"])
def test_every_weight_of_a_single_file_arrives(tmp_path: Path, family: str) -> None:
    """Each tensor of UNet, VAE and text encoders comes out as it went in, and the file's family
    is told by its shapes."""
    parts, model = load(tmp_path, family)
    towers = [name for name in parts if name.startswith("text_encoder")]
    found = {"unet": model.unet, "vae": model.vae}
    found |= {n: t.encoder for n, t in zip(towers, model.towers, strict=True)}
    assert parts.keys() == found.keys()
    for name, module in parts.items():
        wanted, got = dict(module.named_parameters()), dict(found[name].named_parameters())
        assert wanted.keys() == got.keys()
        assert all(torch.equal(wanted[k], got[k]) for k in wanted), name
    told = checkpoint_family(read_header(tmp_path / "model.safetensors").shapes)
    assert family == told.config


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_every_family_makes_a_step_and_a_picture(tmp_path: Path, family: str) -> None:
    """Text in, one guided UNet call, pixels out; the call equals the module called by hand."""
    _, model = load(tmp_path, family)
    positive = encode(model, (Weighted("a red apple", 1.2),), clip_skip=2)
    negative = encode(model, ())
    x = torch.randn(1, 4, 8, 8)
    (found,) = UNetBatch(model).denoise([Ask(x, 3.0, positive, negative, 5.0)])
    added = None
    if positive.pooled is not None:
        ids = torch.tensor([[64, 64, 0, 0, 64, 64]])
        added = {"text_embeds": positive.pooled, "time_ids": ids}
        other = added | {"text_embeds": negative.pooled}
    t = torch.tensor([model.levels.timestep(3.0)])
    with torch.inference_mode():
        scaled = x / (3.0**2 + 1) ** 0.5
        yes = model.unet(scaled, t, positive.context, added_cond_kwargs=added).sample
        no = model.unet(
            scaled, t, negative.context, added_cond_kwargs=other if added else None
        ).sample
    assert torch.allclose(found, x - 3.0 * (no + 5.0 * (yes - no)), atol=1e-4)
    assert vae.decode(model, found).size == (64, 64)


@pytest.mark.parametrize("v_prediction", [False, True])
def test_the_prediction_type_of_sd2_is_found_out(tmp_path: Path, v_prediction: bool) -> None:
    """A 2.x file whose UNet gives back the noise it is shown predicts noise; another one, v."""
    config = narrow("sd2", tmp_path / "config")
    path = single_file("sd2", random_parts(config), tmp_path / "model.safetensors")
    info = CheckpointInfo(name="x", sha256="y", family="SD 2.x", native_size=64)

    class Echo(diffusers.UNet2DConditionModel):  # type: ignore[misc]  # diffusers ships no types
        def forward(self, sample: torch.Tensor, *_: object, **__: object) -> tuple[torch.Tensor]:
            return (sample.flip(-1) if v_prediction else sample * 0.9,)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diffusers.UNet2DConditionModel, "forward", Echo.forward)
        model = loading.load_single_file(path, config, info, CPU)
    assert v_prediction is model.v_prediction


MARKERS = {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}


@pytest.mark.parametrize(
    ("markers", "metadata", "v_prediction", "zero_terminal"),
    [
        ({}, {}, False, False),
        (("v_pred",), {}, True, False),
        (("v_pred", "ztsnr"), {}, True, True),
        ((), {"modelspec.prediction_type": "v"}, True, False),
        ((), {"modelspec.predict_key": "v"}, True, False),
        ((), {"modelspec.prediction_type": "epsilon"}, False, False),
    ],
)
def test_a_file_says_what_it_predicts(
    tmp_path: Path,
    markers: tuple[str, ...],
    metadata: dict[str, str],
    v_prediction: bool,
    zero_terminal: bool,
) -> None:
    """Empty tensors and metadata, as trainers and web UIs write them, tell v-prediction and noise
    levels that end in pure noise."""
    config = narrow("sdxl", tmp_path / "config")
    path = single_file("sdxl", random_parts(config), tmp_path / "model.safetensors")
    weights = loading.load_file(path) | {name: MARKERS[name] for name in markers}
    save_file(weights, path, metadata)
    model = loading.load_single_file(path, config, INFO, CPU)
    assert model.v_prediction is v_prediction
    assert (model.levels.highest > 1000) is zero_terminal


def test_what_an_sd2_file_says_is_believed(tmp_path: Path) -> None:
    """Only where it says nothing is its UNet asked, which random weights answer with v."""
    config = narrow("sd2", tmp_path / "config")
    path = single_file("sd2", random_parts(config), tmp_path / "model.safetensors")
    info = CheckpointInfo(name="x", sha256="y", family="SD 2.x", native_size=64)
    assert loading.load_single_file(path, config, info, CPU).v_prediction
    save_file(loading.load_file(path), path, {"modelspec.prediction_type": "epsilon"})
    assert not loading.load_single_file(path, config, info, CPU).v_prediction


def test_noise_levels_that_end_in_pure_noise_are_diffusers() -> None:
    """The rescaled schedule is the one of diffusers, up to its last level, which is finite here as
    in diffusers' Euler scheduler."""
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
        rescale_betas_zero_snr=True,
    )  # fmt: skip
    wanted = ((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod).sqrt()
    levels = NoiseLevels.from_betas(0.00085, 0.012, zero_terminal=True)
    found = torch.tensor(levels.sigmas)
    # diffusers goes through betas in fp32, which near the end is a rough way.
    assert torch.allclose(found[:950], wanted[:950], rtol=2e-3)
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    exact = rescale_zero_terminal_snr(betas)
    precise = torch.cumprod(1 - exact, 0)
    assert torch.allclose(found[:-1].double(), ((1 - precise) / precise).sqrt()[:-1], rtol=1e-6)
    assert float(found[-1]) == pytest.approx(4096, rel=1e-3)
    assert levels.timestep(levels.highest) == 999


def test_early_files_with_short_text_encoder_names_load(tmp_path: Path) -> None:
    """Some SD 1.x files lack `text_model.` in the names; they are read all the same."""
    config = narrow("sd1", tmp_path / "config")
    parts = random_parts(config)
    path = tmp_path / "old.safetensors"
    weights = layout.unet(parts["unet"].state_dict(), 2) | layout.vae(parts["vae"].state_dict(), 4)
    for name, tensor in parts["text_encoder"].state_dict().items():
        weights["cond_stage_model.transformer." + name] = tensor
    save_file({n: t.contiguous() for n, t in weights.items()}, path)
    model = loading.load_single_file(path, config, INFO, CPU)
    wanted = parts["text_encoder"].state_dict()
    got = model.towers[0].encoder.state_dict()
    assert all(torch.equal(wanted[k], got[k]) for k in wanted)


@pytest.mark.parametrize(
    "missing",
    ["model.diffusion_model.middle_block.1", "first_stage_model.decoder.norm_out", "final_layer"],
)
def test_a_file_with_holes_is_refused(tmp_path: Path, missing: str) -> None:
    """A file that lacks weights is unavailable; it is never drawn with memory garbage."""
    config = narrow("sd1", tmp_path / "config")
    whole = single_file("sd1", random_parts(config), tmp_path / "whole.safetensors")
    weights = loading.load_file(whole)
    kept = {n: t for n, t in weights.items() if missing not in n}
    assert len(kept) < len(weights)
    save_file(kept, tmp_path / "holes.safetensors")
    with pytest.raises(ModelUnavailable):
        loading.load_single_file(tmp_path / "holes.safetensors", config, INFO, CPU)


def test_a_file_of_another_size_is_refused(tmp_path: Path) -> None:
    """Shapes that do not fit the family's configuration are unavailable."""
    narrow_config = narrow("sd1", tmp_path / "config")
    path = single_file("sd1", random_parts(narrow_config), tmp_path / "x.safetensors")
    with pytest.raises(ModelUnavailable):
        loading.load_single_file(path, CONFIGS / "sd1", INFO, CPU)


def test_the_shipped_sizes_are_the_published_ones() -> None:
    """Parameter counts of the shipped configurations are those that the families are known for."""
    wanted = {
        "sd1": 859_520_964, "sd2": 865_910_724, "sdxl": 2_567_463_684,
        "sdxl_refiner": 2_259_526_660,
    }  # fmt: skip
    for family, count in wanted.items():
        sizes = json.loads((CONFIGS / family / "unet" / "config.json").read_text())
        with torch.device("meta"):
            unet = diffusers.UNet2DConditionModel.from_config(sizes)
        assert count == sum(p.numel() for p in unet.parameters()), family
    with torch.device("meta"):
        sizes = json.loads((CONFIGS / "sd1" / "vae" / "config.json").read_text())
        shipped_vae = diffusers.AutoencoderKL.from_config(sizes)
    assert sum(p.numel() for p in shipped_vae.parameters()) == 83_653_863


@pytest.mark.parametrize("variant", [None, "fp16"])
def test_a_diffusers_folder_loads(tmp_path: Path, variant: str | None) -> None:
    """A folder with model_index.json loads too, with CLIP's tokenizer where it has none. Also if
    only its variant in half precision was downloaded."""
    config = narrow("sd1", tmp_path / "folder")
    parts = random_parts(config)
    for name, module in parts.items():
        module.save_pretrained(config / name, variant=variant)
    index = {"vae": ["diffusers", "AutoencoderKL"]}
    (config / "model_index.json").write_text(json.dumps(index))
    model = loading.load_folder(config, INFO, CPU)
    assert len(model.towers[0].tokenizer) == CLIP_TOKENS
    wanted, found = parts["unet"].state_dict(), model.unet.state_dict()
    assert all(torch.equal(wanted[name], found[name]) for name in wanted)


def test_clip_tokens_are_the_published_ones() -> None:
    """The vocabulary built from the merges gives CLIP's known numbers."""
    tokenizer = clip_tokenizer()
    wanted = [49406, 320, 1125, 539, 320, 2368, 267, 49407]
    assert wanted == tokenizer("a photo of a cat,").input_ids


def test_an_incomplete_tokenizer_is_refused() -> None:
    """transformers builds a tiny vocabulary when files are missing; that is never used."""
    with pytest.raises(IncompleteTokenizer):
        checked(transformers.CLIPTokenizer(), CLIP_TOKENS)
