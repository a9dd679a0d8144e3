"""Chatelier: a self-hosted bot that draws in Telegram and Discord chats."""

__version__ = "0.1.0"
