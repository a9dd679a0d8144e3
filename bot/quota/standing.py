"""`/quota`: what is left of each limit, when it comes back, and what was granted (pure)."""

from collections.abc import Iterator

from bot.errors import Refusal
from bot.phrase import Phrase, phrase
from bot.quota.allowance import Allowance
from bot.quota.gate import check_pace, moment_words
from bot.quota.limits import UNLIMITED, Grant, Scope
from bot.quota.price import as_credits


def standing(allowance: Allowance) -> tuple[Phrase, ...]:
    """All that limits this member here, and what holds them back just now."""
    try:
        check_pace(allowance)
    except Refusal as refusal:
        return (*refusal.phrases, *_limits(allowance), *grants(allowance))
    if allowance.member.unlimited:
        return (phrase("quota-unlimited", used=as_credits(_used_today(allowance))),)
    limits = tuple(_limits(allowance))
    if not limits:
        limits = (phrase("quota-no-limit", used=as_credits(_used_today(allowance))),)
    tier = (phrase("quota-tier", tier=allowance.tier),) if allowance.tier else ()
    return (*limits, *grants(allowance), *tier, phrase("quota-unit"))


def _limits(allowance: Allowance) -> Iterator[Phrase]:
    now = allowance.clock.moment
    for bound in allowance.bounds:
        if bound.limit < UNLIMITED:
            yield phrase(
                "quota-left",
                scope=bound.scope,
                window=bound.window,
                left=as_credits(bound.left),
                limit=as_credits(bound.limit),
                wait=bound.resets_at - now,
                at=moment_words(bound.resets_at, allowance.clock),
            )


def grants(allowance: Allowance) -> Iterator[Phrase]:
    """What was granted, a line each; what ends first comes first."""
    for grant in allowance.grants:
        where = "here" if grant.chat else "everywhere"
        left = as_credits(grant.left)
        yield phrase("quota-grant", left=left, where=where, until=_until(allowance, grant))


def _until(allowance: Allowance, grant: Grant) -> Phrase:
    if grant.until is None:
        return phrase("quota-grant-stays")
    at = moment_words(grant.until, allowance.clock)
    return phrase("quota-grant-until", at=at, wait=grant.until - allowance.clock.moment)


def _used_today(allowance: Allowance) -> int:
    return next(
        (b.used for b in allowance.bounds if b.scope is Scope.PERSON and b.window == "day"), 0
    )
