"""Source pictures: limits first, decoding second."""

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.errors import UnusablePicture
from bot.pictures import MAX_BYTES, open_source


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def fault(content: bytes) -> str:
    with pytest.raises(UnusablePicture) as refused:
        open_source(content)
    return refused.value.phrases[0].key


def test_a_picture_comes_back_as_a_plain_png() -> None:
    """Size kept."""
    source = open_source(encoded(Image.new("RGB", (30, 20), "red"), "JPEG"))
    assert (source.width, source.height) == (30, 20)
    assert Image.open(io.BytesIO(source.png)).format == "PNG"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_the_listed_formats_open(kind: str) -> None:
    """What members really send."""
    assert open_source(encoded(Image.new("RGB", (8, 8), "blue"), kind)).notes == ()


def test_sixteen_bits_of_grey_stay_grey() -> None:
    """Scaled to eight, not cut off to white."""
    grey = Image.frombytes("I;16", (4, 4), struct.pack("<H", 0x4E20) * 16)
    with Image.open(io.BytesIO(open_source(encoded(grey)).png)) as opened:
        assert opened.getpixel((0, 0)) == (0x4E, 0x4E, 0x4E)


def test_a_text_file_called_png_is_no_picture() -> None:
    """The content decides, not the name."""
    assert fault(b"just some text, whatever its name") == "picture-not-a-picture"


def test_a_format_that_is_not_listed_is_refused() -> None:
    """TIFF opens in Pillow, but not here."""
    assert fault(encoded(Image.new("RGB", (8, 8)), "TIFF")) == "picture-not-a-picture"


def test_a_picture_that_is_too_heavy_is_refused_unopened() -> None:
    """More than 20 MB."""
    assert fault(b"\x89PNG" + bytes(MAX_BYTES)) == "picture-too-large"


def test_a_decompression_bomb_is_refused_before_decoding() -> None:
    """A small file that claims 30,000 × 30,000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    png += struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT" + bytes(4)
    assert fault(png) == "picture-too-many-pixels"


def test_a_long_thin_picture_is_refused() -> None:
    """A side ratio above 20."""
    assert fault(encoded(Image.new("RGB", (2100, 100)))) == "picture-too-thin"


def test_a_truncated_picture_is_damaged() -> None:
    """Half a file is told as such."""
    content = encoded(Image.effect_noise((200, 200), 90), "PNG")
    assert fault(content[: len(content) // 2]) == "picture-damaged"


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    """Only one frame can be drawn from."""
    frames = [Image.new("RGB", (16, 16), c) for c in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    source = open_source(content)
    assert [n.key for n in source.notes] == ["picture-first-frame"]
    assert Image.open(io.BytesIO(source.png)).getpixel((3, 3)) == (255, 0, 0)


def test_transparency_becomes_white() -> None:
    """The model knows no alpha."""
    source = open_source(encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0))))
    assert Image.open(io.BytesIO(source.png)).getpixel((0, 0)) == (255, 255, 255)


def test_a_turned_photo_stands_upright() -> None:
    """The orientation in the EXIF data is applied, and the data dropped."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where I live"
    source = open_source(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif))
    assert (source.width, source.height) == (20, 40)
    assert b"where I live" not in source.png


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=20),
)
def test_damaged_pictures_are_opened_or_refused_and_nothing_else(
    seed: int, kind: str, damage: list[tuple[float, int]]
) -> None:
    """Whatever bytes are changed: a picture, or an UnusablePicture."""
    content = bytearray(encoded(Image.new("RGB", (24, 24), (seed % 256, 90, 10)), kind))
    for where, value in damage:
        content[int(where * (len(content) - 1))] = value
    with contextlib.suppress(UnusablePicture):
        open_source(bytes(content))
