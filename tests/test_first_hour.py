"""From two tokens to both platforms answering, as somebody does it who has read the README.

Also seen on the way: where connections go, how much memory the bot takes, what is kept where.
"""

import asyncio
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from yarl import URL

from tests.standins.discord import TOKEN as DISCORD_TOKEN
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TOKEN as TELEGRAM_TOKEN
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN
from tests.test_cli import UNMEASURED

pytestmark = pytest.mark.timeout(300)

MOST_MB = 120
"""What the bot process may take of the main memory."""

WATCH = """
import os, sys

def hook(event, args):
    if event == "socket.connect":
        where = args[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        where = (args[0],)
    elif event == "socket.sendto":
        where = args[1]
    else:
        return
    with open(os.environ["CONNECTIONS"], "a") as file:
        file.write(":".join(str(part) for part in where[:2]) + "\\n")

sys.addaudithook(hook)
"""
"""Python runs it before anything else, in the bot and in its children, and it notes each address
that they connect to or look up (PEP 578)."""


@dataclass
class Home:
    """A folder with an installation, in which every connection is noted."""

    folder: Path
    environ: dict[str, str]

    @property
    def connections(self) -> set[str]:
        """Addresses `host:port`, and names that were looked up."""
        noted = Path(self.environ["CONNECTIONS"])
        return set(noted.read_text().split()) if noted.exists() else set()

    async def chatelier(self, *words: str, answers: str = "") -> tuple[int, str]:
        """A command, answered with these lines; exit code, and what it printed."""
        process = await self._start(*words)
        out, _ = await process.communicate(answers.encode())
        assert process.returncode is not None
        return process.returncode, out.decode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[int, str]]:
        """`chatelier run`: its process id, and its greeting."""
        process = await self._start("run")
        assert process.stdout is not None
        greeting = (await process.stdout.readuntil(b"Ctrl-C.")).decode()
        reading = asyncio.create_task(process.stdout.read())
        try:
            yield process.pid, greeting
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()
            log = (await reading).decode()
        assert process.returncode == 0, log
        assert "Traceback" not in log

    async def _start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.folder,
            env=self.environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(WATCH)
    folder = tmp_path / "home"
    folder.mkdir()
    environ = {
        **UNMEASURED,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(watch), os.environ.get("PYTHONPATH", "")]),
        "CONNECTIONS": str(tmp_path / "connections"),
        "CHATELIER_METRICS__PORT": "0",
    }
    return Home(folder, environ)


async def test_from_two_tokens_to_both_platforms_answering(home: Home) -> None:
    """`init`, `run`, `/claim`, a picture in private on one platform, an approved server on the
    other. Nothing is connected to but the two addresses, and the bot process stays small."""
    async with TelegramServer() as telegram, DiscordServer() as discord:
        home.environ["CHATELIER_TELEGRAM_API_BASE"] = telegram.base
        home.environ["CHATELIER_DISCORD_API_BASE"] = discord.api_base
        bea = discord.user("bea")
        art = discord.channel(guild := discord.guild("Painters", bea), "art")
        code, said = await home.chatelier(
            "init", answers=f"3\n{TELEGRAM_TOKEN}\n{DISCORD_TOKEN}\n\n\n\n"
        )
        assert code == 0, said
        assert "✓ Telegram: @ChatelierBot" in said
        assert "✓ Discord: chatelier" in said
        # The addresses stand in the file now, as those of a mirror would.
        del home.environ["CHATELIER_TELEGRAM_API_BASE"], home.environ["CHATELIER_DISCORD_API_BASE"]
        async with home.running() as (pid, greeting):
            assert "speaks on Telegram and Discord" in greeting
            claim = re.search(r"/claim (\S+)", greeting)
            assert claim is not None
            private = telegram.private(ANN)
            await telegram.say(private, ANN, f"/claim {claim[1]}")
            await telegram.next(lambda c: c.method == "sendMessage", 120)
            await telegram.say(private, ANN, "/draw a red apple --steps 2 --size 64x64")
            await telegram.next(lambda c: c.method == "sendPhoto", 120)
            await discord.connected()
            allow = ("admin", "chat", "allow", f"discord:{guild.id}")
            assert await home.chatelier(*allow) == (0, f"discord:{guild.id}: unknown → allowed.\n")
            small = {"prompt": "a red apple --steps 2 --size 64x64"}
            used = await discord.slash(bea, art, "draw", small)
            await discord.until(
                lambda: any(m.files and "preview.jpg" not in m.files
                            for m in discord.messages(art)), timeout=120
            )  # fmt: skip
            assert used.response is not None
            assert psutil.Process(pid).memory_info().rss < MOST_MB * 1e6
            code, said = await home.chatelier("check")
            assert code == 0, said
        hosts = {URL(telegram.base).port, URL(discord.api_base).port}
    assert {a for a in home.connections if ":" in a} == {f"127.0.0.1:{port}" for port in hosts}
    assert {a for a in home.connections if ":" not in a} <= {"127.0.0.1", "localhost"}
    if os.name != "nt":
        for name in ("telegram-token", "discord-token"):
            assert stat.S_IMODE((home.folder / "secrets" / name).stat().st_mode) == 0o600
    kept = {p.name for p in home.folder.iterdir()}
    assert kept == {"config.toml", "secrets", "data", "models"}


async def test_without_a_token_nobody_is_asked_anything(home: Home) -> None:
    """The local page alone: drawing connects to nothing at all."""
    home.environ["CHATELIER_STUDIO__PORT"] = "0"
    async with home.running() as (_, greeting):
        assert "Open it and type:  /draw a red apple" in greeting
    code, said = await home.chatelier("draw", "a red apple --steps 2 --size 64x64")
    assert code == 0, said
    assert home.connections == set()


@pytest.mark.parametrize("given", [0, 1, 2, 3, 4, 5])
async def test_answers_that_end_early_end_the_questions(home: Home, given: int) -> None:
    """However many were piped in: one sentence, no file, no endless repeating."""
    lines = ["1", TELEGRAM_TOKEN, "", "", ""]
    async with TelegramServer() as telegram:
        home.environ["CHATELIER_TELEGRAM_API_BASE"] = telegram.base
        answers = "".join(f"{line}\n" for line in lines[:given])
        async with asyncio.timeout(60):
            code, said = await home.chatelier("init", answers=answers)
    if given == len(lines):
        assert code == 0, said
        return
    assert code == 2
    assert said.splitlines()[-1].endswith("takes them from the environment")
    assert len(said.splitlines()) < 40
    assert list(home.folder.iterdir()) == []


@pytest.mark.parametrize("answers", ["nonsense\n", "1\n1:wrong\n", "1\n\xff\n", "4\nm\nfr\n"])
async def test_wrong_answers_that_end_are_not_asked_for_ever(home: Home, answers: str) -> None:
    """A question that is asked again ends with the input, too."""
    async with TelegramServer() as telegram:
        home.environ["CHATELIER_TELEGRAM_API_BASE"] = telegram.base
        process = await home._start("init")
        async with asyncio.timeout(60):
            out, _ = await process.communicate(answers.encode("latin-1"))
    assert process.returncode == 2
    assert "Traceback" not in out.decode()
    assert len(out.splitlines()) < 40
