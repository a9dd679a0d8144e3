"""A finished picture as PNG, with its parameters inside as A1111 writes them."""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo


def png_bytes(image: Image.Image, infotext: str) -> bytes:
    """PNG with the chunk `parameters`: tEXt where Latin-1 suffices, else iTXt."""
    info = PngInfo()
    try:
        infotext.encode("latin-1")
        info.add_text("parameters", infotext)
    except UnicodeEncodeError:
        info.add_itxt("parameters", infotext)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=info, compress_level=4)
    return buffer.getvalue()
