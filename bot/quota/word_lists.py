"""Lists of words for the filter: their format, and the ones that come with Chatelier.

A list is text, one entry a line:

| line | meaning |
|---|---|
| `# …` | a remark |
| `[sexual]` | the category of what follows |
| `word` | this word, its plural, its possessive |
| `two words` | these words one after the other |
| `+word` | the forms of a verb too |
| `=word`, `=词` | exactly this word; in scripts without spaces, where it stands alone |
| `~word` | this word inside longer ones too |
| `!some words` | never a match, where these words stand |
| `词` | anywhere (Chinese, Japanese, Korean, Thai) |
| `词 (ci)` | anywhere, and its syllables, alone or mixed with the characters |

The shipped lists are kept as base64, so that nobody who looks through the folder must read them.
`python -m bot.quota.word_lists decode FILE` shows one, `encode FILE` makes one from text.
"""

import base64
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from pathlib import Path

from bot.errors import ConfigError

_HEADING = re.compile(r"\[([a-z -]+)\]")
_SYLLABLES = re.compile(r"(.+?)\s*\(([a-z ]+)\)")
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    category: str
    text: str
    flag: str = ""
    """One of `+`, `=`, `~`, `!`, or nothing."""
    syllables: tuple[str, ...] = ()

    @property
    def is_exception(self) -> bool:
        """Whether what it covers is never a match."""
        return self.flag == "!"


CATEGORIES = ("sexual", "gore", "hate", "self-harm", "degrading", "other")
"""Of words in prompts; `other` is for the lists of operators and chats."""
HEADINGS = frozenset(CATEGORIES) | {
    "minor",
    "weak minor",
    "suggestive",
    "abuse",
    "foreign",
    "negative sexual",
}
"""What a list may hold: categories of prompts, marks of the fixed rule (`bot.quota.minors`), words
that only somebody else's picture forbids, words that a negative prompt may not hold."""


class BadList(ValueError):
    """A line that is no entry; `str()` names the line, not the word."""


def parse(text: str, category: str = "other") -> list[Entry]:
    """Read a list; `category` is that of lines above the first heading.

    Raises:
        BadList: a heading that means nothing, or a line without a word.
    """
    entries: list[Entry] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if heading := _HEADING.fullmatch(line):
            category = heading[1]
            if category not in HEADINGS:
                raise BadList(
                    f"line {number}: no such category; known: {', '.join(sorted(HEADINGS))}"
                )
            continue
        flag = line[0] if line[0] in "+=~!" else ""
        word = line[len(flag) :].strip()
        spoken = _SYLLABLES.fullmatch(word)
        if spoken:
            word = spoken[1]
        if not word or word.startswith("["):
            raise BadList(f"line {number}: no word, or half a heading")
        entries.append(Entry(category, word, flag, tuple(spoken[2].split()) if spoken else ()))
    return entries


def inflected(word: str, *, verb: bool) -> Iterator[str]:
    """`word` and its usual forms in English: the plural, and with `verb` those of a verb."""
    yield word
    if word.endswith("s") and not word.endswith("ss"):
        pass
    elif word.endswith("y") and word[-2:-1] not in _VOWELS:
        yield word[:-1] + "ies"
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        yield word + "es"
    else:
        yield word + "s"
    if not verb:
        return
    stem = word.removesuffix("e")
    short = len(word) > 2 and word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS
    doubled = stem + stem[-1] if short and word[-3] not in _VOWELS else stem
    for stressed in {stem, doubled}:
        yield from (stressed + end for end in ("ed", "ing", "er", "ers"))


def respelled(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Ways to write words that sound like them; short ones would become others."""
    letters = sum(map(len, words))
    if letters > 3:
        yield from _changed(words, "f", "ph")
    if letters > 4:
        yield from _changed(words, "i", "ee")
    if letters > 5:
        yield from _changed(words, "ck", "x")


def _changed(words: tuple[str, ...], part: str, by: str) -> Iterator[tuple[str, ...]]:
    changed = tuple(word.replace(part, by) for word in words)
    if changed != words:
        yield changed


def mixed(characters: str, syllables: tuple[str, ...]) -> Iterator[str]:
    """Each way to write some, not all, of the characters as syllables."""
    if len(characters) != len(syllables) or len(characters) > 4:
        return
    for choice in product(*zip(characters, syllables, strict=True)):
        written = "".join(choice)
        if written != characters and choice != syllables:
            yield written


def decoded(text: str) -> str:
    """The list in a file whose lines, remarks apart, are base64 of UTF-8."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return base64.b64decode("".join(lines)).decode("utf-8")


def encoded(text: str) -> str:
    """The reverse of `decoded`; remarks at the head of `text` stay readable."""
    lines = text.splitlines()
    body = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    packed = base64.b64encode("\n".join(lines[body:]).encode("utf-8")).decode("ascii")
    return "\n".join([*lines[:body], *textwrap.wrap(packed, 99)]) + "\n"


def read_files(paths: Iterable[Path]) -> list[Entry]:
    """The operator's lists, in clear.

    Raises:
        ConfigError: a file cannot be read, or a line of it is no entry.
    """
    entries: list[Entry] = []
    for path in paths:
        try:
            entries += parse(path.read_text("utf-8-sig"))
        except (OSError, UnicodeError, BadList) as error:
            raise ConfigError(f"word list {path}: {error}") from error
    return entries


@cache
def shipped() -> tuple[Entry, ...]:
    """The English and Chinese lists that come with Chatelier."""
    folder = resources.files(__package__) / "words"
    return tuple(
        entry
        for name in ("en.txt", "zh.txt", "zh_borders.txt")
        for entry in parse(decoded((folder / name).read_text("utf-8")))
    )


@cache
def plain_words(name: str) -> frozenset[str]:
    """One of the small lists of ordinary words: `pieces` or `companions`."""
    text = (resources.files(__package__) / "words" / f"{name}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


@cache
def simplified() -> dict[int, str]:
    """Traditional and variant characters to the ones that the Chinese list uses."""
    return {ord(pair[0]): pair[1] for pair in plain_words("variants")}


def main(arguments: list[str]) -> int:
    """`decode FILE` or `encode FILE`, to standard output."""
    if len(arguments) != 2 or arguments[0] not in ("decode", "encode"):
        print("usage: python -m bot.quota.word_lists decode|encode FILE", file=sys.stderr)
        return 2
    text = Path(arguments[1]).read_text("utf-8")
    sys.stdout.write(decoded(text) if arguments[0] == "decode" else encoded(text))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
