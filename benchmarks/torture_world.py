"""Both platforms on loopback, members who keep asking, and the count of what they got."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from tests.standins.discord import DiscordServer
from tests.standins.discord_rest import Issued
from tests.standins.discord_world import Channel, User
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Chat

MOST_STEPS = 6


@dataclass
class World:
    """Where the members live. Requests are named `platform:chat:message`."""

    rng: random.Random
    telegram: TelegramServer
    discord: DiscordServer
    groups: list[Chat]
    channels: list[Channel]
    users: list[User]
    asked: list[tuple[Chat, int]] = field(default_factory=list)
    """Telegram: chat and message. Telegram keeps each until the bot has taken it."""
    issued: list[tuple[Channel, Issued]] = field(default_factory=list)
    """Discord: accepted once acknowledged; what came while the bot was gone never reached it."""

    @classmethod
    @asynccontextmanager
    async def open(cls, seed: int) -> AsyncIterator[Self]:
        """Both stand-ins with their chats."""
        async with TelegramServer() as telegram, DiscordServer() as discord:
            groups = [telegram.group(-1001 - i) for i in range(3)] + [telegram.private(ANN)]
            users = [discord.user(name) for name in ("ann", "bob", "cat")]
            guild = discord.guild("Painters", users[0])
            channels = [discord.channel(guild, name) for name in ("art", "more-art")]
            yield cls(random.Random(seed), telegram, discord, groups, channels, users)

    async def ask(self) -> None:
        """One member asks for one picture."""
        rng = self.rng
        words = f"steps {rng.randint(1, MOST_STEPS)}"
        if self.discord.gateway.connected and self.discord.world.commands and rng.random() < 0.5:
            channel, user = rng.choice(self.channels), rng.choice(self.users)
            made = await self.discord.slash(user, channel, "draw", {"prompt": words})
            self.issued.append((channel, made))
            return
        group = rng.choice(self.groups)
        who = ANN if group.id > 0 else rng.choice([ANN, LI])
        self.asked.append((group, await self.telegram.say(group, who, f"/draw {words}")))

    def trouble(self) -> str:
        """One network fault; its name."""
        rng, telegram, discord = self.rng, self.telegram, self.discord
        method = rng.choice(["sendMessage", "sendPhoto", "editMessageText", "getUpdates"])
        wait, server_error = "Too Many Requests: retry after 1", "Bad Gateway"
        faults: dict[str, Callable[[], Any]] = {
            f"429 for {method}": lambda: telegram.refuse(method, 429, wait, retry_after=1),
            f"502 for {method}": lambda: telegram.refuse(method, 502, server_error),
            f"{method} cut": lambda: telegram.cut(method),
            f"answer to {method} lost": lambda: telegram.lose_answer(method),
            "500 from Discord": lambda: discord.fail("POST", "/messages$", status=500),
        }
        name = rng.choice(sorted(faults))
        faults[name]()
        return name

    # What became of it ------------------------------------------------------------------------

    def telegram_results(self) -> Counter[tuple[int, int]]:
        """How many results each request on Telegram has: pictures without a cancel button, and
        status messages that were turned into one."""
        ours = self.telegram.bot["id"]
        return Counter(
            (group.id, message["reply_to_message"]["message_id"])
            for group in self.groups
            for message in group.messages.values()
            if message["from"]["id"] == ours
            and ("photo" in message or "document" in message)
            and "reply_markup" not in message
            and "reply_to_message" in message
        )

    def discord_results(self) -> Counter[str]:
        """The same on Discord, by the message that the result refers to."""
        return Counter(
            stored.json["message_reference"]["message_id"]
            for channel in self.channels
            for stored in self.discord.messages(channel)
            if stored.files
            and "preview.jpg" not in stored.files
            and "message_reference" in stored.json
        )

    def accepted_on_discord(self) -> list[str]:
        """The response message of every acknowledged interaction."""
        return [one.response.id for _, one in self.issued if one.response is not None]

    def missing(self) -> int:
        """Accepted requests without a result."""
        telegram, discord = self.telegram_results(), self.discord_results()
        return sum(not telegram[group.id, message] for group, message in self.asked) + sum(
            not discord[response] for response in self.accepted_on_discord()
        )
