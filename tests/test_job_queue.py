"""The fair queue: whose turn it is, and what is told of it."""

import asyncio
from typing import Any

import pytest

from bot.domain import ModelRef
from bot.job_queue import JobQueue, Pace
from bot.quota.limits import RunningCaps
from tests.queue_fixtures import asked, drain, put, take
from tests.samples import spec


def put_many(queue: JobQueue, names: str, user: str = "a", chat: str = "-100", **more: Any) -> None:
    for name in names.split():
        put(queue, name, user, chat, **more)


@pytest.fixture
def queue() -> JobQueue:
    return JobQueue()


# Members ------------------------------------------------------------------------------------


def test_one_member_is_served_in_the_order_of_asking(queue: JobQueue) -> None:
    """Nobody overtakes themselves."""
    put_many(queue, "a0 a1 a2 a3")
    assert drain(queue) == ["a0", "a1", "a2", "a3"]


def test_a_batch_does_not_block_a_newcomer(queue: JobQueue) -> None:
    """After the one that is being drawn, the newcomer is next."""
    put_many(queue, "a0 a1 a2 a3")
    assert take(queue) == "a0"
    put(queue, "b0", "b")
    assert drain(queue) == ["b0", "a1", "a2", "a3"]


def test_members_are_served_by_work_not_by_requests(queue: JobQueue) -> None:
    """Three small requests pass while a large one of somebody else is paid for."""
    put_many(queue, "big0 big1", "a", cost=3000)
    put_many(queue, "b0 b1 b2 b3", "b")
    assert drain(queue) == ["big0", "b0", "b1", "b2", "big1", "b3"]


def test_a_tier_with_twice_the_weight_gets_twice_the_work(queue: JobQueue) -> None:
    """Two of the supporter's for one of the other's."""
    put_many(queue, "s0 s1 s2 s3 s4 s5", "s", weight=2.0)
    put_many(queue, "b0 b1 b2", "b")
    assert drain(queue) == ["s0", "b0", "s1", "s2", "b1", "s3", "s4", "b2", "s5"]


def test_linked_accounts_are_one_member(queue: JobQueue) -> None:
    """Two accounts of a person share one turn with another member."""
    put_many(queue, "a0 a1", "a", person="telegram:a")
    put_many(queue, "A0 A1", "A", person="telegram:a")
    put_many(queue, "b0 b1 b2 b3", "b")
    assert drain(queue) == ["a0", "b0", "a1", "b1", "A0", "b2", "A1", "b3"]
    assert queue.count("telegram:a") == 0


# Chats --------------------------------------------------------------------------------------


def test_chats_are_served_in_turn_whatever_the_number_of_their_members(queue: JobQueue) -> None:
    """Four members of a busy chat do not keep the quiet one from half of the machine."""
    for user in "pqrs":
        put(queue, f"{user}0", user, "-1")
    put_many(queue, "b0 b1 b2 b3", "b", "-2")
    assert drain(queue) == ["p0", "b0", "q0", "b1", "r0", "b2", "s0", "b3"]


def test_a_member_gets_no_more_by_asking_in_many_chats(queue: JobQueue) -> None:
    """One chat each for three jobs: still one turn with the member of another chat."""
    for n in range(3):
        put(queue, f"a{n}", "a", f"-{n}")
    put_many(queue, "b0 b1 b2", "b", "-9")
    assert drain(queue) == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_work_in_one_chat_counts_in_the_others(queue: JobQueue) -> None:
    """Who was served elsewhere waits for those here who were not."""
    put(queue, "a0", "a", "-1")
    put(queue, "c0", "c", "-1")
    put(queue, "a1", "a", "-2")
    put_many(queue, "b0 b1", "b", "-2")
    assert drain(queue) == ["a0", "b0", "c0", "a1", "b1"]


def test_private_chats_together_are_one_chat(queue: JobQueue) -> None:
    """Three members in private get together what the group gets."""
    for user in "pqr":
        put(queue, f"{user}0", user, "private")
    put_many(queue, "b0 b1 b2", "b", "-1")
    assert drain(queue) == ["p0", "b0", "q0", "b1", "r0", "b2"]


# Coming, going, coming back -----------------------------------------------------------------


async def test_get_waits_for_a_job(queue: JobQueue) -> None:
    """An empty queue answers as soon as something is put."""
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    put(queue, "a0")
    assert await waiting == "a0"


def test_a_job_cancelled_while_waiting_costs_no_turn(queue: JobQueue) -> None:
    """Thirty-nine of forty are cancelled: the last one is next to the newcomer's."""
    put_many(queue, " ".join(f"a{n}" for n in range(40)))
    for n in range(39):
        assert queue.remove(f"a{n}")
    assert not queue.remove("a0")
    put_many(queue, "b0 b1", "b")
    assert drain(queue) == ["a39", "b0", "b1"]


def test_a_job_cancelled_while_drawn_counts_as_far_as_it_was_drawn(queue: JobQueue) -> None:
    """A tenth of a large job was drawn: its member comes again before the other's second."""
    put(queue, "big", "a", cost=5000)
    put_many(queue, "b0 b1", "b")
    assert take(queue) == "big"
    put(queue, "a1", "a")
    queue.leave("big", share=0.1)
    assert drain(queue) == ["b0", "a1", "b1"]


def test_a_job_that_comes_back_goes_first_and_is_not_charged_again(queue: JobQueue) -> None:
    """The render process died with it: it is next, and its member's turn is not taken twice."""
    put_many(queue, "a0 a1")
    put_many(queue, "b0 b1", "b")
    back = asked("a0")
    assert take(queue) == "a0"
    queue.put(back, first=True)
    queue.leave("a0")
    assert "a0" in queue
    assert drain(queue) == ["a0", "b0", "a1", "b1"]


def test_whoever_used_an_idle_machine_owes_nothing(queue: JobQueue) -> None:
    """Work done while nobody waited is forgotten."""
    put_many(queue, "a0 a1 a2")
    drain(queue)
    put_many(queue, "a3", "a")
    put_many(queue, "b0", "b")
    assert drain(queue) == ["a3", "b0"]


def test_a_chat_that_was_quiet_does_not_catch_up(queue: JobQueue) -> None:
    """Chats share from now on: nobody saves turns by asking for nothing."""
    for n in range(10):
        put(queue, f"busy{n}", "a", "-100")
    for n in range(6):
        assert take(queue) == f"busy{n}"
        queue.leave(f"busy{n}")
    for n in range(4):
        put(queue, f"quiet{n}", "b", "-200")
    order = drain(queue)
    assert order.index("busy6") <= 1
    assert order.index("busy7") <= 3


def test_an_hour_of_waiting_counts_as_a_credit(queue: JobQueue) -> None:
    """Newcomers pass a second job, until it has waited for long enough."""
    put_many(queue, "a0 a1", "a", accepted_at=0.0)
    take(queue)
    put(queue, "young", "b", accepted_at=3500.0)
    put(queue, "late", "c", accepted_at=3700.0)
    assert queue.line() == ["young", "a1", "late"]


# What may be begun --------------------------------------------------------------------------


async def test_a_member_at_the_running_cap_is_passed(queue: JobQueue) -> None:
    """The second job of the same member waits for the first, not the other member's."""
    capped = JobQueue(RunningCaps(per_user=1).allow)
    put_many(capped, "a0 a1")
    put(capped, "b0", "b")
    assert [take(capped), take(capped)] == ["a0", "b0"]
    waiting = asyncio.create_task(capped.get())
    await asyncio.sleep(0)
    capped.leave("b0")
    await asyncio.sleep(0)
    assert not waiting.done()
    capped.leave("a0")
    assert await waiting == "a1"


def test_a_chat_at_the_running_cap_is_passed() -> None:
    """Another chat's job is begun instead; private chats are capped one by one."""
    capped = JobQueue(RunningCaps(per_chat=1).allow)
    put(capped, "a0", "a", "-1")
    put(capped, "b0", "b", "-1")
    for name in "pq":
        put(capped, name, name, "private")
    assert [take(capped), take(capped), take(capped)] == ["a0", "p", "q"]
    capped.leave("a0")
    assert take(capped) == "b0"


def other_model() -> Any:
    return spec(checkpoint=ModelRef(name="other", sha256="e" * 64))


def test_what_fits_the_batch_passes_others_within_the_bound(queue: JobQueue) -> None:
    """Two credits of the same checkpoint and size pass a job of another one, the third does not."""
    put(queue, "now", "z")
    put(queue, "other", "a", spec=other_model())
    for user in "bcd":
        put(queue, f"{user}0", user)
    assert [take(queue) for _ in range(5)] == ["now", "b0", "c0", "other", "d0"]


def test_a_large_job_passes_nobody(queue: JobQueue) -> None:
    """More than the bound at once is too much."""
    put(queue, "now", "z")
    put(queue, "other", "a", spec=spec(width=768))
    put(queue, "large", "b", cost=2001)
    assert [take(queue), take(queue)] == ["now", "other"]


def test_the_loaded_checkpoint_is_preferred_when_nothing_is_drawn(queue: JobQueue) -> None:
    """Changing the model waits for a job or two."""
    put(queue, "now", "z")
    put(queue, "other", "a", spec=other_model())
    put(queue, "same", "b", spec=spec(width=768))
    assert drain(queue) == ["now", "same", "other"]


def test_fitting_does_not_change_the_order_of_a_members_own_jobs(queue: JobQueue) -> None:
    """The second job fits, the first does not: the first is begun."""
    put(queue, "now", "z")
    put(queue, "first", "a", spec=other_model())
    put(queue, "second", "a")
    assert [take(queue) for _ in range(3)] == ["now", "first", "second"]


# What is told -------------------------------------------------------------------------------


def test_what_stands_ahead_is_told_in_jobs_and_work(queue: JobQueue) -> None:
    """Place and predicted wait come from the same line."""
    put(queue, "a0", "a", cost=700)
    put(queue, "b0", "b", cost=500)
    put(queue, "a1", "a", cost=100)
    assert queue.ahead("a1") == (2, 1300)
    assert queue.ahead("nobody") == (0, 0)


def test_the_predicted_wait_counts_what_is_left_of_what_is_drawn(queue: JobQueue) -> None:
    """Being next behind a long job is a long wait, less as it is drawn, until it has left."""
    put(queue, "long", "a", cost=60_000)
    put(queue, "b0", "b", cost=100)
    take(queue)
    assert queue.ahead("b0") == (0, 60_100)
    queue.drawn("long", 0.5)
    assert queue.ahead("b0") == (0, 30_100)
    queue.leave("long")
    assert queue.ahead("b0") == (0, 100)


def test_far_back_in_the_line_the_place_is_estimated(queue: JobQueue) -> None:
    """A newcomer's place is exact among a thousand; the end of a batch is told what its share
    promises, never more than everything that waits."""
    for n in range(1000):
        put(queue, f"a{n}", "a")
    put(queue, "b0", "b")
    assert queue.ahead("b0") == (1, 2000)
    assert queue.ahead("a30") == (31, 32_000)
    assert queue.ahead("a999") == (1000, 1_001_000)
    for n in range(20):
        put(queue, f"c{n}", "c", "-2")
        put(queue, f"d{n}", "d", "-2")
    # Its row comes to 20 credits, half a chat's share, and there are two chats.
    assert queue.ahead("d19") == (80, 80_000)
    assert len(list(queue.places())) == 32


def test_the_wait_of_a_request_is_predicted_before_it_is_accepted(queue: JobQueue) -> None:
    """A newcomer behind a batch would wait for one job, its owner for all; nothing has changed."""
    put_many(queue, "a0 a1 a2", "a")
    take(queue)
    line = queue.line()
    assert queue.outlook(asked("a3", "a")) == 4000
    assert queue.outlook(asked("b0", "b", cost=500)) == 1500
    assert (queue.work, queue.line(), queue.count("telegram:b")) == (3000, line, 0)


def test_waiting_jobs_are_counted_by_member_and_chat(queue: JobQueue) -> None:
    """The caps on waiting jobs are asked of the queue."""
    put_many(queue, "a0 a1", "a", "-1")
    put(queue, "b0", "b", "-1")
    assert (queue.count("telegram:a"), queue.count("telegram:b")) == (2, 1)
    assert queue.count_of_chat("telegram:-1") == 3
    queue.remove("a1")
    take(queue)
    assert (queue.count("telegram:a"), queue.count_of_chat("telegram:-1")) == (0, 1)
    assert len(queue) == 1


# Pace ---------------------------------------------------------------------------------------


def test_the_pace_follows_what_was_measured() -> None:
    """The predicted time comes to what jobs really take."""
    pace = Pace(100.0)
    for _ in range(80):
        pace.learn(2.0, 1000)
    assert round(pace.seconds(3000)) == 6


def test_the_pace_of_batches_is_that_of_the_whole_batch() -> None:
    """Eight end together after eight seconds: a credit takes one second, whoever ended last."""
    pace = Pace()
    for _ in range(10):
        pace.learn(8.0, 1000)
        for _ in range(7):
            pace.learn(0.0, 1000)
    assert pace.seconds(80_000) == pytest.approx(80, rel=0.25)


def test_a_first_guess_gives_way_to_the_first_job() -> None:
    """A machine that is seven times slower than thought is known as such after one picture."""
    pace = Pace(5.0)
    pace.learn(37.0, 1000)
    assert pace.seconds(1000) > 25
