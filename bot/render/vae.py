"""Between pixels and latents; and a rough picture of a latent for next to nothing."""

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional

from bot.errors import BadOutput, OutOfMemory, RenderError
from bot.render.device import free_cache, is_out_of_memory
from bot.render.model import Model
from bot.render.room import TILE_SIDE

log = logging.getLogger(__name__)

_PREVIEW_SIDE = 256


def encode(model: Model, png: bytes, width: int, height: int) -> Tensor:
    """A picture as latent (1 × C × h × w, fp32): scaled and centre-cropped to width × height.

    The mean of the VAE's distribution is taken, so that the same picture is the same latent.

    Raises:
        RenderError: the bytes are no picture.
    """
    try:
        with Image.open(io.BytesIO(png)) as opened:
            picture = ImageOps.fit(opened.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise RenderError(f"input picture: {error}") from error
    return encode_picture(model, picture)


def encode_picture(model: Model, picture: Image.Image) -> Tensor:
    """An RGB picture as latent (1 × C × h × w, fp32)."""
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    pixels = pixels.reshape(1, picture.height, picture.width, 3).permute(0, 3, 1, 2)
    return encode_pixels(model, pixels.float() / 127.5 - 1)


@torch.inference_mode()
def encode_pixels(model: Model, pixels: Tensor) -> Tensor:
    """N × 3 × H × W in -1…1 to latents.

    Raises:
        BadOutput: not a number; after a second try in fp32.
        OutOfMemory: not even a tile fits.
    """
    latent = _precisely(model, lambda: _latent(model, pixels), lambda x: not _is_finite(x))
    if latent is None:
        raise BadOutput("the VAE made no latent of the picture")
    return (latent - _shift(model)) * float(model.vae.config.scaling_factor)


@torch.inference_mode()
def decode(model: Model, latent: Tensor) -> Image.Image:
    """The picture of one latent.

    Raises:
        BadOutput: not a number, or a single colour; after a second try in fp32.
        OutOfMemory: not even a tile fits.
    """
    if not _is_finite(latent):
        raise BadOutput("latent is not finite")
    pixels = _precisely(model, lambda: _pixels(model, latent), _is_blank)
    if pixels is None:
        raise BadOutput("the VAE made no picture")
    return Image.fromarray(_bytes(pixels)[0].permute(1, 2, 0).cpu().numpy())


def _precisely(
    model: Model, work: Callable[[], Tensor], is_bad: Callable[[Tensor], bool]
) -> Tensor | None:
    """The VAE's work; once more in fp32 if it came out bad, and None if it is bad then too.

    A VAE that needed fp32 once keeps it: SDXL's always does.
    """
    made, kept = work(), model.vae.dtype
    if not is_bad(made):
        return made
    if kept == torch.float32:
        return None
    log.info("%s: the VAE fails in %s and goes on in fp32", model.info.name, kept)
    model.residency.recast(model.vae, torch.float32)
    made = work()
    if not is_bad(made):
        return made
    model.residency.recast(model.vae, kept)
    return None


def _latent(model: Model, pixels: Tensor) -> Tensor:
    def run() -> Tensor:
        encoded = model.vae.encode(pixels.to(model.device, model.vae.dtype))
        latent: Tensor = (
            encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
        )
        return latent.float()

    return _in_room(model, run, pixels.shape[-2] * pixels.shape[-1])


def _pixels(model: Model, latent: Tensor) -> Tensor:
    def run() -> Tensor:
        vae = model.vae
        unscaled = latent / float(vae.config.scaling_factor) + _shift(model)
        pixels: Tensor = vae.decode(unscaled.to(vae.dtype), return_dict=False)[0].float()
        return pixels

    return _in_room(model, run, latent.shape[-2] * latent.shape[-1] * model.latent_scale**2)


def _in_room(model: Model, run: Callable[[], Tensor], pixels: int) -> Tensor:
    """Whole if memory allows, in tiles if not. One picture at a time in any case: a batch of them
    would need as many times the memory and saves next to no time.

    Raises:
        OutOfMemory: not even a tile fits.
    """
    for tiled in (False, True):
        if tiled or not model.residency.room.tiles(pixels):
            made = _try(model, run, tiled=tiled)
            if made is not None:
                return made
            # Here and not in the `except`, where the failed call's tensors are still alive.
            free_cache(model.device)
    raise OutOfMemory("the VAE, even in tiles")


def _try(model: Model, run: Callable[[], Tensor], *, tiled: bool) -> Tensor | None:
    vae = model.vae
    vae.use_tiling = tiled
    vae.tile_sample_min_size = TILE_SIDE
    vae.tile_latent_min_size = TILE_SIDE // model.latent_scale
    try:
        with model.residency.working(vae):
            return run()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        log.info("%s: the VAE runs out of memory%s", model.info.name, " in tiles" * tiled)
        return None


def _shift(model: Model) -> float:
    return float(model.vae.config.get("shift_factor") or 0.0)


def _is_finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())


def _bytes(pixels: Tensor) -> Tensor:
    return ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def _is_blank(pixels: Tensor) -> bool:
    """Not a number, or one colour everywhere."""
    if not _is_finite(pixels):
        return True
    colours = _bytes(pixels).flatten(2)
    return bool((colours.amin(-1) == colours.amax(-1)).all())


@dataclass(frozen=True, slots=True)
class Preview:
    """A linear map from latent channels to colours, fitted to the VAE it is for."""

    weights: Tensor
    """(C + 1) × 3; the last row is the offset."""

    @classmethod
    @torch.inference_mode()
    def fitted(cls, model: Model) -> "Preview":
        """Least squares over a few soft colour fields that the VAE encodes (a fraction of a
        second)."""
        generator = torch.Generator().manual_seed(1)
        side = 8 * model.latent_scale
        corners = torch.rand(4, 3, 3, 3, generator=generator) * 2 - 1
        pixels = functional.interpolate(corners, size=(side, side), mode="bicubic").clamp(-1, 1)
        latents = encode_pixels(model, pixels).cpu()
        colours = functional.adaptive_avg_pool2d(pixels, (latents.shape[-2], latents.shape[-1]))
        inputs = _with_ones(latents)
        wanted = colours.permute(0, 2, 3, 1).reshape(-1, 3)
        ridge = 1e-3 * torch.eye(inputs.shape[1])
        return cls(torch.linalg.solve(inputs.T @ inputs + ridge, inputs.T @ wanted))

    def jpeg(self, latent: Tensor) -> bytes:
        """A small JPEG of one latent (1 × C × h × w, on the CPU)."""
        height, width = latent.shape[-2:]
        colours = (_with_ones(latent.float()) @ self.weights + 1) * 127.5
        pixels = colours.nan_to_num().clamp(0, 255).to(torch.uint8).reshape(height, width, 3)
        scale = _PREVIEW_SIDE / max(height, width)
        picture = Image.fromarray(pixels.numpy()).resize(
            (round(width * scale), round(height * scale)), Image.Resampling.BILINEAR
        )
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=80)
        return buffer.getvalue()


def _with_ones(latents: Tensor) -> Tensor:
    flat = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    return torch.cat([flat, torch.ones(len(flat), 1)], dim=1)
