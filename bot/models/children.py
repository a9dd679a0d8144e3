"""Questions about model files that only a process with the render process's libraries answers."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

_KEPT = ("PATH", "SYSTEMROOT", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "TEMP")
"""Of the environment; tokens and proxies are none of a model file's business."""


async def ask(module: str, *paths: Path) -> dict[str, Any]:
    """What `python -m bot.render.<module>` says of `paths`.

    Raises:
        ConfigError: it did not end well.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"bot.render.{module}", *map(os.fspath, paths),
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    try:
        told: dict[str, Any] = json.loads(out.decode().splitlines()[-1])
    except (ValueError, IndexError):
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no last words"]
        raise ConfigError(f"{paths[0]}: looking at it failed: {last[0]}") from None
    return told
