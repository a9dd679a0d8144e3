"""Starts that fail one after another wait longer and longer, also over restarts."""

import asyncio
import json
import os
import re
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import pytest

from bot.config import Config, Secrets
from bot.starts import LONGEST_PAUSE_S, Starts
from tests.standins.telegram import TelegramServer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def starts(folder: Path, clock: Clock, token: str = "") -> Starts:
    """What a new process makes of the same folder."""
    return Starts(folder / "data", Config(), Secrets(telegram_token=token), clock)


def test_pauses_grow_and_have_an_end(tmp_path: Path, clock: Clock) -> None:
    """Three starts are free; then 5 s, 10 s, … up to five minutes."""
    pauses = []
    for _ in range(12):
        pauses.append(starts(tmp_path, clock).begin())
        clock.now += pauses[-1]
    assert pauses == [0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert max(pauses) == LONGEST_PAUSE_S


def test_what_the_supervisor_waited_counts(tmp_path: Path, clock: Clock) -> None:
    """Nobody waits twice; a clock that was set back shortens nothing."""
    for _ in range(3):
        starts(tmp_path, clock).begin()
    clock.now += 3
    assert starts(tmp_path, clock).begin() == 2
    clock.now -= 86400
    assert starts(tmp_path, clock).begin() == 10


def test_a_start_that_went_well_forgets_the_others(tmp_path: Path, clock: Clock) -> None:
    """It lasted, or its operator ended it."""
    for _ in range(5):
        starts(tmp_path, clock).begin()
    starts(tmp_path, clock).went_well()
    assert starts(tmp_path, clock).begin() == 0


def test_other_settings_are_tried_at_once(tmp_path: Path, clock: Clock) -> None:
    """Whoever mends the token does not wait; the token does not stand in the file."""
    for _ in range(5):
        starts(tmp_path, clock, "secret-1").begin()
    assert starts(tmp_path, clock, "secret-2").begin() == 0
    assert "secret" not in (tmp_path / "data" / "starts.json").read_text()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"failed": "x", "at": 1, "settings": ""}'])
def test_a_damaged_note_is_none(tmp_path: Path, clock: Clock, content: str) -> None:
    """A power cut may leave half of it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "starts.json").write_text(content)
    assert starts(tmp_path, clock).begin() == 0


async def test_a_supervisor_that_starts_again_at_once_is_slowed_down(tmp_path: Path) -> None:
    """`chatelier run` with a refused token ends with one line and code 2, and is counted on disk;
    after three of those the next one waits before it asks anybody anything."""
    async with TelegramServer() as server:
        first = await _started(tmp_path, server.base)
        _, said = await first.communicate()
        assert first.returncode == 2
        assert said.decode().splitlines()[-1].startswith("chatelier: ")
        note = tmp_path / "data" / "starts.json"
        noted = json.loads(note.read_text("utf-8"))
        assert noted["failed"] == 1
        note.write_text(json.dumps(noted | {"failed": 5, "at": time.time()}), "utf-8")
        fourth = await _started(tmp_path, server.base)
        assert fourth.stderr is not None
        line = (await fourth.stderr.readline()).decode()
        assert re.search(r"waiting \d+ s$", line.rstrip())
        fourth.terminate()
        await fourth.communicate()


async def _started(folder: Path, telegram_base: str) -> Process:
    """`chatelier run` in a folder, with a token that the stand-in does not know."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CHATELIER_")}
    settings = {
        "CHATELIER_TELEGRAM_TOKEN": "987:another-token",
        "CHATELIER_TELEGRAM__API_BASE": telegram_base,
        "CHATELIER_STUDIO__ENABLED": "off",
        "CHATELIER_LOG__FORMAT": "text",
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--log-level", "WARNING", "run"),
        cwd=folder,
        env=clean | settings,
        stdout=DEVNULL,
        stderr=PIPE,
    )
