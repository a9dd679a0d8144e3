"""Writes modules of diffusers and transformers in the layout of the published single files.

For tests and benchmarks: random weights in the shape of a family load like a downloaded checkpoint.
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors.torch import save_file
from torch import Tensor

from bot.render import library

CONFIGS = Path(library.__file__).parent / "configs"

Weights = dict[str, Tensor]

_RESNET = [
    ("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"), ("conv2", "out_layers.3"), ("conv_shortcut", "skip_connection"),
]  # fmt: skip
_UNET_ENDS = [
    ("time_embedding.linear_1", "time_embed.0"), ("time_embedding.linear_2", "time_embed.2"),
    ("add_embedding.linear_1", "label_emb.0.0"), ("add_embedding.linear_2", "label_emb.0.2"),
    ("conv_in", "input_blocks.0.0"), ("conv_norm_out", "out.0"), ("conv_out", "out.2"),
]  # fmt: skip
_VAE = [
    ("downsamplers.0", "downsample"), ("upsamplers.0", "upsample"), ("resnets", "block"),
    ("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out"),
    ("conv_shortcut", "nin_shortcut"), ("conv_norm_out", "norm_out"),
]  # fmt: skip
_OPEN_CLIP = [
    ("encoder.layers.", "transformer.resblocks."), ("layer_norm1", "ln_1"),
    ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj"),
    ("self_attn", "attn"), ("final_layer_norm", "ln_final"),
    ("embeddings.token_embedding", "token_embedding"),
    ("embeddings.position_embedding.weight", "positional_embedding"),
]  # fmt: skip


def unet(weights: Mapping[str, Tensor], layers: int) -> Weights:
    """`layers`: resnets per down block."""
    attends = {m[1] for n in weights if (m := re.match(r"up_blocks\.(\d+)\.attentions", n))}

    def rename(name: str) -> str:
        for ours, theirs in _UNET_ENDS:
            if name.startswith(ours + "."):
                return theirs + name.removeprefix(ours)
        side, number, kind, index, rest = _block(name)
        if kind == "resnets":
            rest = _first(rest, _RESNET)
        if side == "mid_block":
            return f"middle_block.{index * 2 if kind == 'resnets' else 1}.{rest}"
        if kind == "downsamplers":
            return f"input_blocks.{(number + 1) * (layers + 1)}.0.op.{rest.removeprefix('conv.')}"
        if kind == "upsamplers":
            place = 2 if str(number) in attends else 1
            return f"output_blocks.{number * (layers + 1) + layers}.{place}.{rest}"
        place = 0 if kind == "resnets" else 1
        if side == "down_blocks":
            return f"input_blocks.{number * (layers + 1) + index + 1}.{place}.{rest}"
        return f"output_blocks.{number * (layers + 1) + index}.{place}.{rest}"

    return {"model.diffusion_model." + rename(n): t for n, t in weights.items()}


def _block(name: str) -> tuple[str, int, str, int, str]:
    if name.startswith("mid_block"):
        side, kind, index, rest = name.split(".", 3)
        return side, 0, kind, int(index), rest
    side, number, kind, index, rest = name.split(".", 4)
    return side, int(number), kind, int(index), rest


def _first(name: str, table: list[tuple[str, str]]) -> str:
    for ours, theirs in table:
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    raise ValueError(name)


def vae(weights: Mapping[str, Tensor], blocks: int) -> Weights:
    """`blocks`: down blocks of the encoder."""
    renamed = {}
    for name, tensor in weights.items():
        new = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        new = new.replace("mid_block.attentions.0", "mid.attn_1").replace("down_blocks", "down")
        new = re.sub(r"up_blocks\.(\d)", lambda m: f"up.{blocks - 1 - int(m[1])}", new)
        for ours, theirs in _VAE:
            new = re.sub(rf"(?<![a-z_]){re.escape(ours)}(?![a-z0-9_])", theirs, new)
        is_attention = ".attn_1." in new and tensor.ndim == 2
        renamed["first_stage_model." + new] = tensor[..., None, None] if is_attention else tensor
    return renamed


def clip(weights: Mapping[str, Tensor], prefix: str = "cond_stage_model.transformer.") -> Weights:
    return {f"{prefix}text_model.{n}": t for n, t in weights.items() if "position_ids" not in n}


def open_clip(weights: Mapping[str, Tensor], prefix: str = "cond_stage_model.model.") -> Weights:
    renamed: Weights = {}
    for name, tensor in weights.items():
        name = name.removeprefix("text_model.")
        if "q_proj" in name:
            parts = [weights[_like(weights, name, letter)] for letter in "qkv"]
            name = name.replace("self_attn.q_proj.", "attn.in_proj_")
            tensor = torch.cat(parts)
        elif "k_proj" in name or "v_proj" in name or "position_ids" in name:
            continue
        elif name == "text_projection.weight":
            name, tensor = "text_projection", tensor.T.contiguous()
        for ours, theirs in _OPEN_CLIP:
            name = name.replace(ours, theirs)
        renamed[prefix + name] = tensor
    return renamed


def _like(weights: Mapping[str, Tensor], name: str, letter: str) -> str:
    wanted = name.replace("q_proj", f"{letter}_proj")
    return wanted if wanted in weights else "text_model." + wanted


def narrow(family: str, folder: Path) -> Path:
    """The shipped configuration with a tenth of the width, so that a test can afford it."""
    shutil.copytree(CONFIGS / family, folder)
    small = {
        "unet": {
            "block_out_channels": [32, 64, 64, 64], "norm_num_groups": 8, "sample_size": 8,
            "cross_attention_dim": 32,
        },
        "vae": {"block_out_channels": [8, 8, 16, 16], "norm_num_groups": 4},
        "text_encoder": {
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3,
            "num_attention_heads": 4, "projection_dim": 32,
        },
    }  # fmt: skip
    if family == "sdxl":
        small["unet"] |= {
            "block_out_channels": [32, 64, 64], "transformer_layers_per_block": [1, 1, 2],
            "attention_head_dim": [4, 4, 4], "cross_attention_dim": 80,
            "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 48 + 48,
        }  # fmt: skip
        small["text_encoder_2"] = small["text_encoder"] | {"hidden_size": 48, "projection_dim": 48}
    if family == "sdxl_refiner":
        small["unet"] |= {
            "transformer_layers_per_block": 1, "attention_head_dim": [4, 4, 4, 4],
            "cross_attention_dim": 48, "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 48 + 40,
        }  # fmt: skip
        small["text_encoder_2"] = small.pop("text_encoder") | {
            "hidden_size": 48, "projection_dim": 48,
        }  # fmt: skip
    if family == "sd2":
        small["unet"]["attention_head_dim"] = [4, 4, 4, 4]
    for part, changes in small.items():
        file = folder / part / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return folder


def random_parts(config: Path) -> dict[str, Any]:
    """Modules of these sizes with random weights."""
    torch.manual_seed(0)

    def sizes(part: str) -> dict[str, Any]:
        table: dict[str, Any] = json.loads((config / part / "config.json").read_text())
        return table

    parts: dict[str, Any] = {
        "unet": diffusers.UNet2DConditionModel.from_config(sizes("unet")),
        "vae": diffusers.AutoencoderKL.from_config(sizes("vae")),
    }
    if (config / "text_encoder").is_dir():
        parts["text_encoder"] = transformers.CLIPTextModel(
            transformers.CLIPTextConfig(**sizes("text_encoder"))
        )
    if (config / "text_encoder_2").is_dir():
        parts["text_encoder_2"] = transformers.CLIPTextModelWithProjection(
            transformers.CLIPTextConfig(**sizes("text_encoder_2"))
        )
    return parts


def single_file(family: str, parts: Mapping[str, Any], path: Path) -> Path:
    """Write the parts as one file of `sd1`, `sd2`, `sdxl` or `sdxl_refiner`."""
    weights = unet(parts["unet"].state_dict(), 2)
    weights |= vae(parts["vae"].state_dict(), 4)
    text = parts["text_encoder"].state_dict() if "text_encoder" in parts else {}
    if family == "sd1":
        weights |= clip(text)
    elif family == "sdxl_refiner":
        second = parts["text_encoder_2"].state_dict()
        weights |= open_clip(second, "conditioner.embedders.0.model.")
    elif family == "sd2":
        weights |= open_clip(text)
    else:
        weights |= clip(text, "conditioner.embedders.0.transformer.")
        second = parts["text_encoder_2"].state_dict()
        weights |= open_clip(second, "conditioner.embedders.1.model.")
    save_file({n: t.contiguous() for n, t in weights.items()}, path)
    return path
