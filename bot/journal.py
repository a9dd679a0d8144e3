"""Jobs and their pictures, durable: every change of state is one transaction.

`waiting → drawing → drawn → delivered | failed | cancelled`. A job is *told* once its member knows
how it ended; until then it is found again at every start. Methods that take a transaction are
parts of a larger step (reserve and accept, draw and settle).
"""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.database import Database, Row, Transaction
from bot.domain import Failure, Fate, Job, JobState, Picture, Platform, RenderSpec
from bot.job_rows import UNREADABLE, job_of, mended, picture_of, to_json
from bot.picture_store import PictureStore

log = logging.getLogger(__name__)

Turn = tuple[str, str, float, float, int, bool]
"""Chat, person, start, time, turn and whether jobs wait there, as the fair queue means them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One past request of a chat, for a page that shows the chat again."""

    job: Job
    pictures: tuple[Picture, ...]
    """Without bytes: ask `Journal.picture`."""
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMessage:
    """A message of ours, and the picture it shows."""

    job_id: str
    picture: int


_OF_OTHERS = """WITH RECURSIVE line (id, source, input) AS (
    SELECT id, source_job_id, json_extract(spec, '$.input_sha256') FROM jobs WHERE id = ?
    UNION SELECT j.id, j.source_job_id, json_extract(j.spec, '$.input_sha256')
    FROM jobs j JOIN line ON j.id = line.source
) SELECT 1 FROM line WHERE input IS NOT NULL AND source IS NULL"""


class Journal:
    """Reads and changes the durable record of jobs."""

    def __init__(self, database: Database, store: PictureStore) -> None:
        self._database = database
        self._store = store

    # Accepting -------------------------------------------------------------------------------

    @staticmethod
    async def known(t: Transaction, platform: Platform, key: str) -> str | None:
        """The job that was accepted for this request key, if any."""
        row = await t.row(
            "SELECT id FROM jobs WHERE platform = ? AND request_key = ?", (platform, key)
        )
        return None if row is None else str(row["id"])

    @staticmethod
    async def accept(t: Transaction, job: Job) -> None:
        """Record a new job, whose request key nobody has yet."""
        await t.run(
            "INSERT INTO jobs (id, platform, request_key, chat_id, account, state, rank, person,"
            " weight, cost, requester, reply_to, spec, text, spoiler, as_file, accepted_at, notes,"
            " source_job_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                job.id,
                job.reply_to.platform,
                job.key,
                job.reply_to.chat_id,
                job.requester.account,
                job.state,
                job.rank,
                job.person,
                job.weight,
                job.cost,
                to_json(job.requester),
                to_json(job.reply_to),
                to_json(job.spec),
                job.text,
                job.spoiler,
                job.as_file,
                job.accepted_at,
                to_json(job.notes),
                job.source_job_id,
            ),
        )

    # Drawing ---------------------------------------------------------------------------------

    async def begin(
        self,
        job_id: str,
        *,
        turns: Iterable[Turn] = (),
        gone: Iterable[tuple[str, str]] = (),
        anew: bool = False,
    ) -> Job | None:
        """Claim a waiting job for drawing; None when it is not waiting any more.

        `turns` is what the queue wants to know after a restart: what has changed since it was
        stored last, of which chats and persons nothing is to be known (`gone`), or of none
        (`anew`).
        """

        async def claim(t: Transaction) -> Row | None:
            row = await t.row(
                "UPDATE jobs SET state = 'drawing', attempts = attempts + 1, rank = -1"
                " WHERE id = ? AND state = 'waiting' RETURNING *",
                (job_id,),
            )
            if anew:
                await t.run("DELETE FROM turns")
            await t.many("DELETE FROM turns WHERE chat = ? AND person = ?", gone)
            await t.many("INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?, ?, ?)", turns)
            return row

        row = await self._database.step(claim)
        return None if row is None else job_of(row)

    async def turns(self) -> list[Turn]:
        """What `begin` was given to keep."""
        return [tuple(row) for row in await self._database.rows("SELECT * FROM turns")]

    async def back_to_waiting(self, job_id: str, *, died: bool = False) -> None:
        """Drawing was interrupted. `died`: the render process ended with this job in it; else
        the attempt is not counted."""
        async with self._database.transaction() as t:
            await t.run(
                "UPDATE jobs SET state = 'waiting', attempts = attempts - ?2, deaths = deaths + ?3"
                " WHERE id = ?1 AND state = 'drawing'",
                (job_id, 0 if died else 1, 1 if died else 0),
            )

    async def all_back_to_waiting(self) -> None:
        """Nothing is drawn any more, and no attempt of what was is counted."""
        async with self._database.transaction() as t:
            await t.run(
                "UPDATE jobs SET state = 'waiting', attempts = attempts - 1 WHERE state = 'drawing'"
            )

    async def end_drawn(
        self, t: Transaction, job_id: str, pictures: Sequence[tuple[Picture, str]], seconds: float
    ) -> bool:
        """All pictures (each with the SHA-256 of its file) are on disk; False if cancelled."""
        if not await self._end(t, job_id, JobState.DRAWN, seconds=seconds):
            return False
        await t.many(
            "INSERT INTO pictures (job_id, picture, sha256, seed, infotext, nsfw, fate)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (job_id, p.index, sha256, p.seed, p.infotext, p.nsfw, p.fate)
                for p, sha256 in pictures
            ],
        )
        return True

    async def end_failed(self, t: Transaction, job_id: str, failure: Failure) -> bool:
        """Drawing failed for good."""
        return await self._end(t, job_id, JobState.FAILED, failure=to_json(failure))

    async def end_cancelled(self, t: Transaction, job_id: str) -> bool:
        """Somebody stopped it, waiting or drawing."""
        return await self._end(t, job_id, JobState.CANCELLED)

    @staticmethod
    async def _end(
        t: Transaction,
        job_id: str,
        state: JobState,
        *,
        seconds: float | None = None,
        failure: str | None = None,
    ) -> bool:
        return bool(
            await t.run(
                "UPDATE jobs SET state = ?, seconds = ?, failure = ?, ended_at = ?"
                " WHERE id = ? AND state IN ('waiting', 'drawing')",
                (state, seconds, failure, time.time(), job_id),
            )
        )

    # Telling ---------------------------------------------------------------------------------

    async def set_status_message(self, job_id: str, message_id: str | None) -> None:
        """Remember the one status message of a job."""
        async with self._database.transaction() as t:
            await t.run("UPDATE jobs SET status_message_id = ? WHERE id = ?", (message_id, job_id))

    async def sending(self, job_id: str) -> bool:
        """How it ended goes out now. True: that had begun before, in a life of the bot that was
        cut short, so that the platform may have it already."""
        async with self._database.transaction() as t:
            row = await t.row("SELECT sending FROM jobs WHERE id = ?", (job_id,))
            await t.run("UPDATE jobs SET sending = 1 WHERE id = ? AND sending = 0", (job_id,))
        return row is not None and bool(row["sending"])

    async def told(
        self, job: Job, message_ids: Sequence[str], pictures: Sequence[int] | None = None
    ) -> None:
        """The member knows how it ended; a drawn job is delivered. `message_ids`: the messages
        that show `pictures` (0, 1, …), or a single one that shows them all."""
        async with self._database.transaction() as t:
            await t.run(
                "UPDATE jobs SET told = 1,"
                " state = CASE state WHEN 'drawn' THEN 'delivered' ELSE state END WHERE id = ?",
                (job.id,),
            )
            await self._shown_in(t, job, message_ids, pictures or range(len(message_ids)))

    async def shown(self, job: Job, message_ids: Sequence[str], pictures: Sequence[int]) -> None:
        """Pictures of a told job have come later."""
        async with self._database.transaction() as t:
            await self._shown_in(t, job, message_ids, pictures)

    @staticmethod
    async def _shown_in(
        t: Transaction, job: Job, message_ids: Sequence[str], pictures: Sequence[int]
    ) -> None:
        to = job.reply_to
        await t.many(
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (to.platform, to.chat_id, message_id, job.id, index)
                for message_id, index in zip(message_ids, pictures, strict=False)
            ],
        )

    async def set_aside(self, t: Transaction, job_id: str, failure: Failure) -> Job | None:
        """A job whose row cannot be read ends as failed. What is damaged in it gives way to what
        its other columns tell, so that its member can be told; None where nobody can be."""
        row = await t.row("SELECT * FROM jobs WHERE id = ?", (job_id,))
        if row is None:
            return None
        try:
            columns = mended(dict(row), failure)
        except UNREADABLE:
            await t.run("UPDATE jobs SET state = 'failed', told = 1 WHERE id = ?", (job_id,))
            return None
        settings = ", ".join(f"{name} = ?" for name in columns)
        await t.run(
            f"UPDATE jobs SET {settings}, ended_at = ? WHERE id = ?",  # noqa: S608 names of ours
            (*columns.values(), time.time(), job_id),
        )
        row = await t.row("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return None if row is None else job_of(row)

    async def give_up(self, t: Transaction, job_id: str) -> None:
        """Nobody can be told any more (the chat is gone): the job ends as failed."""
        await t.run(
            "UPDATE jobs SET told = 1, ended_at = ?,"
            " state = CASE state WHEN 'cancelled' THEN state ELSE 'failed' END WHERE id = ?",
            (time.time(), job_id),
        )

    # Looking ---------------------------------------------------------------------------------

    async def job(self, job_id: str) -> Job | None:
        """One job."""
        row = await self._database.row("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return None if row is None else job_of(row)

    async def unfinished(self) -> list[Job]:
        """All jobs whose member does not know the end yet, in the order of drawing."""
        return (await self.leftovers())[0]

    async def leftovers(self) -> tuple[list[Job], list[str]]:
        """The same, and the ids of those whose row cannot be read: they must not stop the start,
        nor the others. `set_aside` is for them."""
        rows = await self._database.rows("SELECT * FROM jobs WHERE told = 0 ORDER BY rank, number")
        found, damaged = [], []
        for row in rows:
            try:
                found.append(job_of(row))
            except UNREADABLE as error:
                log.error("job %s cannot be read: %s", row["id"], error)
                damaged.append(str(row["id"]))
        return found, damaged

    async def active_of(self, *accounts: str) -> list[Job]:
        """Jobs of these accounts that wait or are being drawn, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM jobs WHERE told = 0 AND account IN (SELECT value FROM json_each(?))"
            " AND state IN ('waiting', 'drawing') ORDER BY number",
            (json.dumps(accounts),),
        )
        return [job_of(row) for row in rows]

    async def pictures(self, job_id: str) -> list[Picture] | None:
        """The pictures of a drawn job, those that may be seen with their bytes; None when a file
        is gone."""
        rows = await self._database.rows(
            "SELECT * FROM pictures WHERE job_id = ? ORDER BY picture", (job_id,)
        )
        found = []
        for row in rows:
            hidden = Fate(row["fate"]).hidden
            png = b"" if hidden else await self._store.get(row["sha256"])
            if png is None:
                return None
            found.append(picture_of(row, png))
        return found

    async def picture(self, job_id: str, index: int) -> bytes | None:
        """PNG bytes of one picture; None when unknown, gone, or not to be seen."""
        row = await self._database.row(
            "SELECT sha256 FROM pictures WHERE job_id = ? AND picture = ?"
            " AND fate NOT IN ('dropped', 'held', 'deleted')",
            (job_id, index),
        )
        return None if row is None else await self._store.get(row["sha256"])

    async def listed(self, job_id: str) -> list[Picture]:
        """The pictures of a job without their bytes; none where it was forgotten."""
        rows = await self._database.rows(
            "SELECT * FROM pictures WHERE job_id = ? ORDER BY picture", (job_id,)
        )
        return [picture_of(row, b"") for row in rows]

    async def messages_of(self, job_id: str) -> list[str]:
        """Ids of the messages that show pictures of a job."""
        rows = await self._database.rows(
            "SELECT message_id FROM messages WHERE job_id = ? ORDER BY picture", (job_id,)
        )
        return [row["message_id"] for row in rows]

    async def is_of_others(self, job_id: str) -> bool:
        """Whether a result goes back, over however many others, to a picture that is none."""
        return await self._database.row(_OF_OTHERS, (job_id,)) is not None

    async def source(self, spec: RenderSpec) -> bytes | None:
        """PNG bytes of the picture that an order starts from; None when it is gone."""
        return None if spec.input_sha256 is None else await self._store.get(spec.input_sha256)

    async def message(
        self, platform: Platform, chat_id: str, message_id: str
    ) -> KnownMessage | None:
        """What a message of ours shows, if it is one."""
        row = await self._database.row(
            "SELECT job_id, picture FROM messages"
            " WHERE platform = ? AND chat_id = ? AND message_id = ?",
            (platform, chat_id, message_id),
        )
        return None if row is None else KnownMessage(job_id=row[0], picture=row[1])

    async def history(self, platform: Platform, chat_id: str, limit: int = 50) -> list[HistoryItem]:
        """The newest requests of a chat, oldest of them first."""
        rows = await self._database.rows(
            "SELECT * FROM jobs WHERE platform = ? AND chat_id = ? AND forgotten = 0"
            " ORDER BY number DESC LIMIT ?",
            (platform, chat_id, limit),
        )
        return [await self._history_item(row) for row in reversed(rows)]

    async def _history_item(self, row: Row) -> HistoryItem:
        return HistoryItem(
            job=job_of(row),
            pictures=tuple(await self.listed(row["id"])),
            message_ids=tuple(await self.messages_of(row["id"])),
        )

    async def needed(self) -> frozenset[str]:
        """SHA-256 of every picture that an unfinished job draws from or has yet to show, or that
        waits for an admin."""
        rows = await self._database.rows(
            "SELECT p.sha256 FROM pictures p JOIN jobs j ON j.id = p.job_id WHERE j.told = 0"
            " UNION SELECT p.sha256 FROM pictures p JOIN holds USING (job_id, picture)"
            " UNION SELECT json_extract(spec, '$.input_sha256') FROM jobs WHERE told = 0"
        )
        return frozenset(row[0] for row in rows if row[0])
