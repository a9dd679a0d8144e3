"""VAEs, LoRAs and embeddings of a request, loaded for the model that it uses."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import diffusers
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from bot.domain import LoraRef, ModelRef, RenderSpec
from bot.errors import ModelUnavailable
from bot.render import lora
from bot.render.addons import Addons
from bot.render.lora import Lora, Worn
from bot.render.model import Model, Module
from bot.render.shelf import Resident
from bot.render.text import Embedding

log = logging.getLogger(__name__)

_MOST_KEPT = 32
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model as one request uses it."""

    model: Model
    """With the VAE of the request."""
    loras: Worn
    embeddings: tuple[Embedding, ...]


def fit(resident: Resident, spec: RenderSpec, addons: Addons) -> Fitted:
    """Load what `spec` names; what was loaded for this model before is kept.

    Raises:
        ModelUnavailable: a file is gone, damaged, or made for another kind of model.
    """
    model = resident.model
    if spec.vae is not None:
        vae = _kept(resident, spec.vae, addons, _vae)
        model = replace(model, vae=vae)
    worn = tuple((_kept(resident, ref, addons, _lora), ref.weight) for ref in spec.loras)
    embeddings = tuple(_kept(resident, ref, addons, _embedding) for ref in spec.embeddings)
    return Fitted(model, tuple(w for w in worn if w[1] != 0), embeddings)


def _kept(
    resident: Resident,
    ref: ModelRef | LoraRef,
    addons: Addons,
    load: Callable[[Model, str, Path], _T],
) -> _T:
    extras = resident.extras
    if ref.sha256 not in extras:
        path = addons.path(ref)
        try:
            extras[ref.sha256] = load(resident.model, ref.name, path)
        except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
            if isinstance(error, torch.OutOfMemoryError):
                raise
            raise ModelUnavailable(f"{path.name}: {error}") from error
        while len(extras) > _MOST_KEPT:
            del extras[next(iter(extras))]
    found: _T = extras.pop(ref.sha256)
    extras[ref.sha256] = found  # the last used stays longest
    return found


def _lora(model: Model, name: str, path: Path) -> Lora:
    modules: dict[str, nn.Module] = {"unet": model.unet}
    for part, tower in zip(("text_encoder", "text_encoder_2"), model.towers, strict=False):
        modules[part] = tower.encoder
    made = lora.read(name, load_file(path), modules, model.dtype)
    log.info("LoRA %s: %d layers", name, len(made.layers))
    if made.unknown:
        log.warning(
            "LoRA %s: %d of its layers fit nothing here, such as %s",
            name, len(made.unknown), made.unknown[0],
        )  # fmt: skip
    return made


def _vae(model: Model, name: str, path: Path) -> Module:
    weights = load_file(path)
    if not any(key.startswith("first_stage_model.") for key in weights):
        weights = {"first_stage_model." + key: tensor for key, tensor in weights.items()}
    vae = diffusers.AutoencoderKL.from_config(model.vae.config)
    converted = diffusers.loaders.single_file_utils.convert_ldm_vae_checkpoint(
        weights, dict(model.vae.config)
    )
    vae.load_state_dict(converted)
    return vae.to(model.device, model.vae.dtype).eval().requires_grad_(False)


def _embedding(model: Model, name: str, path: Path) -> Embedding:
    weights = load_file(path)
    found: list[Tensor] = []
    for i, tower in enumerate(model.towers):
        vectors = weights.get("emb_params") if len(model.towers) == 1 else None
        if vectors is None:
            vectors = weights.get(("clip_l", "clip_g")[i])
        if vectors is None or vectors.shape[-1] != tower.width:
            raise ModelUnavailable(f"embedding {name} is made for another kind of model")
        found.append(vectors.to(model.device, torch.float32))
    return Embedding(name, tuple(found))
