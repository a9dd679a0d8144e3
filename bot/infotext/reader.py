"""From text to an `Infotext`, whatever form it was pasted in."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.infotext import keys

_DECODER = json.JSONDecoder()
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_KEY = re.compile(r"([^,，:：]{1,60})[:：][ \t]*")
_UNQUOTED = re.compile(r"[^,，]*")
_SEPARATORS = re.compile(r"[\s,，]*")


@dataclass(frozen=True, slots=True)
class Infotext:
    """What a pasted block says; `fields` maps A1111's keys to their values as written."""

    prompt: str = ""
    negative_prompt: str | None = None
    """None: not mentioned."""
    fields: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[tuple[str, str], ...] = ()
    """Keys that mean nothing here, with their values, in order."""
    exact: bool = False
    """The block has the form that A1111 itself writes, so its prompts are kept to the letter."""


def parse_infotext(text: str) -> Infotext:
    """Read a block in any form; text without labels and keys is simply the prompt.

    Understood are: A1111's own form; everything in one line; one key a line; trailing commas;
    labels before the prompts; Chinese keys and full-width punctuation; code fences around it.
    """
    lines = [
        line
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if not line.strip().startswith("```")
    ]
    parts = _Parts()
    last = _a1111_line(lines)
    if last is None:
        parts.read(lines)
    else:
        parts.read_prompts(lines[:last])
        parts.pairs.extend(_pairs(lines[last]))
    return parts.infotext(exact=last is not None)


def _a1111_line(lines: Sequence[str]) -> int | None:
    """Index of the line of parameters, if the block ends as A1111 writes it.

    Then everything above is prompt, even where it looks like a key.
    """
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].strip():
            starts = lines[index].lstrip().startswith("Steps:")
            return index if starts and _known_pairs(lines[index]) >= 3 else None
    return None


class _Parts:
    """The block taken apart: two prompts and the parameters."""

    def __init__(self) -> None:
        self.prompt: list[str] = []
        self.negative: list[str] | None = None
        self.pairs: list[tuple[str, str]] = []
        self._in_parameters = False
        self._current = self.prompt

    def read(self, lines: Sequence[str]) -> None:
        """Line by line: a label or a key begins a section, other lines continue it."""
        for index, line in enumerate(lines):
            following = next((x for x in lines[index + 1 : index + 4] if x.strip()), "")
            if _is_parameters(line, following, inside=self._in_parameters):
                self._in_parameters = True
                self.pairs.extend(_pairs(line))
            elif line.strip() or not self._in_parameters:
                self._read_text(line)

    def read_prompts(self, lines: Sequence[str]) -> None:
        """Above A1111's parameters: `Negative prompt:` at the start of a line is the border."""
        border = next((i for i, x in enumerate(lines) if keys.A1111_NEGATIVE.match(x)), None)
        if border is None:
            for line in lines:
                self._read_prompts_in(line)
            return
        first, *rest = lines[:border] or [""]
        label = keys.PROMPT_LABEL.match(first)
        self.prompt += [first[label.end() :] if label else first, *rest]
        after = lines[border].partition(":")[2]
        self.negative = [after, *lines[border + 1 :]]

    def _read_text(self, line: str) -> None:
        """A line of prompt; parameters may follow in the same line."""
        if self._in_parameters:
            self._in_parameters = False
            self._current = self.prompt
        found = keys.STEPS_INLINE.search(line)
        if found and _is_block(line[found.start() :]):
            self._read_prompts_in(line[: found.start()].rstrip(" ，"))
            self.pairs.extend(_pairs(line[found.start() :]))
            self._in_parameters = True
        else:
            self._read_prompts_in(line)

    def _read_prompts_in(self, line: str) -> None:
        if label := keys.PROMPT_LABEL.match(line):
            self._current = self.prompt
            line = line[label.end() :]
        label = keys.NEGATIVE_LABEL.match(line)
        if label is None and (label := keys.NEGATIVE_INLINE.search(line)):
            self._current.append(line[: label.start()].rstrip(" ，"))
        if label is None:
            self._current.append(line)
            return
        self.negative = self._current = self.negative or []
        self.negative.append(line[label.end() :])

    def infotext(self, *, exact: bool) -> Infotext:
        """What was collected."""
        fields: dict[str, str] = {}
        unknown: list[tuple[str, str]] = []
        for key, value in self.pairs:
            if name := keys.known(key):
                fields[name] = value
            elif not keys.is_quiet(key):
                unknown.append((key, value))
        negative = None if self.negative is None else "\n".join(self.negative).strip()
        prompt = "\n".join(self.prompt).strip()
        return Infotext(prompt, negative, fields, tuple(unknown), exact)


def _is_parameters(line: str, following: str, *, inside: bool) -> bool:
    """Whether a line holds `key: value`s.

    A key that a prompt may begin with, such as `Model:`, counts only beside an evident one.
    """
    line = line.strip()
    if not _KEY.match(line) or keys.NEGATIVE_LABEL.match(line) or keys.PROMPT_LABEL.match(line):
        return False
    pairs = list(_pairs(line))
    if inside:
        return True
    return keys.known(pairs[0][0]) is not None and any(
        keys.is_evident(*pair) for pair in (*pairs, *_pairs(following))
    )


def _is_block(text: str) -> bool:
    """Whether the rest of a line is parameters only: several of them, or a single one."""
    pairs = list(_pairs(text))
    return len(pairs) == 1 or _known_pairs(text) > 1


def _known_pairs(line: str) -> int:
    return sum(keys.known(key) is not None for key, _ in _pairs(line))


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """The `key: value`s of a line; a piece without a colon comes with an empty value."""
    position = _end(_SEPARATORS, line, 0)
    while position < len(line):
        if key := _KEY.match(line, position):
            value, position = _value(line, key.end())
            yield key[1].strip(), value
        else:
            start, position = position, _end(_UNQUOTED, line, position)
            yield line[start:position].strip(), ""
        position = _end(_SEPARATORS, line, position)


def _end(pattern: re.Pattern[str], line: str, start: int) -> int:
    found = pattern.match(line, start)
    return found.end() if found else start


def _value(line: str, start: int) -> tuple[str, int]:
    """A value and where it ends: JSON text, a JSON list or table, or all up to a comma."""
    if quoted := _QUOTED.match(line, start):
        try:
            return str(json.loads(quoted[0], strict=False)), quoted.end()
        except ValueError:
            return quoted[0][1:-1], quoted.end()
    if line[start : start + 1] in ("{", "["):
        try:
            _, end = _DECODER.raw_decode(line, start)
        except (ValueError, RecursionError):
            pass
        else:
            return line[start:end], end
    end = _end(_UNQUOTED, line, start)
    # `**Steps:** 28` is how Discord writes bold keys.
    return line[start:end].removeprefix("**").strip(), end
