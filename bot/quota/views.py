"""A folded text as a row of letters that remembers where words begin and end (pure)."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, compress

from bot.quota.effort import WORD, Effort
from bot.quota.normalise import SOFT, WALL
from bot.quota.word_lists import simplified

PUNCTUATION, SYNTAX, SPACE, FOREIGN = 1, 2, 3, 4
"""What stands between two words: the usual signs, brackets or odd signs, white space, or letters of
another script."""
_NATURAL = frozenset("-_/.,:;!?'\"&+|@#0123456789\u2010\u2011\u2013\u2014\u2026\u00b7")
"""What people write between two words that they mean as two."""

UPRIGHT = "\u0131"
"""A stroke that may be an i or an l."""
SIX = "\u0183"
"""A six, which may be a b or a g."""
_CLASSES = str.maketrans(f"lvzkb{UPRIGHT}{SIX}", "iuscgig")
"""Letters that are written for one another: `fvck`, `boobz`; what stands for what is judged later.
"""
_LEET = str.maketrans("0123456789@$!|+", f"o{UPRIGHT}zeas{SIX}tbgas{UPRIGHT}{UPRIGHT}t")
_EITHER = frozenset((UPRIGHT + "i", UPRIGHT + "l", SIX + "b", SIX + "g"))
_WRITTEN_FOR = frozenset(("vu", "zs", "kc")) | _EITHER
_LATIN = re.compile("([a-z]+)")
_LATIN_LEET = re.compile("([a-z0-9@$!|+]+)")
_SIGNS = "!|+"
"""At the edge of a word these may be letters or not."""
_WEIGHT = re.compile(r":\s*[+-]?\d{0,3}\.?\d{1,3}\s*(?=[)\]>])")
NEAR = 40
"""Characters around a sign that are read with it: the longest split word."""
_LEET_SIGNS = re.compile(rf"[0-9@$!|+]++(?:[^0-9@$!|+]{{0,{2 * NEAR - 1}}}+[0-9@$!|+]++)*+")
"""Signs from the first to the last, where none is far from the next."""
_CJK = (
    "\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_CJK_LETTER = re.compile(f"[{_CJK}]")
_CJK_LETTERS = re.compile(f"[{_CJK}]++(?:[^{_CJK}]{{0,{2 * NEAR - 1}}}+[{_CJK}]++)*+")
_CJK_RUN = re.compile(f"([{_CJK}]+)")
_CJK_OR_LATIN_RUN = re.compile(f"([{_CJK}]+|[a-z]+)")
_WITHIN = re.compile(f"[{_CJK}][a-z](?=[{_CJK}])")
_CLAUSE = re.compile(r"[\s,;:、。]")
_SHORT, _MOST_KEPT = 5, 5000
"""Characters of what stands between two words, and how many of these, to remember what it is."""


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
    firsts: list[int] = field(default_factory=list)
    """Index of each word's first letter."""
    places: list[int] = field(default_factory=list)
    """Its place in the folded text."""

    def place(self, index: int) -> int:
        """Where the letter stands in the folded text."""
        word = bisect_right(self.firsts, index) - 1
        return self.places[word] + index - self.firsts[word]

    def word_start(self, index: int, most: int) -> int | None:
        """First letter of the word that `index` is in, if it is at most `most` letters away."""
        return next((i for i in range(index, index - most, -1) if i in self.starts), None)

    def word_end(self, index: int, most: int) -> int | None:
        """One past the end of the word that goes on at `index`, if it is not far."""
        return next((i for i in range(index, index + most) if i in self.ends), None)


class Views:
    """All views of one folded text; any number of lists can be looked for in them.

    Raises:
        TooMuch: they are more work than `effort` has left.
    """

    __slots__ = ("characters", "folded", "words")

    def __init__(self, folded: str, effort: Effort | None = None) -> None:
        effort = effort or Effort()
        effort.spend(len(folded))
        self.folded = folded
        self.words: list[View] = []
        for view in (latin, leet):
            if (made := view(folded, effort)) is not None:
                self.words.append(made)
        self.characters = cjk(folded, simplified())
        for made in self.characters:
            effort.spend(len(made.letters) + WORD * len(made.firsts))


class _Kinds(dict[str, int]):
    """What stands between two words, by how it is written; 0 where nothing does."""

    def __missing__(self, between: str) -> int:
        kind = _kind(between)
        if len(between) < _SHORT and len(self) < _MOST_KEPT:
            self[between] = kind
        return kind


def _kind(between: str) -> int:
    visible = between.replace(SOFT, "")
    if not visible:
        return 0 if between else SPACE
    if WALL in visible or (not visible.isascii() and _CJK_LETTER.search(visible)):
        return FOREIGN
    if not visible.isprintable() or " " in visible:
        return SPACE
    return PUNCTUATION if _NATURAL.issuperset(visible) else SYNTAX


_KINDS = _Kinds({" ": SPACE, ", ": SPACE, "": SPACE})


def latin(folded: str, effort: Effort | None = None) -> View:
    """Words of a–z; digits and signs stand between them."""
    view = View()
    pieces = _LATIN.split(folded)
    _charge(pieces, effort)
    bounds = list(accumulate(map(len, pieces), initial=0))
    _add_words(view, pieces[1::2], pieces[:-1:2], bounds[1:-1:2])
    view.classes = classes(view.letters)
    return view


def leet(folded: str, effort: Effort | None = None) -> View | None:
    """Words in which digits and signs are read as letters, with the words near them; `None` where
    there are none."""
    near = _near(_LEET_SIGNS, _blanked(folded))
    if not near:
        return None
    view = View()
    for begin, end in near:
        _add_leet(view, folded[begin:end], begin, effort)
    view.letters = view.letters.translate(_LEET)
    view.classes = classes(view.letters)
    return view


def _charge(pieces: list[str], effort: Effort | None) -> None:
    """Count the words among `pieces` (every second one) before anything is done with them."""
    if effort is not None:
        effort.spend(sum(map(len, pieces[1::2])) + WORD * (len(pieces) // 2))


def _blanked(folded: str) -> str:
    """Without weights, whose digits nobody reads as letters."""
    return _WEIGHT.sub(lambda found: " " * len(found[0]), folded) if ":" in folded else folded


def _near(signs: re.Pattern[str], folded: str) -> list[tuple[int, int]]:
    """Where signs stand, with whole words about them: from where to where, one after another.

    `signs` finds stretches, of which no two are so near that they share words.
    """
    found: list[tuple[int, int]] = []
    end = -1
    for match in signs.finditer(folded):
        begin = folded.rfind(" ", 0, max(0, match.start() - NEAR)) + 1
        if begin <= end:
            begin, _ = found.pop()
        end = folded.find(" ", match.end() - 1 + NEAR)
        end = len(folded) if end < 0 else end
        found.append((begin, end))
    return found


def _add_leet(view: View, folded: str, offset: int, effort: Effort | None) -> None:
    """Add the words of a part that begins at `offset`, without those that are only signs."""
    pieces = _LATIN_LEET.split(folded)
    _charge(pieces, effort)
    words = pieces[1::2]
    bounds = list(accumulate(map(len, pieces), initial=offset))
    begins, ends = bounds[1:-1:2], bounds[2:-1:2]
    are_words = [len(word) == 1 or word.upper() != word for word in words]
    if all(are_words):
        gaps = pieces[:-1:2]
    else:
        words = list(compress(words, are_words))
        begins, ends = list(compress(begins, are_words)), list(compress(ends, are_words))
        before = [offset, *ends]
        gaps = [folded[a - offset : b - offset] for a, b in zip(before, begins, strict=False)]
    first = len(view.firsts)
    _add_words(view, words, gaps, begins)
    for at, word in zip(view.firsts[first:], words, strict=True):
        if word[0] in _SIGNS or word[-1] in _SIGNS:
            view.starts.add(at + len(word) - len(word.lstrip(_SIGNS)))
            view.ends.add(at + len(word.rstrip(_SIGNS)))


def _add_words(view: View, words: list[str], gaps: list[str], places: list[int]) -> None:
    """Add words, each with what stands before it and its place in the folded text."""
    bounds = list(accumulate(map(len, words), initial=len(view.letters)))
    firsts = bounds[:-1]
    view.starts.update(firsts)
    view.ends.update(bounds[1:])
    view.firsts += firsts
    view.places += places
    view.letters += "".join(words)
    kinds = zip(firsts, map(_KINDS.__getitem__, gaps), strict=True)
    view.gaps.update((i, kind) for i, kind in kinds if kind)


def cjk(folded: str, variants: dict[int, str]) -> list[View]:
    """Characters of scripts without spaces, with the Latin words beside them and without."""
    if folded.isascii() or not _CJK_LETTER.search(folded):
        return []
    near = _near(_CJK_LETTERS, folded)
    patterns = [_CJK_OR_LATIN_RUN, _CJK_RUN] if _WITHIN.search(folded) else [_CJK_OR_LATIN_RUN]
    views = []
    for pattern in patterns:
        view = View()
        for begin, end in near:
            _add_characters(view, folded[begin:end], pattern, begin)
        view.letters = view.classes = view.letters.translate(variants)
        views.append(view)
    return views


class _Breaks(dict[str, int]):
    """What stands between two characters of scripts without spaces."""

    def __missing__(self, between: str) -> int:
        kind = SPACE if _CLAUSE.search(between) else PUNCTUATION
        if WALL in between:
            kind = FOREIGN
        if len(between) < _SHORT and len(self) < _MOST_KEPT:
            self[between] = kind
        return kind


_BREAKS = _Breaks()


def _add_characters(view: View, folded: str, pattern: re.Pattern[str], offset: int) -> None:
    """Add the characters of a part that begins at `offset`."""
    pieces = pattern.split(folded)
    runs, gaps = pieces[1::2], pieces[:-1:2]
    bounds = list(accumulate(map(len, runs), initial=len(view.letters)))
    view.firsts += bounds[:-1]
    view.places += list(accumulate(map(len, pieces), initial=offset))[1:-1:2]
    view.gaps.update((i, _BREAKS[gap]) for i, gap in zip(bounds, gaps, strict=False) if gap)
    view.gaps.setdefault(bounds[0], SPACE)
    view.gaps[bounds[-1]] = SPACE
    view.letters += "".join(runs)


def same_letters(written: str, word: str) -> bool:
    """Whether each letter of `written` is that of `word` or often stands for it."""
    return len(written) == len(word) and all(
        a == b or a + b in _WRITTEN_FOR for a, b in zip(written, word, strict=True)
    )


def only_signs_differ(written: str, word: str) -> bool:
    """Whether `written` is `word`, but for signs that may be one of two letters."""
    return written == word or (
        has_signs(written)
        and len(written) == len(word)
        and all(a == b or a + b in _EITHER for a, b in zip(written, word, strict=True))
    )


def has_signs(written: str) -> bool:
    """Whether it has signs that may be one of two letters."""
    return UPRIGHT in written or SIX in written


def classes(word: str) -> str:
    """A word of a list as `View.classes` has it."""
    return word.translate(_CLASSES)
