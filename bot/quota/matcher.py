"""Finds the words of lists in folded text, however they are spaced, stretched or dressed up.

The automaton proposes; here each proposal is judged. Words of alphabets must stand as whole words;
what may differ from the list's spelling is told apart: gaps between the letters, letters drawn
out, letters of the same look. Words of scripts without spaces may stand anywhere.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from bot.quota.automaton import Automaton, collapsed, runs
from bot.quota.normalise import fold
from bot.quota.readings import NEAR
from bot.quota.views import FOREIGN, SPACE, SYNTAX, View, cjk, classes, latin, leet, only_signs_differ, same_letters
from bot.quota.word_lists import Entry, inflected, mixed, plain_words, simplified

_MASKED = re.compile(r"[a-z]+(?:[*#%]+[a-z]*)+")
_MASK_SIGN = re.compile(r"[*#%]")
_WORDS = re.compile(r"[a-z]+")
_LONGEST_COMPANY = 16
"""Letters between the last run of a term and the end of the word it is glued into."""
_MOST_MASKED = 4
"""Masked words in one text that are also looked up as parts of phrases."""
_ENDINGS = "sz"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a list, and where it stands in the folded text (`end` is one past it)."""

    category: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Term:
    """One spelling of an entry."""

    letters: str
    category: str
    runs: tuple[int, ...]
    words: tuple[str, ...] = ()
    """The words of a phrase."""
    anywhere: bool = False
    exact: bool = False
    """No letter drawn out or replaced."""
    is_exception: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a term stands in a view: `[start, end)`."""

    start: int
    end: int
    stretched: tuple[int, int]
    """How many runs are longer than the term's, and the longest of these."""


class Matcher:
    """All words of some lists."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._latin: Automaton[_Term] = Automaton()
        self._cjk: Automaton[_Term] = Automaton()
        self._masked: dict[str, str] = {}
        self._signs: dict[str, str] = {}
        for entry in entries:
            self._add(entry)
        self._latin.link()
        self._cjk.link()

    def hits(self, folded: str) -> list[Hit]:
        """Every word of the lists in a text from `fold`, exceptions left out."""
        found: list[Hit] = []
        free: list[Hit] = []
        for view in (latin(folded), leet(folded)):
            if view is not None:
                _collect(view, self._latin_in(view), found, free)
        characters = cjk(folded, simplified())
        if characters is not None:
            _collect(characters, self._cjk_in(characters), found, free)
        found += self._masked_in(folded)
        found += self._signs_in(folded)
        if not free:
            return found
        return [h for h in found if not any(e.start <= h.start and h.end <= e.end for e in free)]

    # Building -------------------------------------------------------------------------------

    def _add(self, entry: Entry) -> None:
        text = fold(entry.text)
        if any(c.isdigit() for c in text):
            self._signs[text] = entry.category
            return
        view = cjk(text, simplified())
        if view is not None:
            self._add_cjk(entry, view.letters)
        elif words := tuple(_WORDS.findall(text)):
            self._add_latin(entry, words)
        elif text.strip():
            self._signs[text.strip()] = entry.category

    def _add_latin(self, entry: Entry, words: tuple[str, ...]) -> None:
        last = [words[-1]]
        if entry.flag not in ("=", "!") and len(words[-1]) > 2:
            last = list(dict.fromkeys(inflected(words[-1], verb=entry.flag == "+")))
        for form in last:
            spelled = (*words[:-1], form)
            term = _Term(
                "".join(spelled),
                entry.category,
                runs(classes("".join(spelled))),
                spelled if len(spelled) > 1 else (),
                anywhere=entry.flag == "~",
                exact=entry.is_exception,
                is_exception=entry.is_exception,
            )
            self._latin.add(classes(term.letters), term)
            if not entry.is_exception and len(spelled) == 1:
                self._add_masked(form, entry.category)

    def _add_masked(self, word: str, category: str) -> None:
        """`w*rd`, `w**d`, `w***`: stars for letters of the middle."""
        if len(word) < 4:
            return
        for start in range(1, len(word) - 1):
            for end in range(start + 1, min(start + 4, len(word))):
                if len(word) - (end - start) >= 2:
                    self._masked[word[:start] + "*" * (end - start) + word[end:]] = category

    def _add_cjk(self, entry: Entry, letters: str) -> None:
        for written in (letters, *mixed(letters, entry.syllables)):
            self._cjk.add(
                written,
                _Term(
                    written,
                    entry.category,
                    runs(written),
                    anywhere=entry.flag == "~",
                    is_exception=entry.is_exception,
                ),
            )
        joined = "".join(entry.syllables)
        if len(joined) > 4:
            spoken = _Term(joined, entry.category, runs(classes(joined)), entry.syllables, exact=True)
            self._latin.add(classes(joined), spoken)

    # Judging --------------------------------------------------------------------------------

    def _latin_in(self, view: View) -> Iterator[tuple[_Term, _Place]]:
        ends = view.ends
        for at, term in self._latin.scan(view.classes):
            if not term.anywhere and ends.isdisjoint(range(at + 1, at + _LONGEST_COMPANY)):
                continue
            place = _placed(view, term, at)
            if place is not None and _reads_as(view, term, place):
                yield term, place

    def _cjk_in(self, view: View) -> Iterator[tuple[_Term, _Place]]:
        for at, term in self._cjk.scan(view.letters):
            place = _stands(view, term, at)
            if place is not None:
                yield term, place

    def _signs_in(self, folded: str) -> Iterator[Hit]:
        """Entries that are no letters, or have digits, as they are."""
        for sign, category in self._signs.items():
            start = folded.find(sign)
            while start >= 0:
                end = start + len(sign)
                around = folded[start - 1 : start] + folded[end : end + 1]
                if not (sign[0].isalnum() and any(c.isalnum() for c in around)):
                    yield Hit(category, start, end)
                    break
                start = folded.find(sign, end)

    def _masked_in(self, folded: str) -> Iterator[Hit]:
        """Words some of whose letters are stars."""
        if not _MASK_SIGN.search(folded):
            return
        masked = list(_MASKED.finditer(folded))
        for found in masked:
            category = self._masked.get(_MASK_SIGN.sub("*", found[0]))
            if category:
                yield Hit(category, found.start(), found.end())
        if 0 < len(masked) <= _MOST_MASKED:
            for vowel in "aeiou":
                for found in masked:
                    around = folded[max(0, found.start() - NEAR) : found.end() + NEAR]
                    view = latin(_MASK_SIGN.sub(vowel, around))
                    for term, _ in self._latin_in(view):
                        if term.words and not term.is_exception:
                            yield Hit(term.category, found.start(), found.end())


def _collect(
    view: View,
    matches: Iterator[tuple[_Term, _Place]],
    found: list[Hit],
    free: list[Hit],
) -> None:
    for term, place in matches:
        end = view.place(place.end - 1) + 1
        hit = Hit(term.category, view.place(place.start), end)
        (free if term.is_exception else found).append(hit)


def _run_bounds(letters: str, at: int, wanted: tuple[int, ...]) -> list[tuple[int, int]] | None:
    """First and last index of each run of a term whose last run begins at `at`.

    `None` where a run is shorter than the term's.
    """
    bounds: list[tuple[int, int]] = []
    for length in reversed(wanted):
        first = last = at
        letter = letters[at]
        while first and letters[first - 1] == letter:
            first -= 1
        while not bounds and last + 1 < len(letters) and letters[last + 1] == letter:
            last += 1
        if last - first + 1 < length:
            return None
        bounds.append((first, last))
        at = first - 1
    bounds.reverse()
    return bounds


def _stretched(
    bounds: list[tuple[int, int]], wanted: tuple[int, ...], start: int, end: int
) -> tuple[int, int]:
    """How many runs of `[start, end)` are longer than wanted, and the length of the longest."""
    count = longest = 0
    for (first, last), length in zip(bounds, wanted, strict=True):
        has = min(last, end - 1) - max(first, start) + 1
        if has > length:
            count += 1
            longest = max(longest, has)
    return count, longest


def _placed(view: View, term: _Term, at: int) -> _Place | None:
    """Where the term stands as a whole word, or anywhere if it may."""
    bounds = _run_bounds(view.classes, at, term.runs)
    if bounds is None:
        return None
    (first, last), (final, until) = bounds[0], bounds[-1]
    latest = last - term.runs[0] + 1
    earliest_end = final + term.runs[-1]
    start = next((i for i in range(latest, first - 1, -1) if i in view.starts), None)
    end = next((i for i in range(earliest_end, until + 2) if i in view.ends), None)
    if end is None and len(term.letters) > 2 and not term.is_exception:
        end = _before_ending(view, earliest_end, until)
    if len(bounds) == 1 and start is not None and end is not None and end - start < term.runs[0]:
        return None
    if start is None or end is None:
        if not (term.anywhere or _in_company(view, term, start, end, latest, earliest_end)):
            return None
        start = latest if start is None else start
        end = earliest_end if end is None else end
        if any(i in view.gaps for i in range(start + 1, end)):
            return None
    return _Place(start, end, _stretched(bounds, term.runs, start, end))


def _in_company(
    view: View, term: _Term, start: int | None, end: int | None, latest: int, earliest_end: int
) -> bool:
    """Whether what is glued to the term is an ordinary companion: `bigword`, `wordgirl`."""
    if len(term.letters) < 4 or term.is_exception:
        return False
    friends = plain_words("companions")
    if start is None:
        begin = view.word_start(latest, _LONGEST_COMPANY)
        if begin is None or view.letters[begin:latest] not in friends:
            return False
    if end is not None:
        return True
    until = view.word_end(earliest_end, _LONGEST_COMPANY)
    return until is not None and view.letters[earliest_end:until] in friends


def _before_ending(view: View, earliest: int, latest: int) -> int | None:
    """Where a term ends of which somebody made a plural by hand."""
    for end in range(earliest, latest + 2):
        if end + 1 in view.ends and end not in view.gaps and view.letters[end] in _ENDINGS:
            return end
    return None


def _reads_as(view: View, term: _Term, place: _Place) -> bool:
    """Whether somebody who reads this place reads the term."""
    written, word = view.letters[place.start : place.end], term.letters
    count, longest = place.stretched
    if count:
        by_plural = count == 1 and written.endswith("ss") and len(term.letters) >= 4
        if not (longest >= 3 or count >= 2 or len(term.letters) >= 5 or by_plural):
            return False
        written, word = collapsed(written), collapsed(word)
    same = only_signs_differ(written, word)
    if term.exact and (count or not same):
        return False
    if not same and (len(term.letters) < 4 or not same_letters(written, word)):
        return False
    cuts = [i for i in range(place.start + 1, place.end) if i in view.gaps]
    return not cuts or _reads_across(view, term, place, cuts)


def _alike(written: str, word: str) -> bool:
    """Whether two words differ only in what was judged for the whole phrase already."""
    return same_letters(collapsed(written), collapsed(word))


def _reads_across(view: View, term: _Term, place: _Place, cuts: list[int]) -> bool:
    """Whether pieces with gaps between them are one word, and not words by chance."""
    if any(view.gaps[i] == FOREIGN for i in cuts):
        return False
    edges = [place.start, *cuts, place.end]
    pieces = tuple(view.letters[a:b] for a, b in zip(edges, edges[1:], strict=False))
    if len(pieces) == len(term.words) and all(map(_alike, pieces, term.words)):
        return True
    if term.is_exception:
        return False
    between = set(accumulate(map(len, term.words), initial=place.start))
    if all(view.gaps[i] == SYNTAX or i in between for i in cuts):
        return any(view.gaps[i] == SYNTAX for i in cuts)
    innocent = plain_words("pieces")
    return not all(piece in innocent for piece in pieces)


def _stands(view: View, term: _Term, at: int) -> _Place | None:
    """Where a term of a script without spaces stands."""
    bounds = _run_bounds(view.letters, at, term.runs)
    if bounds is None:
        return None
    doubled = all(b - a + 1 >= 2 * n for (a, b), n in zip(bounds, term.runs, strict=True))
    inner = zip(bounds[1:-1], term.runs[1:-1], strict=True)
    if not doubled and any(b - a + 1 != n for (a, b), n in inner):
        return None
    start = bounds[0][1] - term.runs[0] + 1
    end = bounds[-1][0] + term.runs[-1]
    if _cuts_latin(view, start) or _cuts_latin(view, end):
        return None
    cuts = [i for i in range(start + 1, end) if i in view.gaps]
    if term.is_exception and cuts:
        return None
    if any(view.gaps[i] == SPACE for i in cuts) and len(term.runs) < 3:
        before, after = _natural(view, start, -1), _natural(view, end, 1)
        if (before and (after or end in view.gaps)) or (after and start in view.gaps):
            return None
    return _Place(start, end, (0, 0))


def _natural(view: View, edge: int, side: int) -> bool:
    """Whether the character beside a divided term makes an ordinary word with its nearest one.

    `女性 爱心` divides no word, because `女性` and `爱心` are words.
    """
    if edge in view.gaps:
        return False
    pair = view.letters[edge - 1 : edge + 1]
    return len(pair) == 2 and pair in plain_words("neighbours")


def _cuts_latin(view: View, index: int) -> bool:
    """Whether a place lies between two letters of one Latin word."""
    around = view.letters[max(0, index - 1) : index + 1]
    return len(around) == 2 and around.isascii() and index > 0 and index not in view.gaps
