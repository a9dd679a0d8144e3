"""The whole road with real parts: store, queue, render process, demo checkpoint."""

import asyncio
import hashlib
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bot.app import App, housekeep, open_app, run
from bot.config import Secrets
from bot.domain import Job, JobState, Kind, Outgoing, Platform
from bot.errors import ConfigError
from tests.app_fixture import app_config
from tests.samples import incoming, reply_to, requester
from tests.scripted import RecordingAdapter

pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def running(folder: Path, adapter: RecordingAdapter) -> AsyncIterator[App]:
    """A bot whose one adapter records; everything else is real."""
    stop = asyncio.Event()
    async with open_app(app_config(), Secrets(), folder) as app:
        app.adapters.clear()
        app.adapters[adapter.platform] = adapter
        task = asyncio.create_task(run(app, stop))
        try:
            yield app
        finally:
            stop.set()
            await task


async def ask(
    app: App,
    text: str,
    user: str = "1",
    message: str = "7",
    platform: Platform = Platform.TELEGRAM,
    **changes: object,
) -> Job:
    answer = await app.conversation.handle(
        incoming(
            text,
            key=f"{user}/{message}",
            requester=requester(user),
            reply_to=reply_to(message, platform=platform),
            **changes,
        )
    )
    assert answer.job_id, answer.text
    job = await app.journal.job(answer.job_id)
    assert job is not None
    return job


def decoded(message: Outgoing) -> Image.Image:
    return Image.open(io.BytesIO(message.pictures[0].png))


async def test_a_picture_is_drawn_and_a_reply_changes_it(tmp_path: Path) -> None:
    """`/draw a red apple` is red; a reply with `a green apple` draws from it."""
    adapter = RecordingAdapter()
    async with running(tmp_path, adapter) as app:
        await ask(app, "a red apple --seed 1", message="1")
        await adapter.until(lambda: len(adapter.results()) == 1)
        red = adapter.results()[0]
        shown = adapter.delivered.index(red) + 1
        job = await ask(app, "a green apple --seed 1", message="2", replied_message_id=f"m{shown}")
        await adapter.until(lambda: len(adapter.results()) == 2)
    green = adapter.results()[1]
    assert job.source_job_id == red.job_id
    assert dominant(decoded(red)) == "red"
    assert dominant(decoded(green)) == "green"
    assert decoded(red).text["parameters"].startswith("a red apple\n")  # type: ignore[attr-defined]
    assert red.to.message_id == "1"
    assert green.to.message_id == "2"


def dominant(image: Image.Image) -> str:
    """`red`, `green` or `blue`: the colour of the saturated pixels in the middle."""
    side = image.width // 4
    middle = image.convert("RGB").crop((side, side, image.width - side, image.height - side))
    counts = {"red": 0, "green": 0, "blue": 0}
    for r, g, b in middle.get_flattened_data():  # type: ignore[misc]
        if max(r, g, b) - min(r, g, b) > 40:
            counts[max((r, "red"), (g, "green"), (b, "blue"))[1]] += 1
    return max(counts, key=lambda name: counts[name])


async def test_fifty_requests_of_ten_members_get_the_right_pictures(tmp_path: Path) -> None:
    """Each result replies to its own request, carries its own seed, and nothing is left over."""
    adapter = RecordingAdapter()
    async with running(tmp_path, adapter) as app:
        asked = await asyncio.gather(
            *(
                ask(
                    app,
                    f"a {colour} apple --steps 4 --seed {user * 100 + n}",
                    user=str(user),
                    message=f"{user}-{n}",
                )
                for user in range(10)
                for n, colour in enumerate(["red", "green", "blue", "yellow", "purple"])
            )
        )
        await adapter.until(lambda: len(adapter.results()) == 50)
        while await app.journal.unfinished():
            await asyncio.sleep(0)
        for job in asked:
            (result,) = [m for m in adapter.results() if m.job_id == job.id]
            assert result.to == job.reply_to
            assert result.pictures[0].seed == job.spec.seed
            assert f"Seed: {job.spec.seed}," in result.pictures[0].infotext
            assert job.spec.prompt in result.pictures[0].infotext
            found = await app.journal.job(job.id)
            assert found is not None
            assert found.state is JobState.DELIVERED
    pictures = {hashlib.sha256(m.pictures[0].png).digest() for m in adapter.results()}
    assert len(pictures) == 50


async def test_a_killed_render_process_ends_in_a_delivered_picture(tmp_path: Path) -> None:
    """kill -9 in the middle of a job: the job is drawn again and arrives."""
    adapter = RecordingAdapter(Platform.STUDIO)  # there, progress is shown every 0.1 s
    async with running(tmp_path, adapter) as app:
        job = await ask(app, "a red apple --steps 60 --size 256x256", platform=Platform.STUDIO)
        await adapter.until(lambda: any(m.progress for m in adapter.delivered))
        process = app.renderer.pid
        assert process is not None
        os.kill(process, signal.SIGKILL)
        await adapter.until(lambda: len(adapter.results()) == 1)
        assert app.renderer.pid != process
        assert adapter.results()[0].pictures
        found = await app.journal.job(job.id)
        assert found is not None
        assert found.deaths == 1


async def test_a_job_is_cancelled_in_the_middle_of_drawing(tmp_path: Path) -> None:
    """The renderer drops it, the member hears so, and the next job is drawn."""
    adapter = RecordingAdapter(Platform.STUDIO)  # there, progress is shown every 0.1 s
    async with running(tmp_path, adapter) as app:
        await ask(
            app, "a red apple --steps 60 --size 256x256", message="1", platform=Platform.STUDIO
        )
        await adapter.until(lambda: any(m.progress for m in adapter.delivered))
        answer = await app.conversation.handle(incoming("", "cancel", key="c"))
        assert answer.text == "Cancelled."
        await adapter.until(lambda: len(adapter.results()) == 1)
        assert adapter.results()[0].pictures == ()
        await ask(app, "a red apple --steps 2", message="2", platform=Platform.STUDIO)
        await adapter.until(lambda: len(adapter.results()) == 2)
        assert adapter.results()[1].pictures


async def test_a_restart_goes_on_where_the_last_run_stopped(tmp_path: Path) -> None:
    """Accepted and not drawn: drawn. Drawn and not delivered: delivered. Once each."""
    first = RecordingAdapter()
    first.gate.clear()
    async with running(tmp_path, first) as app:
        drawn = await ask(app, "a red apple --steps 2", message="1")
        while (await app.journal.job(drawn.id)).state is not JobState.DRAWN:  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        waiting = await ask(app, "a green apple --steps 60 --size 256x256", message="2")
    second = RecordingAdapter()
    async with running(tmp_path, second) as app:
        await second.until(lambda: len(second.results()) == 2)
    assert {m.job_id for m in second.results()} == {drawn.id, waiting.id}
    third = RecordingAdapter()
    async with running(tmp_path, third) as app:
        assert await app.journal.unfinished() == []
    assert third.delivered == []


async def test_a_second_copy_is_refused(tmp_path: Path) -> None:
    """With the folder's name; the first goes on."""
    async with running(tmp_path, RecordingAdapter()):
        with pytest.raises(ConfigError, match="already running"):
            async with open_app(app_config(), Secrets(), tmp_path):
                pass


async def test_nothing_to_run_is_said(tmp_path: Path) -> None:
    """No token, and the studio switched off."""
    with pytest.raises(ConfigError, match="nothing to run"):
        async with open_app(app_config(studio={"enabled": "off"}), Secrets(), tmp_path):
            pass


async def test_a_chat_that_nobody_approves_is_left_after_a_week(tmp_path: Path) -> None:
    """And asked about anew if the bot is ever invited again."""
    adapter = RecordingAdapter()
    config = app_config(access={"open": False})
    async with open_app(config, Secrets(), tmp_path) as app:
        app.adapters[Platform.TELEGRAM] = adapter
        await app.settings.meet(Platform.TELEGRAM, "-5", "Strangers")
        chat = await app.settings.chat(Platform.TELEGRAM, "-5")
        assert chat is not None
        await housekeep(app, chat.asked_at + 6 * 86400)
        await housekeep(app, chat.asked_at + 8 * 86400)
        await adapter.until(lambda: len(adapter.delivered) == 1)
        assert adapter.delivered[0].kind is Kind.LEAVE
        assert await app.settings.chat(Platform.TELEGRAM, "-5") is None


async def test_the_bot_process_never_loads_torch() -> None:
    """Torch, diffusers and transformers stay in the render process."""
    code = (
        "import json, sys, bot.cli, bot.app, bot.check, bot.adapters.telegram,"
        " bot.adapters.discord, bot.adapters.studio;"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    heavy = {"torch", "diffusers", "transformers", "peft", "safetensors", "numpy"}
    assert heavy & set(json.loads(out)) == set()
