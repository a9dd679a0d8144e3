"""Text as a reader sees it: look-alikes as letters, the invisible gone (pure).

Unicode's compatibility forms (full width, mathematical, circled, …) fall away by NFKD; marks and
format characters are left out; look-alikes come from the table in `words/lookalikes.txt`.
"""

import re
import unicodedata
from functools import cache
from importlib import resources

SOFT = "\x1f"
"""Stands where a capital begins a word inside a word: `NudeWoman` may be one word or two."""
WALL = "\x1e"
"""Stands between texts that have nothing to do with each other, where several are read at once."""

_INVISIBLE = frozenset(("Mn", "Me", "Cf"))
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing."""
_WHOLE_PHRASES = re.compile("[\u3300-\u33ff\ufbea-\ufdff\U0001f240-\U0001f248]")
"""Single characters that stand for words of other scripts."""
_HANGUL = re.compile("[\u1100-\u11ff]")
_MOST_KEPT = 30_000
"""Characters whose letter is remembered."""
# Each begins with what is rare, so that most places are passed quickly.
_CAPITAL = re.compile(r"[A-Z](?:(?<=[a-z].)|(?<=[A-Z].)(?=[a-z]))")
_CONTRACTED = re.compile(r"['\u2019\u02bc](?<=[a-z].)(?=(?:re|ve|ll)\b)")
_APOSTROPHE = re.compile(r"['\u2019\u02bc](?<=[a-z].)(?=[a-z])")
_BEFORE = rf"{SOFT}\g<0>"
_DRAWINGS = {
    **{"\\/\\/": "w", "/\\/\\": "m", "|\\/|": "m", "|\\|": "n", "|_|": "u", "(_)": "u"},
    **{"/\\": "a", "\\/": "v", "|)": "d", "|<": "k", "|3": "b", "|-|": "h"},
}
_DRAWN = re.compile("|".join(map(re.escape, _DRAWINGS)))
_CAPITAL_I = re.compile("I(?<=[a-z]I)(?=[a-z])")
_ABOVE = dict(zip(map(chr, range(0x363, 0x370)), "aeioucdhmrtvx", strict=True))
_SIGNS = frozenset(("Po", "Pd", "Sm", "Sc", "So", "Sk"))
"""Unicode's categories of what is written between words."""
_CLAUSE_END = re.compile("[,;\n\u3001\u3002\uff0c\uff1b]")
_MARKS = re.compile(f"[{SOFT}{WALL}]")


@cache
def _tables() -> tuple[dict[int, str], dict[int, str]]:
    """Look-alikes to letters, and upside-down shapes to letters."""
    alike: dict[int, str] = {}
    turned = {ord(a): b for a, b in zip("bdnpquwm", "qpudbnmw", strict=True)}
    text = (resources.files(__package__) / "words" / "lookalikes.txt").read_text("utf-8")
    for line in text.splitlines():
        first, *rest = line.split()
        if first == "#":
            continue
        if first == "flip":
            turned.update((int(code, 16), rest[0]) for code in rest[1:])
        else:
            alike.update((int(code, 16), first) for code in rest)
    return alike, turned


class _Letters(dict[int, str | None]):
    """Each character as a letter in lower case; `None` for what nobody sees."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        seen: str | None = None
        if unicodedata.category(character) not in _INVISIBLE and character not in _BLANK_LETTERS:
            alike, _ = _tables()
            seen = alike.get(code, character).casefold()
            seen = alike.get(ord(seen), seen) if len(seen) == 1 else seen
        if len(self) < _MOST_KEPT:
            self[code] = seen
        return seen


_LETTERS = _Letters()


def fold(text: str) -> str:
    """`text` without what nobody sees, look-alikes as letters, in lower case.

    `SOFT` stands before inner capitals. At most a few times as long as `text`, as single
    characters that stand for words of other scripts are left out. Takes about 0.1 µs a character,
    0.02 µs where all is ASCII.
    """
    if text.isascii():
        seen = _CAPITAL.sub(_BEFORE, text).lower()
    else:
        decomposed = unicodedata.normalize("NFKD", _WHOLE_PHRASES.sub(" ", text))
        seen = _CAPITAL.sub(_BEFORE, decomposed).translate(_LETTERS)
        if _HANGUL.search(seen):
            seen = unicodedata.normalize("NFC", seen)
    return _APOSTROPHE.sub(SOFT, _CONTRACTED.sub(" ", seen))


def otherwise(text: str) -> str | None:
    """The clauses of `text` that may be read another way, so read: letters drawn with several
    signs (`|_|` for a u), an I that is an l, small letters above others as letters, and signs that
    look like letters as what they are. `None` where there are none."""
    other = []
    if _DRAWN.search(text):
        other.append(_part(_DRAWN, text))
        for drawing, letter in _DRAWINGS.items():
            other[-1] = other[-1].replace(drawing, letter)
    if _CAPITAL_I.search(text):
        other.append(_CAPITAL_I.sub("l", _part(_CAPITAL_I, text)))
    if not text.isascii():
        signs, meant = _unlike()
        if signs.search(text):
            other.append(_part(signs, text).translate(meant))
    return "\n".join(other) or None


def _part(signs: re.Pattern[str], text: str) -> str:
    """The clauses with such signs."""
    return "\n".join(clause for clause in _CLAUSE_END.split(text) if signs.search(clause))


@cache
def _unlike() -> tuple[re.Pattern[str], dict[int, str]]:
    """Letters above others, and signs that look like letters of the Latin alphabet; and what they
    are read as here."""
    alike, _ = _tables()
    meant = {code: " " for code in alike if unicodedata.category(chr(code)) in _SIGNS}
    meant |= {ord(above): letter for above, letter in _ABOVE.items()}
    return re.compile(f"[{''.join(re.escape(chr(code)) for code in meant)}]"), meant


def unmarked(text: str) -> str:
    """`text` without the marks that have a meaning here; nobody sees them."""
    return _MARKS.sub("", text)


def turned(text: str) -> str | None:
    """The letters of `text` as somebody reads them who turns the page, words apart.

    `None` where nothing is upside down.
    """
    if text.isascii():
        return None
    shape, run, other = _shapes()
    runs = [found for found in run.findall(text) if shape.search(found)]
    if not runs:
        return None
    letters = other.sub(" ", "\n".join(runs))
    return letters[::-1].translate(_tables()[1]).lower()


@cache
def _shapes() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """An upside-down shape; a run of these and of ASCII; anything that is no letter of either."""
    shapes = "".join(re.escape(chr(code)) for code in _tables()[1] if code > 127)
    return (
        re.compile(f"[{shapes}]"),
        re.compile(f"[\\x00-\\x7f{shapes}]{{3,}}"),
        re.compile(f"[^a-zA-Z{shapes}]"),
    )
