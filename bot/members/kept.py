"""Every table of the database and whose its rows are: export and `/privacy` go by this list.

A test holds it against the database, so that no table is forgotten here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.phrase import Phrase, phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One table."""

    by: tuple[str, ...] = ()
    """Columns that hold an account (`telegram:123`); a row is of each account in them."""
    by_user: bool = False
    """The columns `platform` and `user_id` make the account."""
    by_job: bool = False
    """The column `job_id` leads to the account."""
    rowid: bool = True
    """Rows are numbered by SQLite."""
    json: tuple[str, ...] = ()
    """Columns of JSON text."""
    told: str = ""
    """The paragraph of `/privacy` that tells of it; empty: nothing of a member is in it."""


TABLES: Mapping[str, Kept] = {
    "jobs": Kept(
        by=("account",),
        json=("requester", "reply_to", "spec", "notes", "failure"),
        told="privacy-requests",
    ),
    "pictures": Kept(by_job=True, told="privacy-pictures"),
    "messages": Kept(by_job=True, told="privacy-requests"),
    "holds": Kept(by_job=True, told="privacy-pictures"),
    "reports": Kept(by=("account",), told="privacy-reports"),
    "ledger": Kept(by=("account",), told="privacy-credits"),
    "inbox": Kept(told="privacy-inbox"),
    "totals": Kept(by=("account",), rowid=False, told="privacy-credits"),
    "grants": Kept(by=("account",), told="privacy-credits"),
    "grant_uses": Kept(by_job=True, rowid=False, told="privacy-credits"),
    "limits": Kept(by=("account",), rowid=False, told="privacy-credits"),
    "member_tiers": Kept(by=("account",), rowid=False, told="privacy-credits"),
    "links": Kept(by=("account",), rowid=False, told="privacy-credits"),
    "bursts": Kept(by=("account",), rowid=False, told="privacy-credits"),
    "cancels": Kept(by=("account",), rowid=False, told="privacy-credits"),
    "turns": Kept(by=("person",), told="privacy-credits"),
    "bans": Kept(by=("account",), rowid=False, told="privacy-bans"),
    "chats": Kept(told="privacy-chats"),
    "filter_words": Kept(),
    "filter_actions": Kept(),
    "held_prompts": Kept(by_job=True, told="privacy-requests"),
    "strikes": Kept(by=("account",), told="privacy-strikes"),
    "members": Kept(by_user=True, told="privacy-names"),
    "preferences": Kept(by=("owner",), told="privacy-settings"),
    "presets": Kept(by=("account",), told="privacy-presets"),
    "operators": Kept(by=("account",), told="privacy-admin"),
    "facts": Kept(),
    "audit": Kept(by=("account", "target"), told="privacy-admin"),
}


def privacy(*, keep_days: int, keep_gb: float) -> tuple[Phrase, ...]:
    """The answer to `/privacy`."""
    told = dict.fromkeys(kept.told for kept in TABLES.values() if kept.told)
    values: dict[str, str | int | float | Phrase] = {"days": keep_days, "gb": f"{keep_gb:g}"}
    return (
        phrase("privacy-intro"),
        *(Phrase(key, values) for key in told),
        phrase("privacy-log"),
        phrase("privacy-who"),
        phrase("privacy-forget"),
    )
