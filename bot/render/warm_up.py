"""Loading ahead, and timing UNet calls."""

import logging
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bot.domain import ModelRef
from bot.errors import RenderError
from bot.prompt import Weighted
from bot.render.batch import Ask
from bot.render.rows import BUCKETS, RowMeter
from bot.render.shelf import Resident, Shelf
from bot.render.text import encode

log = logging.getLogger(__name__)

_TRIES = 4
_MOST_SECONDS = 10.0
"""Measuring ends here at the latest; the rest is measured under real load."""


def meter_key(sha256: str, height: int, width: int) -> str:
    """The name of a (checkpoint, size) in the meter's file."""
    return f"{sha256[:16]} {width}x{height}"


def timed_denoise(
    resident: Resident, asks: Sequence[Ask], meter: RowMeter, key: str
) -> list[Tensor]:
    """`UNetBatch.denoise`, timed. A GPU must be waited for to be timed, so there only the first
    time of each bucket is taken."""
    rows = sum(ask.rows for ask in asks)
    device = resident.model.device
    if device.type != "cpu" and not meter.wants(key, rows):
        return resident.batch.denoise(asks)
    _wait(device)
    start = time.perf_counter()
    results = resident.batch.denoise(asks)
    _wait(device)
    meter.note(key, rows, time.perf_counter() - start)
    return results


def warm_up(shelf: Shelf, ref: ModelRef, meter: RowMeter, interrupted: Callable[[], bool]) -> None:
    """Load a checkpoint and measure how many rows a call pays at its native size.

    Ends early when `interrupted`. Only logs what goes wrong: the first job will be told.
    """
    if interrupted():
        return
    try:
        resident = shelf.get(ref)
        _measure(resident, meter, ref.sha256, interrupted)
    except (RenderError, torch.OutOfMemoryError, RuntimeError) as error:
        log.warning("%s cannot be warmed up: %s", ref.name, error)


def _measure(
    resident: Resident, meter: RowMeter, sha256: str, interrupted: Callable[[], bool]
) -> None:
    model = resident.model
    side = model.info.native_size
    key = meter_key(sha256, side, side)
    prompt = encode(model, (Weighted("a red apple", 1.0),))
    cells = side // model.latent_scale
    x = torch.randn(1, model.latent_channels, cells, cells).to(model.device)
    ask = Ask(x, model.levels.highest, prompt, None, 1.0)
    end = time.monotonic() + _MOST_SECONDS
    rows = 1
    while rows <= BUCKETS[-1] and meter.limit(key) >= rows and meter.wants(key, rows):
        for attempt in range(_TRIES):
            if interrupted() or time.monotonic() > end:
                return
            seconds = _time(resident, [ask] * rows)
            if attempt:  # the first call of a shape prepares kernels
                meter.note(key, rows, seconds)
        rows *= 2
    log.info("%s: up to %d rows a call at %d", model.info.name, meter.limit(key), side)


def _time(resident: Resident, asks: Sequence[Ask]) -> float:
    _wait(resident.model.device)
    start = time.perf_counter()
    resident.batch.denoise(asks)
    _wait(resident.model.device)
    return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
