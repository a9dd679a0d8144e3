"""Where in a text a pattern is worth trying (pure)."""

from collections.abc import Iterator

from bot.quota.effort import Effort

_BEFORE, _AFTER = 48, 72
"""Characters around a key that belong to the same phrase."""


def stretches(
    text: str, keys: tuple[str, ...], effort: Effort, price: int = 1
) -> Iterator[tuple[int, int]]:
    """Stretches of `text` around `keys`, merged where they meet: `[begin, end)`, in order.

    `price`: of two characters, as `effort` counts.

    Raises:
        TooMuch: reading them takes more work than `effort` has left.
    """
    begin = end = 0
    for place in sorted(place for key in keys for place in _places(text, key)):
        if end and place - _BEFORE > end:
            yield begin, end
            end = 0
        if not end:
            begin = end = max(0, place - _BEFORE)
        effort.spend(price * (min(len(text), place + _AFTER) - end) // 2)
        end = min(len(text), place + _AFTER)
    if end:
        yield begin, end


def _places(text: str, key: str) -> Iterator[int]:
    place = text.find(key)
    while place >= 0:
        yield place
        place = text.find(key, place + _AFTER // 2)
