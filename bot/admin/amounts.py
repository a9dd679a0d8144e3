"""How many credits, as people write it: `50/day`, `20 per hour`, `50/天`, `每小时20` (pure)."""

import math
import re
import unicodedata
from dataclasses import dataclass

from bot.quota.price import CREDIT
from bot.quota.windows import PERIODS, Period

MOST_CREDITS = 1_000_000
"""More than a community can draw: who means no limit says `unlimited`."""

_NUMBER = (
    r"(?P<number>[+-]?(?:(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:e[+-]?\d+)?"
    r"|nan\b|inf\b|infinity\b))"
)
_CREDIT_WORD = r"(?:\s*(?:credits?\b|点额度|点|积分|额度))?"
_WINDOW = r"(?:(?P<day>(?:day|d)\b|天|日)|(?P<hour>(?:hour|hr|h)\b|个?小时|时))"
_EACH = rf"(?:\s*(?:/|\bper\b|\ban?\b|\beach\b|\bevery\b|每一?)\s*{_WINDOW})?"
_END = r"(?=[\s,;、]|$)"
_AFTER = re.compile(rf"{_NUMBER}{_CREDIT_WORD}{_EACH}{_END}", re.IGNORECASE)
_BEFORE = re.compile(rf"[每一]\s*{_WINDOW}\s*{_NUMBER}{_CREDIT_WORD}{_END}", re.IGNORECASE)
_UNLIMITED = re.compile(
    rf"(?:unlimited|no limit|无限制?|不限制?|无上限){_EACH}{_END}", re.IGNORECASE
)
_DEFAULT = re.compile(rf"(?:default|reset|默认|恢复默认){_END}", re.IGNORECASE)


class NotAnAmount(ValueError):
    """What is written where an amount belongs. `key` says what is wrong with it."""

    def __init__(self, key: str, written: str) -> None:
        super().__init__(written)
        self.key = key
        self.written = written


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """An amount that was written. Neither `millicredits` nor `unlimited`: back to the default."""

    millicredits: int = 0
    window: Period | None = None
    """None where none was said."""
    unlimited: bool = False

    @property
    def is_default(self) -> bool:
        """Whether a setting of its own is taken back."""
        return not self.millicredits and not self.unlimited

    @property
    def windows(self) -> frozenset[Period]:
        """For which it holds: an amount of which nothing is said is meant by the day."""
        if self.window is not None:
            return frozenset((self.window,))
        return frozenset(("day",)) if self.millicredits else frozenset(PERIODS)


def take_amount(text: str) -> tuple[Limit, str] | None:
    """The amount at the beginning of `text`, and what follows; None: there is none.

    Raises:
        NotAnAmount: it is one, but negative, zero, less than can be shown, no number, or beyond
            `MOST_CREDITS`.
    """
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").strip()
    if found := _DEFAULT.match(folded):
        return Limit(), folded[found.end() :].lstrip()
    if found := _UNLIMITED.match(folded):
        return Limit(unlimited=True, window=_window(found)), folded[found.end() :].lstrip()
    found = _BEFORE.match(folded) or _AFTER.match(folded)
    if found is None:
        return None
    limit = Limit(millicredits=_millicredits(found["number"]), window=_window(found))
    return limit, folded[found.end() :].lstrip()


def _millicredits(written: str) -> int:
    thousands = re.search(r",\d{3}(?!\d)", written) is not None
    number = float(written.replace(",", "" if thousands else "."))
    if math.isnan(number):
        raise NotAnAmount("admin-amount-unclear", written)
    if number > MOST_CREDITS:
        raise NotAnAmount("admin-amount-absurd", written)
    if number < 0:
        raise NotAnAmount("admin-amount-negative", written)
    if number == 0:
        raise NotAnAmount("admin-amount-zero", written)
    hundredths = round(number * 100)  # as all amounts are shown
    if hundredths == 0:
        raise NotAnAmount("admin-amount-small", written)
    return hundredths * CREDIT // 100


def _window(found: re.Match[str]) -> Period | None:
    if found["hour"]:
        return "hour"
    return "day" if found["day"] else None
