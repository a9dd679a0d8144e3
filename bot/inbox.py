"""Raw updates and interactions, committed before the platform is told that we have them."""

import time

from bot.database import Database
from bot.domain import Platform


class Inbox:
    """What was received and not yet handled survives a kill; the same key is taken once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, platform: Platform, key: str, raw: str) -> bool:
        """Keep `raw`; False when this key is known already."""
        async with self._database.transaction() as t:
            return bool(
                await t.run(
                    "INSERT INTO inbox (platform, key, raw, received_at) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (platform, key, raw, time.time()),
                )
            )

    async def settle(self, platform: Platform, key: str) -> None:
        """It is handled. The text is dropped, the key stays so that a repeat is known."""
        async with self._database.transaction() as t:
            await t.run(
                "UPDATE inbox SET settled = 1, raw = '' WHERE platform = ? AND key = ?",
                (platform, key),
            )

    async def set_aside(self, platform: Platform, key: str, why: str) -> None:
        """It cannot be handled: kept with the reason, out of the way of the rest."""
        async with self._database.transaction() as t:
            await t.run(
                "UPDATE inbox SET set_aside = ? WHERE platform = ? AND key = ?",
                (why[:500], platform, key),
            )

    async def waiting(self, platform: Platform) -> list[tuple[str, str]]:
        """Key and raw text of all that is neither settled nor set aside, oldest first."""
        rows = await self._database.rows(
            "SELECT key, raw FROM inbox"
            " WHERE platform = ? AND settled = 0 AND set_aside IS NULL ORDER BY number",
            (platform,),
        )
        return [(row["key"], row["raw"]) for row in rows]

    async def forget_before(self, moment: float, *, set_aside: float) -> None:
        """Drop what was settled before `moment`, for platforms repeat updates for a day at most;
        and what was put aside before the moment `set_aside`."""
        async with self._database.transaction() as t:
            await t.run("DELETE FROM inbox WHERE settled = 1 AND received_at < ?", (moment,))
            await t.run(
                "DELETE FROM inbox WHERE set_aside IS NOT NULL AND received_at < ?", (set_aside,)
            )
