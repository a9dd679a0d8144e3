"""The models in memory: the last used stay, within a budget."""

import gc
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from bot.domain import ModelRef
from bot.render.batch import UNetBatch
from bot.render.device import Device, free_cache
from bot.render.library import Checkpoint, Library
from bot.render.loading import load_folder, load_single_file
from bot.render.model import Model
from bot.render.vae import Preview

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Resident:
    """A loaded model with what belongs to it."""

    model: Model
    batch: UNetBatch
    preview: Preview
    extras: dict[str, Any] = field(default_factory=dict)
    """VAEs, LoRAs and embeddings loaded for it, by SHA-256; see `fitting`."""


class Shelf:
    """Loads models by content and lets go of the longest unused when room is needed."""

    def __init__(
        self, library: Library, device: Device, *, budget: int, busy: Callable[[], None]
    ) -> None:
        """`budget`: bytes of weights to keep; `busy` is called before a model is loaded."""
        self._library, self._device = library, device
        self._budget, self._busy = budget, busy
        self._residents: dict[str, Resident] = {}

    def has(self, ref: ModelRef) -> bool:
        """Whether the model can be had without loading."""
        return ref.sha256 in self._residents

    def has_room(self, ref: ModelRef, in_use: Collection[Resident]) -> bool:
        """Whether loading it would leave the budget kept with those in use still there.

        Raises:
            ModelUnavailable: the file is gone.
        """
        wanted = _file_bytes(self._library.checkpoint(ref))
        used = sum(r.model.byte_count() for r in in_use)
        return not in_use or used + wanted <= self._budget

    def get(self, ref: ModelRef, in_use: Collection[Resident] = ()) -> Resident:
        """The model, loaded if need be.

        Raises:
            ModelUnavailable: the file is gone, damaged or of another kind.
        """
        if ref.sha256 in self._residents:
            self._residents[ref.sha256] = self._residents.pop(ref.sha256)
            return self._residents[ref.sha256]
        checkpoint = self._library.checkpoint(ref)
        self._make_room(_file_bytes(checkpoint), in_use)
        self._busy()
        log.info("loading %s", checkpoint.info.name)
        if checkpoint.config is None:
            model = load_folder(checkpoint.path, checkpoint.info, self._device)
        else:
            model = load_single_file(
                checkpoint.path, checkpoint.config, checkpoint.info, self._device
            )
        resident = Resident(model, UNetBatch(model), Preview.fitted(model))
        self._residents[ref.sha256] = resident
        return resident

    def _make_room(self, wanted: int, in_use: Collection[Resident]) -> None:
        for digest, resident in list(self._residents.items()):
            kept = sum(r.model.byte_count() for r in self._residents.values())
            if kept + wanted <= self._budget:
                break
            if resident not in in_use:
                log.info("letting go of %s", resident.model.info.name)
                del self._residents[digest], resident
        gc.collect()
        free_cache(self._device.where)


def _file_bytes(checkpoint: Checkpoint) -> int:
    path = checkpoint.path
    if path.is_dir():
        return sum(p.stat().st_size for p in path.rglob("*.safetensors"))
    return path.stat().st_size
