"""Refused requests add up: warnings, time-outs, bans; and what is kept of them."""

import hashlib
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config, ModerationConfig
from bot.database import Database
from bot.domain import Platform
from bot.members.forget import Forgetting
from bot.quota.accounts import Accounts
from bot.quota.escalation import DAY_S, FIXED_DAYS, of_fixed_rule, of_strikes
from bot.quota.strikes import PICTURE, Offence, Strikes
from tests.front import OPERATOR, Front, config
from tests.samples import reply_to, requester
from tests.test_chat_filters import shipped_word

ADAM, ANN = requester("5", name="Adam"), requester("1", name="Ann")
FAR = reply_to(chat_id="-200")
SEXUAL, GORE, CHILD = shipped_word("sexual"), shipped_word("gore"), shipped_word("minor")
FIXED = f"{SEXUAL}, {CHILD}"


def settings(**moderation: Any) -> Config:
    access: dict[str, object] = {
        "chats": ["telegram:-100", "telegram:-200"],
        "operators": ["telegram:9"],
    }
    return config(access=access, moderation={"strikes_to_timeout": 3, **moderation})


class Place(Front):
    number = 0

    async def asks(self, text: str, **changes: Any) -> str:
        self.number += 1
        return await self.say(text, **{"key": f"n{self.number}", "requester": ANN, **changes})

    async def adam(self, text: str, **changes: Any) -> str:
        self.number += 1
        asked = {"key": f"n{self.number}", "requester": ADAM, "is_chat_admin": True, **changes}
        return await self.say(text, "admin", **asked)

    async def strikes_of(self, category: str) -> list[Any]:
        return await self.database.rows("SELECT * FROM strikes WHERE category = ?", (category,))


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return Place(database, tmp_path, settings())


# How they grow ------------------------------------------------------------------------------


async def test_each_is_counted_down_to_a_time_out(place: Place) -> None:
    """The member is told in private how many are left, and then until when."""
    assert "2 more within 30 days" in await place.asks(SEXUAL)
    assert "one more within 30 days" in await place.asks(SEXUAL)
    assert "you cannot draw here for 1 h" in await place.asks(SEXUAL)
    said = await place.asks("a red apple")
    assert "You cannot ask me for pictures in this chat until" in said
    assert "too many requests that are not drawn here" in said
    place.now += 3601
    assert (await place.asks("a red apple")) == ""


async def test_it_holds_in_the_chat_where_it_was(place: Place) -> None:
    """And each chat counts for itself."""
    for _ in range(3):
        await place.asks(SEXUAL)
    assert "2 more" in await place.asks(SEXUAL, reply_to=FAR)
    assert (await place.asks("a red apple", reply_to=FAR)) == ""


async def test_time_outs_grow_into_a_ban(database: Database, tmp_path: Path) -> None:
    """Six times as long each; the last one is for ever, until an admin lifts it."""
    place = Place(database, tmp_path, settings(strikes_to_timeout=1, timeouts_to_ban=3))
    assert "for 1 h" in await place.asks(SEXUAL)
    place.now += 3600
    assert "for 6 h" in await place.asks(SEXUAL)
    place.now += 6 * 3600
    assert "cannot draw here any more" in await place.asks(SEXUAL)
    place.now += 300 * DAY_S
    assert "any more" in await place.asks("a red apple")
    assert "not banned" in await place.adam("unban telegram:1")
    assert (await place.asks("a red apple")) == ""


async def test_who_may_not_draw_does_not_make_it_worse(place: Place) -> None:
    """Nor is a longer ban by an admin cut short."""
    await place.adam("ban telegram:1 30d rude")
    for _ in range(9):
        assert "draw here for" not in await place.asks(SEXUAL)
    assert await place.strikes_of("sexual") == []
    assert "rude" in await place.asks("a red apple")


async def test_strikes_expire(place: Place) -> None:
    """After `strike_days`."""
    await place.asks(SEXUAL)
    await place.asks(SEXUAL)
    place.now += 30 * DAY_S + 1
    assert "2 more" in await place.asks(SEXUAL)


async def test_the_same_request_counts_once(place: Place) -> None:
    """A platform may bring it twice, and a check may come before."""
    await place.asks(SEXUAL, key="same")
    assert "more within" not in await place.asks(SEXUAL, key="same")
    assert len(await place.strikes_of("sexual")) == 1


async def test_only_severe_categories_count(place: Place) -> None:
    """Those of `strike_categories`."""
    for _ in range(5):
        assert "more within" not in await place.asks(GORE)
    assert (await place.asks("a red apple")) == ""


@pytest.mark.parametrize(("moderation", "who"), [({"strikes_to_timeout": 0}, ANN), ({}, OPERATOR)])
async def test_they_can_be_switched_off_and_spare_operators(
    database: Database, tmp_path: Path, moderation: dict[str, Any], who: Any
) -> None:
    """Nothing is counted then."""
    place = Place(database, tmp_path, settings(**moderation))
    for _ in range(5):
        assert "more within" not in await place.asks(SEXUAL, requester=who)
    assert await place.strikes_of("sexual") == []
    assert (await place.asks("a red apple", requester=who)) == ""


async def test_linked_accounts_are_one_person(place: Place) -> None:
    """Their strikes add up, and the time-out is for both."""
    other = requester("7", platform=Platform.TELEGRAM)
    accounts = Accounts(place.database, place.config.quota, lambda: place.now)
    await accounts.link("telegram:1", "telegram:7", by="telegram:9")
    await place.asks(SEXUAL)
    await place.asks(SEXUAL, requester=other)
    assert "draw here for" in await place.asks(SEXUAL)
    assert "until" in await place.asks("a red apple", requester=other)


async def test_a_dropped_picture_counts(database: Database) -> None:
    """Once a request, inside the transaction that ends it."""
    strikes = Strikes(database, ModerationConfig(strikes_to_timeout=2), lambda: 1000.0)
    offence = Offence(account="telegram:1", chat="telegram:-100", key="k", category=PICTURE)
    told = []
    for key in ("k1", "k1", "k2"):
        async with database.transaction() as t:
            again = Offence(account=offence.account, chat=offence.chat, key=key, category=PICTURE)
            told.append(len(await strikes.within(t, again)))
    assert told == [1, 0, 1]
    bans = await database.rows("SELECT account, chat, until, given_by FROM bans")
    assert [tuple(b) for b in bans] == [("telegram:1", "telegram:-100", 4600.0, "moderation")]


# The fixed rule -----------------------------------------------------------------------------


async def test_the_fixed_rule_bans_faster_and_everywhere(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """A day, two days, for good; counted over all chats."""
    caplog.set_level(logging.INFO)
    assert "anywhere for 24 h" in await place.asks(FIXED)
    assert "anywhere until" in await place.asks("a red apple", reply_to=FAR)
    place.now += DAY_S
    assert "anywhere for 2 d" in await place.asks(FIXED, reply_to=FAR)
    place.now += 2 * DAY_S
    assert "anywhere any more" in await place.asks(FIXED)
    assert "any more" in await place.asks("a red apple", reply_to=FAR)
    assert len(await place.strikes_of("minors")) == 3
    assert SEXUAL not in caplog.text
    assert CHILD not in caplog.text
    assert "telegram:1" in caplog.text


async def test_of_the_fixed_rule_a_hash_is_kept_and_no_words(place: Place) -> None:
    """Whatever `keep_prompts_days` says: nowhere in the database."""
    await place.asks(FIXED)
    (strike,) = await place.strikes_of("minors")
    assert strike["prompt"] == ""
    assert strike["sha256"] == hashlib.sha256(f"{FIXED}\ndemo".encode()).hexdigest()
    assert (strike["account"], strike["at"]) == ("telegram:1", place.now)
    for row in await place.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        kept = await place.database.rows(f"SELECT * FROM {row['name']}")  # our tables
        assert all(CHILD not in str(value) for record in kept for value in tuple(record))


@pytest.mark.parametrize(
    "moderation", [{"strikes_to_timeout": 0}, {"strike_categories": []}, {"sexual": "allow"}]
)
async def test_no_setting_switches_the_fixed_rule_off(
    database: Database, tmp_path: Path, moderation: dict[str, Any]
) -> None:
    """It refuses, counts and bans all the same."""
    place = Place(database, tmp_path, settings(**moderation))
    said = await place.asks(FIXED)
    assert "I never draw" in said
    assert "anywhere for 24 h" in said


async def test_an_operator_is_counted_and_not_banned(place: Place) -> None:
    """Nobody can be kept from their own machine."""
    said = await place.asks(FIXED, requester=OPERATOR)
    assert "I never draw" in said
    assert "anywhere for" not in said
    assert len(await place.strikes_of("minors")) == 1


# What admins see ----------------------------------------------------------------------------


async def test_admins_see_who_and_why(place: Place) -> None:
    """In `/admin log` the category; the words only by `/admin strikes`; both in private."""
    for _ in range(3):
        await place.asks(SEXUAL)
    log = await place.aside("log", requester=ADAM, is_chat_admin=True)
    assert "moderation, by itself: strike against telegram:1: none → sexual content" in log
    assert "moderation, by itself: ban of telegram:1: none → until" in log
    assert "too many requests that are not drawn here" in log
    assert SEXUAL not in log.replace("sexual content", "")
    before = len(place.sent)
    said = await place.adam("strikes")
    assert SEXUAL not in said
    (note,) = place.sent[before:]
    assert note.to.private
    assert note.notify is not None
    assert note.notify.account == "telegram:5"
    assert f"telegram:1: sexual content “{SEXUAL} demo”" in note.text
    assert "Only the admins" in await place.asks("strikes", command="admin")


async def test_each_chats_admins_see_their_own(place: Place) -> None:
    """An operator sees all."""
    await place.asks(SEXUAL, reply_to=FAR)
    await place.adam("strikes")
    assert "Nothing was counted" in place.sent[-1].text
    home = reply_to(chat_id="9", private=True)
    said = await place.adam("strikes", requester=OPERATOR, reply_to=home)
    assert "telegram:1 in telegram:-200: sexual content" in said


# What is kept -------------------------------------------------------------------------------


async def test_words_are_kept_as_long_as_the_setting_says(place: Place) -> None:
    """Strikes themselves as long as they count."""
    await place.asks(SEXUAL)
    await place.asks(FIXED)
    await place.strikes.tidy(place.now + 7 * DAY_S - 1)
    assert (await place.strikes_of("sexual"))[0]["prompt"]
    await place.strikes.tidy(place.now + 7 * DAY_S)
    assert (await place.strikes_of("sexual"))[0]["prompt"] == ""
    await place.strikes.tidy(place.now + 30 * DAY_S)
    assert await place.strikes_of("sexual") == []
    assert len(await place.strikes_of("minors")) == 1
    await place.strikes.tidy(place.now + FIXED_DAYS * DAY_S)
    assert await place.strikes_of("minors") == []


async def test_words_need_not_be_kept_at_all(database: Database, tmp_path: Path) -> None:
    """`keep_prompts_days = 0`; and a smaller setting holds for what was kept before."""
    place = Place(database, tmp_path, settings())
    await place.asks(SEXUAL)
    other = Place(database, tmp_path, settings(keep_prompts_days=0))
    await other.asks(SEXUAL, key="other")
    assert [bool(s["prompt"]) for s in await place.strikes_of("sexual")] == [True, False]
    await other.strikes.tidy(other.now)
    assert not any(s["prompt"] for s in await place.strikes_of("sexual"))


async def test_forget_takes_the_words_and_leaves_the_count(place: Place) -> None:
    """Else `/forget` would be the way out of a time-out."""
    await place.asks(SEXUAL)
    forgetting = Forgetting(
        database=place.database,
        store=place.store,
        members=place.members,
        cancel=place._cancel,  # as the conversation has it
    )
    await forgetting.forget(frozenset({"telegram:1"}))
    (strike,) = await place.strikes_of("sexual")
    assert strike["prompt"] == ""
    assert "one more" in await place.asks(SEXUAL)


async def test_a_supergroup_keeps_them(place: Place) -> None:
    """They count on."""
    await place.asks(SEXUAL)
    await place.strikes.chat_moved("telegram:-100", "telegram:-200")
    assert "one more" in await place.asks(SEXUAL, reply_to=FAR)


# The rules ----------------------------------------------------------------------------------


def test_the_steps_follow_each_other() -> None:
    """Pure: which strike has which consequence."""
    rules = ModerationConfig(strikes_to_timeout=2, timeout_minutes=10, timeouts_to_ban=3)
    steps = [of_strikes(n, rules) for n in range(1, 7)]
    assert [s.seconds for s in steps] == [None, 600, None, 3600, None, float("inf")]
    assert [s.left for s in steps] == [1, 0, 1, 0, 1, 0]
    never = ModerationConfig(strikes_to_timeout=1, timeouts_to_ban=0)
    longest = of_strikes(10_000, never).seconds
    assert longest is not None
    assert longest < 366 * DAY_S
    fixed = ModerationConfig(fixed_rule_to_ban=2)
    assert [of_fixed_rule(n, fixed).seconds for n in (1, 2, 3)] == [DAY_S, *[float("inf")] * 2]
