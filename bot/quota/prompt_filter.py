"""Says of a request whether its words may be drawn (pure: no file is read while checking).

It reads what the text encoder will read at any step, and the text as it was written; the positive
and the negative prompt each by their own lists; the names of models; and words that begin in one
of these and end in another. A verdict names a category, never a word.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from string import ascii_uppercase

from bot.errors import ConfigError
from bot.phrase import Phrase
from bot.quota import minors, word_lists
from bot.quota.effort import WORD, Effort, TooMuch
from bot.quota.matcher import Hit, Matcher
from bot.quota.normalise import WALL, fold, otherwise, turned, unmarked
from bot.quota.readings import APART, NEAR, Unreadable, ends, readings, tail, without_tag_heads
from bot.quota.undressing import undresses
from bot.quota.views import Views
from bot.quota.word_lists import Entry, shipped

MINORS = "minors"
FOREIGN = "source"
UNREADABLE = "unreadable"
"""Categories that no list has: the fixed rule, somebody else's picture, a tangle of syntax."""

_NEGATIVE = "negative "
_OTHERWISE = 4
"""What a character costs that is read another way too: who means well writes few of them."""
_WALL = f"\n{WALL}\n"


class Source(StrEnum):
    """The picture that a request starts from."""

    NONE = "none"
    OWN = "own"
    """A result of this bot."""
    FOREIGN = "foreign"


class Action(StrEnum):
    """What follows from a category, mildest first."""

    ALLOW = "allow"
    NEGATIVE = "negative"
    """Draw with a forced negative prompt."""
    SPOILER = "spoiler"
    HOLD = "hold"
    """An admin looks first."""
    REFUSE = "refuse"


_STRICTNESS = tuple(Action)
DEFAULT_ACTIONS: Mapping[str, Action] = dict.fromkeys(word_lists.CATEGORIES, Action.REFUSE)
CATEGORIES = frozenset(DEFAULT_ACTIONS)
_FIXED = frozenset((MINORS, FOREIGN, UNREADABLE))
_ONLY_OWN_RULE = frozenset(("sexual", "degrading", "foreign"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Everything of one request that may hold words."""

    prompt: str
    """The final one, after presets, styles, pastes, tweaks and edits."""
    negative_prompt: str = ""
    names: tuple[str, ...] = ()
    """LoRAs, embeddings, checkpoint, VAE."""
    raw: str = ""
    """What the member wrote, before the command was read."""
    steps: int = 20
    second_steps: int = 0
    """Steps of the second pass of hires fix."""
    source: Source = Source.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The strictest of what was found."""

    action: Action = Action.ALLOW
    category: str = ""
    """Empty when nothing was found."""
    categories: frozenset[str] = frozenset()
    """All that was found; a chat may resolve them by its own actions."""

    veiled: bool = False
    """Whether one of these asks for a spoiler, whatever the strictest one asks for."""
    avoided: tuple[str, ...] = ()
    """Categories of which a negative prompt has to keep the picture free."""

    @property
    def allowed(self) -> bool:
        """Whether it may be drawn at once, perhaps behind a spoiler."""
        return self.action not in (Action.REFUSE, Action.HOLD)

    @property
    def fixed(self) -> bool:
        """Whether no setting of a chat changes this verdict."""
        return self.category in _FIXED

    @property
    def phrase(self) -> Phrase:
        """What the member is told in private."""
        if self.fixed:
            return Phrase(f"prompt-refused-{self.category}")
        return Phrase("prompt-refused", {"category": Phrase(f"category-{self.category}")})


class PromptFilter:
    """Checks requests against the shipped lists and those of an operator or a chat."""

    def __init__(
        self, lists: Iterable[Entry] | None = None, *, also: tuple[Matcher, ...] = ()
    ) -> None:
        self._matchers = (*also, Matcher(shipped() if lists is None else lists))

    def extended(self, lists: Iterable[Entry]) -> "PromptFilter":
        """The same filter with more words; building it costs only as much as the new words."""
        return PromptFilter(lists, also=self._matchers)

    def check(
        self,
        fields: Fields,
        actions: Mapping[str, Action] = DEFAULT_ACTIONS,
        *,
        relax_foreign: bool = False,
        effort: Effort | None = None,
    ) -> Verdict:
        """Judge a request; never raises for any text.

        `actions` tells what a chat does about each category; a missing one is refused.
        `relax_foreign` is the operator's, for age-restricted chats. About 0.2 ms for an ordinary
        prompt, at most 4 ms for 4000 characters of anything: what takes more work than
        `effort.MOST`, in all fields together, is refused as unreadable.
        """
        effort = effort or Effort()
        try:
            found, sure = self._found(fields, effort)
        except (Unreadable, TooMuch):
            return Verdict(
                action=Action.REFUSE, category=UNREADABLE, categories=frozenset((UNREADABLE,))
            )
        if fields.source is Source.FOREIGN and not relax_foreign and sure & _ONLY_OWN_RULE:
            found |= {FOREIGN}
        return resolve(found, actions)

    def _found(self, fields: Fields, effort: Effort) -> tuple[frozenset[str], frozenset[str]]:
        """Categories of the whole request; and those whatever the exceptions of added lists say,
        by which the fixed rules are judged."""
        text = _read(fields, effort)
        hits, all_of_them = self._hits(text.views, effort)
        asked = text.positive(hits)
        sure = text.positive(all_of_them)
        found = _asked_for(asked)
        is_minors = minors.meets(sure, text.asked, effort)
        if text.negative:
            avoided = [h for h in hits if text.begin < h.start < text.end]
            surely_avoided = [h for h in all_of_them if text.begin < h.start < text.end]
            is_minors = (
                is_minors
                or _one_clause_meets(text, surely_avoided, effort)
                or minors.wants_no_adult(sure, text.asked, text.negative)
            )
            named = {h.category for h in avoided if h.category.startswith(_NEGATIVE)}
            found |= {category.removeprefix(_NEGATIVE) for category in named}
            found |= {h.category for h in hits if text.end < h.start < text.seam < h.end}
        strict = found | _asked_for(sure)
        if fields.source is Source.FOREIGN:
            effort.spend(len(text.asked))
            strict |= {"foreign"} if undresses(text.asked) else set()
        return frozenset(found | {MINORS} if is_minors else found), frozenset(strict)

    def _hits(self, views: Views, effort: Effort) -> tuple[list[Hit], list[Hit]]:
        """Words of all lists that no exception of any list covers; and all that no exception of
        the shipped lists covers."""
        finds = [matcher.find(views, effort) for matcher in self._matchers]
        found = [hit for hits, _ in finds for hit in hits]
        if not found:
            return found, found
        frees = [exceptions() for _, exceptions in finds]
        return _uncovered(found, [hit for free in frees for hit in free]), _uncovered(
            found, frees[0]
        )


def _uncovered(found: list[Hit], free: list[Hit]) -> list[Hit]:
    """Those of `found` that no exception holds."""
    if not (found and free):
        return found
    free = sorted(free, key=lambda e: e.start)
    starts = [e.start for e in free]
    reach = list(accumulate((e.end for e in free), max))  # of all that begin so far
    return [h for h in found if not (n := bisect_right(starts, h.start)) or reach[n - 1] < h.end]


def _asked_for(hits: list[Hit]) -> set[str]:
    return {h.category for h in hits if not h.category.startswith(_NEGATIVE)}


@dataclass(frozen=True, slots=True)
class _Text:
    """All fields of a request as one folded text."""

    views: Views
    asked: str
    """What adds to the picture: the beginning of the text."""
    negative: str
    begin: int
    end: int
    """Where the negative prompt stands in the text."""
    seam: int
    """Where the end of the prompt meets the beginning of the negative one, once more."""

    def positive(self, hits: list[Hit]) -> list[Hit]:
        """Those in what adds to the picture."""
        return [h for h in hits if h.end <= self.begin] if self.negative else hits


def _read(fields: Fields, effort: Effort) -> _Text:
    """Read everything at once: most of the work is the same for one text and for several."""
    asked = _WALL.join(_positive(fields, effort))
    negative = seam = ""
    met = 0
    if fields.negative_prompt:
        negative = unmarked(without_tag_heads(fields.negative_prompt))
        before = unmarked(fields.prompt[-NEAR:])
        met = len(fold(before))
        seam = f"{before}\n{unmarked(fields.negative_prompt[:NEAR])}"
    whole = _WALL.join((asked, negative, seam)) if negative else asked
    effort.spend(len(whole) + WORD * sum(map(whole.count, ascii_uppercase)))
    if not whole.isascii():
        effort.spend(len(whole) + len(whole.encode("utf-8", "replace")))
    folded = fold(whole)
    begin = end = len(folded)
    if negative:
        end = folded.rindex(WALL)
        begin = folded.rindex(WALL, 0, end)
    return _Text(
        views=Views(folded, effort),
        asked=folded[:begin].replace(WALL, ";"),
        negative=folded[begin + 1 : end],
        begin=begin,
        end=end,
        seam=end + len(_WALL) - 1 + met,
    )


def _positive(fields: Fields, effort: Effort) -> Iterator[str]:
    """Every text that adds to the picture."""
    written = without_tag_heads(fields.prompt)
    texts = ["\n".join((written, *fields.names))]
    if raw := _besides(fields.raw, fields.prompt):
        texts.append(without_tag_heads(raw))
    if read := readings(fields.prompt, fields.steps, fields.second_steps, effort):
        texts.append(APART.join(read))
    for text in texts:
        yield unmarked(text)
        if (other_way := turned(text)) is not None:
            yield other_way
        if (read_otherwise := otherwise(text)) is not None:
            effort.spend(_OTHERWISE * len(read_otherwise))
            yield unmarked(read_otherwise)


def _besides(raw: str, prompt: str) -> str:
    """What was written besides the prompt, with what stands near it."""
    if raw == prompt:
        return ""
    if prompt and prompt in raw:
        before, _, after = raw.partition(prompt)
        return f"{before}{ends(prompt)}{after}"
    same = next(
        (i for i, (a, b) in enumerate(zip(raw, prompt, strict=False)) if a != b),
        min(len(raw), len(prompt)),
    )
    return tail(raw[:same]) + raw[same:]


def _one_clause_meets(text: _Text, hits: list[Hit], effort: Effort) -> bool:
    """Whether one clause of the negative prompt names both.

    Clause by clause, because `nsfw, child` there asks for neither.
    """
    if not hits:
        return False
    clauses: dict[int, list[Hit]] = {}
    offset = text.begin + 1
    bounds = [i for i, c in enumerate(text.negative) if c in ",;\n、|"]
    for hit in hits:
        clauses.setdefault(bisect_left(bounds, hit.start - offset), []).append(hit)
    edges = [-1, *bounds, len(text.negative)]
    return any(
        minors.meets(inside, text.negative[edges[n] + 1 : edges[n + 1]], effort)
        for n, inside in clauses.items()
    )


def resolve(found: frozenset[str], actions: Mapping[str, Action]) -> Verdict:
    """The verdict on what was found, by a chat's actions; what is fixed comes first."""
    for category in (MINORS, UNREADABLE, FOREIGN):
        if category in found:
            return Verdict(action=Action.REFUSE, category=category, categories=found)
    known = [c for c in DEFAULT_ACTIONS if c in found]
    if not known:
        return Verdict(categories=found)
    worst = max(known, key=lambda c: _STRICTNESS.index(actions.get(c, Action.REFUSE)))
    return Verdict(
        action=actions.get(worst, Action.REFUSE),
        category=worst,
        categories=found,
        veiled=any(actions.get(c) is Action.SPOILER for c in known),
        avoided=tuple(c for c in known if actions.get(c) is Action.NEGATIVE),
    )


def self_test(checked: PromptFilter) -> None:
    """Look whether the filter works; to be called at start.

    Raises:
        ConfigError: a word of the shipped lists passes, or an ordinary prompt does not.
    """
    for entry in _samples():
        spaced = " ".join(entry.text)
        wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in entry.text)
        for text in (entry.text, f"a photo of {entry.text}, 8k", spaced, wide):
            if not checked.check(Fields(prompt=text)).categories:
                raise ConfigError(
                    f"the prompt filter lets a word of {entry.category!r} pass: does a list of "
                    "exceptions (lines that begin with !) name it?"
                )
    for text in ("a red fox in the grass, best quality", "一只红色的狐狸，雪地"):
        if not checked.check(Fields(prompt=text)).allowed:
            raise ConfigError(
                "the prompt filter refuses an ordinary prompt: is a word in a list too short?"
            )
    sexual = next(e.text for e in _samples() if e.category == "sexual")
    strictest = checked.check(
        Fields(prompt=f"{sexual}, 12 year old"), dict.fromkeys(CATEGORIES, Action.ALLOW)
    )
    if strictest.category != MINORS:
        raise ConfigError("the prompt filter does not keep the rule that protects minors")


def _samples() -> Iterator[Entry]:
    """The first word of each category of the shipped lists."""
    seen: set[tuple[str, bool]] = set()
    for entry in shipped():
        kind = (entry.category, entry.text.isascii())
        if entry.category in CATEGORIES and not entry.is_exception and kind not in seen:
            seen.add(kind)
            yield entry


def run_filter_test(lines: Iterable[str], lists: Iterable[Entry] = ()) -> Iterator[str]:
    """One verdict a line for `chatelier filter test`: `allow`, `refuse sexual`, …"""
    checked = PromptFilter().extended(lists)
    for line in lines:
        verdict = checked.check(Fields(prompt=line.rstrip("\r\n")))
        yield f"{verdict.action} {verdict.category}".strip() if verdict.category else "allow"
