"""Whether a member may ask now, and who pays: an allowance becomes a plan or a refusal (pure).

A refusal names the limit, and the moment from which on the request would be taken.
"""

from collections.abc import Sequence
from math import ceil

from bot.errors import NotPermitted, QuotaExceeded
from bot.phrase import Phrase, phrase
from bot.quota.allowance import Allowance
from bot.quota.limits import UNLIMITED, Bound, Part, divide, own_left, reason_words
from bot.quota.price import as_credits
from bot.quota.windows import Clockface, day_of
from bot.replies.amounts import credit_words
from bot.spec import RenderSpec, passes


def admit(allowance: Allowance, costs: Sequence[int]) -> list[Part]:
    """What pays for pictures of these costs (millicredits).

    Raises:
        NotPermitted: the member is banned here.
        QuotaExceeded: too fast, in a cooldown, or beyond a limit.
    """
    check_pace(allowance)
    parts = divide(costs, own_left(allowance.bounds), allowance.grants)
    short = allowance.short(sum(costs))
    if short is not None:
        raise QuotaExceeded(_too_much(allowance, short, sum(costs)))
    if parts is None:
        raise AssertionError("what fits into every limit can be paid")
    return parts


def check_pace(allowance: Allowance) -> None:
    """The part that does not depend on the price.

    Raises:
        NotPermitted: the member is banned here.
        QuotaExceeded: too fast, or in a cooldown.
    """
    clock = allowance.clock
    if (ban := allowance.ban) is not None:
        words = phrase("ban-no-reason")
        if ban.reason:
            words = phrase("ban-reason", reason=reason_words(ban.reason))
        where = "here" if ban.chat else "everywhere"
        if ban.until is None:
            raise NotPermitted(phrase("banned-forever", where=where, reason=words))
        raise NotPermitted(
            phrase("banned", where=where, reason=words, **_time_until(clock, ban.until))
        )
    if allowance.cooldown_until > clock.moment:
        raise QuotaExceeded(phrase("cooldown", **_time_until(clock, allowance.cooldown_until)))
    if allowance.opens_at > clock.moment:
        raise QuotaExceeded(phrase("too-fast", **_time_until(clock, allowance.opens_at)))


def price_words(allowance: Allowance, spec: RenderSpec, cost: int) -> Phrase:
    """What `spec` would cost at `cost` millicredits a picture, and what the member has."""
    if allowance.left >= UNLIMITED:
        left = phrase("price-unlimited")
    elif allowance.short(cost * spec.count) is not None:
        left = phrase("price-short", left=credit_words(allowance.left))
    else:
        left = phrase("price-left", left=credit_words(allowance.left))
    width, height = spec.final_size
    return phrase(
        "price",
        cost=credit_words(cost * spec.count),
        count=spec.count,
        size=f"{width}×{height}",
        steps=sum(p.steps for p in passes(spec)),
        left=left,
    )


def moment_words(moment: float, clock: Clockface) -> Phrase:
    """`14:05`, or `23 Nov 2026, 14:05` on another day, in the quota's time zone; never earlier."""
    minute = ceil(moment / 60) * 60
    is_today = day_of(minute, clock.timezone) == clock.day
    return phrase("clock" if is_today else "date", at=minute, zone=clock.timezone)


def _time_until(clock: Clockface, moment: float) -> dict[str, float | Phrase]:
    return {"wait": moment - clock.moment, "at": moment_words(moment, clock)}


def _too_much(allowance: Allowance, bound: Bound, cost: int) -> Phrase:
    about: dict[str, str | Phrase] = {
        "scope": bound.scope,
        "window": bound.window,
        "cost": credit_words(cost),
        "limit": credit_words(bound.limit),
    }
    grants = allowance.granted if bound.grants_help else 0
    if cost > bound.limit + grants:
        return phrase("quota-too-large", **about)
    left = as_credits(allowance.left_of(bound))
    return phrase(
        "quota-exceeded", left=left, **about, **_time_until(allowance.clock, bound.resets_at)
    )
