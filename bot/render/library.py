"""What lies in the models folder: an index by content, and what of it cannot be used.

Names from members are looked up here and never joined to a path.
"""

import json
import math
import threading
from dataclasses import dataclass
from pathlib import Path

from bot import samplers as sampler_names
from bot.domain import Catalog, CheckpointInfo, ModelRef, UnusableFile
from bot.errors import ModelUnavailable
from bot.render.addons import AddonFolders, Addons
from bot.render.device import Device
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
from bot.render.inspection import Inspection
from bot.render.model_files import folder_weights, model_files
from bot.render.noise_schedule import SCHEDULES
from bot.render.room import Room, Sizes, room
from bot.render.samplers import SAMPLERS
from bot.render.weights_file import UnusableWeights, read_header

_CONFIGS = Path(__file__).parent / "configs"
_DEMO = Path(__file__).parent / "demo"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint and how to load it."""

    info: CheckpointInfo
    path: Path
    config: Path | None
    """Folder with the sizes of a single file; None for a diffusers folder."""
    parameters: dict[str, int]
    """Numbers in `unet`, `vae` and `text`."""

    def sizes(self, item: int) -> Sizes:
        """Its memory with `item` bytes per number."""
        unet, vae, text = (self.parameters[part] * item for part in ("unet", "vae", "text"))
        native = self.info.native_size
        return Sizes(unet=unet, vae=vae, text=text, item=item, native_size=native)


@dataclass(frozen=True, slots=True)
class _Index:
    """All that one look has found."""

    checkpoints: dict[str, Checkpoint]
    addons: Addons
    catalog: Catalog


class Library:
    """The models folder as it was at the last `scan`, which any thread may call."""

    def __init__(self, folder: Path, hashes: HashCache, *, default: str, device: Device) -> None:
        self._folder, self._hashes = folder, hashes
        self._default, self._device = default, device
        self._lock = threading.Lock()
        self._checkpoints = Inspection(self._checkpoint)
        self._addons = AddonFolders(folder, hashes)
        self._demo: Checkpoint | None = None
        self._index = _Index({}, Addons({}, (), {}), Catalog())

    @property
    def catalog(self) -> Catalog:
        """What can be drawn with."""
        return self._index.catalog

    @property
    def addons(self) -> Addons:
        """What lies beside the checkpoints."""
        return self._index.addons

    def scan(self) -> Catalog:
        """Look again; returns the new catalogue."""
        with self._lock:
            self._index = self._look()
            return self._index.catalog

    def _look(self) -> _Index:
        found: list[Checkpoint] = []
        unusable: list[UnusableFile] = []
        files = model_files(self._folder / "checkpoints", folders=True)
        for path, outcome in self._checkpoints.round(files):
            if isinstance(outcome, UnusableWeights):
                shown = path.relative_to(self._folder).as_posix()
                unusable.append(UnusableFile(name=shown, reason=outcome.reason))
            else:
                found.append(outcome)
        self._demo = self._demo or self._read_demo()
        found.append(self._demo)
        addons = self._addons.scan()
        default = self._default_one(found)
        catalog = Catalog(
            checkpoints=tuple(c.info for c in found),
            default_checkpoint=default.info.name,
            samplers=tuple(SAMPLERS),
            schedules=(sampler_names.AUTOMATIC, *SCHEDULES),
            vaes=addons.files["vae"],
            loras=addons.files["loras"],
            embeddings=addons.files["embeddings"],
            features=("clip_skip", "hires", "lora", "refiner", "vae"),
            device=self._device.words,
            memory=self.room(default).words,
            unusable=(*unusable, *addons.unusable),
        )
        return _Index({c.info.sha256: c for c in reversed(found)}, addons, catalog)

    def room(self, checkpoint: Checkpoint) -> Room:
        """How it will be fitted into the device's memory."""
        device = self._device
        return room(device.vram, checkpoint.sizes(device.dtype.itemsize), device.memory)

    def checkpoint(self, ref: ModelRef) -> Checkpoint:
        """The checkpoint with this content.

        Raises:
            ModelUnavailable: the file is gone or was changed.
        """
        found = self._index.checkpoints.get(ref.sha256)
        if found is None:
            raise ModelUnavailable(f"checkpoint {ref.name} ({ref.sha256[:10]}) is not there")
        return found

    def _checkpoint(self, path: Path) -> Checkpoint:
        name = path.relative_to(self._folder / "checkpoints").with_suffix("").as_posix()
        if _is_folder(path):
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
        return Checkpoint(info, path, config, _parameters(path))

    def _read_demo(self) -> Checkpoint:
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
        return Checkpoint(info, path, config, _parameters(path))

    def _default_one(self, found: list[Checkpoint]) -> Checkpoint:
        """The one that the operator names; else the one from before, unless that is the demo; else
        the first."""
        wanted = self._default.casefold()
        for checkpoint in found:
            info = checkpoint.info
            spellings = (info.name, *info.aliases, info.sha256, info.short_hash)
            if wanted in (spelling.casefold() for spelling in spellings):
                return checkpoint
        complete = [c for c in found if c.info.family != REFINER.name]
        before = self._index.catalog.default_checkpoint
        kept = (c for c in complete if c.info.name == before and not c.info.demo)
        return next(kept, complete[0])


def _is_folder(path: Path) -> bool:
    return (path / "model_index.json").exists()


def _parameters(path: Path) -> dict[str, int]:
    """How many numbers each part has, told by the headers alone.

    Raises:
        UnusableWeights: as `read_header`.
    """
    counts = {"unet": 0, "vae": 0, "text": 0}
    if not path.is_dir():
        for name, shape in read_header(path).shapes.items():
            counts[_part(name)] += math.prod(shape)
        return counts
    for folder in (f for f in path.iterdir() if f.name.startswith(("unet", "vae", "text_encoder"))):
        for file in folder_weights(folder)[1]:
            shapes = read_header(file).shapes.values()
            counts[_part(folder.name)] += sum(map(math.prod, shapes))
    return counts


def _part(name: str) -> str:
    if name.startswith(("unet", "model.diffusion_model.")):
        return "unet"
    return "vae" if name.startswith(("vae", "first_stage_model.")) else "text"


def _folder_family(path: Path) -> Family:
    """The family of a diffusers folder, from the width of its context.

    Raises:
        UnusableWeights: no UNet in safetensors, or none of a known kind.
    """
    try:
        unet = json.loads((path / "unet" / "config.json").read_text("utf-8"))
        width, channels = unet["cross_attention_dim"], unet["in_channels"]
        native = _native_pixels(path, unet["sample_size"])
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
    return Family(kind.name, kind.config, native)


def _native_pixels(path: Path, latent_side: int) -> int:
    vae = json.loads((path / "vae" / "config.json").read_text("utf-8"))
    return int(latent_side * 2 ** (len(vae["block_out_channels"]) - 1))


def _known_words(about: dict[str, list[dict[str, list[str]]]]) -> tuple[str, ...]:
    """One word per thing and language that the demo was taught; English first."""
    things = about["objects"]
    return tuple(thing[tongue][0] for tongue in ("en", "zh") for thing in things)
