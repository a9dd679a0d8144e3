"""Slash commands, the message menu, its form, and buttons.

The order is the same for all: committed (by the receiver), checked from memory, acknowledged within
three seconds, and only then anything that takes time.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
import msgspec
from discord import app_commands

from bot.adapters.discord import people
from bot.adapters.discord.acknowledge import Conclusion, acknowledge, answer_at_once
from bot.adapters.discord.asked import understand
from bot.adapters.discord.attachments import Attachment, Fetcher, first_picture
from bot.adapters.discord.buttons import is_ours
from bot.adapters.discord.commands import DrawOptions, tree
from bot.adapters.discord.gateway import Gateway
from bot.adapters.discord.groups import worded
from bot.adapters.discord.menus import Chosen, Menus, chosen_by, modal
from bot.adapters.discord.own_commands import VARY
from bot.adapters.discord.people import Interaction
from bot.adapters.discord.press import Pressing
from bot.adapters.discord.responses import Responses, Way
from bot.asking import REDO
from bot.conversation import Conversation
from bot.domain import Answer, DrawRequest, Incoming
from bot.phrase import Phrase, phrase

log = logging.getLogger(__name__)


class Interactions:
    """Handles raw interactions."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        conversation: Conversation,
        fetcher: Fetcher,
        responses: Responses,
    ) -> None:
        self._gateway = gateway
        self._conversation = conversation
        self._fetcher = fetcher
        self._responses = responses
        self._menus = Menus()
        self._pressing = Pressing(conversation, responses)
        self.tree = tree(gateway, self)
        """The commands, as they are to be registered."""

    # Raw events, from the receiver ------------------------------------------------------------

    async def at_once(self, raw: Any) -> bool:
        """Autocompletion is answered from memory and not kept."""
        interaction = self._gateway.raw_interaction(raw)
        if interaction.type is discord.InteractionType.autocomplete:
            await self._carry_out(interaction)
            return True
        return interaction.type is discord.InteractionType.ping

    async def take(self, raw: Any, *, again: bool) -> tuple[str, ...]:
        """Handle one that was kept."""
        interaction = self._gateway.raw_interaction(raw)
        key = str(interaction.id)
        match interaction.type:
            case discord.InteractionType.component:
                await self._pressing.press(interaction)
            case discord.InteractionType.modal_submit if _is_of_button(interaction):
                await self._pressing.filled(interaction)
            case discord.InteractionType.modal_submit:
                return (key, *await self._form(interaction))
            case _ if again and self._asks_for_words(interaction):
                # Its form is open, or was dismissed; an answer to it finds the picture again.
                self._choose(interaction)
            case _:
                await self._carry_out(interaction)
        return self._menus.outdated() if key in self._menus else (key,)

    async def refuse(self, raw: Any) -> None:
        """The store is out of order."""
        interaction = self._gateway.raw_interaction(raw)
        await answer_at_once(
            interaction, Answer(text=self._words(interaction, "store-unavailable"))
        )

    async def _carry_out(self, interaction: Interaction) -> None:
        try:
            await self.tree.carry_out(interaction)
        except app_commands.CommandInvokeError as error:
            raise error.original from error
        except app_commands.AppCommandError:
            # Discord showed commands of another version; the member may see them for an hour.
            if interaction.type is discord.InteractionType.application_command:
                words = self._words(interaction, "discord-outdated")
                await answer_at_once(interaction, Answer(text=words))
            raise

    # Commands ---------------------------------------------------------------------------------

    def complete(self, field: str, typed: str) -> tuple[str, ...]:
        """Values for an option."""
        return self._conversation.complete(field, typed)

    async def presets(self, interaction: Interaction, typed: str) -> tuple[str, ...]:
        """Names of the member's own."""
        return await self._conversation.presets(people.requester(interaction), typed)

    async def draw(self, interaction: Interaction, options: DrawOptions) -> None:
        """`/draw`: words, a picture that carries them, or a preset."""
        text, request = understand(options)
        if not (text or options.image or options.preset):
            await self.decline(interaction, phrase("discord-draw-empty"))
            return
        attachment = Attachment.of(options.image) if options.image else None
        await self._draw(interaction, text, request, attachment)

    async def other(
        self,
        interaction: Interaction,
        command: str,
        text: str,
        member: discord.User | discord.Member | None = None,
    ) -> None:
        """Any other command: answered only to the one who asked."""
        response = await acknowledge(interaction, private=True)
        incoming = self._incoming(interaction, command, text)
        if member is not None:
            problem = "target-bot" if member.bot else ""
            target = None if member.bot else people.account(member)
            incoming = replace(incoming, target=target, target_problem=problem)
        answer = await self._conversation.handle(incoming)
        if command == "help" and people.is_away(interaction):
            away = self._words(interaction, "discord-help-away")
            answer = replace(answer, text=f"{away}\n\n{answer.text}")
        if answer.is_done:
            answer = Answer()  # the request's end says so in the channel
        await Conclusion(interaction, response, private=True).say(answer)

    async def info(self, interaction: Interaction, image: discord.Attachment) -> None:
        """`/info`"""
        await self._about(interaction, "info", Attachment.of(image))

    async def use(
        self, interaction: Interaction, name: str, prompt: str, image: discord.Attachment | None
    ) -> None:
        """`/preset use`"""
        attachment = Attachment.of(image) if image else None
        text = f"{prompt}\n--preset {name}".strip()
        await self._draw(interaction, text, None, attachment)

    async def about_message(self, interaction: Interaction, command: str) -> None:
        """A menu: what draws is answered in the chat, everything else to the one who asked."""
        message_id, picture = _under_menu(interaction)
        if picture is None:
            await self.decline(interaction, phrase("discord-no-picture"))
        elif command not in REDO:
            await self._about(interaction, command, picture, message_id)
        else:
            await self._draw(interaction, "", None, picture, command=command, replied=message_id)

    async def _about(
        self,
        interaction: Interaction,
        command: str,
        attachment: Attachment | None,
        replied: str | None = None,
    ) -> None:
        response = await acknowledge(interaction, private=True)
        fetched = await self._fetcher.fetch(attachment)
        incoming = replace(
            self._incoming(interaction, command, ""),
            replied_message_id=replied,
            source=fetched.content,
            source_problem=fetched.problem,
        )
        answer = await self._conversation.handle(incoming)
        if command == "report" and not answer.text:
            answer = Answer(text=self._words(interaction, "discord-report-foreign"))
        await Conclusion(interaction, response, private=True).say(answer)

    async def decline(self, interaction: Interaction, why: Phrase) -> None:
        """Something is wrong with the options themselves."""
        text = self._conversation.words(people.requester(interaction), why)
        await answer_at_once(interaction, Answer(text=text))

    async def vary(self, interaction: Interaction) -> None:
        """The menu: ask for the words; the picture is remembered meanwhile."""
        if not self._choose(interaction):
            await self.decline(interaction, phrase("discord-no-picture"))
            return
        form = modal(str(interaction.id), lambda key: self._words(interaction, key))
        await interaction.response.send_modal(form)

    def _choose(self, interaction: Interaction) -> bool:
        """Remember the picture under the menu; False: there is none."""
        message_id, picture = _under_menu(interaction)
        if picture is None:
            return False
        at = _seconds(interaction.created_at)
        chosen = Chosen(attachment=picture, message_id=message_id, at=at)
        self._menus.choose(str(interaction.id), chosen)
        return True

    def _asks_for_words(self, interaction: Interaction) -> bool:
        data: Any = interaction.data
        is_menu = data.get("type", 1) == discord.AppCommandType.message.value
        return bool(is_menu and data["name"] == worded(f"discord-menu-{VARY}").message)

    async def _form(self, interaction: Interaction) -> tuple[str, ...]:
        data: Any = interaction.data
        key = chosen_by(data["custom_id"])
        if key is None:
            raise ValueError("a form that is not ours")
        text = next(c["component"]["value"] for c in data["components"] if "component" in c)
        chosen = self._menus.find(key)
        await self._draw(
            interaction,
            text,
            None,
            chosen.attachment if chosen else None,
            replied=chosen.message_id if chosen else None,
            problem="" if chosen else "discord-menu-forgotten",
        )
        return (key,)

    async def _draw(
        self,
        interaction: Interaction,
        text: str,
        options: DrawRequest | None,
        attachment: Attachment | None,
        *,
        command: str = "draw",
        replied: str | None = None,
        problem: str = "",
    ) -> None:
        incoming = replace(
            self._incoming(interaction, command, text),
            options=options,
            replied_message_id=replied,
            source_problem=problem,
        )
        refusal = await self._conversation.precheck(incoming)
        if refusal is not None:
            await answer_at_once(interaction, refusal)
            return
        response = await acknowledge(interaction, private=False)
        if response is not None:
            self._responses.remember(response, Way(interaction))
        fetched = await self._fetcher.fetch(attachment)
        answer = await self._conversation.handle(
            replace(
                incoming,
                reply_to=people.place(interaction, response),
                source=fetched.content,
                source_problem=problem or fetched.problem,
            )
        )
        if answer.job_id is None or answer.text:
            await Conclusion(interaction, response, private=False).say(answer)

    # In common --------------------------------------------------------------------------------

    def _incoming(self, interaction: Interaction, command: str, text: str) -> Incoming:
        return Incoming(
            key=str(interaction.id),
            command=command,
            text=text,
            requester=people.requester(interaction),
            reply_to=people.place(interaction),
            chat_title=people.title(interaction.guild, interaction.channel),
            is_chat_admin=people.manages(interaction),
            roles=people.roles(interaction.user),
            received_at=_seconds(interaction.created_at),
        )

    def _words(self, interaction: Interaction, key: str) -> str:
        return self._conversation.words(people.requester(interaction), phrase(key))


def _is_of_button(interaction: Interaction) -> bool:
    data: Any = interaction.data
    return is_ours(data["custom_id"])


def _under_menu(interaction: Interaction) -> tuple[str, Attachment | None]:
    """The id of the message whose menu was used, and its picture."""
    data: Any = interaction.data
    message = data["resolved"]["messages"][data["target_id"]]
    attachments = msgspec.convert(message.get("attachments", []), tuple[Attachment, ...])
    return str(data["target_id"]), first_picture(attachments)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
