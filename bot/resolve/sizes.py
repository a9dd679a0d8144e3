"""Width and height of a picture, in pixels (pure)."""

import math
from dataclasses import dataclass

from bot.config import LimitsConfig
from bot.domain import CheckpointInfo

SMALLEST = 64
"""Shortest side in pixels; half the native size where that is less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a picture may measure: sides are multiples of `multiple`."""

    multiple: int
    max_side: int
    max_pixels: int
    native: int
    """Side of the squares that the checkpoint was trained on."""

    @property
    def longest(self) -> int:
        """The longest allowed side."""
        return max(self.multiple, self.max_side // self.multiple * self.multiple)

    @property
    def shortest(self) -> int:
        """The shortest allowed side."""
        least = -(-min(SMALLEST, self.native // 2) // self.multiple) * self.multiple
        return min(least, self.longest)

    def exceeded_by(self, width: float, height: float) -> bool:
        """Whether a size has to be scaled, not merely rounded."""
        return (
            max(width, height) > self.max_side
            or width * height > self.max_pixels
            or round(min(width, height)) < self.shortest
        )


def bounds_of(limits: LimitsConfig, checkpoint: CheckpointInfo) -> Bounds:
    """What the installation and the checkpoint allow together."""
    return Bounds(
        multiple=checkpoint.size_multiple,
        max_side=min(limits.max_side, checkpoint.max_side),
        max_pixels=limits.max_pixels,
        native=checkpoint.native_size,
    )


def wanted(
    width: int | None,
    height: int | None,
    ratio: float | None,
    default: tuple[int, int],
    native: int,
) -> tuple[float, float]:
    """The size that was meant, before any limit.

    `ratio` is width to height, from the request or from the source picture. A missing side
    follows from it, or is the default one; with a ratio alone the area is the native one.
    """
    if width is not None and height is not None:
        return float(width), float(height)
    if width is not None:
        return float(width), width / ratio if ratio else float(default[1])
    if height is not None:
        return height * ratio if ratio else float(default[0]), float(height)
    if ratio is not None:
        return native * math.sqrt(ratio), native / math.sqrt(ratio)
    return float(default[0]), float(default[1])


def fit(width: float, height: float, bounds: Bounds) -> tuple[int, int]:
    """The nearest allowed size, keeping the ratio as far as the limits let it."""
    scale = min(
        1.0,
        bounds.longest / max(width, height),
        math.sqrt(bounds.max_pixels / (width * height)),
    )
    # What is scaled is rounded down, so that a square stays one; else to the nearest multiple.
    up = 0.5 if scale == 1.0 else 1e-6
    sides = [_to_multiple(side * scale, up, bounds) for side in (width, height)]
    while sides[0] * sides[1] > bounds.max_pixels and max(sides) > bounds.shortest:
        sides[sides.index(max(sides))] -= bounds.multiple
    return sides[0], sides[1]


def _to_multiple(side: float, up: float, bounds: Bounds) -> int:
    rounded = math.floor(side / bounds.multiple + up) * bounds.multiple
    return max(bounds.shortest, min(bounds.longest, rounded))
