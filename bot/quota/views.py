"""A folded text as a row of letters that remembers where words begin and end (pure)."""

import re
from dataclasses import dataclass, field

from bot.quota.normalise import SOFT

PUNCTUATION, SYNTAX, SPACE, FOREIGN = 1, 2, 3, 4
"""What stands between two words: the usual signs, brackets or odd signs, white space, or letters of
another script."""
_NATURAL = frozenset("-_/.,:;!?'\"&+|@#0123456789\u2010\u2011\u2013\u2014\u2026\u00b7")
"""What people write between two words that they mean as two."""

UPRIGHT = "\u0131"
"""A stroke that may be an i or an l."""
_CLASSES = str.maketrans(f"lvzk{UPRIGHT}", "iusci")
"""Letters that are written for one another: `fvck`, `boobz`; what stands for what is judged later.
"""
_LEET = str.maketrans("0123456789@$!|+", f"o{UPRIGHT}zeasbtbgas{UPRIGHT}{UPRIGHT}t")
_WRITTEN_FOR = frozenset(("vu", "zs", "kc", UPRIGHT + "i", UPRIGHT + "l"))
_LATIN = re.compile(f"([a-z{SOFT}]+)")
_LATIN_LEET = re.compile(f"([a-z0-9@$!|+{SOFT}]+)")
_SIGNS = "!|+"
"""At the edge of a word these may be letters or not."""
_LEET_SIGN = re.compile(r"[0-9@$!|+]")
_WEIGHT = re.compile(r":\s*[+-]?\d{0,3}\.?\d{1,3}\s*(?=[)\]>])")
NEAR = 40
"""Characters around a sign that are read with it: the longest split word."""
_CJK = (
    "\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_CJK_LETTER = re.compile(f"[{_CJK}]")
_CJK_RUN = re.compile(f"([{_CJK}]+)")
_CJK_OR_LATIN_RUN = re.compile(f"([{_CJK}]+|[a-z]+)")
_WITHIN = re.compile(f"[{_CJK}][a-z](?=[{_CJK}])")
_CLAUSE = re.compile(r"[\s,;:、。]")


@dataclass(slots=True)
class View:
    """Letters without what stood between them."""

    letters: str = ""
    classes: str = ""
    """`letters` with those equal that are written for one another."""
    starts: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    """Where words, or parts that begin with a capital, begin, and one past where they end; not for
    scripts without spaces."""
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

    def word_start(self, index: int, most: int) -> int | None:
        """First letter of the word that `index` is in, if it is at most `most` letters away."""
        return next((i for i in range(index, index - most, -1) if i in self.starts), None)

    def word_end(self, index: int, most: int) -> int | None:
        """One past the end of the word that goes on at `index`, if it is not far."""
        return next((i for i in range(index, index + most) if i in self.ends), None)


def latin(folded: str) -> View:
    """Words of a–z; digits and signs stand between them."""
    view = View()
    _add_words(view, folded, _LATIN)
    view.classes = classes(view.letters)
    return view


def leet(folded: str) -> View | None:
    """Words in which digits and signs are read as letters, with the words near them; `None` where
    there are none."""
    near = _near(_LEET_SIGN, _blanked(folded))
    if not near:
        return None
    view = View()
    for begin, end in near:
        _add_words(view, folded[begin:end], _LATIN_LEET, begin)
    view.classes = classes(view.letters)
    return view


def _blanked(folded: str) -> str:
    """Without weights, whose digits nobody reads as letters."""
    return _WEIGHT.sub(lambda found: " " * len(found[0]), folded) if ":" in folded else folded


def _near(sign: re.Pattern[str], folded: str) -> list[tuple[int, int]]:
    """Where signs stand, with whole words about them: from where to where, one after another."""
    found: list[tuple[int, int]] = []
    end = -NEAR
    for match in sign.finditer(folded):
        if match.start() + NEAR <= end:
            continue
        begin = folded.rfind(" ", 0, max(0, match.start() - NEAR)) + 1
        if begin <= end:
            begin, _ = found.pop()
        end = folded.find(" ", match.start() + NEAR)
        end = len(folded) if end < 0 else end
        found.append((begin, end))
    return found


def _add_words(view: View, folded: str, pattern: re.Pattern[str], offset: int = 0) -> None:
    """Add the words of a part that begins at `offset`."""
    starts, ends, gaps, origin = view.starts.add, view.ends.add, view.gaps, view.origin.append
    kinds = {" ": SPACE, ", ": SPACE, "": SPACE}
    parts: list[str] = []
    length, place = len(view.letters), offset
    skipped = ""
    leet_too = pattern is _LATIN_LEET
    pieces = iter(pattern.split(folded))
    for gap, word in zip(pieces, pieces, strict=False):
        start = place + len(gap)
        place = start + len(word)
        between = skipped + gap
        skipped = ""
        if leet_too:
            if len(word) > 1 and word.upper() == word:
                skipped = between + word
                continue
            starts(length + len(word) - len(word.lstrip(_SIGNS)))
            ends(length + len(word.replace(SOFT, "").rstrip(_SIGNS)))
        kind = kinds.get(between)
        if kind is None:
            kind = kinds[between] = _kind(between)
        gaps[length] = kind
        for part in word.split(SOFT) if SOFT in word else (word,):
            starts(length)
            origin((length, start))
            parts.append(part)
            length += len(part)
            start += len(part) + 1
            ends(length)
    letters = "".join(parts)
    view.letters += letters.translate(_LEET) if leet_too else letters


def _kind(between: str) -> int:
    if not between.isascii() and _CJK_LETTER.search(between):
        return FOREIGN
    if not between.isprintable() or " " in between:
        return SPACE
    return PUNCTUATION if _NATURAL.issuperset(between) else SYNTAX


def cjk(folded: str, simplified: dict[int, str]) -> list[View]:
    """Characters of scripts without spaces, with the Latin words beside them and without."""
    if folded.isascii() or not _CJK_LETTER.search(folded):
        return []
    near = _near(_CJK_LETTER, folded)
    patterns = [_CJK_OR_LATIN_RUN, _CJK_RUN] if _WITHIN.search(folded) else [_CJK_OR_LATIN_RUN]
    views = []
    for pattern in patterns:
        view = View()
        for begin, end in near:
            _add_characters(view, folded[begin:end], pattern, begin)
        view.letters = view.classes = view.letters.translate(simplified)
        views.append(view)
    return views


def _add_characters(view: View, folded: str, pattern: re.Pattern[str], offset: int) -> None:
    """Add the characters of a part that begins at `offset`."""
    kinds = {"": SPACE}
    parts: list[str] = []
    length, place = len(view.letters), offset
    pieces = iter(pattern.split(folded))
    for between, run in zip(pieces, pieces, strict=False):
        if between or not parts:
            kind = kinds.get(between)
            if kind is None:
                kind = kinds[between] = SPACE if _CLAUSE.search(between) else PUNCTUATION
            view.gaps[length] = kind
        place += len(between)
        view.origin.append((length, place))
        parts.append(run)
        length += len(run)
        place += len(run)
    view.gaps[length] = SPACE
    view.letters += "".join(parts)


def same_letters(written: str, word: str) -> bool:
    """Whether each letter of `written` is that of `word` or often stands for it."""
    return len(written) == len(word) and all(
        a == b or a + b in _WRITTEN_FOR for a, b in zip(written, word, strict=True)
    )


def only_signs_differ(written: str, word: str) -> bool:
    """Whether `written` is `word`, but for strokes that may be an i or an l."""
    return written == word or (
        UPRIGHT in written
        and same_letters(written, word)
        and all(a in (b, UPRIGHT) for a, b in zip(written, word, strict=True))
    )


def classes(word: str) -> str:
    """A word of a list as `View.classes` has it."""
    return word.translate(_CLASSES)
