"""The parts of the render process put together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import diffusers
import psutil
import torch
import transformers

from bot.domain import Catalog, ModelRef
from bot.render import device as devices
from bot.render.finish import Finisher
from bot.render.hashes import HashCache
from bot.render.library import Library
from bot.render.loop import RenderLoop
from bot.render.protocol import Beat, Report, Setup
from bot.render.rows import RowMeter
from bot.render.shelf import Shelf
from bot.render.warm_up import warm_up

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Easel:
    """A loop that can draw, and what it offers."""

    loop: RenderLoop
    catalog: Catalog
    finisher: Finisher
    meter: RowMeter
    warm_up: Callable[[Callable[[], bool]], None]
    """Loads the default checkpoint before anybody asks for it, until told that somebody did."""


def set_up(setup: Setup, tell: Callable[[Report], None]) -> Easel:
    """Choose the device, look through the models and load the default one.

    Raises:
        ValueError: `[render] device` names no device of this machine.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    diffusers.logging.set_verbosity_error()
    diffusers.logging.disable_progress_bar()
    device = devices.choose(setup.config)

    def busy() -> None:
        tell(Beat(loading=True))

    hashes = HashCache(Path(setup.data_dir) / "model_hashes.json", busy)
    folder = Path(setup.config.models_dir)
    library = Library(folder, hashes, default=setup.default_checkpoint, device=device.words)
    catalog = library.scan()
    shelf = Shelf(library, device, budget=_budget(device.where), busy=busy)
    finisher = Finisher(tell, setup.version)
    meter = RowMeter(Path(setup.data_dir) / "batch_sizes.json", device.words)
    loop = RenderLoop(
        library, shelf, finisher, tell, preview_every=setup.config.preview_every, meter=meter
    )

    def warm(interrupted: Callable[[], bool]) -> None:
        default = next(c for c in catalog.checkpoints if c.name == catalog.default_checkpoint)
        busy()
        warm_up(shelf, ModelRef(name=default.name, sha256=default.sha256), meter, interrupted)
        tell(Beat())

    return Easel(loop, catalog, finisher, meter, warm)


def _budget(device: torch.device) -> int:
    """Bytes of weights to keep in memory: most of the card, or half of the main memory."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1] * 0.7)
    return int(psutil.virtual_memory().total // 2)
