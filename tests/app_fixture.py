"""A whole running bot: real store, real render process, real adapters where an address is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from bot.app import App, open_app, run
from bot.config import Config, Secrets

TELEGRAM_TOKEN = "123456:test-token-of-the-stand-in"
DISCORD_TOKEN = "discord-test-token-of-the-stand-in"


def app_config(
    *, telegram_base: str | None = None, discord_base: str | None = None, **sections: Any
) -> Config:
    """The defaults, open to everybody, on a free port, with the given base addresses."""
    tables: dict[str, Any] = {
        "access": {"open": True},
        "studio": {"port": 0, "enabled": "off" if telegram_base or discord_base else "on"},
        "render": {"threads": 1},
        "quota": {"credits_per_day": 10_000.0},
    }
    if telegram_base:
        tables["telegram"] = {"api_base": telegram_base}
    if discord_base:
        tables["discord"] = {"api_base": discord_base}
    for name, keys in sections.items():
        tables[name] = {**tables.get(name, {}), **keys}
    return msgspec.convert(tables, Config)


@asynccontextmanager
async def running_app(
    folder: Path,
    *,
    telegram_base: str | None = None,
    discord_base: str | None = None,
    render_command: tuple[str, ...] | None = None,
    **sections: Any,
) -> AsyncIterator[App]:
    """Run until the block ends, then stop as SIGTERM does. `render_command`: another renderer than
    the real one, where what it draws does not matter."""
    config = app_config(telegram_base=telegram_base, discord_base=discord_base, **sections)
    secrets = Secrets(
        telegram_token=TELEGRAM_TOKEN if telegram_base else "",
        discord_token=DISCORD_TOKEN if discord_base else "",
    )
    stop = asyncio.Event()
    async with open_app(config, secrets, folder, render_command=render_command) as app:
        task = asyncio.create_task(run(app, stop))
        try:
            yield app
        finally:
            stop.set()
            await task
