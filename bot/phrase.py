"""A sentence that nobody has put into words yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A message of the catalogue in `bot/replies`, and the values that stand in it.

    `key` is the Fluent message id; `args` are its variables, phrases among them. Code below
    `bot.replies` passes phrases around, so that no language leaks into it.
    """

    key: str
    args: Mapping[str, "str | int | float | Phrase"] = field(default_factory=dict)


def phrase(key: str, /, **args: str | int | float | Phrase) -> Phrase:
    """Shorthand: `phrase("steps-clamped", asked=900, most=60)`."""
    return Phrase(key, args)
