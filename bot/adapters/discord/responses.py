"""The interactions that still live: what they answered can be changed without any permission."""

from dataclasses import dataclass
from typing import Any

import discord

Interaction = discord.Interaction[discord.Client]


@dataclass(frozen=True, slots=True)
class Way:
    """How a message is reached by an interaction."""

    interaction: Interaction
    follow_up: int | None = None
    """The message is this follow-up; else it is the interaction's original response."""
    is_pressed: bool = False
    """The message had the button that was pressed: it is no place for a status."""

    async def edit(self, **changes: Any) -> None:
        """Change the message; raises as the library does."""
        if self.follow_up is None:
            await self.interaction.edit_original_response(**changes)
        else:
            await self.interaction.followup.edit_message(self.follow_up, **changes)

    async def delete(self) -> None:
        """Delete the message; raises as the library does."""
        if self.follow_up is None:
            await self.interaction.delete_original_response()
        else:
            await self.interaction.followup.delete_message(self.follow_up)


@dataclass(frozen=True, slots=True)
class Responses:
    """Ways by the ids of the messages that they lead to."""

    _known: dict[int, Way]

    @classmethod
    def none(cls) -> "Responses":
        """At start nothing is known: older responses are edited as messages of the channel."""
        return cls({})

    def remember(self, message_id: int, way: Way) -> None:
        """`message_id` can be reached by `way`."""
        for old in [i for i, known in self._known.items() if known.interaction.is_expired()]:
            del self._known[old]
        self._known[message_id] = way

    def alive(self, message_id: str | None) -> Way | None:
        """The way to a message of ours, for fifteen minutes."""
        if not message_id or not message_id.isdigit():
            return None
        found = self._known.get(int(message_id))
        return None if found is None or found.interaction.is_expired() else found

    def forget(self, message_id: str) -> None:
        """Discord no longer takes this interaction's token."""
        self._known.pop(int(message_id), None)
