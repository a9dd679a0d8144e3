"""What the bot costs before anybody draws: time to answer, memory, room on disk.

`python -m benchmarks footprint --quick` leaves out the installation into a fresh environment.
Started is `chatelier run` as an operator starts it, against the stand-ins of both platforms.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tests.standins.discord import TOKEN as DISCORD_TOKEN
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TOKEN as TELEGRAM_TOKEN
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "bot" / "render" / "demo" / "chatelier-demo.safetensors"
PATIENCE_S = 300


def run(quick: bool = False) -> dict[str, Any]:
    """Both platforms at once, several starts; medians."""
    starts = [asyncio.run(_start()) for _ in range(3)]
    figures: dict[str, Any] = {
        name: round(statistics.median(start[name] for start in starts), 2) for name in starts[0]
    }
    figures["bot_mb_most"] = round(max(start["bot_after_drawing_mb"] for start in starts), 2)
    figures["install_mb"] = round(_size(Path(sys.prefix)) / 1e6)
    figures["largest_mb"] = _largest()
    if not quick:
        figures["install_s"] = round(_install())
    figures["machine"] = f"{os.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}, " + (
        f"Python {sys.version.split()[0]}, {psutil.virtual_memory().total / 1e9:.0f} GB"
    )
    return figures


async def _start() -> dict[str, float]:
    """One start, with a question already waiting on Telegram; then one picture."""
    async with TelegramServer() as telegram, DiscordServer() as discord:
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/help")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            port = _free_port()
            begun = time.monotonic()
            process = await _bot(Path(folder), telegram.base, discord.api_base, port)
            try:
                await telegram.next(lambda c: c.method == "sendMessage", PATIENCE_S)
                answered = time.monotonic() - begun
                await discord.until(lambda: discord.gateway.connected, PATIENCE_S)
                connected = time.monotonic() - begun
                await _ready(process, port)
                ready = time.monotonic() - begun
                figures = _memory(process.pid)
                await telegram.say(chat, ANN, "/draw a red apple")
                await telegram.next(lambda c: c.method == "sendPhoto", PATIENCE_S)
                return {
                    "answered_s": answered,
                    "discord_s": connected,
                    "drawing_s": ready,
                    **figures,
                    "bot_after_drawing_mb": _memory(process.pid)["bot_mb"],
                }
            finally:
                process.terminate()
                await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def _bot(folder: Path, telegram: str, discord: str, port: int) -> asyncio.subprocess.Process:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CHATELIER_")}
    settings = {
        "CHATELIER_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "CHATELIER_TELEGRAM_API_BASE": telegram,
        "CHATELIER_DISCORD_TOKEN": DISCORD_TOKEN,
        "CHATELIER_DISCORD_API_BASE": discord,
        "CHATELIER_ACCESS__PRIVATE": "all",
        "CHATELIER_METRICS__PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        cwd=folder, env=clean | settings,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def _ready(process: asyncio.subprocess.Process, port: int) -> None:
    """Until the render process takes orders, and has had its look at the default model."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE_S):
        while process.returncode is None:
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                if (await answer.json())["renderer"] == "ready":
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError("the bot ended")


def _memory(pid: int) -> dict[str, float]:
    """RSS in MB of the bot, and of its render process less the demo model."""
    bot = psutil.Process(pid)
    render = next(c for c in bot.children() if "bot.render.process" in c.cmdline())
    model = DEMO.stat().st_size
    return {
        "bot_mb": bot.memory_info().rss / 1e6,
        "render_beyond_model_mb": (render.memory_info().rss - model) / 1e6,
        "model_mb": model / 1e6,
    }


def _size(folder: Path) -> int:
    return sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())


def _largest() -> dict[str, int]:
    """The five largest packages here, in MB."""
    site = next(Path(sys.prefix).glob("[Ll]ib/**/site-packages"))
    sizes = {p.name: round(_size(p) / 1e6) for p in site.iterdir() if p.is_dir()}
    return dict(sorted(sizes.items(), key=lambda item: -item[1])[:5])


def _install() -> float:
    """Seconds to install what running needs into a fresh environment, the downloads cached."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        pinned = ["-c", str(ROOT / "constraints.txt"), str(ROOT)]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *pinned], check=True)
        return time.monotonic() - begun
