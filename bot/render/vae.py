"""Between pixels and latents; and a rough picture of a latent for next to nothing."""

import io
from dataclasses import dataclass

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional

from bot.errors import BadOutput, RenderError
from bot.render.model import Model

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
    """N × 3 × H × W in -1…1 to latents."""
    vae = model.vae
    encoded = vae.encode(pixels.to(model.device, vae.dtype))
    latent: Tensor = (
        encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
    )
    return (latent.float() - _shift(model)) * float(vae.config.scaling_factor)


@torch.inference_mode()
def decode(model: Model, latent: Tensor) -> Image.Image:
    """The picture of one latent.

    Raises:
        BadOutput: not a number, or a single colour; after a second try in fp32.
    """
    if not bool(torch.isfinite(latent).all()):
        raise BadOutput("latent is not finite")
    pixels = _pixels(model, latent)
    if _is_bad(pixels) and model.vae.dtype != torch.float32:
        kept = model.vae.dtype
        model.vae.to(torch.float32)
        try:
            pixels = _pixels(model, latent)
        finally:
            model.vae.to(kept)
    if _is_bad(pixels):
        raise BadOutput("the VAE made no picture")
    bytes_ = ((pixels[0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(bytes_.permute(1, 2, 0).cpu().numpy())


def _pixels(model: Model, latent: Tensor) -> Tensor:
    vae = model.vae
    unscaled = latent / float(vae.config.scaling_factor) + _shift(model)
    pixels: Tensor = vae.decode(unscaled.to(vae.dtype), return_dict=False)[0].float()
    return pixels


def _shift(model: Model) -> float:
    return float(model.vae.config.get("shift_factor") or 0.0)


def _is_bad(pixels: Tensor) -> bool:
    low, high = pixels.aminmax()  # not a number if any pixel is not
    return not bool(torch.isfinite(low) & (high > low))


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
