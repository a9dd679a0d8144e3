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


class _Node(Generic[T]):
    __slots__ = ("fail", "found", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node[T]] = {}
        self.fail: _Node[T] = self
        self.found: tuple[T, ...] = ()


class Automaton(Generic[T]):
    """Finds words, each with what was stored for it."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, word: str, stored: T) -> None:
        """Store something for a word; to be called before `link`."""
        node = self._root
        for letter in collapsed(word):
            following = node.next.get(letter)
            if following is None:
                following = node.next[letter] = _Node()
            node = following
        node.found = (*node.found, stored)

    def link(self) -> "Automaton[T]":
        """Set, for each node, where to go on when the next letter does not fit."""
        root = self._root
        todo: deque[_Node[T]] = deque()
        for child in root.next.values():
            child.fail = root
            todo.append(child)
        while todo:
            node = todo.popleft()
            for letter, child in node.next.items():
                child.fail = self._onward(node.fail, letter)
                child.found = child.found + child.fail.found
                todo.append(child)
        return self

    def _onward(self, node: _Node[T], letter: str) -> _Node[T]:
        while node is not self._root and letter not in node.next:
            node = node.fail
        return node.next.get(letter, self._root)

    def scan(self, text: str) -> Iterator[tuple[int, T]]:
        """What was stored for each word in `text`, with the index where its last run begins."""
        root = node = self._root
        last = ""
        for i, letter in enumerate(text):
            if letter == last:
                continue
            last = letter
            following = node.next.get(letter)
            if following is None:
                following = root if node is root else self._onward(node.fail, letter)
            node = following
            for stored in node.found:
                yield i, stored
