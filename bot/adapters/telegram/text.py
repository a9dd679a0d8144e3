"""Text as Telegram counts it: in UTF-16 code units (https://core.telegram.org/bots/api)."""

import re

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
ALERT_UNITS = 200

_MENTION = re.compile(r"@(?=\w)")


def units(text: str) -> int:
    """Length of `text` in UTF-16 code units: an emoji beyond U+FFFF counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, most: int) -> str:
    """`text`, or its beginning and an ellipsis, in at most `most` units; pairs stay whole."""
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)]
    return kept.decode("utf-16-le", "ignore").rstrip() + "…"


def whole(text: str) -> str:
    """`text` without halves of surrogate pairs, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def neutral(text: str) -> str:
    """`text` that mentions nobody: prompts must not ring other people's phones.

    A word joiner (U+2060, invisible) behind the @ keeps Telegram from seeing a user name.
    """
    return _MENTION.sub("@\u2060", text)
