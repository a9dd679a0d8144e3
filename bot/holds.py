"""Pictures that wait for an admin's word, and members' reports: the durable part.

A row of `holds` lives from the moment a picture is hidden until its chat was told what became of
it; who decided stands in the audit log. Every change is one transaction with the picture's fate.
"""

import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from bot.audit import Audit
from bot.database import Database, Row, Transaction
from bot.domain import Fate, Job
from bot.quota.ledger import Ledger

REPORTS_COUNTED_S = 3600.0


class Why(StrEnum):
    """Why a picture is held."""

    CHECK = "check"
    """It looks unsafe, and the chat wants an admin to decide."""
    REPORT = "report"
    """A member reported it."""


class Reported(StrEnum):
    """What became of a report."""

    HELD = "held"
    AGAIN = "again"
    """This member has reported this result before."""
    TOO_MANY = "too-many"
    NOTHING = "nothing"
    """None of its pictures is to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One picture that waits, or whose end was not told yet."""

    job_id: str
    picture: int
    why: Why
    until: float
    asked: bool
    decided: Fate | None
    """RELEASED or DELETED; None while it waits."""


class Holds:
    """Reads and changes them. `days`: how long a picture waits."""

    def __init__(
        self, database: Database, *, days: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._wait_s = days * 86400
        self._clock = clock

    async def begin(self, t: Transaction, job_id: str, pictures: Collection[int], why: Why) -> None:
        """Hide pictures until somebody decides, or the time is up."""
        until = self._clock() + self._wait_s
        which = json.dumps(list(pictures))
        await t.run(
            "INSERT INTO holds (job_id, picture, why, until, released_as)"
            " SELECT job_id, picture, ?3, ?4,"
            " CASE WHEN fate IN ('spoiler', 'blurred') THEN fate ELSE 'released' END"
            " FROM pictures WHERE job_id = ?1 AND picture IN (SELECT value FROM json_each(?2))"
            " ON CONFLICT (job_id, picture) DO UPDATE SET why = ?3, until = ?4, asked = 0,"
            " decided = NULL, released_as = excluded.released_as",
            (job_id, which, why, until),
        )
        await t.run(
            "UPDATE pictures SET fate = ? WHERE job_id = ?"
            " AND picture IN (SELECT value FROM json_each(?))",
            (Fate.HELD, job_id, which),
        )

    async def decide(
        self, job: Job, decided: Fate, *, by: str, only: int | None = None
    ) -> tuple[int, ...]:
        """Release or delete the pictures of `job` that wait (or `only` this one), with the refund
        of deleted ones and the audit row; those that waited. Doing it again changes nothing."""
        async with self._database.transaction() as t:
            rows = await t.rows(
                "UPDATE holds SET decided = ?2 WHERE job_id = ?1 AND decided IS NULL"
                " AND (?3 IS NULL OR picture = ?3) RETURNING picture, released_as",
                (job.id, decided, only),
            )
            ended = tuple(sorted(row["picture"] for row in rows))
            for row in rows:
                fate = row["released_as"] if decided is Fate.RELEASED else decided
                await t.run(
                    "UPDATE pictures SET fate = ? WHERE job_id = ? AND picture = ?",
                    (fate, job.id, row["picture"]),
                )
                await _note(t, job, "picture", by, before=Fate.HELD, after=decided)
            if ended and decided is Fate.DELETED:
                await Ledger.refund(t, job.id, only=ended)
        return ended

    async def report(self, job: Job, account: str, *, most_per_hour: int) -> Reported:
        """Hide all pictures of a result because `account` says that they do not belong here."""
        now = self._clock()
        async with self._database.transaction() as t:
            before = await t.row(
                "SELECT count(*) FILTER (WHERE at > ?2) AS lately,"
                " count(*) FILTER (WHERE job_id = ?3) AS this FROM reports WHERE account = ?1",
                (account, now - REPORTS_COUNTED_S, job.id),
            )
            if before is not None and before["this"]:
                return Reported.AGAIN
            if before is not None and before["lately"] >= most_per_hour:
                return Reported.TOO_MANY
            seen = await t.rows(
                "SELECT picture FROM pictures WHERE job_id = ?"
                " AND fate NOT IN ('dropped', 'held', 'deleted')",
                (job.id,),
            )
            if not seen:
                return Reported.NOTHING
            await t.run("INSERT INTO reports VALUES (?, ?, ?)", (job.id, account, now))
            await self.begin(t, job.id, [row["picture"] for row in seen], Why.REPORT)
            await _note(t, job, "report", account, before=Fate.SHOWN, after=Fate.HELD)
        return Reported.HELD

    async def of(self, job_id: str) -> list[Hold]:
        """The pictures of a job that are held, or whose end was not told yet."""
        return await self._found("job_id = ?", (job_id,))

    async def files(self, job_id: str) -> dict[int, str]:
        """SHA-256 of the pictures of a job, by index."""
        rows = await self._database.rows(
            "SELECT picture, sha256 FROM pictures WHERE job_id = ?", (job_id,)
        )
        return {row["picture"]: row["sha256"] for row in rows}

    async def unsaid(self) -> list[Hold]:
        """Of which the admins were not asked, or the chat was not told the end, although it knows
        the result: what a new start has to say."""
        return await self._found(
            "(asked = 0 OR decided IS NOT NULL)"
            " AND EXISTS (SELECT 1 FROM jobs WHERE id = job_id AND state = 'delivered')"
        )

    async def overdue(self) -> list[str]:
        """Jobs with pictures about which nobody decided in time."""
        rows = await self._database.rows(
            "SELECT DISTINCT job_id FROM holds WHERE decided IS NULL AND until < ?",
            (self._clock(),),
        )
        return [row["job_id"] for row in rows]

    async def asked(self, job_id: str) -> None:
        """The admins know of all that waits."""
        async with self._database.transaction() as t:
            await t.run("UPDATE holds SET asked = 1 WHERE job_id = ?", (job_id,))

    async def told(self, job_id: str, pictures: Collection[int], *, lost: bool = False) -> None:
        """The chat knows what was decided about these. `lost`: it cannot be shown what was
        released, so the credits go back."""
        async with self._database.transaction() as t:
            await t.run(
                "DELETE FROM holds WHERE job_id = ? AND decided IS NOT NULL"
                " AND picture IN (SELECT value FROM json_each(?))",
                (job_id, json.dumps(list(pictures))),
            )
            if lost:
                await Ledger.refund(t, job_id, only=pictures)

    async def _found(self, where: str, values: tuple[object, ...] = ()) -> list[Hold]:
        rows = await self._database.rows(
            f"SELECT * FROM holds WHERE {where} ORDER BY job_id, picture",  # noqa: S608 - ours
            values,
        )
        return [_hold(row) for row in rows]


def _hold(row: Row) -> Hold:
    return Hold(
        job_id=row["job_id"],
        picture=row["picture"],
        why=Why(row["why"]),
        until=row["until"],
        asked=bool(row["asked"]),
        decided=Fate(row["decided"]) if row["decided"] else None,
    )


async def _note(t: Transaction, job: Job, act: str, by: str, *, before: str, after: str) -> None:
    """Into the audit log, as an act about whoever asked for the picture."""
    await Audit.record(
        t,
        account=by,
        act=act,
        target=job.requester.account,
        before=before,
        after=after,
        chat=job.reply_to.chat,
    )
