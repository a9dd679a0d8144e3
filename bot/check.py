"""`chatelier check`: what is right and what is wrong about this installation, in one screen."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot import __version__
from bot.adapters.studio.guard import check_exposure
from bot.config import Config, Secrets
from bot.database import Database
from bot.domain import Catalog
from bot.errors import ChatelierError, ConfigError
from bot.phrase import phrase
from bot.quota.proof import entries, faults
from bot.render.client import RenderClient
from bot.replies import say
from bot.startup import render_config

LOW_DISK_GB = 2.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report. `good` None: neither good nor bad, only worth knowing."""

    topic: str
    text: str
    good: bool | None = True


async def findings(config: Config, secrets: Secrets, base: Path) -> AsyncIterator[Finding]:
    """All findings, quick ones first."""
    yield Finding(topic="chatelier", text=f"{__version__}, Python {sys.version.split()[0]}")
    yield await _disk(config, base)
    async for finding in _database(config, base):
        yield finding
    yield _studio(config, secrets)
    async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session:
        yield await _telegram(session, config, secrets)
        yield await _discord(session, config, secrets)
    async for finding in _renderer(config, base):
        yield finding


async def _disk(config: Config, base: Path) -> Finding:
    data = base / config.bot.data_dir
    try:
        data.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(data).free / 1e9
    except OSError as error:
        return Finding(topic="disk", good=False, text=f"{data} cannot be written: {error}")
    low = free < LOW_DISK_GB
    advice = "; make room, pictures cannot be kept otherwise" if low else ""
    return Finding(topic="disk", good=not low, text=f"{free:.0f} GB free for {data}{advice}")


async def _database(config: Config, base: Path) -> AsyncIterator[Finding]:
    path = base / config.bot.data_dir / "chatelier.sqlite"
    if not path.exists():
        yield Finding(topic="database", text="none yet; it is made at the first start")
        return
    try:
        async with Database(path) as database:
            row = await database.row("PRAGMA quick_check")
            if row is None or row[0] != "ok":
                text = f"{path} is damaged: restore a backup"
                yield Finding(topic="database", good=False, text=text)
                return
            yield Finding(topic="database", text=str(path))
            yield await _ledger(database)
    except ChatelierError as error:
        yield Finding(topic="database", good=False, text=str(error))


async def _ledger(database: Database) -> Finding:
    wrong = await faults(database)
    if wrong:
        return Finding(topic="ledger", good=False, text="does not add up: " + "; ".join(wrong))
    rows = await entries(database)
    return Finding(topic="ledger", text=f"{rows} entries add up to every job, sum and grant")


def _studio(config: Config, secrets: Secrets) -> Finding:
    studio = config.studio
    address = f"{studio.host}:{studio.port}"
    chats = secrets.telegram_token or secrets.discord_token
    if studio.enabled == "off" or (studio.enabled == "auto" and chats):
        return Finding(topic="studio", good=None, text="off, as [studio] enabled says")
    try:
        check_exposure(studio.host, secrets.studio_password)
    except ConfigError as error:
        return Finding(topic="studio", good=False, text=str(error))
    return Finding(topic="studio", text=address)


async def _telegram(session: aiohttp.ClientSession, config: Config, secrets: Secrets) -> Finding:
    token, base = secrets.telegram_token, config.telegram.api_base.rstrip("/")
    if not token:
        return Finding(topic="telegram", good=None, text="no token (CHATELIER_TELEGRAM_TOKEN)")
    proxy = config.telegram.proxy or None
    try:
        async with session.get(f"{base}/bot{token}/getMe", proxy=proxy) as response:
            status, answer = response.status, await response.json(content_type=None)
            if status >= 500 or not isinstance(answer, dict):
                return Finding(topic="telegram", good=False, text=_ailing(base, status))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        why = str(error).replace(token, "…") or type(error).__name__
        return Finding(topic="telegram", good=False, text=f"{base} cannot be reached: {why}")
    if not answer.get("ok"):
        text = "the token is refused; ask @BotFather for it again"
        return Finding(topic="telegram", good=False, text=text)
    me = answer["result"]
    privacy = (
        "privacy mode is off: 画 … and @mentions work in groups"
        if me.get("can_read_all_group_messages")
        else "privacy mode is on: in groups it hears commands and replies, not 画 … or mentions"
    )
    return Finding(topic="telegram", text=f"@{me.get('username')}; {privacy}")


async def _discord(session: aiohttp.ClientSession, config: Config, secrets: Secrets) -> Finding:
    token, base = secrets.discord_token, config.discord.api_base.rstrip("/")
    if not token:
        return Finding(topic="discord", good=None, text="no token (CHATELIER_DISCORD_TOKEN)")
    headers = {"Authorization": f"Bot {token}"}
    proxy = config.discord.proxy or None
    try:
        async with session.get(f"{base}/users/@me", headers=headers, proxy=proxy) as response:
            status, answer = response.status, await response.json(content_type=None)
            if status >= 500 or not isinstance(answer, dict):
                return Finding(topic="discord", good=False, text=_ailing(base, status))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        why = str(error).replace(token, "…") or type(error).__name__
        return Finding(topic="discord", good=False, text=f"{base} cannot be reached: {why}")
    if status != 200:
        text = "the token is refused; reset it in Discord's developer portal"
        return Finding(topic="discord", good=False, text=text)
    return Finding(topic="discord", text=f"{answer.get('username')}")


def _ailing(base: str, status: int) -> str:
    return f"{base} answers, but with an error of its own ({status}); try again later"


async def _renderer(config: Config, base: Path) -> AsyncIterator[Finding]:
    client = RenderClient(
        render_config(config, base),
        base / config.bot.data_dir,
        default_checkpoint=config.defaults.checkpoint,
    )
    try:
        async with client, asyncio.timeout(config.render.load_timeout_s):
            await client.wait_ready()
            catalog = client.catalog
    except (ChatelierError, TimeoutError) as error:
        yield Finding(topic="renderer", good=False, text=f"does not start: {error}")
        return
    yield Finding(topic="device", text=catalog.device)
    yield Finding(topic="vram", text=catalog.memory)
    for finding in _models(catalog):
        yield finding


def _models(catalog: Catalog) -> list[Finding]:
    found = [
        Finding(
            topic="model",
            good=None if c.demo else True,
            text=f"{c.name} ({c.family}, {c.short_hash})"
            + (", the default" if c.name == catalog.default_checkpoint else ""),
        )
        for c in catalog.checkpoints
    ]
    if all(c.demo for c in catalog.checkpoints):
        text = "only the small demo model; put a .safetensors file into models/checkpoints"
        found.append(Finding(topic="model", good=None, text=text))
    found += [
        Finding(
            topic="lora", text=f"{m.name} ({m.family or 'demo'}, {m.fitting}/{m.layers} layers)"
        )
        for m in catalog.loras
    ]
    found += [
        Finding(topic="model", good=False, text=f"{u.name}: {say(phrase(u.reason))}")
        for u in catalog.unusable
    ]
    return found
