"""Loading ahead, and timing UNet calls."""

import logging
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bot.domain import ModelRef
from bot.errors import RenderError
from bot.prompt import Weighted
from bot.render.batch import Ask, UNetBatch
from bot.render.rows import BUCKETS, RowMeter, useful
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
    """`UNetBatch.denoise`, timed, the way that was faster so far. A GPU must be waited for to be
    timed, so there only the first time of each bucket is taken."""
    rows = sum(ask.rows for ask in asks)
    device, batch = resident.model.device, resident.batch
    if device.type != "cpu" and not meter.wants(key, rows):
        return batch.denoise(asks)
    apart = batch.can_part(asks) and meter.apart(key, rows)
    _wait(device)
    start = time.perf_counter()
    results = batch.denoise(asks, apart=apart)
    _wait(device)
    meter.note(key, rows, time.perf_counter() - start, apart=apart)
    return results


def warm_up(shelf: Shelf, ref: ModelRef, meter: RowMeter, interrupted: Callable[[], bool]) -> None:
    """Load a checkpoint and measure how many rows a call pays at its native size.

    Ends early when `interrupted`. Only logs what goes wrong: the first job will be told.
    """
    if interrupted():
        return
    try:
        resident = shelf.get(ref)
        if not meter.exact:
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
    gains = [True]
    for rows in BUCKETS:
        # A busy moment may hide what a bucket gains; two in a row that gain nothing end it.
        if not any(gains[-2:]) or not _measure_bucket(
            resident.batch, meter, key, [ask] * rows, lambda: interrupted() or _over(end)
        ):
            break
        best = meter.best(key)
        gains.append(rows == 1 or useful(best, [rows // 2, rows]) == rows)
    log.info("%s: up to %d rows a call at %d", model.info.name, meter.limit(key), side)


def _over(end: float) -> bool:
    return time.monotonic() > end


def _measure_bucket(
    batch: UNetBatch, meter: RowMeter, key: str, asks: list[Ask], enough: Callable[[], bool]
) -> bool:
    """Time a call both ways in turn; False if that had to be left off."""
    ways = [apart for apart in (False, True) if not apart or batch.can_part(asks)]
    unknown = [way for way in ways if meter.wants(key, len(asks), apart=way)]
    for attempt in range(_TRIES if unknown else 0):
        for way in unknown:
            if enough():
                return False
            seconds = _time(batch, asks, way)
            if attempt:  # the first call of a shape prepares kernels
                meter.note(key, len(asks), seconds, apart=way)
    return True


def _time(batch: UNetBatch, asks: Sequence[Ask], apart: bool) -> float:
    device = asks[0].x.device
    _wait(device)
    start = time.perf_counter()
    batch.denoise(asks, apart=apart)
    _wait(device)
    return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
