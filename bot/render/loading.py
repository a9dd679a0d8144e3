"""Checkpoints become modules: a single file in A1111's layout, or a diffusers folder. Offline."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.loaders.single_file_utils import (
    SingleFileComponentError,
    create_diffusers_clip_model_from_ldm,
)
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from bot.domain import CheckpointInfo
from bot.errors import ModelUnavailable
from bot.render.device import Device
from bot.render.family import SD2
from bot.render.model import Model, Module, TextTower
from bot.render.noise_schedule import NoiseLevels
from bot.render.text import encode
from bot.render.tokenizer import folder_tokenizer

_TOWERS = (
    ("text_encoder", "tokenizer", transformers.CLIPTextModel),
    ("text_encoder_2", "tokenizer_2", transformers.CLIPTextModelWithProjection),
)
_OLD_CLIP, _NEW_CLIP = "cond_stage_model.transformer.", "cond_stage_model.transformer.text_model."
_CLIP_PARTS = ("embeddings.", "encoder.", "final_layer_norm.")


def load_single_file(path: Path, config: Path, info: CheckpointInfo, device: Device) -> Model:
    """Load `path`, whose sizes stand in the diffusers-style folder `config`.

    Raises:
        ModelUnavailable: the file does not hold what its family needs, or cannot be read.
        MemoryError, torch.OutOfMemoryError: it does not fit.
    """
    with _as_unavailable(path):
        weights = _modern_names(load_file(path))
        common = {"config": str(config), "torch_dtype": device.dtype, "local_files_only": True}
        unet = diffusers.UNet2DConditionModel.from_single_file(weights, subfolder="unet", **common)
        vae = diffusers.AutoencoderKL.from_single_file(weights, subfolder="vae", **common)
        encoders = [
            create_diffusers_clip_model_from_ldm(kind, weights, subfolder=name, **common)
            for name, _, kind in _TOWERS
            if (config / name).is_dir()
        ]
        v_prediction = "v_pred" in weights
        del weights
        model = _assembled(config, unet, vae, encoders, info, device, v_prediction=v_prediction)
    if info.family == SD2.name:
        return replace(model, v_prediction=_predicts_v(model))
    return model


def load_folder(folder: Path, info: CheckpointInfo, device: Device) -> Model:
    """Load a diffusers folder; weights in safetensors only.

    Raises:
        ModelUnavailable, MemoryError, torch.OutOfMemoryError: as `load_single_file`.
    """
    with _as_unavailable(folder):
        kinds = json.loads((folder / "model_index.json").read_text("utf-8"))
        vae_kind = getattr(diffusers, kinds["vae"][1])
        if vae_kind not in (diffusers.AutoencoderKL, diffusers.AutoencoderTiny):
            raise ModelUnavailable(f"{folder.name}: VAE of kind {kinds['vae'][1]}")
        common = {
            "torch_dtype": device.dtype, "local_files_only": True, "use_safetensors": True,
        }  # fmt: skip
        unet = diffusers.UNet2DConditionModel.from_pretrained(folder / "unet", **common)
        vae = vae_kind.from_pretrained(folder / "vae", **common)
        encoders = [
            kind.from_pretrained(folder / name, **common)
            for name, _, kind in _TOWERS
            if (folder / name).is_dir()
        ]
        return _assembled(folder, unet, vae, encoders, info, device)


@contextmanager
def _as_unavailable(path: Path) -> Iterator[None]:
    """What the libraries raise for a file that is not what it seems."""
    try:
        yield
    except (torch.OutOfMemoryError, ModelUnavailable):
        raise
    except (
        SafetensorError, SingleFileComponentError, OSError, ValueError, KeyError, IndexError,
        TypeError, AttributeError, RuntimeError,
    ) as error:  # fmt: skip
        if _is_out_of_memory(error):
            raise
        raise ModelUnavailable(f"{path.name}: {type(error).__name__}: {error}") from error


def _is_out_of_memory(error: BaseException) -> bool:
    """torch's CPU allocator raises a bare RuntimeError."""
    return "allocate memory" in str(error) or "DefaultCPUAllocator" in str(error)


def _modern_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Some early SD 1.x files were saved without `text_model.` in the text encoder's names."""
    renamed = {}
    for name, tensor in weights.items():
        rest = name.removeprefix(_OLD_CLIP)
        old = rest != name and rest.startswith(_CLIP_PARTS)
        renamed[_NEW_CLIP + rest if old else name] = tensor
    return renamed


def _assembled(
    config: Path,
    unet: Module,
    vae: Module,
    encoders: list[Module],
    info: CheckpointInfo,
    device: Device,
    *,
    v_prediction: bool = False,
) -> Model:
    if not encoders:
        raise ModelUnavailable(f"{info.name}: no text encoder")
    schedule = json.loads((config / "scheduler" / "scheduler_config.json").read_text("utf-8"))
    xl = unet.config.addition_embed_type == "text_time"
    towers = tuple(
        _tower(encoder, config / _TOWERS[i][1], second=i == 1, xl=xl)
        for i, encoder in enumerate(encoders)
    )
    for module in (unet, vae, *encoders):
        _refuse_holes(module)
        module.eval().requires_grad_(False).to(device.where)
    return Model(
        info=info,
        unet=unet,
        vae=vae,
        towers=towers,
        levels=NoiseLevels.from_betas(
            schedule["beta_start"],
            schedule["beta_end"],
            schedule.get("num_train_timesteps", 1000),
            schedule["beta_schedule"],
        ),
        v_prediction=v_prediction or schedule.get("prediction_type") == "v_prediction",
        device=device.where,
        dtype=device.dtype,
    )


@torch.inference_mode()
def _predicts_v(model: Model) -> bool:
    """Whether the UNet answers with v instead of noise, which SD 2.x files do not say.

    Shown nearly pure noise, a predictor of noise gives back what it sees; a predictor of v does
    not.
    """
    generator = torch.Generator().manual_seed(0)
    seen = torch.randn(1, model.latent_channels, 32, 32, generator=generator).to(model.device)
    context = encode(model, ()).context
    last = torch.tensor([len(model.levels.sigmas) - 1], device=model.device)
    said = model.unet(seen.to(model.dtype), last, context, return_dict=False)[0].float()
    return bool(functional.cosine_similarity(said.flatten(), seen.flatten(), dim=0) < 0.5)


def _tower(encoder: Module, tokenizer: Path, *, second: bool, xl: bool) -> TextTower:
    made = folder_tokenizer(tokenizer, encoder.config.vocab_size)
    wide = encoder.config.hidden_act == "gelu"  # OpenCLIP's towers, which pad with token 0
    return TextTower(
        encoder=encoder,
        tokenizer=made,
        pad_id=0 if wide else made.eos_token_id,
        final_norm=not xl,
        skip=2 if xl else 1,
        projected=second,
    )


def _refuse_holes(module: Any) -> None:
    """Loaders leave a weight that the file lacks on the "meta" device: no memory, no values."""
    holes = [name for name, p in module.named_parameters() if p.is_meta]
    if holes:
        kind = type(module).__name__
        raise ModelUnavailable(f"{kind}: {len(holes)} weights are missing, such as {holes[0]}")
