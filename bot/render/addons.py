"""VAEs, LoRAs and embeddings in the models folder."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.domain import LoraRef, ModelFile, ModelRef, UnusableFile
from bot.errors import ModelUnavailable
from bot.render.family import Shapes, embedding_family, lora_family, vae_family
from bot.render.hashes import HashCache
from bot.render.weights_file import PICKLE_SUFFIXES, UnusableWeights, read_header

log = logging.getLogger(__name__)

_KINDS: dict[str, Callable[[Shapes], str]] = {
    "vae": vae_family,
    "loras": lora_family,
    "embeddings": embedding_family,
}


@dataclass(frozen=True, slots=True)
class Addons:
    """What lies beside the checkpoints, by kind, and where."""

    files: dict[str, tuple[ModelFile, ...]]
    unusable: tuple[UnusableFile, ...]
    paths: dict[str, Path]
    """By SHA-256."""

    def path(self, ref: ModelRef | LoraRef) -> Path:
        """Where the file with this content lies.

        Raises:
            ModelUnavailable: it is gone or was changed.
        """
        try:
            return self.paths[ref.sha256]
        except KeyError:
            raise ModelUnavailable(f"{ref.name} ({ref.sha256[:10]}) is not there") from None


def scan(folder: Path, hashes: HashCache) -> Addons:
    """Look through `vae/`, `loras/` and `embeddings/` of `folder`."""
    files: dict[str, tuple[ModelFile, ...]] = {}
    unusable: list[UnusableFile] = []
    paths: dict[str, Path] = {}
    for kind, family_of in _KINDS.items():
        found = []
        for path in sorted((folder / kind).rglob("*")):
            suffix = path.suffix.lower()
            if not path.is_file() or suffix not in {".safetensors", *PICKLE_SUFFIXES}:
                continue
            try:
                family = family_of(read_header(path).shapes)
                digest = hashes.sha256(path)
            except UnusableWeights as error:
                name = path.relative_to(folder).as_posix()
                unusable.append(UnusableFile(name=name, reason=error.reason))
            except OSError as error:
                log.warning("%s cannot be read: %s", path.name, error)
            else:
                found.append(ModelFile(name=path.stem, sha256=digest, family=family))
                paths[digest] = path
        files[kind] = tuple(found)
    return Addons(files, tuple(unusable), paths)
