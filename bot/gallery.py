"""The pictures of one chat, newest first, found by words, seed or model.

A page of results costs the same however many pictures there are: it starts at the request where
the one before ended. Words are looked for in the infotext, which holds prompts, sampler and model.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.database import Database, Row
from bot.domain import Job, Picture, Platform
from bot.job_rows import UNREADABLE, job_of, picture_of

log = logging.getLogger(__name__)

MOST_WORDS = 12
"""More words than that narrow nothing down any further."""
_SHOWN = (
    " FROM jobs j JOIN pictures p ON p.job_id = j.id"
    " JOIN messages m ON m.job_id = p.job_id AND m.picture = p.picture"
    " WHERE j.platform = ? AND j.chat_id = ? AND j.forgotten = 0"
    " AND p.fate NOT IN ('dropped', 'held', 'deleted')"
)
# A number is a seed, or stands in the prompt, but is none of the steps, sizes and versions.
_NUMBER = (
    " AND (p.seed = ? OR substr(p.infotext, 1,"
    " instr(p.infotext || char(10) || 'Steps: ', char(10) || 'Steps: ')) LIKE ? ESCAPE '\\')"
)
_WORD = " AND p.infotext LIKE ? ESCAPE '\\'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One picture that was shown in the chat."""

    job: Job
    picture: Picture
    """Without bytes: ask `Journal.picture`."""
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Behind which picture a page begins; as text `number.picture`."""

    number: int
    picture: int

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """What `str` made; None where it is none."""
        number, _, picture = text.partition(".")
        if not (number.isdecimal() and picture.isdecimal() and len(text) < 30):
            return None
        return cls(number=int(number), picture=int(picture))

    def __str__(self) -> str:
        return f"{self.number}.{self.picture}"


class Gallery:
    """Finds pictures that were shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, platform: Platform, chat_id: str, words: str) -> int:
        """How many pictures of the chat fit all of `words`."""
        fitting, values = _fitting(words)
        row = await self._database.row(
            f"SELECT count(*){_SHOWN}{fitting}", (platform, chat_id, *values)
        )
        return 0 if row is None else int(row[0])

    async def page(
        self, platform: Platform, chat_id: str, words: str, *, behind: Place | None, most: int
    ) -> tuple[list[Found], Place | None]:
        """At most `most` pictures that fit, requests newest first and the pictures of each in
        their order, and where the next page begins; None: that was the last one."""
        fitting, values = _fitting(words)
        if behind is not None:
            fitting += " AND j.number <= ? AND (j.number < ? OR p.picture > ?)"
            values += (behind.number, behind.number, behind.picture)
        rows = await self._database.rows(
            "SELECT j.*, p.picture, p.sha256, p.seed, p.infotext, p.nsfw, p.fate, m.message_id"
            f"{_SHOWN}{fitting} ORDER BY j.number DESC, p.picture LIMIT ?",
            (platform, chat_id, *values, most + 1),
        )
        last = rows[most - 1] if len(rows) > most else None
        rest = Place(number=last["number"], picture=last["picture"]) if last else None
        return _read(rows[:most]), rest


def _fitting(words: str) -> tuple[str, tuple[str | int, ...]]:
    """The condition and its values for words that all have to fit."""
    condition, values = "", tuple[str | int, ...]()
    for word in words.split()[:MOST_WORDS]:
        pattern = "%" + "".join(f"\\{c}" if c in "%_\\" else c for c in word) + "%"
        if word.isdecimal() and int(word) < 2**63:
            condition, values = condition + _NUMBER, (*values, int(word), pattern)
        else:
            condition, values = condition + _WORD, (*values, pattern)
    return condition, values


def _read(rows: Sequence[Row]) -> list[Found]:
    found = []
    for row in rows:
        try:
            job = job_of(row)
        except UNREADABLE as error:
            log.error("job %s cannot be read: %s", row["id"], error)
            continue
        picture = picture_of(row, b"")
        found.append(Found(job=job, picture=picture, message_id=row["message_id"]))
    return found
