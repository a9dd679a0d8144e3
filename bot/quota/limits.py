"""What a picture costs, and which day it is: pure policy."""

from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from bot.spec import RenderSpec, passes

CREDIT = 1000
"""Millicredits in one credit: one 512×512 picture at 20 steps."""


def picture_cost(spec: RenderSpec) -> int:
    """Millicredits of one picture of `spec`: pixels times steps, of all passes; at least 1."""
    work = sum(p.width * p.height * p.steps for p in passes(spec))
    return max(1, ceil(CREDIT * work / (512 * 512 * 20)))


def day_of(moment: float, timezone: str) -> str:
    """The calendar day of `moment` (seconds since 1970) in `timezone`, as `2026-11-21`."""
    return datetime.fromtimestamp(moment, ZoneInfo(timezone)).date().isoformat()


def seconds_to_next_day(moment: float, timezone: str) -> float:
    """Seconds until midnight in `timezone`, right across daylight saving."""
    zone = ZoneInfo(timezone)
    tomorrow = datetime.fromtimestamp(moment, zone).date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
    return midnight.timestamp() - moment


def as_credits(millicredits: int) -> str:
    """`12.5`, `0.07`: at most two digits after the point, rounded up to the next hundredth."""
    return f"{ceil(millicredits / 10) / 100:g}"
