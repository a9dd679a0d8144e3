"""Acts on members: grant, ban, unban, tier, link, unlink. Each answers before and after."""

import time
from collections.abc import Awaitable, Callable

from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.admin.wording import ban, until
from bot.errors import BadCommand, NotPermitted
from bot.phrase import Phrase, phrase
from bot.quota.accounts import Accounts, Change
from bot.quota.limits import Ban
from bot.quota.price import as_credits
from bot.replies.amounts import credit_words

_NO_TIER = ("default", "none", "默认", "无")
_NOT_TO_ONESELF = frozenset(("quota", "grant", "ban", "unban", "tier"))

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class MemberActs:
    """Carries out what admins settle about members and their credits."""

    def __init__(
        self,
        accounts: Accounts,
        own_accounts: Callable[[], Awaitable[frozenset[str]]],
        operators: Callable[[], Awaitable[frozenset[str]]],
        timezone: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._own_accounts = own_accounts
        self._operators = operators
        self._timezone = timezone
        self._clock = clock
        self.acts: dict[str, Act] = {
            "grant": self._grant,
            "ban": self._ban,
            "unban": self._unban,
            "tier": self._tier,
            "link": self._link,
            "unlink": self._unlink,
        }

    async def check(self, asked: Asked, caller: Caller) -> None:
        """Nobody acts on themselves, nor on this bot; a chat's admins not on its operators. Looking
        is free.

        Raises:
            BadCommand, NotPermitted: they would.
        """
        own = await self._own_accounts()
        if any(account in own for account in asked.members):
            raise BadCommand(phrase("admin-not-me"))
        is_looking = asked.act.name == "quota" and not asked.limits
        if asked.act.name in _NOT_TO_ONESELF and asked.members and not is_looking:
            same = await self._accounts.linked(asked.members[0])
            if caller.account in same:
                raise BadCommand(phrase("admin-not-yourself"))
            if not caller.operator and not (await self._operators()).isdisjoint(same):
                raise NotPermitted(phrase("admin-not-operators"))

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup."""
        await self._accounts.chat_moved(old, new)

    # Grants and bans -------------------------------------------------------------------------

    async def _grant(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,), chat = asked.members, caller.scope(asked)
        ends = self._moment(asked.seconds)
        change = await self._accounts.grant(
            member,
            asked.credits,
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
                credits=credit_words(asked.credits),
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
