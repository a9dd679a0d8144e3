"""Buttons that work for ever: all they know stands in their `custom_id`."""

import re
from collections.abc import Sequence

import discord

from bot.domain import Button

_PACKED = re.compile(r"c:(?P<action>[a-z]+):(?P<argument>.*)", re.DOTALL)
_STYLES = {
    "approve": discord.ButtonStyle.success,
    "leave": discord.ButtonStyle.danger,
}


def packed(button: Button) -> str:
    """What Discord gives back when the button is pressed; at most 100 characters."""
    return f"c:{button.action}:{button.argument}"


def pressed(custom_id: str) -> tuple[str, str]:
    """Action and argument.

    Raises:
        ValueError: not one of our buttons.
    """
    found = _PACKED.fullmatch(custom_id)
    if found is None:
        raise ValueError("a button that is not ours")
    return found["action"], found["argument"]


def view(buttons: Sequence[Button]) -> discord.ui.View | None:
    """The buttons under a message; None when there are none."""
    if not buttons:
        return None
    made = discord.ui.View(timeout=None)
    for button in buttons:
        made.add_item(
            discord.ui.Button(
                label=button.label[:80],
                custom_id=packed(button),
                style=_STYLES.get(button.action, discord.ButtonStyle.secondary),
            )
        )
    # A finished view is not stored in memory: presses are found by their `custom_id`, so that
    # they work after a restart and nothing grows.
    made.stop()
    return made
