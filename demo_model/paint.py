"""Painted backgrounds: simple scenes, drawn at twice the size and scaled down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

SIDE = 128
BIG = 2 * SIDE
RGB = tuple[int, int, int]
Rng = np.random.Generator


def vary(rng: Rng, colour: RGB, amount: int = 10) -> RGB:
    """A colour near ``colour``."""
    moved = np.clip(np.array(colour) + rng.integers(-amount, amount + 1, 3), 0, 255)
    return int(moved[0]), int(moved[1]), int(moved[2])


def gradient(top: RGB, bottom: RGB) -> Image.Image:
    """A big canvas going from one colour at the top to another at the bottom."""
    ramp = np.linspace(0, 1, BIG)[:, None, None]
    rows = np.array(top) * (1 - ramp) + np.array(bottom) * ramp
    return Image.fromarray(np.repeat(rows, BIG, axis=1).astype(np.uint8))


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: RGB) -> None:
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=fill)


def cloud(draw: ImageDraw.ImageDraw, x: int, y: int, size: int, fill: RGB) -> None:
    for dx, dy, share in ((-1, 0.2, 0.7), (0, 0, 1), (1, 0.2, 0.75), (0.4, -0.3, 0.6)):
        wide, high = share * size, share * size * 0.7
        cx, cy = x + dx * size, y + dy * size
        draw.ellipse([cx - wide, cy - high, cx + wide, cy + high], fill=fill)


def dots(draw: ImageDraw.ImageDraw, rng: Rng, count: int, sizes: list[int], fill: RGB) -> None:
    for _ in range(count):
        disc(draw, *rng.integers(0, BIG, 2), int(rng.choice(sizes)), fill)


def beach(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (120, 196, 245)), vary(rng, (200, 234, 252)))
    draw = ImageDraw.Draw(image)
    sea = int(rng.integers(112, 130))
    sand = sea + int(rng.integers(42, 56))
    draw.rectangle([0, sea, BIG, sand], fill=vary(rng, (38, 140, 206)))
    draw.rectangle([0, sand, BIG, BIG], fill=vary(rng, (238, 212, 150)))
    for x in range(-10, BIG + 20, 24):
        draw.ellipse([x, sand - 8, x + 34, sand + 8], fill=(232, 246, 250))
    disc(draw, int(rng.choice([38, 214])), 42, 24, (255, 226, 96))
    cloud(draw, int(rng.integers(100, 160)), int(rng.integers(28, 48)), 18, (255, 255, 255))
    return image


def night(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (14, 18, 54), 6), vary(rng, (48, 50, 110), 6))
    draw = ImageDraw.Draw(image)
    dots(draw, rng, 40, [1, 1, 2, 3], (255, 255, 230))
    x, y = int(rng.choice([42, 210])), 42
    disc(draw, x, y, 26, (250, 240, 190))
    disc(draw, x + 12, y - 8, 25, (24, 28, 66))
    return image


def space(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (8, 6, 22), 5), vary(rng, (40, 14, 62), 6))
    draw = ImageDraw.Draw(image)
    dots(draw, rng, 60, [1, 1, 1, 2], (225, 225, 255))
    x, y = int(rng.choice([40, 216])), 44
    radius = int(rng.integers(20, 28))
    disc(draw, x, y, radius, vary(rng, (222, 140, 90), 20))
    ring = [x - radius * 1.6, y + 8, x + radius * 1.6, y - 8]
    draw.line(ring, fill=(240, 220, 180), width=5)
    return image


def meadow(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (120, 200, 250)), vary(rng, (214, 240, 255)))
    draw = ImageDraw.Draw(image)
    hill = int(rng.integers(142, 160))
    near = vary(rng, (96, 178, 72))
    draw.ellipse([-80, hill - 24, 190, hill + 260], fill=vary(rng, (120, 196, 84)))
    draw.ellipse([70, hill - 14, 360, hill + 260], fill=near)
    draw.rectangle([0, hill + 26, BIG, BIG], fill=near)
    petals: list[RGB] = [(255, 255, 255), (255, 220, 80), (250, 130, 170)]
    for _ in range(16):
        x, y = int(rng.integers(0, BIG)), int(rng.integers(hill + 34, BIG - 2))
        disc(draw, x, y, 4, petals[int(rng.integers(3))])
    cloud(draw, int(rng.integers(40, 90)), int(rng.integers(28, 50)), 18, (255, 255, 255))
    cloud(draw, int(rng.integers(170, 220)), int(rng.integers(28, 60)), 14, (255, 255, 255))
    return image


def snow(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (150, 184, 222)), vary(rng, (208, 226, 244)))
    draw = ImageDraw.Draw(image)
    hill = int(rng.integers(156, 176))
    draw.ellipse([-60, hill - 20, 200, hill + 200], fill=(246, 250, 255))
    draw.ellipse([90, hill - 10, 330, hill + 200], fill=(234, 243, 253))
    draw.rectangle([0, hill + 30, BIG, BIG], fill=(240, 247, 255))
    dots(draw, rng, 55, [2, 3, 4], (255, 255, 255))
    return image


def sunset(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (92, 52, 132)), vary(rng, (255, 168, 84)))
    draw = ImageDraw.Draw(image)
    sea = int(rng.integers(166, 182))
    x = int(rng.integers(90, 166))
    disc(draw, x, sea, 48, (255, 222, 120))
    draw.rectangle([0, sea, BIG, BIG], fill=vary(rng, (84, 44, 92)))
    for k in range(5):
        half, y = 46 - k * 8, sea + 8 + k * 13
        draw.rectangle([x - half, y, x + half, y + 4], fill=(250, 170, 100))
    return image


def forest(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (150, 206, 190)), vary(rng, (196, 228, 190)))
    draw = ImageDraw.Draw(image)
    for colour, ground in (((74, 140, 98), 150), ((46, 112, 72), 178)):
        for start in range(-10, BIG + 14, 36):
            x = start + int(rng.integers(-8, 9))
            high = int(rng.integers(70, 120))
            draw.rectangle([x - 4, ground, x + 4, ground + 30], fill=(96, 66, 46))
            tip = [(x - 26, ground + 8), (x + 26, ground + 8), (x, ground - high)]
            draw.polygon(tip, fill=vary(rng, colour, 8))
    draw.rectangle([0, 196, BIG, BIG], fill=vary(rng, (82, 140, 70)))
    return image


def desert(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (250, 206, 140)), vary(rng, (255, 236, 196)))
    draw = ImageDraw.Draw(image)
    dune = int(rng.integers(142, 160))
    near = vary(rng, (216, 158, 84))
    draw.ellipse([-100, dune - 20, 180, dune + 240], fill=vary(rng, (232, 178, 102)))
    draw.ellipse([60, dune, 400, dune + 240], fill=near)
    draw.rectangle([0, dune + 50, BIG, BIG], fill=near)
    disc(draw, int(rng.choice([46, 206])), 46, 22, (255, 246, 214))
    for x in (26, 228):
        y, green = dune + 10, (72, 140, 88)
        draw.rectangle([x - 6, y - 44, x + 6, y + 16], fill=green)
        draw.rectangle([x - 20, y - 26, x - 12, y - 8], fill=green)
        draw.rectangle([x - 20, y - 14, x, y - 6], fill=green)
    return image


def underwater(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (70, 178, 226)), vary(rng, (12, 56, 120)))
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, 228, BIG, BIG], fill=vary(rng, (194, 172, 122)))
    for _ in range(16):
        x, y, size = int(rng.integers(0, BIG)), int(rng.integers(0, 216)), int(rng.integers(3, 9))
        draw.ellipse([x - size, y - size, x + size, y + size], outline=(206, 240, 255), width=2)
    for x in (16, 38, 218, 240):
        high = int(rng.integers(40, 80))
        weed = [x, 232, x + 8, 232 - high // 2, x - 4, 232 - high]
        draw.line(weed, fill=(42, 140, 92), width=8)
    return image


def city(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (140, 200, 244)), vary(rng, (226, 240, 250)))
    draw = ImageDraw.Draw(image)
    x = -6
    while x < BIG:
        wide, top = int(rng.integers(34, 52)), int(rng.integers(60, 130))
        draw.rectangle([x, top, x + wide, 210], fill=vary(rng, (136, 150, 176), 12))
        for y in range(top + 8, 200, 16):
            for left in range(x + 6, x + wide - 8, 13):
                draw.rectangle([left, y, left + 6, y + 8], fill=(206, 224, 240))
        x += wide + 2
    draw.rectangle([0, 208, BIG, BIG], fill=(110, 112, 122))
    for left in range(6, BIG, 44):
        draw.rectangle([left, 232, left + 22, 237], fill=(236, 230, 200))
    return image


def rain(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (92, 106, 126)), vary(rng, (146, 160, 178)))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = (int(v) for v in rng.integers(0, BIG, 2))
        draw.line([x, y, x - 5, y + 15], fill=(190, 214, 238), width=2)
    cloud(draw, 60, 22, 34, (70, 80, 96))
    cloud(draw, 190, 26, 38, (78, 88, 104))
    draw.rectangle([0, 224, BIG, BIG], fill=(84, 96, 114))
    return image


BANDS: tuple[RGB, ...] = (
    (238, 72, 66),
    (250, 160, 60),
    (252, 222, 80),
    (104, 192, 96),
    (78, 146, 238),
    (150, 100, 216),
    (206, 234, 252),
)


def rainbow(rng: Rng) -> Image.Image:
    image = gradient(vary(rng, (134, 206, 250)), vary(rng, (226, 244, 255)))
    draw = ImageDraw.Draw(image)
    for k, colour in enumerate(BANDS):
        disc(draw, 128, 176, 126 - k * 9, colour)
    draw.rectangle([0, 176, BIG, BIG], fill=vary(rng, (120, 192, 98)))
    cloud(draw, 30, 176, 20, (255, 255, 255))
    cloud(draw, 226, 176, 20, (255, 255, 255))
    return image


PAINTERS: dict[str, Callable[[Rng], Image.Image]] = {
    painter.__name__: painter
    for painter in (
        beach, night, space, meadow, snow, sunset, forest, desert, underwater, city, rain, rainbow,
    )
}  # fmt: skip


def paint(name: str, rng: Rng) -> np.ndarray:
    """A picture of the scene ``name`` as uint8 (128, 128, 3)."""
    image = PAINTERS[name](rng).resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image)
