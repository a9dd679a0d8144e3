"""A bot whose database cannot be written (no room, locked, read-only) refuses and loses nothing."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.torture.count import outcome
from benchmarks.torture.life import Victim
from benchmarks.torture.mischief import Mischief
from benchmarks.torture.world import World
from benchmarks.victim.__main__ import RENDERER
from bot.database import _run
from bot.domain import JobState
from tests.app_fixture import running_app
from tests.fault_scene import (
    NO_ROOM,
    ask,
    ask_everywhere,
    renderers,
    rows,
    running,
    until,
)
from tests.samples import incoming, reply_to
from tests.scripted import RecordingAdapter
from tests.standins.telegram_scene import ANN

pytestmark = pytest.mark.timeout(300)
_ACKNOWLEDGED_S = 3.0
"""Discord shows an interaction as failed that is not answered by then."""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World.open(seed=1) as opened:
        yield opened


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or not mount or not umount:
        pytest.skip("no tmpfs on this system")
    words = [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"mounting needs a right that is not given here: {made.stderr.strip()}")
    yield place
    subprocess.run([umount, "--lazy", str(place)], check=True)


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
    assert (found.accepted, found.refused, found.lost, found.charged_twice) == (4, 1, 0, 0)


async def test_a_file_system_without_a_byte_left_refuses_politely(
    small_disk: Path, world: World
) -> None:
    """The same on a real one, filled to its end by something else."""
    async with Victim.started(small_disk, world) as victim:
        await victim.up()
        await ask_everywhere(world)
        await until(lambda: not outcome(small_disk, world).lost)
        _fill(small_disk / "something else")
        await ask_everywhere(world)
        refused = world.issued[-1]
        await until(lambda: refused.response is not None)
        assert refused.response.json["content"] == NO_ROOM
        assert rows(small_disk, "SELECT COUNT(*) FROM jobs") == [(2,)]
        (small_disk / "something else").unlink()
        await until(lambda: not outcome(small_disk, world).lost)
        await victim.stop()
    found = outcome(small_disk, world)
    assert (found.accepted, found.refused, found.lost, found.charged_twice) == (4, 1, 0, 0)
    assert (found.stuck, found.unbalanced) == (0, 0)


def _fill(path: Path) -> None:
    """To the last byte that the file system gives away."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


async def test_a_locked_database_is_refused_before_discord_gives_up(
    tmp_path: Path, world: World
) -> None:
    """Another program holds the file; Telegram's request is drawn once it lets go."""
    async with Victim.started(tmp_path, world) as victim:
        await victim.up()
        await world.discord.connected()
        with closing(sqlite3.connect(tmp_path / "data" / "chatelier.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            await ask_everywhere(world)
            refused = world.issued[-1]
            await until(lambda: refused.response is not None)
            other.rollback()
        assert refused.response.json["content"] == NO_ROOM
        assert refused.acknowledged_after < _ACKNOWLEDGED_S
        await until(lambda: not outcome(tmp_path, world).lost)
        await victim.stop()
    assert outcome(tmp_path, world).refused == 1


async def test_a_database_that_can_only_be_read_stops_no_drawing(tmp_path: Path) -> None:
    """New requests are refused; what is in the renderer goes on, and is told once it can be."""
    adapter = RecordingAdapter()
    async with running(tmp_path, adapter) as app:
        job = await ask(app, "steps 3000", 1)
        await until(lambda: app.worker.drawing == (job.id,) or bool(adapter.results()))
        await app.journal._database._call(_run, "PRAGMA query_only = ON")
        answer = await app.conversation.handle(incoming("steps 2", key="2", reply_to=reply_to("2")))
        assert answer.text == NO_ROOM
        renderer = app.renderer.pid
        await app.journal._database._call(_run, "PRAGMA query_only = OFF")
        await adapter.until(lambda: len(adapter.results()) == 1)
        assert adapter.results()[0].pictures
        assert app.renderer.pid == renderer
        done = await app.journal.job(job.id)
        assert done is not None
        assert done.state is JobState.DELIVERED


async def test_a_start_without_room_waits_for_it(
    tmp_path: Path, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The bot lives on, and answers as soon as something can be written."""
    async with running_app(
        tmp_path, telegram_base=world.telegram.base, render_command=RENDERER
    ) as app:
        call = app.journal._database._call
        await call(_run, "PRAGMA query_only = ON")
        await until(lambda: "own account on telegram cannot be stored" in caplog.text)
        await call(_run, "PRAGMA query_only = OFF")
        group = world.groups[0]
        world.asked.append((group, await world.telegram.say(group, ANN, "/draw steps 2")))
        await until(lambda: not outcome(tmp_path, world).lost)
