"""Give a sprite another colour: its main colour is exchanged, its light and shade are kept."""

from __future__ import annotations

import numpy as np

from demo_model.parts import PARTS, Part

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def hue_angle(rgb: np.ndarray) -> np.ndarray:
    """Hue in radians of an array of RGB values in 0..1 (last axis)."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)


def near_part(rgb: np.ndarray, part: Part) -> np.ndarray:
    """How much nearer each pixel is to the colours that are exchanged than to the others, 0..1."""

    def nearest(colours: tuple[tuple[int, int, int], ...]) -> np.ndarray:
        steps = rgb[..., None, :] - np.array(colours, np.float32) / 255
        return np.linalg.norm(steps, axis=-1).min(-1)

    if not part.keeps:
        return np.ones(rgb.shape[:-1], np.float32)
    return np.clip(0.5 + (nearest(part.keeps) - nearest(part.takes)) / 0.2, 0, 1)


def main_part(sprite: np.ndarray, thing: str = "") -> np.ndarray:
    """How much each pixel of a float RGBA sprite takes a new colour, 0..1.

    That is the part given by hand for the object (``parts.PARTS``); else every pixel near the
    dominant hue, or, in a sprite that has hardly any colour, every pixel that is not nearly black.
    """
    rgb, alpha = sprite[..., :3], sprite[..., 3]
    if thing in PARTS:
        return near_part(rgb, PARTS[thing])
    chroma = rgb.max(-1) - rgb.min(-1)
    weight = chroma * alpha
    if weight.sum() < 0.2 * alpha.sum():
        return np.clip((rgb @ LUMA - 0.3) / 0.15, 0, 1)
    angle = hue_angle(rgb)
    dominant = np.angle((weight * np.exp(1j * angle)).sum())
    distance = np.abs(np.angle(np.exp(1j * (angle - dominant))))
    near = np.clip((1.25 - distance) / 0.35, 0, 1)
    return near * np.clip((chroma - 0.08) / 0.12, 0, 1)


def shaded(base: np.ndarray, level: np.ndarray) -> np.ndarray:
    """``base`` (three values in 0..1) in light of ``level``, 1 being the mean.

    Shade dims the strongest channel least, so that shaded yellow leans to orange, not to olive.
    """
    low, high = base.min(), base.max()
    lead = ((base - low) / max(high - low, 1e-3)) ** 3 * (high - low) / high
    dark = base * np.clip(level, 0, 1)[..., None] ** (0.75 - 0.4 * lead)
    return dark + (1 - dark) * np.clip(level - 1, 0, 1)[..., None] * 0.6


def recolour(sprite: np.ndarray, rgb: tuple[int, int, int], thing: str = "") -> np.ndarray:
    """A uint8 RGBA sprite of ``thing`` with its main colour replaced by ``rgb``."""
    source = sprite.astype(np.float32) / 255
    part = main_part(source, thing)
    luma = source[..., :3] @ LUMA
    weight = part * source[..., 3]
    level = luma / max(float((luma * weight).sum() / max(weight.sum(), 1e-6)), 1e-3)
    painted = shaded(np.array(rgb, np.float32) / 255, level)
    mixed = source[..., :3] * (1 - part[..., None]) + painted * part[..., None]
    result = np.dstack([np.clip(mixed, 0, 1), source[..., 3]])
    return (result * 255 + 0.5).astype(np.uint8)
