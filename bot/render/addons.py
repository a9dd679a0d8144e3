"""VAEs, LoRAs and embeddings in the models folder."""

from dataclasses import dataclass
from pathlib import Path

from bot.domain import LoraRef, ModelFile, ModelRef, UnusableFile
from bot.errors import ModelUnavailable
from bot.render.family import embedding_family, vae_family
from bot.render.hashes import HashCache
from bot.render.inspection import Inspection
from bot.render.lora_fit import fit
from bot.render.model_files import model_files
from bot.render.weights_file import UnusableWeights, read_header


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


class AddonFolders:
    """`vae/`, `loras/` and `embeddings/` of the models folder."""

    def __init__(self, folder: Path, hashes: HashCache) -> None:
        self._folder, self._hashes = folder, hashes
        self._kinds = {
            "vae": Inspection(self._vae),
            "loras": Inspection(self._lora),
            "embeddings": Inspection(self._embedding),
        }

    def scan(self) -> Addons:
        """Look through them."""
        files: dict[str, tuple[ModelFile, ...]] = {}
        unusable: list[UnusableFile] = []
        paths: dict[str, Path] = {}
        for kind, inspection in self._kinds.items():
            found = []
            for path, outcome in inspection.round(model_files(self._folder / kind)):
                if isinstance(outcome, UnusableWeights):
                    name = path.relative_to(self._folder).as_posix()
                    unusable.append(UnusableFile(name=name, reason=outcome.reason))
                else:
                    found.append(outcome)
                    paths[outcome.sha256] = path
            files[kind] = tuple(found)
        return Addons(files, tuple(unusable), paths)

    def _vae(self, path: Path) -> ModelFile:
        family = vae_family(read_header(path).shapes)
        return ModelFile(name=path.stem, sha256=self._hashes.sha256(path), family=family)

    def _lora(self, path: Path) -> ModelFile:
        found = fit(read_header(path).shapes)
        return ModelFile(
            name=path.stem,
            sha256=self._hashes.sha256(path),
            family=found.family,
            layers=found.layers,
            fitting=found.fitting,
        )

    def _embedding(self, path: Path) -> ModelFile:
        family = embedding_family(read_header(path).shapes)
        return ModelFile(name=path.stem, sha256=self._hashes.sha256(path), family=family)
