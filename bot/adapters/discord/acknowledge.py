"""The first answer to an interaction, and the last."""

import io
import logging

import discord

from bot.adapters.discord.errors import ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION, is_gone
from bot.adapters.discord.people import Interaction
from bot.adapters.discord.words import pages
from bot.domain import Answer

log = logging.getLogger(__name__)


async def acknowledge(interaction: Interaction, *, private: bool) -> int | None:
    """Show "thinking…", to all or only to the one who asked; the id of that message.

    None: it is too late for an answer, which happens to what is taken up after a restart.
    """
    if interaction.is_expired():
        return None
    try:
        made = await interaction.response.defer(ephemeral=private, thinking=True)
    except discord.HTTPException as error:
        if error.code == ALREADY_ACKNOWLEDGED:
            return await _acknowledged_before(interaction)
        if error.code == UNKNOWN_INTERACTION:
            return None
        raise
    return made.message_id if made else None


async def _acknowledged_before(interaction: Interaction) -> int | None:
    """Before a restart: Discord still knows the message."""
    try:
        return (await interaction.original_response()).id
    except discord.HTTPException as error:
        if is_gone(error):
            return None
        raise


async def answer_at_once(interaction: Interaction, answer: Answer) -> None:
    """Acknowledge and answer in one, as privately as the answer wants to be."""
    texts = pages(answer.text)
    if not texts:
        response = await acknowledge(interaction, private=True)
        await Conclusion(interaction, response, private=True).say(answer)
        return
    try:
        await interaction.response.send_message(texts[0], ephemeral=answer.private)
        await _follow(interaction, texts[1:], private=answer.private)
    except discord.HTTPException as error:
        if error.code == ALREADY_ACKNOWLEDGED:
            response = await _acknowledged_before(interaction)
            await Conclusion(interaction, response, private=False).say(answer)
        elif error.code == UNKNOWN_INTERACTION:
            log.info("discord: an answer came too late")
        else:
            raise


class Conclusion:
    """The words that replace "thinking…"."""

    def __init__(self, interaction: Interaction, response: int | None, *, private: bool) -> None:
        self._interaction = interaction
        self._response = response
        self._private = private

    async def say(self, answer: Answer) -> None:
        """Show `answer`. An empty one takes the first response away again."""
        if self._response is None:
            log.info("discord: an answer came too late")
            return
        texts = pages(answer.text)
        try:
            if not texts:
                await self._interaction.delete_original_response()
            elif answer.private and not self._private:
                # Who sees a response is settled by the first one: take it back, send another.
                await self._interaction.delete_original_response()
                await _follow(self._interaction, texts, private=True)
            else:
                await self._interaction.edit_original_response(
                    content=texts[0], attachments=pictures(answer)
                )
                await _follow(self._interaction, texts[1:], private=self._private)
        except discord.HTTPException as error:
            if not is_gone(error):
                raise
            log.info("discord: an answer came too late")


def pictures(answer: Answer) -> list[discord.File]:
    """The picture of an answer as files to be sent; none where it has none."""
    if answer.picture is None:
        return []
    return [discord.File(io.BytesIO(answer.picture), filename="status.png")]


async def _follow(interaction: Interaction, texts: list[str], *, private: bool) -> None:
    for text in texts:
        await interaction.followup.send(text, ephemeral=private)
