"""Tiers, and accounts that are one person's, set by command."""

import json

from bot.database import Transaction
from bot.errors import BadCommand, UnknownName
from bot.phrase import phrase
from bot.quota.acts import PERSON, Acts, Change, record

_TIER = f"SELECT tier FROM member_tiers WHERE account IN ({PERSON}) ORDER BY at DESC"  # noqa: S608 - ours


class PersonActs(Acts):
    """Which tier a member is in, and which accounts are one person's."""

    async def set_tier(self, account: str, tier: str | None, *, by: str) -> Change[str | None]:
        """Put a member, with all linked accounts, into a tier of the configuration; None: into the
        one that roles say.

        Raises:
            UnknownName: there is no such tier.
        """
        if tier is not None and tier not in self._quota.tiers:
            if not self._quota.tiers:
                raise UnknownName(phrase("tier-none"))
            known = ", ".join(self._quota.tiers)
            raise UnknownName(phrase("tier-unknown", tier=tier[:40], tiers=known))
        async with self._database.transaction() as t:
            row = await t.row(_TIER, (account,))
            change = Change(row["tier"] if row else None, tier)
            linked = await _linked(t, account)
            await t.many("DELETE FROM member_tiers WHERE account = ?", [(a,) for a in linked])
            if tier is not None:
                now = self._clock()
                await t.many(
                    "INSERT INTO member_tiers VALUES (?, ?, ?)", [(a, tier, now) for a in linked]
                )
            await record(
                t,
                by,
                "tier",
                account,
                None,
                Change(change.before or "none", change.after or "none"),
            )
        return change

    async def link(self, one: str, other: str, *, by: str) -> Change[tuple[str, ...]]:
        """Two accounts are one person's: what they use counts together. Before and after: all
        accounts of `one`.

        Raises:
            BadCommand: it is the same account twice.
        """
        if one == other:
            raise BadCommand(phrase("link-same"))
        async with self._database.transaction() as t:
            before = await _linked(t, one)
            row = await t.row("SELECT person FROM links WHERE account = ?", (one,))
            person = row["person"] if row else one
            for account in {*before, *await _linked(t, other)}:
                await t.run(
                    "INSERT INTO links VALUES (?1, ?2)"
                    " ON CONFLICT (account) DO UPDATE SET person = ?2",
                    (account, person),
                )
            change = Change(before, await _linked(t, one))
            await record(t, by, "link", one, None, Change(" ".join(before), " ".join(change.after)))
        return change

    async def unlink(self, account: str, *, by: str) -> Change[tuple[str, ...]]:
        """An account is a person of its own again. Before and after: all accounts of it."""
        async with self._database.transaction() as t:
            before = await _linked(t, account)
            others = [a for a in before if a != account]
            await t.run("DELETE FROM links WHERE account = ?", (account,))
            if len(others) == 1:
                await t.run("DELETE FROM links WHERE account = ?", (others[0],))
            await t.run(
                "UPDATE links SET person = ?1 WHERE account IN (SELECT value FROM json_each(?2))",
                (others[0] if others else "", json.dumps(others)),
            )
            await record(t, by, "unlink", account, None, Change(" ".join(before), account))
        return Change(before, (account,))

    async def linked(self, account: str) -> tuple[str, ...]:
        """All accounts of the person that `account` belongs to, this one among them."""
        rows = await self._database.rows(PERSON, (account,))
        return tuple(sorted(row[0] for row in rows))


async def _linked(t: Transaction, account: str) -> tuple[str, ...]:
    return tuple(sorted(row[0] for row in await t.rows(PERSON, (account,))))
