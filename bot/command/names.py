"""The name of a command and what follows it."""

import re

ALIASES = {"imagine": "draw", "sd": "draw", "画": "draw"}
"""Other names of a command."""
WORDS = "words alone"
"""The command of words without one that are meant for the bot: they change the picture they
answer, or ask for a new one. Nobody can type this name."""
REPLY = "words in reply"
"""The same of words that only answer a message of the bot: they may be none of its business."""

_COMMAND = re.compile(r"\s*[/／]([A-Za-z0-9_]{1,32}|画)(?:@[A-Za-z0-9_]{1,64})?(?:\s+|$)")
_WORD = re.compile(r"\s*画(?:[\s,，:：]+|$)")


def parse_command(text: str) -> tuple[str, str]:
    """Split `/draw@SomeBot a cat` into `("draw", "a cat")`; aliases are resolved.

    `画 一只猫` is `draw` too. Text that is no command has the name "".
    """
    if found := _COMMAND.match(text):
        name = found[1].lower()
        return ALIASES.get(name, name), text[found.end() :].strip()
    if found := _WORD.match(text):
        return "draw", text[found.end() :].strip()
    return "", text.strip()
