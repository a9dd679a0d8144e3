"""The render process as it starts, and what it tells without being asked."""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from bot.child_process.framing import pack
from bot.child_process.log_lines import relog
from bot.config import RenderConfig
from bot.domain import Catalog
from bot.errors import RenderError
from bot.render.client import RenderClient
from bot.render.protocol import Beat, Ready, Setup, encode
from tests.test_render_library import SD1, safetensors

LOG = logging.getLogger("tests.child")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is such a device here")
def test_a_device_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    """The process ends with an exit code of its own and a sentence that names the setting."""
    setup = Setup(config=RenderConfig(device="cuda"), data_dir=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-m", "bot.render.process"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(pack(encode(setup)))
        process.stdin.flush()
        said = process.stderr.read().decode()
        assert process.wait() == 2
    (line,) = said.splitlines()
    assert relog(line, LOG).startswith('[render] device = "cuda": ')


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is such a device here")
@pytest.mark.timeout(240)
async def test_nobody_waits_for_a_setting_to_come_right(tmp_path: Path) -> None:
    """The first start that fails for a setting is told at once, and no second one follows."""
    config = RenderConfig(device="cuda")
    async with RenderClient(config, tmp_path) as client:
        with pytest.raises(RenderError, match=r'\[render\] device = "cuda": this torch'):
            await client.wait_ready()
        assert client._supervisor is not None
        await client._supervisor
    assert client.wrong_setting.startswith('[render] device = "cuda": this torch')


@pytest.mark.timeout(240)
async def test_a_file_put_into_the_folder_reaches_the_bot(tmp_path: Path) -> None:
    """Through the real process and its pipes, while nobody asks for anything."""
    told: asyncio.Queue[Catalog] = asyncio.Queue()
    config = RenderConfig(models_dir=str(tmp_path / "models"), device="cpu", threads=1)
    async with RenderClient(config, tmp_path / "data", on_catalog=told.put_nowait) as client:
        first = await told.get()
        assert [c.demo for c in first.checkpoints] == [True]
        folder = tmp_path / "models" / "checkpoints"
        folder.mkdir(parents=True)
        (folder / "new.safetensors").write_bytes(safetensors(SD1))
        second = await told.get()
        assert [c.name for c in second.checkpoints] == ["new", "chatelier-demo"]
        assert second == client.catalog


async def test_a_catalogue_that_comes_later_says_nothing_of_the_work(tmp_path: Path) -> None:
    """While a checkpoint is being loaded, news of the models folder does not shorten the patience
    with it."""
    client = RenderClient(RenderConfig(step_timeout_s=1.0, load_timeout_s=99.0), tmp_path)
    client._handle(Ready(catalog=Catalog()))
    client._handle(Beat(loading=True))
    news = Catalog(device="another")
    client._handle(Ready(catalog=news))
    assert client._patience() == 99.0
    assert client.catalog == news


# What the child logs ------------------------------------------------------------------------

CHILD = """
import logging, sys
from bot.child_process.log_lines import log_to_parent
log_to_parent()
logging.getLogger("bot.render.loop").warning("two\\nlines")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("bot.x").exception("a fault")
logging.getLogger("quiet").debug("unheard")
print("a library prints", file=sys.stderr)
"""


def test_the_childs_log_goes_on_in_the_parents(caplog: pytest.LogCaptureFixture) -> None:
    """Each record arrives once, with its level, its logger and all its lines, without a second
    prefix; what is no record is logged as it is."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=True, timeout=60
    )
    with caplog.at_level(logging.DEBUG):
        heard = [relog(line, LOG) for line in done.stderr.splitlines()]
    records = [(r.levelname, r.name, r.getMessage()) for r in caplog.records]
    assert records[0] == ("WARNING", "bot.render.loop", "two\nlines")
    level, name, text = records[1]
    assert (level, name) == ("ERROR", "bot.x")
    assert text.startswith("a fault\nTraceback")
    assert text.endswith("ZeroDivisionError: division by zero")
    assert records[2] == ("INFO", "tests.child", "a library prints")
    assert len(records) == len(heard) == 3
    assert heard[2] == "a library prints"
