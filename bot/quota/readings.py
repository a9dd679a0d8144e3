"""What the text encoder will read of a prompt, for the filter (pure).

`bot.prompt` answers what is encoded at one step, exactly; the filter must know all steps of any
text within a millisecond. So this follows the same rules for `[a|b]` and `[from:to:when]`, visits
only the steps that differ, and keeps only the words near such syntax: the rest is in the text
itself. A test compares it with `bot.prompt`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.quota.effort import Effort

_TAG = re.compile(r"<\s*(?:lora|lyco|hypernet)\s*:[^<>]*>|</?[a-z]{1,8}\s*/?>", re.IGNORECASE)
"""What adds a network, and marks of HTML."""
_TAG_HEAD = re.compile(r"<\s*(?:lora|lyco|hypernet)\s*:", re.IGNORECASE)
_BREAK = re.compile(r"\bBREAK\b")
_ESCAPED = re.compile(r"\\([()\[\]{}\\])")
_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
_WHEN = re.compile(r"\s*(\d{0,6}(?:\.\d{0,9})?)\s*")
_WEIGHT = re.compile(r":\s*[+-]?\d{0,9}(?:\.\d{0,9})?\s*(?=\))")
_DYNAMIC = re.compile(r"[\[\]][^\[\]]*[|:][^\[\]]*[\[\]]")

NEAR = 32
"""Characters around changing words that are read with them: the longest split word."""
_FAR = 3 * NEAR
_CLAUSE = re.compile(r"[,.;!?\n\u3001\u3002\uff0c\uff1b]")
MOST = 6_000
"""Characters of all readings together."""
_GONE = "\0"
"""Stands where a tag was."""
APART = "\n;\n"
"""Stands between parts that no word reaches over."""
_DEEPEST = 5
_PLAIN_MOST = 240
"""Square brackets in one prompt that changes; nobody who means well writes more."""


class Unreadable(Exception):
    """So many steps differ that nobody can check them all."""


def without_tag_heads(text: str) -> str:
    """`nu<lora:de:1>` as `nu<de:1>`: a name may be the rest of a word."""
    return _TAG_HEAD.sub("<", text) if "<" in text else text


def readings(text: str, steps: int, second: int = 0, effort: Effort | None = None) -> list[str]:
    """What is encoded at some step, where it differs from `text` in more than brackets: the words
    near each difference, once each, however many steps and places there are.

    `second`: steps of the second pass of hires fix, 0 for none.

    Raises:
        Unreadable: the readings would be too many or too tangled.
        TooMuch: they take more work than `effort` has left.
    """
    marked = _TAG.sub(_GONE, text) if "<" in text else text
    if "BREAK" in marked:
        marked = _BREAK.sub(f" {_GONE}", marked)
    found = _near_gone(marked) if _GONE in marked else []
    plain = marked.replace(_GONE, "")
    if not ("]" in plain and _DYNAMIC.search(plain)):
        return found
    if plain.count("[") > _PLAIN_MOST:
        raise Unreadable
    changing = _WEIGHT.sub("", _near_changes(_ESCAPED.sub(" ", plain)))
    effort = effort or Effort()
    parts: dict[str, None] = {}
    for run in (_Pass(steps), _Pass(second, steps)):
        for step in _steps_that_differ(changing, run):
            effort.spend(len(changing))
            parts |= dict.fromkeys(_at(changing, step, run).split(APART))
    if sum(map(len, parts)) > MOST:
        raise Unreadable
    return [*found, *parts]


def head(text: str) -> str:
    """The beginning of a stretch: `NEAR` characters, and on to the end of the clause."""
    mark = _CLAUSE.search(text, NEAR, _FAR)
    return text[: mark.start() if mark else _FAR]


def tail(text: str) -> str:
    """The end of a stretch."""
    mark = _CLAUSE.search(text[::-1], NEAR, _FAR)
    return text[-(mark.start() if mark else _FAR) :]


def ends(text: str) -> str:
    """A stretch without its middle, where it is long."""
    return text if len(text) <= 2 * _FAR else f"{head(text)}{APART}{tail(text)}"


class _Pass(NamedTuple):
    """One run of the sampler."""

    steps: int
    earlier: int | None = None
    """Steps of the first pass, where this is the second."""


def _near_gone(marked: str) -> list[str]:
    """The words around what was taken out, without the stretches between."""
    first, *between, last = marked.split(_GONE)
    return "".join((tail(first), *map(ends, between), head(last))).split(APART)


def _near_changes(text: str) -> str:
    """`text` with long stretches outside square brackets shortened to their ends."""
    out: list[str] = []
    depth = end = 0
    for mark in re.finditer(r"[\[\]]", text):
        stretch = text[end : mark.start()]
        if depth == 0:
            stretch = ends(stretch) if out else tail(stretch)
        out += (stretch, mark[0])
        end = mark.end()
        depth = depth + 1 if mark[0] == "[" else max(0, depth - 1)
    return "".join(out) + head(text[end:])


def _steps_that_differ(text: str, run: _Pass) -> Iterator[int]:
    """One step of each kind: by the turns of all alternations and the sides of all schedules."""
    turns: set[int] = set()
    switches: set[int] = set()

    def note(found: re.Match[str]) -> str:
        if "|" in found[1]:
            turns.add(found[1].count("|") + 1)
        elif (switch := _switch(found[1].split(":"), run)) is not None:
            switches.add(switch)
        return found[1].replace("|", " ").replace(":", " ")

    for _ in range(_DEEPEST):
        text, changed = _INNERMOST.subn(note, text)
        if not changed:
            break
    else:
        if "[" in text and _INNERMOST.search(text):
            raise Unreadable
    seen: set[tuple[tuple[int, ...], int]] = set()
    for step in range(1, min(run.steps, 150) + 1):
        kind = (tuple((step - 1) % n for n in turns), sum(step <= s for s in switches))
        if kind not in seen:
            seen.add(kind)
            yield step


def _switch(parts: list[str], run: _Pass) -> int | None:
    """The last step of `from`, if `parts` are a schedule."""
    if len(parts) not in (2, 3):
        return None
    when = _WHEN.fullmatch(parts[-1])
    if not when or not any(c.isdigit() for c in when[1]):
        return None
    number = float(when[1])
    if "." in when[1]:
        return min(run.steps, int((number - (run.earlier is not None)) * run.steps))
    return min(run.steps, int(number) - (run.earlier or 0))


def _at(text: str, step: int, run: _Pass) -> str:
    def choose(found: re.Match[str]) -> str:
        options = found[1].split("|")
        if len(options) > 1:
            return options[(step - 1) % len(options)]
        parts = found[1].split(":")
        switch = _switch(parts, run)
        if switch is None:
            return found[1]
        before = parts[0] if len(parts) == 3 else ""
        return before if step <= switch else parts[-2]

    for _ in range(_DEEPEST):
        text, changed = _INNERMOST.subn(choose, text)
        if not changed:
            break
    return text
