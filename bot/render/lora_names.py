"""What LoRA files call the layers of a model."""

import re
from collections.abc import Iterator, Mapping

from torch import nn

from bot.render.model import Module

_PREFIXES = {
    "unet": ("lora_unet_", "unet."),
    "text_encoder": ("lora_te_", "lora_te1_", "text_encoder."),
    "text_encoder_2": ("lora_te2_", "text_encoder_2."),
}
_RESNET = {
    "conv1": "in_layers_2", "time_emb_proj": "emb_layers_1", "conv2": "out_layers_3",
    "conv_shortcut": "skip_connection",
}  # fmt: skip


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


def _spellings(part: str, name: str, module: Module) -> Iterator[str]:
    yield name
    if part == "unet":
        original = _original(name, len(module.down_blocks[0].resnets))
        if original:
            yield original
    else:
        yield "text_model." + name.removeprefix("text_model.")


def _original(name: str, layers: int) -> str | None:
    """A UNet layer's name in the original Stable Diffusion code; `layers`: resnets per block."""
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
    return None
