"""The bot's side of the render process, against a real child that misbehaves on order."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from bot.config import RenderConfig
from bot.domain import Catalog, ModelRef, PictureDone, RenderSpec, StepDone
from bot.errors import BadOutput, OutOfMemory, RendererDied, RenderError, RenderTimeout
from bot.render.client import Phase, RenderClient
from tests.render_fault_process import CATALOG

COMMAND = (sys.executable, "-m", "tests.render_fault_process")


def spec(prompt: str) -> RenderSpec:
    return RenderSpec(
        prompt=prompt, seed=1, steps=5, cfg_scale=7, sampler="Euler", width=64, height=64,
        checkpoint=ModelRef(name="fake", sha256="f" * 64),
    )  # fmt: skip


def make(tmp_path: Path, **settings: object) -> RenderClient:
    values = {"step_timeout_s": 20.0, "load_timeout_s": 20.0, **settings}
    config = RenderConfig(**values)  # type: ignore[arg-type]  # a bag of test settings
    return RenderClient(config, tmp_path, command=COMMAND)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[RenderClient]:
    async with make(tmp_path) as running:
        yield running


async def events(client: RenderClient, prompt: str, job_id: str = "a") -> list[object]:
    return [event async for event in client.render(job_id, spec(prompt), {})]


async def failure(client: RenderClient, prompt: str, job_id: str = "a") -> RenderError:
    with pytest.raises(RenderError) as caught:
        await events(client, prompt, job_id)
    return caught.value


async def first(client: RenderClient, prompt: str, job_id: str) -> object:
    """The first event of a job; its iterator is closed after that."""
    stream = client.render(job_id, spec(prompt), {})
    try:
        return await anext(stream)
    finally:
        await stream.aclose()


async def test_a_job_given_at_once_waits_for_the_start_and_is_drawn(client: RenderClient) -> None:
    """A job handed in before the process is up ends with its picture."""
    seen = await events(client, "steps 3")
    assert isinstance(seen[-1], PictureDone)
    assert StepDone(step=3, steps=3) in seen


async def test_the_catalogue_comes_from_the_process(tmp_path: Path) -> None:
    """Until the process is up the stored catalogue holds, then its own, which is handed on."""
    told: list[Catalog] = []
    stored = Catalog(device="yesterday's")
    client = RenderClient(
        RenderConfig(), tmp_path, stored_catalog=stored, on_catalog=told.append, command=COMMAND
    )
    async with client:
        assert stored == client.catalog
        assert client.state.phase is Phase.STARTING
        await client.wait_ready()
        assert client.catalog == CATALOG
        assert told == [CATALOG]
        assert client.state.phase is Phase.READY
        assert client.state.device == "a process for tests"


async def test_a_crash_in_company_blames_nobody(client: RenderClient) -> None:
    """Both jobs in a process that exits are told, and neither was alone."""
    await client.wait_ready()
    slow = asyncio.create_task(failure(client, "slow", "bystander"))
    poison = await failure(client, "crash at 3", "poison")
    bystander = await slow
    for died in (poison, bystander):
        assert isinstance(died, RendererDied)
        assert not died.alone
        assert "famous last words" in died.detail


@pytest.mark.parametrize("how", ["crash", "abort"])
async def test_a_crash_alone_is_known_and_the_process_replaced(
    client: RenderClient, how: str
) -> None:
    """The only job of a dying process hears that it was alone; the next job is drawn."""
    await client.wait_ready()
    died = await failure(client, f"{how} at 2")
    assert isinstance(died, RendererDied)
    assert died.alone
    assert isinstance((await events(client, "steps 2"))[-1], PictureDone)


@pytest.mark.parametrize("how", ["hang at 2", "silent"])
async def test_a_hanging_process_is_replaced(tmp_path: Path, how: str) -> None:
    """Silence longer than the step time-out ends the process; the next job is drawn."""
    async with make(tmp_path, step_timeout_s=0.5) as client:
        await client.wait_ready()
        assert isinstance(await failure(client, how), RenderTimeout)
        assert isinstance((await events(client, "steps 2"))[-1], PictureDone)


async def test_a_worn_process_is_replaced_between_jobs(tmp_path: Path) -> None:
    """After so many jobs, with others in it and waiting: each is drawn once, none hears of it."""
    async with make(tmp_path, recycle_after_jobs=3) as client:
        await client.wait_ready()
        first_pid = client.pid
        drawn = await asyncio.gather(*(events(client, f"steps {n}", f"{n}") for n in range(1, 9)))
        assert all(isinstance(seen[-1], PictureDone) for seen in drawn)
        await client.wait_ready()
        assert client.pid != first_pid
        assert client.deaths == 0


async def test_a_leak_ends_with_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit a fresh process goes on, and what was leaked is free again."""
    monkeypatch.setattr("bot.render.wear.LEAST_JOBS", 2)
    async with make(tmp_path) as probe:
        await probe.wait_ready()
        usual = probe.memory_bytes
    limit = usual + 100 * 2**20
    async with make(tmp_path, recycle_above_gb=limit / 1e9) as client:
        pids = set()
        for n in range(6):
            assert isinstance((await events(client, "leak 60", f"{n}"))[-1], PictureDone)
            pids.add(client.pid)
        await client.wait_ready()
        assert client.memory_bytes < limit
    assert len(pids - {None}) > 1


async def test_the_device_fails_for_good_and_the_process_is_replaced(client: RenderClient) -> None:
    """As a CUDA error does that every later call would repeat: the log has the last words."""
    await client.wait_ready()
    died = await failure(client, "device lost")
    assert isinstance(died, RendererDied)
    assert "illegal memory access" in died.detail
    assert isinstance((await events(client, "steps 1"))[-1], PictureDone)


async def test_a_job_without_enough_memory_fails_alone(client: RenderClient) -> None:
    """The process has tried smaller calls before it says so; it lives on."""
    await client.wait_ready()
    assert isinstance(await failure(client, "out of memory"), OutOfMemory)
    assert isinstance((await events(client, "steps 1"))[-1], PictureDone)
    assert client.deaths == 0


async def test_a_death_is_seen_within_a_second(client: RenderClient) -> None:
    """From the process's end to what the job hears of it."""
    await client.wait_ready()
    running = asyncio.create_task(failure(client, "slow"))
    while not client._is_busy:
        await asyncio.sleep(0)
    process = psutil.Process(client.pid)
    process.kill()
    begun = time.monotonic()
    assert isinstance(await running, RendererDied)
    assert time.monotonic() - begun < 1


async def test_nonsense_on_the_pipe_is_a_death(client: RenderClient) -> None:
    """A process that sends no frames is replaced."""
    await client.wait_ready()
    assert isinstance(await failure(client, "babble"), RendererDied)
    assert isinstance((await events(client, "steps 1"))[-1], PictureDone)


async def test_a_bad_picture_is_only_its_own_failure(client: RenderClient) -> None:
    """A failure that the process reports by name arrives as that class; the process lives on."""
    await client.wait_ready()
    other = asyncio.create_task(events(client, "steps 5", "other"))
    assert isinstance(await failure(client, "nan"), BadOutput)
    assert isinstance((await other)[-1], PictureDone)
    assert client.state.phase is Phase.READY


async def test_closing_the_iterator_cancels_the_job(client: RenderClient) -> None:
    """After a slow job's iterator is closed the process has nothing to do any more."""
    await client.wait_ready()
    assert StepDone(step=1, steps=10) == await first(client, "slow", "a")
    assert isinstance((await events(client, "steps 1", "b"))[-1], PictureDone)
    assert not client._jobs


async def test_steps_are_merged_for_a_slow_reader_but_pictures_stay(client: RenderClient) -> None:
    """A reader that comes late finds the newest step and the picture."""
    await client.wait_ready()
    stream = client.render("late", spec("steps 50"), {})
    head = asyncio.create_task(anext(stream))
    assert isinstance(await head, StepDone)
    while client._jobs:  # until its end has come
        await events(client, "steps 1", "other")
    rest = [event async for event in stream]
    assert isinstance(rest[-1], PictureDone)
    assert len(rest) <= 3


async def test_a_process_that_never_starts_is_told(tmp_path: Path) -> None:
    """After several failed starts waiting jobs fail instead of waiting for ever."""
    broken = (sys.executable, "-c", "raise SystemExit('no torch here')")
    async with RenderClient(RenderConfig(), tmp_path, command=broken) as client:
        waiting = asyncio.create_task(failure(client, "steps 1"))
        with pytest.raises(RenderError):
            await client.wait_ready()
        assert "no torch here" in (await waiting).detail
        assert client.state.phase is Phase.RESTARTING


async def test_a_command_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """A program that cannot be started at all fails the job, not the bot."""
    async with RenderClient(RenderConfig(), tmp_path, command=("/nowhere/python",)) as client:
        assert "cannot be started" in (await failure(client, "steps 1")).detail


async def test_stopping_ends_the_process(tmp_path: Path) -> None:
    """When the client is left, the process is gone and a running job hears of it."""
    async with make(tmp_path) as client:
        await client.wait_ready()
        assert client._child is not None
        process = psutil.Process(client._child.pid)
        running = asyncio.create_task(failure(client, "slow"))
        while not client._jobs:
            await asyncio.sleep(0)
    assert isinstance(await running, RendererDied)
    assert not process.is_running()


def test_the_bot_side_imports_no_torch() -> None:
    """`bot.render.client` is free of torch and its relatives."""
    code = (
        "import sys, bot.render.client; "
        "print({'torch', 'diffusers', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
