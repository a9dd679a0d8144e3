"""Loading ahead, and timing UNet calls."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from functools import partial

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
_LONE_ROWS = 2
"""Of one picture: more than one are in no call of an exact loop."""
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


class WarmUp:
    """Loads a checkpoint before anybody asks for it, compiles for its native size if that is
    wished for, and measures how many rows a call pays. Called again, it goes on where it was."""

    def __init__(
        self, shelf: Shelf, ref: ModelRef, meter: RowMeter, beat: Callable[[bool], None]
    ) -> None:
        """`beat(loading)` tells that all is well, and whether what comes now takes long."""
        self._shelf, self._ref, self._meter, self._beat = shelf, ref, meter, beat
        self._begun = self._finished = False

    def __call__(self, interrupted: Callable[[], bool]) -> None:
        """Until the end or until `interrupted`. Only logs what goes wrong: the first job will be
        told. A checkpoint that has had to go meanwhile is not loaded for this again."""
        gone, self._begun = self._begun and not self._shelf.has(self._ref), True
        if self._finished or gone or interrupted():
            return

        def enough() -> bool:
            self._beat(True)
            return interrupted()

        self._beat(True)
        try:
            resident = self._shelf.get(self._ref)
            self._finished = _measure(resident, self._meter, self._ref.sha256, enough)
        except (RenderError, torch.OutOfMemoryError, RuntimeError) as error:
            log.warning("%s cannot be warmed up: %s", self._ref.name, error)
            self._finished = True
        self._beat(False)


def _measure(
    resident: Resident, meter: RowMeter, sha256: str, interrupted: Callable[[], bool]
) -> bool:
    """Whether it came to its end."""
    model, batch = resident.model, resident.batch
    side = model.info.native_size
    key = meter_key(sha256, side, side)
    prompt = encode(model, (Weighted("a red apple", 1.0),))
    cells = side // model.latent_scale
    x = torch.randn(1, model.latent_channels, cells, cells).to(model.device)
    ask = Ask(x, model.levels.highest, prompt, None, 1.0)
    end = time.monotonic() + (math.inf if batch.compiles else _MOST_SECONDS)
    gains = [True]
    fitting = model.residency.room.rows(side * side)
    for rows in (bucket for bucket in BUCKETS if bucket <= fitting):
        # A busy moment may hide what a bucket gains; two in a row that gain nothing end it.
        if not any(gains[-2:]) or (meter.exact and rows > _LONE_ROWS):
            break
        if batch.compiles and rows <= max(_LONE_ROWS, meter.limit(key)) and not interrupted():
            batch.compile_for([ask] * rows)
        enough = partial(_enough, interrupted, end)
        if not _measure_bucket(batch, meter, key, [ask] * rows, enough):
            return _over(end)
        best = meter.best(key)
        gains.append(rows == 1 or useful(best, [rows // 2, rows]) == rows)
    log.info("%s: up to %d rows a call at %d", model.info.name, meter.limit(key), side)
    return True


def _enough(interrupted: Callable[[], bool], end: float) -> bool:
    return interrupted() or _over(end)


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
