"""Credits: reserved, settled, refunded, never overspent."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.quota.ledger import Ledger

DAY = "2026-11-21"


async def _reserve(database: Database, job: str, costs: list[int], limit: int) -> bool:
    async with database.transaction() as t:
        return await Ledger.reserve(
            t, account="telegram:1", job_id=job, costs=costs, day=DAY, limit=limit
        )


async def test_racing_requests_never_overspend(database: Database) -> None:
    """Of 200 simultaneous requests, a limit of ten lets ten through."""
    granted = await asyncio.gather(
        *(_reserve(database, f"job {n}", [1000], 10_000) for n in range(200))
    )
    assert sum(granted) == 10
    assert await Ledger(database).used("telegram:1", DAY) == 10_000


async def test_a_reservation_is_all_or_nothing(database: Database) -> None:
    """Four pictures with credits for three reserve none."""
    assert not await _reserve(database, "a", [1000] * 4, 3000)
    assert await Ledger(database).used("telegram:1", DAY) == 0


async def test_other_accounts_and_days_do_not_count(database: Database) -> None:
    """A limit is per account and day."""
    assert await _reserve(database, "a", [1000], 1000)
    async with database.transaction() as t:
        assert await Ledger.reserve(
            t, account="telegram:2", job_id="b", costs=[1000], day=DAY, limit=1000
        )
        assert await Ledger.reserve(
            t, account="telegram:1", job_id="c", costs=[1000], day="2026-11-22", limit=1000
        )


async def test_a_job_that_is_stopped_half_way_costs_half(database: Database) -> None:
    """Settling a share gives the rest back."""
    await _reserve(database, "a", [1000, 1000], 10_000)
    async with database.transaction() as t:
        await Ledger.settle(t, "a", 0.5)
    assert await Ledger(database).used("telegram:1", DAY) == 1000


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "half", "refund"]),
        st.integers(0, 3),
        st.integers(1, 5000),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_any_order_of_acts_keeps_the_balance_of_a_simple_model(
    acts: list[tuple[str, int, int]],
) -> None:
    """Whatever happens in whatever order, the sum equals what a plain dictionary says: settled
    once, refunded once, and never above the limit."""
    asyncio.run(_compare(acts))


async def _compare(acts: list[tuple[str, int, int]]) -> None:
    limit = 6000
    reserved: dict[int, int] = {}
    now: dict[int, int] = {}
    settled: set[int] = set()
    refunded: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        async with Database(Path(folder) / "d") as database:
            for act, job, cost in acts:
                if act == "reserve" and job not in reserved:
                    granted = await _reserve(database, str(job), [cost], limit)
                    assert granted == (sum(now.values()) + cost <= limit)
                    if granted:
                        reserved[job] = now[job] = cost
                    continue
                if act == "reserve":
                    continue
                async with database.transaction() as t:
                    if act == "refund":
                        await Ledger.refund(t, str(job))
                    else:
                        await Ledger.settle(t, str(job), 1.0 if act == "settle" else 0.5)
                if job not in reserved or job in refunded:
                    continue
                if act == "refund":
                    now[job] = 0
                    refunded.add(job)
                elif job not in settled:
                    settled.add(job)
                    now[job] = cost_left(now[job], 1.0 if act == "settle" else 0.5)
            assert await Ledger(database).used("telegram:1", DAY) == sum(now.values())


def cost_left(cost: int, share: float) -> int:
    return cost - int(cost * (1 - share))
