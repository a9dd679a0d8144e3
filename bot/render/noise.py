"""The random numbers of one picture, from generators on the CPU.

They depend neither on the device nor on the neighbours in the batch.
"""

import torch
from torch import Tensor

from bot.spec import RenderSpec


class PictureNoise:
    """Standard normal tensors of one picture in one pass.

    The first is turned towards the one of the variation seed, as in A1111; the later ones, which
    ancestral samplers ask for, come from the seed alone.
    """

    def __init__(
        self, spec: RenderSpec, index: int, shape: tuple[int, ...], device: torch.device
    ) -> None:
        seed, subseed = spec.seeds(index)
        self._generator = torch.Generator().manual_seed(seed)
        self._shape, self._device = shape, device
        self._subseed, self._strength = subseed, spec.subseed_strength

    def first(self) -> Tensor:
        """What the pass begins with."""
        noise = torch.randn(self._shape, generator=self._generator)
        if self._strength:
            other = torch.Generator().manual_seed(self._subseed)
            noise = slerp(noise, torch.randn(self._shape, generator=other), self._strength)
        return noise.to(self._device)

    def __call__(self) -> Tensor:
        """The next one."""
        return torch.randn(self._shape, generator=self._generator).to(self._device)


def slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """Spherical interpolation (Shoemake, "Animating rotation with quaternion curves", 1985) of
    N × C × h × w noise: from `a` at 0 to `b` at 1, each column of the latent by itself.

    By columns because A1111 measures its angles so, and the same seeds shall mean the same noise.
    """
    cosine = torch.cosine_similarity(a, b, dim=-2).unsqueeze(-2)
    angle = torch.acos(cosine.clamp(-0.9999, 0.9999))  # of parallel columns the sine is 0
    return (a * torch.sin((1 - share) * angle) + b * torch.sin(share * angle)) / torch.sin(angle)
