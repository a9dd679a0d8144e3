"""Days and hours in the quota's time zone, across daylight saving."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database import Database
from bot.quota.windows import Clockface, day_of, hour_of, next_day, next_hour
from tests.quota_scene import Scene, config

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Chatham",
]
# 2020 to 2030: daylight saving by today's rules.
moments = st.integers(1_577_836_800, 1_893_456_000)


def at(text: str, zone: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


@given(moments, st.sampled_from(ZONES))
def test_a_window_ends_at_the_very_second_that_is_told(moment: int, zone: str) -> None:
    """One second before it is the same day and hour; then another one, and never a long way off."""
    for name_of, next_of, longest in ((day_of, next_day, 25), (hour_of, next_hour, 1)):
        ends, name = next_of(moment, zone), name_of(moment, zone)
        assert 0 < ends - moment <= longest * 3600
        assert name_of(ends - 1, zone) == name
        assert name_of(ends, zone) != name


@given(st.sampled_from(ZONES), st.integers(0, 3650))
def test_windows_follow_each_other_without_a_gap(zone: str, days: int) -> None:
    """Walking from end to end through three days meets every name once, hours within their day."""
    moment = next_day(1_577_836_800 + days * 86400, zone)
    end, names = moment + 3 * 86400, []
    while moment < end:
        names.append(hour_of(moment, zone))
        assert names[-1].startswith(day_of(moment, zone))
        moment = next_hour(moment, zone)
    assert len(set(names)) == len(names) in range(71, 75)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Asia/Kolkata", "2026-03-29", 24),
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
def test_the_days_on_which_clocks_change_have_23_or_25_hours(
    zone: str, day: str, hours: int
) -> None:
    """Midnight comes right, also where the clocks skip it."""
    begins = next_day(at(f"{day}T12:00", zone) - 86400, zone)
    assert day_of(begins, zone) == day
    assert next_day(begins, zone) - begins == hours * 3600


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    """When the clocks go back, 02:30 is two moments with an allowance each."""
    first, second = (at("2026-10-25T02:30", "Europe/Berlin", fold) for fold in (0, 1))
    assert second - first == 3600
    assert hour_of(first, "Europe/Berlin") == "2026-10-25T02+02:00"
    assert hour_of(second, "Europe/Berlin") == "2026-10-25T02+01:00"
    assert next_hour(first, "Europe/Berlin") == second - 1800


def test_a_half_hour_zone_counts_hours_on_its_own_clock() -> None:
    """In India the hour begins at half past in UTC."""
    moment = at("2026-11-21T14:05", "Asia/Kolkata")
    assert hour_of(moment, "Asia/Kolkata") == "2026-11-21T14+05:30"
    assert next_hour(moment, "Asia/Kolkata") - moment == 55 * 60


def test_an_hour_that_the_clocks_cut_short_ends_with_them() -> None:
    """Newfoundland set its clocks back one minute after midnight until 2011."""
    midnight = at("2006-10-29T00:00", "America/St_Johns")
    assert next_hour(midnight + 30, "America/St_Johns") == midnight + 60
    assert next_day(midnight - 60, "America/St_Johns") == midnight


def test_the_day_is_the_one_of_the_configured_zone() -> None:
    """At 17:00 UTC it is already tomorrow in Shanghai."""
    moment = at("2026-11-21T17:00", "UTC")
    assert day_of(moment, "UTC") == "2026-11-21"
    assert day_of(moment, "Asia/Shanghai") == "2026-11-22"


def test_fractions_of_a_second_change_no_name() -> None:
    """The clock of a computer never stands on a full second."""
    moment = at("2026-11-21T14:05", "Europe/Berlin")
    assert Clockface(moment + 0.25, "Europe/Berlin").hour == Clockface(moment, "Europe/Berlin").hour


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", "2026-10-25"), ("America/New_York", "2026-03-08")]
)
async def test_credits_come_back_at_the_moment_that_the_refusal_names(
    database: Database, zone: str, day: str
) -> None:
    """On the day that the clocks change: a second before midnight no, at midnight yes."""
    scene = Scene(database, config(credits_per_day=1.0, timezone=zone))
    scene.now = at(f"{day}T00:30", zone)
    await scene.spend()
    wait = (await scene.refused()).args["wait"]
    scene.now += wait - 1
    assert (await scene.refused()).args["wait"] == pytest.approx(1)
    scene.now += 1
    assert datetime.fromtimestamp(scene.now, ZoneInfo(zone)).hour == 0
    assert day_of(scene.now - 1, zone) == day
    await scene.spend()


async def test_an_hourly_limit_is_fresh_in_the_hour_that_is_repeated(database: Database) -> None:
    """What was spent at the first 02:30 does not count at the second."""
    scene = Scene(
        database, config(credits_per_day=9.0, credits_per_hour=1.0, timezone="Europe/Berlin")
    )
    scene.now = at("2026-10-25T02:30", "Europe/Berlin")
    await scene.spend()
    refusal = await scene.refused()
    assert (refusal.args["wait"], refusal.args["window"]) == (1800, "hour")
    scene.now += timedelta(hours=1).total_seconds()
    await scene.spend()
