"""The interactions that still live: their first response can be edited without any permission."""

from dataclasses import dataclass

import discord


@dataclass(frozen=True, slots=True)
class Responses:
    """Interactions by the id of the message that is their original response."""

    _known: dict[int, "discord.Interaction[discord.Client]"]

    @classmethod
    def none(cls) -> "Responses":
        """At start nothing is known: older responses are edited as messages of the channel."""
        return cls({})

    def remember(self, message_id: int, interaction: "discord.Interaction[discord.Client]") -> None:
        """`message_id` is what `interaction` was answered with."""
        for old in [i for i, known in self._known.items() if known.is_expired()]:
            del self._known[old]
        self._known[message_id] = interaction

    def alive(self, message_id: str | None) -> "discord.Interaction[discord.Client] | None":
        """The interaction behind a message of ours, for fifteen minutes."""
        if not message_id or not message_id.isdigit():
            return None
        found = self._known.get(int(message_id))
        return None if found is None or found.is_expired() else found

    def forget(self, message_id: str) -> None:
        """Discord no longer takes this interaction's token."""
        self._known.pop(int(message_id), None)
