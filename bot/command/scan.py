"""Finding flags in a text, and how much of what follows belongs to each.

A flag begins with two dashes and a letter, where no letter or digit stands before it; with one
dash it is a single known letter behind a space. Typographic dashes count as two, behind a space:
phones make them out of `--`. So `t-shirt`, `a -5 degree day`, `sci-fi -- the end` and
`the city—lights` are only words.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot import samplers, upscalers
from bot.command import flags
from bot.command.flags import Flag, Reads

_DASHES = "—–―−‒－"
_START = re.compile(
    rf"(?P<dash>--|-|[{_DASHES}]{{1,2}}-?)"
    r"(?P<name>[A-Za-z]+(?:[-_][A-Za-z]+)*|[\u4e00-\u9fff]+)"
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "„": "“", "‘": "’", "「": "」", "『": "』"}
_WORD = re.compile(r"[^\s,，;；]+")
_NUMBER = re.compile(r"[^\s,，;；]*(?:[,，]\d+%?(?=[\s,，;；]|$))?")
_NUMERIC = re.compile(r"\d{1,4}(?:[.,，]\d{1,4})?[x×%]?(?=[\s,，;；]|$)", re.IGNORECASE)
_SIZE = re.compile(r"\d+[ \t]*[xX×*✕✖х:：/][ \t]*\d+(?:[.,]\d+)?")
_WORDS_OF_NAME = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A flag in a text, at `text[start:end]`; `flag` is None where nobody knows the name."""

    flag: Flag | None
    written: str
    """Dashes and name as typed."""
    name: str
    value: str | None
    """None: nothing stands behind the flag."""
    start: int
    end: int


def find(text: str) -> Iterator[Found]:
    """All flags of a text from left to right, each with its value."""
    starts = [match for match in _START.finditer(text) if _begins_flag(text, match)]
    end = 0
    for number, match in enumerate(starts):
        if match.start() < end:
            continue
        limit = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        name = match["name"]
        flag = flags.named(name) or flags.of_midjourney(name)
        value, end = None, match.end()
        if flag is not None and flag.reads is not Reads.NOTHING:
            value, end = _read(text, match.end(), limit, flag.reads)
        written = f"-{name}" if match["dash"] == "-" else f"--{name}"
        yield Found(flag, written, name, value, match.start(), end)


def _begins_flag(text: str, match: re.Match[str]) -> bool:
    dash, name = match["dash"], match["name"]
    before = text[match.start() - 1 : match.start()]
    behind_space = not before or before.isspace()
    after = text[match.end() : match.end() + 1]
    is_known = flags.named(name) is not None or flags.of_midjourney(name) is not None
    if dash == "-":
        short = len(name) == 1 and (name == "s" or flags.named(name) is not None)
        return short and behind_space and not after.isalpha() and after not in tuple("-_'’")
    if not name.isascii():
        return is_known and (behind_space or (dash == "--" and not _is_latin(before)))
    if dash == "--":
        return behind_space or (is_known and not _is_latin(before) and before not in "-_/")
    return behind_space and (is_known or name == "s" or flags.nearest(name) is not None)


def _is_latin(character: str) -> bool:
    return character.isalnum() and not "\u2e80" <= character <= "\uffef"


def _read(text: str, start: int, limit: int, reads: Reads) -> tuple[str | None, int]:
    """The value that begins at `start`, and where it ends; no flag begins before `limit`."""
    attached = text[start : start + 1] in tuple("=＝:：") and start < limit
    start += attached
    begin = start
    while begin < limit and text[begin] in " \t\u3000\xa0":
        begin += 1
    if closing := _QUOTES.get(text[begin : begin + 1]):
        stop = text.find(closing, begin + 1)
        if stop > 0:
            return text[begin + 1 : stop].strip(), stop + 1
        begin += 1  # a quote that is never closed is a slip
    newline = text.find("\n", begin, limit)
    line = text[begin : limit if newline < 0 else newline]
    length = _length(line, reads)
    return (line[:length].strip(), begin + length) if length else (None, start)


def _length(line: str, reads: Reads) -> int:
    match reads:
        case Reads.LINE:
            return len(line.rstrip())
        case Reads.SAMPLER:
            return _name_length(
                line, lambda name: samplers.sampler(name) or samplers.schedule(name)
            )
        case Reads.UPSCALER:
            return _name_length(line, upscalers.upscaler)
        case Reads.NUMBER_IF_ANY:
            found = _NUMERIC.match(line)
        case Reads.NUMBER:
            found = _NUMBER.match(line)
        case Reads.SIZE:
            found = _SIZE.match(line) or _WORD.match(line)
        case _:
            found = _WORD.match(line)
    return found.end() if found else 0


def _name_length(line: str, known: Callable[[str], object]) -> int:
    """The longest run of words that is a known name, else one word."""
    ends = []
    for word in re.finditer(r"[^\s,，;；]+", line):
        ends.append(word.end())
        if len(ends) == _WORDS_OF_NAME or line[word.end() : word.end() + 1] in (",", "，"):
            break
    for end in reversed(ends):
        if known(line[:end]):
            return end
    return ends[0] if ends else 0
