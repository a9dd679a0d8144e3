"""Helper processes: what they inherit."""

import json
import sys

import pytest

from bot.child_process.child import Child

PROGRAM = """
import json, os, sys
from bot.child_process.framing import pack
sys.stdout.buffer.write(pack(json.dumps(dict(os.environ)).encode()))
"""


async def test_a_child_knows_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the one that draws nor the one that opens members' files needs any; all else of the
    environment is theirs."""
    monkeypatch.setenv("CHATELIER_TELEGRAM_TOKEN", "1:secret")
    monkeypatch.setenv("CHATELIER_STUDIO_PASSWORD", "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    child = await Child.start([sys.executable, "-c", PROGRAM])
    async with child:
        told = await child.receive(lambda: 60)
    assert told is not None
    environ = json.loads(told)
    assert environ["CUDA_VISIBLE_DEVICES"] == "0"
    assert [name for name in environ if name.startswith("CHATELIER_")] == []
