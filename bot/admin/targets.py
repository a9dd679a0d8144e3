"""Whom or what an act is about: `telegram:123`, `-100123`, `@ann`, `<@456>` (pure)."""

import re
import unicodedata
from dataclasses import dataclass

from bot.domain import Platform
from bot.errors import BadCommand
from bot.phrase import phrase
from bot.replies.messages import shortened

ACCOUNT = re.compile(r"(?P<platform>telegram|discord):(?P<id>-?\d{1,24})", re.I)
_MENTION = re.compile(r"<@!?(?P<id>\d{1,24})>")
_BARE_ID = re.compile(r"-?\d{1,24}")
_NAME = re.compile(r"@(?P<name>\S{1,64})")

IN_CHAT = re.compile(r"(?<!\S)--(?:chat|in)[ =]+(\S+)", re.I)
"""A chat that is named beside an act."""
_CHAT = re.compile(r"(?:(?P<platform>telegram|discord):)?(?P<id>-?\d{1,24})", re.I)
_LONG_ID = 7
"""Digits of a chat's id, where a shorter number is an amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A member or chat as it was written. Without `platform` it is a bare id; with `name`,
    one that only the platform can look up."""

    written: str
    platform: Platform | None = None
    id: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """`telegram:123`"""
        return f"{self.platform}:{self.id}"

    def at(self, here: Platform | None) -> "Named | None":
        """With the platform at hand for a bare id; None where there is none to assume."""
        if self.platform is not None or self.name:
            return self
        if here not in (Platform.TELEGRAM, Platform.DISCORD):
            return None
        return Named(written=self.written, platform=here, id=self.id)


def plain_id(digits: str) -> str:
    """An id as the platforms write it: `00123` and `１２３` are `123`."""
    return str(int(digits))


def named(word: str) -> Named | None:
    """What one word names; None when it names nobody."""
    word = unicodedata.normalize("NFKC", word)
    if found := ACCOUNT.fullmatch(word):
        return Named(
            written=word, platform=Platform(found["platform"].lower()), id=plain_id(found["id"])
        )
    if found := _MENTION.fullmatch(word):
        return Named(written=word, platform=Platform.DISCORD, id=plain_id(found["id"]))
    if _BARE_ID.fullmatch(word):
        return Named(written=word, id=plain_id(word))
    if found := _NAME.fullmatch(word):
        return Named(written=word, name=found["name"])
    return None


def take_chat(text: str) -> tuple[str, str]:
    """The chat that `--chat` names, "" where it is left out, and the text without it.

    Raises:
        BadCommand: it is none.
    """
    found = IN_CHAT.search(text)
    if found is None:
        return "", text
    key = chat_key(found[1], None)
    if not key:
        raise BadCommand(phrase("admin-bad-chat", chat=shortened(found[1], 40)))
    return key, " ".join(IN_CHAT.sub(" ", text).split())


def chat_key(word: str, here: Platform | None) -> str:
    """`telegram:-100123`; "" where `word` names no chat."""
    found = _CHAT.fullmatch(word)
    platform = (found["platform"] if found else None) or here
    if found is None or platform not in (Platform.TELEGRAM, Platform.DISCORD):
        return ""
    return f"{platform}:{plain_id(found['id'])}".lower()


def is_chat(word: str, is_before_amount: bool) -> bool:
    """Whether a word in front of an amount, or alone, names a chat."""
    if ":" in word:
        return True
    found = _CHAT.fullmatch(word)
    if found is None:
        return False
    digits = found["id"].lstrip("-")
    return len(digits) >= _LONG_ID or (found["id"] != digits and is_before_amount)
