"""What lies in the models folder: an index by content, and what of it cannot be used.

Names from members are looked up here and never joined to a path.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import samplers as sampler_names
from bot.domain import Catalog, CheckpointInfo, ModelRef, UnusableFile
from bot.errors import ModelUnavailable
from bot.render.addons import Addons
from bot.render.addons import scan as scan_addons
from bot.render.family import (
    REFINER,
    SD1,
    SD2,
    SDXL,
    Family,
    checkpoint_family,
    refuse_channels,
)
from bot.render.hashes import HashCache
from bot.render.noise_schedule import SCHEDULES
from bot.render.samplers import SAMPLERS
from bot.render.weights_file import PICKLE_SUFFIXES, UnusableWeights, read_header

log = logging.getLogger(__name__)

_CONFIGS = Path(__file__).parent / "configs"
_DEMO = Path(__file__).parent / "demo"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint and how to load it."""

    info: CheckpointInfo
    path: Path
    config: Path | None
    """Folder with the sizes of a single file; None for a diffusers folder."""


class Library:
    """The models folder as it was at the last `scan`."""

    def __init__(self, folder: Path, hashes: HashCache, *, default: str, device: str) -> None:
        self._folder, self._hashes = folder, hashes
        self._default, self._device = default, device
        self._checkpoints: dict[str, Checkpoint] = {}
        self.catalog = Catalog()
        self.addons = Addons({}, (), {})

    def scan(self) -> Catalog:
        """Look again; returns the new catalogue."""
        found: list[Checkpoint] = []
        unusable: list[UnusableFile] = []
        root = self._folder / "checkpoints"
        for path in _model_paths(root):
            name = path.relative_to(root).with_suffix("").as_posix()
            try:
                found.append(self._checkpoint(name, path))
            except UnusableWeights as error:
                shown = path.relative_to(self._folder).as_posix()
                unusable.append(UnusableFile(name=shown, reason=error.reason))
            except OSError as error:
                log.warning("%s cannot be read: %s", path.name, error)
        found.append(self._demo())
        self.addons = scan_addons(self._folder, self._hashes)
        files = self.addons.files
        self._checkpoints = {c.info.sha256: c for c in reversed(found)}
        self.catalog = Catalog(
            checkpoints=tuple(c.info for c in found),
            default_checkpoint=self._default_name([c.info for c in found]),
            samplers=tuple(SAMPLERS),
            schedules=(sampler_names.AUTOMATIC, *SCHEDULES),
            vaes=files["vae"],
            loras=files["loras"],
            embeddings=files["embeddings"],
            features=("clip_skip", "hires", "lora", "refiner", "vae"),
            device=self._device,
            unusable=(*unusable, *self.addons.unusable),
        )
        return self.catalog

    def checkpoint(self, ref: ModelRef) -> Checkpoint:
        """The checkpoint with this content.

        Raises:
            ModelUnavailable: the file is gone or was changed.
        """
        found = self._checkpoints.get(ref.sha256)
        if found is None:
            raise ModelUnavailable(f"checkpoint {ref.name} ({ref.sha256[:10]}) is not there")
        return found

    def _checkpoint(self, name: str, path: Path) -> Checkpoint:
        if path.is_dir():
            family, config = _folder_family(path), None
        else:
            family = checkpoint_family(read_header(path).shapes)
            config = _CONFIGS / family.config
        info = CheckpointInfo(
            name=name,
            sha256=self._hashes.sha256(path),
            family=family.name,
            native_size=family.native_size,
            aliases=(path.stem,) if path.stem != name else (),
        )
        return Checkpoint(info, path, config)

    def _demo(self) -> Checkpoint:
        """The checkpoint that ships with the package, described beside it."""
        path, config = _DEMO / "chatelier-demo.safetensors", _DEMO / "config"
        about = json.loads((config / "chatelier.json").read_text("utf-8"))
        family = checkpoint_family(read_header(path).shapes)
        sampler = sampler_names.sampler(about["defaults"]["sampler"])
        info = CheckpointInfo(
            name=path.stem,
            sha256=self._hashes.sha256(path),
            family=family.name,
            native_size=about["native_size"][0],
            size_multiple=about["size_multiple"],
            max_side=about["max_size"],
            demo=True,
            steps=about["defaults"]["steps"],
            cfg_scale=about["defaults"]["cfg_scale"],
            sampler=sampler[0] if sampler else None,
            known_words=_known_words(about),
        )
        return Checkpoint(info, path, config)

    def _default_name(self, infos: list[CheckpointInfo]) -> str:
        wanted = self._default.casefold()
        for info in infos:
            spellings = (info.name, *info.aliases, info.sha256, info.short_hash)
            if wanted in (spelling.casefold() for spelling in spellings):
                return info.name
        return infos[0].name


def _model_paths(root: Path) -> Iterator[Path]:
    """Model files and diffusers folders under `root`, sorted; other files are no models."""
    folders = {p.parent for p in root.rglob("model_index.json")}
    for path in sorted({*root.rglob("*"), *folders}, key=lambda p: p.as_posix().casefold()):
        if path in folders:
            yield path
        elif not any(parent in folders for parent in path.parents):
            suffix = path.suffix.lower()
            if path.is_file() and (suffix == ".safetensors" or suffix in PICKLE_SUFFIXES):
                yield path


def _folder_family(path: Path) -> Family:
    """The family of a diffusers folder, from the width of its context.

    Raises:
        UnusableWeights: no UNet in safetensors, or none of a known kind.
    """
    try:
        unet = json.loads((path / "unet" / "config.json").read_text("utf-8"))
        width, channels = unet["cross_attention_dim"], unet["in_channels"]
        size = unet["sample_size"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UnusableWeights("model-unknown-family") from None
    weights = [*(path / "unet").glob("*.safetensors")]
    if not weights:
        raise UnusableWeights("model-is-pickle")
    for file in weights:
        read_header(file)
    refuse_channels(channels)
    kinds = {1024: SD2, 1280: REFINER, 2048: SDXL}
    kind = kinds.get(width, SD1)
    return Family(kind.name, kind.config, _native_pixels(path, size))


def _native_pixels(path: Path, latent_side: int) -> int:
    vae = json.loads((path / "vae" / "config.json").read_text("utf-8"))
    return int(latent_side * 2 ** (len(vae["block_out_channels"]) - 1))


def _known_words(about: dict[str, list[dict[str, list[str]]]]) -> tuple[str, ...]:
    """One word per thing and language that the demo was taught; English first."""
    things = about["objects"]
    return tuple(thing[tongue][0] for tongue in ("en", "zh") for thing in things)
