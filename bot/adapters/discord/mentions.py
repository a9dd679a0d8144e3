"""Messages that speak to the bot: mentions in servers, any text in private."""

import logging
import re
from dataclasses import replace
from typing import Any

import discord
import msgspec
from msgspec import Struct

from bot.adapters.discord import people
from bot.adapters.discord.acknowledge import pictures
from bot.adapters.discord.attachments import Attachment, Fetcher, first_picture
from bot.adapters.discord.gateway import Gateway
from bot.adapters.discord.words import pages
from bot.command import WORDS, parse_command
from bot.conversation import Conversation
from bot.domain import Answer, Incoming, Platform, ReplyTo, Requester
from bot.phrase import phrase

log = logging.getLogger(__name__)


_WORDS = (0, 19)
"""Types of messages that people write: an ordinary one, and a reply."""


ABOUT_MEMBERS = frozenset({"admin"})
"""Commands that may name a member."""
_MENTION = re.compile(r"<@!?(\d+)>")


class Person(Struct, frozen=True):
    """A user in a message."""

    id: str
    username: str = ""
    global_name: str | None = None
    bot: bool = False


class Membership(Struct, frozen=True):
    """What comes with the author in a server."""

    roles: tuple[str, ...] = ()
    nick: str | None = None


class Message(Struct, frozen=True):
    """The parts of a message that matter here, as Discord sends them."""

    id: str
    channel_id: str
    author: Person
    content: str = ""
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Person, ...] = ()
    type: int = 0
    webhook_id: str | None = None
    guild_id: str | None = None
    member: Membership = Membership()
    referenced_message: "Message | None" = None

    @property
    def hidden(self) -> bool:
        """Without the content intent a stranger's message arrives with nothing in it."""
        return not self.content and not self.attachments


class Mentions:
    """Handles raw messages."""

    def __init__(self, *, gateway: Gateway, conversation: Conversation, fetcher: Fetcher) -> None:
        self._gateway = gateway
        self._conversation = conversation
        self._fetcher = fetcher

    async def at_once(self, raw: Any) -> bool:
        """True: not for us."""
        message = msgspec.convert(raw, Message)
        if message.author.bot or message.webhook_id or message.type not in _WORDS:
            return True
        return message.guild_id is not None and not self._meant(message)

    async def take(self, raw: Any, *, again: bool) -> tuple[str, ...]:
        """Handle one that was kept."""
        message = msgspec.convert(raw, Message)
        answer = await self._conversation.handle(await self._incoming(message))
        await self._say(message, answer)
        return (message.id,)

    async def refuse(self, raw: Any) -> None:
        """The store is out of order."""
        message = msgspec.convert(raw, Message)
        words = self._conversation.words(self._requester(message), phrase("store-unavailable"))
        await self._say(message, Answer(text=words))

    def _meant(self, message: Message) -> bool:
        """Mentioned by name, or answering a picture of ours with the reply's ping."""
        if all(p.id != self._me for p in message.mentions):
            return False
        replied = message.referenced_message
        named = f"<@{self._me}>" in message.content or f"<@!{self._me}>" in message.content
        return named or bool(replied and replied.attachments)

    @property
    def _me(self) -> str:
        return str(self._gateway.user.id) if self._gateway.user else ""

    async def _incoming(self, message: Message) -> Incoming:
        command, text = self._command(message)
        attachment, problem = self._source(message)
        fetched = await self._fetcher.fetch(attachment)
        guild = self._guild(message)
        channel = self._gateway.get_channel(int(message.channel_id))
        roles = frozenset(int(r) for r in message.member.roles)
        replied = message.referenced_message
        target = self._target(message) if command in ABOUT_MEMBERS else None
        requester = self._requester(message)
        spoken = await self._conversation.spoken(requester)
        return Incoming(
            key=message.id,
            command=command,
            text=text,
            requester=replace(requester, language=spoken or requester.language),
            reply_to=ReplyTo(
                platform=Platform.DISCORD,
                chat_id=message.channel_id,
                message_id=message.id,
                space_id=message.guild_id,
                private=message.guild_id is None,
                age_restricted=people.is_age_restricted(channel),
            ),
            chat_title=people.title(guild, channel),
            source=fetched.content,
            source_problem=problem or fetched.problem,
            replied_message_id=replied.id if replied and not message.attachments else None,
            target=_account(target) if target and not target.bot else None,
            target_problem="target-bot" if target and target.bot else "",
            is_chat_admin=people.is_admin(guild, int(message.author.id), roles),
            roles=message.member.roles,
            received_at=discord.utils.snowflake_time(int(message.id)).timestamp(),
        )

    def _command(self, message: Message) -> tuple[str, str]:
        """`/help` typed as text is a command; other words are a prompt, or change the picture they
        answer; none ask for help."""
        words = re.sub(rf"<@!?{self._me}>", " ", message.content)
        command, text = parse_command(words)
        if command:
            return command, text
        picture = message.attachments or message.referenced_message
        return (WORDS, text) if text or picture else ("help", "")

    def _target(self, message: Message) -> Person | None:
        """Who is named in the text, else whose message is answered."""
        others = {p.id: p for p in message.mentions if p.id != self._me}
        for found in _MENTION.finditer(message.content):
            if found[1] in others:
                return others[found[1]]
        return message.referenced_message.author if message.referenced_message else None

    def _source(self, message: Message) -> tuple[Attachment | None, str]:
        """The message's own picture, else the replied-to one; or why it cannot be seen."""
        if message.attachments:
            return first_picture(message.attachments), ""
        replied = message.referenced_message
        if replied is None:
            return None, ""
        if replied.hidden:
            return None, "discord-picture-hidden"
        return first_picture(replied.attachments), ""

    def _requester(self, message: Message) -> Requester:
        guild = self._guild(message)
        known = _account(message.author)
        return replace(
            known,
            name=message.member.nick or known.name,
            # A message tells no language; where none is known, a server's own is the best guess.
            language=str(guild.preferred_locale) if guild else None,
        )

    def _guild(self, message: Message) -> discord.Guild | None:
        return self._gateway.get_guild(int(message.guild_id)) if message.guild_id else None

    async def _say(self, message: Message, answer: Answer) -> None:
        channel = self._gateway.get_partial_messageable(int(message.channel_id))
        for number, text in enumerate(pages(answer.text)):
            await channel.send(
                text,
                files=[] if number else pictures(answer),
                reference=discord.MessageReference(
                    message_id=int(message.id),
                    channel_id=int(message.channel_id),
                    fail_if_not_exists=False,
                ),
                nonce=f"a{number}-{message.id}",
                mention_author=False,
                suppress_embeds=True,
            )


def _account(someone: Person) -> Requester:
    return Requester(
        platform=Platform.DISCORD,
        user_id=someone.id,
        name=someone.global_name or someone.username,
        username=someone.username,
    )
