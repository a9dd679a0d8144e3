"""One line of the report of `chatelier check`."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a line is meant."""

    GOOD = "good"
    INFO = "info"
    """Neither good nor bad, only worth knowing."""
    WARNING = "warning"
    """Something does not do what its owner may expect; the bot works all the same."""
    BAD = "bad"
    """Something does not work."""

    @property
    def mark(self) -> str:
        """What stands before the line."""
        return {"good": "✓", "info": "·", "warning": "!", "bad": "✗"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, and what was found; where it is not good, `text` says what to do."""

    topic: str
    text: str
    level: Level = Level.GOOD

    def __str__(self) -> str:
        return f"{self.level.mark} {self.topic:<10} {self.text}"


def good(topic: str, text: str) -> Finding:
    """As it should be."""
    return Finding(topic=topic, text=text)


def info(topic: str, text: str) -> Finding:
    """Worth knowing."""
    return Finding(topic=topic, text=text, level=Level.INFO)


def warning(topic: str, text: str) -> Finding:
    """To be looked at some time."""
    return Finding(topic=topic, text=text, level=Level.WARNING)


def bad(topic: str, text: str) -> Finding:
    """To be mended."""
    return Finding(topic=topic, text=text, level=Level.BAD)
