"""The bot was added to a server: who can approve it is said there once."""

import logging

import discord

from bot.adapters.discord import people
from bot.adapters.discord.errors import translate
from bot.adapters.discord.words import pages
from bot.conversation import Conversation
from bot.domain import Platform, ReplyTo

log = logging.getLogger(__name__)


async def greet(client: discord.Client, conversation: Conversation, guild: discord.Guild) -> None:
    """Say what the conversation wants to say, where the server wants such things said."""
    channel = _channel(guild)
    if channel is None:
        log.info("discord: nowhere to speak in the new server %s", guild.id)
        return
    to = ReplyTo(
        platform=Platform.DISCORD,
        chat_id=str(channel.id),
        message_id="",
        space_id=str(guild.id),
    )
    language = str(guild.preferred_locale)
    answer = await conversation.joined(to, people.title(guild, channel), language)
    try:
        for text in pages(answer.text):
            await channel.send(text, suppress_embeds=True)
    except Exception as error:
        if translate(error) is None:
            raise
        log.info("discord: the greeting could not be said: %s", error)


def _channel(guild: discord.Guild) -> discord.TextChannel | None:
    """The server's own channel for such news, else the first where the bot may write."""
    first = [guild.system_channel] if guild.system_channel else []
    for channel in (*first, *guild.text_channels):
        if channel.permissions_for(guild.me).send_messages:
            return channel
    return None
