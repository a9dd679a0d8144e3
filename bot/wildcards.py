r"""Words that are drawn by lot: `{a|b|c}` in a prompt (pure).

Each picture of a request reads one of them, chosen by its seed. Braces without a bar of their own
are NovelAI's emphasis, bars in square brackets A1111's alternation, and `\{` is a brace; so
`{{red|blue}}` is one of two words, emphasised. A choice may hold others, as in
`a {red|{light|dark} blue} fox`, and may be empty: `a {red|} fox`.
"""

import hashlib
import re
from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise

_COVERED = 2**16
"""So many combinations are gone through one by one by seeds that follow each other."""
_MARKS = re.compile(r"\\[\s\S]|[{}|\[\]]")

_Choice = tuple[int, ...]
"""Places of a brace, of its bars, and of the brace that closes it."""


def drawn(text: str, seed: int) -> str:
    """`text` as the picture of `seed` reads it.

    Seeds that follow each other, as those of one request do, go through the first choice in turn,
    then through the second for each of it, and so on: no combination comes twice before all have
    come. Beyond `_COVERED` combinations, choices are drawn from SHA-256 of the seed.
    """
    choices = _choices(text)
    starts = [choice[0] for choice in choices]
    lots = _Lots(seed)
    out: list[str] = []
    todo = [(0, len(text))]
    while todo:
        begin, end = todo.pop()
        number = bisect_left(starts, begin)
        if number == len(starts) or starts[number] >= end:
            out.append(text[begin:end])
            continue
        choice = choices[number]
        out.append(text[begin : choice[0]])
        options = list(pairwise(choice))
        first, last = options[lots.draw(len(options))]
        todo += [(choice[-1] + 1, end), (first + 1, last)]
    return "".join(out)


def has_wildcards(text: str) -> bool:
    """Whether different seeds may read different words."""
    return bool(_choices(text))


@lru_cache(256)
def _choices(text: str) -> tuple[_Choice, ...]:
    """All choices of a prompt in the order of their beginnings."""
    found: list[_Choice] = []
    opened: list[tuple[str, list[int]]] = []
    for mark in _MARKS.finditer(text):
        sign, place = mark[0], mark.start()
        if sign in "{[":
            opened.append((sign, [place]))
        elif sign == "|" and opened:
            opened[-1][1].append(place)
        elif sign in ("}", "]"):
            wanted = "{" if sign == "}" else "["
            # One of the other kind that is never closed hides no end of this one.
            last = next((i for i in reversed(range(len(opened))) if opened[i][0] == wanted), None)
            if last is not None:
                places = opened[last][1]
                del opened[last:]
                if wanted == "{" and len(places) > 1:
                    found.append((*places, place))
    return tuple(sorted(found))


class _Lots:
    """Draws lots for the choices of one picture, one after the other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._combinations = 1
        self._hashed = 0

    def draw(self, sides: int) -> int:
        """0 to `sides`, not included."""
        if self._combinations <= _COVERED:
            lot = self._seed // self._combinations % sides
            self._combinations *= sides
            return lot
        self._hashed += 1
        digest = hashlib.sha256(f"{self._seed} {self._hashed}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % sides
