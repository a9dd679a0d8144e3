"""What was chosen by "Vary this image", until the member has written the words."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.adapters.discord.attachments import Attachment

KEEP_S = 3600.0
"""How long a modal may stay open."""
_PREFIX = "v:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The picture under the menu. Without the content intent it cannot be fetched again later."""

    attachment: Attachment
    message_id: str
    at: float


class Menus:
    """Choices by the id of the menu's interaction, oldest first."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._chosen: dict[str, Chosen] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._chosen

    def choose(self, key: str, chosen: Chosen) -> None:
        """Remember a choice."""
        self._chosen[key] = chosen

    def find(self, key: str) -> Chosen | None:
        """What was chosen."""
        return self._chosen.get(key)

    def outdated(self) -> tuple[str, ...]:
        """Forget the choices that nobody will complete any more; their keys."""
        before = self._clock() - KEEP_S
        old = tuple(k for k, c in self._chosen.items() if c.at < before)
        for key in old:
            del self._chosen[key]
        return old


def modal(key: str, words: Callable[[str], str]) -> discord.ui.Modal:
    """The form that asks for the words. `words` gives the text of a phrase's key."""
    form = discord.ui.Modal(title=words("discord-vary-title"), custom_id=f"{_PREFIX}{key}")
    form.add_item(
        discord.ui.Label(
            text=words("discord-vary-label"),
            description=words("discord-vary-hint"),
            component=discord.ui.TextInput(
                style=discord.TextStyle.paragraph, custom_id="prompt", max_length=4000
            ),
        )
    )
    # A finished form is not stored: its answer is handled by us, and after a restart as well.
    form.stop()
    return form


def chosen_by(custom_id: str) -> str | None:
    """The key that `modal` has put into the form."""
    return custom_id.removeprefix(_PREFIX) if custom_id.startswith(_PREFIX) else None
