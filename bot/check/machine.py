"""What this machine offers: Python, packages, disk, ports, the database."""

import importlib.metadata
import os
import shlex
import shutil
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bot import __version__
from bot.adapters.studio.guard import check_exposure
from bot.check.finding import Finding, bad, good, info, warning
from bot.config import Config, Secrets
from bot.database import Database
from bot.errors import ChatelierError, ConfigError
from bot.quota.proof import entries, faults
from bot.settings import Chat, Settings
from bot.startup import advice, is_running, make_folder, share_warning

LOW_DISK_GB = 2.0
_CLOCK_S = 30.0
"""A clock that is further off makes times in messages wrong, and certificates doubtful."""


def versions() -> Finding:
    """Of the bot, Python and torch, which is not imported for it."""
    try:
        torch = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return bad("chatelier", "torch is not installed; run `make setup`")
    return good("chatelier", f"{__version__}, Python {sys.version.split()[0]}, torch {torch}")


def disk(config: Config, base: Path) -> Finding:
    """Room for pictures, and whether the data folder can be written."""
    data = base / config.bot.data_dir
    try:
        make_folder("[bot] data_dir", data)
        probe = data / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(data).free / 1e9
    except ConfigError as error:
        return bad("disk", str(error))
    except OSError as error:
        return bad(
            "disk",
            f"{data} cannot be written ({error.strerror or error}); give the bot's"
            " user the folder, or choose another [bot] data_dir",
        )
    if free < LOW_DISK_GB:
        return bad(
            "disk", f"{free:.1f} GB free for {data}; make room, pictures cannot be kept otherwise"
        )
    if said := share_warning(data):
        return warning("disk", said)
    return good("disk", f"{free:.0f} GB free for {data}")


async def known_chats(config: Config, base: Path) -> list[Chat]:
    """Chats the bot was used in; none where there is no database that can be read."""
    path = base / config.bot.data_dir / "chatelier.sqlite"
    if not path.exists():
        return []
    try:
        async with Database(path) as database:
            return await Settings(database).chats()
    except ChatelierError:
        return []


async def database_findings(config: Config, base: Path) -> AsyncIterator[Finding]:
    """The file's integrity, and whether the ledger adds up."""
    path = base / config.bot.data_dir / "chatelier.sqlite"
    if not path.exists():
        yield good("database", "none yet; it is made at the first start")
        return
    try:
        async with Database(path) as database:
            row = await database.row("PRAGMA quick_check")
            if row is None or row[0] != "ok":
                yield bad(
                    "database", f"{path} is damaged: stop the bot, and `chatelier restore` a backup"
                )
                return
            yield good("database", str(path))
            if wrong := await faults(database):
                yield bad("ledger", "does not add up: " + "; ".join(wrong))
            else:
                count = await entries(database)
                yield good("ledger", f"{count} entries add up to every job, sum and grant")
    except ChatelierError as error:
        yield bad("database", f"{error}{advice(error)}")


def studio(config: Config, secrets: Secrets, base: Path) -> Finding:
    """Whether the local page can listen, and is not open to strangers."""
    host, port = config.studio.host, config.studio.port
    chats = secrets.telegram_token or secrets.discord_token
    if config.studio.enabled == "off" or (config.studio.enabled == "auto" and chats):
        auto = config.studio.enabled == "auto"
        why = (
            'a token is set; [studio] enabled = "on" opens it too'
            if auto
            else "[studio] enabled says"
        )
        return info("studio", f"off, as {why}")
    try:
        check_exposure(host, secrets.studio_password)
    except ConfigError as error:
        return bad("studio", str(error))
    if is_running(base / config.bot.data_dir):
        return good("studio", f"http://{host}:{port}, this bot is running")
    if why := _taken(host, port):
        return bad(
            "studio",
            f"{host}:{port} cannot be used ({why}); stop what uses it, or choose"
            " another [studio] port",
        )
    return good("studio", f"http://{host}:{port}, free")


def token_files(config: Config, base: Path) -> Iterator[Finding]:
    """A warning for each token file of `config`, seen from `base`, that is not its owner's alone.

    On Windows there is nothing to tell: access is not in a file's mode there.
    """
    for topic, named in (
        ("telegram", config.telegram.token_file),
        ("discord", config.discord.token_file),
    ):
        file = base / named
        if os.name == "nt" or not named or not file.is_file():
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield warning(
                topic,
                f"the token's file has mode {mode:o}; only the bot has to read it:"
                f" `chmod 600 {shlex.quote(str(file))}`",
            )


def _taken(host: str, port: int) -> str:
    """Why nothing can listen there; "" where something can."""
    try:
        with socket.create_server((host, port)):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def clock(told: float | None, now: float) -> Finding:
    """This machine's clock beside a platform's. Both in seconds since 1970."""
    if told is None:
        return info("clock", "not compared: no platform was asked")
    off = now - told
    if abs(off) <= _CLOCK_S:
        return good("clock", "agrees with the platform's")
    way = "ahead" if off > 0 else "behind"
    return warning(
        "clock", f"{_apart(abs(off))} {way}; switch on the system's time synchronisation"
    )


def _apart(seconds: float) -> str:
    """`100 s`, `5 min`, `3 h`, `3285 days`."""
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
