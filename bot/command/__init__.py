"""The grammar of a request: one for every platform (pure).

A request is a prompt, flags anywhere in it, or a pasted infotext, in any mixture; flags win over
what is pasted. `bot.command.flags` lists the flags and `bot.command.scan` says where one begins.

Full-width `，：（）` are read as ASCII, so that `（红色：1.3）` weighs; only in a block as A1111
itself writes it the prompt stays as it is, because the same picture is wanted. A last word `竖`,
`横` or `方` that stands alone gives the shape.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot import samplers, upscalers
from bot.command import flags, scan
from bot.command.merge import joined, override, said
from bot.command.names import ALIASES, REPLY, WORDS, parse_command
from bot.domain import DrawRequest
from bot.infotext import Infotext, parse_infotext, to_request
from bot.phrase import Phrase, phrase
from bot.values import FULL_WIDTH, SHAPES

__all__ = [
    "ALIASES",
    "REPLY",
    "WORDS",
    "Parsed",
    "override",
    "parse_command",
    "parse_draw",
    "said",
]

MOST_FAULTS = 8
"""Faults told one by one; the others are counted."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\x00"))
_LAST_WORD = re.compile(r"[\s,]([\u4e00-\u9fff]{1,3})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A request as understood. It is to be refused when there are faults."""

    request: DrawRequest
    faults: tuple[Phrase, ...] = ()
    notes: tuple[Phrase, ...] = ()
    pasted: frozenset[str] = frozenset()
    """Fields of `request` that come from a pasted block: what is missing here for them is told,
    not refused."""

    def under(self, options: DrawRequest) -> "Parsed":
        """This request with typed options, which win over everything in the text."""
        request = override(self.request, options)
        return replace(self, request=request, pasted=self.pasted - frozenset(said(options)))


def parse_draw(text: str) -> Parsed:
    """Understand what follows `/draw`. Any text has an answer; nothing is raised."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    taken = _take(text)
    infotext = parse_infotext(taken.rest)
    written, notes = to_request(infotext if infotext.exact else _typed(infotext))
    pasted = frozenset(said(written)) - {"prompt"} if infotext.fields else frozenset()
    if infotext.fields:  # it is drawn as it was: without the house style
        written = replace(written, raw=True)
    elif shaped := _shape(written.prompt):
        written = replace(written, prompt=shaped[0], aspect=shaped[1])
    return Parsed(
        request=written,
        faults=_fewer(taken.faults),
        notes=(*taken.notes, *notes),
        pasted=pasted,
    ).under(taken.options)


def _typed(infotext: Infotext) -> Infotext:
    """Both prompts with ASCII punctuation where it means something."""
    negative = infotext.negative_prompt
    return replace(
        infotext,
        prompt=infotext.prompt.translate(FULL_WIDTH),
        negative_prompt=None if negative is None else negative.translate(FULL_WIDTH),
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """The flags of a text, and the text without them."""

    rest: str
    options: DrawRequest
    faults: tuple[Phrase, ...]
    notes: tuple[Phrase, ...]


def _take(text: str) -> _Taken:
    kept, end = "", 0
    options: dict[str, Any] = {}
    faults: list[Phrase] = []
    notes: list[Phrase] = []
    foreign: list[str] = []
    seen: set[str] = set()
    for found in scan.find(text):
        kept = _join(kept, text[end : found.start])
        end = found.end
        changes = _changes(found, is_crowded=len(faults) > MOST_FAULTS)
        if isinstance(changes, Phrase):
            faults.append(changes)
            continue
        if not changes:
            foreign.append(found.written[:40])
            continue
        about = _about(changes)
        if about in seen and not (found.flag and found.flag.repeats):
            notes.append(phrase("note-flag-twice", flag=found.written))
        seen.add(about)
        options = joined(options, changes)
    if foreign:
        notes.append(phrase("note-midjourney-flags", flags=", ".join(foreign[:MOST_FAULTS])))
    rest = _join(kept, text[end:]) if end else text
    if end and not text[end:].strip():
        rest = rest.rstrip(" \t\n,，")
    return _Taken(rest, DrawRequest(**options), tuple(faults), _once(notes))


def _changes(found: scan.Found, *, is_crowded: bool) -> flags.Changes | Phrase:
    """What a flag sets, or what is wrong with it; where many are wrong, a near name is not
    worth the search."""
    flag, written = found.flag, found.written[:40]
    if found.name == "s":
        return phrase("fault-ambiguous-s", flag=written)
    if flag is None:
        near = None if is_crowded else flags.nearest(found.name)
        if near is None:
            return phrase("fault-flag-unknown", flag=written, known=flags.MAIN)
        return phrase("fault-flag-unknown-near", flag=written, near=f"--{near}")
    needs_value = flag.reads not in (flags.Reads.NOTHING, flags.Reads.NUMBER_IF_ANY)
    if needs_value and found.value is None and flag.names:
        return phrase("fault-flag-empty", flag=written, example=flag.example)
    value = found.value or ""
    changes = flag.change(value)
    if changes is not None:
        return changes
    if flag.reads is flags.Reads.SAMPLER:
        return _unknown_sampler(flag, value[:60])
    if flag.reads is flags.Reads.UPSCALER:
        known = ", ".join(upscalers.UPSCALERS)
        return phrase("fault-upscaler-unknown", asked=value[:60], known=known)
    return phrase("fault-flag-value", flag=written, asked=value[:60], example=flag.example)


def _unknown_sampler(flag: flags.Flag, asked: str) -> Phrase:
    if flag is flags.named("schedule"):
        return phrase("fault-schedule-unknown", asked=asked, known=", ".join(samplers.SCHEDULES))
    near = samplers.nearest(asked)
    if near is None:
        return phrase("fault-sampler-unknown", asked=asked, known=", ".join(samplers.SAMPLERS))
    return phrase("fault-sampler-unknown-near", asked=asked, near=near)


def _about(changes: flags.Changes) -> str:
    """What changes decide: a size and a shape are two words for one thing."""
    names = changes.keys()
    return "size" if "aspect" in names or {"width", "height"} <= names else min(names)


def _fewer(faults: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Each fault once, and no more than a chat message can hold."""
    unique = _once(faults)
    if len(unique) <= MOST_FAULTS:
        return unique
    return (*unique[:MOST_FAULTS], phrase("fault-more", count=len(unique) - MOST_FAULTS))


def _once(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    return tuple({(p.key, *p.args.items()): p for p in phrases}.values())


def _join(left: str, right: str) -> str:
    """Close the gap where a flag stood, with one space and no second comma."""
    left, right = left.rstrip(" \t"), right.lstrip(" \t")
    if right[:1] in tuple(",，") and (not left or left[-1] in ",，\n"):
        right = right[1:].lstrip(" \t")
    if left.endswith("\n") and right.startswith("\n"):
        right = right[1:]
    tight = not left or not right or left[-1] == "\n" or right[0] in "\n,，.。"
    return left + right if tight else f"{left} {right}"


def _shape(prompt: str) -> tuple[str, tuple[float, float]] | None:
    """A prompt without the `竖`, `横`, `方` that stands alone behind it, and what that means."""
    last = _LAST_WORD.search(prompt)
    words = prompt[: last.start()].rstrip(" ,\n") if last else ""
    return (words, SHAPES[last[1]]) if last and words and last[1] in SHAPES else None
