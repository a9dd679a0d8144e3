"""What was spent in each hour of a day, for `/admin status`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.database import Database
from bot.quota.windows import day_of, hour_of, next_hour

_SPENT = """SELECT slot, used FROM totals
    WHERE account = '' AND chat = ? AND slot IN (SELECT value FROM json_each(?))"""
_GIVEN_BACK = """SELECT hour, -SUM(amount) AS back FROM ledger
    WHERE day = ?1 AND amount < 0 AND kind IN ('settle', 'refund') AND (?2 = '' OR chat = ?2)
    GROUP BY hour"""


_LINE = """SELECT state, COUNT(*) AS jobs, SUM(cost) AS work FROM jobs
    WHERE told = 0 AND state IN ('waiting', 'drawing') GROUP BY state"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOfJobs:
    """How many wait and are being drawn, and how many millicredits they cost together."""

    waiting: int = 0
    drawing: int = 0
    work: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfCredits:
    """Millicredits of one hour, by when the requests came."""

    hour: str
    """On the clock of the quotas' time zone: `00` to `23`."""
    used: int
    """Spent or still reserved."""
    given_back: int
    """Of what was reserved: failed, cancelled."""


class Tally:
    """Sums of the ledger."""

    def __init__(self, database: Database, timezone: str) -> None:
        self._database = database
        self._timezone = timezone

    async def line(self) -> LineOfJobs:
        """What is waiting and being drawn, in all chats."""
        rows = {row["state"]: row for row in await self._database.rows(_LINE)}
        jobs = {state: row["jobs"] for state, row in rows.items()}
        return LineOfJobs(
            waiting=jobs.get("waiting", 0),
            drawing=jobs.get("drawing", 0),
            work=sum(row["work"] for row in rows.values()),
        )

    async def hours(self, moment: float, chat: str | None) -> tuple[HourOfCredits, ...]:
        """All hours of the day of `moment`: 24, or 23 or 25 where the clocks are changed.
        `chat`: one chat's; None: everybody's."""
        slots = list(_hours(moment, self._timezone))
        day = day_of(moment, self._timezone)
        spent = await self._database.rows(_SPENT, (chat or "", json.dumps(slots)))
        back = await self._database.rows(_GIVEN_BACK, (day, chat or ""))
        used = {row["slot"]: row["used"] for row in spent}
        given_back = {row["hour"]: row["back"] for row in back}
        return tuple(
            HourOfCredits(
                hour=slot[11:13], used=used.get(slot, 0), given_back=given_back.get(slot, 0)
            )
            for slot in slots
        )


def _hours(moment: float, timezone: str) -> Iterator[str]:
    """The names of a day's hours, in order."""
    day = day_of(moment, timezone)
    at = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(timezone)).timestamp()
    while day_of(at, timezone) == day:
        yield hour_of(at, timezone)
        at = next_hour(at, timezone)
