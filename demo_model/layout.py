"""Key names of the one-file layout that Stable Diffusion web interfaces read (A1111, "LDM")."""

from __future__ import annotations

import re

import torch

UNET = "model.diffusion_model."
VAE = "first_stage_model."
TEXT = "cond_stage_model.transformer.text_model."

UNET_WHOLE = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def unet_key(key: str, layers: int, attention_up: list[bool]) -> str:
    """The one-file name of a UNet weight.

    ``layers`` is layers_per_block; ``attention_up`` tells which up blocks attend, since that moves
    their upsampler's place.
    """
    stem, leaf = key.rsplit(".", 1)
    if stem in UNET_WHOLE:
        return f"{UNET}{UNET_WHOLE[stem]}.{leaf}"
    side, *rest = key.split(".")
    if side == "mid_block":
        kind, number = rest[0], int(rest[1])
        place = f"middle_block.{2 * number if kind == 'resnets' else 2 * number + 1}"
        tail = rest[2:]
    else:
        block, kind, number, tail = int(rest[0]), rest[1], int(rest[2]), rest[3:]
        if side == "down_blocks":
            first = 1 + block * (layers + 1)
            if kind == "downsamplers":
                return f"{UNET}input_blocks.{first + layers}.0.op.{leaf}"
            place = f"input_blocks.{first + number}.{0 if kind == 'resnets' else 1}"
        else:
            first = block * (layers + 1)
            if kind == "upsamplers":
                slot = 2 if attention_up[block] else 1
                return f"{UNET}output_blocks.{first + layers}.{slot}.conv.{leaf}"
            place = f"output_blocks.{first + number}.{0 if kind == 'resnets' else 1}"
    if kind == "resnets":
        tail = [UNET_RESNET[tail[0]], *tail[1:]]
    return f"{UNET}{place}.{'.'.join(tail)}"


def vae_key(key: str, levels: int) -> str:
    """The one-file name of an autoencoder weight (without attention in the middle)."""
    name = key.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0\.", r"down.\1.downsample.", name)

    def turn(match: re.Match[str]) -> str:
        block = levels - 1 - int(match[1])
        return f"up.{block}.block." if match[2] == "resnets" else f"up.{block}.upsample."

    name = re.sub(r"up_blocks\.(\d+)\.(resnets)\.", turn, name)
    name = re.sub(r"up_blocks\.(\d+)\.(upsamplers)\.0\.", turn, name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    return VAE + name


def text_key(key: str) -> str:
    return TEXT + key.removeprefix("text_model.")


def one_file(unet, vae, text_encoder) -> dict[str, torch.Tensor]:
    """All weights of a pipeline under their one-file names, in fp16."""
    layers = unet.config.layers_per_block
    attention_up = ["CrossAttn" in kind for kind in unet.config.up_block_types]
    levels = len(vae.config.block_out_channels)
    weights = {unet_key(k, layers, attention_up): v for k, v in unet.state_dict().items()}
    weights |= {vae_key(k, levels): v for k, v in vae.state_dict().items()}
    weights |= {
        text_key(k): v for k, v in text_encoder.state_dict().items() if "position_ids" not in k
    }
    return {k: v.detach().to(torch.float16).contiguous() for k, v in sorted(weights.items())}
