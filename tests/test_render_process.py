"""The real render process over its real pipes."""

import asyncio
import io
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image

from bot.child_process.framing import length_of, pack
from bot.config import RenderConfig
from bot.domain import ModelRef, PictureDone, RenderSpec, StepDone
from bot.errors import ModelUnavailable, RendererDied
from bot.render.client import RenderClient
from bot.render.protocol import Draw, Setup, decode_order, encode


def spec(client: RenderClient, **changes: object) -> RenderSpec:
    demo = client.catalog.checkpoints[-1]
    values: dict[str, object] = {
        "prompt": "a red apple", "seed": 1, "steps": 4, "cfg_scale": 3.0, "sampler": "Euler a",
        "width": 64, "height": 64, "checkpoint": ModelRef(name=demo.name, sha256=demo.sha256),
    }  # fmt: skip
    return RenderSpec(**{**values, **changes})  # type: ignore[arg-type]  # checked by its user


@pytest.mark.timeout(240)
async def test_a_picture_survives_the_death_of_the_process(tmp_path: Path) -> None:
    """Drawn through the pipes; killed in the middle of a job and drawn again, byte for byte; a
    missing checkpoint is told by its own error."""
    config = RenderConfig(models_dir=str(tmp_path / "models"), device="cpu", threads=1)
    async with RenderClient(config, tmp_path / "data") as client:
        await client.wait_ready()
        assert client.catalog.checkpoints[-1].demo
        first = [event async for event in client.render("a", spec(client), {})]
        assert isinstance(first[-1], PictureDone)
        assert Image.open(io.BytesIO(first[-1].picture.png)).size == (64, 64)

        assert client._child is not None
        stream = client.render("b", spec(client, steps=900), {})
        assert isinstance(await anext(stream), StepDone)
        psutil.Process(client._child.pid).kill()
        with pytest.raises(RendererDied) as died:
            async with asyncio.timeout(30):
                async for _ in stream:
                    pass
        assert died.value.alone
        again = [event async for event in client.render("a", spec(client), {})]
        assert isinstance(again[-1], PictureDone)
        assert first[-1].picture.png == again[-1].picture.png

        gone = ModelRef(name="gone", sha256="0" * 64)
        with pytest.raises(ModelUnavailable):
            _ = [event async for event in client.render("c", spec(client, checkpoint=gone), {})]


def test_the_process_ends_with_its_input() -> None:
    """A bot that was killed leaves no render process behind: the end of the pipe is its end."""
    for begin in (b"", pack(encode(Setup(config=RenderConfig(), data_dir="nowhere")))[:10]):
        done = subprocess.run(
            [sys.executable, "-m", "bot.render.process"], input=begin, timeout=60, check=False
        )
        assert done.returncode == 0


def test_frames_come_out_as_they_went_in() -> None:
    """An order with pictures survives the way over the pipe; nonsense is told as such."""
    order = Draw(
        job_id="x",
        spec=RenderSpec(
            prompt="雪 <&>\n", seed=2**40, steps=1, cfg_scale=1, sampler="Euler", width=8, height=8,
            checkpoint=ModelRef(name="n", sha256="s"),
        ),
        inputs={"d": bytes(range(256))},
    )  # fmt: skip
    content = encode(order)
    framed = pack(content)
    assert len(content) == length_of(framed[:4])
    assert order == decode_order(content)
    for broken in (b"", b"\xc1", content[:-3], framed):
        with pytest.raises(ValueError):
            decode_order(broken)
    with pytest.raises(ValueError):
        length_of(b"\xff\xff\xff\xff")
