"""Acts on members: quota, grant, ban, unban, tier, link, unlink. Each answers before and after."""

import time
from collections.abc import Awaitable, Callable

from bot.admin.amounts import Limit
from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.admin.wording import amounts, ban, until
from bot.errors import BadCommand, NotPermitted
from bot.phrase import Phrase, phrase
from bot.quota.accounts import Accounts, Change
from bot.quota.allowance import Allowances
from bot.quota.limits import UNLIMITED, Amount, Ban, Member, Scope
from bot.quota.price import as_credits
from bot.quota.windows import PERIODS
from bot.replies.amounts import credit_words

_NO_TIER = ("default", "none", "默认", "无")
_NOT_TO_ONESELF = frozenset(("quota", "grant", "ban", "unban", "tier"))

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class MemberActs:
    """Carries out what admins settle about members and their credits."""

    def __init__(
        self,
        accounts: Accounts,
        allowances: Allowances,
        own_accounts: Callable[[], Awaitable[frozenset[str]]],
        operators: Callable[[], Awaitable[frozenset[str]]],
        timezone: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._allowances = allowances
        self._own_accounts = own_accounts
        self._operators = operators
        self._timezone = timezone
        self._clock = clock
        self.acts: dict[str, Act] = {
            "quota": self._quota,
            "quota-chat": self._quota_chat,
            "quota-all": self._quota_all,
            "grant": self._grant,
            "ban": self._ban,
            "unban": self._unban,
            "tier": self._tier,
            "link": self._link,
            "unlink": self._unlink,
        }

    async def check(self, asked: Asked, caller: Caller) -> None:
        """Nobody acts on themselves, nor on this bot; a chat's admins not on its operators.

        Raises:
            BadCommand, NotPermitted: they would.
        """
        own = await self._own_accounts()
        if any(account in own for account in asked.members):
            raise BadCommand(phrase("admin-not-me"))
        if asked.act.name in _NOT_TO_ONESELF and asked.members:
            same = await self._accounts.linked(asked.members[0])
            if caller.account in same:
                raise BadCommand(phrase("admin-not-yourself"))
            if not caller.operator and not (await self._operators()).isdisjoint(same):
                raise NotPermitted(phrase("admin-not-operators"))

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup."""
        await self._accounts.chat_moved(old, new)

    # Limits ----------------------------------------------------------------------------------

    async def _quota(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,), chat = asked.members, caller.scope(asked)
        change = await self._limit(member, asked.limit, chat, caller)
        changed = phrase(
            "admin-quota-changed",
            member=member,
            where=caller.where(chat),
            before=amounts(change.before),
            after=amounts(change.after),
        )
        return (changed, *await self._still_holds(member, chat, change.after, caller))

    async def _quota_chat(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.chat(asked)
        change = await self._limit(None, asked.limit, chat, caller)
        return (
            phrase(
                "admin-quota-chat-changed",
                where=caller.where(chat),
                before=amounts(change.before),
                after=amounts(change.after),
            ),
        )

    async def _quota_all(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        change = await self._limit(None, asked.limit, None, caller)
        return (
            phrase(
                "admin-quota-all-changed",
                before=amounts(change.before),
                after=amounts(change.after),
            ),
        )

    async def _limit(
        self, member: str | None, limit: Limit, chat: str | None, caller: Caller
    ) -> Change[tuple[Amount, ...]]:
        changes = [
            await self._accounts.set_limit(
                member, amount, chat=chat, by=caller.account, as_operator=caller.operator
            )
            for amount in _said(limit)
        ]
        return Change(changes[0].before, changes[-1].after)

    async def _still_holds(
        self, member: str, chat: str | None, after: tuple[Amount, ...], caller: Caller
    ) -> tuple[Phrase, ...]:
        """What a limit in one chat cannot lift: the member's limit everywhere."""
        if chat is None:
            return ()
        allowance = await self._allowances.of(Member(account=member, chat=chat), self._clock())
        person = {b.window: b.limit for b in allowance.bounds if b.scope is Scope.PERSON}
        lower = tuple(
            Amount(person[a.window], a.window) for a in after if person[a.window] < a.millicredits
        )
        if not lower:
            return ()
        who = "operator" if caller.operator else "admin"
        return (phrase("admin-quota-still", limit=amounts(lower), who=who),)

    # Grants and bans -------------------------------------------------------------------------

    async def _grant(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,), chat = asked.members, caller.scope(asked)
        ends = self._moment(asked.seconds)
        change = await self._accounts.grant(
            member,
            asked.limit.millicredits,
            ends,
            chat=chat,
            by=caller.account,
            as_operator=caller.operator,
            reason=asked.reason,
        )
        return (
            phrase(
                "admin-granted",
                member=member,
                where=caller.where(chat),
                credits=credit_words(asked.limit.millicredits),
                until=until(ends, self._clock(), self._timezone),
                before=as_credits(change.before),
                after=as_credits(change.after),
            ),
        )

    async def _ban(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,), chat = asked.members, caller.scope(asked)
        change = await self._accounts.ban(
            member,
            self._moment(asked.seconds),
            asked.reason,
            chat=chat,
            by=caller.account,
            as_operator=caller.operator,
        )
        return (self._changed("admin-banned", member, caller.where(chat), change),)

    async def _unban(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,), chat = asked.members, caller.scope(asked)
        change = await self._accounts.unban(
            member, chat=chat, by=caller.account, as_operator=caller.operator
        )
        if change.before is None:
            return (phrase("admin-not-banned", member=member, where=caller.where(chat)),)
        lines = (self._changed("admin-unbanned", member, caller.where(chat), change),)
        return lines if change.after is None else (*lines, phrase("admin-still-banned"))

    def _changed(self, key: str, member: str, where: Phrase, change: Change[Ban | None]) -> Phrase:
        now = self._clock()
        before, after = (ban(b, now, self._timezone) for b in (change.before, change.after))
        return Phrase(key, {"member": member, "where": where, "before": before, "after": after})

    def _moment(self, seconds: float | None) -> float | None:
        return None if seconds is None else self._clock() + seconds

    # Tiers and links -------------------------------------------------------------------------

    async def _tier(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,) = asked.members
        tier = None if asked.word.lower() in _NO_TIER else asked.word
        change = await self._accounts.set_tier(member, tier, by=caller.account)
        no_tier = phrase("admin-no-tier")
        return (
            phrase(
                "admin-tier-changed",
                member=member,
                before=change.before or no_tier,
                after=change.after or no_tier,
            ),
        )

    async def _link(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        change = await self._accounts.link(*asked.members, by=caller.account)
        return (_linked(change),)

    async def _unlink(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,) = asked.members
        if await self._accounts.linked(member) == (member,):
            return (phrase("admin-not-linked", member=member),)
        return (_linked(await self._accounts.unlink(member, by=caller.account)),)


def _linked(change: Change[tuple[str, ...]]) -> Phrase:
    before, after = (" + ".join(accounts) for accounts in (change.before, change.after))
    return phrase("admin-links-changed", before=before, after=after)


def _said(limit: Limit) -> tuple[Amount | None, ...]:
    """`50` is meant by the day; `unlimited` without a window by the day and by the hour."""
    if limit.is_default:
        return (None,)
    if limit.unlimited:
        windows = (limit.window,) if limit.window else PERIODS
        return tuple(Amount(UNLIMITED, window) for window in windows)
    return (Amount(limit.millicredits, limit.window or "day"),)
