"""The local studio: a page on the operator's own machine that looks like a chat with the bot."""

from bot.adapters.studio.adapter import StudioAdapter

__all__ = ["StudioAdapter"]
