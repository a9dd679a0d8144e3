"""Bans: for a time or for ever, in one chat or everywhere."""

from bot.database import Transaction
from bot.quota.acts import PERSON, Acts, Change, check_chat, check_until, record, until_words
from bot.quota.limits import Ban

_BAN = (
    f"SELECT account, chat, until, reason FROM bans WHERE account IN ({PERSON})"  # noqa: S608 - ours
    " AND chat IN ('', ?2) AND (until IS NULL OR until > ?3)"
    " ORDER BY until IS NOT NULL, until DESC LIMIT 1"
)


class BanActs(Acts):
    """Who may draw nothing."""

    async def ban(
        self,
        account: str,
        until: float | None,
        reason: str,
        *,
        chat: str | None,
        by: str,
        as_operator: bool,
    ) -> Change[Ban | None]:
        """Let nothing be drawn for a member, until a moment or for ever, in a chat or everywhere.

        Raises:
            BadCommand: a moment that has passed.
        """
        check_chat(chat, as_operator)
        now = self._clock()
        check_until(until, now)
        async with self._database.transaction() as t:
            return await store_ban(t, Ban(account, chat or "", until, reason), by=by, now=now)

    async def unban(
        self, account: str, *, chat: str | None, by: str, as_operator: bool
    ) -> Change[Ban | None]:
        """End the ban of a member (and of its linked accounts) in `chat`, or the one everywhere.
        After: what still keeps the member from drawing there. Where there is none, nothing is
        recorded."""
        check_chat(chat, as_operator)
        async with self._database.transaction() as t:
            now = self._clock()
            before = await standing_ban(t, account, chat, now)
            ended = await t.run(
                f"DELETE FROM bans WHERE account IN ({PERSON}) AND chat = ?2"  # noqa: S608 - ours
                " AND (until IS NULL OR until > ?3)",
                (account, chat or "", now),
            )
            change = Change(before, await standing_ban(t, account, chat, now))
            if ended:
                told = Change(_banned(before), _banned(change.after))
                await record(t, by, "unban", account, chat, told)
        return change

    async def banned(self, account: str, chat: str | None) -> Ban | None:
        """What keeps a member from drawing in `chat`, if anything does."""
        row = await self._database.row(_BAN, (account, chat or "", self._clock()))
        return None if row is None else Ban(*row)


async def standing_ban(t: Transaction, account: str, chat: str | None, now: float) -> Ban | None:
    """What keeps a member from drawing in `chat`."""
    row = await t.row(_BAN, (account, chat or "", now))
    return None if row is None else Ban(*row)


async def store_ban(t: Transaction, ban: Ban, *, by: str, now: float) -> Change[Ban | None]:
    """Ban somebody, in the name of `by`; what held before and what holds after."""
    before = await standing_ban(t, ban.account, ban.chat, now)
    await t.run(
        "INSERT INTO bans VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account, chat)"
        " DO UPDATE SET until = ?3, reason = ?4, given_by = ?5, at = ?6",
        (ban.account, ban.chat, ban.until, ban.reason, by, now),
    )
    after = await standing_ban(t, ban.account, ban.chat, now)
    await record(t, by, "ban", ban.account, ban.chat, Change(_banned(before), _banned(after)))
    return Change(before, after)


def _banned(ban: Ban | None) -> str:
    return "none" if ban is None else f"{until_words(ban.until)} {ban.reason}".strip()
