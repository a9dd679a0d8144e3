"""Both platforms on loopback, members who keep asking, and what they see."""

import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from tests.standins.discord import DiscordServer
from tests.standins.discord_rest import Issued
from tests.standins.discord_world import Channel, Stored, User
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Chat, Json

MOST_STEPS = 6
_POISON = ("crash at 2", "nan")
"""Prompts that cannot be drawn: one takes the render process along, the other is told as such."""

_SENDS = ("sendPhoto", "sendDocument")


@dataclass
class World:
    """Where the members live."""

    rng: random.Random
    telegram: TelegramServer
    discord: DiscordServer
    groups: list[Chat]
    channels: list[Channel]
    users: list[User]
    asked: list[tuple[Chat, int]] = field(default_factory=list)
    """Telegram: chat and message. Telegram keeps each until the bot has taken it."""
    issued: list[Issued] = field(default_factory=list)
    """Discord: accepted once acknowledged; what came while the bot was gone never reached it."""

    @classmethod
    @asynccontextmanager
    async def open(cls, seed: int) -> AsyncIterator[Self]:
        """Both stand-ins with their chats."""
        async with TelegramServer() as telegram, DiscordServer() as discord:
            # Many, for a group hears no more than twenty messages a minute.
            groups = [telegram.group(-1001 - i) for i in range(20)] + [telegram.private(ANN)]
            users = [discord.user(name) for name in ("ann", "bob", "cat")]
            guild = discord.guild("Painters", users[0])
            channels = [discord.channel(guild, name) for name in ("art", "more-art")]
            yield cls(random.Random(seed), telegram, discord, groups, channels, users)

    async def discord_hears(self, patience_s: float) -> None:
        """Wait until the bot is there, if it comes: what is said before never reaches it."""
        with contextlib.suppress(AssertionError):
            await self.discord.until(self._is_heard, patience_s)

    def _is_heard(self) -> bool:
        return bool(self.discord.gateway.connected and self.discord.world.commands)

    async def ask(self) -> None:
        """One member asks for one picture."""
        rng = self.rng
        words = f"steps {rng.randint(1, MOST_STEPS)}"
        if rng.random() < 0.04:
            words = rng.choice(_POISON)
        if self._is_heard() and rng.random() < 0.8:  # in most lives it is not yet
            channel, user = rng.choice(self.channels), rng.choice(self.users)
            with contextlib.suppress(ConnectionError):  # the bot died at this very moment
                made = await self.discord.slash(user, channel, "draw", {"prompt": words})
                self.issued.append(made)
            return
        group = rng.choice(self.groups)
        who = ANN if group.id > 0 else rng.choice([ANN, LI])
        self.asked.append((group, await self.telegram.say(group, who, f"/draw {words}")))

    # What became of it ------------------------------------------------------------------------

    def accepted(self) -> Iterator[tuple[str, str]]:
        """Platform and key of every request that the bot has, or will get."""
        for chat, message in self.asked:
            yield "telegram", f"{chat.id}:{message}"
        for one in self.issued:
            if one.response is not None:
                yield "discord", one.id

    def pictures(self) -> Counter[tuple[str, str]]:
        """How many results each request has.

        On Telegram pictures, status messages that were turned into one among them; on Discord
        messages with a picture that refer to the response.
        """
        found = Counter(
            ("telegram", f"{chat.id}:{message['reply_to_message']['message_id']}")
            for chat in self.groups
            for message in chat.messages.values()
            if message["from"]["id"] == self.telegram.bot["id"]
            and ("photo" in message or "document" in message)
            and "reply_to_message" in message
            and not _is_status(message)
        )
        requests = {one.response.id: one.id for one in self.issued if one.response is not None}
        found.update(
            ("discord", requests[stored.json["message_reference"]["message_id"]])
            for stored in self._on_discord()
            if "message_reference" in stored.json
        )
        return found

    def without_reference(self) -> set[str]:
        """Ids of the pictures on Discord that refer to nothing: the response to their request was
        for one member alone (there was no room on the disk), and the bot drew it all the same."""
        return {
            stored.json["id"]
            for stored in self._on_discord()
            if "message_reference" not in stored.json
        }

    def _on_discord(self) -> Iterator[Stored]:
        """All messages of the bot with a result."""
        for channel in self.channels:
            for stored in self.discord.messages(channel):
                if stored.files and "preview.jpg" not in stored.files:
                    yield stored

    def unanswered(self) -> Counter[str]:
        """How often a picture for a request on Telegram arrived, and the bot was not told."""
        return Counter(
            f"{call.p['chat_id']}:{call.p['reply_parameters']['message_id']}"
            for call in self.telegram.heard
            if call.lost and call.method in _SENDS and "reply_parameters" in call.p
        )

    def texts(self) -> str:
        """All that the bot says in the chats."""
        mine = self.telegram.bot["id"]
        telegram = (
            message.get("text", "")
            for chat in self.groups
            for message in chat.messages.values()
            if message["from"]["id"] == mine
        )
        discord = (
            stored.json["content"]
            for channel in self.channels
            for stored in self.discord.messages(channel)
        )
        return "\n".join((*telegram, *discord))

    def answers(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Requests and the words that stand in direct answer to them."""
        mine = self.telegram.bot["id"]
        for chat in self.groups:
            for message in chat.messages.values():
                if message["from"]["id"] == mine and "reply_to_message" in message:
                    target = message["reply_to_message"]["message_id"]
                    yield ("telegram", f"{chat.id}:{target}"), message.get("text", "")
        for one in self.issued:
            if one.response is not None:
                yield ("discord", one.id), one.response.json["content"]


def _is_status(message: Json) -> bool:
    """Whether it shows a request that is still drawn: that can be cancelled."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return any(button["callback_data"].startswith("cancel:") for row in rows for button in row)
