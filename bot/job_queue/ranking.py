"""Items in the order of their keys, cheap to change and to look at from the front."""

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")
Key = tuple[float, int]
"""A tag in virtual time, and who is first where tags are equal."""


class Ranking(Generic[Item]):
    """A binary heap in which items may change their keys: O(log n) a change, O(k log k) to look
    at the first k. Entries that hold no longer stay in the heap until they come up."""

    def __init__(self) -> None:
        self._entries: dict[Item, tuple[Key, int, Item]] = {}
        self._heap: list[tuple[Key, int, Item]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._entries)

    def set(self, item: Item, key: Key) -> None:
        """Put an item at its place, or move it there."""
        self._count += 1
        # The count keeps items from being compared, and an old entry from being taken for a new.
        entry = self._entries[item] = (key, self._count, item)
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._entries) + 16:
            self._heap = list(self._entries.values())
            heapq.heapify(self._heap)

    def discard(self, item: Item) -> None:
        """Take an item out, if it is there."""
        self._entries.pop(item, None)

    def __iter__(self) -> Iterator[tuple[Key, Item]]:
        """Keys and items, smallest first; nothing may be changed meanwhile."""
        while self._heap and self._entries.get(self._heap[0][2]) is not self._heap[0]:
            heapq.heappop(self._heap)
        near = [(self._heap[0], 0)] if self._heap else []
        while near:
            entry, place = heapq.heappop(near)
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(self._heap):
                    heapq.heappush(near, (self._heap[child], child))
            if self._entries.get(entry[2]) is entry:
                yield entry[0], entry[2]


class Merged(Generic[Item]):
    """A ranking as it is looked through, together with items that got other keys meanwhile."""

    def __init__(self, ranking: Ranking[Item]) -> None:
        self._rest = iter(ranking)
        self._next = next(self._rest, None)
        self._moved: list[tuple[Key, int, Item]] = []
        self._count = 0

    def push(self, key: Key, item: Item) -> None:
        """An item comes again, further back."""
        self._count += 1
        heapq.heappush(self._moved, (key, self._count, item))

    def pop(self) -> tuple[Key, Item] | None:
        """The first that is left; None at the end."""
        found = self._next
        if self._moved and (found is None or self._moved[0][0] < found[0]):
            key, _, item = heapq.heappop(self._moved)
            return key, item
        self._next = next(self._rest, None)
        return found
