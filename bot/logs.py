"""Logging without secrets."""

import logging
import sys
from collections.abc import Iterable

_TALKATIVE = (
    "httpx",
    "httpcore",
    "PIL",
    "aiosqlite",
    "asyncio",
    "discord.gateway",
    "discord.http",
    "discord.webhook.async_",
)
"""Libraries whose INFO lines hold tokens or drown our own."""


class Redact(logging.Formatter):
    """Formats as usual, then replaces every secret, in messages and tracebacks alike."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
        self._secrets = tuple(s for s in secrets if s)

    def format(self, record: logging.LogRecord) -> str:
        """One log entry as text."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


def setup(level: str, secrets: Iterable[str]) -> None:
    """Send the log to standard error at `level`, with `secrets` blanked out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redact(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
