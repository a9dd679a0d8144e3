"""What every act on members has in common: one transaction, its own row in the audit log.

Audit rows hold short words that programs read: `50/day`, `unlimited/hour`, `default`,
`until 1780000000`, `forever`, `none`; behind a time, the reason.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.audit import Audit
from bot.config import QuotaConfig
from bot.database import Database, Transaction
from bot.errors import BadCommand, NotPermitted
from bot.phrase import phrase

T = TypeVar("T")

PERSON = (
    "SELECT ?1 UNION SELECT account FROM links"
    " WHERE person = (SELECT person FROM links WHERE account = ?1)"
)
"""All accounts of the person that an account belongs to."""


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What an act has changed."""

    before: T
    after: T


class Acts:
    """A kind of acts.

    `chat` is the key of a chat; None means everywhere, which only an operator may say.
    `as_operator` False: an admin of `chat` acts, within what the operator allows. `by` is the
    account that acts.
    """

    def __init__(
        self, database: Database, quota: QuotaConfig, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._quota = quota
        self._clock = clock


async def record(
    t: Transaction, by: str, act: str, target: str, chat: str | None, change: Change[str]
) -> None:
    """Write the audit row of an act."""
    await Audit.record(
        t,
        account=by,
        act=act,
        target=target,
        before=change.before,
        after=change.after,
        chat=chat or "",
    )


def check_chat(chat: str | None, as_operator: bool) -> None:
    """Refuse a chat's admin who would act everywhere."""
    if chat is None and not as_operator:
        raise NotPermitted(phrase("operators-only"))


def check_until(until: float | None, now: float) -> None:
    """Refuse an end that has passed already."""
    if until is not None and until <= now:
        raise BadCommand(phrase("until-passed"))


def until_words(until: float | None) -> str:
    """As the audit log has it."""
    return "forever" if until is None else f"until {until:.0f}"
