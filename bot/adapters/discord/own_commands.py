"""`/info`, `/preset …` and the menus of messages, as Discord registers them."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.adapters.discord.groups import Interaction, choices, worded
from bot.presets import MOST_CHARACTERS, NAME_CHARACTERS

VARY = "vary"
MENUS = (VARY, "upscale", "info", "report")
"""What can be done with a message, by its command; Discord shows five menus at most."""

PresetName = Range[str, 1, NAME_CHARACTERS]
_Words = Range[str, 1, MOST_CHARACTERS]


class Handlers(Protocol):
    """Who carries them out."""

    async def other(self, interaction: Interaction, command: str, text: str) -> None:
        """`text`: what follows the command in the one grammar."""
        ...

    async def info(self, interaction: Interaction, image: discord.Attachment) -> None:
        """`/info`"""
        ...

    async def use(
        self, interaction: Interaction, name: str, prompt: str, image: discord.Attachment | None
    ) -> None:
        """`/preset use`"""
        ...

    async def vary(self, interaction: Interaction) -> None:
        """The menu "Vary this image", which asks for words first."""
        ...

    async def about_message(self, interaction: Interaction, command: str) -> None:
        """A menu that is a command about the message."""
        ...

    async def presets(self, interaction: Interaction, typed: str) -> tuple[str, ...]:
        """Names of the member's own presets that fit what was typed."""
        ...


Completion = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def presets(handlers: Handlers) -> Completion:
    """Completes the name of a preset."""

    async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(await handlers.presets(interaction, typed))

    return complete


def info(handlers: Handlers) -> app_commands.Command[Any, ..., None]:
    """`/info image`"""

    @app_commands.command(name=worded("discord-name-info"), description=worded("command-info"))
    @app_commands.describe(image=worded("discord-about-info-image"))
    @app_commands.rename(image=worded("discord-option-image"))
    async def show(interaction: Interaction, image: discord.Attachment) -> None:
        await handlers.info(interaction, image)

    return show


def preset(handlers: Handlers) -> app_commands.Group:
    """`/preset save|use|list|rm`"""
    made = app_commands.Group(
        name=worded("discord-name-preset"), description=worded("command-preset")
    )
    name = app_commands.rename(name=worded("discord-option-name"))
    known = app_commands.autocomplete(name=presets(handlers))

    @made.command(
        name=worded("discord-preset-save"), description=worded("discord-about-preset-save")
    )
    @name
    @known
    @app_commands.rename(words=worded("discord-option-words"))
    @app_commands.describe(
        name=worded("discord-about-preset-name"), words=worded("discord-about-preset-words")
    )
    async def save(interaction: Interaction, name: PresetName, words: _Words = "") -> None:
        await handlers.other(interaction, "preset", f"save {name}\n{words}")

    @made.command(name=worded("discord-preset-use"), description=worded("discord-about-preset-use"))
    @name
    @known
    @app_commands.rename(
        prompt=worded("discord-option-prompt"), image=worded("discord-option-image")
    )
    @app_commands.describe(
        name=worded("discord-about-preset-name"),
        prompt=worded("discord-about-preset-prompt"),
        image=worded("discord-about-image"),
    )
    async def use(
        interaction: Interaction,
        name: PresetName,
        prompt: Range[str, 1, 4000] = "",
        image: discord.Attachment | None = None,
    ) -> None:
        await handlers.use(interaction, name, prompt, image)

    @made.command(
        name=worded("discord-preset-list"), description=worded("discord-about-preset-list")
    )
    async def show(interaction: Interaction) -> None:
        await handlers.other(interaction, "preset", "list")

    @made.command(name=worded("discord-preset-rm"), description=worded("discord-about-preset-rm"))
    @name
    @known
    @app_commands.describe(name=worded("discord-about-preset-name"))
    async def remove(interaction: Interaction, name: PresetName) -> None:
        await handlers.other(interaction, "preset", f"rm {name}")

    return made


def menus(handlers: Handlers) -> list[app_commands.ContextMenu]:
    """One for each of `MENUS`."""
    return [
        app_commands.ContextMenu(
            name=worded(f"discord-menu-{command}"), callback=_menu(command, handlers)
        )
        for command in MENUS
    ]


def _menu(
    command: str, handlers: Handlers
) -> Callable[[Interaction, discord.Message], Coroutine[Any, Any, None]]:
    async def vary(interaction: Interaction, _: discord.Message) -> None:
        await handlers.vary(interaction)

    async def about(interaction: Interaction, _: discord.Message) -> None:
        await handlers.about_message(interaction, command)

    return vary if command == VARY else about
