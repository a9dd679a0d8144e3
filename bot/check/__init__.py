"""`chatelier check`: what is right and what is wrong about this installation, in one screen."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

from bot.check.discord import check_discord
from bot.check.finding import Finding, Level
from bot.check.machine import (
    clock,
    database_findings,
    disk,
    known_chats,
    studio,
    token_files,
    versions,
)
from bot.check.proxies import proxy_findings
from bot.check.renderer import inspection_finding, renderer_findings
from bot.check.telegram import check_telegram
from bot.config import Config, Secrets
from bot.domain import Platform
from bot.startup import is_running

__all__ = ["Finding", "Level", "findings"]


async def findings(config: Config, secrets: Secrets, base: Path) -> AsyncIterator[Finding]:
    """All findings, quick ones first."""
    yield versions()
    yield disk(config, base)
    async for finding in database_findings(config, base):
        yield finding
    yield studio(config, secrets, base)
    for finding in token_files(config, base):
        yield finding
    async for finding in _platforms(config, secrets, base):
        yield finding
    yield await inspection_finding(config)
    async for finding in renderer_findings(config, base):
        yield finding


async def _platforms(config: Config, secrets: Secrets, base: Path) -> AsyncIterator[Finding]:
    used = [
        *([config.telegram.proxy] if secrets.telegram_token else []),
        *([config.discord.proxy] if secrets.discord_token else []),
    ]
    for finding in await proxy_findings(used):
        yield finding
    chats = [c for c in await known_chats(config, base) if c.platform is Platform.TELEGRAM]
    found, first = await check_telegram(
        config.telegram,
        secrets.telegram_token,
        chats,
        running=is_running(base / config.bot.data_dir),
    )
    for finding in found:
        yield finding
    found, second = await check_discord(config.discord, secrets.discord_token)
    for finding in found:
        yield finding
    yield clock(first or second, time.time())
