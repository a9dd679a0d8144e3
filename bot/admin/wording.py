"""Before and after, in words."""

from collections.abc import Sequence

from bot.phrase import Phrase, phrase
from bot.quota.limits import UNLIMITED, Amount, Ban, reason_words
from bot.quota.price import as_credits


def amounts(limits: Sequence[Amount]) -> Phrase:
    """`50 a day and 20 an hour`; none at all is the default."""
    if not limits:
        return phrase("admin-limit-default")
    first, *more = (_amount(limit) for limit in limits)
    return phrase("admin-limits", day=first, hour=more[0]) if more else first


def _amount(limit: Amount) -> Phrase:
    if limit.millicredits >= UNLIMITED:
        return phrase("admin-limit-none", window=limit.window)
    return phrase("admin-limit", credits=as_credits(limit.millicredits), window=limit.window)


def ban(found: Ban | None, now: float, timezone: str) -> Phrase:
    """`not banned`, or until when and why."""
    if found is None:
        return phrase("admin-free")
    ends = until(found.until, now, timezone)
    if not found.reason:
        return phrase("admin-banned-state", until=ends)
    return phrase("admin-banned-why", until=ends, reason=reason_words(found.reason))


def until(moment: float | None, now: float, timezone: str) -> Phrase:
    """`until 23 Nov 2026, 08:50 (2 d)`, or `for ever`."""
    if moment is None:
        return phrase("admin-forever")
    return phrase("admin-until", moment=stamp(moment, timezone), left=max(0.0, moment - now))


def stamp(moment: float, timezone: str) -> Phrase:
    """`23 Nov 2026, 08:50` in the time zone of the quotas."""
    return phrase("date", at=moment, zone=timezone)
