"""`/admin quota`: limits of a member, a chat, or everybody; with no amount, what holds now."""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator

from bot.admin.amounts import Limit
from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.admin.wording import amounts, ban
from bot.config import QuotaConfig
from bot.phrase import Phrase, phrase
from bot.quota.accounts import Accounts, Change
from bot.quota.allowance import Allowance, Allowances
from bot.quota.gate import moment_words
from bot.quota.limits import UNLIMITED, Amount, Member, Scope
from bot.quota.price import as_credits
from bot.quota.standing import grants
from bot.quota.windows import PERIODS

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class QuotaActs:
    """Sets limits, and tells them."""

    def __init__(
        self,
        accounts: Accounts,
        allowances: Allowances,
        operators: Callable[[], Awaitable[frozenset[str]]],
        quota: QuotaConfig,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._allowances = allowances
        self._operators = operators
        self._quota = quota
        self._clock = clock
        self.acts: dict[str, Act] = {
            "quota": self._of_member,
            "quota-chat": self._of_chat,
            "quota-all": self._of_all,
        }

    async def _of_member(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        (member,), chat = asked.members, caller.scope(asked)
        where = caller.where(chat)
        if not asked.limits:
            title = phrase(
                "admin-quota-is", member=member, where=where, said=await self._said(asked, caller)
            )
            return (title, *await self._standing(member, chat))
        change = await self._set(member, asked.limits, chat, caller)
        before, after = amounts(change.before), amounts(change.after)
        changed = phrase(
            "admin-quota-changed", member=member, where=where, before=before, after=after
        )
        return (changed, *await self._still_holds(member, chat, change.after, caller))

    async def _of_chat(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.chat(asked)
        where = caller.where(chat)
        if not asked.limits:
            said = await self._said(asked, caller)
            title = phrase("admin-quota-chat-is", where=where, said=said)
            return (title, *await self._shared(caller, chat, Scope.CHAT))
        change = await self._set(None, asked.limits, chat, caller)
        before, after = amounts(change.before), amounts(change.after)
        return (phrase("admin-quota-chat-changed", where=where, before=before, after=after),)

    async def _of_all(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        if not asked.limits:
            title = phrase("admin-quota-all-is", said=await self._said(asked, caller))
            return (title, *await self._shared(caller, None, Scope.ALL))
        change = await self._set(None, asked.limits, None, caller)
        before, after = amounts(change.before), amounts(change.after)
        return (phrase("admin-quota-all-changed", before=before, after=after),)

    async def _set(
        self, member: str | None, limits: Iterable[Limit], chat: str | None, caller: Caller
    ) -> Change[tuple[Amount, ...]]:
        wanted = [amount for limit in limits for amount in _amounts(limit)]
        return await self._accounts.set_limit(
            member, *wanted, chat=chat, by=caller.account, as_operator=caller.operator
        )

    # Telling ---------------------------------------------------------------------------------

    async def _said(self, asked: Asked, caller: Caller) -> Phrase:
        """What the caller, or another of the same rank, has set by command."""
        member = next(iter(asked.members), None)
        chat = None if asked.act.name == "quota-all" else caller.scope(asked)
        return amounts(await self._accounts.limits(member, chat=chat, as_operator=caller.operator))

    async def _standing(self, member: str, chat: str | None) -> tuple[Phrase, ...]:
        """All that limits a member there, whoever has said it."""
        linked = await self._accounts.linked(member)
        about = Member(
            account=member,
            chat=chat or "",
            unlimited=not (await self._operators()).isdisjoint(linked),
        )
        allowance = await self._allowances.of(about, self._clock())
        scopes = (Scope.PERSON,) if chat is None else (Scope.PERSON, Scope.MEMBER)
        lines = [*_left(allowance, scopes), *grants(allowance)]
        if allowance.ban is not None:
            words = ban(allowance.ban, allowance.clock.moment, self._quota.timezone)
            lines.append(phrase("admin-quota-ban", ban=words))
        if allowance.tier:
            lines.append(phrase("admin-quota-tier", tier=allowance.tier))
        elif any(t.discord_roles or t.telegram_admins for t in self._quota.tiers.values()):
            lines.append(phrase("admin-quota-roles"))
        return tuple(lines)

    async def _shared(self, caller: Caller, chat: str | None, scope: Scope) -> tuple[Phrase, ...]:
        about = Member(account=caller.account, chat=chat or "")
        return tuple(_left(await self._allowances.of(about, self._clock()), (scope,)))

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


def _left(allowance: Allowance, scopes: tuple[Scope, ...]) -> Iterator[Phrase]:
    """What is left of each limit; one line where there is none."""
    bounds = [b for b in allowance.bounds if b.scope in scopes and b.limit < UNLIMITED]
    if not bounds:
        yield phrase("admin-quota-free")
    for bound in bounds:
        yield phrase(
            "admin-quota-left",
            scope=bound.scope,
            window=bound.window,
            left=as_credits(bound.left),
            limit=as_credits(bound.limit),
            at=moment_words(bound.resets_at, allowance.clock),
        )


def _amounts(limit: Limit) -> tuple[Amount, ...]:
    """One for each window; none where the default comes back."""
    if limit.is_default:
        return ()
    most = UNLIMITED if limit.unlimited else limit.millicredits
    return tuple(Amount(most, window) for window in PERIODS if window in limit.windows)
