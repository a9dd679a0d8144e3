"""Text for Discord: markdown neutralised, cut to what one message may hold."""

import re

CONTENT_MAX = 2000
"""Characters in one message."""

_INLINE = re.compile(r"([\\`*_~|<\[\]])")
_LINE_START = re.compile(r"^(\s*)(>|#|-|\d+\.)(?=\s|>|#)", re.MULTILINE)


def plain(text: str) -> str:
    """`text` with every sign that Discord reads as markup escaped.

    discord.py's own `escape_markdown` leaves emoji, timestamps and links to members (`<…>`) alive
    and puts visible backslashes before indented lists.
    """
    return _LINE_START.sub(r"\1\\\2", _INLINE.sub(r"\\\1", text))


def cut(text: str, most: int = CONTENT_MAX) -> str:
    """At most `most` characters; an escape is never cut in two."""
    if len(text) <= most:
        return text
    return text[: most - 1].rstrip("\\").rstrip() + "…"


def pages(text: str, most: int = CONTENT_MAX) -> list[str]:
    """`text` in messages of at most `most` characters, broken between lines."""
    found = [""]
    for line in plain(text).split("\n"):
        joined = f"{found[-1]}\n{line}" if found[-1] else line
        if len(joined) <= most:
            found[-1] = joined
        else:
            found.append(cut(line, most))
    return [page for page in found if page.strip()]


def blocks(text: str, most: int = CONTENT_MAX) -> list[str]:
    """`text` to be copied as it is: in code blocks, each in a message of its own."""
    fence = "```"
    room = most - 2 * len(fence) - 2
    whole = text.replace(fence, "ˋˋˋ")  # what would end the block, in another sign
    found = [""]
    for line in whole.split("\n"):
        for part in [line[i : i + room] for i in range(0, len(line), room)] or [""]:
            joined = f"{found[-1]}\n{part}" if found[-1] else part
            if len(joined) <= room:
                found[-1] = joined
            else:
                found.append(part)
    return [f"{fence}\n{block}\n{fence}" for block in found if block.strip()]
