"""Presses on buttons, and forms that a button has opened."""

import logging
from typing import Any

import discord

from bot.adapters.discord import people
from bot.adapters.discord.acknowledge import answer_at_once
from bot.adapters.discord.buttons import LABEL_MAX, packed, pressed
from bot.adapters.discord.errors import ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION, is_gone
from bot.adapters.discord.files import REQUEST_MAX, Upload, fit, uploads
from bot.adapters.discord.people import Interaction
from bot.adapters.discord.responses import Responses, Way
from bot.adapters.discord.words import blocks, pages
from bot.conversation import Conversation
from bot.domain import Answer, Fate, Form, Picture, Press
from bot.phrase import phrase

log = logging.getLogger(__name__)

_OPENS_FORM = frozenset({"edit"})
"""A form must be the very first answer, so these are not acknowledged before: the conversation
answers them from the database alone."""
_TEXT_MAX = 4000
"""Characters in a field of a form."""


class Pressing:
    """Hands presses to the conversation, and says what it answers to whoever pressed."""

    def __init__(self, conversation: Conversation, responses: Responses) -> None:
        self._conversation = conversation
        self._responses = responses

    async def press(self, interaction: Interaction) -> None:
        """A button. Nothing in the chat changes until the answer is there."""
        data: Any = interaction.data
        press = self._understand(interaction, data["custom_id"])
        if press.action in _OPENS_FORM:
            answer = await self._conversation.press(press)
            if answer.form is not None:
                await interaction.response.send_modal(modal(answer.form))
            else:
                await answer_at_once(interaction, answer)
            return
        await self._answer(interaction, press)

    async def filled(self, interaction: Interaction) -> None:
        """A form that `press` has opened."""
        data: Any = interaction.data
        fields = {
            c["component"]["custom_id"]: str(c["component"].get("value") or "")
            for c in data["components"]
            if "component" in c
        }
        await self._answer(
            interaction, self._understand(interaction, data["custom_id"], fields=fields)
        )

    async def _answer(self, interaction: Interaction, press: Press) -> None:
        is_heard = await _acknowledge(interaction)
        if is_heard and interaction.message and people.is_away(interaction):
            way = Way(interaction, is_pressed=True)
            self._responses.remember(interaction.message.id, way)
        answer = await self._conversation.press(press)
        if not is_heard:
            log.info("discord: an answer came too late")
            return
        try:
            await self._say(interaction, press, answer)
        except discord.HTTPException as error:
            if not is_gone(error):
                raise
            log.info("discord: an answer came too late")

    async def _say(self, interaction: Interaction, press: Press, answer: Answer) -> None:
        told = blocks(answer.text) if answer.verbatim else pages(answer.text)
        if answer.is_done:
            told = []  # the request's end says so in the channel
        for text in told:
            await interaction.followup.send(text, ephemeral=answer.private)
        for batch in _batches(press.job_id, answer.files):
            files, smaller = await fit([u for u, _ in batch], interaction.filesize_limit)
            note = phrase("discord-recompressed")
            words = self._conversation.words(press.requester, note) if smaller else ""
            await interaction.followup.send(
                words or discord.utils.MISSING,
                files=[
                    f.file(spoiler=p.fate is Fate.SPOILER)
                    for f, (_, p) in zip(files, batch, strict=True)
                ],
                ephemeral=True,
            )

    @staticmethod
    def _understand(
        interaction: Interaction, custom_id: str, *, fields: dict[str, str] | None = None
    ) -> Press:
        action, argument = pressed(custom_id)
        message_id = interaction.message.id if interaction.message else None
        return Press(
            key=str(interaction.id),
            action=action,
            argument=argument,
            requester=people.requester(interaction),
            reply_to=people.place(interaction, message_id),
            chat_title=people.title(interaction.guild, interaction.channel),
            fields=fields,
            is_chat_admin=people.manages(interaction),
            roles=people.roles(interaction.user),
            received_at=interaction.created_at.timestamp(),
        )


def modal(form: Form) -> discord.ui.Modal:
    """The dialog for `form`; what is filled in carries its action and argument."""
    made = discord.ui.Modal(
        title=form.title[:LABEL_MAX], custom_id=packed(form.action, form.argument)
    )
    for field in form.fields:
        style = discord.TextStyle.paragraph if field.long else discord.TextStyle.short
        made.add_item(
            discord.ui.Label(
                text=field.label[:LABEL_MAX],
                component=discord.ui.TextInput(
                    style=style,
                    custom_id=field.name,
                    default=field.value[:_TEXT_MAX],
                    required=field.required,
                    max_length=_TEXT_MAX,
                ),
            )
        )
    # A finished form is not stored: its answer is handled by us, and after a restart as well.
    made.stop()
    return made


async def _acknowledge(interaction: Interaction) -> bool:
    """Tell Discord that the press was heard, without a sign in the chat; False: too late, which
    happens to what is taken up after a restart."""
    if interaction.is_expired():
        return False
    try:
        await interaction.response.defer()
    except discord.HTTPException as error:
        if error.code not in (ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION):
            raise
        return error.code == ALREADY_ACKNOWLEDGED
    return True


def _batches(job_id: str, files: tuple[Picture, ...]) -> list[list[tuple[Upload, Picture]]]:
    """All in one message where Discord takes that, else each in one of its own."""
    made = list(zip(uploads(job_id, files), files, strict=True))
    if sum(len(upload.content) for upload, _ in made) <= REQUEST_MAX:
        return [made] if made else []
    return [[one] for one in made]
