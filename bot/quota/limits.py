"""What limits are, and what they leave: pure policy.

Four scopes count at once, and a request must fit into all of them: a person over all chats and
linked accounts, that person in one chat, the chat, and everybody together; each by day and by hour.
Amounts are millicredits, moments are seconds since 1970, UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.config import LimitsConfig
from bot.phrase import Phrase, phrase
from bot.quota.windows import Period

UNLIMITED = 2**62
"""A limit that no sum reaches."""
MODERATION = "moderation"
"""Who bans by strikes; also the reason that such a ban has."""
MOST = 10**12
"""The largest amount that anybody may set or grant: a billion credits."""


class Scope(StrEnum):
    """Whose credits a limit counts."""

    PERSON = "person"
    """One person, over all chats and linked accounts."""
    MEMBER = "member"
    """One person in one chat."""
    CHAT = "chat"
    ALL = "all"
    """Everybody together."""


@dataclass(frozen=True, slots=True)
class Amount:
    """`50/day`"""

    millicredits: int
    """`UNLIMITED` says that there is no limit."""
    window: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who asks, and where: what decides which limits hold."""

    account: str
    chat: str
    """Key of the chat (`ReplyTo.chat`)."""
    private: bool = False
    """No chat limits hold in a chat of one member with the bot."""
    roles: tuple[str, ...] = ()
    """Ids of the member's Discord roles."""
    is_chat_admin: bool = False
    unlimited: bool = False
    """An operator, or the local page: everything is counted and nothing refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One limit, and how much of it is used."""

    scope: Scope
    window: Period
    slot: str
    """The day or hour, as the ledger names it."""
    limit: int
    used: int
    resets_at: float

    @property
    def left(self) -> int:
        """What may still be spent; never below 0."""
        return UNLIMITED if self.limit >= UNLIMITED else max(0, self.limit - self.used)

    @property
    def grants_help(self) -> bool:
        """Grants go beyond a member's own limits, not beyond those of a chat or of all."""
        return self.scope in (Scope.PERSON, Scope.MEMBER)


@dataclass(frozen=True, slots=True)
class Grant:
    """Extra credits that are still to be spent."""

    number: int
    left: int
    until: float | None = None
    """None: they do not expire."""
    chat: str = ""
    """Where they may be spent; empty: everywhere."""


@dataclass(frozen=True, slots=True)
class Ban:
    """Somebody who may not draw."""

    account: str
    chat: str = ""
    """Where; empty: everywhere."""
    until: float | None = None
    """None: for ever."""
    reason: str = ""


def reason_words(reason: str) -> str | Phrase:
    """The reason of a ban, for people."""
    return phrase("ban-by-moderation") if reason == MODERATION else reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one picture costs, and what grants pay of it: (number of the grant, millicredits)."""

    amount: int
    grants: tuple[tuple[int, int], ...] = ()

    @property
    def granted(self) -> int:
        """What grants pay altogether."""
        return sum(paid for _, paid in self.grants)


@dataclass(frozen=True, slots=True)
class RunningCaps:
    """How many jobs of one person and of one chat may be drawn at a time."""

    per_user: int = UNLIMITED
    per_chat: int = UNLIMITED

    @classmethod
    def of(cls, limits: LimitsConfig) -> Self:
        """As `[limits]` says."""
        per_user, per_chat = limits.running_per_user, limits.running_per_chat
        return cls(
            UNLIMITED if per_user == "unlimited" else per_user,
            UNLIMITED if per_chat == "unlimited" else per_chat,
        )

    def allow(self, of_user: int, of_chat: int) -> bool:
        """Whether one more may begin beside those that are being drawn."""
        return of_user < self.per_user and of_chat < self.per_chat


def own_left(bounds: Sequence[Bound]) -> int:
    """What a member's own limits leave, before grants."""
    return min((b.left for b in bounds if b.grants_help), default=UNLIMITED)


def shared_left(bounds: Sequence[Bound]) -> int:
    """What the limits of the chat and of everybody leave."""
    return min((b.left for b in bounds if not b.grants_help), default=UNLIMITED)


def divide(costs: Sequence[int], own: int, grants: Sequence[Grant]) -> list[Part] | None:
    """Pay pictures one after another: from a member's own `own` millicredits first, then from
    `grants` in their order. None: together they are too little."""
    purses = [(g.number, g.left) for g in grants]
    parts: list[Part] = []
    for cost in costs:
        paid = min(own, cost)
        own, due, uses = own - paid, cost - paid, list[tuple[int, int]]()
        while due:
            if not purses:
                return None
            number, left = purses.pop(0)
            taken = min(left, due)
            due -= taken
            uses.append((number, taken))
            if left > taken:
                purses.insert(0, (number, left - taken))
        parts.append(Part(amount=cost, grants=tuple(uses)))
    return parts
