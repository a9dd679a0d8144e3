"""Whole bots in trouble: those of the torture in a process of their own, or one in this process."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psutil

from benchmarks.torture.life import Victim
from benchmarks.torture.world import World
from bot.app import App, open_app, run
from bot.config import Secrets
from bot.domain import Job
from bot.phrase import phrase
from bot.replies import say
from tests.app_fixture import app_config
from tests.samples import incoming, reply_to
from tests.scripted import RecordingAdapter
from tests.standins.telegram_scene import ANN
from tests.test_render_client import COMMAND

NO_ROOM = say(phrase("store-unavailable"), "en")


async def until(true: Callable[[], bool], patience_s: float = 60) -> None:
    """Another process cannot wake this one: look again and again."""
    async with asyncio.timeout(patience_s):
        while not true():
            await asyncio.sleep(0.05)


async def ask_everywhere(world: World, words: str = "steps 3") -> None:
    """One request on each platform."""
    group = world.groups[0]
    world.asked.append((group, await world.telegram.say(group, ANN, f"/draw {words}")))
    await world.discord.connected()
    channel, user = world.channels[0], world.users[0]
    world.issued.append(await world.discord.slash(user, channel, "draw", {"prompt": words}))


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "data" / "chatelier.sqlite")) as database:
        return database.execute(sql).fetchall()


def renderers(victim: Victim) -> list[psutil.Process]:
    children = psutil.Process(victim.process.pid).children()
    return [c for c in children if "tests.render_fault_process" in c.cmdline()]


@asynccontextmanager
async def running(folder: Path, adapter: RecordingAdapter, **render: Any) -> AsyncIterator[App]:
    """A bot whose renderer misbehaves on order."""
    config = app_config(moderation={"classifier": "off"}, render=render)
    stop = asyncio.Event()
    async with open_app(config, Secrets(), folder, render_command=COMMAND) as app:
        app.adapters.clear()
        app.adapters[adapter.platform] = adapter
        task = asyncio.create_task(run(app, stop))
        try:
            await app.renderer.wait_ready()
            yield app
        finally:
            stop.set()
            await task


async def ask(app: App, words: str, number: int) -> Job:
    answer = await app.conversation.handle(
        incoming(words, key=f"{number}", reply_to=reply_to(f"{number}"))
    )
    assert answer.job_id, answer.text
    job = await app.journal.job(answer.job_id)
    assert job is not None
    return job


async def credits_of(app: App, job: Job) -> int:
    rows = await app.journal._database.rows(
        "SELECT COALESCE(SUM(amount), 0) FROM ledger WHERE job_id = ?", (job.id,)
    )
    return int(rows[0][0])
