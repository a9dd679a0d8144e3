"""How much of a device's memory is for what: where weights stay, and how large a call may be.

The working memory per number below was counted over all tensors alive during one call of the
full-size modules (`tests/test_render_room.py` counts it again).
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

Wish: TypeAlias = Literal["auto", "high", "medium", "low"]

_UNET_ITEMS = 8400
"""Numbers alive at once per row and latent cell, in a UNet whose first layer has 320 channels."""
_VAE_ITEMS = 770
"""The same per pixel, in a VAE whose first layer has 128 channels."""
TILE_SIDE = 512
"""Of a tile, in pixels; tiles overlap by a quarter and are blended there."""
_RESERVE = 800 * 10**6
"""Bytes for the driver's context and for what lies too scattered to be used."""
_SLACK = 1.25
"""Kernels take scratch memory besides the tensors."""


class Level(IntEnum):
    """What stays on the device between uses."""

    HIGH = 3
    """Everything."""
    MEDIUM = 2
    """The UNet; text encoders and VAE only visit."""
    LOW = 1
    """Nothing large: the UNet's blocks visit one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Of one checkpoint, as it will be in memory: bytes of weights, and what a call takes."""

    unet: int
    vae: int
    text: int
    item: int
    """Bytes per number in the UNet."""
    unet_width: int = 320
    vae_width: int = 128
    native_size: int = 512
    """Side of the usual picture in pixels."""
    scale: int = 8
    """Pixels per latent cell along one side."""

    @property
    def weights(self) -> int:
        """Bytes of all parts."""
        return self.unet + self.vae + self.text

    def row(self, pixels: int) -> int:
        """Working bytes of one row of the UNet for a picture of so many pixels."""
        cells = pixels // self.scale**2
        return int(cells * _UNET_ITEMS * self.unet_width / 320 * self.item * _SLACK)

    def decoding(self, pixels: int) -> int:
        """Working bytes of the VAE for so many pixels at once.

        Counted in fp32: a VAE that overflows in half precision is run again so.
        """
        return int(pixels * _VAE_ITEMS * self.vae_width / 128 * 4 * _SLACK)

    def needed(self, level: Level) -> int:
        """Device memory with which a usual picture can be drawn at this level."""
        native = self.native_size**2
        guided = 2 * self.row(native)
        if level is Level.HIGH:
            return self.weights + max(guided, self.decoding(native)) + _RESERVE
        tile = self.vae + self.decoding(min(native, TILE_SIDE**2))
        if level is Level.MEDIUM:
            return self.unet + max(guided, tile, self.text) + _RESERVE
        return max(guided + self.unet // 8, tile, self.text) + _RESERVE


@dataclass(frozen=True, slots=True)
class Memory:
    """What a device has."""

    total: int
    """Bytes."""
    own: bool
    """A card's own, beside the main memory. Where it is the main memory, nothing is won by taking
    weights away from the device."""


@dataclass(frozen=True, slots=True)
class Room:
    """What one checkpoint may use of the device's memory."""

    level: Level
    sizes: Sizes
    memory: Memory
    words: str
    """For the operator: what holds, and why."""

    @property
    def is_tight(self) -> bool:
        """Whether weights leave the device between uses."""
        return self.memory.own and self.level is not Level.HIGH

    @property
    def staying(self) -> int:
        """Bytes of weights that lie on the device between uses."""
        if not self.is_tight:
            return self.sizes.weights
        return self.sizes.unet if self.level is Level.MEDIUM else 0

    @property
    def visiting(self) -> int:
        """Bytes of weights that lie in main memory instead."""
        return self.sizes.weights - self.staying

    def rows(self, pixels: int) -> int:
        """Rows of one UNet call that fit for pictures of this size; at least one."""
        if self.level is Level.LOW:
            return 2
        staying = self.sizes.unet if self.is_tight else self.sizes.weights
        return max(1, (self.memory.total - staying - _RESERVE) // self.sizes.row(pixels))

    def tiles(self, pixels: int) -> bool:
        """Whether the VAE should work in tiles at this size."""
        if pixels <= TILE_SIDE**2:
            return False
        if self.level is Level.LOW:
            return True
        staying = self.sizes.weights - (self.sizes.text if self.is_tight else 0)
        return staying + self.sizes.decoding(pixels) + _RESERVE > self.memory.total


def room(wish: Wish, sizes: Sizes, memory: Memory) -> Room:
    """The level for one checkpoint: the one wished for, or the highest that fits."""
    if wish != "auto":
        return Room(Level[wish.upper()], sizes, memory, f"{wish}, as [render] vram says")
    have = f"{memory.total / 2**30:.1f} GB"
    if not memory.own:
        return Room(Level.HIGH, sizes, memory, f"high (auto): the device uses main memory, {have}")
    fitting = [level for level in Level if sizes.needed(level) <= memory.total]
    level = max(fitting, default=Level.LOW)
    have += " of graphics memory"
    if level is Level.HIGH:
        why = f"{have} hold {sizes.weights / 2**30:.1f} GB of weights and the work on them"
    else:
        next_up = Level(level + 1)
        why = f"{have}; {next_up.name.lower()} would need {sizes.needed(next_up) / 2**30:.1f} GB"
    return Room(level, sizes, memory, f"{level.name.lower()} (auto): {why}")
