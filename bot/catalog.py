"""What the renderer offers: checkpoints, other model files, samplers, and what it can do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointInfo:
    """One checkpoint that can be drawn with."""

    name: str
    sha256: str
    family: str
    """`SD 1.x`, `SD 2.x`, `SDXL`, …"""
    native_size: int
    """Side in pixels of the square pictures it was trained on."""
    size_multiple: int = 8
    """Width and height must be divisible by this."""
    max_side: int = 2048
    aliases: tuple[str, ...] = ()
    demo: bool = False
    steps: int | None = None
    """Recommended values, where the checkpoint has its own."""
    cfg_scale: float | None = None
    sampler: str | None = None
    known_words: tuple[str, ...] = ()
    """Things the demo model was taught; empty for a real checkpoint."""

    @property
    def short_hash(self) -> str:
        """A1111's model hash: the first ten digits of the SHA-256."""
        return self.sha256[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A VAE, LoRA or embedding in the models folder."""

    name: str
    sha256: str
    family: str = ""
    layers: int = 0
    """Of a LoRA: layers that the file is about."""
    fitting: int = 0
    """How many of these its family has in the same size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableFile:
    """A file in the models folder that cannot be used."""

    name: str
    reason: str
    """Key of the phrase that says why: `model-is-pickle`, `model-header-broken`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What the renderer offers: feeds validation, did-you-mean and autocompletion."""

    checkpoints: tuple[CheckpointInfo, ...] = ()
    default_checkpoint: str = ""
    vaes: tuple[ModelFile, ...] = ()
    loras: tuple[ModelFile, ...] = ()
    embeddings: tuple[ModelFile, ...] = ()
    samplers: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    """What this renderer can do beyond the basics: `lora`, `vae`, `clip_skip`, `hires`."""
    device: str = ""
    memory: str = ""
    """How the default checkpoint is fitted into the device's memory, and why, for the operator."""
    unusable: tuple[UnusableFile, ...] = ()
