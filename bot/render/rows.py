"""How many rows one UNet call should have, and how: measured, never assumed.

More rows a call pay until the device is full; from then on they only make everybody wait. Where
that is depends on model, picture size and device, so each (model, size) keeps the best time seen
per bucket of rows. Buckets double until the throughput gains less than 5 %.

A processor can draw a call in two ways: all cores share every operation, or each core has rows of
its own (`apart`). Both are timed.
"""

import json
from pathlib import Path
from typing import TypeVar

BUCKETS = (1, 2, 4, 8, 16, 32, 64)
_WORTHWHILE = 1.05
_PROBE_EVERY = 50
_APART = " apart"
_T = TypeVar("_T")


class RowMeter:
    """Times of UNet calls on one device, kept in a JSON file."""

    def __init__(self, file: Path | None, device: str, *, exact: bool = False) -> None:
        """`device` is in words; times of another device are not used. None: keep nothing. `exact`:
        every picture has calls of its own, whatever pays."""
        self._file, self._device, self.exact = file, device, exact
        self._times: dict[str, dict[int, float]] = {}
        self._calls: dict[str, int] = {}
        self._most: dict[str, int] = {}
        if file is not None:
            self._times = _read(file, device)

    def limit(self, key: str) -> int:
        """Rows that a call of `key` should have at most; while measuring, the next bucket."""
        if self.exact:
            return 1
        best, fitting = self.best(key), [rows for rows in BUCKETS if self.fits(key, rows)]
        known = [rows for rows in fitting if rows in best]
        above = [rows for rows in fitting if rows > max(known, default=0)]
        if not known:
            return fitting[:2][-1]
        if len(known) == 1 and above:
            return above[0]
        chosen = useful(best, known)
        if chosen < known[-1]:
            return self._sometimes(key, chosen, BUCKETS[BUCKETS.index(chosen) + 1])
        return above[0] if above else chosen

    def apart(self, key: str, rows: int) -> bool:
        """Whether a call with so many rows is faster with rows of its own for each core."""
        together, parted = self._times.get(key, {}), self._times.get(key + _APART, {})
        if rows in BUCKETS and (rows not in parted or rows not in together):
            return rows not in parted
        known = [r for r in BUCKETS if r <= rows and r in parted and r in together]
        better = not known or parted[known[-1]] < together[known[-1]]
        return self._sometimes(f"{key}{_APART}{rows}", better, not better)

    def best(self, key: str) -> dict[int, float]:
        """Rows to the seconds of the better way."""
        together, parted = self._times.get(key, {}), self._times.get(key + _APART, {})
        return {
            rows: min(times[rows] for times in (together, parted) if rows in times)
            for rows in together.keys() | parted.keys()
        }

    def _sometimes(self, key: str, usual: _T, other: _T) -> _T:
        """Now and then what seemed worse, in case its time was taken at a bad moment."""
        self._calls[key] = (self._calls.get(key, 0) + 1) % _PROBE_EVERY
        return usual if self._calls[key] else other

    def wants(self, key: str, rows: int, *, apart: bool = False) -> bool:
        """Whether the time of a call with so many rows is not known yet."""
        return rows in BUCKETS and rows not in self._times.get(_way(key, apart), {})

    def note(self, key: str, rows: int, seconds: float, *, apart: bool = False) -> None:
        """A call took so long. Only full buckets count; the best of several is kept."""
        if rows not in BUCKETS:
            return
        times = self._times.setdefault(_way(key, apart), {})
        news = rows not in times
        times[rows] = min(seconds, times.get(rows, seconds))
        if news:
            self._save()

    def too_many(self, key: str, rows: int) -> None:
        """So many did not fit into memory."""
        self._most[key] = max((b for b in BUCKETS if b < rows), default=1)

    def fits(self, key: str, rows: int) -> bool:
        """Whether so many may be tried: they, or fewer, have not run out of memory yet."""
        return rows <= self._most.get(key, BUCKETS[-1])

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


def useful(times: dict[int, float], known: list[int]) -> int:
    """The first of the rising buckets `known` that no larger one beats worth mentioning."""
    for i, rows in enumerate(known):
        rest = known[i + 1 :]
        if all(more / times[more] < _WORTHWHILE * rows / times[rows] for more in rest):
            return rows
    raise ValueError("no bucket is known")


def _way(key: str, apart: bool) -> str:
    return key + _APART if apart else key


def _read(file: Path, device: str) -> dict[str, dict[int, float]]:
    try:
        stored = json.loads(file.read_text("utf-8")).get(device, {})
        return {k: {int(r): float(s) for r, s in v.items()} for k, v in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
