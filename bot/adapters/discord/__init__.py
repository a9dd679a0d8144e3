"""Discord, by discord.py: slash commands, a message menu, mentions and private messages."""

from bot.adapters.discord.adapter import DiscordAdapter

__all__ = ["DiscordAdapter"]
