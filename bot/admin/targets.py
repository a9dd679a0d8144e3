"""Whom or what an act is about: `telegram:123`, `-100123`, `@ann`, `<@456>` (pure)."""

import re
import unicodedata
from dataclasses import dataclass

from bot.domain import Platform

ACCOUNT = re.compile(r"(?P<platform>telegram|discord):(?P<id>-?\d{1,24})", re.I)
_MENTION = re.compile(r"<@!?(?P<id>\d{1,24})>")
_BARE_ID = re.compile(r"-?\d{1,24}")
_NAME = re.compile(r"@(?P<name>\S{1,64})")


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
