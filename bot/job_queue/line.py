"""Who has had how much, and who is next: the fair order of waiting jobs (pure).

All tags are points in virtual time, in millicredits. See the package's docstring for the scheme.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import NamedTuple

from bot.domain import Job
from bot.job_queue.ranking import Key, Ranking

PRIVATE = "private"
"""All private chats together."""
AGEING = 1000 / 3600
"""Millicredits that a second of waiting counts for."""
MANY = 1000
"""Chats and persons that may be known although nothing of theirs waits."""
SWEPT = 4
"""How many of each are looked at when a job leaves."""


class Flow(NamedTuple):
    """What must be stored of a chat, a person, or a person in a chat, so that a restart keeps the
    line. Neither chat nor person: the line itself."""

    chat: str
    person: str
    start: float
    """Where its next job starts."""
    time: float = 0.0
    """A chat's own virtual time, or the line's."""
    turn: int = 0
    """Which chat is first where starts are equal."""
    waiting: bool = False
    """Jobs wait there: it keeps its start, while who comes anew is put at the present."""


class Changes(NamedTuple):
    """What of that must be written now."""

    anew: bool
    """Nothing that was written before holds any more."""
    flows: tuple[Flow, ...]
    gone: tuple[tuple[str, str], ...]
    """Chat and person of flows to be deleted."""


@dataclass(slots=True, eq=False, kw_only=True)
class Entry:
    """A job in the line."""

    job: Job
    number: int
    """The order of putting."""
    chat: str
    person: str
    since: float
    """When it was accepted, in virtual time: what ageing compares."""

    @property
    def virtual(self) -> float:
        """What it costs its member."""
        return self.job.cost / self.job.weight


class Row(OrderedDict[str, Entry]):
    """The waiting jobs of one person in one chat, first to last."""

    work = 0.0
    """What they cost their member altogether."""

    def ahead_of(self, job_id: str, most: int) -> float:
        """What this job and those before it cost; in a row of more than `most`, what all do."""
        if len(self) > most:
            return self.work
        before = takewhile(lambda known: known != job_id, self)
        return sum(self[known].virtual for known in before) + self[job_id].virtual


@dataclass(slots=True, eq=False)
class Chat:
    """A chat with jobs that wait or are drawn."""

    start: float = 0.0
    time: float = 0.0
    latest: float = 0.0
    """The last point at which a member's next job starts."""
    turn: int = 0
    running: int = 0
    weights: float = 0.0
    """Of the members whose jobs wait."""
    members: Ranking[str] = field(default_factory=Ranking)
    rows: OrderedDict[str, Row] = field(default_factory=OrderedDict)
    """Their jobs; of a plain dict the first would be found slowly once many have gone."""


@dataclass(slots=True, eq=False)
class Person:
    """Somebody, over all chats and linked accounts."""

    alone: float = 0.0
    """Where the next job would start if the person were a chat."""
    tags: dict[str, float] = field(default_factory=dict)
    """Where the next job starts in each chat's time."""
    waiting: int = 0
    running: int = 0


class Line:
    """Waiting and running jobs, and the virtual time of everybody concerned."""

    def __init__(self) -> None:
        self.time = 0.0
        self.entries: dict[str, Entry] = {}
        self.running: dict[str, Entry] = {}
        self.chats: OrderedDict[str, Chat] = OrderedDict()
        self.persons: OrderedDict[str, Person] = OrderedDict()
        self.ready: Ranking[str] = Ranking()
        """Chats with waiting jobs."""
        self.turn = 0
        self._latest = 0.0
        self._number = 0
        self._anew = False
        self._unsaved: set[tuple[str, str]] = set()
        self._kept: set[tuple[str, str]] = set()

    def entry(self, job: Job) -> Entry:
        """A job as it would stand in the line."""
        self._number += 1
        to = job.reply_to
        return Entry(
            job=job,
            number=self._number,
            chat=PRIVATE if to.private else to.chat,
            person=job.person or job.requester.account,
            since=AGEING * job.accepted_at,
        )

    def put(self, job: Job) -> Entry:
        """Let a job wait for its turn."""
        entry = self.entry(job)
        chat, person = self._chat(entry.chat), self._person(entry.person)
        row = chat.rows.get(entry.person)
        if row is None:
            row = self._enter(entry, chat, person)
        else:  # a clock that was set back must not let members overtake themselves
            entry.since = max(entry.since, next(reversed(row.values())).since)
        row[job.id] = entry
        row.work += entry.virtual
        person.waiting += 1
        self.entries[job.id] = entry
        if len(row) == 1:
            chat.members.set(entry.person, self.key(entry))
        return entry

    def _enter(self, entry: Entry, chat: Chat, person: Person) -> Row:
        """A person comes to wait in a chat, and perhaps the chat comes to wait."""
        if not chat.rows:
            if self._is_new(entry.chat, "") and (chat.start < self.time or not chat.turn):
                chat.start = max(chat.start, self.time)
                self._turn(entry.chat, chat)
            self.ready.set(entry.chat, (chat.start, chat.turn))
        if self._is_new(entry.chat, entry.person):
            person.tags[entry.chat] = max(person.tags.get(entry.chat, 0.0), chat.time)
        chat.weights += entry.job.weight
        row = chat.rows[entry.person] = Row()
        return row

    def _is_new(self, chat: str, person: str) -> bool:
        """False for who waited already before the restart."""
        if (chat, person) in self._kept:
            self._kept.discard((chat, person))
            return False
        self._unsaved.add((chat, person))
        return True

    def key(self, entry: Entry, charged: float = 0.0) -> Key:
        """Where the first job of a person stands within its chat."""
        return self.persons[entry.person].tags[entry.chat] + charged + entry.since, entry.number

    def take(self, job_id: str) -> Entry:
        """A waiting job is begun: its chat and its member have had their turn."""
        entry = self.entries[job_id]
        self._kept.clear()  # who has not been put again by now does not wait any more
        chat, person = self.chats[entry.chat], self.persons[entry.person]
        start = max(chat.start, person.alone)
        self.time = max(self.time, start)
        chat.time = max(chat.time, person.tags[entry.chat])
        chat.start, person.alone = start, start
        self.run(entry)
        self.remove(job_id)
        self._charge(entry, entry.job.cost)
        return entry

    def run(self, entry: Entry) -> None:
        """A job is being drawn; one that comes back from there is not charged again."""
        self.running[entry.job.id] = entry
        self._chat(entry.chat).running += 1
        self._person(entry.person).running += 1

    def remove(self, job_id: str) -> Entry | None:
        """A job does not wait any more; None when it did not."""
        entry = self.entries.pop(job_id, None)
        if entry is None:
            return None
        chat = self.chats[entry.chat]
        row = chat.rows[entry.person]
        del row[job_id]
        row.work -= entry.virtual
        self.persons[entry.person].waiting -= 1
        if row:
            chat.members.set(entry.person, self.key(next(iter(row.values()))))
        else:
            self._go(entry, chat)
        self._rest(entry.chat, chat)
        return entry

    def _go(self, entry: Entry, chat: Chat) -> None:
        del chat.rows[entry.person]
        chat.members.discard(entry.person)
        chat.weights -= entry.job.weight
        self._unsaved.add((entry.chat, entry.person))
        if not chat.rows:
            self._unsaved.add((entry.chat, ""))
            chat.weights = 0.0
            self.ready.discard(entry.chat)

    def leave(self, job_id: str, unused: float) -> None:
        """A job is not being drawn any more; `unused` millicredits of its price were not needed."""
        entry = self.running.pop(job_id, None)
        if entry is None:
            return
        self.chats[entry.chat].running -= 1
        self.persons[entry.person].running -= 1
        if unused:
            self._charge(entry, -unused)
        self._rest(entry.chat, self.chats[entry.chat])

    def _charge(self, entry: Entry, work: float) -> None:
        """Count `work` for a job's chat, and for its person in every chat."""
        chat, person = self.chats[entry.chat], self.persons[entry.person]
        virtual = work / entry.job.weight
        chat.start += work
        person.alone += virtual
        self._unsaved |= {("", ""), ("", entry.person)}
        self._turn(entry.chat, chat)
        if chat.rows:
            self.ready.set(entry.chat, (chat.start, chat.turn))
        for key in person.tags:
            person.tags[key] += virtual
            self._unsaved.add((key, entry.person))
            self._latest = max(self._latest, person.tags[key])
            if (there := self.chats.get(key)) is not None:
                there.latest = max(there.latest, person.tags[key])
                if row := there.rows.get(entry.person):
                    there.members.set(entry.person, self.key(next(iter(row.values()))))
        self._latest = max(self._latest, chat.start, person.alone)

    def _turn(self, key: str, chat: Chat) -> None:
        """Of several that start at the same point, this is the last from now on."""
        self.turn += 1
        chat.turn = self.turn
        self._unsaved.add((key, ""))

    def _chat(self, key: str) -> Chat:
        chat = self.chats.get(key)
        if chat is None:
            chat = self.chats[key] = Chat(start=self.time, time=self.time)
        return chat

    def _person(self, key: str) -> Person:
        person = self.persons.get(key)
        if person is None:
            person = self.persons[key] = Person()
        return person

    # Over a restart --------------------------------------------------------------------------

    def restore(self, flows: Iterable[Flow]) -> None:
        """Take up what was stored; before any job is put."""
        for flow in flows:
            self._latest = max(self._latest, flow.start, flow.time)
            if flow.waiting:
                self._kept.add((flow.chat, flow.person))
            self.turn = max(self.turn, flow.turn)
            if flow.chat and flow.person:
                self._person(flow.person).tags[flow.chat] = flow.start
            elif flow.chat:
                self.chats[flow.chat] = Chat(start=flow.start, time=flow.time, turn=flow.turn)
            elif flow.person:
                self._person(flow.person).alone = flow.start
            else:
                self.time = flow.time
        for person in self.persons.values():
            for key, tag in person.tags.items():
                self._chat(key).latest = max(self._chat(key).latest, tag)

    def unsaved(self) -> Changes:
        """What has changed since this was asked last."""
        anew, keys = self._anew, self._unsaved
        self._anew, self._unsaved = False, set()
        found = {key: self._flow(*key) for key in sorted(keys)}
        return Changes(
            anew=anew,
            flows=tuple(flow for flow in found.values() if flow),
            gone=tuple(key for key, flow in found.items() if not flow),
        )

    def _flow(self, chat: str, person: str) -> Flow | None:
        """None: forgotten meanwhile, because it says nothing any more."""
        if not chat and not person:
            return Flow("", "", self.time, self.time)
        if not person:
            known = self.chats.get(chat)
            if known is None:
                return None
            return Flow(chat, "", known.start, known.time, known.turn, bool(known.rows))
        somebody = self.persons.get(person)
        if somebody is None:
            return None
        if not chat:
            return Flow("", person, somebody.alone)
        if chat not in somebody.tags:
            return None
        waiting = chat in self.chats and person in self.chats[chat].rows
        return Flow(chat, person, somebody.tags[chat], waiting=waiting)

    def _rest(self, key: str, chat: Chat) -> None:
        """Where nothing waits and nothing is drawn, nobody owes anything to those who come."""
        if not chat.rows and not chat.running and chat.time < chat.latest:
            chat.time = chat.latest
            self._unsaved.add((key, ""))
        if not self.entries and not self.running:
            self.time = max(self.time, self._latest)
            self.chats.clear()
            self.persons.clear()
            self._anew, self._unsaved = True, {("", "")}
        elif len(self.persons) + len(self.chats) > MANY:
            self._sweep()

    def _sweep(self) -> None:
        """Forget of whom nothing is to be known: a few in their turn, so that no change costs more
        than another, and more than can have come meanwhile."""
        for key in list(islice(self.chats, SWEPT)):
            chat = self.chats[key]
            self.chats.move_to_end(key)
            if not chat.rows and not chat.running and max(chat.start, chat.time) <= self.time:
                del self.chats[key]
                self._unsaved.add((key, ""))
        for key in list(islice(self.persons, SWEPT)):
            person = self.persons[key]
            self.persons.move_to_end(key)
            if not person.waiting and not person.running:
                void = [c for c, tag in person.tags.items() if tag <= self._time_in(c)]
                for chat_key in void:
                    del person.tags[chat_key]
                    self._unsaved.add((chat_key, key))
                if not person.tags and person.alone <= self.time:
                    del self.persons[key]
                    self._unsaved.add(("", key))

    def _time_in(self, chat: str) -> float:
        known = self.chats.get(chat)
        return known.time if known else self.time
