"""What the fair queue promises, whatever is asked of it and in whatever order."""

import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import Job, ModelRef
from bot.job_queue import Flow, JobQueue
from bot.job_queue.line import MANY
from bot.job_queue.waiting import PASSED
from tests.queue_fixtures import asked, drain, put, take
from tests.samples import spec

COSTS = st.integers(1, 3000)
WEIGHTS = {"a": 1.0, "b": 2.0, "c": 1.0, "d": 0.5, "e": 3.0}


@dataclass
class Desk:
    """A queue with its durable record: what a restart would find."""

    queue: JobQueue = field(default_factory=JobQueue)
    waiting: dict[str, Job] = field(default_factory=dict)
    drawing: list[Job] = field(default_factory=list)
    stored: dict[tuple[str, str], Flow] = field(default_factory=dict)
    count: int = 0

    def put(self, user: str, chat: str, cost: int, **more: Any) -> None:
        name = f"{user}{self.count}"
        self.count += 1
        more.setdefault("weight", WEIGHTS[user])
        self.waiting[name] = put(self.queue, name, user, chat, cost, **more)

    def take(self) -> Job | None:
        if not self.waiting:
            return None
        one = self.waiting.pop(take(self.queue))
        self.drawing.append(one)
        self.store()
        return one

    def store(self) -> None:
        changes = self.queue.unsaved()
        if changes.anew:
            self.stored.clear()
        for key in changes.gone:
            self.stored.pop(key, None)
        self.stored |= {(flow.chat, flow.person): flow for flow in changes.flows}

    def leave(self, share: float = 1.0) -> None:
        if self.drawing:
            self.queue.leave(self.drawing.pop(0).id, share)

    def cancel(self, place: int) -> None:
        if self.waiting:
            name = list(self.waiting)[place % len(self.waiting)]
            del self.waiting[name]
            assert self.queue.remove(name)

    def restarted(self) -> JobQueue:
        again = JobQueue()
        again.restore(self.stored.values())
        for one in self.drawing:
            again.put(one, first=True)
        for one in self.waiting.values():
            again.put(one)
        return again


USERS = st.sampled_from("abcde")
CHATS = st.sampled_from(["-1", "-2", "-3", "private"])
PUT = st.tuples(st.just("put"), USERS, CHATS, COSTS)
TAKE, LEAVE = st.just(("take",)), st.just(("leave",))
CANCEL = st.tuples(st.just("cancel"), st.integers(0, 50))
ACTS = st.lists(st.one_of(PUT, PUT, PUT, TAKE, LEAVE, CANCEL), min_size=20, max_size=80)


def play(desk: Desk, acts: list[tuple[Any, ...]]) -> None:
    for name, *values in acts:
        getattr(desk, name)(*values)


@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_every_job_comes_out_once_and_as_the_line_says(acts: list[tuple[Any, ...]]) -> None:
    """While anything waits there is something to draw: nothing lost, nothing doubled; and who is
    told to be third is third."""
    desk = Desk()
    play(desk, acts)
    line = desk.queue.line()
    assert sorted(line) == sorted(desk.waiting)
    assert [place for _, place, _ in desk.queue.places()] == list(range(min(32, len(line))))
    assert drain(desk.queue) == line


@settings(max_examples=40, deadline=None)
@given(ACTS, ACTS)
def test_a_restart_keeps_the_line(
    before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]
) -> None:
    """What was being drawn goes first, then everybody where they stood."""
    desk = Desk()
    play(desk, before)
    desk.take()
    play(desk, [act for act in after if act[0] != "leave"])
    again = desk.restarted()
    drawing = [one.id for one in desk.drawing]
    assert again.line() == drawing + desk.queue.line()
    assert drain(again)[len(drawing) :] == drain(desk.queue)


def served(desk: Desk, rounds: int, key: Any, backlogged: Any) -> list[Counter[str]]:
    """Virtual work that each has had, after every job, while `backlogged` holds."""
    had: Counter[str] = Counter()
    history = [had.copy()]
    for _ in range(rounds):
        if not backlogged():
            break
        one = desk.take()
        assert one is not None
        desk.leave()
        had[key(one)] += one.cost / one.weight  # type: ignore[assignment]
        history.append(had.copy())
    return history


def waits(desk: Desk, *users: str) -> bool:
    return all(any(one.requester.user_id == u for one in desk.waiting.values()) for u in users)


@settings(max_examples=40, deadline=None)
@given(ACTS, st.lists(COSTS, min_size=3, max_size=12), st.lists(COSTS, min_size=3, max_size=12))
def test_two_members_of_a_chat_who_both_wait_get_equal_work_for_their_weight(
    acts: list[tuple[Any, ...]], first: list[int], second: list[int]
) -> None:
    """Over any stretch in which both wait, they differ by no more than one largest job of each:
    the bound of start-time fair queueing."""
    desk = Desk()
    play(desk, [("put", *act[1:2], "-1", act[3]) if act[0] == "put" else act for act in acts])
    while waits(desk, "a") or waits(desk, "b"):
        desk.take()
    for cost in first:
        desk.put("a", "-1", cost)
    for cost in second:
        desk.put("b", "-1", cost)
    history = served(desk, 100, lambda one: one.requester.user_id, lambda: waits(desk, "a", "b"))
    owed = [had["a"] - had["b"] for had in history]
    # What they had before does not concern them now, except for their last job.
    most = max(first) / WEIGHTS["a"] + max(second) / WEIGHTS["b"] + 3000 * (1 + 1 / 2)
    assert max(owed) - min(owed) <= most
    if not acts:
        assert max(map(abs, owed)) <= max(first) / WEIGHTS["a"] + max(second) / WEIGHTS["b"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ace"), COSTS), min_size=5, max_size=30),
    st.lists(COSTS, min_size=5, max_size=30),
)
def test_two_chats_that_both_wait_get_equal_work(
    busy: list[tuple[str, int]], quiet: list[int]
) -> None:
    """Three members there, one here: the chats differ by no more than one largest job of each."""
    desk = Desk()
    for user, cost in busy:
        desk.put(user, "-1", cost, weight=1.0)
    for cost in quiet:
        desk.put("b", "-2", cost, weight=1.0)
    users = {user for user, _ in busy}
    history = served(
        desk,
        100,
        lambda one: one.reply_to.chat_id,
        lambda: waits(desk, "b") and waits(desk, *users),
    )
    most = max(cost for _, cost in busy) + max(quiet)
    assert all(abs(had["-1"] - had["-2"]) <= most for had in history)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["-1", "-2", "-3", "private"]), COSTS), min_size=4),
    st.lists(COSTS, min_size=4, max_size=30),
)
def test_a_member_in_many_chats_gets_no_more_than_one_in_a_single_chat(
    many: list[tuple[str, int]], single: list[int]
) -> None:
    """However the jobs are spread, the two get equal work while both wait."""
    desk = Desk()
    for chat, cost in many:
        desk.put("a", chat, cost, weight=1.0)
    for cost in single:
        desk.put("b", "-9", cost, weight=1.0)
    history = served(desk, 100, lambda one: one.requester.user_id, lambda: waits(desk, "a", "b"))
    most = max(cost for _, cost in many) + max(single)
    assert all(abs(had["a"] - had["b"]) <= most for had in history)


@settings(max_examples=20, deadline=None)
@given(st.integers(100, 3000), st.integers(1, 5), st.integers(10, 120))
def test_a_stream_of_newcomers_keeps_nobody_waiting_for_ever(
    cost: int, batch: int, seconds: int
) -> None:
    """Each new member passes a second job, but only until it has waited an hour for each credit
    that its member has had."""
    queue, now = JobQueue(), 0.0
    for n in range(batch + 1):
        put(queue, f"old {n}", "old", cost=cost, accepted_at=now)
    for n in range(10):
        put(queue, f"{n}", f"{n}", cost=cost, accepted_at=now)
    for n in range(10, 100_000):
        name = take(queue)
        queue.leave(name)
        if name == f"old {batch}":
            break
        now += seconds
        put(queue, f"{n}", f"{n}", cost=cost, accepted_at=now)
    assert now <= 3.6 * cost * batch + (batch + 12) * seconds


FITS = st.lists(
    st.tuples(
        USERS, CHATS, st.integers(1, 2500), st.sampled_from("dde"), st.sampled_from([64, 96])
    ),
    min_size=2,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(FITS, st.integers(1, 4))
def test_no_job_is_passed_by_more_than_the_bound(jobs: list[Any], at_once: int) -> None:
    """What fits the batch goes first, but not more than two credits of it past any job."""
    desk, passed = Desk(), defaultdict[str, int](int)
    for user, chat, cost, model, side in jobs:
        one = spec(checkpoint=ModelRef(name=model, sha256=model * 64), width=side, height=side)
        desk.put(user, chat, cost, spec=one)
    while desk.waiting:
        if len(desk.drawing) == at_once:
            desk.leave()
        line = desk.queue.line()
        taken = desk.take()
        assert taken is not None
        for name in line[: line.index(taken.id)]:
            passed[name] += taken.cost
    assert max(passed.values(), default=0) <= PASSED


@settings(max_examples=20, deadline=None)
@given(ACTS)
def test_nobody_overtakes_themselves(acts: list[tuple[Any, ...]]) -> None:
    """Within a chat, a member's jobs are drawn in the order of asking."""
    desk = Desk()
    play(desk, acts)
    of = {name: (one.requester.user_id, one.reply_to.chat_id) for name, one in desk.waiting.items()}
    rows = defaultdict[Any, list[int]](list)
    for name in drain(desk.queue):
        rows[of[name]].append(int(name[1:]))
    assert all(x < y for row in rows.values() for x, y in pairwise(row))


def test_members_who_owe_nothing_are_forgotten() -> None:
    """Three thousand come and go while a flood waits: neither memory nor record keeps them, and
    the line outlives a restart all the same."""
    desk = Desk()
    for _ in range(40):
        desk.put("a", "-1", 1000)
    for n in range(3000):
        name = f"{n}"
        desk.waiting[name] = put(desk.queue, name, f"guest {n}", f"-{n % 5}", 100)
        desk.take()
        desk.leave()
    assert desk.waiting
    assert len(desk.stored) < 2 * 1500
    assert desk.restarted().line() == desk.queue.line()


def test_a_job_costs_no_more_work_among_many_than_among_few() -> None:
    """Steps of the program, not seconds: put, look, take and cancel among 100 and among 5,000."""

    def steps(waiting: int) -> int:
        queue = JobQueue()
        for n in range(waiting):
            put(queue, f"{n}", f"{n % 997}", f"-{n % 31}", cost=1 + n % 500)
        put(queue, "first", "first", "-1")
        queue.line()[:1]
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            for n in range(50):
                queue.put(asked(f"new {n}", f"{n}", f"-{n}"))
                queue.ahead(f"new {n}")
                queue.leave(take(queue))
                queue.remove(f"{waiting - 1 - n}")
        finally:
            sys.setprofile(None)
        return calls

    assert steps(5_000) < 2 * steps(100)


@pytest.mark.parametrize(("chats", "people"), [(1, 60), (60, 60), (8, 20), (90, 6)])
def test_what_was_seen_of_the_line_holds_while_jobs_come_behind(chats: int, people: int) -> None:
    """A place that is told after some came is the one that is found by looking anew; and looking
    anew is seldom needed."""
    rng, queue, looked = random.Random(chats * 1000 + people), JobQueue(), 0
    for n in range(160):
        user, chat = f"u{rng.randrange(people)}", f"-{rng.randrange(chats) + 1}"
        put(queue, f"j{n}", user, chat, cost=rng.choice((250, 1000, 4000)), accepted_at=n / 10)
        looked += queue._walk is None
        seen = queue.ahead(f"j{n}"), list(queue.places())
        queue._walk = None
        assert (queue.ahead(f"j{n}"), list(queue.places())) == seen
        if rng.random() < 0.2:
            queue.leave(take(queue))
    assert looked < 160 or people == 6  # who waits for a turn in every chat disturbs all of them


def test_those_who_left_are_forgotten_little_by_little() -> None:
    """However many come and go, few are kept in mind, and no single change costs more."""
    queue = JobQueue()
    put(queue, "stays", "stays", cost=10**9)
    held = take(queue)
    most = 0
    for n in range(2 * MANY):
        for twice in "ab":
            put(queue, f"{n}{twice}", f"u{n}", f"-{n + 2}", cost=1)
        for _ in "ab":
            queue.leave(take(queue))
        queue.unsaved()
        most = max(most, len(queue._line.persons) + len(queue._line.chats))
    assert most < 1.2 * MANY
    queue.leave(held)
