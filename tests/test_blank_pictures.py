"""What is no picture is no result: damaged weights, the real renderer, the whole bot around it."""

import asyncio
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from torch import Tensor

from bot.app import App, open_app, run
from bot.config import Secrets
from bot.domain import JobState
from tests.app_fixture import app_config
from tests.samples import incoming, requester
from tests.scripted import RecordingAdapter

DEMO = Path(__file__).parents[1] / "bot/render/demo/chatelier-demo.safetensors"
pytestmark = pytest.mark.timeout(300)


def vae_files(folder: Path) -> None:
    """The demo's VAE as it is; one whose pictures have one colour; one that makes no numbers."""
    part = "first_stage_model."
    sound = {k.removeprefix(part): v for k, v in load_file(DEMO).items() if k.startswith(part)}
    last = "decoder.conv_out.weight"
    made: dict[str, Tensor] = {
        "sound": sound[last],
        "blank": sound[last] * 0,
        "nan": sound[last] * float("nan"),
    }
    folder.mkdir(parents=True)
    for name, tensor in made.items():
        save_file({**sound, last: tensor}, folder / f"{name}.safetensors")


async def ended(app: App, adapter: RecordingAdapter, words: str, key: str) -> tuple[JobState, int]:
    """How a request ended, and what it cost."""
    before = len(adapter.results())
    asked = incoming(words, key=key, requester=requester("1"))
    answer = await app.conversation.handle(asked)
    assert answer.job_id, answer.text
    await adapter.until(lambda: len(adapter.results()) > before)
    job = await app.journal.job(answer.job_id)
    rows = await app.journal._database.rows(
        "SELECT COALESCE(SUM(amount), 0) AS cost FROM ledger WHERE job_id = ?", (answer.job_id,)
    )
    assert job is not None
    return job.state, rows[0]["cost"]


async def test_blank_and_nan_pictures_are_failures(tmp_path: Path) -> None:
    """Told as such, nothing is shown or kept, the credits are back; others are drawn meanwhile."""
    vae_files(tmp_path / "models" / "vae")
    adapter, stop = RecordingAdapter(), asyncio.Event()
    config = app_config(moderation={"classifier": "off"})
    async with open_app(config, Secrets(), tmp_path) as app:
        app.adapters.clear()
        app.adapters[adapter.platform] = adapter
        task = asyncio.create_task(run(app, stop))
        await app.renderer.wait_ready()
        words = "a red apple --steps 2 --size 64x64 --seed 1"
        found = {
            name: await ended(app, adapter, f"{words} --vae {name}", name)
            for name in ("blank", "nan", "sound")
        }
        stop.set()
        await task
    assert found["blank"] == found["nan"] == (JobState.FAILED, 0)
    assert found["sound"][0] in (JobState.DRAWN, JobState.DELIVERED)
    assert found["sound"][1] > 0
    assert [len(m.pictures) for m in adapter.results()] == [0, 0, 1]
    assert len(list((tmp_path / "data" / "pictures").rglob("*.png"))) == 1
