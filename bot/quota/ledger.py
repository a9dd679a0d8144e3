"""The append-only account of credits: reserve, then settle or refund, each once per picture.

What an account has used of a day or hour is what its rows add up to; nothing is ever updated, and
the database itself refuses to. Amounts are millicredits. Every method takes the transaction of the
job it belongs to.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby

from bot.database import Database, Row, Transaction
from bot.quota.allowance import Allowance
from bot.quota.limits import UNLIMITED, Part, Scope

_RESERVE = """
INSERT INTO ledger (account, chat, job_id, picture, kind, amount, granted, day, hour, at)
SELECT ?1, ?2, ?3, key, 'reserve', value ->> 0, value ->> 1, ?5, ?6, ?7 FROM json_each(?4)
WHERE NOT EXISTS (
    SELECT 1 FROM json_each(?8) AS bound
    WHERE bound.value ->> 3 < bound.value ->> 4 + (
        SELECT COALESCE(SUM(used), 0) FROM totals
        WHERE slot = bound.value ->> 0 AND chat = bound.value ->> 2
            AND account IN (SELECT value FROM json_each(bound.value, '$[1]'))))
AND NOT EXISTS (
    SELECT 1 FROM json_each(?9) AS paid LEFT JOIN grants ON number = paid.value ->> 0
    WHERE COALESCE(left, 0) < paid.value ->> 1)
RETURNING number
"""

_OF_JOB = """
SELECT picture, account, chat, day, hour, COUNT(*) AS entries, SUM(kind = 'refund') AS refunds,
    SUM(amount) AS amount, SUM(granted) AS granted
FROM ledger WHERE job_id = ? GROUP BY picture
"""


class Ledger:
    """Reads and appends ledger rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    async def reserve(
        t: Transaction, allowance: Allowance, job_id: str, parts: Sequence[Part]
    ) -> bool:
        """Reserve one row a picture, or nothing at all when any limit of `allowance` would be
        passed or a grant has too little.

        The checks and the spend are one statement: a SELECT and a later INSERT would let
        simultaneous requests through together.
        """
        rows = await t.rows(
            _RESERVE,
            (
                allowance.member.account,
                allowance.member.chat,
                job_id,
                json.dumps([(p.amount, p.granted) for p in parts]),
                allowance.clock.day,
                allowance.clock.hour,
                allowance.clock.moment,
                json.dumps(list(_guards(allowance, parts))),
                json.dumps(_drawn(parts)),
            ),
        )
        uses = [(n, job_id, i, paid) for i, p in enumerate(parts) for n, paid in p.grants]
        if rows and uses:
            await t.many("INSERT INTO grant_uses VALUES (?, ?, ?, 'reserve', ?)", uses)
        return bool(rows)

    @staticmethod
    async def settle(t: Transaction, job_id: str, share: float = 1.0) -> None:
        """Spend `share` of the reservation of each picture and give the rest back."""
        rest = 1.0 - min(1.0, max(0.0, share))
        rows = [r for r in await t.rows(_OF_JOB, (job_id,)) if r["entries"] == 1]
        await _give_back(t, job_id, "settle", rows, lambda amount: int(amount * rest))

    @staticmethod
    async def refund(t: Transaction, job_id: str, only: Collection[int] | None = None) -> None:
        """Give back whatever each picture (or `only` these) still costs; a second refund changes
        nothing."""
        rows = [r for r in await t.rows(_OF_JOB, (job_id,)) if not r["refunds"]]
        if only is not None:
            rows = [row for row in rows if row["picture"] in only]
        await _give_back(t, job_id, "refund", rows, lambda amount: amount)

    async def tidy(self, before: str) -> None:
        """Forget the sums of days before `before` (`2026-11-21`), which limit nothing any more,
        and the cancels of those days. The rows stay."""
        async with self._database.transaction() as t:
            await t.run("DELETE FROM totals WHERE slot < ?", (before,))
            await t.run(
                "INSERT INTO facts VALUES ('totals_since', ?1)"
                " ON CONFLICT (name) DO UPDATE SET value = ?1",
                (before,),
            )
            await t.run("DELETE FROM cancels WHERE at < unixepoch(?)", (before,))

    async def used(self, account: str, day: str) -> int:
        """Millicredits that the account has spent or reserved on `day`, grants among them."""
        row = await self._database.row(
            "SELECT COALESCE(SUM(amount), 0) AS used FROM ledger WHERE account = ? AND day = ?",
            (account, day),
        )
        return int(row["used"]) if row else 0


def _guards(allowance: Allowance, parts: Sequence[Part]) -> Iterator[tuple[object, ...]]:
    """What the statement checks: slot, accounts, chat, limit, and what is added to the sum."""
    cost = sum(p.amount for p in parts)
    own = cost - sum(p.granted for p in parts)
    for bound in allowance.bounds:
        added = own if bound.grants_help else cost
        if added and bound.limit < UNLIMITED:
            accounts = allowance.accounts if bound.grants_help else ("",)
            here = bound.scope in (Scope.MEMBER, Scope.CHAT)
            chat = allowance.member.chat if here else ""
            yield bound.slot, accounts, chat, bound.limit, added


def _drawn(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """(grant, millicredits) over all pictures."""
    uses = sorted(use for part in parts for use in part.grants)
    return [(n, sum(paid for _, paid in group)) for n, group in groupby(uses, lambda u: u[0])]


async def _give_back(
    t: Transaction, job_id: str, kind: str, rows: Sequence[Row], back: Callable[[int], int]
) -> None:
    """Append one row a picture. Grants get theirs back first: they were used last."""
    now, entries, granted = time.time(), [], dict[int, int]()
    for row in rows:
        amount = back(row["amount"])
        granted[row["picture"]] = min(row["granted"], amount)
        place = (row["account"], row["chat"], job_id, row["picture"], kind)
        entries.append((*place, -amount, -granted[row["picture"]], row["day"], row["hour"], now))
    await t.many(
        "INSERT INTO ledger (account, chat, job_id, picture, kind, amount, granted, day, hour, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        entries,
    )
    if any(granted.values()):
        await _refill(t, job_id, kind, granted)


async def _refill(t: Transaction, job_id: str, kind: str, granted: dict[int, int]) -> None:
    """Give each picture's part back to the grants that paid it, the last one first."""
    uses = await t.rows(
        "SELECT picture, grant_number, SUM(amount) AS paid FROM grant_uses WHERE job_id = ?"
        " GROUP BY picture, grant_number ORDER BY MIN(rowid) DESC",
        (job_id,),
    )
    entries = []
    for use in uses:
        amount = min(use["paid"], granted.get(use["picture"], 0))
        if amount:
            granted[use["picture"]] -= amount
            entries.append((use["grant_number"], job_id, use["picture"], kind, -amount))
    await t.many("INSERT INTO grant_uses VALUES (?, ?, ?, ?, ?)", entries)
