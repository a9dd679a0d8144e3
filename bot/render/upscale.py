"""From the first pass of hires fix to the start of the second: a larger latent."""

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from bot.errors import BadOutput
from bot.render import vae
from bot.render.model import Model

_LATENT = {
    "Latent": ("bilinear", False),
    "Latent (antialiased)": ("bilinear", True),
    "Latent (bicubic)": ("bicubic", False),
    "Latent (bicubic antialiased)": ("bicubic", True),
    "Latent (nearest)": ("nearest", False),
    "Latent (nearest-exact)": ("nearest-exact", False),
}
"""How torch interpolates, and whether with a filter against aliasing."""
_PIXELS = {"Lanczos": Image.Resampling.LANCZOS, "Nearest": Image.Resampling.NEAREST}


@torch.inference_mode()
def enlarge(model: Model, latent: Tensor, width: int, height: int, upscaler: str) -> Tensor:
    """A latent (1 × C × h × w) as one of a picture of width × height pixels.

    `upscaler` is one of `bot.upscalers`: the Latent ones interpolate the latent, the others decode
    it, resize the picture and encode it again.

    Raises:
        BadOutput: the latent is not finite, or makes no picture.
        KeyError: no such upscaler.
    """
    if not bool(torch.isfinite(latent).all()):
        raise BadOutput("latent is not finite")
    if upscaler in _LATENT:
        mode, antialias = _LATENT[upscaler]
        cells = (height // model.latent_scale, width // model.latent_scale)
        return functional.interpolate(latent, cells, mode=mode, antialias=antialias)
    picture = vae.decode(model, latent).resize((width, height), _PIXELS[upscaler])
    return vae.encode_picture(model, picture)
