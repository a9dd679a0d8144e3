"""What operators and a chat's admins settle: before and after, audited, within what they may."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bot.audit import Audit
from bot.check import Finding, findings
from bot.check.finding import Level
from bot.config import Secrets
from bot.database import Database
from bot.errors import BadCommand, NotPermitted, Refusal, UnknownName
from bot.quota.accounts import Accounts
from bot.quota.limits import MOST, UNLIMITED, Amount
from bot.quota.proof import faults
from bot.replies import LANGUAGES, say
from tests.quota_scene import ADMIN, ANN, BOB, CHAT, OPERATOR, OTHER_CHAT, Scene, config
from tests.samples import NOON, job

BY: dict[str, Any] = {"by": OPERATOR, "as_operator": True}
AS_ADMIN: dict[str, Any] = {"by": ADMIN, "as_operator": False}
TIERS = {"patron": {"credits_per_day": 9.0}}


async def test_each_act_tells_before_and_after_and_is_audited(database: Database) -> None:
    """Who, what, whom, where; in the same transaction."""
    scene = Scene(database, config(tiers=TIERS))
    accounts = scene.accounts
    first = await accounts.set_limit(ANN, Amount(50_000, "day"), chat=None, **BY)
    assert (first.before, first.after) == ((), (Amount(50_000, "day"),))
    second = await accounts.set_limit(ANN, Amount(5000, "hour"), chat=None, **BY)
    assert second.before == first.after
    back = await accounts.set_limit(ANN, chat=None, **BY)
    assert back.after == ()
    assert (await accounts.grant(ANN, 20_000, None, chat=CHAT, **AS_ADMIN)).after == 20_000
    assert (await accounts.ban(BOB, NOON + 60, "spam", chat=CHAT, **AS_ADMIN)).before is None
    assert (await accounts.unban(BOB, chat=CHAT, **AS_ADMIN)).after is None
    assert (await accounts.set_tier(ANN, "patron", by=OPERATOR)).before is None
    assert (await accounts.link(ANN, BOB, by=OPERATOR)).after == (ANN, BOB)
    assert (await accounts.unlink(ANN, by=OPERATOR)).after == (ANN,)
    told = [
        (a.account, a.act, a.target, a.chat, a.before, a.after)
        for a in reversed(await Audit(database).last())
    ]
    assert told == [
        (OPERATOR, "quota", ANN, "", "default", "50/day"),
        (OPERATOR, "quota", ANN, "", "50/day", "50/day 5/hour"),
        (OPERATOR, "quota", ANN, "", "50/day 5/hour", "default"),
        (ADMIN, "grant", ANN, CHAT, "0", "20 forever"),
        (ADMIN, "ban", BOB, CHAT, "none", f"until {NOON + 60:.0f} spam"),
        (ADMIN, "unban", BOB, CHAT, f"until {NOON + 60:.0f} spam", "none"),
        (OPERATOR, "tier", ANN, "", "none", "patron"),
        (OPERATOR, "link", ANN, "", ANN, f"{ANN} {BOB}"),
        (OPERATOR, "unlink", ANN, "", f"{ANN} {BOB}", ANN),
    ]


Act = Callable[[Accounts], Awaitable[object]]
REFUSED: dict[str, tuple[type[Refusal], Act]] = {
    "a negative limit": (
        BadCommand,
        lambda a: a.set_limit(ANN, Amount(-1, "day"), chat=None, **BY),
    ),
    "an absurd limit": (
        BadCommand,
        lambda a: a.set_limit(ANN, Amount(MOST + 1, "day"), chat=None, **BY),
    ),
    "a grant of nothing": (BadCommand, lambda a: a.grant(ANN, 0, None, chat=None, **BY)),
    "a negative grant": (BadCommand, lambda a: a.grant(ANN, -5, None, chat=None, **BY)),
    "an absurd grant": (BadCommand, lambda a: a.grant(ANN, MOST + 1, None, chat=None, **BY)),
    "a grant that has ended": (BadCommand, lambda a: a.grant(ANN, 5, NOON, chat=None, **BY)),
    "a ban that has ended": (BadCommand, lambda a: a.ban(ANN, NOON - 1, "", chat=None, **BY)),
    "a tier nobody configured": (UnknownName, lambda a: a.set_tier(ANN, "king", by=OPERATOR)),
    "an account with itself": (BadCommand, lambda a: a.link(ANN, ANN, by=OPERATOR)),
    "a chat's admin everywhere": (
        NotPermitted,
        lambda a: a.ban(ANN, None, "", chat=None, **AS_ADMIN),
    ),
    "more for the chat than configured": (
        NotPermitted,
        lambda a: a.set_limit(None, Amount(201_000, "day"), chat=CHAT, **AS_ADMIN),
    ),
    "more grants than a chat may give": (
        NotPermitted,
        lambda a: a.grant(ANN, 100_001, None, chat=CHAT, **AS_ADMIN),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_is_refused_with_a_sentence_and_changes_nothing(
    database: Database, case: str
) -> None:
    """No row anywhere, none in the audit log."""
    scene = Scene(database, config(tiers=TIERS, chat_credits_per_day=200.0))
    kind, act = REFUSED[case]
    with pytest.raises(kind) as caught:
        await act(scene.accounts)
    for language in LANGUAGES:
        assert say(caught.value.phrases[0], language)
    for table in ("limits", "grants", "bans", "member_tiers", "links", "audit"):
        assert await database.rows(f"SELECT * FROM {table}") == []


async def test_a_chats_admins_cannot_raise_what_the_operator_set(database: Database) -> None:
    """Neither by a higher limit, nor by being earlier; of two words the lower one holds."""
    scene = Scene(database)
    await scene.accounts.set_limit(None, Amount(5000, "day"), chat=CHAT, **AS_ADMIN)
    await scene.accounts.set_limit(None, Amount(3000, "day"), chat=CHAT, **BY)
    assert await scene.left() == 3000
    with pytest.raises(NotPermitted) as caught:
        await scene.accounts.set_limit(None, Amount(4000, "day"), chat=CHAT, **AS_ADMIN)
    assert "3 credits a day" in say(caught.value.phrases[0])
    await scene.accounts.set_limit(None, Amount(1000, "day"), chat=CHAT, **AS_ADMIN)
    assert await scene.left() == 1000
    await scene.accounts.set_limit(None, chat=CHAT, **AS_ADMIN)
    assert await scene.left() == 3000
    assert await scene.left(chat=OTHER_CHAT) == 100_000


async def test_the_grants_of_a_chats_admins_end_for_the_day(database: Database) -> None:
    """All their grants of a day count together; tomorrow, and the operator, are free again."""
    scene = Scene(database, config(chat_grants_per_day=30.0))
    for account in (ANN, BOB):
        await scene.accounts.grant(account, 15_000, None, chat=CHAT, **AS_ADMIN)
    with pytest.raises(NotPermitted):
        await scene.accounts.grant(ANN, 1, None, chat=CHAT, **AS_ADMIN)
    await scene.accounts.grant(ANN, 15_000, None, chat=OTHER_CHAT, **AS_ADMIN)
    await scene.accounts.grant(ANN, 15_000, None, chat=CHAT, **BY)
    scene.now += 86400
    await scene.accounts.grant(ANN, 30_000, None, chat=CHAT, **AS_ADMIN)


async def test_unlimited_and_nothing_are_limits_too(database: Database) -> None:
    """An operator may lift a member's limit, or take all away."""
    scene = Scene(database)
    await scene.accounts.set_limit(ANN, Amount(UNLIMITED, "day"), chat=None, **BY)
    assert await scene.left() == UNLIMITED
    await scene.accounts.set_limit(ANN, Amount(0, "day"), chat=None, **BY)
    await scene.refused([1])
    assert (await Audit(database).last(2))[1].after == "unlimited/day"


async def test_linked_accounts_are_one_person_until_they_are_not(database: Database) -> None:
    """What each has used counts for all, whenever it was used; three may be linked."""
    scene = Scene(database, config(credits_per_day=5.0))
    for account in (ANN, BOB, "discord:3"):
        await scene.spend(account=account)
    await scene.accounts.link(ANN, BOB, by=OPERATOR)
    await scene.accounts.link("discord:3", BOB, by=OPERATOR)
    assert {await scene.left(a) for a in (ANN, BOB, "discord:3")} == {2000}
    persons = {(await scene.allowance(a)).person for a in (ANN, BOB, "discord:3")}
    assert len(persons) == 1
    person = persons.pop()
    await scene.accounts.unlink(person, by=OPERATOR)
    assert await scene.left(person) == 4000
    others = {ANN, BOB, "discord:3"} - {person}
    assert {await scene.left(a) for a in others} == {3000}
    assert (await scene.allowance(others.pop())).person != person
    await scene.accounts.unlink(others.pop(), by=OPERATOR)
    assert await database.rows("SELECT * FROM links") == []


async def test_of_several_bans_the_longest_is_told(database: Database) -> None:
    """One from a chat that ends, and one everywhere that ends later, or never."""
    scene = Scene(database)
    await scene.accounts.ban(ANN, NOON + 60, "", chat=CHAT, **BY)
    for until in (NOON + 3600, None):
        await scene.accounts.ban(ANN, until, "", chat=None, **BY)
        ban = (await scene.allowance(ANN)).ban
        assert ban is not None
        assert (ban.until, ban.chat) == (until, "")


@pytest.mark.parametrize("newer", [ANN, BOB])
async def test_of_what_two_accounts_brought_into_one_person_the_newest_holds(
    database: Database, newer: str
) -> None:
    """The tier and the limit given last, and the pace of the one who asked last."""
    tiers = {"first": {"waiting_per_user": 1}, "last": {"waiting_per_user": 2}}
    scene = Scene(database, config(tiers=tiers, per_minute=1.0, burst=1))
    older = BOB if newer == ANN else ANN
    for account, tier, most in ((older, "first", 3000), (newer, "last", 4000)):
        await scene.accounts.set_tier(account, tier, by=OPERATOR)
        await scene.accounts.set_limit(account, Amount(most, "day"), chat=None, **BY)
        await scene.spend((100,), account=account)
        scene.now += 30
    await scene.accounts.link(ANN, BOB, by=OPERATOR)
    for account in (ANN, BOB):
        allowance = await scene.allowance(account)
        assert (allowance.tier, allowance.left) == ("last", 3800)
        assert allowance.opens_at == scene.now + 30


async def test_what_is_set_for_one_linked_account_is_set_for_the_person(
    database: Database,
) -> None:
    """Before and after tell the truth whichever account is named, and what was set stays with
    both of them when they part."""
    scene = Scene(database, config(tiers=TIERS, credits_per_day=50.0))
    await scene.accounts.set_limit(ANN, Amount(3000, "day"), chat=None, **BY)
    await scene.accounts.set_tier(ANN, "patron", by=OPERATOR)
    await scene.accounts.link(ANN, BOB, by=OPERATOR)
    change = await scene.accounts.set_limit(BOB, Amount(4000, "day"), chat=None, **BY)
    assert (change.before, change.after) == ((Amount(3000, "day"),), (Amount(4000, "day"),))
    assert await scene.left(ANN) == await scene.left(BOB) == 4000
    assert (await scene.accounts.set_limit(BOB, chat=None, **BY)).after == ()
    assert await scene.left(ANN) == await scene.left(BOB) == 9000
    assert (await scene.accounts.set_tier(BOB, None, by=OPERATOR)).before == "patron"
    assert await scene.left(ANN) == await scene.left(BOB) == 50_000
    await scene.accounts.set_limit(BOB, Amount(2000, "day"), chat=None, **BY)
    await scene.accounts.unlink(BOB, by=OPERATOR)
    assert await scene.left(ANN) == await scene.left(BOB) == 2000


async def test_a_group_that_became_a_supergroup_keeps_everything(database: Database) -> None:
    """Limits, bans, grants, what was used, what is still reserved, and the log of its acts."""
    new = "telegram:-1009"
    scene = Scene(database, config(credits_per_day=50.0))
    await scene.accounts.set_limit(None, Amount(9000, "day"), chat=CHAT, **BY)
    await scene.accounts.set_limit(ANN, Amount(8000, "day"), chat=CHAT, **AS_ADMIN)
    await scene.accounts.set_limit(ANN, Amount(7000, "day"), chat=OTHER_CHAT, **AS_ADMIN)
    await scene.accounts.grant(ANN, 500, None, chat=CHAT, **AS_ADMIN)
    await scene.accounts.ban(BOB, None, "", chat=CHAT, **AS_ADMIN)
    reserved = await scene.spend([3000])
    await scene.spend([1000], chat=new, account="telegram:3")
    for _ in range(2):  # the message that tells it may come twice
        await scene.accounts.chat_moved(CHAT, new)
    assert await scene.left("telegram:3", new) == 5000
    assert await scene.left(ANN, new) == 5000
    assert await scene.left(ANN, OTHER_CHAT) == 7000
    assert await scene.accounts.banned(BOB, new) is not None
    assert await scene.accounts.banned(BOB, CHAT) is None
    assert {a.chat for a in await Audit(database).last()} == {new, OTHER_CHAT}
    await scene.refund(reserved)
    assert await scene.left("telegram:3", new) == 8000
    assert await scene.left(ANN, new) == 8000
    sums = [fault for fault in await faults(database) if "sums" in fault or "grant" in fault]
    assert sums == []


def first_version(path: Path) -> None:
    """A database as the first release left it: one job drawn, one failed, one waiting."""
    script = (Path(__file__).parent.parent / "bot/migrations/0001_initial.sql").read_text("utf-8")
    with sqlite3.connect(path) as old:
        old.executescript(script)
        for name, state in (("one", "drawn"), ("two", "failed"), ("three", "waiting")):
            one = job(name)
            old.execute(
                "INSERT INTO jobs (id, platform, request_key, chat_id, account, state, rank, cost,"
                " requester, reply_to, spec, text, spoiler, as_file, notes, accepted_at)"
                " VALUES (?, 'telegram', ?, '-100', ?, ?, 0, 2000, '{}', '{}', '{}', '', 0, 0,"
                " '[]', 0)",
                (name, name, one.requester.account, state),
            )
            rows = [("reserve", 1000)]
            rows += {"drawn": [("settle", 0)], "failed": [("refund", -1000)]}.get(state, [])
            for picture in (0, 1):
                for kind, amount in rows:
                    old.execute(
                        "INSERT INTO ledger (account, job_id, picture, kind, amount, day, at)"
                        " VALUES (?, ?, ?, ?, ?, '2026-11-21', 0)",
                        (ANN, name, picture, kind, amount),
                    )
        old.execute("INSERT INTO audit VALUES (1, 0, 'telegram:9', 'claim', 'x', '', '')")
        old.execute("PRAGMA user_version = 1")
    old.close()


async def test_an_older_database_keeps_its_credits(tmp_path: Path) -> None:
    """Rows, sums, acts; what was reserved then is settled and refunded now."""
    path = tmp_path / "chatelier.sqlite"
    first_version(path)
    async with Database(path) as database:
        scene = Scene(database, config(credits_per_day=10.0, chat_credits_per_day=20.0))
        assert await faults(database) == []
        allowance = await scene.allowance()
        used = {(b.scope, b.window): b.used for b in allowance.bounds}
        assert used["person", "day"] == used["chat", "day"] == used["all", "day"] == 4000
        assert used["person", "hour"] == 0
        await scene.refund("three")
        assert await scene.left() == 8000
        assert [a.act for a in await Audit(database).last()] == ["claim"]
    assert path.with_suffix(".v1.backup").exists()


DAMAGE = {
    "jobs whose reservation is not their price": "UPDATE jobs SET cost = 1999 WHERE id = 'one'",
    "jobs that only the ledger knows": "UPDATE jobs SET id = 'other' WHERE id = 'one'",
    "cost less than nothing": "UPDATE ledger SET amount = -1001 WHERE kind = 'refund'",
    "jobs that are not over, with credits": "UPDATE jobs SET state = 'waiting' WHERE id = 'two'",
    "jobs that are over, and not settled": "UPDATE jobs SET state = 'drawn' WHERE id = 'three'",
    "failed jobs that cost something": "UPDATE jobs SET state = 'failed' WHERE id = 'one'",
    "sums that the rows do not add up to": "UPDATE totals SET used = used + 1 WHERE chat = ''",
    "grants that have something else left": 'UPDATE grants SET "left" = 3',
    "pictures that grants paid otherwise": "UPDATE ledger SET granted = 1 WHERE job_id = 'one'",
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_a_damaged_row_is_found(tmp_path: Path, what: str) -> None:
    """One row that is wrong is named, whichever it is."""
    path = tmp_path / "chatelier.sqlite"
    first_version(path)
    async with Database(path) as database:
        await Scene(database).accounts.grant(ANN, 10, None, chat=None, **BY)
        assert await faults(database) == []
        async with database.transaction() as t:
            await t.run("DROP TRIGGER ledger_keeps_amounts")
            assert await t.run(DAMAGE[what]) > 0
        assert any(what in fault for fault in await faults(database))


async def ledger_line(folder: Path) -> Finding:
    """What `chatelier check` says of the ledger; the rest of its screen is left out."""
    settings = config(bot={"data_dir": "."})
    async with aclosing(findings(settings, Secrets(), folder)) as lines:
        async for finding in lines:
            if finding.topic == "ledger":
                return finding
    raise AssertionError("nothing was said of the ledger")


async def test_check_proves_the_ledger(tmp_path: Path) -> None:
    """One clear line, also of a database of the first release; and of one wrong row its job."""
    first_version(tmp_path / "chatelier.sqlite")
    right = await ledger_line(tmp_path)
    assert (right.level, right.text) == (
        Level.GOOD,
        "10 entries add up to every job, sum and grant",
    )
    async with Database(tmp_path / "chatelier.sqlite") as database, database.transaction() as t:
        await t.run("UPDATE jobs SET state = 'failed' WHERE id = 'one'")
    wrong = await ledger_line(tmp_path)
    assert wrong.level is Level.BAD
    assert wrong.text == "does not add up: 1 failed jobs that cost something: one"
