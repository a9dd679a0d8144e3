"""The line under the bot's name: which model draws, and how many requests there are."""

import asyncio
from collections.abc import Callable

import discord

from bot.adapters.discord.errors import NETWORK

PAUSE_S = 20.0
"""Between two changes. Discord takes five in twenty seconds over the whole connection."""
_MOST = 128
"""Characters in a status."""


async def keep_present(
    client: discord.Client, words: Callable[[], str], pause_s: float = PAUSE_S
) -> None:
    """Show `words` as long as the client lives: sent when they changed, and over each new
    connection, which begins without any."""
    shown: object = None
    while True:
        await client.wait_until_ready()
        now = words()[:_MOST], client.ws
        if now != shown:
            try:
                await client.change_presence(activity=discord.CustomActivity(now[0]))
                shown = now
            except (discord.ConnectionClosed, *NETWORK):
                pass  # the next round has another connection
        await asyncio.sleep(pause_s)
