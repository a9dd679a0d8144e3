"""How jobs end: written once, in the transaction that settles or refunds them, and then told."""

import hashlib
import logging
import math
import secrets
from collections.abc import Awaitable, Callable

from bot import metrics
from bot.database import Database, Transaction, uninterrupted
from bot.domain import Failed, Failure, Finished, Job, JobEvent
from bot.insist import insist
from bot.journal import Journal
from bot.quota.ledger import Ledger

log = logging.getLogger(__name__)

Tell = Callable[[Job, JobEvent], None]
End = Callable[[Transaction], Awaitable[bool]]
"""Writes an end into a transaction; False if the job has ended already."""

PATIENCE_S = 600.0
"""How long the store may be out of order before a drawn job is given up and refunded."""


class Ends:
    """`tell` is called after the transaction that made it so."""

    def __init__(self, *, database: Database, journal: Journal, ledger: Ledger, tell: Tell) -> None:
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._tell = tell

    async def write(
        self, job: Job, end: End, event: JobEvent, *, patience_s: float | None = None
    ) -> None:
        """One end, as soon as the store takes it.

        Raises:
            StoreError: it did not for `patience_s` seconds (`PATIENCE_S`).
        """

        async def commit() -> bool:
            async with self._database.transaction() as t:
                return await end(t)

        ended = await insist(
            # The last write of a job is finished even while the program is being stopped.
            lambda: uninterrupted(commit()),
            f"job {job.id}: its end",
            patience_s=PATIENCE_S if patience_s is None else patience_s,
        )
        if ended:
            metrics.ENDED.labels(_outcome_of(event)).inc()
            self._tell(job, event)

    async def fail(self, job: Job, key: str, detail: str) -> None:
        """It cannot be drawn: refunded, however long the store takes."""
        failure = _failure(job.id, key, detail)

        async def end(t: Transaction) -> bool:
            await self._ledger.refund(t, job.id)
            return await self._journal.end_failed(t, job.id, failure)

        await self.write(job, end, Failed(failure=failure), patience_s=math.inf)

    async def set_aside(self, job_id: str) -> None:
        """A job that cannot be read: refunded, and told as far as its row says to whom.

        Raises:
            StoreError: that cannot be written.
        """
        failure = _failure(job_id, "job-unreadable", "its row in the database is damaged")
        async with self._database.transaction() as t:
            await self._ledger.refund(t, job_id)
            job = await self._journal.set_aside(t, job_id, failure)
        if job is not None:
            self._tell(job, Failed(failure=failure))


def _failure(job_id: str, key: str, detail: str) -> Failure:
    """With a number of its own, under which the log tells more."""
    incident = hashlib.sha256(secrets.token_bytes(8)).hexdigest()[:6]
    log.error("job %s: failed (%s, report %s): %s", job_id, key, incident, detail)
    return Failure(key=key, incident=incident)


def _outcome_of(event: JobEvent) -> str:
    if isinstance(event, Failed):
        return event.failure.key
    return "drawn" if isinstance(event, Finished) else "cancelled"
