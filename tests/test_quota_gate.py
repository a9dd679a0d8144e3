"""Burst control, cooldown, bans, grants, tiers: who may ask now, and what is told who may not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database import Database
from bot.errors import NotPermitted, QuotaExceeded, Refusal
from bot.quota.gcra import Rate
from bot.quota.limits import UNLIMITED, RunningCaps
from bot.replies import LANGUAGES, exact_wait, say
from tests.quota_scene import ANN, BOB, CHAT, OPERATOR, OTHER_CHAT, Scene, config
from tests.samples import NOON

BY = {"by": OPERATOR, "as_operator": True}


@given(
    st.floats(0.5, 120),
    st.integers(1, 12),
    st.lists(st.floats(0, 40), min_size=1, max_size=60),
)
def test_no_stretch_of_time_holds_more_than_the_burst_and_the_rate(
    per_minute: float, burst: int, pauses: list[float]
) -> None:
    """Of any requests, as many pass between two moments as rate and burst allow, not one more;
    and whoever waits as long as is told gets in."""
    rate, arrival, now, passed = Rate(per_minute, burst), 0.0, 1e9, list[float]()
    for pause in pauses:
        now += pause
        opens = rate.opens_at(arrival, now)
        if opens > now:
            assert rate.opens_at(arrival, opens - 0.001) > opens - 0.001
            now = opens
        arrival = rate.after(arrival, now)
        passed.append(now)
    for i, first in enumerate(passed):
        for j in range(i, len(passed)):
            most = burst + (passed[j] - first) * per_minute / 60
            assert j - i + 1 <= most + 1e-3


async def test_the_wait_of_burst_control_is_exact(database: Database) -> None:
    """Two at once, then one every 40 seconds: a second earlier is refused with that second."""
    scene = Scene(database, config(per_minute=1.5, burst=2))
    await scene.spend()
    await scene.spend()
    refusal = await scene.refused()
    assert refusal.key == "too-fast"
    assert "40 s" in say(refusal)
    scene.now += 39
    assert (await scene.refused()).args["wait"] == pytest.approx(1)
    scene.now += 1
    await scene.spend()
    await scene.spend(account=BOB)


async def test_burst_control_outlives_a_restart_and_counts_linked_accounts(
    database: Database,
) -> None:
    """Its state stands in the database, and a second account is no second burst."""
    limits = config(per_minute=1.0, burst=1)
    scene = Scene(database, limits)
    await scene.accounts.link(ANN, BOB, by=OPERATOR)
    await scene.spend()
    async with Database(database.path) as again:
        assert (await Scene(again, limits).refused(account=BOB)).key == "too-fast"


async def test_a_clock_that_was_set_back_locks_nobody_out(database: Database) -> None:
    """An arrival that lies further ahead than any burst leads to is not believed."""
    scene = Scene(database, config(per_minute=1.0, burst=3))
    await scene.spend()
    scene.now -= 86400
    await scene.spend()


async def test_a_refused_request_uses_up_no_burst(database: Database) -> None:
    """Only what was accepted counts."""
    scene = Scene(database, config(credits_per_day=1.0, per_minute=1.0, burst=1))
    await scene.refused([2000])
    await scene.spend()


async def stop(scene: Scene, seconds: float, account: str = ANN) -> None:
    scene.now += seconds
    async with scene.database.transaction() as t:
        await scene.allowances.stopped(t, account, f"stopped {scene.now}", scene.now)


async def test_more_than_three_cancels_in_an_hour_start_the_cooldown(database: Database) -> None:
    """The fourth within an hour does; it ends when it was said to end."""
    scene = Scene(database, config(cooldown_s=600.0))
    for _ in range(3):
        await stop(scene, 60)
    await scene.spend()
    await stop(scene, 60)
    refusal = await scene.refused()
    assert (refusal.key, refusal.args["wait"]) == ("cooldown", 600)
    assert "10 min" in say(refusal)
    await scene.spend(account=BOB)
    scene.now += 600
    await scene.spend()
    await stop(scene, 1)
    assert (await scene.refused()).key == "cooldown"


async def test_cancels_over_more_than_an_hour_start_none(database: Database) -> None:
    """Four in 61 minutes."""
    scene = Scene(database)
    for seconds in (1, 1200, 1200, 1260):
        await stop(scene, seconds)
    await scene.spend()


async def banned(scene: Scene, **about: str) -> str:
    with pytest.raises(NotPermitted) as caught:
        await scene.spend(**about)
    return say(caught.value.phrases[0])


async def test_a_ban_says_until_when_and_why_and_ends_by_itself(database: Database) -> None:
    """Everywhere, also for linked accounts; nobody has to lift it."""
    scene = Scene(database)
    await scene.accounts.link(ANN, "discord:1", by=OPERATOR)
    await scene.accounts.ban(ANN, NOON + 7500, "spam", chat=None, **BY)
    for chat in (CHAT, OTHER_CHAT):
        text = await banned(scene, chat=chat)
        assert "anywhere until 14:05, for another 2 h 5 min. Reason: spam" in text
    await banned(scene, account="discord:1")
    await scene.spend(account=BOB)
    scene.now += 7500
    await scene.spend()


async def test_a_ban_in_one_chat_leaves_the_others(database: Database) -> None:
    """The longest of several counts; lifting the one leaves the other."""
    scene = Scene(database)
    await scene.accounts.ban(ANN, None, "", chat=CHAT, by="telegram:8", as_operator=False)
    assert "in this chat any more. The admins can tell you why." in await banned(scene)
    await scene.spend(chat=OTHER_CHAT)
    await scene.accounts.ban(ANN, NOON + 60, "", chat=None, **BY)
    assert "any more" in await banned(scene)
    change = await scene.accounts.unban(ANN, chat=CHAT, **BY)
    assert change.after is not None
    assert "for another 1 min" in await banned(scene)
    await scene.accounts.unban(ANN, chat=None, **BY)
    await scene.spend()


async def test_grants_are_used_once_the_limit_is_and_what_ends_first_comes_first(
    database: Database,
) -> None:
    """Refunded credits go back to where they came from."""
    scene = Scene(database, config(credits_per_day=2.0))
    for amount, until in ((1000, None), (1000, NOON + 3600), (500, NOON + 60)):
        await scene.accounts.grant(ANN, amount, until, chat=None, **BY)
    assert await scene.left() == 4500
    one = await scene.spend([1500, 1500])
    assert await scene.grants_left() == [1000, 500, 0]
    await scene.settle(one, 0.75)
    assert await scene.grants_left() == [1000, 875, 0]
    await scene.refund(one)
    assert await scene.grants_left() == [1000, 1000, 500]
    scene.now += 3600
    assert await scene.left() == 3000


async def test_grants_pass_a_members_own_limits_only(database: Database) -> None:
    """Not those of the chat, nor of everybody; and one for a chat holds there alone."""
    scene = Scene(database, config(credits_per_day=1.0, chat_credits_per_day=2.0))
    await scene.accounts.grant(ANN, 9000, None, chat=CHAT, **BY)
    assert await scene.left(chat=OTHER_CHAT) == 1000
    assert await scene.left() == 2000
    await scene.spend([2000])
    assert (await scene.refused([100])).args["scope"] == "chat"


async def test_tiers_come_by_command_by_role_and_by_rank(database: Database) -> None:
    """The command wins, then the first tier that fits; a personal limit wins over any."""
    tiers = {
        "patron": {"credits_per_day": 9.0, "weight": 2.0, "discord_roles": ["77"]},
        "staff": {
            "credits_per_day": "unlimited",
            "waiting_per_user": 3,
            "discord_roles": ["77", "88"],
            "telegram_admins": True,
        },
    }
    scene = Scene(database, config(credits_per_day=1.0, tiers=tiers))
    assert (await scene.allowance()).tier == ""
    by_role = await scene.allowance("discord:5", roles=("12", "77"))
    assert (by_role.tier, by_role.weight, by_role.left) == ("patron", 2.0, 9000)
    admin = await scene.allowance(is_chat_admin=True)
    assert (admin.tier, admin.waiting, admin.left) == ("staff", 3, UNLIMITED)
    assert (await scene.allowance("discord:5", is_chat_admin=True)).tier == ""
    await scene.accounts.set_tier(ANN, "patron", by=OPERATOR)
    assert (await scene.allowance(is_chat_admin=True)).left == 9000
    await scene.accounts.set_tier(ANN, None, by=OPERATOR)
    assert (await scene.allowance()).left == 1000


async def test_chat_limits_do_not_count_private_chats(database: Database) -> None:
    """There the personal limits are enough."""
    scene = Scene(database, config(chat_credits_per_day=1.0))
    await scene.refused([2000])
    await scene.spend([2000], private=True)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_refusal_is_a_sentence_with_a_limit_and_a_time(
    database: Database, language: str
) -> None:
    """Also for a request that no day would be enough for, which is told as that."""
    scene = Scene(database, config(credits_per_day=1.5))
    await scene.spend()
    text = say(await scene.refused(), language)
    assert "1.5" in text
    assert "0.5" in text
    assert re.search(r"12 (h|小时)", text)
    assert re.search(r"22 Nov 2026, 00:00|2026年11月22日 00:00", text)
    assert "9" in say(await scene.refused([9000]), language)
    assert (await scene.refused([9000])).key == "quota-too-large"


def test_a_wait_is_never_understated() -> None:
    """Whoever waits as long as was said is let in."""
    waits = {0.1: "1 s", 39.2: "40 s", 60: "1 min", 61: "1 min 1 s", 3600: "1 h"}
    assert {s: exact_wait(s) for s in waits} == waits
    assert exact_wait(3601) == "1 h 1 min"


def test_running_caps_count_members_and_chats() -> None:
    """One more is allowed while both are below."""
    caps = RunningCaps(per_user=2, per_chat=3)
    assert caps.allow(1, 2)
    assert not caps.allow(2, 2)
    assert not caps.allow(1, 3)


async def test_of_several_limits_the_one_that_comes_back_last_is_named(
    database: Database,
) -> None:
    """Waiting for the hour would not help where the day is used up too."""
    scene = Scene(database, config(credits_per_day=1.0, credits_per_hour=1.0))
    await scene.spend()
    with pytest.raises(QuotaExceeded) as caught:
        await scene.spend([500])
    assert isinstance(caught.value, Refusal)
    assert caught.value.phrases[0].args["window"] == "day"
