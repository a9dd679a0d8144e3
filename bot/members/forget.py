"""`/forget`: the pictures and words of a member go, the sums stay."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.database import Database, Transaction
from bot.members.seen import Members
from bot.picture_store import PictureStore

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Requests in one transaction, so that others get their turn in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was done."""

    requests: int = 0
    pictures: int = 0
    """Files that were deleted; others show the same picture still."""
    cancelled: int = 0
    later: int = 0
    """Requests whose answer is on its way; `finish` forgets them once it has arrived."""

    @property
    def nothing(self) -> bool:
        """There was nothing to forget."""
        return not (self.requests or self.cancelled or self.later)


class Forgetting:
    """Deletes what members leave behind.

    `jobs.forgotten` is 1 from the wish until the request is told, and 2 once its words are gone.
    What stays of a request: number, account, cost, size, seed, model, times. So the ledger adds up,
    and a button under an old message can say that its picture was forgotten.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: PictureStore,
        members: Members,
        cancel: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._store = store
        self._members = members
        self._cancel = cancel

    async def forget(self, accounts: frozenset[str]) -> Forgotten:
        """Forget all that these accounts of one person asked for, and their names."""
        cancelled = 0
        for job_id in await self._active(accounts):
            cancelled += await self._cancel(job_id)
        async with self._database.transaction() as t:
            for account in sorted(accounts):
                await self._forget_person(t, account)
        self._members.unsee(accounts)
        requests, pictures = await self._scrub(accounts)
        await self._database.empty_log()
        later = await self._database.row(
            "SELECT count(*) FROM jobs WHERE forgotten = 1"
            " AND account IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(accounts)),),
        )
        log.info("%s: %d requests forgotten", ", ".join(sorted(accounts)), requests)
        return Forgotten(
            requests=requests,
            pictures=pictures,
            cancelled=cancelled,
            later=later[0] if later else 0,
        )

    async def finish(self, *, backups_before: float) -> None:
        """Forget what could not be forgotten before because its answer was on its way, and delete
        copies of the database that are older than `backups_before` (seconds since 1970)."""
        await self._scrub()
        await self._database.empty_log()
        await self._database.drop_backups(backups_before)

    async def _active(self, accounts: frozenset[str]) -> list[str]:
        found: list[str] = []
        for account in sorted(accounts):
            rows = await self._database.rows(
                "SELECT id FROM jobs WHERE told = 0 AND account = ?"
                " AND state IN ('waiting', 'drawing')",
                (account,),
            )
            found += [row["id"] for row in rows]
        return found

    @staticmethod
    async def _forget_person(t: Transaction, account: str) -> None:
        platform, _, user_id = account.partition(":")
        await t.run("UPDATE jobs SET forgotten = 1 WHERE account = ? AND forgotten = 0", (account,))
        # That this account was seen in an approved chat stays: it opens the private chat.
        await t.run(
            "UPDATE members SET username = NULL, language = NULL, private_chat_id = NULL"
            " WHERE platform = ? AND user_id = ?",
            (platform, user_id),
        )
        await t.run("DELETE FROM preferences WHERE scope = 'member' AND owner = ?", (account,))
        await t.run("DELETE FROM presets WHERE account = ?", (account,))
        await t.run("DELETE FROM reports WHERE account = ?", (account,))
        await t.run("UPDATE strikes SET prompt = '' WHERE account = ?", (account,))
        # An id of somebody else may contain this one; losing their faulty update harms nobody.
        await t.run(
            "UPDATE inbox SET raw = '', set_aside = 'forgotten'"
            " WHERE platform = ? AND set_aside IS NOT NULL AND instr(raw, ?) > 0",
            (platform, user_id),
        )

    async def _scrub(self, accounts: frozenset[str] | None = None) -> tuple[int, int]:
        """Forget all that is marked and told, of these accounts or of everybody; how many requests
        and files."""
        whose = None if accounts is None else json.dumps(sorted(accounts))
        requests = files = 0
        while True:
            async with self._database.transaction() as t:
                rows = await t.rows(
                    "SELECT id, json_extract(spec, '$.input_sha256') AS source FROM jobs"
                    " WHERE forgotten = 1 AND told = 1 AND (?1 IS NULL"
                    " OR account IN (SELECT value FROM json_each(?1))) LIMIT ?2",
                    (whose, AT_ONCE),
                )
                if not rows:
                    return requests, files
                suspects = {row["source"] for row in rows if row["source"]}
                for row in rows:
                    suspects |= await self._scrub_job(t, row["id"])
                # Before the commit: a kill in between leaves a record whose file is gone, which
                # is forgotten again, and never a file that no record leads to.
                for sha256 in suspects:
                    if not await self._shown_by_others(t, sha256):
                        files += await self._store.remove(sha256)
                requests += len(rows)

    @staticmethod
    async def _scrub_job(t: Transaction, job_id: str) -> set[str]:
        """Take the words away; the pictures that it showed."""
        shown = await t.rows("DELETE FROM pictures WHERE job_id = ? RETURNING sha256", (job_id,))
        await t.run("DELETE FROM messages WHERE job_id = ?", (job_id,))
        await t.run("DELETE FROM holds WHERE job_id = ?", (job_id,))
        await t.run(
            "UPDATE jobs SET forgotten = 2, text = '', notes = '[]',"
            " requester = json_set(requester, '$.name', '', '$.username', '', '$.language', NULL),"
            " spec = json_set(spec, '$.prompt', '', '$.negative_prompt', '',"
            " '$.input_sha256', NULL) WHERE id = ?",
            (job_id,),
        )
        return {row["sha256"] for row in shown}

    @staticmethod
    async def _shown_by_others(t: Transaction, sha256: str) -> bool:
        row = await t.row(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM pictures WHERE sha256 = ?1) OR EXISTS"
            " (SELECT 1 FROM jobs WHERE json_extract(spec, '$.input_sha256') = ?1)",
            (sha256,),
        )
        return row is not None
