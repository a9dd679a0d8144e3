"""Several pictures as one."""

import io

import pytest
from PIL import Image

from bot.grid import LONGEST_SIDE, columns, grid

COLOURS = ((200, 30, 30), (30, 160, 30), (30, 30, 200), (240, 240, 240))


def png(colour: tuple[int, int, int], size: tuple[int, int] = (256, 256)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("count", "size", "across"),
    [
        (2, (512, 512), 2),
        (2, (768, 512), 1),
        (2, (512, 768), 2),
        (3, (512, 512), 2),
        (3, (512, 1024), 3),
        (4, (512, 512), 2),
        (4, (512, 768), 2),
        (4, (2048, 512), 1),
    ],
)
def test_the_whole_comes_near_to_a_square(count: int, size: tuple[int, int], across: int) -> None:
    """Tall ones stand side by side, wide ones above each other."""
    assert columns(count, *size) == across


def test_pictures_stand_in_their_order() -> None:
    """Row by row, each in its place."""
    with Image.open(io.BytesIO(grid([png(c) for c in COLOURS]))) as whole:
        assert whole.format == "JPEG"
        assert whole.size == (520, 520)
        seen = [whole.getpixel(at) for at in ((128, 128), (392, 128), (128, 392), (392, 392))]
    for found, colour in zip(seen, COLOURS, strict=True):
        assert isinstance(found, tuple)
        assert all(abs(a - b) <= 3 for a, b in zip(found, colour, strict=True))


def test_a_grid_is_never_too_large() -> None:
    """What a chat shows is smaller; it must fit into a photo message."""
    whole = grid([png(c, (2048, 1024)) for c in COLOURS])
    with Image.open(io.BytesIO(whole)) as image:
        assert max(image.size) <= LONGEST_SIDE
        assert image.size == (2560, 1284)
