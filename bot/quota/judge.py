"""Whether a word of a list really stands where the automaton proposes it (pure).

Words of alphabets must stand as whole words; what may differ from the list's spelling is told
apart: gaps between the letters, letters drawn out, letters that stand for others. Words of
scripts without spaces may stand anywhere.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.quota.automaton import collapsed
from bot.quota.views import FOREIGN, SPACE, SYNTAX, View, has_signs, only_signs_differ, same_letters
from bot.quota.word_lists import plain_words

LONGEST_COMPANY = 16
"""Letters between the last run of a term and the end of the word it is glued into."""
_ENDINGS = "sz"


@dataclass(frozen=True, slots=True)
class Term:
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
    seen: str = ""
    """`letters` as `View.classes` has it."""
    tail: str = ""
    """Its last run."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands in a view: `[start, end)`."""

    start: int
    end: int
    stretched: tuple[int, int]
    """How many runs are longer than the term's, and the longest of these."""


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


def placed(view: View, term: Term, at: int) -> Place | None:
    """Where the term stands as a whole word, or anywhere if it may."""
    if (place := _as_listed(view, term, at)) is not None:
        return place
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
        if not term.words and any(i in view.gaps for i in range(start + 1, end)):
            return None
    return Place(start, end, _stretched(bounds, term.runs, start, end))


def _as_listed(view: View, term: Term, at: int) -> Place | None:
    """A whole word with no letter drawn out, which most are, without a look at each run."""
    start = at + term.runs[-1] - len(term.letters)
    end = start + len(term.letters)
    if start not in view.starts or end not in view.ends:
        return None
    seen = view.classes[start:end]
    if seen[0] in view.classes[start - 1 : start] or seen[-1] == view.classes[end : end + 1]:
        return None
    return Place(start, end, (0, 0)) if seen == term.seen else None


def _in_company(
    view: View, term: Term, start: int | None, end: int | None, latest: int, earliest_end: int
) -> bool:
    """Whether what is glued to the term is an ordinary companion: `bigword`, `wordgirl`."""
    if len(term.letters) < 4 or term.is_exception:
        return False
    friends = plain_words("companions")
    if start is None:
        begin = view.word_start(latest, LONGEST_COMPANY)
        if begin is None or view.letters[begin:latest] not in friends:
            return False
    if end is not None:
        return True
    until = view.word_end(earliest_end, LONGEST_COMPANY)
    return until is not None and view.letters[earliest_end:until] in friends


def _before_ending(view: View, earliest: int, latest: int) -> int | None:
    """Where a term ends of which somebody made a plural by hand."""
    for end in range(earliest, latest + 2):
        if end + 1 in view.ends and end not in view.gaps and view.letters[end] in _ENDINGS:
            return end
    return None


def reads_as(view: View, term: Term, place: Place) -> bool:
    """Whether somebody who reads this place reads the term."""
    written, word = view.letters[place.start : place.end], term.letters
    count, longest = place.stretched
    cuts = [i for i in range(place.start + 1, place.end) if i in view.gaps]
    if count:
        short = len(word) < 4 or (len(word) == 4 and cuts)
        if count == 1 and longest < 3 and short:
            return False
        written, word = collapsed(written), collapsed(word)
    same = only_signs_differ(written, word)
    if term.exact and (count or not same or (term.is_exception and has_signs(written))):
        return False
    if not same and (len(term.letters) < 4 or not same_letters(written, word)):
        return False
    if not cuts:  # two innocent words may be another one when they are written as one
        return not (term.is_exception and term.words)
    return _reads_across(view, term, place, cuts)


def _alike(written: str, word: str) -> bool:
    """Whether two words differ only in what was judged for the whole phrase already."""
    return same_letters(collapsed(written), collapsed(word))


def _reads_across(view: View, term: Term, place: Place, cuts: list[int]) -> bool:
    """Whether pieces with gaps between them are one word, and not words by chance."""
    if any(view.gaps[i] == FOREIGN for i in cuts):
        return False
    edges = [place.start, *cuts, place.end]
    pieces = tuple(view.letters[a:b] for a, b in pairwise(edges))
    if len(pieces) == len(term.words) and all(map(_alike, pieces, term.words)):
        return True
    if term.is_exception:
        return False
    between = set(accumulate(map(len, term.words), initial=place.start))
    if all(view.gaps[i] == SYNTAX or i in between for i in cuts):
        return any(view.gaps[i] == SYNTAX for i in cuts)
    innocent = plain_words("pieces")
    return not all(piece in innocent for piece in pieces)


def stands(view: View, term: Term, at: int) -> Place | None:
    """Where a term of a script without spaces stands."""
    extent = _extent(view.letters, term, at)
    if extent is None:
        return None
    start, end = extent
    if _cuts_latin(view, start) or _cuts_latin(view, end):
        return None
    cuts = [i for i in range(start + 1, end) if i in view.gaps]
    if term.is_exception:
        return None if cuts else Place(start, end, (0, 0))
    if term.exact and not (_is_free(view, start, start - 1) and _is_free(view, end, end)):
        return None
    if any(view.gaps[i] == FOREIGN for i in cuts):
        return None
    if not cuts and end - start == 2 and _natural(view, start) and _natural(view, end):
        return None  # the end of one ordinary word and the beginning of the next
    if any(view.gaps[i] == SPACE for i in cuts) and len(term.runs) < 3:
        before, after = _natural(view, start), _natural(view, end)
        if (before and (after or end in view.gaps)) or (after and start in view.gaps):
            return None
    return Place(start, end, (0, 0))


def _is_free(view: View, edge: int, beside: int) -> bool:
    """Whether nothing of the same script goes on beyond an edge of a term."""
    return edge in view.gaps or view.letters[beside].isascii()


def _natural(view: View, edge: int) -> bool:
    """Whether the character beside a divided term makes an ordinary word with its nearest one.

    `女性 爱心` divides no word, because `女性` and `爱心` are words.
    """
    if edge in view.gaps:
        return False
    pair = view.letters[edge - 1 : edge + 1]
    return len(pair) == 2 and pair in plain_words("neighbours")


def _extent(letters: str, term: Term, at: int) -> tuple[int, int] | None:
    """First and past the last character; each may be doubled, or none."""
    size = len(term.letters)
    if size <= at + 1 and letters[at - size + 1 : at + 1] == term.letters:
        return at - size + 1, at + 1
    bounds = _run_bounds(letters, at, term.runs)
    if bounds is None:
        return None
    doubled = all(b - a + 1 >= 2 * n for (a, b), n in zip(bounds, term.runs, strict=True))
    inner = zip(bounds[1:-1], term.runs[1:-1], strict=True)
    if not doubled and any(b - a + 1 != n for (a, b), n in inner):
        return None
    return bounds[0][1] - term.runs[0] + 1, bounds[-1][0] + term.runs[-1]


def _cuts_latin(view: View, index: int) -> bool:
    """Whether a place lies between two letters of one Latin word."""
    around = view.letters[max(0, index - 1) : index + 1]
    return len(around) == 2 and around.isascii() and index > 0 and index not in view.gaps
