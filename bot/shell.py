"""Whoever sits at the machine, as a member of a chat."""

import locale
import os

from bot.domain import Platform, Requester


def shell_user() -> Requester:
    """The one who types, in the language of their shell."""
    language = locale.getlocale()[0] or os.environ.get("LANG", "")
    return Requester(
        platform=Platform.CONSOLE, user_id="console", language=language.replace("_", "-")
    )
