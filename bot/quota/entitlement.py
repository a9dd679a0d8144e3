"""What the database knows of one member: tier, limits, sums, grants, bans.

Small statements that an index answers, one for each table: as one statement, for all that it asks
SQLite builds tables of its own, which takes several times as long as the rows themselves.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.database import Row, Transaction
from bot.quota.bounds import Said, Totals
from bot.quota.limits import Ban, Grant, Member
from bot.quota.windows import Clockface

_LINKED = """SELECT account, person FROM links
    WHERE person = (SELECT person FROM links WHERE account = ?)"""
_TIERS = "SELECT tier FROM member_tiers WHERE account IN ({own}) ORDER BY at DESC LIMIT 1"
_ARRIVAL = "SELECT MAX(arrival) AS arrival FROM bursts WHERE account IN ({own})"
_CANCELS = """SELECT at FROM cancels WHERE account IN ({own}) AND at <= ?
    ORDER BY at DESC LIMIT ?"""
_LIMITS = """SELECT account, chat, period, by_operator, most FROM limits
    WHERE account IN ({own}, '') AND chat IN ('', ?) ORDER BY at"""
_TOTALS = """SELECT slot, account, chat, used FROM totals
    WHERE slot IN (?, ?) AND account IN ({own}, '') AND chat IN ('', ?)"""
_GRANTS = """SELECT number, left, until, chat FROM grants
    WHERE account IN ({own}) AND left > 0 AND chat IN ('', ?) AND (until IS NULL OR until > ?)
    ORDER BY until IS NULL, until, number"""
_BANS = """SELECT account, chat, until, reason FROM bans
    WHERE account IN ({own}) AND chat IN ('', ?) AND (until IS NULL OR until > ?)
    ORDER BY until IS NOT NULL, until DESC"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One member in one chat at one moment."""

    person: str
    """The same for all linked accounts."""
    accounts: tuple[str, ...]
    """All linked accounts, this one among them."""
    tier: str | None
    """By command; the one given last."""
    arrival: float
    """Of burst control: when the next request would come if requests came evenly."""
    cancels: tuple[float, ...]
    """The newest moments at which a request that was being drawn was stopped."""
    limits: tuple[Said, ...]
    """By command, oldest first."""
    totals: Totals
    grants: tuple[Grant, ...]
    """That have something left; what expires first comes first."""
    bans: tuple[Ban, ...]
    """What lasts longest comes first."""


async def entitlement_of(
    t: Transaction, member: Member, clock: Clockface, most_cancels: int
) -> Entitlement:
    """What holds for `member` at the moment of `clock`; up to `most_cancels` of the newest."""
    person, own = await _linked(t, member.account)
    here, now = member.chat, clock.moment

    async def rows(sql: str, values: tuple[object, ...]) -> list[Row]:
        return await t.rows(_among(sql, len(own)), values)

    tiers = await rows(_TIERS, own)
    arrivals = await rows(_ARRIVAL, own)
    cancels = await rows(_CANCELS, (*own, now, most_cancels))
    limits = await rows(_LIMITS, (*own, here))
    totals = await rows(_TOTALS, (clock.day, clock.hour, *own, here))
    grants = await rows(_GRANTS, (*own, here, now))
    bans = await rows(_BANS, (*own, here, now))
    return Entitlement(
        person=person,
        accounts=own,
        tier=tiers[0]["tier"] if tiers else None,
        arrival=arrivals[0]["arrival"] or 0.0,
        cancels=tuple(row["at"] for row in cancels),
        limits=tuple((*row,) for row in limits),
        totals=_sums(totals),
        grants=tuple(Grant(*row) for row in grants),
        bans=tuple(Ban(*row) for row in bans),
    )


async def _linked(t: Transaction, account: str) -> tuple[str, tuple[str, ...]]:
    """The name of the person, and all accounts of theirs."""
    rows = await t.rows(_LINKED, (account,))
    if not rows:
        return account, (account,)
    return str(rows[0]["person"]), tuple(sorted(row["account"] for row in rows))


@lru_cache
def _among(sql: str, accounts: int) -> str:
    """`sql`, with a place for each account."""
    return sql.replace("{own}", ", ".join("?" * accounts))


def _sums(rows: Sequence[Row]) -> Counter[tuple[str, bool, str]]:
    used: Counter[tuple[str, bool, str]] = Counter()
    for row in rows:
        used[row["slot"], row["account"] == "", row["chat"]] += row["used"]
    return used
