"""Telegram, through python-telegram-bot and long polling."""

from bot.adapters.telegram.adapter import TelegramAdapter

__all__ = ["TelegramAdapter"]
