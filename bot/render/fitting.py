"""VAEs, LoRAs and embeddings of a request, loaded for the model that it uses."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import diffusers
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from bot.domain import LoraRef, ModelRef, RenderSpec
from bot.errors import ModelUnavailable
from bot.lora_blocks import by_label
from bot.render import lora
from bot.render.addons import Addons
from bot.render.device import is_out_of_memory
from bot.render.lora import Lora, Worn
from bot.render.model import Model, Module
from bot.render.shelf import Resident
from bot.render.text import Embedding
from bot.render.weights_file import UnusableWeights, read_header

log = logging.getLogger(__name__)

_MOST_KEPT = 32
_MOST_SHARE = 8
"""Of the device's memory, for what is loaded beside one checkpoint."""
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
    worn = tuple(_worn(resident, ref, addons) for ref in spec.loras)
    embeddings = tuple(_kept(resident, ref, addons, _embedding) for ref in spec.embeddings)
    return Fitted(model, tuple(w for w in worn if w[1] != 0), embeddings)


def _worn(resident: Resident, ref: LoraRef, addons: Addons) -> tuple[Lora, float]:
    """The LoRA with its weight; one whose parts weigh differently is a LoRA of its own."""
    whole = _kept(resident, ref, addons, _lora)
    if ref.unet_weight is None and not ref.blocks:
        return whole, ref.weight
    unet = ref.weight if ref.unet_weight is None else ref.unet_weight
    blocks = by_label(ref.blocks) if ref.blocks else None
    name = f"{ref.sha256} {ref.weight} {unet} {ref.blocks}"
    return _remembered(resident, name, lambda: lora.shaped(whole, ref.weight, unet, blocks)), 1.0


def _kept(
    resident: Resident,
    ref: ModelRef | LoraRef,
    addons: Addons,
    load: Callable[[Model, str, Path], _T],
) -> _T:
    def read() -> _T:
        path = addons.path(ref)
        try:
            read_header(path)  # it may have changed since it was found
            return load(resident.model, ref.name, path)
        except UnusableWeights as error:
            raise ModelUnavailable(f"{path.name}: {error.reason}") from error
        except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise
            raise ModelUnavailable(f"{path.name}: {error}") from error

    return _remembered(resident, ref.sha256, read)


def _remembered(resident: Resident, name: str, make: Callable[[], _T]) -> _T:
    """What was made before under this name; the longest unused is let go for what is new."""
    extras = resident.extras
    known = name in extras
    made: _T = extras.pop(name) if known else make()
    extras[name] = made
    if not known:
        _drop_oldest(extras, resident.model.residency.room.memory.total // _MOST_SHARE)
    return made


def _drop_oldest(extras: dict[str, Any], most: int) -> None:
    """Let go of the longest unused until the rest takes `most` bytes; the newest stays anyway."""
    taken = sum(map(_bytes, extras.values()))
    while len(extras) > 1 and (len(extras) > _MOST_KEPT or taken > most):
        taken -= _bytes(extras.pop(next(iter(extras))))


def _bytes(extra: Lora | Embedding | Module) -> int:
    if isinstance(extra, Lora):
        return extra.byte_count
    tensors = extra.vectors if isinstance(extra, Embedding) else extra.parameters()
    return sum(t.numel() * t.element_size() for t in tensors)


def _lora(model: Model, name: str, path: Path) -> Lora:
    modules: dict[str, nn.Module] = {"unet": model.unet}
    for part, tower in zip(("text_encoder", "text_encoder_2"), model.towers, strict=False):
        modules[part] = tower.encoder
    made = lora.read(name, load_file(path), modules, model.device, model.dtype)
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
    vae.to(model.dtype).eval().requires_grad_(False)
    model.residency.settle(vae)
    return vae


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
