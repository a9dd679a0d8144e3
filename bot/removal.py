"""Taking a result away for good: what it showed, and the files where nobody else needs them."""

import json
from collections.abc import Collection

from bot.database import Database, Transaction
from bot.domain import Job
from bot.picture_store import PictureStore


class Removal:
    """Deletes pictures of jobs; their records stay, so that the ledger adds up."""

    def __init__(self, database: Database, store: PictureStore) -> None:
        self._database = database
        self._store = store

    async def delete(self, job_id: str, only: Collection[int] | None = None) -> None:
        """Nobody sees the pictures of a job (or `only` these) any more, and their files go, unless
        another job shows the same or starts from it.

        Raises:
            StoreError: a file cannot be deleted; the pictures stay.
        """
        async with self._database.transaction() as t:
            rows = await t.rows(
                "UPDATE pictures SET fate = 'deleted' WHERE job_id = ?1 AND fate <> 'dropped'"
                " AND (?2 IS NULL OR picture IN (SELECT value FROM json_each(?2)))"
                " RETURNING sha256",
                (job_id, None if only is None else json.dumps(list(only))),
            )
            if only is None:  # there is nothing left to decide about
                await t.run("DELETE FROM holds WHERE job_id = ? AND decided IS NULL", (job_id,))
            # Before the commit: a kill in between leaves a record without a file, never the
            # other way round.
            for sha256 in {row["sha256"] for row in rows}:
                if not await self._is_needed(t, sha256):
                    await self._store.remove(sha256)

    async def drop(self, sha256: str) -> None:
        """Delete a file that no record leads to.

        Raises:
            StoreError: it cannot be deleted.
        """
        async with self._database.transaction() as t:
            if not await self._is_needed(t, sha256):
                await self._store.remove(sha256)

    async def drop_source(self, job: Job) -> None:
        """Delete the picture that a refused request starts from, unless another needs it too.

        Raises:
            StoreError: it cannot be deleted.
        """
        if (sha256 := job.spec.input_sha256) is None:
            return
        async with self._database.transaction() as t:
            if not await self._is_needed(t, sha256, besides=job.id):
                await self._store.remove(sha256)

    @staticmethod
    async def _is_needed(t: Transaction, sha256: str, *, besides: str = "") -> bool:
        row = await t.row(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM pictures WHERE sha256 = ?1"
            " AND fate NOT IN ('deleted', 'dropped')) OR EXISTS"
            " (SELECT 1 FROM jobs WHERE id <> ?2 AND (?2 = '' OR state <> 'failed')"
            " AND json_extract(spec, '$.input_sha256') = ?1)",
            (sha256, besides),
        )
        return row is not None
