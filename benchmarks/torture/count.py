"""What the members got, held against what the bot has written down."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.torture.world import World
from bot.phrase import phrase
from bot.replies import say


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers of requests."""

    accepted: int
    lost: int
    """Neither a picture, nor told why not."""
    failed: int
    """Could not be drawn (poison, or the renderer was ended twice with it): told and refunded."""
    refused: int
    """The disk was full: told so at once, nothing charged."""
    charged_wrongly: int
    stuck: int
    discord_duplicates: int
    telegram_repeats: int
    unbalanced: int


def outcome(folder: Path, world: World) -> Outcome:
    """As it stands now."""
    pictures, accepted = world.pictures(), list(world.accepted())
    open_ = [request for request in accepted if not pictures[request]]
    failed = _told_failures(folder, world).intersection(open_)
    refused = _refused(world).intersection(open_) - failed - _jobs(folder)
    repeats = {
        platform: sum(n - 1 for (where, _), n in pictures.items() if where == platform)
        for platform in ("telegram", "discord")
    }
    return Outcome(
        accepted=len(accepted),
        lost=len(open_) - len(failed) - len(refused),
        failed=len(failed),
        refused=len(refused),
        charged_wrongly=len(_rows(folder, _CHARGES)),
        stuck=len(_rows(folder, "SELECT id FROM jobs WHERE told = 0")),
        discord_duplicates=repeats["discord"],
        telegram_repeats=repeats["telegram"],
        unbalanced=len(_rows(folder, _SUMS)),
    )


def _told_failures(folder: Path, world: World) -> set[tuple[str, str]]:
    """Requests whose report number stands in a chat."""
    texts = world.texts()
    rows = _rows(folder, "SELECT platform, request_key, json_extract(failure, '$.incident')"
                         " FROM jobs WHERE state = 'failed'")  # fmt: skip
    return {(platform, key) for platform, key, incident in rows if incident and incident in texts}


def _refused(world: World) -> set[tuple[str, str]]:
    """Requests that were answered with the sentence about the full disk."""
    sentences = {say(phrase("store-unavailable"), language) for language in ("en", "zh")}
    return {request for request, text in world.answers() if text in sentences}


def _jobs(folder: Path) -> set[tuple[str, str]]:
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
