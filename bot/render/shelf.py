"""The models in memory: the last used stay, within a budget for the device and one for the rest."""

import gc
import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.domain import ModelRef
from bot.errors import OutOfMemory
from bot.render.batch import UNetBatch
from bot.render.compiled import Graphs
from bot.render.device import Device, free_cache
from bot.render.faults import translated
from bot.render.library import Checkpoint, Library
from bot.render.loading import load_folder, load_single_file
from bot.render.model import Model
from bot.render.room import Level
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


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes of weights to keep."""

    device: int
    memory: int
    """Main memory, for a device that has its own: models that are parked, and parts that visit."""


class Shelf:
    """Loads models by content. One that makes room on the device is parked in main memory, and the
    longest unused is let go when that is full too."""

    def __init__(
        self, library: Library, device: Device, *, budget: Budget, busy: Callable[[], None]
    ) -> None:
        """`busy` is called before a model is loaded."""
        self._library, self._device = library, device
        self._budget, self._busy = budget, busy
        self._residents: dict[str, Resident] = {}

    def has(self, ref: ModelRef) -> bool:
        """Whether the model can be had without loading."""
        resident = self._residents.get(ref.sha256)
        return resident is not None and not resident.model.residency.is_parked

    def has_room(self, ref: ModelRef, in_use: Collection[Resident]) -> bool:
        """Whether the device has room for it beside those in use.

        Raises:
            ModelUnavailable: the file is gone.
        """
        wanted = self._library.room(self._library.checkpoint(ref)).staying
        return not in_use or wanted + sum(map(_on_device, in_use)) <= self._budget.device

    def get(self, ref: ModelRef, in_use: Collection[Resident] = ()) -> Resident:
        """The model, loaded if need be.

        Raises:
            ModelUnavailable: the file is gone, damaged or of another kind.
            OutOfMemory: it does not fit even when nothing else is kept.
        """
        resident = self._residents.pop(ref.sha256, None)
        if resident is None:
            checkpoint = self._library.checkpoint(ref)
            self._make_room(self._library.room(checkpoint).staying, in_use)
            self._busy()
            log.info("loading %s", checkpoint.info.name)
            resident = self._persistently(partial(self._load, checkpoint), in_use)
        elif resident.model.residency.is_parked:
            self._make_room(resident.model.residency.room.staying, in_use)
            self._busy()
            log.info("%s comes back to the device", resident.model.info.name)
            self._residents[ref.sha256] = resident  # not lost if it does not fit
            self._persistently(partial(_unparked, resident), in_use)
            del self._residents[ref.sha256]
        self._residents[ref.sha256] = resident  # the last used stays longest
        return resident

    def relieve(self, in_use: Collection[Resident]) -> None:
        """Take everything off the device that is not in use."""
        for resident in list(self._residents.values()):
            if resident not in in_use and not resident.model.residency.is_parked:
                self._take_off(resident, in_use)
        gc.collect()
        free_cache(self._device.where)

    def _persistently(self, work: Callable[[], Resident], in_use: Collection[Resident]) -> Resident:
        """Once more with the device to itself, if memory runs out."""
        made = _attempt(work)
        if made is None:
            log.info("out of memory; what is not in use leaves the device")
            self.relieve(in_use)
            made = _attempt(work)
        if made is None:
            free_cache(self._device.where)
            raise OutOfMemory('the weights do not fit; [render] vram = "low" needs the least')
        return made

    def _load(self, checkpoint: Checkpoint) -> Resident:
        path, info = checkpoint.path, checkpoint.info
        if checkpoint.config is None:
            model = load_folder(path, info, self._device)
        else:
            model = load_single_file(path, checkpoint.config, info, self._device)
        # Weights that come and go within a call are no part of a graph.
        compiles = self._device.compiles and model.residency.room.level is not Level.LOW
        graphs = Graphs(model.unet) if compiles else None
        return Resident(model, UNetBatch(model, graphs), Preview.fitted(model))

    def _make_room(self, wanted: int, in_use: Collection[Resident]) -> None:
        for resident in self._idle(in_use):
            if sum(map(_on_device, self._residents.values())) + wanted <= self._budget.device:
                break
            self._take_off(resident, in_use)
        gc.collect()
        free_cache(self._device.where)

    def _idle(self, in_use: Collection[Resident]) -> Iterator[Resident]:
        """The longest unused first."""
        for resident in list(self._residents.values()):
            if resident not in in_use and not resident.model.residency.is_parked:
                yield resident

    def _take_off(self, resident: Resident, in_use: Collection[Resident]) -> None:
        """Park a model if main memory has room for it, after letting go of older ones."""
        resident.extras.clear()
        size = resident.model.residency.room.sizes.weights
        if not self._device.memory.own or size > self._budget.memory:
            self._let_go(resident)
            return
        resident.model.residency.park()
        log.info("%s waits in main memory", resident.model.info.name)
        for older in list(self._residents.values()):
            if sum(map(_in_memory, self._residents.values())) <= self._budget.memory:
                break
            if older.model.residency.is_parked and older not in in_use and older is not resident:
                self._let_go(older)

    def _let_go(self, resident: Resident) -> None:
        log.info("letting go of %s", resident.model.info.name)
        self._residents = {k: r for k, r in self._residents.items() if r is not resident}


def _on_device(resident: Resident) -> int:
    residency = resident.model.residency
    return 0 if residency.is_parked else residency.room.staying


def _in_memory(resident: Resident) -> int:
    residency = resident.model.residency
    return residency.room.sizes.weights if residency.is_parked else residency.room.visiting


def _unparked(resident: Resident) -> Resident:
    resident.model.residency.unpark()
    return resident


def _attempt(work: Callable[[], Resident]) -> Resident | None:
    """What the work made; None: it ran out of memory. That is not raised: a live exception would
    hold the tensors of its frames."""
    try:
        return work()
    except Exception as error:
        if not isinstance(translated(error), OutOfMemory):
            raise
        return None
