"""The append-only account of credits: reserve, then settle or refund, each once per picture.

What an account has used of a day is the sum of its rows; nothing is ever updated. Amounts are
millicredits. Every method takes the transaction of the job it belongs to.
"""

import json
import time
from collections.abc import Sequence

from bot.database import Database, Transaction

UNLIMITED = 2**62
"""A limit that no sum reaches: operators and the local page."""

_USED = "SELECT COALESCE(SUM(amount), 0) AS used FROM ledger WHERE account = ? AND day = ?"


class Ledger:
    """Reads and appends ledger rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    async def reserve(
        t: Transaction, *, account: str, job_id: str, costs: Sequence[int], day: str, limit: int
    ) -> bool:
        """Reserve one row a picture, or nothing at all when `limit` would be passed.

        The check and the spend are one statement: a SELECT and a later INSERT would let
        simultaneous requests through together.
        """
        rows = await t.rows(
            "INSERT INTO ledger (account, job_id, picture, kind, amount, day, at)"
            " SELECT ?1, ?2, key, 'reserve', value, ?4, ?5 FROM json_each(?3) WHERE ?6 +"
            " (SELECT COALESCE(SUM(amount), 0) FROM ledger WHERE account = ?1 AND day = ?4) <= ?7"
            " RETURNING number",
            (account, job_id, json.dumps(list(costs)), day, time.time(), sum(costs), limit),
        )
        return bool(rows)

    @staticmethod
    async def settle(t: Transaction, job_id: str, share: float = 1.0) -> None:
        """Spend `share` of the reservation of each picture and give the rest back."""
        await t.run(
            "INSERT INTO ledger (account, job_id, picture, kind, amount, day, at)"
            " SELECT account, job_id, picture, 'settle',"
            " -CAST(SUM(amount) * ?2 AS INTEGER), day, ?3"
            " FROM ledger WHERE job_id = ?1 GROUP BY picture HAVING COUNT(*) = 1",
            (job_id, 1.0 - min(1.0, max(0.0, share)), time.time()),
        )

    @staticmethod
    async def refund(t: Transaction, job_id: str) -> None:
        """Give back whatever each picture still costs; a second refund changes nothing."""
        await t.run(
            "INSERT INTO ledger (account, job_id, picture, kind, amount, day, at)"
            " SELECT account, job_id, picture, 'refund', -SUM(amount), day, ?2"
            " FROM ledger WHERE job_id = ?1 GROUP BY picture HAVING SUM(kind = 'refund') = 0",
            (job_id, time.time()),
        )

    async def used(self, account: str, day: str) -> int:
        """Millicredits that the account has spent or reserved on `day`."""
        row = await self._database.row(_USED, (account, day))
        return int(row["used"]) if row else 0

    @staticmethod
    async def used_in(t: Transaction, account: str, day: str) -> int:
        """The same, inside a transaction."""
        row = await t.row(_USED, (account, day))
        return int(row["used"]) if row else 0
