"""What the members got, held against what the bot has written down."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.torture.world import World
from bot.phrase import phrase
from bot.replies import say

_Requests = set[tuple[str, str]]
"""Platform and key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers of requests."""

    accepted: int
    accepted_on_discord: int
    lost: int
    """Neither a picture, nor told why not."""
    failed: int
    """Could not be drawn (poison, or the renderer was ended twice with it): told and refunded."""
    refused: int
    """The disk was full: told so at once, nothing charged."""
    charged_twice: int
    stuck: int
    discord_duplicates: int
    telegram_repeats: int
    telegram_repeats_outside_a_send: int
    unbalanced: int


def outcome(folder: Path, world: World, sending: Iterable[str] = ()) -> Outcome:
    """As it stands now. `sending`: a job for each time that it was on its way when a life ended."""
    accepted = list(world.accepted())
    pictures, alone = world.pictures(), world.without_reference()
    open_, failed, refused = _open(folder, world)
    repeats = {
        platform: sum(n - 1 for (where, _), n in pictures.items() if where == platform)
        for platform in ("telegram", "discord")
    }
    return Outcome(
        accepted=len(accepted),
        accepted_on_discord=sum(platform == "discord" for platform, _ in accepted),
        lost=len(open_) - len(failed) - len(refused),
        failed=len(failed),
        refused=len(refused),
        charged_twice=len(_rows(folder, _CHARGES)),
        stuck=len(_rows(folder, "SELECT id FROM jobs WHERE told = 0")),
        discord_duplicates=repeats["discord"] + len(alone - set(_noted(folder))),
        telegram_repeats=repeats["telegram"],
        telegram_repeats_outside_a_send=_unexplained(folder, world, Counter(sending)),
        unbalanced=len(_rows(folder, _SUMS)),
    )


def leftovers(folder: Path, world: World) -> Iterator[str]:
    """Lines about what is lost, and what is stuck."""
    open_, failed, refused = _open(folder, world)
    for request in sorted(open_ - failed - refused):
        yield f"lost: {request}"
    columns = "id, platform, request_key, state, attempts, deaths, sending, failure"
    for row in _rows(folder, f"SELECT {columns} FROM jobs WHERE told = 0"):
        yield f"stuck: {row}"


def _open(folder: Path, world: World) -> tuple[_Requests, _Requests, _Requests]:
    """Requests without a picture; those of them that failed, and those that were refused."""
    pictures, alone = world.pictures(), world.without_reference()
    open_ = {request for request in world.accepted() if not pictures[request]}
    open_ -= {("discord", key) for message, key in _noted(folder).items() if message in alone}
    failed = _told_failures(folder, world) & open_
    return open_, failed, (_refused(world) & open_) - failed - _jobs(folder)


def _noted(folder: Path) -> dict[str, str]:
    """The request behind each message on Discord that the bot remembers as a picture of its own."""
    sql = "SELECT message_id, request_key FROM messages JOIN jobs ON jobs.id = messages.job_id"
    return dict(_rows(folder, f"{sql} WHERE jobs.platform = 'discord'"))


def _unexplained(folder: Path, world: World, sending: Counter[str]) -> int:
    """Repeats of requests that were not on their way so often when a life ended, nor sent so often
    without an answer."""
    pictures, unanswered = world.pictures(), world.unanswered()
    rows = _rows(folder, "SELECT id, request_key FROM jobs WHERE platform = 'telegram'")
    return sum(
        max(0, pictures["telegram", key] - 1 - sending[job_id] - unanswered[key])
        for job_id, key in rows
    )


def _told_failures(folder: Path, world: World) -> _Requests:
    """Requests whose report number stands in a chat."""
    texts = world.texts()
    rows = _rows(folder, "SELECT platform, request_key, json_extract(failure, '$.incident')"
                         " FROM jobs WHERE state = 'failed'")  # fmt: skip
    return {(platform, key) for platform, key, incident in rows if incident and incident in texts}


def _refused(world: World) -> _Requests:
    """Requests that were answered with the sentence about the full disk."""
    sentences = {say(phrase("store-unavailable"), language) for language in ("en", "zh")}
    return {request for request, text in world.answers() if text in sentences}


def _jobs(folder: Path) -> _Requests:
    return {(row[0], row[1]) for row in _rows(folder, "SELECT platform, request_key FROM jobs")}


_CHARGES = """
SELECT id FROM jobs j WHERE j.state IN ('delivered', 'failed')
AND (SELECT COALESCE(SUM(amount), 0) FROM ledger l WHERE l.job_id = j.id)
    <> CASE j.state WHEN 'delivered' THEN j.cost ELSE 0 END
"""
_SUMS = """
SELECT t.account FROM totals t WHERE t.account <> '' AND t.chat = '' AND t.used <>
(SELECT COALESCE(SUM(amount - granted), 0) FROM ledger l
 WHERE l.account = t.account AND t.slot IN (l.day, l.hour))
"""


def _rows(folder: Path, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "data" / "chatelier.sqlite", timeout=30)) as database:
        return database.execute(sql).fetchall()
