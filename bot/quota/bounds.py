"""Which limits hold for a member: by command, else by tier, else by configuration (pure)."""

from collections.abc import Iterable, Mapping
from typing import Literal

from bot.config import QuotaConfig, TierConfig
from bot.quota.limits import UNLIMITED, Bound, Member, Scope
from bot.quota.price import CREDIT
from bot.quota.windows import PERIODS, Clockface, Period

Said = tuple[str, str, Period, bool, int]
"""A limit by command: account, chat, window, whether an operator said it, millicredits."""
Totals = Mapping[tuple[str, bool, str], int]
"""What is used, by slot, whether of everybody (else of one person), and chat."""


def millicredits(limit: float | Literal["unlimited"]) -> int:
    """A limit of the configuration, which counts credits."""
    return UNLIMITED if limit == "unlimited" else round(limit * CREDIT)


def tier_of(member: Member, said: str | None, tiers: Mapping[str, TierConfig]) -> str:
    """The name of the member's tier: by command, else the first one whose role fits, else ""."""
    if said is not None and said in tiers:
        return said
    admin = member.is_chat_admin and member.account.startswith("telegram:")
    for name, tier in tiers.items():
        by_role = not set(member.roles).isdisjoint(tier.discord_roles)
        if by_role or (admin and tier.telegram_admins):
            return name
    return ""


class Rules:
    """The limits of one configuration."""

    def __init__(self, quota: QuotaConfig) -> None:
        self._own = {
            "day": millicredits(quota.credits_per_day),
            "hour": millicredits(quota.credits_per_hour),
        }
        self._chat = {
            "day": millicredits(quota.chat_credits_per_day),
            "hour": millicredits(quota.chat_credits_per_hour),
        }
        self._all = {
            "day": millicredits(quota.total_credits_per_day),
            "hour": millicredits(quota.total_credits_per_hour),
        }

    def bounds(
        self,
        member: Member,
        tier: TierConfig,
        clock: Clockface,
        said: Iterable[Said],
        totals: Totals,
    ) -> tuple[Bound, ...]:
        """One for each scope and window, unlimited ones among them. `said`: oldest first."""
        most = {(account == "", *rest): limit for account, *rest, limit in said}
        bounds = []
        for window in PERIODS:
            slot, resets_at = clock.slot(window), clock.resets_at(window)
            for scope in Scope:
                shared = scope in (Scope.CHAT, Scope.ALL)
                chat = member.chat if scope in (Scope.MEMBER, Scope.CHAT) else ""
                limit = most.get((shared, chat, window, True))
                if limit is None:
                    limit = self._configured(scope, window, tier)
                limit = min(limit, most.get((shared, chat, window, False), UNLIMITED))
                if member.unlimited or (member.private and scope is Scope.CHAT):
                    limit = UNLIMITED
                bounds.append(
                    Bound(
                        scope=scope,
                        window=window,
                        slot=slot,
                        limit=limit,
                        used=totals.get((slot, shared, chat), 0),
                        resets_at=resets_at,
                    )
                )
        return tuple(bounds)

    def _configured(self, scope: Scope, window: Period, tier: TierConfig) -> int:
        match scope:
            case Scope.PERSON:
                of_tier = tier.credits_per_day if window == "day" else tier.credits_per_hour
                return self._own[window] if of_tier is None else millicredits(of_tier)
            case Scope.MEMBER:
                return UNLIMITED
            case Scope.CHAT:
                return self._chat[window]
            case Scope.ALL:
                return self._all[window]
