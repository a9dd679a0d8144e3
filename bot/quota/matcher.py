"""Finds the words of lists in folded text, however they are spaced, stretched or dressed up.

An automaton proposes places, `bot.quota.judge` says which of them hold.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.quota.automaton import Automaton, runs
from bot.quota.effort import PLACE, Effort
from bot.quota.judge import LONGEST_COMPANY, Place, Term, placed, reads_as, stands
from bot.quota.normalise import fold
from bot.quota.views import View, Views, cjk, classes, latin
from bot.quota.word_lists import Entry, inflected, mixed, respelled, simplified

_MASKED = re.compile(r"[a-z]+(?:[*#%]+[a-z]*)+")
_MASK_SIGN = re.compile(r"[*#%]")
_WORDS = re.compile(r"[a-z]+")
_ANY_WORD = re.compile(r"[^\W\d_]+")
_OTHER_LETTER = re.compile(r"[^\W\d_a-z]")
_NEARBY = 24
"""Characters around one of them: the words of a phrase beside it."""
_WHOSE = ("her", "his", "my", "your", "their", "the")
"""May stand between a participle and its object: `spreading her legs`."""
_MOST_MASKED = 4
"""Masked words in one text that are also looked up as parts of phrases."""
_GUESS = 400
"""What it costs to try a vowel for stars, in characters looked at: a view of a few words."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a list, and where it stands in the folded text (`end` is one past it)."""

    category: str
    start: int
    end: int


Exceptions = Callable[[], list[Hit]]
"""Finds them when it is called."""
_Maybe = tuple[View, Term, int, bool]
"""An exception that may stand in a view, where its last run begins, and whether it is of a script
without spaces."""


class Matcher:
    """All words of some lists."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._latin: Automaton[Term] = Automaton()
        self._cjk: Automaton[Term] = Automaton()
        self._masked: dict[str, str] = {}
        self._signs: dict[str, Entry] = {}
        self._other: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
        """By the first word: entries in alphabets other than a–z, in whose words nothing is
        looked through but look-alikes and marks."""
        self._other_letters: set[str] = set()
        for entry in entries:
            self._add(entry)
        self._latin.link()
        self._cjk.link()

    def find(self, views: Views, effort: Effort | None = None) -> tuple[list[Hit], Exceptions]:
        """Every word of the lists in a text, and how to find the exceptions: they are worth their
        work only where there is something that they may cover.

        Raises:
            TooMuch: it takes more work than `effort` has left.
        """
        effort = effort or Effort()
        later: list[_Maybe] = []
        found = [
            _hit(view, term, place)
            for view in views.words
            for term, place in _words_in(view, self._proposed(view, effort, later), effort)
        ]
        found += [
            _hit(view, term, place)
            for view in views.characters
            for term, place in self._cjk_in(view, effort, later)
        ]
        found += self._masked_in(views.folded, effort)
        free: list[Hit] = []
        for entry, hit in (*self._signs_in(views.folded), *self._others_in(views.folded, effort)):
            (free if entry.is_exception else found).append(hit)
        return found, lambda: [*free, *_exceptions(later, effort)]

    # Building -------------------------------------------------------------------------------

    def _add(self, entry: Entry) -> None:
        text = fold(entry.text)
        if any(c.isdigit() for c in text):
            self._signs[text] = entry
        elif views := cjk(text, simplified()):
            self._add_cjk(entry, views[0].letters)
        elif _OTHER_LETTER.search(text):
            words = tuple(_ANY_WORD.findall(text))
            self._other.setdefault(words[0], []).append((words, entry))
            self._other_letters |= set(_OTHER_LETTER.findall(text))
        elif words := tuple(_WORDS.findall(text)):
            self._add_latin(entry, words)
            if len(words) > 1 and words[0].endswith("ing") and not entry.is_exception:
                for whose in _WHOSE:
                    self._add_latin(entry, (words[0], whose, *words[1:]))
        elif text.strip():
            self._signs[text.strip()] = entry

    def _add_latin(self, entry: Entry, words: tuple[str, ...]) -> None:
        if not entry.is_exception:
            self._add_sounds(entry, words)
        last = [words[-1]]
        if entry.flag not in ("=", "!") and len(words[-1]) > 2:
            last = list(dict.fromkeys(inflected(words[-1], verb=entry.flag == "+")))
        for form in last:
            spelled = (*words[:-1], form)
            seen = classes("".join(spelled))
            term = Term(
                "".join(spelled),
                entry.category,
                runs(seen),
                spelled if len(spelled) > 1 else (),
                seen=seen,
                tail=seen[-runs(seen)[-1] :],
                anywhere=entry.flag == "~",
                exact=entry.is_exception,
                is_exception=entry.is_exception,
            )
            self._latin.add(seen, term)
            if not entry.is_exception and len(spelled) == 1:
                self._add_masked(form, entry.category)

    def _add_sounds(self, entry: Entry, words: tuple[str, ...]) -> None:
        """What sounds like it, to the letter."""
        for heard in respelled(words):
            verb = entry.flag == "+"
            forms = [heard[-1]] if entry.flag == "=" else inflected(heard[-1], verb=verb)
            for form in dict.fromkeys(forms):
                spelled = (*heard[:-1], form)
                letters = "".join(spelled)
                parts = spelled if len(spelled) > 1 else ()
                seen = classes(letters)
                term = Term(letters, entry.category, runs(seen), parts, exact=True, seen=seen)
                self._latin.add(seen, term)

    def _add_masked(self, word: str, category: str) -> None:
        """`w*rd`, `w**d`, `w***`: stars for letters of the middle."""
        if len(word) < 3:
            return
        for start in range(1, len(word) - 1):
            for end in range(start + 1, min(start + 4, len(word))):
                if len(word) - (end - start) >= 2:
                    self._masked[word[:start] + "*" * (end - start) + word[end:]] = category

    def _add_cjk(self, entry: Entry, letters: str) -> None:
        for written in (letters, *mixed(letters, entry.syllables)):
            self._cjk.add(
                written,
                Term(
                    written,
                    entry.category,
                    runs(written),
                    anywhere=entry.flag == "~",
                    exact=entry.flag == "=",
                    is_exception=entry.is_exception,
                ),
            )
        joined = "".join(entry.syllables)
        if len(joined) > 4:
            seen = classes(joined)
            spoken = Term(
                joined, entry.category, runs(seen), entry.syllables, exact=True, seen=seen
            )
            self._latin.add(seen, spoken)

    # Judging --------------------------------------------------------------------------------

    def _proposed(
        self, view: View, effort: Effort, later: list[_Maybe]
    ) -> Iterator[tuple[Term, int]]:
        """Words that may stand in a view, and where their last run begins; exceptions `later`."""
        effort.spend(2 * len(view.letters))
        letters = view.classes
        for at, term in self._latin.scan(letters):
            effort.spend(1)
            if not letters.startswith(term.tail, at):
                continue
            if term.is_exception:
                later.append((view, term, at, False))
            else:
                yield term, at

    def _cjk_in(
        self, view: View, effort: Effort, later: list[_Maybe]
    ) -> Iterator[tuple[Term, Place]]:
        effort.spend(2 * len(view.letters))
        for at, term in self._cjk.scan(view.letters):
            if term.is_exception:
                effort.spend(1)
                later.append((view, term, at, True))
                continue
            effort.spend(PLACE)
            place = stands(view, term, at)
            if place is not None:
                yield term, place

    def _signs_in(self, folded: str) -> Iterator[tuple[Entry, Hit]]:
        """Entries that are no letters, or have digits, as they are."""
        for sign, entry in self._signs.items():
            start = folded.find(sign)
            while start >= 0:
                end = start + len(sign)
                around = folded[start - 1 : start] + folded[end : end + 1]
                if not (sign[0].isalnum() and any(c.isalnum() for c in around)):
                    yield entry, Hit(entry.category, start, end)
                start = folded.find(sign, end)

    def _others_in(self, folded: str, effort: Effort) -> Iterator[tuple[Entry, Hit]]:
        """Entries in other alphabets, word by word."""
        if self._other_letters.isdisjoint(folded):
            return
        effort.spend(len(folded))
        spans = [found.span() for found in _ANY_WORD.finditer(folded)]
        written = [folded[a:b] for a, b in spans]
        for at, word in enumerate(written):
            for words, entry in self._other.get(word, ()):
                last = at + len(words) - 1
                if tuple(written[at : last + 1]) == words:
                    yield entry, Hit(entry.category, spans[at][0], spans[last][1])

    def _masked_in(self, folded: str, effort: Effort) -> Iterator[Hit]:
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
                    effort.spend(_GUESS)
                    around = folded[max(0, found.start() - _NEARBY) : found.end() + _NEARBY]
                    view = latin(_MASK_SIGN.sub(vowel, around))
                    for term, _ in _words_in(view, self._proposed(view, effort, []), effort):
                        if term.words:
                            yield Hit(term.category, found.start(), found.end())


def _words_in(
    view: View, proposed: Iterable[tuple[Term, int]], effort: Effort
) -> Iterator[tuple[Term, Place]]:
    """Those that stand there."""
    for term, at in proposed:
        effort.spend(PLACE)
        if not term.anywhere and view.ends.isdisjoint(range(at + 1, at + LONGEST_COMPANY)):
            continue
        place = placed(view, term, at)
        if place is not None and reads_as(view, term, place):
            yield term, place


def _exceptions(later: list[_Maybe], effort: Effort) -> Iterator[Hit]:
    for view, term, at, is_cjk in later:
        if is_cjk:
            effort.spend(PLACE)
            if (place := stands(view, term, at)) is not None:
                yield _hit(view, term, place)
        else:
            for _, place in _words_in(view, [(term, at)], effort):
                yield _hit(view, term, place)


def _hit(view: View, term: Term, place: Place) -> Hit:
    return Hit(term.category, view.place(place.start), view.place(place.end - 1) + 1)
