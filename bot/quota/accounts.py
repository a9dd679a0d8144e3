"""What operators and a chat's admins settle about members' credits.

Each act is one transaction with its own row in the audit log. Audit rows hold short words that
programs read: `50/day`, `unlimited/hour`, `default`, `until 1780000000`, `forever`, `none`; behind
a time, the reason.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.audit import Audit
from bot.config import QuotaConfig
from bot.database import Database, Transaction
from bot.errors import BadCommand, NotPermitted, UnknownName
from bot.phrase import phrase
from bot.quota.bounds import Rules, millicredits
from bot.quota.limits import MOST, UNLIMITED, Amount, Ban
from bot.quota.price import CREDIT, as_credits
from bot.quota.windows import PERIODS, Period, day_of

T = TypeVar("T")

_PERSON = (
    "SELECT ?1 UNION SELECT account FROM links"
    " WHERE person = (SELECT person FROM links WHERE account = ?1)"
)
_BAN = (
    f"SELECT account, chat, until, reason FROM bans WHERE account IN ({_PERSON})"  # noqa: S608
    " AND chat IN ('', ?2) AND (until IS NULL OR until > ?3)"
    " ORDER BY until IS NOT NULL, until DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What an act has changed."""

    before: T
    after: T


class Accounts:
    """Limits, grants, bans, tiers and links.

    `chat` is the key of a chat; None means everywhere, which only an operator may say.
    `as_operator` False: an admin of `chat` acts, within what the operator allows. `by` is the
    account that acts.
    """

    def __init__(
        self, database: Database, quota: QuotaConfig, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._quota = quota
        self._rules = Rules(quota)
        self._clock = clock

    async def set_limit(
        self,
        account: str | None,
        amount: Amount | None,
        *,
        chat: str | None,
        by: str,
        as_operator: bool,
    ) -> Change[tuple[Amount, ...]]:
        """Limit a member everywhere (`chat` None) or in a chat, a chat (`account` None), or
        everybody together (both None). `amount` None takes the actor's own limits back.

        Raises:
            BadCommand: the amount is negative or absurd.
            NotPermitted: a chat's admin goes beyond what the operator allows that chat.
        """
        _own_chat(chat, as_operator)
        if amount is not None and not (
            0 <= amount.millicredits <= MOST or amount.millicredits == UNLIMITED
        ):
            raise BadCommand(phrase("limit-absurd", most=as_credits(MOST)))
        key = (account or "", chat or "", as_operator)
        async with self._database.transaction() as t:
            if amount is not None and account is None and chat and not as_operator:
                await self._check_chat_limit(t, chat, amount)
            before = await _limits(t, key)
            await self._write_limit(t, key, amount)
            change = Change(before, await _limits(t, key))
            await self._record(
                t,
                by,
                "quota",
                account or chat or "all",
                chat,
                Change(_amounts(change.before), _amounts(change.after)),
            )
        return change

    async def grant(
        self,
        account: str,
        amount: int,
        until: float | None,
        *,
        chat: str | None,
        by: str,
        as_operator: bool,
        reason: str = "",
    ) -> Change[int]:
        """Give extra millicredits beyond the member's own limits, until a moment or for good.
        Before and after: what all grants that hold there have left.

        Raises:
            BadCommand: nothing, a negative or an absurd amount, or a moment that has passed.
            NotPermitted: a chat's admins have no more to give today.
        """
        _own_chat(chat, as_operator)
        if not 0 < amount <= MOST:
            raise BadCommand(phrase("grant-absurd", most=as_credits(MOST)))
        now = self._clock()
        _check_until(until, now)
        day = day_of(now, self._quota.timezone)
        async with self._database.transaction() as t:
            if chat and not as_operator:
                await self._check_grants(t, chat, day, amount)
            before = await _granted(t, account, chat, now)
            await t.run(
                "INSERT INTO grants (account, chat, amount, left, until, by_operator, given_by,"
                " reason, day, at) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                (account, chat or "", amount, until, as_operator, by, reason, day, now),
            )
            change = Change(before, before + amount)
            await self._record(
                t,
                by,
                "grant",
                account,
                chat,
                Change(
                    as_credits(change.before),
                    f"{as_credits(change.after)} {_until(until)} {reason}".strip(),
                ),
            )
        return change

    async def ban(
        self,
        account: str,
        until: float | None,
        reason: str,
        *,
        chat: str | None,
        by: str,
        as_operator: bool,
    ) -> Change[Ban | None]:
        """Let nothing be drawn for a member, until a moment or for ever, in a chat or everywhere.

        Raises:
            BadCommand: a moment that has passed.
        """
        _own_chat(chat, as_operator)
        now = self._clock()
        _check_until(until, now)
        async with self._database.transaction() as t:
            before = await _ban(t, account, chat, now)
            await t.run(
                "INSERT INTO bans VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account, chat)"
                " DO UPDATE SET until = ?3, reason = ?4, given_by = ?5, at = ?6",
                (account, chat or "", until, reason, by, now),
            )
            change = Change(before, await _ban(t, account, chat, now))
            await self._record(
                t, by, "ban", account, chat, Change(_banned(change.before), _banned(change.after))
            )
        return change

    async def unban(
        self, account: str, *, chat: str | None, by: str, as_operator: bool
    ) -> Change[Ban | None]:
        """End the ban of a member (and of its linked accounts) in `chat`, or the one everywhere.
        After: what still keeps the member from drawing there."""
        _own_chat(chat, as_operator)
        async with self._database.transaction() as t:
            now = self._clock()
            before = await _ban(t, account, chat, now)
            await t.run(
                f"DELETE FROM bans WHERE account IN ({_PERSON}) AND chat = ?2",  # noqa: S608
                (account, chat or ""),
            )
            change = Change(before, await _ban(t, account, chat, now))
            await self._record(
                t, by, "unban", account, chat, Change(_banned(before), _banned(change.after))
            )
        return change

    async def banned(self, account: str, chat: str | None) -> Ban | None:
        """What keeps a member from drawing in `chat`, if anything does."""
        row = await self._database.row(_BAN, (account, chat or "", self._clock()))
        return None if row is None else Ban(*row)

    async def set_tier(self, account: str, tier: str | None, *, by: str) -> Change[str | None]:
        """Put a member into a tier of the configuration; None: into the one that roles say.

        Raises:
            UnknownName: there is no such tier.
        """
        if tier is not None and tier not in self._quota.tiers:
            raise UnknownName(
                phrase("tier-unknown", tier=tier[:40], tiers=", ".join(self._quota.tiers) or "–")
            )
        async with self._database.transaction() as t:
            row = await t.row("SELECT tier FROM member_tiers WHERE account = ?", (account,))
            change = Change(row["tier"] if row else None, tier)
            await t.run("DELETE FROM member_tiers WHERE account = ?", (account,))
            if tier is not None:
                await t.run(
                    "INSERT INTO member_tiers VALUES (?, ?, ?)", (account, tier, self._clock())
                )
            await self._record(
                t,
                by,
                "tier",
                account,
                None,
                Change(change.before or "none", change.after or "none"),
            )
        return change

    async def link(self, one: str, other: str, *, by: str) -> Change[tuple[str, ...]]:
        """Two accounts are one person's: what they use counts together. Before and after: all
        accounts of `one`.

        Raises:
            BadCommand: it is the same account twice.
        """
        if one == other:
            raise BadCommand(phrase("link-same"))
        async with self._database.transaction() as t:
            before = await _linked(t, one)
            row = await t.row("SELECT person FROM links WHERE account = ?", (one,))
            person = row["person"] if row else one
            for account in {*before, *await _linked(t, other)}:
                await t.run(
                    "INSERT INTO links VALUES (?1, ?2)"
                    " ON CONFLICT (account) DO UPDATE SET person = ?2",
                    (account, person),
                )
            change = Change(before, await _linked(t, one))
            await self._record(
                t, by, "link", one, None, Change(" ".join(before), " ".join(change.after))
            )
        return change

    async def unlink(self, account: str, *, by: str) -> Change[tuple[str, ...]]:
        """An account is a person of its own again. Before and after: all accounts of it."""
        async with self._database.transaction() as t:
            before = await _linked(t, account)
            others = [a for a in before if a != account]
            await t.run("DELETE FROM links WHERE account = ?", (account,))
            if len(others) == 1:
                await t.run("DELETE FROM links WHERE account = ?", (others[0],))
            await t.run(
                "UPDATE links SET person = ?1 WHERE account IN (SELECT value FROM json_each(?2))",
                (others[0] if others else "", json.dumps(others)),
            )
            await self._record(t, by, "unlink", account, None, Change(" ".join(before), account))
        return Change(before, (account,))

    async def linked(self, account: str) -> tuple[str, ...]:
        """All accounts of the person that `account` belongs to, this one among them."""
        rows = await self._database.rows(_PERSON, (account,))
        return tuple(sorted(row[0] for row in rows))

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup: its limits, grants, bans and sums follow. Doing
        it again changes nothing."""
        async with self._database.transaction() as t:
            await t.run("UPDATE ledger SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run(
                "INSERT INTO totals SELECT slot, account, ?2, used FROM totals WHERE chat = ?1"
                " ON CONFLICT (slot, account, chat) DO UPDATE SET used = used + excluded.used",
                (old, new),
            )
            await t.run("DELETE FROM totals WHERE chat = ?", (old,))
            await t.run("UPDATE grants SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run("UPDATE audit SET chat = ?2 WHERE chat = ?1", (old, new))
            # What was settled under the new name already is newer.
            await t.run("UPDATE OR IGNORE limits SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run("DELETE FROM limits WHERE chat = ?", (old,))
            await t.run("UPDATE OR IGNORE bans SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run("DELETE FROM bans WHERE chat = ?", (old,))

    async def _check_chat_limit(self, t: Transaction, chat: str, amount: Amount) -> None:
        row = await t.row(
            "SELECT most FROM limits"
            " WHERE account = '' AND chat = ? AND period = ? AND by_operator = 1",
            (chat, amount.window),
        )
        most = row["most"] if row else self._rules.of_chat(amount.window)
        if amount.millicredits > most:
            raise NotPermitted(
                phrase("limit-beyond-operator", most=as_credits(most), window=amount.window)
            )

    async def _check_grants(self, t: Transaction, chat: str, day: str, amount: int) -> None:
        row = await t.row(
            "SELECT COALESCE(SUM(amount), 0) AS given FROM grants"
            " WHERE chat = ? AND day = ? AND by_operator = 0",
            (chat, day),
        )
        most = millicredits(self._quota.chat_grants_per_day)
        given = row["given"] if row else 0
        if given + amount > most:
            left = as_credits(max(0, most - given))
            raise NotPermitted(phrase("grant-beyond", most=as_credits(most), left=left))

    async def _write_limit(
        self, t: Transaction, key: tuple[str, str, bool], amount: Amount | None
    ) -> None:
        if amount is None:
            await t.run(
                "DELETE FROM limits WHERE account = ? AND chat = ? AND by_operator = ?", key
            )
            return
        await t.run(
            "INSERT INTO limits (account, chat, by_operator, period, most, at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account, chat, period, by_operator)"
            " DO UPDATE SET most = ?5, at = ?6",
            (*key, amount.window, amount.millicredits, self._clock()),
        )

    @staticmethod
    async def _record(
        t: Transaction, by: str, act: str, target: str, chat: str | None, change: Change[str]
    ) -> None:
        await Audit.record(
            t,
            account=by,
            act=act,
            target=target,
            before=change.before,
            after=change.after,
            chat=chat or "",
        )


def _own_chat(chat: str | None, as_operator: bool) -> None:
    if chat is None and not as_operator:
        raise NotPermitted(phrase("operators-only"))


def _check_until(until: float | None, now: float) -> None:
    if until is not None and until <= now:
        raise BadCommand(phrase("until-passed"))


async def _limits(t: Transaction, key: tuple[str, str, bool]) -> tuple[Amount, ...]:
    rows = await t.rows(
        "SELECT period, most FROM limits WHERE account = ? AND chat = ? AND by_operator = ?", key
    )
    most: dict[Period, int] = {row["period"]: row["most"] for row in rows}
    return tuple(Amount(most[p], p) for p in PERIODS if p in most)


async def _granted(t: Transaction, account: str, chat: str | None, now: float) -> int:
    row = await t.row(
        f"SELECT COALESCE(SUM(left), 0) FROM grants WHERE account IN ({_PERSON})"  # noqa: S608
        " AND left > 0 AND chat IN ('', ?2) AND (until IS NULL OR until > ?3)",
        (account, chat or "", now),
    )
    return int(row[0]) if row else 0


async def _ban(t: Transaction, account: str, chat: str | None, now: float) -> Ban | None:
    row = await t.row(_BAN, (account, chat or "", now))
    return None if row is None else Ban(*row)


async def _linked(t: Transaction, account: str) -> tuple[str, ...]:
    return tuple(sorted(row[0] for row in await t.rows(_PERSON, (account,))))


def _amounts(amounts: tuple[Amount, ...]) -> str:
    return " ".join(_amount(a) for a in amounts) or "default"


def _amount(amount: Amount) -> str:
    if amount.millicredits >= UNLIMITED:
        return f"unlimited/{amount.window}"
    number = f"{amount.millicredits / CREDIT:.3f}".rstrip("0").rstrip(".")
    return f"{number}/{amount.window}"


def _until(until: float | None) -> str:
    return "forever" if until is None else f"until {until:.0f}"


def _banned(ban: Ban | None) -> str:
    return "none" if ban is None else f"{_until(ban.until)} {ban.reason}".strip()
