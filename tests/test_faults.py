"""What goes wrong around a whole bot, each time in a real process: killed, stopped, out of room."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks import torture
from benchmarks.torture.count import outcome
from benchmarks.torture.life import Victim
from benchmarks.torture.mischief import Mischief
from benchmarks.torture.world import World
from benchmarks.victim.edges import DIED, SENDING, SENT
from bot.app import App, open_app, run
from bot.config import Secrets
from bot.domain import Job, Kind
from bot.phrase import phrase
from bot.replies import say
from tests.app_fixture import app_config
from tests.samples import incoming, reply_to
from tests.scripted import RecordingAdapter
from tests.standins.telegram_scene import ANN
from tests.test_render_client import COMMAND

pytestmark = pytest.mark.timeout(300)
NO_ROOM = say(phrase("store-unavailable"), "en")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World.open(seed=1) as opened:
        yield opened


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


# Kills --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edge",
    [
        "after commit of accept",
        "after commit of end_drawn",
        "after a result",
        "after commit of told",
    ],
)
async def test_a_kill_at_an_edge_loses_and_doubles_nothing(
    tmp_path: Path, world: World, edge: str
) -> None:
    """Killed where the first of two requests crosses it, and started again: both arrive, charged
    once; only Telegram may show a result twice, and only if the kill fell into its sending."""
    async with Victim.started(tmp_path, world, death=edge) as victim:
        await victim.up()
        await ask_everywhere(world)
        assert await victim.until(lambda: f"{DIED} {edge}" in victim.said, 60)
    sending = victim.said.count(SENDING) - victim.said.count(SENT)
    before = rows(tmp_path, "SELECT id FROM jobs WHERE state IN ('drawn', 'delivered')")
    async with Victim.started(tmp_path, world) as victim:
        await until(lambda: not outcome(tmp_path, world).lost)
        await until(lambda: not outcome(tmp_path, world).stuck)
        await victim.stop()
    found = outcome(tmp_path, world)
    assert (found.accepted, found.lost, found.failed, found.charged_wrongly) == (2, 0, 0, 0)
    assert (found.discord_duplicates, found.unbalanced) == (0, 0)
    assert found.telegram_repeats <= sending
    again = rows(tmp_path, "SELECT id FROM jobs WHERE attempts > 1")
    assert not set(before) & set(again), "what was drawn is not drawn again"


def test_a_share_of_the_torture() -> None:
    """`make torture` runs it for long."""
    figures = torture.run(cycles=6, seed=8)
    assert figures["cycles"] == 6
    assert figures["accepted"] > 3


async def test_sigterm_in_the_middle_of_drawing_puts_the_job_back(
    tmp_path: Path, world: World
) -> None:
    """Gone within ten seconds, and that attempt is not counted."""
    async with Victim.started(tmp_path, world) as victim:
        await victim.up()
        await ask_everywhere(world, "slow")
        drawing = "SELECT id FROM jobs WHERE state = 'drawing'"
        await until(lambda: len(rows(tmp_path, drawing)) == 2)
        await victim.stop()
        assert victim.process.returncode == 0
    assert rows(tmp_path, "SELECT state, attempts, deaths FROM jobs") == [("waiting", 0, 0)] * 2


# The disk -----------------------------------------------------------------------------------


async def test_a_full_disk_refuses_politely_and_loses_nothing(tmp_path: Path, world: World) -> None:
    """On Discord with a sentence, at once; Telegram keeps what was asked there until there is room.
    The render process lives on, and so does the bot."""
    async with Victim.started(tmp_path, world) as victim:
        await victim.up()
        await ask_everywhere(world)
        await until(lambda: not outcome(tmp_path, world).lost)
        (renderer,) = renderers(victim)
        disk = Mischief(world)
        disk._disk(victim.process.pid)
        await ask_everywhere(world)
        refused = world.issued[-1]
        await until(lambda: refused.response is not None)
        assert refused.response.json["content"] == NO_ROOM
        jobs = rows(tmp_path, "SELECT COUNT(*) FROM jobs")
        disk.mend()
        await until(lambda: not outcome(tmp_path, world).lost)
        assert jobs == [(2,)]
        assert rows(tmp_path, "SELECT COUNT(*) FROM jobs") == [(3,)]
        assert renderers(victim) == [renderer]
        await victim.stop()
    found = outcome(tmp_path, world)
    assert (found.accepted, found.refused, found.lost, found.charged_wrongly) == (4, 1, 0, 0)


def renderers(victim: Victim) -> list[psutil.Process]:
    children = psutil.Process(victim.process.pid).children()
    return [c for c in children if "tests.render_fault_process" in c.cmdline()]


# The renderer -------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("poison", "deaths"),
    [("crash at 2", 2), ("abort at 2", 2), ("hang at 2", 2), ("nan", 0), ("out of memory", 0)],
)
async def test_one_bad_request_takes_none_of_its_batch_along(
    tmp_path: Path, poison: str, deaths: int
) -> None:
    """Seven of eight are delivered; the eighth is told and refunded, after one death in company and
    one alone where it takes the process along. Commands are answered all the while."""
    adapter = RecordingAdapter()
    async with running(tmp_path, adapter, step_timeout_s=0.5, load_timeout_s=30.0) as app:
        jobs = [await ask(app, poison if n == 3 else "steps 40", n) for n in range(8)]
        while len(adapter.results()) < 8:
            answer = await asyncio.wait_for(app.conversation.handle(incoming("", "queue")), 1)
            assert answer.text
            await asyncio.sleep(0.02)
        ended = {m.job_id: m for m in adapter.delivered if m.kind is Kind.RESULT}
        for number, job in enumerate(jobs):
            assert bool(ended[job.id].pictures) == (number != 3)
            assert await credits_of(app, job) == (job.cost if number != 3 else 0)
        assert app.renderer.deaths == deaths


async def test_a_stopped_render_process_is_replaced(tmp_path: Path) -> None:
    """It neither speaks nor ends, as a driver that hangs: its job is drawn by another."""
    adapter = RecordingAdapter()
    async with running(tmp_path, adapter, step_timeout_s=0.5, load_timeout_s=30.0) as app:
        stopped = psutil.Process(app.renderer.pid)
        stopped.suspend()
        await ask(app, "steps 3", 1)
        await adapter.until(lambda: len(adapter.results()) == 1)
        assert adapter.results()[0].pictures
        assert app.renderer.pid != stopped.pid
        assert not stopped.is_running()


async def test_a_damaged_row_neither_stops_the_start_nor_is_forgotten(tmp_path: Path) -> None:
    """Its member is told and gets the credits back; the others of the line are drawn."""
    first = RecordingAdapter()
    async with running(tmp_path, first) as app:
        jobs = [await ask(app, "slow", 1), await ask(app, "steps 2 ", 2)]
        await first.until(lambda: len(first.results()) == 1)
    with closing(sqlite3.connect(tmp_path / "data" / "chatelier.sqlite")) as database:
        database.execute("UPDATE jobs SET spec = '{}' WHERE id = ?", (jobs[0].id,))
        database.commit()
    second = RecordingAdapter()
    async with running(tmp_path, second) as app:
        await second.until(lambda: len(second.results()) == 1)
        (told,) = second.results()
        assert told.job_id == jobs[0].id
        assert "damaged" in told.text
        assert told.to.message_id == "1"
        assert await credits_of(app, jobs[0]) == 0
        await ask(app, "steps 2", 3)
        await second.until(lambda: len(second.results()) == 2)
    third = RecordingAdapter()
    async with running(tmp_path, third):
        pass
    assert third.delivered == []
