"""Give a sprite another colour: its main colour is exchanged, its light and shade are kept."""

from __future__ import annotations

import numpy as np

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def hue_angle(rgb: np.ndarray) -> np.ndarray:
    """Hue in radians of an array of RGB values in 0..1 (last axis)."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)


def main_part(sprite: np.ndarray) -> np.ndarray:
    """How much each pixel belongs to the main colour of a float RGBA sprite, 0..1.

    That is every pixel near the dominant hue, or, in a sprite that has hardly any colour,
    every pixel that is not nearly black.
    """
    rgb, alpha = sprite[..., :3], sprite[..., 3]
    chroma = rgb.max(-1) - rgb.min(-1)
    weight = chroma * alpha
    if weight.sum() < 0.2 * alpha.sum():
        return np.clip((rgb @ LUMA - 0.3) / 0.15, 0, 1)
    angle = hue_angle(rgb)
    dominant = np.angle((weight * np.exp(1j * angle)).sum())
    distance = np.abs(np.angle(np.exp(1j * (angle - dominant))))
    near = np.clip((1.25 - distance) / 0.35, 0, 1)
    return near * np.clip((chroma - 0.08) / 0.12, 0, 1)


def recolour(sprite: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """A uint8 RGBA sprite with its main colour replaced by ``rgb``."""
    source = sprite.astype(np.float32) / 255
    part = main_part(source)
    luma = source[..., :3] @ LUMA
    weight = part * source[..., 3]
    level = luma / max(float((luma * weight).sum() / max(weight.sum(), 1e-6)), 1e-3)
    base = np.array(rgb, np.float32) / 255
    dark = base * np.clip(level, 0, 1)[..., None] ** 0.8
    light = np.clip(level - 1, 0, 1)[..., None] * 0.7
    painted = dark + (1 - dark) * light
    mixed = source[..., :3] * (1 - part[..., None]) + painted * part[..., None]
    result = np.dstack([np.clip(mixed, 0, 1), source[..., 3]])
    return (result * 255 + 0.5).astype(np.uint8)
