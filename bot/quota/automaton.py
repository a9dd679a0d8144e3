"""Aho and Corasick's automaton: all words of a list in one pass, whatever the text is.

Runs of one letter count as one letter, in the words and in the text; who asks decides with
`runs` whether the lengths fit. (Aho, Corasick: Efficient string matching, CACM 18 (6), 1975.)
"""

from collections import deque
from collections.abc import Iterator
from itertools import groupby
from typing import Generic, TypeVar

T = TypeVar("T")


def runs(word: str) -> tuple[int, ...]:
    """Lengths of the runs of equal letters: `boot` is 1, 2, 1."""
    return tuple(len(list(group)) for _, group in groupby(word))


def collapsed(word: str) -> str:
    """Each run of equal letters once: `boot` is `bot`."""
    return "".join(letter for letter, _ in groupby(word))


class _Node(dict[str, "_Node[T]"], Generic[T]):
    """Where each letter leads; what is missing is looked up once by way of `fail`."""

    __slots__ = ("fail", "found")

    def __init__(self) -> None:
        self.fail: _Node[T] | None = None
        """Where to go on when no letter fits; `None` for the root."""
        self.found: tuple[T, ...] = ()

    def __missing__(self, letter: str) -> "_Node[T]":
        if self.fail is None:
            return self
        following = self.fail[letter]
        if following.fail is not None or letter.isascii():
            self[letter] = following
        return following


class Automaton(Generic[T]):
    """Finds words, each with what was stored for it."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, word: str, stored: T) -> None:
        """Store something for a word; to be called before `link`."""
        node = self._root
        for letter in collapsed(word):
            following = node.get(letter)
            if following is None:
                following = node[letter] = _Node()
            node = following
        node.found = (*node.found, stored)

    def link(self) -> "Automaton[T]":
        """Set, for each node, where to go on when the next letter does not fit."""
        todo = deque((self._root, letter, child) for letter, child in self._root.items())
        while todo:
            parent, letter, node = todo.popleft()
            todo.extend((node, following, child) for following, child in node.items())
            node.fail = self._root if parent is self._root else self._longest(parent, letter)
            node.found += node.fail.found
        return self

    def _longest(self, parent: _Node[T], letter: str) -> _Node[T]:
        """The node of the longest shorter word end that `letter` continues."""
        node = parent.fail
        while node is not None:
            following = node.get(letter)
            if following is not None:
                return following
            node = node.fail
        return self._root

    def scan(self, text: str) -> Iterator[tuple[int, T]]:
        """What was stored for each word in `text`, with the index where its last run begins."""
        node = self._root
        last = ""
        for i, letter in enumerate(text):
            if letter == last:
                continue
            last = letter
            node = node[letter]
            if node.found:
                for stored in node.found:
                    yield i, stored
