"""Several pictures as one, for a chat where a message shows one picture."""

import io
from collections.abc import Sequence

from PIL import Image

MOST = 4
"""Pictures beyond this are too small to be judged in a grid."""
LONGEST_SIDE = 2560
"""Pixels; what chats show is smaller still, and the originals can be had."""
_GAP = 8
_GROUND = (127, 127, 127)
_QUALITY = 92


def columns(count: int, width: int, height: int) -> int:
    """How many of `count` pictures of this size stand in a row, so that the whole comes near to a
    square and has few empty places."""

    def oddness(across: int) -> float:
        down = -(-count // across)
        wide, high = across * width, down * height
        return round(max(wide, high) / min(wide, high) * (across * down / count) ** 2, 3)

    return min(range(count, 0, -1), key=oddness)


def grid(pngs: Sequence[bytes]) -> bytes:
    """A JPEG with the pictures in their order, row by row. Slow: not for the event loop."""
    pictures = [_opened(png) for png in pngs]
    width = max(picture.width for picture in pictures)
    height = max(picture.height for picture in pictures)
    across = columns(len(pictures), width, height)
    down = -(-len(pictures) // across)
    scale = min(
        1.0,
        (LONGEST_SIDE - (across - 1) * _GAP) / (across * width),
        (LONGEST_SIDE - (down - 1) * _GAP) / (down * height),
    )
    cell = max(1, int(width * scale)), max(1, int(height * scale))
    sheet = Image.new(
        "RGB",
        (across * cell[0] + (across - 1) * _GAP, down * cell[1] + (down - 1) * _GAP),
        _GROUND,
    )
    for number, picture in enumerate(pictures):
        picture.thumbnail(cell, Image.Resampling.LANCZOS)
        row, column = divmod(number, across)
        left = column * (cell[0] + _GAP) + (cell[0] - picture.width) // 2
        top = row * (cell[1] + _GAP) + (cell[1] - picture.height) // 2
        sheet.paste(picture, (left, top))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return out.getvalue()


def _opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return image.convert("RGB")
