"""The fair queue."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.job_queue import JobQueue, Pace
from tests.samples import job, requester


def put(queue: JobQueue, name: str, user: str, cost: int = 1000) -> None:
    asker = requester(user)
    queue.put(job(name, requester=asker, cost=cost, rank=queue.rank(asker.account)))


async def drain(queue: JobQueue) -> list[str]:
    return [await queue.get() for _ in range(len(queue))]


async def test_one_member_is_served_in_the_order_of_asking() -> None:
    """Nobody overtakes themselves."""
    queue = JobQueue()
    for n in range(5):
        put(queue, f"a{n}", "a")
    assert await drain(queue) == [f"a{n}" for n in range(5)]


async def test_a_batch_does_not_block_a_newcomer() -> None:
    """After one of ten, the newcomer is next."""
    queue = JobQueue()
    for n in range(10):
        put(queue, f"a{n}", "a")
    assert await queue.get() == "a0"
    put(queue, "b0", "b")
    assert (await drain(queue))[:2] == ["b0", "a1"]


async def test_members_are_served_by_work_not_by_requests() -> None:
    """Three small requests pass while a large one of somebody else is paid for."""
    queue = JobQueue()
    put(queue, "big0", "a", 3000)
    put(queue, "big1", "a", 3000)
    for n in range(4):
        put(queue, f"small{n}", "b", 1000)
    order = await drain(queue)
    assert order.index("big1") == 4


async def test_a_restart_keeps_the_order() -> None:
    """Stored ranks, put again in the order of ranks, give the same line."""
    queue = JobQueue()
    jobs = []
    for n in range(12):
        asker = requester("ab"[n % 3 == 0])
        one = job(f"j{n}", requester=asker, cost=500 + 300 * n, rank=queue.rank(asker.account))
        queue.put(one)
        jobs.append(one)
    again = JobQueue()
    for one in sorted(jobs, key=lambda j: j.rank):
        again.put(one)
    assert queue.line() == again.line()


async def test_newcomers_after_a_restart_do_not_stand_before_those_who_waited() -> None:
    """A batch of a newcomer takes turns with the jobs that were waiting when the bot stopped."""
    queue = JobQueue()
    for n in range(3):
        queue.put(job(f"old {n}", requester=requester("1"), rank=500_000.0 + 1000 * n))
    for n in range(3):
        newcomer = requester("2")
        queue.put(job(f"new {n}", requester=newcomer, rank=queue.rank(newcomer.account)))
    line = ["old 0", "new 0", "old 1", "new 1", "old 2", "new 2"]
    assert [await queue.get() for _ in range(6)] == line


async def test_get_waits_for_a_job() -> None:
    """An empty queue answers as soon as something is put."""
    queue = JobQueue()
    waiting = asyncio.create_task(queue.get())
    put(queue, "a0", "a")
    assert await waiting == "a0"


async def test_a_removed_job_is_never_drawn() -> None:
    """Cancelled while waiting: gone, and its member's next job moves up."""
    queue = JobQueue()
    put(queue, "a0", "a")
    put(queue, "a1", "a")
    assert queue.remove("a1")
    assert not queue.remove("a1")
    put(queue, "b0", "b", 10)
    put(queue, "a2", "a")
    assert await drain(queue) == ["a0", "b0", "a2"]


async def test_a_job_can_be_put_before_all_others() -> None:
    """A job whose process died is drawn next."""
    queue = JobQueue()
    put(queue, "a0", "a")
    queue.put(replace(job("z", requester=requester("z"))), first=True)
    assert await drain(queue) == ["z", "a0"]


async def test_what_stands_ahead_is_told_in_jobs_and_work() -> None:
    """Place and predicted wait come from the same line."""
    queue = JobQueue()
    put(queue, "a0", "a", 700)
    put(queue, "b0", "b", 500)
    put(queue, "a1", "a", 100)
    assert queue.ahead("a1") == (2, 1300)
    assert queue.ahead("nobody") == (0, 0)


async def test_the_predicted_wait_counts_what_is_being_drawn() -> None:
    """Being next behind a long job is a long wait, until that job has left the renderer."""
    queue = JobQueue()
    put(queue, "long", "a", 60_000)
    put(queue, "b0", "b", 100)
    await queue.get()
    assert queue.ahead("b0") == (0, 60_100)
    queue.leave("long")
    assert queue.ahead("b0") == (0, 100)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3000)), max_size=30))
def test_every_job_comes_out_once(asked: list[tuple[str, int]]) -> None:
    """Nothing is lost, nothing doubled, whatever is asked."""

    async def run() -> None:
        queue = JobQueue()
        for n, (user, cost) in enumerate(asked):
            put(queue, f"j{n}", user, cost)
        assert sorted(await drain(queue)) == sorted(f"j{n}" for n in range(len(asked)))

    asyncio.run(run())


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=40))
def test_no_member_gets_more_than_a_job_ahead_of_another(costs: list[int]) -> None:
    """While two members both wait, the work done for them differs by at most one job of each."""

    async def run() -> None:
        queue = JobQueue()
        price = {}
        for n, cost in enumerate(costs):
            for user in "ab":
                put(queue, f"{user}{n}", user, cost)
                price[f"{user}{n}"] = cost
        done = {"a": 0, "b": 0}
        for _ in range(2 * len(costs)):
            if min(sum(j.startswith(u) for j in queue.line()) for u in "ab") == 0:
                break
            name = await queue.get()
            done[name[0]] += price[name]
            assert abs(done["a"] - done["b"]) <= max(costs)

    asyncio.run(run())


def test_the_pace_follows_what_was_measured() -> None:
    """The predicted time comes to what jobs really take."""
    pace = Pace(100.0)
    for _ in range(40):
        pace.learn(2.0, 1000)
    assert round(pace.seconds(3000)) == 6
