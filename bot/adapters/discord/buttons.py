"""Buttons that work for ever: all they know stands in their `custom_id`."""

import re
from collections.abc import Sequence
from itertools import groupby

import discord

from bot.domain import Button

_PACKED = re.compile(r"c:(?P<action>[a-z-]+):(?P<argument>.*)", re.DOTALL)
ROWS = 5
A_ROW = 5
LABEL_MAX = 45
"""Characters in the title of a form and over its fields."""
_STYLES = {
    "approve": discord.ButtonStyle.success,
    "leave": discord.ButtonStyle.danger,
}


def packed(action: str, argument: str) -> str:
    """What Discord gives back when the button is pressed; at most 100 characters."""
    return f"c:{action}:{argument}"


def is_ours(custom_id: str) -> bool:
    """Whether `packed` has made it."""
    return _PACKED.fullmatch(custom_id) is not None


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
    """The buttons under a message, as many as there is room for; None when there are none."""
    if not buttons:
        return None
    made = discord.ui.View(timeout=None)
    for number, row in enumerate(_rows(buttons)[:ROWS]):
        for button in row:
            made.add_item(
                discord.ui.Button(
                    label=button.label[:80],
                    custom_id=packed(button.action, button.argument),
                    style=_STYLES.get(button.action, discord.ButtonStyle.secondary),
                    row=number,
                )
            )
    # A finished view is not stored in memory: presses are found by their `custom_id`, so that
    # they work after a restart and nothing grows.
    made.stop()
    return made


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    rows = [list(row) for _, row in groupby(buttons, key=lambda button: button.row)]
    return [row[i : i + A_ROW] for row in rows for i in range(0, len(row), A_ROW)]
