"""Chats, operators and small facts that outlive a restart."""

import time
from dataclasses import dataclass

from bot.audit import Audit
from bot.database import Database, Result, Transaction, Work
from bot.domain import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat the bot was used in."""

    platform: Platform
    chat_id: str
    title: str
    approved: bool
    asked_at: float
    told: bool


class Settings:
    """What members and operators have settled by command."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._operators: frozenset[str] | None = None

    async def fact(self, name: str) -> str | None:
        """A stored value, or None."""
        row = await self._database.row("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    async def set_fact(self, name: str, value: str) -> None:
        """Store a value under a name."""
        async with self._database.transaction() as t:
            await t.run(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?2",
                (name, value),
            )

    async def own_accounts(self) -> frozenset[str]:
        """The bot's own accounts (`telegram:123`), as far as the platforms have told them."""
        rows = await self._database.rows("SELECT value FROM facts WHERE name LIKE 'own:%'")
        return frozenset(row["value"] for row in rows)

    async def operators(self) -> frozenset[str]:
        """Accounts (`telegram:123`) that claimed the bot."""
        if self._operators is None:  # asked with every request; nobody claims in another process
            rows = await self._database.rows("SELECT account FROM operators")
            self._operators = frozenset(row["account"] for row in rows)
        return self._operators

    async def claim(self, account: str) -> None:
        """Make `account` an operator and burn the one-time code, in one transaction."""
        async with self._database.transaction() as t:
            await t.run(
                "INSERT INTO operators VALUES (?, ?) ON CONFLICT DO NOTHING",
                (account, time.time()),
            )
            await t.run("DELETE FROM facts WHERE name = 'claim_code'")
            await Audit.record(
                t, account=account, act="claim", target=account, before="", after="operator"
            )
        self._operators = None

    async def chat(self, platform: Platform, chat_id: str) -> Chat | None:
        """What is known of a chat."""
        row = await self._database.row(
            "SELECT * FROM chats WHERE platform = ? AND chat_id = ?", (platform, chat_id)
        )
        if row is None:
            return None
        return Chat(
            platform=platform,
            chat_id=chat_id,
            title=row["title"],
            approved=bool(row["approved"]),
            asked_at=row["asked_at"],
            told=bool(row["told"]),
        )

    async def together(self, read: Work[Result]) -> Result:
        """Read several things at one moment, in one go."""
        return await self._database.step(read, reading=True)

    @staticmethod
    async def approved(t: Transaction, platform: Platform, chat_id: str) -> bool:
        """Whether an operator has allowed drawing in a chat, by command."""
        row = await t.row(
            "SELECT approved FROM chats WHERE platform = ? AND chat_id = ?", (platform, chat_id)
        )
        return row is not None and bool(row["approved"])

    async def meet(self, platform: Platform, chat_id: str, title: str) -> bool:
        """Note an unapproved chat; True the first time, so that it is told once who can approve."""
        async with self._database.transaction() as t:
            rows = await t.rows(
                "INSERT INTO chats (platform, chat_id, title, approved, asked_at, told)"
                " VALUES (?, ?, ?, 0, ?, 1) ON CONFLICT (platform, chat_id)"
                " DO UPDATE SET told = 1 WHERE told = 0 RETURNING 1",
                (platform, chat_id, title, time.time()),
            )
            return bool(rows)

    async def approve(
        self, platform: Platform, chat_id: str, approved: bool, account: str
    ) -> bool | None:
        """Allow or disallow drawing in a chat; the state before (None: unknown chat)."""
        async with self._database.transaction() as t:
            row = await t.row(
                "SELECT approved FROM chats WHERE platform = ? AND chat_id = ?",
                (platform, chat_id),
            )
            before = None if row is None else bool(row["approved"])
            await t.run(
                "INSERT INTO chats (platform, chat_id, title, approved, asked_at)"
                " VALUES (?, ?, '', ?, ?) ON CONFLICT (platform, chat_id)"
                " DO UPDATE SET approved = ?3, asked_at = ?4",
                (platform, chat_id, approved, time.time()),
            )
            await Audit.record(
                t,
                account=account,
                act="chat",
                target=f"{platform}:{chat_id}",
                chat=f"{platform}:{chat_id}",
                before="unknown" if before is None else "allowed" if before else "not allowed",
                after="allowed" if approved else "not allowed",
            )
        return before

    async def chats(self) -> list[Chat]:
        """All chats, unapproved first."""
        rows = await self._database.rows("SELECT * FROM chats ORDER BY approved, asked_at")
        return [
            Chat(
                platform=Platform(r["platform"]),
                chat_id=r["chat_id"],
                title=r["title"],
                approved=bool(r["approved"]),
                asked_at=r["asked_at"],
                told=bool(r["told"]),
            )
            for r in rows
        ]

    async def forget_chat(self, platform: Platform, chat_id: str) -> None:
        """The bot left, or was removed: asked anew if it is ever invited again."""
        async with self._database.transaction() as t:
            await t.run("DELETE FROM chats WHERE platform = ? AND chat_id = ?", (platform, chat_id))

    async def migrate_chat(
        self, platform: Platform, old: str, new: str, *, approved: bool = False
    ) -> None:
        """A Telegram group became a supergroup: its settings and waiting jobs follow.
        `approved`: it may be drawn in, whatever stands here."""
        async with self._database.transaction() as t:
            await t.run(
                "UPDATE OR REPLACE chats SET chat_id = ? WHERE platform = ? AND chat_id = ?",
                (new, platform, old),
            )
            if approved:
                await t.run(
                    "INSERT INTO chats (platform, chat_id, title, approved, asked_at)"
                    " VALUES (?, ?, '', 1, ?) ON CONFLICT DO UPDATE SET approved = 1",
                    (platform, new, time.time()),
                )
            await t.run(
                "UPDATE jobs SET chat_id = ?1,"
                # Messages of the supergroup are numbered anew.
                " reply_to = json_remove(json_set(reply_to, '$.chat_id', ?1), '$.about_id')"
                " WHERE platform = ?2 AND chat_id = ?3",
                (new, platform, old),
            )
