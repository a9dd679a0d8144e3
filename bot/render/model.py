"""A loaded checkpoint, as the render loop needs it."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from bot.domain import CheckpointInfo
from bot.render.noise_schedule import NoiseLevels
from bot.render.residency import Residency

Module: TypeAlias = Any
"""A module of diffusers or transformers; neither ships types."""


@dataclass(frozen=True, slots=True)
class TextTower:
    """One CLIP text encoder with its tokenizer."""

    encoder: Module
    tokenizer: Module
    pad_id: int
    final_norm: bool
    """Whether the hidden states pass the last layer norm (SD 1.x, 2.x) or not (SDXL)."""
    skip: int = 1
    """Layer counted from the end when the request says clip skip 1 (SD 2.x, SDXL: 2)."""
    projected: bool = False
    """Whether its pooled output conditions the UNet (SDXL's second tower)."""

    @property
    def width(self) -> int:
        """Numbers per token."""
        return int(self.encoder.config.hidden_size)


@dataclass(frozen=True, slots=True)
class Model:
    """UNet, VAE and text encoders of one checkpoint on one device."""

    info: CheckpointInfo
    unet: Module
    vae: Module
    towers: tuple[TextTower, ...]
    levels: NoiseLevels
    v_prediction: bool
    device: torch.device
    dtype: torch.dtype
    residency: Residency
    """Where the modules are while they do not work."""

    heard: "OrderedDict[Hashable, Conditioning]" = field(default_factory=OrderedDict, repr=False)
    """Prompts encoded lately, the last one last; see `text.encode`."""

    @property
    def latent_scale(self) -> int:
        """Pixels per latent cell, along one side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def latent_channels(self) -> int:
        """Numbers per latent cell."""
        return int(self.unet.config.in_channels)

    @property
    def is_xl(self) -> bool:
        """Conditioned on picture size and a pooled text vector, as SDXL is."""
        return bool(self.unet.config.addition_embed_type == "text_time")

    @property
    def hears_score(self) -> bool:
        """Told an aesthetic score instead of a target size, as SDXL's refiner is."""
        if not self.is_xl:
            return False
        config, tower = self.unet.config, self.towers[-1].encoder.config
        told = config.projection_class_embeddings_input_dim - tower.projection_dim
        return bool(told == 5 * config.addition_time_embed_dim)

    def byte_count(self) -> int:
        """Memory of all weights."""
        modules: list[nn.Module] = [self.unet, self.vae, *(t.encoder for t in self.towers)]
        return sum(p.numel() * p.element_size() for m in modules for p in m.parameters())


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What the UNet hears of one prompt.

    `context`: 1 × (77 n) × width, one block of 77 tokens per chunk. `pooled`: 1 × width of the
    projection, only for SDXL.
    """

    context: Tensor
    pooled: Tensor | None = None
