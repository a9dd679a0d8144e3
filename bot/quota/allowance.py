"""What a member may still draw: limits, grants, bans and pauses, of one moment.

Limits are what the operator and the chat's admins have said by command, else what the member's
tier says, else `[quota]`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.config import Config, TierConfig
from bot.database import Database, Transaction
from bot.quota.bounds import Rules, tier_of
from bot.quota.entitlement import Entitlement, entitlement_of
from bot.quota.gcra import Rate
from bot.quota.limits import UNLIMITED, Ban, Bound, Grant, Member, own_left, shared_left
from bot.quota.windows import Clockface

HOUR_S = 3600.0
_NO_TIER = TierConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one member may do in one chat at one moment."""

    member: Member
    clock: Clockface
    person: str = ""
    """The same for all linked accounts of a person: the key of the fair queue."""
    accounts: tuple[str, ...] = ()
    """All linked accounts, this one among them."""
    tier: str = ""
    weight: float = 1.0
    waiting: int = UNLIMITED
    """How many of the person's requests may wait."""
    bounds: tuple[Bound, ...] = ()
    grants: tuple[Grant, ...] = ()
    """In the order in which they are used: what expires first comes first."""
    ban: Ban | None = None
    opens_at: float = 0.0
    """From when on burst control lets the next request in."""
    arrival: float = 0.0
    """What burst control keeps, once this request has come."""
    cooldown_until: float = 0.0

    @property
    def granted(self) -> int:
        """What all grants together have left."""
        return sum(g.left for g in self.grants)

    @property
    def left(self) -> int:
        """The most that a request may cost now; `UNLIMITED` where nothing limits it."""
        return min(shared_left(self.bounds), own_left(self.bounds) + self.granted, UNLIMITED)

    def left_of(self, bound: Bound) -> int:
        """What `bound` leaves, grants included where they help."""
        return bound.left + (self.granted if bound.grants_help else 0)

    def short(self, cost: int) -> Bound | None:
        """The limit that `cost` does not fit into; of several, the one that resets last."""
        failing = [b for b in self.bounds if cost > self.left_of(b)]
        return max(failing, key=lambda b: (b.resets_at, -b.left), default=None)


class Allowances:
    """Reads what members may still draw."""

    def __init__(self, database: Database, config: Config) -> None:
        self._database = database
        self._waiting = config.limits.waiting_per_user
        self._quota = quota = config.quota
        self._rules = Rules(quota)
        self._rate = (
            None if quota.per_minute == "unlimited" else Rate(quota.per_minute, quota.burst)
        )

    async def of(self, member: Member, moment: float | None = None) -> Allowance:
        """The allowance at `moment` (seconds since 1970; None: now)."""
        read = partial(self.within, member=member, moment=moment)
        return await self._database.step(read, reading=True)

    async def within(
        self, t: Transaction, member: Member, moment: float | None = None
    ) -> Allowance:
        """The same inside a transaction."""
        clock = Clockface(time.time() if moment is None else moment, self._quota.timezone)
        known = await entitlement_of(t, member, clock, self._quota.cancels_per_hour + 1)
        name = tier_of(member, known.tier, self._quota.tiers)
        tier = self._quota.tiers.get(name, _NO_TIER)
        allowance = Allowance(
            member=member,
            clock=clock,
            person=known.person,
            accounts=known.accounts,
            tier=name,
            weight=tier.weight,
            waiting=tier.waiting_per_user or self._waiting,
            bounds=self._rules.bounds(member, tier, clock, known.limits, known.totals),
        )
        return allowance if member.unlimited else self._restrain(allowance, known)

    def _restrain(self, allowance: Allowance, known: Entitlement) -> Allowance:
        """Add what does not concern operators."""
        now = allowance.clock.moment
        return replace(
            allowance,
            grants=known.grants,
            ban=known.bans[0] if known.bans else None,
            opens_at=self._rate.opens_at(known.arrival, now) if self._rate else 0.0,
            arrival=self._rate.after(known.arrival, now) if self._rate else 0.0,
            cooldown_until=self._cooldown(known.cancels),
        )

    @staticmethod
    async def came(t: Transaction, allowance: Allowance) -> None:
        """Note for burst control that a request has come."""
        if allowance.arrival:
            await t.run(
                "INSERT INTO bursts VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET arrival = ?2",
                (allowance.member.account, allowance.arrival),
            )

    @staticmethod
    async def stopped(t: Transaction, account: str, job_id: str, moment: float) -> None:
        """Note for the cooldown that a member has stopped a request that was being drawn."""
        await t.run("INSERT INTO cancels VALUES (?, ?, ?)", (account, moment, job_id))

    def _cooldown(self, cancels: Sequence[float]) -> float:
        """`cancels`: the newest, one more than may be within an hour."""
        within = len(cancels) > self._quota.cancels_per_hour and cancels[0] - cancels[-1] <= HOUR_S
        return cancels[0] + self._quota.cooldown_s if within else 0.0
