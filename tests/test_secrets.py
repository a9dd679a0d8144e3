"""What must never leave the program: tokens in logs; paths, tracebacks and tokens in chats."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.torture.count import outcome
from benchmarks.torture.mischief import METHODS, Mischief
from benchmarks.torture.world import World
from benchmarks.victim.__main__ import RENDERER
from bot import logs
from bot.app import App
from bot.database import _run
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN, running_app
from tests.fault_scene import until
from tests.standins.telegram_scene import ANN

pytestmark = pytest.mark.timeout(300)
_PROMPTS = ("steps 2", "nan", "out of memory", "babble", "crash at 2", "device lost", "steps 3")


class Everything(logging.Handler):
    """All that a record holds, as any handler might write it, and nothing blanked out."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Message and traceback, its arguments and all that was attached."""
        self.lines += [self.format(record), repr(record.args), repr(record.__dict__)]


@pytest.fixture
def everything() -> Iterator[Everything]:
    """At DEBUG, with the levels of libraries as the program sets them."""
    root, handler = logging.getLogger(), Everything()
    talkative = [logging.getLogger(name) for name in logs._TALKATIVE]
    before = [(logger, logger.level) for logger in (root, *talkative)]
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    for logger in talkative:
        logger.setLevel(logging.WARNING)
    yield handler
    root.removeHandler(handler)
    for logger, level in before:
        logger.setLevel(level)


async def test_no_secret_in_any_log_and_no_inside_in_any_chat(
    tmp_path: Path, everything: Everything
) -> None:
    """A whole run on both platforms at DEBUG, with every fault of the network and the renderer: no
    token of ours or of an interaction in any record, its traceback or its arguments; no path,
    traceback or token in what the members read."""
    async with World.open(seed=3) as world:
        _break(world)
        async with running_app(
            tmp_path,
            telegram_base=world.telegram.base,
            discord_base=world.discord.api_base,
            render_command=RENDERER,
            render={"load_timeout_s": 30.0},
            moderation={"classifier": "off"},
            quota={"per_minute": "unlimited"},
            limits={"waiting_per_user": 100},
        ) as app:
            await world.discord.connected()
            await _without_a_store(app, world)
            for number, words in enumerate(_PROMPTS):
                await _ask(world, number, words)
            await until(lambda: _is_over(tmp_path, world), 200)
        tokens = [one.token for one in world.issued]
        told = [world.texts(), *(text for _, text in world.answers())]
    written = "\n".join(everything.lines)
    assert "Traceback" in written, "something went wrong that was logged with its traceback"
    for secret in (TELEGRAM_TOKEN, TELEGRAM_TOKEN.partition(":")[2], DISCORD_TOKEN, *tokens):
        assert secret not in written, written[written.index(secret) - 300 :][:400]
    for text in told:
        for inside in ("Traceback", 'File "', str(tmp_path), ".py", TELEGRAM_TOKEN, DISCORD_TOKEN):
            assert inside not in text


def _break(world: World) -> None:
    """Every fault once, for every method; but not those that only take time."""
    mischief = Mischief(world)
    for method in METHODS:
        for name, make in mischief.network(method).items():
            if "held back" not in name and not (name.endswith("Discord") and method != METHODS[0]):
                make()


async def _without_a_store(app: App, world: World) -> None:
    """A fault that is logged with its traceback."""
    call = app.journal._database._call
    await call(_run, "PRAGMA query_only = ON")
    await _ask(world, 0, "steps 1")
    await until(lambda: world.issued[-1].response is not None)
    await call(_run, "PRAGMA query_only = OFF")


async def _ask(world: World, number: int, words: str) -> None:
    group, user = world.groups[number], world.users[0]
    world.asked.append((group, await world.telegram.say(group, ANN, f"/draw {words}")))
    made = await world.discord.slash(user, world.channels[0], "draw", {"prompt": words})
    world.issued.append(made)


def _is_over(folder: Path, world: World) -> bool:
    found = outcome(folder, world)
    return not (found.lost or found.stuck)
