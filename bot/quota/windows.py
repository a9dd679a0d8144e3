"""Calendar days and hours in the quota's time zone, right across daylight saving (pure).

A moment is in seconds since 1970, UTC. The name of an hour carries its offset from UTC, so that
the hour that comes twice when the clocks go back is two hours. A request asks several times about
its moment: what was answered last is remembered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["day", "hour"]
PERIODS: tuple[Period, ...] = ("day", "hour")


@dataclass(frozen=True, slots=True)
class Clockface:
    """One moment as limits see it: which day and hour it belongs to, and when they end."""

    moment: float
    timezone: str

    @property
    def day(self) -> str:
        """`2026-11-21`"""
        return day_of(self.moment, self.timezone)

    @property
    def hour(self) -> str:
        """`2026-11-21T14+01:00`"""
        return hour_of(self.moment, self.timezone)

    def slot(self, period: Period) -> str:
        """The day or the hour."""
        return self.day if period == "day" else self.hour

    def resets_at(self, period: Period) -> float:
        """The moment when the next day or hour begins."""
        next_of = next_day if period == "day" else next_hour
        return next_of(self.moment, self.timezone)


@lru_cache(maxsize=64)
def day_of(moment: float, timezone: str) -> str:
    """The calendar day of `moment` in `timezone`, as `2026-11-21`."""
    return datetime.fromtimestamp(moment, ZoneInfo(timezone)).date().isoformat()


@lru_cache(maxsize=64)
def hour_of(moment: float, timezone: str) -> str:
    """The clock hour of `moment` in `timezone`, as `2026-11-21T14+01:00`."""
    local = datetime.fromtimestamp(moment, ZoneInfo(timezone))
    return f"{local:%Y-%m-%dT%H}{local.isoformat()[19 + 7 * bool(local.microsecond) :]}"


@lru_cache(maxsize=64)
def next_day(moment: float, timezone: str) -> float:
    """The next midnight; where the clocks skip midnight, the moment when they do."""
    zone = ZoneInfo(timezone)
    tomorrow = datetime.fromtimestamp(moment, zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).timestamp()


@lru_cache(maxsize=64)
def next_hour(moment: float, timezone: str) -> float:
    """The next full hour on the clock; where the clocks are changed before it, that moment."""
    local = datetime.fromtimestamp(moment, ZoneInfo(timezone))
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    end = round(moment - into.total_seconds()) + 3600
    name = hour_of(moment, timezone)
    if hour_of(end - 1, timezone) == name:
        return float(end)
    return float(_first(lambda at: hour_of(at, timezone) != name, int(moment), end))


def seconds_to_next_day(moment: float, timezone: str) -> float:
    """Seconds until midnight in `timezone`, right across daylight saving."""
    return next_day(moment, timezone) - moment


def _first(holds: Callable[[int], bool], below: int, above: int) -> int:
    """The first whole second at which `holds`, by bisection: false at `below`, true at `above`."""
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if holds(middle) else (middle, above)
    return above
