"""Brings an `Outgoing` to its channel."""

import logging
from dataclasses import replace
from datetime import datetime

import discord

from bot.adapters.discord import compose
from bot.adapters.discord.compose import Letter
from bot.adapters.discord.errors import (
    INVALID_FORM,
    NO_HISTORY,
    TOO_LARGE,
    UNKNOWN_MESSAGE,
    is_gone,
    translate,
)
from bot.adapters.discord.files import fit
from bot.adapters.discord.gateway import Gateway
from bot.adapters.discord.responses import Responses, Way
from bot.domain import Kind, Outgoing, Receipt
from bot.errors import ChatGone, DoubtfulSend, Rejected, RetryLater

log = logging.getLogger(__name__)

Channel = discord.PartialMessageable | discord.DMChannel
DEFAULT_LIMIT = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
LOOK_BACK = 50
"""How many messages of a channel are searched for one that may have arrived already."""
_TIGHTEST = 8 * 2**20
"""Bytes of a file when Discord finds a smaller one too large: what every server took for years."""


class Sender:
    """Sends and edits; translates every failure into `bot.errors`."""

    def __init__(self, *, gateway: Gateway, responses: Responses, began: datetime) -> None:
        self._gateway = gateway
        self._responses = responses
        self._began = began
        self._doubtful: set[str] = set()

    async def deliver(self, message: Outgoing) -> Receipt:
        """As `ChatAdapter.deliver`."""
        try:
            receipt = await self._deliver(message)
        except Exception as error:
            told = translate(error)
            if told is None:
                raise
            if isinstance(told, DoubtfulSend):
                if message.edit is not None or message.kind in (Kind.LEAVE, Kind.REMOVE):
                    told = RetryLater(2, str(told))  # doing it twice changes nothing
                else:
                    self._doubtful.add(message.nonce)
            raise told from error
        self._doubtful.discard(message.nonce)
        return receipt

    async def _deliver(self, message: Outgoing) -> Receipt:
        if message.kind is Kind.LEAVE:
            return await self._leave(message)
        if message.kind is Kind.REMOVE:
            return await self._take_away(message)
        if message.edit is not None:
            return await self._edit(message, message.edit)
        if message.kind is Kind.STATUS and (shown := await self._as_response(message)):
            return shown
        return await self._send(message)

    # Status messages --------------------------------------------------------------------------

    async def _as_response(self, message: Outgoing) -> Receipt | None:
        """A slash command's status is its response, which waits as "thinking…"."""
        way = self._responses.alive(message.to.message_id)
        if way is not None and way.is_pressed:
            return None
        if await self._edit_response(message, message.to.message_id):
            return Receipt(message_ids=(message.to.message_id,))
        return None

    async def _edit(self, message: Outgoing, edited: str) -> Receipt:
        """A message that is gone is no failure: there is nothing left to say in it."""
        if edited.isdigit() and not await self._edit_response(message, edited):
            channel = self._gateway.get_partial_messageable(int(message.to.chat_id))
            try:
                await channel.get_partial_message(int(edited)).edit(**compose.edit(message))
            except discord.NotFound as error:
                if error.code != UNKNOWN_MESSAGE:
                    raise
        return Receipt(message_ids=(edited,))

    async def _edit_response(self, message: Outgoing, edited: str) -> bool:
        """By the interaction, while it lives: that needs no permission in the channel."""
        way = self._responses.alive(edited)
        if way is None:
            return False
        try:
            await way.edit(**compose.edit(message))
        except discord.HTTPException as error:
            if not is_gone(error):
                raise
            self._responses.forget(edited)
            return False
        return True

    async def _remove(self, message: Outgoing, status: str) -> None:
        """Take the status message away. The result has arrived: nothing here may fail it."""
        try:
            if status == message.to.message_id:
                # The result replies to it, so it stays, in one line.
                gone = replace(message, text=message.remove_text or "✓", buttons=(), preview=None)
                await self._edit(replace(gone, kind=Kind.STATUS), status)
            elif status.isdigit():
                await self._delete(message, status)
        except Exception as error:
            if translate(error) is None:
                raise
            log.info("discord: a status message stays: %s", error)

    async def _delete(self, message: Outgoing, known: str) -> None:
        """By the interaction that lives, which needs no membership; else as a message."""
        if (way := self._responses.alive(known)) is not None:
            await way.delete()
            return
        channel = self._gateway.get_partial_messageable(int(message.to.chat_id))
        await channel.get_partial_message(int(known)).delete()

    async def _take_away(self, message: Outgoing) -> Receipt:
        """Delete a message of ours. In a thread that is archived that is not allowed.

        Raises:
            Rejected: an edit is not either.
        """
        known = message.remove or ""
        if known.isdigit():
            try:
                await self._delete(message, known)
            except discord.HTTPException as error:
                if error.status == 429:
                    raise
                if error.code != UNKNOWN_MESSAGE:
                    log.info("discord: message %s cannot be deleted: %s", known, error)
                    await self._cover(message, known)
        return Receipt(message_ids=())

    async def _cover(self, message: Outgoing, known: str) -> None:
        """Without its files, in one line."""
        bare = replace(message, text=message.text or "✓", buttons=(), preview=None)
        try:
            await self._edit(bare, known)
        except discord.Forbidden as error:  # of this message; the chat may be there all the same
            raise Rejected(f"message {known} can be neither deleted nor changed") from error

    # New messages -----------------------------------------------------------------------------

    async def _send(self, message: Outgoing) -> Receipt:
        channel = await self._channel(message)
        sent = await self._sent_already(channel, message)
        if sent is None:
            letter = compose.letter(message)
            letter = await self._fitted(letter, self._limit(message))
            sent = await self._ladder(channel, letter, message)
        if message.remove is not None:
            await self._remove(message, message.remove)
        return Receipt(message_ids=() if sent is None else (str(sent),))

    async def _channel(self, message: Outgoing) -> Channel:
        """An empty chat id means: to `notify`, in private."""
        if message.to.chat_id:
            return self._gateway.get_partial_messageable(int(message.to.chat_id))
        if message.notify is None:
            raise ChatGone("a message for nobody")
        return await self._gateway.create_dm(discord.Object(int(message.notify.user_id)))

    def _limit(self, message: Outgoing) -> int:
        channel = self._gateway.get_channel(int(message.to.chat_id or 0))
        guild = getattr(channel, "guild", None)
        return guild.filesize_limit if isinstance(guild, discord.Guild) else DEFAULT_LIMIT

    async def _fitted(self, letter: Letter, limit: int) -> Letter:
        files, smaller = await fit(letter.files, limit)
        return letter.recompressed(files) if smaller else letter

    async def _ladder(self, channel: Channel, letter: Letter, message: Outgoing) -> int | None:
        """One step down for each way in which Discord may refuse; the id of what arrived.

        None: it arrived before, and somebody has deleted it since.
        """
        try:
            return (await channel.send(**letter.arguments())).id
        except discord.Forbidden as error:
            if error.code == NO_HISTORY and letter.reference is not None:
                return await self._ladder(channel, letter.without_reference(), message)
            return await self._elsewhere(channel, letter, message, error)
        except discord.HTTPException as error:
            if error.code == UNKNOWN_MESSAGE:
                log.info("discord: %s had arrived and was deleted", letter.nonce)
                return None
            if _too_large(error) and (smaller := await self._smaller(letter)) is not None:
                return await self._ladder(channel, smaller, message)
            refers = letter.reference is not None and "message_reference" in error.text
            if error.code == INVALID_FORM and refers:
                return await self._ladder(channel, letter.without_reference(), message)
            raise

    async def _smaller(self, letter: Letter) -> Letter | None:
        largest = max((len(f.content) for f in letter.files), default=0)
        if letter.shrunk or not largest:
            return None
        return replace(await self._fitted(letter, min(_TIGHTEST, largest // 2)), shrunk=True)

    async def _elsewhere(
        self, channel: Channel, letter: Letter, message: Outgoing, why: discord.Forbidden
    ) -> int | None:
        """Where the bot may not write, a living interaction still shows its follow-ups: few of
        them. What a member asked for where only they have the bot comes in private then."""
        if (way := self._responses.alive(letter.reference)) is not None:
            try:
                return await self._follow(way, letter, message)
            except discord.HTTPException as error:
                log.info("discord: %s is no follow-up: %s", letter.nonce, error)
        if not message.to.private or message.notify is None or message.kind is not Kind.RESULT:
            raise why
        private = await self._gateway.create_dm(discord.Object(int(message.notify.user_id)))
        if str(private.id) == message.to.chat_id:
            raise why
        aside = replace(message, to=replace(message.to, chat_id=str(private.id)))
        return await self._ladder(private, letter.aside(str(private.id)), aside)

    async def _follow(self, way: Way, letter: Letter, message: Outgoing) -> int:
        """Send a follow-up, and keep the way to it."""
        words = letter.without_reference() if message.kind is Kind.RESULT else letter
        webhook = way.interaction.followup
        sent = await webhook.send(**words.as_follow_up(), wait=True)
        self._responses.remember(sent.id, Way(way.interaction, follow_up=sent.id))
        return sent.id

    # Once only --------------------------------------------------------------------------------

    async def _sent_already(self, channel: Channel, message: Outgoing) -> int | None:
        """Discord knows a nonce for some minutes only. When an earlier try may have arrived (this
        one's, or one before a restart), look for it among our own latest messages."""
        if message.kind is not Kind.RESULT or not self._in_doubt(message):
            return None
        try:
            async for found in channel.history(limit=LOOK_BACK):
                if found.author == self._gateway.user and compose.is_this(found, message):
                    log.info("discord: %s had arrived before", message.nonce)
                    return found.id
        except discord.Forbidden:
            log.info("discord: the history of %s may not be read", message.to.chat_id)
        return None

    def _in_doubt(self, message: Outgoing) -> bool:
        if message.nonce in self._doubtful:
            return True
        asked = message.to.message_id
        return not asked or discord.utils.snowflake_time(int(asked)) < self._began

    async def _leave(self, message: Outgoing) -> Receipt:
        """A chat that is left is a server; a bot cannot leave a channel."""
        guild = self._gateway.get_guild(int(message.to.home_id))
        if guild is not None:
            await guild.leave()
        return Receipt(message_ids=())


def _too_large(error: discord.HTTPException) -> bool:
    return error.status == 413 or error.code == TOO_LARGE
