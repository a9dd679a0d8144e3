"""How long, as people write it: `2d`, `1h30m`, `90 min`, `2 天`, `半小时` (pure)."""

import re
import unicodedata

LONGEST_S = 3650 * 86400
"""Ten years: who means longer says `forever`."""

_SECONDS = {
    1: "s sec secs second seconds 秒 秒钟",
    60: "m min mins minute minutes 分 分钟",
    3600: "h hr hrs hour hours 小时 钟头",
    86400: "d day days 天 日",
    7 * 86400: "w week weeks 周 星期 礼拜",
    30 * 86400: "mo month months 月",
    365 * 86400: "y year years 年",
}
_UNITS = {unit: seconds for seconds, units in _SECONDS.items() for unit in units.split()}
_HAN = {"半": 0.5} | {c: float(n) for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2.0}

_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_ONE = re.compile(
    rf"(?P<number>\d{{1,9}}(?:[.,]\d{{1,6}})?|[{''.join(_HAN)}])\s*个?(?P<half>半)?\s*"
    rf"(?P<unit>{_UNIT})(?P<after>半)?(?![a-z])\s*",
    re.IGNORECASE,
)
_FOREVER = re.compile(
    r"(?:for ?ever|permanently|permanent|永久|永远)(?=[\s,，:：]|$)", re.IGNORECASE
)
_FOR = re.compile(r"for\s+(?!ever\b)", re.IGNORECASE)
_A = re.compile(rf"(?:an?|one)\s+(?=(?:{_UNIT})(?![a-z]))", re.IGNORECASE)
_STARTS_LIKE_ONE = re.compile(rf"[-+−–]?\s*(?:\d|[{''.join(_HAN)}]+\s*个?半?(?:{_UNIT}))")


class NotADuration(ValueError):
    """Something stands where a duration was begun, but it is none that can be used."""


def take_duration(text: str) -> tuple[float | None, str] | None:
    """The duration at the beginning of `text`, in seconds (None: for ever), and what follows it.

    None when `text` does not begin with one.

    Raises:
        NotADuration: it begins like one, but is not understood, is zero, or too long.
    """
    folded = _plain(unicodedata.normalize("NFKC", text).strip())
    if forever := _FOREVER.match(folded):
        return None, _rest(folded, forever.end())
    if not _STARTS_LIKE_ONE.match(folded):
        return None
    seconds, end = 0.0, 0
    while one := _ONE.match(folded, end):
        seconds += _value(one)
        end = one.end()
    is_whole = end == len(folded) or (end and folded[end - 1].isspace()) or folded[end] in ",，:："
    if not end or not is_whole or not 0 < seconds <= LONGEST_S:
        raise NotADuration(folded.split()[0][:20])
    return seconds, _rest(folded, end)


def _plain(text: str) -> str:
    """`for 2 days` is `2 days`, `for a week` and `a week` alone are `1 week`; all else is as it
    was: it may be a reason."""
    said_for = _FOR.match(text)
    rest = text[said_for.end() :] if said_for else text
    number = _A.sub("1 ", rest, count=1) if _A.match(rest) else rest
    one = _ONE.match(number)
    if said_for and (one or number[:1] in tuple("-+−–") or _FOREVER.match(number)):
        return number
    return number if one and one.end() == len(number) else text


def _value(one: re.Match[str]) -> float:
    written = one["number"]
    number = _HAN[written] if written in _HAN else float(written.replace(",", "."))
    halves = bool(one["half"]) + bool(one["after"])
    return (number + 0.5 * halves) * _UNITS[one["unit"].lower()]


def _rest(text: str, end: int) -> str:
    return text[end:].lstrip(" \t\n,，:：")
