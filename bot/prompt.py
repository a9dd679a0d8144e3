r"""Prompt syntax of A1111's web UI, parsed from its published description (pure).

| written | meaning |
|---|---|
| `(x)` `[x]` | weight × 1.1, ÷ 1.1; brackets nest and multiply |
| `(x:1.3)` | weight × 1.3 |
| `{x}` | weight × 1.05, NovelAI's emphasis |
| `\(` `\[` `\{` `\\` | the character itself |
| `BREAK` | begin a new chunk of 75 tokens |
| `[from:to:when]` | at first `from`, after `when` `to`; also `[to:when]` and `[from::when]` |
| | a `when` with a decimal point is a share of the steps, else a number of steps |
| `[a\|b]` | `a` and `b` in turn, step by step |
| `<lora:name:0.8>` | use this LoRA; taken out of the text; `<lyco:…>` means the same |

Any text is a prompt. A closing bracket without its opening one is text; an opening one that is
never closed weighs everything after it, as in A1111.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from bot.values import decimal

MOST_WEIGHT = 100.0
"""Products of nested weights stop here, so that no text makes an infinite one."""
MOST_PROMPT_CHUNKS = 64
"""A prompt of more chunks of 75 tokens is not drawn: each one takes memory and time in the text
encoder and at every step."""

_FACTORS = {"(": 1.1, "[": 1 / 1.1, "{": 1.05}
_OPENS = {")": "(", "]": "[", "}": "{"}
_TAG = re.compile(r"<(lora|lyco|hypernet):([^<>]+)>", re.IGNORECASE)
_BRACKETS = re.compile(r"\\[\s\S]|[\[\]():|]")
_PIECES = re.compile(r"\\[\\()\[\]{}]|[()\[\]{}]|[^\\()\[\]{}]+|\\")
_ESCAPED = re.compile(r"\\[\\()\[\]{}]")
_BREAK = re.compile(r"\bBREAK\b")
_CHUNK = 75
_WHEN = re.compile(r"\s*(\d{1,6}(?:\.\d{0,9})?|\.\d{1,9})\s*")
_WEIGHT = re.compile(r"\s*([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*")


@dataclass(frozen=True, slots=True)
class Weighted:
    """Words that share one weight."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Break:
    """The next words begin a new chunk."""


Piece = Weighted | Break


@dataclass(frozen=True, slots=True)
class LoraTag:
    """`<lora:name:0.8:lbw=…>`; `extra` holds what follows the weight, as written."""

    name: str
    weight: float = 1.0
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Later:
    """`[from:to:when]`."""

    before: "tuple[_Node, ...]"
    after: "tuple[_Node, ...]"
    when: float
    is_fraction: bool

    def at(self, when: "_When") -> "tuple[_Node, ...]":
        if self.is_fraction:
            last = int((self.when - (when.earlier is not None)) * when.steps)
        else:
            last = int(self.when) - (when.earlier or 0)
        return self.before if when.step <= min(when.steps, last) else self.after


@dataclass(frozen=True, slots=True)
class _InTurn:
    """`[a|b]`."""

    options: "tuple[tuple[_Node, ...], ...]"

    def at(self, when: "_When") -> "tuple[_Node, ...]":
        return self.options[(when.step - 1) % len(self.options)]


_Node = str | _Later | _InTurn


@dataclass(frozen=True, slots=True)
class _When:
    """A step of a pass."""

    step: int
    steps: int
    earlier: int | None


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """A prompt that can be read at any step."""

    text: str
    """The prompt without its tags; all other syntax still in it."""
    loras: tuple[LoraTag, ...] = ()
    ignored: tuple[str, ...] = ()
    """Tags of networks that are not supported, such as `<hypernet:x:1>`."""
    _nodes: tuple[_Node, ...] = field(default=(), repr=False, compare=False)

    @property
    def changes(self) -> bool:
        """Whether different steps read different words."""
        return any(not isinstance(node, str) for node in self._nodes)

    def at_step(self, step: int, steps: int, earlier: int | None = None) -> tuple[Piece, ...]:
        """What is to be encoded at `step`; the first step is 1, the last one `steps`.

        `earlier`: in the second pass of hires fix, the steps of the first one. Time goes on then:
        `when` of 1.0 to 2.0, or more than `earlier` steps, lies in the second pass (A1111 1.6,
        pull request 12457).

        Neighbouring pieces have different weights; empty pieces are left out. Equal results mean
        equal encodings, so a caller may keep them by value.
        """
        return _weigh(self._text_at(_When(step, steps, earlier)))

    def _text_at(self, when: _When) -> str:
        out: list[str] = []
        todo = list(reversed(self._nodes))
        while todo:
            node = todo.pop()
            if isinstance(node, str):
                out.append(node)
            else:
                todo.extend(reversed(node.at(when)))
        return "".join(out)


_NO_SPACES = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Kana, Han and Hangul: words of these stand side by side without spaces."""


def name_pattern(names: Sequence[str]) -> re.Pattern[str]:
    """Finds any of these names (of embeddings) as a word of its own, in any case.

    Brackets in a name may be escaped in the prompt. A name that begins or ends with a Chinese or
    Japanese sign may stand next to others.
    """
    spellings = []
    for name in sorted(names, key=len, reverse=True):
        letters = (rf"\\?{re.escape(c)}" if c in "()[]{}\\" else re.escape(c) for c in name)
        before = "" if re.match(f"[{_NO_SPACES}]", name) else rf"(?<![^\W{_NO_SPACES}])"
        after = "" if re.search(f"[{_NO_SPACES}]$", name) else rf"(?![^\W{_NO_SPACES}])"
        spellings.append(before + "".join(letters) + after)
    return re.compile(f"({'|'.join(spellings)})", re.IGNORECASE)


def likely_chunks(text: str) -> int:
    """How many chunks a prompt is encoded in, rather too many than too few: each BREAK begins one,
    and a token stands for two ASCII signs or more, but often for one byte of a Chinese one."""
    ascii_signs = len(text.encode("ascii", "ignore"))
    others = len(text.encode("utf-8", "ignore")) - ascii_signs
    return 1 + len(_BREAK.findall(text)) + (ascii_signs // 2 + others) // _CHUNK


def parse(text: str) -> ParsedPrompt:
    """Parse a prompt; no text is an error."""
    loras: list[LoraTag] = []
    ignored: list[str] = []

    def take(tag: re.Match[str]) -> str:
        name, *arguments = (part.strip() for part in tag[2].split(":"))
        if tag[1].lower() == "hypernet" or not name:
            ignored.append(tag[0])
        else:
            loras.append(_lora(name, arguments))
        return ""

    rest = _TAG.sub(take, text)
    return ParsedPrompt(rest, tuple(loras), tuple(ignored), _schedule(rest))


def _lora(name: str, arguments: Sequence[str]) -> LoraTag:
    weight = decimal(arguments[0]) if arguments else None
    if weight is not None:
        return LoraTag(name, weight, tuple(arguments[1:]))
    return LoraTag(name, 1.0, tuple(a for a in arguments if a))


# Schedules ----------------------------------------------------------------------------------


class _Open:
    """A bracket that is not closed yet, and what stands in it, split at its `:` or `|`."""

    def __init__(self, bracket: str) -> None:
        self.bracket = bracket
        self.parts: list[list[_Node]] = [[]]
        self.separators: list[str] = []

    def add(self, nodes: Sequence[_Node]) -> None:
        """Append nodes; no two strings ever stand side by side, in `nodes` neither."""
        here = self.parts[-1]
        if nodes and here and isinstance(nodes[0], str) and isinstance(here[-1], str):
            here[-1] += nodes[0]
            nodes = nodes[1:]
        here.extend(nodes)

    def split(self, separator: str) -> None:
        self.separators.append(separator)
        self.parts.append([])

    def literally(self, closing: str) -> list[_Node]:
        """This bracket as plain text around its content."""
        whole = _Open("")
        whole.add([self.bracket])
        for i, part in enumerate(self.parts):
            whole.add(part)
            if i < len(self.separators):
                whole.add([self.separators[i]])
        whole.add([closing])
        return whole.parts[0]

    def closed(self) -> list[_Node]:
        """What `[…]` means: a schedule, an alternation, or only brackets that weigh less."""
        if "|" in self.separators:
            return [_InTurn(self._options())]
        if len(self.separators) in (1, 2) and all(isinstance(n, str) for n in self.parts[-1]):
            when = _WHEN.fullmatch("".join(str(n) for n in self.parts[-1]))
            if when:
                number = float(when[1])
                before = tuple(self.parts[0]) if len(self.parts) == 3 else ()
                return [_Later(before, tuple(self.parts[-2]), number, "." in when[1])]
        return self.literally("]")

    def _options(self) -> tuple[tuple[_Node, ...], ...]:
        """The parts between `|`; a `:` among them is text."""
        option = _Open("")
        option.add(self.parts[0])
        for separator, part in zip(self.separators, self.parts[1:], strict=True):
            if separator == "|":
                option.split("|")
            else:
                option.add([separator])
            option.add(part)
        return tuple(tuple(o) for o in option.parts)


def _schedule(text: str) -> tuple[_Node, ...]:
    """Find schedules and alternations; everything else stays text for `_weigh`."""
    stack = [_Open("")]
    square = end = 0
    for found in _BRACKETS.finditer(text):
        mark = found[0]
        top = stack[-1]
        top.add([text[end : found.start()]])
        end = found.end()
        if mark in "([":
            stack.append(_Open(mark))
            square += mark == "["
        elif mark in ":|" and top.bracket == "[":
            top.split(mark)
        elif mark == ")" and top.bracket == "(":
            stack.pop()
            stack[-1].add(top.literally(")"))
        elif mark == "]" and square:
            _flatten_to_square(stack)
            closed = stack.pop().closed()
            stack[-1].add(closed)
            square -= 1
        else:
            top.add([mark])
    stack[-1].add([text[end:]])
    while len(stack) > 1:
        unclosed = stack.pop()
        stack[-1].add(unclosed.literally(""))
    return tuple(stack[0].parts[0])


def _flatten_to_square(stack: list[_Open]) -> None:
    """`[a (b]`: a round bracket that is never closed hides no end of a square one."""
    while stack[-1].bracket != "[":
        unclosed = stack.pop()
        stack[-1].add(unclosed.literally(""))


# Weights ------------------------------------------------------------------------------------


def _weigh(text: str) -> tuple[Piece, ...]:
    """Read brackets as weights. Each kind of bracket nests by itself, so `(a [b) c]` is fine."""
    pieces = _PIECES.findall(text)
    closes, factors = _match(pieces)
    products = {bracket: [1.0] for bracket in _FACTORS}
    read: list[Piece] = []
    for i, piece in enumerate(pieces):
        if piece in _FACTORS:
            products[piece].append(products[piece][-1] * factors.get(i, _FACTORS[piece]))
        elif i in closes:
            products[_OPENS[piece]].pop()
        else:
            weight = products["("][-1] * products["["][-1] * products["{"][-1]
            bounded = max(-MOST_WEIGHT, min(MOST_WEIGHT, weight))
            read.extend(_words(piece, round(bounded, 6)))
    return tuple(_merged(read))


def _match(pieces: list[str]) -> tuple[set[int], dict[int, float]]:
    """Which closing brackets have a partner, and the factor of each opening one that says it.

    The weight of `(x:1.3)` is cut off from `pieces`.
    """
    opened: dict[str, list[int]] = {bracket: [] for bracket in _FACTORS}
    closes: set[int] = set()
    factors: dict[int, float] = {}
    for i, piece in enumerate(pieces):
        if piece in _FACTORS:
            opened[piece].append(i)
        elif piece in _OPENS and opened[_OPENS[piece]]:
            start = opened[_OPENS[piece]].pop()
            closes.add(i)
            words, colon, number = pieces[i - 1].rpartition(":")
            if piece == ")" and colon and (weight := _WEIGHT.fullmatch(number)):
                pieces[i - 1] = words
                factors[start] = float(weight[1])
    return closes, factors


def _words(piece: str, weight: float) -> Iterator[Piece]:
    """One piece without brackets, split at BREAK; the spaces around BREAK belong to it."""
    if _ESCAPED.fullmatch(piece):
        yield Weighted(piece[1], weight)
        return
    parts = _BREAK.split(piece)
    for i, part in enumerate(parts):
        if i > 0:
            yield Break()
        left = part.lstrip() if i > 0 else part
        yield Weighted(left.rstrip() if i < len(parts) - 1 else left, weight)


def _merged(pieces: list[Piece]) -> Iterator[Piece]:
    """Join neighbours of one weight."""
    for weight, run in groupby(pieces, lambda p: p.weight if isinstance(p, Weighted) else None):
        if weight is None:
            yield from run
        elif text := "".join(p.text for p in run if isinstance(p, Weighted)):
            yield Weighted(text, weight)
