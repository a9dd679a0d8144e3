"""The log of admin acts: who, when, what, before and after. Rows are only ever added."""

import time
from dataclasses import dataclass

from bot.database import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry."""

    at: float
    account: str
    act: str
    target: str
    before: str
    after: str
    chat: str = ""
    """The chat it was about (`telegram:-100123`); empty: everywhere."""


class Audit:
    """Reads and appends the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    async def record(
        t: Transaction,
        *,
        account: str,
        act: str,
        target: str,
        before: str,
        after: str,
        chat: str = "",
    ) -> None:
        """Append in the transaction of the act itself, so that neither is without the other."""
        await t.run(
            "INSERT INTO audit (at, account, act, target, before, after, chat)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (time.time(), account, act, target, before, after, chat),
        )

    async def last(self, limit: int = 20, *, chat: str | None = None) -> list[Act]:
        """The newest acts, newest first: all of them, or those about one chat."""
        rows = await self._database.rows(
            "SELECT at, account, act, target, before, after, chat FROM audit"
            " WHERE ?1 IS NULL OR chat = ?1 ORDER BY number DESC LIMIT ?2",
            (chat, limit),
        )
        return [Act(**dict(row)) for row in rows]
