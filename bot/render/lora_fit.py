"""Which checkpoints a LoRA fits, and how well, told from the shapes in its header.

The layers of each family are known from the shipped configurations, so that a member hears of a
misfit before anything is drawn.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import diffusers
import torch
import transformers

from bot.render.family import SD1, SD2, SDXL, Shapes
from bot.render.lora_names import by_layer, layer_names, weight_of
from bot.render.lora_shapes import changes
from bot.render.weights_file import UnusableWeights

_HERE = Path(__file__).parent
_DEMO = _HERE / "demo" / "config"
_FAMILIES = {
    SD1.name: _HERE / "configs" / SD1.config,
    SD2.name: _HERE / "configs" / SD2.config,
    SDXL.name: _HERE / "configs" / SDXL.config,
    "": _DEMO,
}
"""By name; the demo checkpoint, whose LoRAs no other checkpoint can wear, has none."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The family that a LoRA fits best."""

    family: str
    layers: int
    """Layers that the file is about."""
    fitting: int
    """How many of them the family has, in the same size."""


def fit(shapes: Shapes) -> Fit:
    """Compare a LoRA with every family.

    Raises:
        UnusableWeights: `model-unknown-family`: it is no LoRA; `model-lora-unknown`: of no known
            family or kind.
    """
    layers = by_layer(shapes)
    if not any(part.startswith(("lora_", "hada_", "lokr_")) for p in layers.values() for part in p):
        raise UnusableWeights("model-unknown-family")
    best = Fit("", len(layers), 0)
    for family, config in _FAMILIES.items():
        known = _layers(config)
        fitting = sum(p in known and changes(parts, known[p]) for p, parts in layers.items())
        if fitting > best.fitting:
            best = Fit(family, len(layers), fitting)
    if not best.fitting:
        raise UnusableWeights("model-lora-unknown")
    return best


@cache
def _layers(config: Path) -> Mapping[str, tuple[int, ...]]:
    """The shape of each layer's weight by every name that a file may use for it."""
    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel.from_config(_sizes(config / "unet"))
        modules = {"unet": unet}
        for name in ("text_encoder", "text_encoder_2"):
            if (config / name).is_dir():
                sizes = transformers.CLIPTextConfig(**_sizes(config / name))
                modules[name] = transformers.CLIPTextModel(sizes)
    return {name: tuple(weight_of(layer).shape) for name, layer in layer_names(modules).items()}


def _sizes(folder: Path) -> dict[str, object]:
    sizes: dict[str, object] = json.loads((folder / "config.json").read_text("utf-8"))
    return sizes
