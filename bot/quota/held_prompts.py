"""Requests that wait for an admin to look at their words: journaled and paid for, in no line."""

from dataclasses import dataclass

from bot.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class HeldPrompt:
    """One of them."""

    job_id: str
    category: str
    until: float
    """When it ends by itself."""


class HeldPrompts:
    """Which requests wait. One whose job has ended meanwhile, by `/cancel`, is none any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    async def put(t: Transaction, held: HeldPrompt) -> None:
        """Part of accepting a request."""
        await t.run(
            "INSERT INTO held_prompts VALUES (?, ?, ?)", (held.job_id, held.category, held.until)
        )

    @staticmethod
    async def count(t: Transaction, person: str) -> int:
        """How many requests of a person (`Job.person`) wait here."""
        row = await t.row(
            "SELECT count(*) FROM held_prompts h JOIN jobs j ON j.id = h.job_id"
            " WHERE j.person = ? AND j.state = 'waiting'",
            (person,),
        )
        return row[0] if row else 0

    @staticmethod
    async def take(t: Transaction, job_id: str) -> bool:
        """Let it wait no more; False where somebody else did, or its job has ended."""
        return bool(
            await t.run(
                "DELETE FROM held_prompts WHERE job_id = ?1"
                " AND EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND state = 'waiting')",
                (job_id,),
            )
        )

    async def of(self, job_id: str) -> HeldPrompt | None:
        """The one of a job."""
        row = await self._database.row(
            "SELECT h.* FROM held_prompts h JOIN jobs j ON j.id = h.job_id"
            " WHERE h.job_id = ? AND j.state = 'waiting'",
            (job_id,),
        )
        return None if row is None else HeldPrompt(*row)

    async def waiting(self) -> frozenset[str]:
        """The ids of all their jobs."""
        rows = await self._database.rows("SELECT job_id FROM held_prompts")
        return frozenset(row["job_id"] for row in rows)

    async def over(self, now: float) -> list[str]:
        """Jobs that have waited long enough; those that ended otherwise are swept out."""
        async with self._database.transaction() as t:
            await t.run(
                "DELETE FROM held_prompts WHERE job_id IN"
                " (SELECT id FROM jobs WHERE state <> 'waiting')"
            )
            rows = await t.rows("SELECT job_id FROM held_prompts WHERE until <= ?", (now,))
        return [row["job_id"] for row in rows]
