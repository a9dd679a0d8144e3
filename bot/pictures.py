"""Opens a picture that a member sent: limits first, decoding second, metadata dropped."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import UnusablePicture
from bot.phrase import Phrase, phrase

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_RATIO = 20
_BLUR_CELLS = (8, 8)
_COVER = (512, 512)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")

# Pillow would raise an error of its own from 358 megapixels on; the stricter limit below is
# checked on the header, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePicture:
    """A decoded source: RGB PNG without metadata, upright."""

    png: bytes
    width: int
    height: int
    notes: tuple[Phrase, ...] = ()


def open_source(content: bytes) -> SourcePicture:
    """Open `content`, in the inspection process: decoders are what breaks.

    Raises:
        UnusablePicture: no picture of a known format, too large, too long and thin, or damaged.
    """
    if len(content) > MAX_BYTES:
        raise UnusablePicture(phrase("picture-too-large", most=MAX_BYTES // 2**20))
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata; it is dropped anyway.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image.width, image.height)
                animated = getattr(image, "n_frames", 1) > 1
                flat = _flatten(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise UnusablePicture(phrase("picture-not-a-picture")) from None
    except UnusablePicture:
        raise
    except Exception as error:
        # Pillow's decoders raise many kinds for damaged files: OSError, SyntaxError, struct.error…
        raise UnusablePicture(phrase("picture-damaged")) from error
    out = io.BytesIO()
    flat.save(out, "PNG", compress_level=1)
    return SourcePicture(
        png=out.getvalue(),
        width=flat.width,
        height=flat.height,
        notes=(phrase("picture-first-frame"),) if animated else (),
    )


def blurred(png: bytes) -> bytes:
    """A PNG of the same size in which nothing can be made out but its colours."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        size = image.size
        few = image.convert("RGB").resize(_BLUR_CELLS, Image.Resampling.BOX)
    out = io.BytesIO()
    few.resize(size, Image.Resampling.BICUBIC).save(out, "PNG", compress_level=1)
    return out.getvalue()


def blank() -> bytes:
    """A small grey PNG, for where a picture was."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (127, 127, 127)).save(out, "PNG")
    return out.getvalue()


def cover() -> bytes:
    """A plain grey PNG, to stand where a picture is not to be seen."""
    out = io.BytesIO()
    Image.new("RGB", _COVER, (64, 64, 64)).save(out, "PNG")
    return out.getvalue()


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise UnusablePicture(
            phrase("picture-too-many-pixels", width=str(width), height=str(height), most=25)
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise UnusablePicture(phrase("picture-too-thin"))


def _flatten(image: Image.Image) -> Image.Image:
    """RGB on white, where it was transparent."""
    if image.mode.startswith("I"):  # 16 bits a pixel; `convert` would cut off what is above 255
        image = image.point(lambda value: value / 256, "L")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        flat = Image.new("RGB", rgba.size, "white")
        flat.paste(rgba, mask=rgba.getchannel("A"))
        return flat
    return image.convert("RGB")
