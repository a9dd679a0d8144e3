"""Members who were seen: found again by the names others mention them by."""

from dataclasses import replace

import pytest

from bot.database import Database
from bot.domain import Platform
from bot.members.seen import NOTED_AGAIN_S, Members
from tests.samples import incoming, requester

ANN = requester("1", username="Ann_B", language="en")
BOB = requester("22", username="bob.ross", platform=Platform.DISCORD)


@pytest.fixture
async def members(database: Database) -> Members:
    made = Members(database)
    await made.saw(ANN)
    await made.saw(BOB)
    return made


@pytest.mark.parametrize(
    ("text", "account", "rest"),
    [
        ("quota @ann_b 50/day", "telegram:1", "quota telegram:1 50/day"),
        ("ban @ANN_B", "telegram:1", "ban telegram:1"),
        ("ban @ann_b. rude", "telegram:1", "ban telegram:1. rude"),
        ("ban @bob.ross rude to @ann_b", "discord:22", "ban discord:22 rude to @ann_b"),
        ("grant\n@ann_b 20", "telegram:1", "grant\ntelegram:1 20"),
    ],
)
async def test_a_name_becomes_the_account(
    members: Members, text: str, account: str, rest: str
) -> None:
    """The first one, in any letters; the rest of the text stays."""
    aimed = await members.aimed(incoming(text, "admin"), anywhere=True)
    assert aimed.target is not None
    assert aimed.target.account == account
    assert aimed.text == rest


@pytest.mark.parametrize("text", ["quota telegram:7 50/day", "ban mail@ann_b", "status", ""])
async def test_what_names_nobody_stays_as_it_is(members: Members, text: str) -> None:
    """An account needs no look-up, also where a name follows in the reason."""
    for given in (text, f"{text} @ann_b" if "telegram" in text else text):
        asked = incoming(given, "admin")
        assert await members.aimed(asked, anywhere=True) is asked


async def test_an_unknown_name_is_told_as_such(members: Members) -> None:
    """It wins over the message that is replied to: another member was meant."""
    asked = incoming("ban @carl", "admin", target=BOB)
    aimed = await members.aimed(asked, anywhere=False)
    assert (aimed.target, aimed.target_problem) == (None, "target-unknown")
    assert aimed.text == "ban @carl"


async def test_a_name_is_looked_for_where_it_is_spoken(members: Members) -> None:
    """On Telegram, `@bob.ross` of Discord is nobody; the local page means either."""
    assert (await members.aimed(incoming("ban @bob.ross"), anywhere=False)).target is None
    assert (await members.aimed(incoming("ban @bob.ross"), anywhere=True)).target is not None


async def test_a_name_on_both_platforms_is_not_guessed(members: Members) -> None:
    """Who is on the page says which account."""
    await members.saw(replace(BOB, username="ann_b"))
    assert await members.named("ann_b") is None
    found = await members.named("ann_b", Platform.DISCORD)
    assert found is not None
    assert found.account == "discord:22"


async def test_a_name_that_was_given_up_belongs_to_its_new_owner(members: Members) -> None:
    """Names change hands; the newest owner is meant."""
    await members.saw(requester("3", username="ann_b"))
    found = await members.named("Ann_B", Platform.TELEGRAM)
    assert found is not None
    assert found.user_id == "3"
    await members.saw(requester("3", username=""))
    assert await members.named("ann_b") is None


async def test_who_speaks_often_is_written_down_seldom(database: Database) -> None:
    """Once an hour, or when something changed; so that speaking costs no write."""
    now = 1000.0
    members = Members(database, clock=lambda: now)

    async def seen_at() -> float:
        row = await database.row("SELECT seen_at FROM members")
        assert row is not None
        return float(row[0])

    await members.saw(ANN)
    now += 60
    await members.saw(ANN)
    assert await seen_at() == 1000
    await members.saw(replace(ANN, language="zh"))
    assert await seen_at() == 1060
    assert await members.language_of(ANN) == "zh"
    now += NOTED_AGAIN_S
    await members.saw(replace(ANN, language="zh"))
    assert await seen_at() == now
    await members.saw(replace(ANN, language="zh"), private_chat_id="1")
    row = await database.row("SELECT private_chat_id FROM members")
    assert row is not None
    assert row[0] == "1"
