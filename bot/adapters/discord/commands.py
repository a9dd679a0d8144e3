"""The slash commands and the message menus, as Discord registers them, in English and Chinese."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.app_commands import Range, locale_str
from discord.http import Route

from bot.adapters.discord import groups, own_commands
from bot.adapters.discord.groups import Interaction, choices, worded
from bot.adapters.discord.own_commands import PresetName
from bot.asking import REDO
from bot.conversation import COMMANDS
from bot.phrase import phrase
from bot.replies import language_for, say

log = logging.getLogger(__name__)

WITH_TEXT = frozenset({"cancel", "claim", "forget"})
"""Commands that take words; `/cancel` may name a job."""

_TYPED = ("draw", "info", "preset", "report", "settings", *REDO)
"""Commands with options of their own, or only typed and as menus and buttons."""

EXTRA = ("claim",)
"""Understood everywhere, but in the menus of Discord only: elsewhere they are just typed."""

SEED_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawOptions:
    """The typed options of `/draw`, as they were given."""

    prompt: str = ""
    image: discord.Attachment | None = None
    negative: str | None = None
    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    sampler: str | None = None
    size: str | None = None
    count: int | None = None
    strength: float | None = None
    hires: float | None = None
    model: str | None = None
    preset: str | None = None
    spoiler: bool = False
    file: bool = False


class Handlers(groups.Handlers, own_commands.Handlers, Protocol):
    """Who carries the commands out."""

    async def draw(self, interaction: Interaction, options: DrawOptions) -> None:
        """`/draw`"""
        ...


class Tree(app_commands.CommandTree[discord.Client]):
    """The commands; errors go up to the one who asked for the call."""

    async def carry_out(self, interaction: Interaction) -> None:
        """Call the command or autocompletion that `interaction` names.

        The library's own entrance starts a task that nobody can wait for or cancel; this one is
        awaited.

        Raises:
            app_commands.AppCommandError: no such command, or its handler failed (`original`).
        """
        await self._call(interaction)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Never swallow: the receiver decides what a failure means."""
        raise error


def tree(client: discord.Client, handlers: Handlers) -> Tree:
    """All commands, for servers and for private chats with the bot; in the accounts of members
    too where the application may be installed so, which is asked when they are registered."""
    made = Tree(
        client,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True),
    )
    made.add_command(_draw(handlers))
    for name in (*(c.name for c in COMMANDS if c.name not in _TYPED), *EXTRA):
        made.add_command(_other(name, handlers))
    made.add_command(own_commands.info(handlers))
    made.add_command(own_commands.preset(handlers))
    made.add_command(groups.settings(handlers))
    made.add_command(groups.admin(handlers))
    for menu in own_commands.menus(handlers):
        made.add_command(menu)
    return made


class Words(app_commands.Translator):
    """Words names and descriptions for the locales that are not English."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: Any
    ) -> str | None:
        """None: the English text stays."""
        key = string.extras.get("key")
        language = language_for(str(locale))
        return say(phrase(key), language) if key and language != "en" else None


def _draw(handlers: Handlers) -> app_commands.Command[Any, ..., None]:
    async def model(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(handlers.complete("model", typed))

    async def sampler(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(handlers.complete("sampler", typed))

    @app_commands.command(name=worded("discord-name-draw"), description=worded("command-draw"))
    @app_commands.describe(**{name: worded(f"discord-about-{name}") for name in OPTIONS})
    @app_commands.rename(**{name: worded(f"discord-option-{name}") for name in OPTIONS})
    @app_commands.autocomplete(model=model, sampler=sampler, preset=own_commands.presets(handlers))
    async def draw(
        interaction: Interaction,
        prompt: Range[str, 1, 4000] = "",
        image: discord.Attachment | None = None,
        negative: Range[str, 1, 4000] | None = None,
        seed: Range[int, -1, SEED_MAX] | None = None,
        steps: Range[int, 1] | None = None,
        cfg: Range[float, 0] | None = None,
        sampler: str | None = None,
        size: str | None = None,
        count: Range[int, 1, 10] | None = None,
        strength: Range[float, 0, 1] | None = None,
        hires: Range[float, 1, 4] | None = None,
        model: str | None = None,
        preset: PresetName | None = None,
        spoiler: bool = False,
        file: bool = False,
    ) -> None:
        given = locals()
        await handlers.draw(interaction, DrawOptions(**{name: given[name] for name in OPTIONS}))

    return draw


OPTIONS = tuple(DrawOptions.__dataclass_fields__)


def _other(name: str, handlers: Handlers) -> app_commands.Command[Any, ..., None]:
    if name in WITH_TEXT:

        @app_commands.describe(text=worded(f"discord-about-text-{name}"))
        @app_commands.rename(text=worded("discord-option-text"))
        async def with_text(interaction: Interaction, text: Range[str, 1, 500] = "") -> None:
            await handlers.other(interaction, name, text)

        callback: Callable[..., Awaitable[None]] = with_text
    else:

        async def alone(interaction: Interaction) -> None:
            await handlers.other(interaction, name, "")

        callback = alone
    about = f"discord-about-{name}" if name in EXTRA else f"command-{name}"
    here_only = name == "claim"
    return app_commands.Command(
        name=worded(f"discord-name-{name}"),
        description=worded(about),
        allowed_installs=groups.IN_SERVERS if here_only else None,
        allowed_contexts=groups.WITH_THE_BOT if here_only else None,
        callback=callback,  # type: ignore[arg-type] # two signatures, one variable
    )


# Registration -------------------------------------------------------------------------------

_COMPARED = frozenset(
    {"type", "name", "name_localizations", "description", "description_localizations"}
    | {"options", "required", "choices", "value", "autocomplete", "channel_types"}
    | {"min_value", "max_value", "min_length", "max_length"}
    | {"contexts", "integration_types", "default_member_permissions", "nsfw"}
)
"""What we say about a command. Discord adds ids, versions and defaults."""
_PERMISSIONS = "default_member_permissions"
_EMPTY: tuple[object, ...] = (None, False, [], {}, "")


async def sync_if_changed(tree: Tree, client: discord.Client) -> bool:
    """Register the commands unless Discord knows them just so; True: they were sent. With an
    application that members may install in their accounts they are theirs everywhere.

    `tree.fetch_commands` asks without localisations, so it cannot tell whether they changed.
    """
    may_travel = client.application is not None and client.application.user_integration_config
    tree.allowed_installs.user = tree.allowed_contexts.private_channel = bool(may_travel)
    route = Route(
        "GET",
        "/applications/{application_id}/commands?with_localizations=true",
        application_id=client.application_id,
    )
    known = await client.http.request(route)
    words = Words()
    await tree.set_translator(words)
    wanted = [await c.get_translated_payload(tree, words) for c in tree.get_commands()]
    if _same(wanted, known):
        return False
    await tree.sync()
    log.info("discord: %d commands registered", len(wanted))
    return True


def _same(wanted: list[Any], known: list[Any]) -> bool:
    def by_name(commands: list[Any]) -> dict[Any, Any]:
        return {(c.get("type", 1), c["name"]): _said(c) for c in commands}

    return by_name(wanted) == by_name(known)


def _said(value: Any) -> Any:
    """Only what was said: without Discord's own keys and empty values."""
    match value:
        case dict():
            ours = _COMPARED if "name" in value else value.keys()
            said = {k: _said(v) for k, v in value.items() if k in ours and v not in _EMPTY}
            if _PERMISSIONS in said:  # a number on its way there, text on its way back
                said[_PERMISSIONS] = str(said[_PERMISSIONS])
            return said
        case list():
            return [_said(v) for v in value]
        case _:
            return value
