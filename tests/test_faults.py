"""What goes wrong around a whole bot, each time in a real process: killed, stopped, out of room."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from benchmarks import torture
from benchmarks.torture.count import outcome
from benchmarks.torture.life import Victim
from benchmarks.torture.world import World
from benchmarks.victim.edges import DIED
from bot.domain import Kind
from tests.fault_scene import ask, ask_everywhere, credits_of, renderers, rows, running, until
from tests.samples import incoming
from tests.scripted import RecordingAdapter

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World.open(seed=1) as opened:
        yield opened


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
    on_their_way = victim.sending
    before = rows(tmp_path, "SELECT id FROM jobs WHERE state IN ('drawn', 'delivered')")
    async with Victim.started(tmp_path, world) as victim:
        await until(lambda: not outcome(tmp_path, world).lost)
        await until(lambda: not outcome(tmp_path, world).stuck)
        await victim.stop()
    found = outcome(tmp_path, world, on_their_way)
    # Discord shows no event again that fell into the kill: that request was never acknowledged.
    assert found.accepted in ((1, 2) if edge == "after commit of accept" else (2,))
    assert (found.lost, found.failed, found.charged_twice) == (0, 0, 0)
    assert (found.discord_duplicates, found.unbalanced) == (0, 0)
    assert found.telegram_repeats_outside_a_send == 0
    again = rows(tmp_path, "SELECT id FROM jobs WHERE attempts > 1")
    assert not set(before) & set(again), "what was drawn is not drawn again"


def test_a_share_of_the_torture() -> None:
    """`make torture` runs it for long."""
    figures = torture.run(cycles=6, seed=8)
    torture.verdict(figures)
    assert figures["cycles"] == 6
    assert figures["accepted"] > 3


async def test_a_clock_that_jumps_loses_and_doubles_nothing(tmp_path: Path, world: World) -> None:
    """By up to two days, forth and back, five times a second, over a kill."""
    async with Victim.started(tmp_path, world, jumps=7) as victim:
        await victim.up()
        await ask_everywhere(world)
        await ask_everywhere(world, "steps 300")
        await until(lambda: len(rows(tmp_path, "SELECT id FROM jobs")) == 4)
    async with Victim.started(tmp_path, world, jumps=8) as again:
        await until(lambda: not outcome(tmp_path, world).lost)
        await until(lambda: not outcome(tmp_path, world).stuck)
        await again.stop()
    found = outcome(tmp_path, world, victim.sending)
    assert (found.accepted, found.lost, found.failed, found.charged_twice) == (4, 0, 0, 0)
    assert (found.discord_duplicates, found.unbalanced) == (0, 0)
    assert found.telegram_repeats_outside_a_send == 0


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


async def test_sigterm_ends_a_bot_whose_renderer_hangs(tmp_path: Path, world: World) -> None:
    """It neither speaks nor hears: gone with it within ten seconds, the job uncounted."""
    async with Victim.started(tmp_path, world) as victim:
        await victim.up()
        await ask_everywhere(world, "slow")
        drawing = "SELECT id FROM jobs WHERE state = 'drawing'"
        await until(lambda: len(rows(tmp_path, drawing)) == 2)
        (renderer,) = renderers(victim)
        renderer.suspend()
        await victim.stop()
        assert victim.process.returncode == 0
        assert not renderer.is_running()
    assert rows(tmp_path, "SELECT state, attempts, deaths FROM jobs") == [("waiting", 0, 0)] * 2


# The renderer -------------------------------------------------------------------------------


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
