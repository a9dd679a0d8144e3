"""`/admin` and `/settings` as Discord's groups of commands with typed options, from one table.

What is chosen there is written as it would be typed, so that one grammar reads it.
"""

from collections.abc import Callable, Mapping
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.app_commands import Range, locale_str

from bot.admin.amounts import MOST_CREDITS
from bot.admin.durations import NotADuration, take_duration
from bot.admin.grammar import MOST_LOGGED, REASON_CHARS
from bot.admin.table import ACTS, PERSONAL, SETTINGS, Act, Kind, Parameter
from bot.phrase import Phrase, phrase
from bot.replies import say

Interaction = discord.Interaction[discord.Client]
Given = Mapping[str, Any]
"""Options by name; those that were left out are None."""

EVERYWHERE = "everywhere"
SHOW = "show"
OWN = "my"
IN_SERVERS = app_commands.AppInstallationType(guild=True, user=False)
"""For commands that mean nothing where a member has the bot in their account only."""
WITH_THE_BOT = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
"""Their places: chats that the bot is in."""
_FOR_MANAGERS = discord.Permissions(manage_guild=True)
_ANNOTATIONS: Mapping[Kind, Any] = {
    Kind.MEMBER: discord.User,
    Kind.CREDITS: Range[float, 0.001, float(MOST_CREDITS)],
    Kind.COUNT: Range[int, 1, MOST_LOGGED],
    Kind.TEXT: Range[str, 1, REASON_CHARS],
    Kind.WORDS: Range[str, 1, 1000],
    Kind.CHOICE: str,
}
_SHORT: Any = Range[str, 1, 100]
_VALUE: Any = Range[str, 1, 1000]


class Handlers(Protocol):
    """Who carries the commands out."""

    async def other(
        self,
        interaction: Interaction,
        command: str,
        text: str,
        member: discord.User | discord.Member | None = None,
    ) -> None:
        """`text`: what follows the command in the one grammar; `member`: whom it is about."""
        ...

    async def decline(self, interaction: Interaction, why: Phrase) -> None:
        """Answer at once, to the one who asked only; nothing is done."""
        ...

    def complete(self, field: str, typed: str) -> tuple[str, ...]:
        """Values for an option, from memory."""
        ...


def worded(key: str) -> locale_str:
    """The English text of a phrase, which the translator finds again by its key."""
    return locale_str(say(phrase(key)), key=key)


def choices(values: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    """Completions, as many and as long as Discord takes."""
    return [app_commands.Choice(name=v[:100], value=v[:100]) for v in values[:25]]


def admin(handlers: Handlers) -> app_commands.Group:
    """`/admin …`: shown to those who manage the server; checked again when it is used."""
    made = app_commands.Group(
        name=worded("discord-name-admin"),
        description=worded("discord-about-admin"),
        default_permissions=_FOR_MANAGERS,
        allowed_installs=IN_SERVERS,
        allowed_contexts=WITH_THE_BOT,
    )
    for act in ACTS:
        made.add_command(_act(act, handlers))
    return made


def settings(handlers: Handlers) -> app_commands.Group:
    """`/settings …` for the chat, and `/settings my …` for oneself."""
    made = app_commands.Group(
        name=worded("discord-name-settings"), description=worded("discord-about-settings")
    )
    own = app_commands.Group(
        name=worded("discord-name-settings-my"),
        description=worded("discord-about-settings-my"),
        parent=made,
    )
    for group, prefix in ((made, ""), (own, OWN)):
        group.add_command(_show(prefix, handlers))
        for setting in SETTINGS:
            if not prefix or setting.name in PERSONAL:
                group.add_command(_setting(setting, prefix, handlers))
    return made


# /admin --------------------------------------------------------------------------------------


def _act(act: Act, handlers: Handlers) -> app_commands.Command[Any, ..., None]:
    async def carry_out(interaction: Interaction, **given: Any) -> None:
        duration = given.get("duration")
        if duration is not None and not _is_duration(duration):
            # In a text it would be taken for the beginning of the reason.
            await handlers.decline(interaction, phrase("admin-duration-unclear", asked=duration))
            return
        member = next((v for v in given.values() if _is_member(v)), None)
        await handlers.other(interaction, "admin", typed(act, given), member)

    for parameter in act.parameters:
        if parameter.choices:
            offered = _offered("discord-choice", parameter)
            app_commands.choices(**{parameter.name: offered})(carry_out)
    options = {p.name: _annotation(p, n) for n, p in enumerate(act.parameters)}
    needed = {p.name for p in act.parameters if p.required}
    if act.everywhere:
        options[EVERYWHERE] = bool
    return _command(
        carry_out,
        name=f"discord-admin-{act.name}",
        about=f"discord-about-admin-{act.name}",
        options=options,
        needed=needed,
    )


def _is_duration(written: str) -> bool:
    try:
        taken = take_duration(written)
    except NotADuration:
        return False
    return taken is not None and not taken[1]


def _is_member(value: Any) -> bool:
    return isinstance(value, discord.User | discord.Member)


def _annotation(parameter: Parameter, number: int) -> Any:
    if parameter.kind is Kind.MEMBER and number:
        return _SHORT  # an account on the other platform, which Discord cannot offer
    return _ANNOTATIONS.get(parameter.kind, _SHORT)


def typed(act: Act, given: Given) -> str:
    """What somebody would have written after `/admin`.

    A bot is no member, so it is left out; the grammar then says what is missing.
    """
    words = [act.words]
    for number, parameter in enumerate(act.parameters):
        value = given.get(parameter.name)
        followed = any(given.get(p.name) for p in act.parameters[number + 1 :])
        if parameter.kind is Kind.DURATION and followed:
            # Or the beginning of the reason might be read as a duration.
            words.append(f"{value or 'forever'}:")
        elif value is None:
            continue
        elif parameter.kind is Kind.CHOICE and not parameter.required:
            words.append(f"{value}:")
        elif _is_member(value):
            words += [] if value.bot else [f"discord:{value.id}"]
        else:
            words.append(f"{value:.15g}" if isinstance(value, float) else str(value))
    if given.get(EVERYWHERE):
        words.append(f"--{EVERYWHERE}")
    return " ".join(words)


# /settings -----------------------------------------------------------------------------------


def _show(prefix: str, handlers: Handlers) -> app_commands.Command[Any, ..., None]:
    async def show(interaction: Interaction) -> None:
        await handlers.other(interaction, "settings", prefix)

    return _command(
        show,
        name="discord-setting-show",
        about="discord-about-setting-show",
        options={},
        needed=set(),
    )


def _setting(setting: Act, prefix: str, handlers: Handlers) -> app_commands.Command[Any, ..., None]:
    async def choose(interaction: Interaction, value: str | None = None) -> None:
        words = (prefix, setting.words, value)
        await handlers.other(interaction, "settings", " ".join(w for w in words if w))

    async def model(_: Interaction, begun: str) -> list[app_commands.Choice[str]]:
        return choices(handlers.complete("model", begun))

    (parameter,) = setting.parameters
    if parameter.choices:
        offered = _offered(f"discord-setting-{setting.name}", parameter)
        app_commands.choices(value=offered)(choose)
    if parameter.kind is Kind.MODEL:
        app_commands.autocomplete(value=model)(choose)
    return _command(
        choose,
        name=f"discord-setting-{setting.name}",
        about=f"discord-about-setting-{setting.name}",
        options={"value": str if parameter.choices else _VALUE},
        needed=set(),
    )


def _offered(key: str, parameter: Parameter) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=worded(f"{key}-{c}"), value=c) for c in parameter.choices]


def _command(
    callback: Callable[..., Any],
    *,
    name: str,
    about: str,
    options: Mapping[str, Any],
    needed: set[str],
) -> app_commands.Command[Any, ..., None]:
    """A command whose options are not written in Python but come from the table: the library
    learns them from the signature."""
    kind = Argument.KEYWORD_ONLY
    arguments = [
        Argument(o, kind, annotation=a, default=Argument.empty if o in needed else None)
        for o, a in options.items()
    ]
    first = Argument("interaction", Argument.POSITIONAL_OR_KEYWORD, annotation=Interaction)
    vars(callback)["__signature__"] = Signature([first, *arguments])
    described = {o: worded(f"discord-about-option-{o}") for o in options}
    app_commands.describe(**described)(callback)
    app_commands.rename(**{o: worded(f"discord-admin-option-{o}") for o in options})(callback)
    return app_commands.Command(name=worded(name), description=worded(about), callback=callback)
