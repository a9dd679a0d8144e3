"""Refused requests and dropped pictures add up: to a warning, a time-out, a ban.

What counts and how much is `[moderation]`'s to say. The rule that protects minors counts whatever
is set there, everywhere at once, and of its prompts a hash is kept and never the words.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.audit import Audit
from bot.config import ModerationConfig
from bot.database import Database, Transaction
from bot.phrase import Phrase, phrase
from bot.quota.acts import PERSON
from bot.quota.ban_acts import standing_ban, store_ban
from bot.quota.escalation import DAY_S, FIXED_DAYS, Step, of_fixed_rule, of_strikes
from bot.quota.limits import MODERATION, Ban
from bot.quota.prompt_filter import MINORS

log = logging.getLogger(__name__)

PICTURE = "picture"
"""The category of a picture that was dropped."""
MOST_KEPT_CHARS = 1000

_COUNT = (
    f"SELECT count(*) FROM strikes WHERE account IN ({PERSON})"  # noqa: S608  # no text of others
    " AND at > ?2 AND CASE WHEN ?3 = '' THEN category = 'minors'"
    " ELSE chat = ?3 AND category <> 'minors' END"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """What is counted: one request."""

    account: str
    chat: str
    """Where (`telegram:-100`)."""
    key: str
    """The request's; the same one counts once."""
    category: str
    """Of the prompt filter, or `PICTURE`."""
    words: str = ""
    spared: bool = False
    """An operator, whom no ban concerns: only the fixed rule is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """One that was counted, for admins."""

    at: float
    account: str
    chat: str
    category: str
    prompt: str


class Strikes:
    """Counts, and bans in the name of `MODERATION`."""

    def __init__(
        self,
        database: Database,
        config: ModerationConfig,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._config = config
        self._clock = clock

    async def refused(self, offence: Offence) -> tuple[Phrase, ...]:
        """A request was refused; what its member is told besides."""
        if not self._counts(offence):
            return ()

        async def count(t: Transaction) -> tuple[Phrase, ...]:
            return await self.within(t, offence)

        return await self._database.step(count)

    async def within(self, t: Transaction, offence: Offence) -> tuple[Phrase, ...]:
        """The same inside a transaction, for pictures that are dropped."""
        now, is_fixed = self._clock(), offence.category == MINORS
        chat = "" if is_fixed else offence.chat
        if not self._counts(offence):
            return ()
        if not is_fixed and await standing_ban(t, offence.account, chat, now):
            return ()  # who may not draw anyway does not make it worse
        if not await self._note(t, offence):
            return ()
        days = FIXED_DAYS if is_fixed else self._config.strike_days
        row = await t.row(_COUNT, (offence.account, now - days * DAY_S, chat))
        count = row[0] if row else 0
        step = of_fixed_rule(count, self._config) if is_fixed else of_strikes(count, self._config)
        if step.seconds is None:
            return () if is_fixed else (self._warning(step),)
        return await self._ban(t, offence, chat, step.seconds, now)

    async def last(self, limit: int, *, chat: str | None = None) -> list[Strike]:
        """The newest first: all of them, or those of one chat."""
        rows = await self._database.rows(
            "SELECT at, account, chat, category, prompt FROM strikes"
            " WHERE ?1 IS NULL OR chat = ?1 ORDER BY number DESC LIMIT ?2",
            (chat, limit),
        )
        return [Strike(**dict(row)) for row in rows]

    async def tidy(self, now: float) -> None:
        """Forget words and strikes that are older than `[moderation]` says."""
        words = now - self._config.keep_prompts_days * DAY_S
        async with self._database.transaction() as t:
            await t.run("UPDATE strikes SET prompt = '' WHERE prompt <> '' AND at <= ?", (words,))
            await t.run(
                "DELETE FROM strikes WHERE at <= CASE category WHEN 'minors' THEN ?1 ELSE ?2 END",
                (now - FIXED_DAYS * DAY_S, now - self._config.strike_days * DAY_S),
            )

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup."""
        async with self._database.transaction() as t:
            await t.run("UPDATE strikes SET chat = ? WHERE chat = ?", (new, old))

    def _counts(self, offence: Offence) -> bool:
        if offence.category == MINORS:
            return True
        wanted = self._config.strikes_to_timeout and not offence.spared
        return bool(wanted) and offence.category in self._config.strike_categories

    async def _note(self, t: Transaction, offence: Offence) -> bool:
        """False: counted already. It is in the log of admin acts too, without the words."""
        is_fixed = offence.category == MINORS
        is_kept = self._config.keep_prompts_days and not is_fixed
        sha256 = hashlib.sha256(offence.words.encode("utf-8", "replace")).hexdigest()
        noted = await t.run(
            "INSERT INTO strikes (at, account, chat, request_key, category, sha256, prompt)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                self._clock(),
                offence.account,
                offence.chat,
                offence.key,
                offence.category,
                sha256,
                offence.words[:MOST_KEPT_CHARS] if is_kept else "",
            ),
        )
        if noted and is_fixed:
            log.warning("%s: refused by the rule that protects minors: %s", offence.account, sha256)
        if noted:
            await Audit.record(
                t,
                account=MODERATION,
                act="strike",
                target=offence.account,
                before="none",
                after=offence.category,
                chat=offence.chat,
            )
        return bool(noted)

    async def _ban(
        self, t: Transaction, offence: Offence, chat: str, seconds: float, now: float
    ) -> tuple[Phrase, ...]:
        until = None if seconds == float("inf") else now + seconds
        before = await standing_ban(t, offence.account, chat, now)
        holds = before is not None and (
            before.until is None or (until is not None and until <= before.until)
        )
        if offence.spared or holds:
            return ()  # of a ban that holds they are told whenever they ask
        wanted = Ban(offence.account, chat, until, MODERATION)
        await store_ban(t, wanted, by=MODERATION, now=now)
        where = "here" if chat else "everywhere"
        if until is None:
            return (phrase("strike-banned", where=where),)
        return (phrase("strike-timeout", where=where, wait=seconds),)

    def _warning(self, step: Step) -> Phrase:
        return phrase("strike-counted", left=step.left, days=self._config.strike_days)
