"""A folded text as a row of letters that remembers where words begin and end (pure)."""

import re
from dataclasses import dataclass, field

from bot.quota.normalise import SOFT

PUNCTUATION, SPACE, FOREIGN = 1, 2, 3
"""What stands between two words: signs, white space too, or letters of another script."""

_CLASSES = str.maketrans("lvzk", "iusc")
"""Letters that are written for one another: `fvck`, `boobz`."""
_LEET = str.maketrans("0123456789@$!|+", "oizeasbtbgasiit")
_LATIN = re.compile(f"[a-z{SOFT}]+")
_LATIN_LEET = re.compile(f"(?:[a-z0-9@${SOFT}]|(?<=[a-z0-9@$])[!|+](?=[a-z0-9@$]))+")
_LEET_SIGN = re.compile(r"[0-9@$!|+]")
_CJK = (
    "\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_CJK_LETTER = re.compile(f"[{_CJK}]")
_CJK_RUN = re.compile(f"[{_CJK}]+|[a-z]+")
_CLAUSE = re.compile(r"[\s,.;:!?、。・]")


@dataclass(slots=True)
class View:
    """Letters without what stood between them."""

    letters: str = ""
    classes: str = ""
    """`letters` with those equal that are written for one another."""
    starts: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    """Where words, or parts that begin with a capital, begin, and one past where they end."""
    gaps: dict[int, int] = field(default_factory=dict)
    """Index of the letter after a gap → what stood there; `SOFT` is no gap."""
    origin: list[tuple[int, int]] = field(default_factory=list)
    """Index of each word's first letter, and its place in the folded text."""

    def place(self, index: int) -> int:
        """Where the letter stands in the folded text."""
        low, high = 0, len(self.origin)
        while high - low > 1:
            middle = (low + high) // 2
            if self.origin[middle][0] <= index:
                low = middle
            else:
                high = middle
        letter, place = self.origin[low]
        return place + index - letter

    def word_start(self, index: int) -> int:
        """First letter of the word that `index` is in, parts with capitals counted as words."""
        while index not in self.starts:
            index -= 1
        return index

    def word_end(self, index: int) -> int:
        """One past the last letter of the word that ends at or after `index`."""
        while index not in self.ends:
            index += 1
        return index


def latin(folded: str) -> View:
    """Words of a–z; digits and signs stand between them."""
    return _words(folded, _LATIN)


def leet(folded: str) -> View | None:
    """Words in which digits and signs are read as letters; `None` where there are none."""
    if not _LEET_SIGN.search(folded):
        return None
    return _words(folded, _LATIN_LEET)


def _words(folded: str, pattern: re.Pattern[str]) -> View:
    view = View()
    parts: list[str] = []
    length = end = 0
    leet_too = pattern is _LATIN_LEET
    for found in pattern.finditer(folded):
        word = found[0]
        start = found.start()
        if leet_too:
            if len(word) > 1 and word.upper() == word:
                continue
            word = word.translate(_LEET)
        between = folded[end:start]
        if between or not length:
            view.gaps[length] = _kind(between)
        end = found.end()
        view.starts.add(length)
        for i, part in enumerate(word.split(SOFT)):
            if i:
                view.starts.add(length)
            view.origin.append((length, start))
            parts.append(part)
            length += len(part)
            start += len(part) + 1
            view.ends.add(length)
    view.letters = "".join(parts)
    view.classes = view.letters.translate(_CLASSES)
    return view


def _kind(between: str) -> int:
    if not between.isascii() and _CJK_LETTER.search(between):
        return FOREIGN
    return PUNCTUATION if between and between.isprintable() and " " not in between else SPACE


def cjk(folded: str, simplified: dict[int, str]) -> View | None:
    """Characters of scripts without spaces, and Latin words beside them."""
    if folded.isascii() or not _CJK_LETTER.search(folded):
        return None
    view = View()
    parts: list[str] = []
    length = end = 0
    for found in _CJK_RUN.finditer(folded):
        if found.start() > end or not length:
            between = folded[end : found.start()]
            view.gaps[length] = SPACE if _CLAUSE.search(between) or not length else PUNCTUATION
        view.starts.add(length)
        view.origin.append((length, found.start()))
        parts.append(found[0])
        length += len(found[0])
        end = found.end()
        view.ends.add(length)
    view.gaps[length] = SPACE
    view.letters = view.classes = "".join(parts).translate(simplified)
    return view


def classes(word: str) -> str:
    """A word of a list as `View.classes` has it."""
    return word.translate(_CLASSES)
