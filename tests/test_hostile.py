"""Damaged input of every kind; `python -m benchmarks fuzz` does the same for long."""

import random

import pytest

from benchmarks import fuzz
from benchmarks.fuzz import platforms
from benchmarks.fuzz.damage import damaged_json

SEEDS = (1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_pasted_parameters_are_read_whatever_they_are(seed: int) -> None:
    """As a request, and at once."""
    assert fuzz.infotexts(500, random.Random(seed))["slowest_ms"] < 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_weights_are_read_or_refused(seed: int) -> None:
    """Some damage is none, some is found; nothing else is raised."""
    outcomes = fuzz.headers(500, random.Random(seed))
    assert outcomes["read"] > 10
    assert outcomes["model-header-broken"] > 10
    assert sum(outcomes.values()) == 500


@pytest.mark.parametrize("seed", SEEDS)
async def test_damaged_updates_of_telegram_stop_nothing(seed: int) -> None:
    """A sound request that comes behind them is heard."""
    await platforms.telegram(150, random.Random(seed))


@pytest.mark.parametrize("seed", SEEDS)
async def test_damaged_events_of_discord_stop_nothing(seed: int) -> None:
    """A sound command that comes behind them is heard."""
    await platforms.discord(150, random.Random(seed))


def test_damage_is_damage() -> None:
    """Most of what is handed on differs from what is sound, and a seed repeats it."""
    sound = {"message": {"text": "/draw a fox", "from": {"id": 5}}}
    broken = [damaged_json(sound, random.Random(seed)) for seed in range(100)]
    assert sum(one != sound for one in broken) > 90
    assert repr(broken) == repr([damaged_json(sound, random.Random(seed)) for seed in range(100)])
