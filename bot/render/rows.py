"""How many rows one UNet call should have: measured, never assumed.

More rows a call pay until the device is full; from then on they only make everybody wait. Where
that is depends on model, picture size and device, so each (model, size) keeps the best time seen
per bucket of rows. Buckets double until the throughput gains less than 5 %.
"""

import json
from itertools import pairwise
from pathlib import Path

BUCKETS = (1, 2, 4, 8, 16, 32, 64)
_WORTHWHILE = 1.05
_PROBE_EVERY = 50


class RowMeter:
    """Times of UNet calls on one device, kept in a JSON file."""

    def __init__(self, file: Path | None, device: str) -> None:
        """`device` is in words; times of another device are not used. None: keep nothing."""
        self._file, self._device = file, device
        self._times: dict[str, dict[int, float]] = {}
        self._calls: dict[str, int] = {}
        self._most = BUCKETS[-1]
        if file is not None:
            self._times = _read(file, device)

    def limit(self, key: str) -> int:
        """Rows that a call of `key` should have at most; while measuring, the next bucket."""
        times = self._times.get(key, {})
        for small, large in pairwise(BUCKETS):
            if large > self._most:
                return small
            if large not in times:
                return large
            if small in times and large / times[large] < _WORTHWHILE * small / times[small]:
                return self._sometimes(key, small, large)
        return BUCKETS[-1]

    def _sometimes(self, key: str, small: int, large: int) -> int:
        """Now and then the larger bucket, in case its time was taken at a bad moment."""
        self._calls[key] = (self._calls.get(key, 0) + 1) % _PROBE_EVERY
        return small if self._calls[key] else large

    def wants(self, key: str, rows: int) -> bool:
        """Whether the time of a call with so many rows is not known yet."""
        return rows in BUCKETS and rows not in self._times.get(key, {})

    def note(self, key: str, rows: int, seconds: float) -> None:
        """A call took so long. Only full buckets count; the best of several is kept."""
        if rows not in BUCKETS:
            return
        times = self._times.setdefault(key, {})
        news = rows not in times
        times[rows] = min(seconds, times.get(rows, seconds))
        if news:
            self._save()

    def too_many(self, rows: int) -> None:
        """So many did not fit into memory."""
        self._most = max((b for b in BUCKETS if b < rows), default=1)

    def _save(self) -> None:
        """Best effort: times that cannot be kept are measured again."""
        if self._file is None:
            return
        try:
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps({self._device: self._times}), "utf-8")
            fresh.replace(self._file)
        except OSError:
            self._file = None


def _read(file: Path, device: str) -> dict[str, dict[int, float]]:
    try:
        stored = json.loads(file.read_text("utf-8")).get(device, {})
        return {k: {int(r): float(s) for r, s in v.items()} for k, v in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
