"""The parts of the render process put together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import diffusers
import psutil
import transformers

from bot.domain import Catalog, ModelRef
from bot.render import device as devices
from bot.render.device import Device
from bot.render.finish import Finisher
from bot.render.hashes import HashCache
from bot.render.library import Library
from bot.render.loop import RenderLoop
from bot.render.protocol import Beat, Figures, Ready, Report, Setup
from bot.render.rows import RowMeter
from bot.render.shelf import Budget, Shelf
from bot.render.warm_up import WarmUp
from bot.render.watch import Watch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Easel:
    """A loop that can draw, and what it offers."""

    loop: RenderLoop
    catalog: Catalog
    finisher: Finisher
    meter: RowMeter
    device: Device
    watch: Watch
    """Tells of what is put into the models folder later, once it is started."""
    warm_up: Callable[[Callable[[], bool]], None]
    """Loads and measures the default checkpoint before anybody asks for it, until told that
    somebody did; called again, it goes on where it was."""

    def figures(self) -> Figures:
        """What was done so far, and the device's memory now."""
        free, total = devices.memory_now(self.device)
        return Figures(
            calls=self.loop.calls, rows=self.loop.rows, device_free=free, device_total=total
        )


def set_up(setup: Setup, tell: Callable[[Report], None]) -> Easel:
    """Choose the device, look through the models and load the default one.

    Raises:
        NoSuchDevice: `[render]` asks for what this machine cannot do.
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
    library = Library(folder, hashes, default=setup.default_checkpoint, device=device)
    catalog = library.scan()
    hashes.settle()
    shelf = Shelf(library, device, budget=_budget(device, setup.config.keep_models_gb), busy=busy)
    finisher = Finisher(tell, setup.version)
    sizes = Path(setup.data_dir) / "batch_sizes.json"
    meter = RowMeter(sizes, device.words, exact=setup.config.exact)
    loop = RenderLoop(
        library, shelf, finisher, tell, preview_every=setup.config.preview_every, meter=meter
    )

    default = next(c for c in catalog.checkpoints if c.name == catalog.default_checkpoint)
    ref = ModelRef(name=default.name, sha256=default.sha256)
    warm_up = WarmUp(shelf, ref, meter, lambda loading: tell(Beat(loading=loading)))
    watch = Watch(library, lambda catalog: tell(Ready(catalog=catalog)))
    return Easel(loop, catalog, finisher, meter, device, watch, warm_up)


def _budget(device: Device, keep_gb: float) -> Budget:
    """Most of a card, and what the operator gives of main memory, by default half of it."""
    main = int(keep_gb * 2**30) or psutil.virtual_memory().total // 2
    if device.memory.own:
        return Budget(int(device.memory.total * 0.8), main)
    return Budget(main, 0)
