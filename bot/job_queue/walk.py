"""The order in which waiting jobs would be drawn if nobody else came (pure)."""

from collections.abc import Callable, Iterator
from math import inf

from bot.job_queue.line import Entry, Line
from bot.job_queue.ranking import Key, Merged

Held = Callable[[Entry], bool]
"""Whether a job, or its whole chat, must wait although it may be its turn."""


def fair_order(
    line: Line, *, shut: Held | None = None, held: Held | None = None
) -> Iterator[Entry]:
    """Waiting jobs, next first. `shut` is asked of a chat's first job and leaves out the chat,
    `held` of a person's and leaves out the person's jobs in that chat.

    The line must not change meanwhile. The first k cost O(k log n), however many wait.
    """
    return iter(Walk(line, shut or _never, held or _never))


def _never(_: Entry) -> bool:
    return False


class _Visit:
    """A chat on the way: who was served there before."""

    def __init__(self, line: Line, chat: str) -> None:
        known = line.chats[chat]
        self.members = Merged(known.members)
        self._rows = known.rows
        self.heads: dict[str, Entry | None] = {}
        """The next job of everybody who was looked at; None: all were served."""
        self.reached: Key = (-inf, 0)
        """The last place among the members at which somebody was served."""
        self.is_dry = False
        """Once nobody was to be served."""
        self._rests: dict[str, Iterator[Entry]] = {}

    def head(self, person: str) -> Entry | None:
        """The person's next job here."""
        if person not in self.heads:
            self._rests[person] = iter(self._rows[person].values())
            self.served(person)
        return self.heads[person]

    def served(self, person: str) -> None:
        """Go on to the person's next job."""
        self.heads[person] = next(self._rests[person], None)


class Walk:
    """Serves in thought: what is charged on the way stands beside the line's own tags."""

    def __init__(self, line: Line, shut: Held = _never, held: Held = _never) -> None:
        self._line, self._shut, self._held = line, shut, held
        self._visits: dict[str, _Visit | None] = {}
        self._reached: Key = (-inf, 0)
        """The turn of the chat that was served last."""
        self._charged: dict[str, float] = {}
        self._alone: dict[str, float] = {}

    def __iter__(self) -> Iterator[Entry]:
        chats, turn = Merged(self._line.ready), self._line.turn
        while (found := chats.pop()) is not None:
            self._reached, chat = found
            start, known_turn = self._reached
            if (visit := self._visit(chat)) is None:
                continue
            entry, opens = self._next(visit, start)
            if entry is None:
                visit.is_dry = True
                # Everybody here has had their share elsewhere: the chat's turn comes then.
                if opens is not None:
                    chats.push((opens, known_turn), chat)
                continue
            yield entry
            turn += 1
            self._serve(entry, visit, start)
            chats.push((start + entry.job.cost, turn), chat)

    def is_beyond(self, entry: Entry) -> bool:
        """Whether a job that has just come to wait would be served after all that were served
        here so far, and changes nothing for them."""
        if entry.chat not in self._visits:
            chat = self._line.chats[entry.chat]
            return (chat.start, chat.turn) > self._reached
        visit = self._visits[entry.chat]
        if visit is None or visit.is_dry:
            return False
        if entry.person in visit.heads:
            return visit.heads[entry.person] is not None
        row = self._line.chats[entry.chat].rows[entry.person]
        return len(row) > 1 or self._line.key(entry) > visit.reached

    def _visit(self, chat: str) -> _Visit | None:
        if chat not in self._visits:
            visit = _Visit(self._line, chat)
            first = next(iter(next(iter(self._line.chats[chat].rows.values())).values()))
            self._visits[chat] = None if self._shut(first) else visit
        return self._visits[chat]

    def _next(self, visit: _Visit, start: float) -> tuple[Entry | None, float | None]:
        """Whose turn it is when the chat's is at `start`; else when somebody's will be."""
        early, opens, chosen = [], None, None
        while chosen is None and (found := visit.members.pop()) is not None:
            key, person = found
            head = visit.head(person)
            if head is None or self._held(head):
                continue
            charged, alone = self._charged.get(person), self._alone_of(person)
            if charged and (now := self._line.key(head, charged)) > key:
                visit.members.push(now, person)
            elif alone > start:
                early.append(found)
                opens = alone if opens is None else min(opens, alone)
            else:
                chosen = head
                visit.reached = max(visit.reached, key)
        for key, person in early:
            visit.members.push(key, person)
        return chosen, opens

    def _serve(self, entry: Entry, visit: _Visit, start: float) -> None:
        person = entry.person
        self._charged[person] = self._charged.get(person, 0.0) + entry.virtual
        self._alone[person] = start + entry.virtual
        visit.served(person)
        following = visit.head(person)
        if following is not None:
            visit.members.push(self._line.key(following, self._charged[person]), person)

    def _alone_of(self, person: str) -> float:
        known = self._alone.get(person)
        return self._line.persons[person].alone if known is None else known
