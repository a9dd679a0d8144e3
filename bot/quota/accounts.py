"""What operators and a chat's admins settle about members' credits."""

from bot.quota.acts import Change
from bot.quota.ban_acts import BanActs
from bot.quota.limit_acts import LimitActs
from bot.quota.person_acts import PersonActs

__all__ = ["Accounts", "Change"]


class Accounts(LimitActs, BanActs, PersonActs):
    """Limits, grants, bans, tiers and links."""

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup: its limits, grants, bans and sums follow. Doing
        it again changes nothing."""
        async with self._database.transaction() as t:
            await t.run("UPDATE ledger SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run(
                "INSERT INTO totals SELECT slot, account, ?2, used FROM totals WHERE chat = ?1"
                " ON CONFLICT (slot, account, chat) DO UPDATE SET used = used + excluded.used",
                (old, new),
            )
            await t.run("DELETE FROM totals WHERE chat = ?", (old,))
            await t.run("UPDATE grants SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run("UPDATE audit SET chat = ?2 WHERE chat = ?1", (old, new))
            # What was settled under the new name already is newer.
            await t.run("UPDATE OR IGNORE limits SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run("DELETE FROM limits WHERE chat = ?", (old,))
            await t.run("UPDATE OR IGNORE bans SET chat = ?2 WHERE chat = ?1", (old, new))
            await t.run("DELETE FROM bans WHERE chat = ?", (old,))
