"""The network parts, all of them standard modules of diffusers and transformers."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

WIDTH = 128  # of the text encoder, and so of the cross-attention
CONTEXT = 77
LATENT = 16  # latent cells on a side at the native size
PICTURE = 128  # pixels on a side at the native size


def make_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=4,
            num_attention_heads=4,
            max_position_embeddings=CONTEXT,
            projection_dim=WIDTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
            hidden_act="quick_gelu",
        )
    )


def make_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=LATENT,
        in_channels=4,
        out_channels=4,
        block_out_channels=(64, 128, 192),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def make_autoencoder(widths: tuple[int, ...] = (16, 32, 64, 96)) -> AutoencoderKL:
    """128x128 pictures to 16x16x4 latents (f=8)."""
    levels = len(widths)
    return AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=PICTURE,
        scaling_factor=1.0,
        mid_block_add_attention=False,
    )


def make_scheduler() -> DDIMScheduler:
    """Build other samplers with ``from_config`` of this one, so that v-prediction survives."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction",
    )


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """The tokenizer; transformers builds a two-word one in silence when the files are missing."""
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    if len(tokenizer) < 1000:
        raise FileNotFoundError(f"no vocabulary in {folder}")
    return tokenizer


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    return tokenizer(
        texts, padding="max_length", truncation=True, max_length=CONTEXT, return_tensors="pt"
    ).input_ids
