"""What LoRA files call the layers of a model."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar, cast

from torch import Tensor, nn

from bot.render.model import Module

T = TypeVar("T")
Parts: TypeAlias = dict[str, T]
"""What a file holds for one layer, by `lora_down`, `lora_up`, `alpha`, `hada_w1_a`, …; `strange`
for what is of no known kind."""

_PARTS = re.compile(
    r"\.(lora_down|lora_up|lora_mid|lora_A|lora_B|lora\.down|lora\.up|hada_\w+|lokr_\w+)"
    r"(\.default)?(\.weight)?$"
)
_STRANGE = re.compile(r"\.(dora_scale|diff|diff_b|bias|norm_\w+|w_norm|b_norm|oft_\w+)$")
_PREFIXES = {
    "unet": ("lora_unet_", "unet."),
    "text_encoder": ("lora_te_", "lora_te1_", "text_encoder."),
    "text_encoder_2": ("lora_te2_", "text_encoder_2."),
}
_RESNET = {
    "conv1": "in_layers_2", "time_emb_proj": "emb_layers_1", "conv2": "out_layers_3",
    "conv_shortcut": "skip_connection",
}  # fmt: skip

_ENDS = {
    "conv_in": "input_blocks.0.0", "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
}  # fmt: skip
TEXT = "BASE"


def by_layer(tensors: Mapping[str, T]) -> dict[str, Parts[T]]:
    """The tensors (or their shapes) of a LoRA file by the layer that they are about."""
    layers: dict[str, Parts[T]] = {}
    for name, tensor in tensors.items():
        if name.endswith(".alpha"):
            layers.setdefault(name.removesuffix(".alpha"), {})["alpha"] = tensor
        elif match := _PARTS.search(name):
            part = {"lora_A": "lora_down", "lora_B": "lora_up"}.get(match[1], match[1])
            layers.setdefault(name[: match.start()], {})[part.replace("lora.", "lora_")] = tensor
        else:
            layers.setdefault(_STRANGE.sub("", name), {})["strange"] = tensor
    return layers


def layer_names(modules: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """Every name by which a file may mean a linear or convolutional layer.

    `modules`: `unet`, `text_encoder`, `text_encoder_2`. Kohya writes dots as underscores, for XL
    often with the names of the original code; diffusers writes its own.
    """
    names: dict[str, nn.Module] = {}
    for part, module in modules.items():
        for name, layer in module.named_modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                for spelling in _spellings(part, name, module):
                    for prefix in _PREFIXES[part]:
                        flat = not prefix.endswith(".")
                        names[prefix + (spelling.replace(".", "_") if flat else spelling)] = layer
    return names


def weight_of(layer: nn.Module) -> Tensor:
    """The weight of a linear or convolutional layer."""
    return cast(Tensor, layer.weight)


def block_labels(modules: Mapping[str, nn.Module]) -> dict[nn.Module, str]:
    """The block of each layer, in the words of block weighting: `IN00` to `IN11`, `M00`, `OUT00` to
    `OUT11`; `BASE` is the text encoders and what serves all blocks."""
    labels: dict[nn.Module, str] = {}
    for part, module in modules.items():
        for name, layer in module.named_modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                original = _original(name, module) if part == "unet" else None
                labels[layer] = _label(original or "")
    return labels


def _label(original: str) -> str:
    if match := re.match(r"(in|out)put_blocks\.(\d+)\.", original):
        return f"{match[1].upper()}{int(match[2]):02}"
    return "M00" if original.startswith("middle_block") else TEXT


def _spellings(part: str, name: str, module: Module) -> Iterator[str]:
    yield name
    if part == "unet":
        original = _original(name, module)
        if original:
            yield original
    else:
        yield "text_model." + name.removeprefix("text_model.")


def _original(name: str, unet: Module) -> str | None:
    """A UNet layer's name in the original Stable Diffusion code."""
    layers = len(unet.down_blocks[0].resnets)
    if match := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.+)", name):
        side, block, kind, index, rest = match.groups()
        number = int(block) * (layers + 1) + int(index)
        outer = f"input_blocks.{number + 1}" if side == "down" else f"output_blocks.{number}"
        inner = _RESNET.get(rest, rest) if kind == "resnets" else rest
        return f"{outer}.{0 if kind == 'resnets' else 1}.{inner}"
    if match := re.match(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)", name):
        kind, index, rest = match.groups()
        if kind == "resnets":
            return f"middle_block.{int(index) * 2}.{_RESNET.get(rest, rest)}"
        return f"middle_block.1.{rest}"
    if match := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv$", name):
        return f"input_blocks.{(int(match[1]) + 1) * (layers + 1)}.0.op"
    if match := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.conv$", name):
        block = int(match[1])
        place = 2 if hasattr(unet.up_blocks[block], "attentions") else 1
        return f"output_blocks.{block * (layers + 1) + layers}.{place}.conv"
    return _ENDS.get(name)
