"""Name the colour of pixels as a person would, without a look at how the data are painted.

Every pixel takes the basic name of the nearest colour keyword of CSS Color Module Level 4 in OKLab
(Ottosson, 2020). Keywords on the border between two basic names (teal, gold, salmon) are left out.
"""

from __future__ import annotations

import numpy as np

from demo_model.vocabulary import COLOURS

KEYWORDS: dict[str, tuple[str, ...]] = {
    "red": ("ff0000", "dc143c", "b22222", "8b0000", "cd5c5c"),
    "orange": ("ffa500", "ff8c00", "e67e22", "ffb347"),
    "yellow": ("ffff00", "ffd700", "fafad2", "f0e68c", "ffe135"),
    "green": ("008000", "00ff00", "228b22", "32cd32", "90ee90", "3cb371", "006400", "9acd32"),
    "blue": ("0000ff", "4169e1", "1e90ff", "00bfff", "000080", "87cefa", "4682b4", "6495ed"),
    "purple": ("800080", "8a2be2", "9370db", "4b0082", "9932cc", "ba55d3"),
    "pink": ("ffc0cb", "ff69b4", "ffb6c1", "ff1493", "db7093"),
    "black": ("000000", "1c1c1c", "303034"),
    "white": ("ffffff", "f5f5f5", "f8f8ff", "e6e6ee"),
    "gray": ("808080", "a9a9a9", "696969", "778899", "c0c0c0"),
    "brown": ("a52a2a", "8b4513", "a0522d", "654321", "966b48"),
}
NAMES = tuple(colour.name for colour in COLOURS)
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """OKLab of sRGB values in 0..255 (last axis)."""
    part = np.asarray(rgb, np.float64) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ TO_LMS.T) @ TO_LAB.T


OWNERS = np.array([NAMES.index(name) for name, codes in KEYWORDS.items() for _ in codes])
ANCHORS = oklab(np.array([list(bytes.fromhex(c)) for codes in KEYWORDS.values() for c in codes]))


def shares(pixels: np.ndarray) -> np.ndarray:
    """Share of each of the ``NAMES`` among RGB pixels (n, 3) in 0..255."""
    far = np.linalg.norm(oklab(pixels)[:, None] - ANCHORS, axis=-1)
    counts = np.bincount(OWNERS[far.argmin(1)], minlength=len(NAMES))
    return counts / max(len(pixels), 1)


def colour_name(pixels: np.ndarray) -> str:
    """The name that most of the pixels take."""
    return NAMES[int(shares(pixels).argmax())]
