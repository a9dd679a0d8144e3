"""How soon the bot answers while its renderer has all cores.

The shipped bot with the real renderer and the demonstration model, in a process of its own; both
platforms are stand-ins on loopback in this one. Members ask at random moments, each in a private
chat on Telegram or in a channel on Discord, faster than the pictures can be drawn, so that the
renderer is never idle.

- `telegram_ack_s_…`: from a message until the bot's first answer stands in its chat;
  `discord_ack_s_…`: from an interaction until its callback.
- `loop_lag_ms_…`: how late a task in the bot's event loop is woken that sleeps 10 ms, over and
  over while something is drawn.
- `drawing`: the share of that time in which something was drawn; `renderer_cores`: how many the
  renderer kept busy; `cores`: how many there are; `load_before`: processes that wanted one in the
  minute before (an idle machine has 0).
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import percentile
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_world import Chat, Person

READY = "ready"
"""What the bot's process says once it draws."""
_PER_SECOND = 3.0
_FULL, _QUICK = 300, 40
_WARM_UP = 8
"""Requests before the first that counts: the renderer has work then."""
_PATIENCE_S = 60.0
_MOST_ACK_S, _MOST_LAG_MS = 1.0, 100.0
_PROMPT = "a red apple number {} on a wooden table, oil painting --steps 100"
_ROOT = Path(__file__).parents[2]


def run(quick: bool = False, seed: int = 1) -> dict[str, Any]:
    """All figures; `quick` asks fewer times."""
    load = psutil.getloadavg()[0]
    figures = asyncio.run(_measure(_QUICK if quick else _FULL, random.Random(seed)))
    return {**figures, "cores": psutil.cpu_count(), "load_before": round(load, 2)}


def verdict(figures: dict[str, Any]) -> None:
    """Let the command fail.

    Raises:
        SystemExit: somebody waits too long.
    """
    acks = max(figures["telegram_ack_s_p99"], figures["discord_ack_s_p99"])
    if acks > _MOST_ACK_S or figures["loop_lag_ms_p99"] > _MOST_LAG_MS:
        raise SystemExit(f"more than {_MOST_ACK_S} s, or a lag of more than {_MOST_LAG_MS} ms")


async def _measure(count: int, rng: random.Random) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramServer() as telegram, DiscordServer() as discord:
            subject = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "benchmarks.responsiveness.subject", folder),
                *(telegram.base, discord.api_base),
                cwd=_ROOT,
                stdout=PIPE,
            )
            try:
                crowd = _Crowd(telegram, discord, rng)
                return await _ask_and_count(subject, crowd, count)
            finally:
                if subject.returncode is None:
                    subject.kill()
                    await subject.wait()


async def _ask_and_count(subject: Process, crowd: "_Crowd", count: int) -> dict[str, Any]:
    assert subject.stdout is not None
    while (await subject.stdout.readline()).decode().strip() != READY:
        if subject.returncode is not None:
            raise RuntimeError("the bot did not start")
    await crowd.discord.connected()
    await crowd.ask(_WARM_UP)
    crowd.telegram_acks.clear()
    crowd.discord_acks.clear()
    begun, worked = time.monotonic(), _renderer_seconds(subject.pid)
    await crowd.ask(count)
    seconds = time.monotonic() - begun
    cores = (_renderer_seconds(subject.pid) - worked) / seconds
    subject.terminate()
    probed = json.loads((await subject.stdout.read()).decode())
    await subject.wait()
    return {
        "requests": count,
        **_told("telegram_ack_s", crowd.telegram_acks),
        **_told("discord_ack_s", crowd.discord_acks),
        **_told("loop_lag_ms", [1000 * lag for lag in probed["lags"]]),
        "drawing": round(len(probed["lags"]) / probed["samples"], 2),
        "renderer_cores": round(cores, 2),
        "seconds": round(seconds, 1),
    }


def _told(name: str, values: Sequence[float]) -> dict[str, float]:
    figures = {"p50": percentile(values, 0.5), "p99": percentile(values, 0.99), "max": max(values)}
    return {f"{name}_{which}": round(value, 3) for which, value in figures.items()}


def _renderer_seconds(pid: int) -> float:
    """Processor time of the bot's children, of which only the renderer works."""
    children = psutil.Process(pid).children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children)


class _Crowd:
    """Members who ask at random moments."""

    def __init__(
        self, telegram: TelegramServer, discord: DiscordServer, rng: random.Random
    ) -> None:
        self.telegram, self.discord, self._rng = telegram, discord, rng
        self.telegram_acks: list[float] = []
        self.discord_acks: list[float] = []
        self._user = discord.user("ann")
        self._channel = discord.channel(discord.guild("Painters", self._user), "art")
        self._asked = 0

    async def ask(self, count: int) -> None:
        """So many requests, one after the other without waiting for answers; then for all."""
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                self._asked += 1
                ask = self._on_discord if self._asked % 2 else self._on_telegram
                group.create_task(ask(self._asked))
                await asyncio.sleep(self._rng.expovariate(_PER_SECOND))

    async def _on_telegram(self, number: int) -> None:
        who = Person(10_000 + number, f"Member {number}")
        chat = self.telegram.private(who)
        begun = time.monotonic()
        await self.telegram.say(chat, who, _PROMPT.format(number))
        await self.telegram.when(lambda: self._is_answered(chat), _PATIENCE_S)
        self.telegram_acks.append(time.monotonic() - begun)

    def _is_answered(self, chat: Chat) -> bool:
        return any(m["from"]["id"] == self.telegram.bot["id"] for m in chat.messages.values())

    async def _on_discord(self, number: int) -> None:
        begun = time.monotonic()
        asked = {"prompt": _PROMPT.format(number)}
        made = await self.discord.slash(self._user, self._channel, "draw", asked)
        await self.discord.until(lambda: made.acknowledged_after is not None, _PATIENCE_S)
        self.discord_acks.append(time.monotonic() - begun)
