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
from bot.render.device import Device, is_out_of_memory
from bot.render.family import SD2, Prediction, prediction
from bot.render.model import Model, Module, TextTower
from bot.render.model_files import folder_weights
from bot.render.noise_schedule import NoiseLevels
from bot.render.residency import Residency
from bot.render.room import Sizes, room
from bot.render.text import encode
from bot.render.tokenizer import folder_tokenizer
from bot.render.weights_file import UnusableWeights, read_header

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
        said = prediction(read_header(path))
        weights = _modern_names(load_file(path))
        common = {"config": str(config), "torch_dtype": device.dtype, "local_files_only": True}
        unet = diffusers.UNet2DConditionModel.from_single_file(weights, subfolder="unet", **common)
        vae = diffusers.AutoencoderKL.from_single_file(weights, subfolder="vae", **common)
        encoders = [
            create_diffusers_clip_model_from_ldm(kind, weights, subfolder=name, **common)
            for name, _, kind in _TOWERS
            if (config / name).is_dir()
        ]
        del weights
        model = _assembled(config, unet, vae, encoders, info, device, said)
    if said.v is None and info.family == SD2.name:
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
        unet = _from_folder(diffusers.UNet2DConditionModel, folder / "unet", device)
        vae = _from_folder(vae_kind, folder / "vae", device)
        encoders = [
            _from_folder(kind, folder / name, device)
            for name, _, kind in _TOWERS
            if (folder / name).is_dir()
        ]
        return _assembled(folder, unet, vae, encoders, info, device)


def _from_folder(kind: Module, part: Path, device: Device) -> Module:
    return kind.from_pretrained(
        part, torch_dtype=device.dtype, local_files_only=True, use_safetensors=True,
        variant=folder_weights(part)[0],
    )  # fmt: skip


@contextmanager
def _as_unavailable(path: Path) -> Iterator[None]:
    """What the libraries raise for a file that is not what it seems."""
    try:
        yield
    except (torch.OutOfMemoryError, ModelUnavailable):
        raise
    except UnusableWeights as error:
        raise ModelUnavailable(f"{path.name}: {error.reason}") from error
    except (
        SafetensorError, SingleFileComponentError, OSError, ValueError, KeyError, IndexError,
        TypeError, AttributeError, RuntimeError,
    ) as error:  # fmt: skip
        if is_out_of_memory(error):
            raise
        raise ModelUnavailable(f"{path.name}: {type(error).__name__}: {error}") from error


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
    said: Prediction | None = None,
) -> Model:
    if not encoders:
        raise ModelUnavailable(f"{info.name}: no text encoder")
    schedule = json.loads((config / "scheduler" / "scheduler_config.json").read_text("utf-8"))
    if said is None or said.v is None:
        told = schedule.get("prediction_type") == "v_prediction"
        said = Prediction(told, bool(schedule.get("rescale_betas_zero_snr")))
    for module in (unet, vae, *encoders):
        _refuse_holes(module)
        module.eval().requires_grad_(False)
    if device.where.type == "cuda" and torch.version.hip is None:
        for module in (unet, vae):  # tensor cores convolve so; else each call turns tensors around
            module.to(memory_format=torch.channels_last)
    residency = Residency(
        device.where, room(device.vram, _sizes(unet, vae, encoders), device.memory)
    )
    residency.settle(unet, steps=True)
    for module in (vae, *encoders):
        residency.settle(module)
    return Model(
        info=info,
        unet=unet,
        vae=vae,
        towers=_towers(config, encoders, xl=unet.config.addition_embed_type == "text_time"),
        levels=_levels(schedule, zero_terminal=said.zero_terminal),
        v_prediction=bool(said.v),
        device=device.where,
        dtype=device.dtype,
        residency=residency,
    )


def _sizes(unet: Module, vae: Module, encoders: list[Module]) -> Sizes:
    def count(module: Module) -> int:
        return sum(p.numel() * p.element_size() for p in module.parameters())

    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    return Sizes(
        unet=count(unet),
        vae=count(vae),
        text=sum(count(encoder) for encoder in encoders),
        item=unet.dtype.itemsize,
        unet_width=unet.config.block_out_channels[0],
        vae_width=vae.config.block_out_channels[0],
        native_size=(unet.config.sample_size or 64) * scale,
        scale=scale,
    )


def _levels(schedule: dict[str, Any], *, zero_terminal: bool) -> NoiseLevels:
    return NoiseLevels.from_betas(
        schedule["beta_start"],
        schedule["beta_end"],
        schedule.get("num_train_timesteps", 1000),
        schedule["beta_schedule"],
        zero_terminal=zero_terminal,
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


def _towers(config: Path, encoders: list[Module], *, xl: bool) -> tuple[TextTower, ...]:
    """The text encoders with their tokenizers; a refiner has only the second one."""
    made = []
    for encoder in encoders:
        second = isinstance(encoder, transformers.CLIPTextModelWithProjection)
        tokenizer = folder_tokenizer(config / _TOWERS[second][1], encoder.config.vocab_size)
        wide = encoder.config.hidden_act == "gelu"  # OpenCLIP's towers, which pad with token 0
        made.append(
            TextTower(
                encoder=encoder,
                tokenizer=tokenizer,
                pad_id=0 if wide else tokenizer.eos_token_id,
                final_norm=not xl,
                skip=2 if xl else 1,
                projected=second,
            )
        )
    return tuple(made)


def _refuse_holes(module: Any) -> None:
    """Loaders leave a weight that the file lacks on the "meta" device: no memory, no values."""
    holes = [name for name, p in module.named_parameters() if p.is_meta]
    if holes:
        kind = type(module).__name__
        raise ModelUnavailable(f"{kind}: {len(holes)} weights are missing, such as {holes[0]}")
