"""Credits: reserved, settled, refunded, never overspent."""

import asyncio
from itertools import product
from sqlite3 import Connection

import pytest

from bot.database import Database
from bot.errors import QuotaExceeded, StoreError
from bot.quota.ledger import Ledger
from bot.quota.limits import UNLIMITED, Amount, Part
from bot.quota.proof import faults
from bot.quota.windows import day_of
from tests.quota_scene import ANN, BOB, CHAT, OPERATOR, OTHER_CHAT, Scene, config
from tests.samples import DAY, allowance


async def test_ten_thousand_racing_spends_overspend_nothing(database: Database) -> None:
    """40 members (two of them one person) race in 5 chats; each limit is reached, none passed."""
    scene = Scene(
        database,
        config(
            credits_per_day=5.0,
            credits_per_hour=4.0,
            chat_credits_per_day=30.0,
            total_credits_per_day=100.0,
        ),
    )
    await scene.accounts.link("telegram:1", "discord:1", by=OPERATOR)
    members = [f"telegram:{n}" for n in range(1, 40)] + ["discord:1"]
    chats = [f"telegram:-{n}" for n in range(1, 6)]

    async def spend(account: str, chat: str) -> int:
        try:
            await scene.spend([250, 250], account=account, chat=chat)
        except QuotaExceeded:
            return 0
        return 500

    racers = [spend(a, c) for _ in range(50) for a, c in product(members, chats)]
    assert len(racers) == 10_000
    granted = sum(await asyncio.gather(*racers))
    assert granted == 100_000
    rows = await database.rows("SELECT account, chat, SUM(amount) FROM ledger GROUP BY 1, 2")
    spent = {(account, chat): amount for account, chat, amount in rows}
    assert sum(spent.values()) == granted
    for account in members[1:-1]:
        assert sum(v for (a, _), v in spent.items() if a == account) <= 4000
    assert sum(v for (a, _), v in spent.items() if a.endswith(":1")) == 4000
    for chat in chats:
        assert sum(v for (_, c), v in spent.items() if c == chat) <= 30_000


async def test_two_programs_on_one_file_overspend_nothing(database: Database) -> None:
    """The command line and the bot reserve at the same time, each with a connection of its own."""
    async with Database(database.path) as second:
        limits = config(credits_per_day=10.0)
        scenes = [Scene(database, limits), Scene(second, limits, name="second")]
        spends = [scene.spend() for _ in range(30) for scene in scenes]
        done = await asyncio.gather(*spends, return_exceptions=True)
    assert sum(isinstance(result, str) for result in done) == 10
    assert all(isinstance(result, str | QuotaExceeded) for result in done)


async def test_the_statement_itself_refuses_what_is_planned_too_late(database: Database) -> None:
    """A plan made before somebody else spent is not carried out, nor is half of it."""
    ledger = Ledger(database)
    async with database.transaction() as t:
        assert await ledger.reserve(t, allowance(3000), "a", [Part(amount=1000)])
        assert not await ledger.reserve(t, allowance(3000), "b", [Part(amount=1000)] * 3)
        assert not await ledger.reserve(t, allowance(), "c", [Part(amount=5, grants=((1, 5),))])
        assert await ledger.reserve(t, allowance(3000), "d", [Part(amount=1000)] * 2)
    assert await ledger.used(ANN, DAY) == 3000


async def test_a_reservation_is_all_or_nothing(database: Database) -> None:
    """Four pictures with credits for three reserve none; for four, all four."""
    scene = Scene(database, config(credits_per_day=3.0))
    await scene.refused([1000] * 4)
    assert await scene.left() == 3000
    await scene.spend([750] * 4)
    assert await scene.left() == 0


async def test_other_accounts_and_days_do_not_count(database: Database) -> None:
    """A personal limit is per account and day."""
    scene = Scene(database, config(credits_per_day=1.0))
    await scene.spend()
    await scene.spend(account=BOB)
    await scene.refused()
    scene.now += 86400
    await scene.spend()


async def test_a_job_that_is_stopped_half_way_costs_half(database: Database) -> None:
    """Settling a share gives the rest back, in every scope; settling again changes nothing."""
    scene = Scene(database, config(credits_per_day=10.0, chat_credits_per_hour=10.0))
    one = await scene.spend([1000, 1000])
    await scene.settle(one, 0.5)
    await scene.settle(one, 0.1)
    assert {b.used for b in (await scene.allowance()).bounds} == {1000}


async def test_a_refund_is_whole_and_happens_once(database: Database) -> None:
    """Also after it was settled; nobody gains by a second one."""
    scene = Scene(database, config(credits_per_day=10.0))
    one = await scene.spend([700, 300])
    await scene.settle(one)
    await scene.refund(one)
    await scene.refund(one)
    assert {b.used for b in (await scene.allowance()).bounds} == {0}


async def test_credits_come_back_to_the_day_they_were_taken_from(database: Database) -> None:
    """A job that fails after midnight leaves the new day alone."""
    scene = Scene(database, config(credits_per_day=2.0))
    late = await scene.spend([2000])
    scene.now += 86400
    await scene.spend([2000])
    await scene.refund(late)
    await scene.refused([1])


async def test_the_database_refuses_to_change_or_drop_what_was_booked(database: Database) -> None:
    """The ledger only grows, whoever writes."""
    await Scene(database).spend()
    for statement in ("UPDATE ledger SET amount = 1", "DELETE FROM ledger"):
        with pytest.raises(StoreError, match="only grows"):
            async with database.transaction() as t:
                await t.run(statement)


async def test_no_query_of_a_request_reads_more_as_the_ledger_grows(database: Database) -> None:
    """Every table is searched by an index, none is read through."""
    statements: list[str] = []
    scene = Scene(database, config(total_credits_per_day=200.0))
    await scene.accounts.grant(ANN, 5000, None, chat=None, by=OPERATOR, as_operator=True)
    await database._call(Connection.set_trace_callback, statements.append)
    one = await scene.spend([102_000 // 2, 50_000])
    await scene.settle(one, 0.5)
    await scene.refund(one)
    await database._call(Connection.set_trace_callback, None)
    said = [s.strip() for s in statements]
    assert len(said) > 8
    for statement in said:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "WITH", "DELETE")):
            plan = [r["detail"] for r in await database.rows(f"EXPLAIN QUERY PLAN {statement}")]
            scans = {p.split()[1] for p in plan if p.startswith("SCAN")}
            assert scans.isdisjoint(
                {"ledger", "totals", "grants", "grant_uses", "limits", "bans", "links", "cancels"}
            ), (statement, plan)


async def test_operators_are_counted_and_never_refused(database: Database) -> None:
    """What an operator draws stands in the ledger."""
    scene = Scene(database, config(credits_per_day=1.0, total_credits_per_day=1.0))
    await scene.spend([5000], unlimited=True)
    seen = await scene.allowance(unlimited=True)
    assert seen.left == UNLIMITED
    assert {b.used for b in seen.bounds} == {5000}
    await scene.refused([1], account=BOB)


@pytest.mark.parametrize("window", ["day", "hour"])
async def test_every_scope_refuses_by_itself(database: Database, window: str) -> None:
    """One person, one person in one chat, a chat, everybody: each limit names itself."""
    scene = Scene(database, config(credits_per_day="unlimited"))
    act = {"by": OPERATOR, "as_operator": True}
    for account, chat, scope in (
        (ANN, None, "person"),
        (ANN, CHAT, "member"),
        (None, CHAT, "chat"),
        (None, None, "all"),
    ):
        await scene.accounts.set_limit(account, Amount(500, window), chat=chat, **act)
        refusal = await scene.refused()
        assert (refusal.args["scope"], refusal.args["window"]) == (scope, window)
        await scene.accounts.set_limit(account, chat=chat, **act)
        await scene.refund(await scene.spend())
    await scene.accounts.set_limit(ANN, Amount(500, window), chat=CHAT, **act)
    await scene.spend(chat=OTHER_CHAT)
    await scene.spend(account=BOB)


async def test_old_sums_are_forgotten_and_rows_are_not(database: Database) -> None:
    """What was spent then may still be refunded; today's limits and the proof are as before."""
    scene = Scene(database, config(credits_per_day=2.0))
    old = await scene.spend()
    scene.now += 50 * 86400
    await scene.spend()
    await scene.ledger.tidy(day_of(scene.now - 40 * 86400, "UTC"))
    assert [r[0] for r in await database.rows("SELECT COUNT(*) FROM totals")] == [8]
    assert [r[0] for r in await database.rows("SELECT COUNT(*) FROM ledger")] == [2]
    await scene.refund(old)
    assert await scene.left() == 1000
    assert not [fault for fault in await faults(database) if "sums" in fault]
