"""Quotas as members meet them: what is accepted, refused and priced in a chat."""

from pathlib import Path
from typing import Any

import pytest

from bot.database import Database
from bot.domain import CheckpointInfo, Platform
from bot.inspection.client import Inspector
from bot.quota.accounts import Accounts
from bot.quota.chat_filters import ChatFilters
from bot.quota.own_words import entry_of
from bot.quota.prompt_filter import Action
from bot.quota.proof import faults
from bot.replies.messages import Messages
from tests.front import FILTER, OPERATOR, PRIVATE, Front, config
from tests.render_fixtures import png
from tests.samples import CATALOG, incoming, reply_to, requester

BY = {"by": "telegram:9", "as_operator": True}


def front(database: Database, folder: Path, **sections: dict[str, object]) -> Front:
    return Front(database, folder, config(**sections))


def accounts(place: Front) -> Accounts:
    return Accounts(place.database, place.config.quota, lambda: place.now)


async def test_the_price_is_told_without_drawing(database: Database, tmp_path: Path) -> None:
    """With what is left; nothing is accepted, charged or counted."""
    place = front(database, tmp_path, quota={"per_minute": 1.0, "burst": 1})
    text = "a cat --size 512x512 --steps 30 -n 2"
    for _ in range(2):
        told = await place.say(f"{text} --price")
        assert told == (
            "This would cost 3 credits: 2 pictures of 512×512 in 30 steps."
            " You have 100 credits left."
        )
    assert len(place.queue) == 0
    job = await place.draw(text)
    assert job.cost == 3000


async def test_the_price_says_when_it_is_too_much(database: Database, tmp_path: Path) -> None:
    """And that nothing limits an operator."""
    place = front(database, tmp_path, quota={"credits_per_day": 1.5})
    assert "more than the 1.5 credits that you have left" in await place.say(
        "a cat --size 512x512 --steps 40 --price"
    )
    assert "Nothing limits you" in await place.say("a cat --price", requester=OPERATOR)


async def test_a_price_is_asked_for_before_the_request_on_a_platform_that_checks_first(
    database: Database, tmp_path: Path
) -> None:
    """The check before a slash command is acknowledged lets a question for the price through."""
    place = front(database, tmp_path, quota={"credits_per_day": 0.0})

    assert await place.conversation.precheck(incoming("a cat --price")) is None
    refused = await place.conversation.precheck(incoming("a cat"))
    assert refused is not None
    assert "you may spend 0 credits a day" in refused.text


async def test_a_varied_picture_costs_its_strength(database: Database, tmp_path: Path) -> None:
    """The steps that are run, on the source's own size; the price asked for is the price paid."""
    async with Inspector("off") as inspector:
        place = Front(database, tmp_path, config(), inspector)
        text, source = "a cat --steps 20 --strength 0.5", png(size=(512, 512))
        assert "0.02 credits" in await place.say("a cat --steps 20 --price")
        job = await place.draw(text, source=source)
        told = await place.say(f"{text} --price", source=source)
    run = 11  # int(0.5 * 20) + 1, as A1111 counts
    pixels = job.spec.width * job.spec.height
    assert job.cost == -(-pixels * run * 1000 // (512 * 512 * 20))
    assert f"in {run} steps" in told
    assert f"{job.spec.width}×{job.spec.height}" in told


async def test_sdxl_costs_twice_a_step(database: Database, tmp_path: Path) -> None:
    """Its UNet does twice the work on the same picture."""
    place = front(database, tmp_path)
    xl = CheckpointInfo(name="big", sha256="e" * 64, family="SDXL", native_size=1024)
    place.catalog = type(CATALOG)(
        checkpoints=(*CATALOG.checkpoints, xl), default_checkpoint="demo", samplers=("Euler a",)
    )
    small = await place.draw("a cat --size 512x512 --steps 20")
    large = await place.draw("a cat --size 512x512 --steps 20 --model big")
    assert (small.cost, large.cost) == (1000, 2000)


async def test_the_acknowledgement_tells_the_price(database: Database, tmp_path: Path) -> None:
    """In the status message, in both languages."""
    place = front(database, tmp_path)
    job = await place.draw("a cat --size 512x512 --steps 30")
    event = place.told[-1][1]
    assert "1.5 credits" in Messages().status(job, event).text
    assert "1.5 点额度" in Messages("zh").status(job, event).text


async def test_a_banned_member_is_told_in_private_until_when(
    database: Database, tmp_path: Path
) -> None:
    """One sentence; nobody else in the chat sees it, and nothing is drawn."""
    place = front(database, tmp_path)
    await accounts(place).ban("telegram:1", place.now + 3600, "spam", chat=None, **BY)

    answer = await place.conversation.handle(incoming("a cat"))
    assert answer.private
    assert answer.text.count("\n") == 0
    assert "Reason: spam" in answer.text
    assert len(place.queue) == 0
    place.now += 3600
    assert await place.draw("a cat")


async def test_waiting_requests_of_linked_accounts_count_together(
    database: Database, tmp_path: Path
) -> None:
    """A second account is no second place in line."""
    place = front(
        database,
        tmp_path,
        limits={"waiting_per_user": 2},
        access={"open": True, "operators": ["telegram:9"]},
    )
    await accounts(place).link("telegram:1", "discord:5", by="telegram:9")
    other = requester("5", platform=Platform.DISCORD)
    there = reply_to(platform=Platform.DISCORD, chat_id="77")
    await place.draw("one")
    job = await place.draw("two", requester=other, reply_to=there)
    assert job.person == "telegram:1"
    assert "2 requests waiting" in await place.say("three")


async def test_requests_of_linked_accounts_are_ones_own(database: Database, tmp_path: Path) -> None:
    """They stand in `/queue` and can be cancelled; the line does not call them somebody else's."""
    place = front(database, tmp_path)
    other = requester("5", platform=Platform.DISCORD)
    await accounts(place).link("telegram:1", "discord:5", by="telegram:9")
    job = await place.draw("a cat", requester=other)
    assert f"“a cat”: number 1 in line, about 1 s. (/cancel {job.id})" in (
        await place.say(command="queue")
    )
    assert (await place.say(command="queue")).count("number 1") == 1
    assert await place.say(command="cancel") == "Cancelled."
    assert place.cancelled == [job.id]


async def test_a_tier_may_wait_with_more_and_weighs_more(
    database: Database, tmp_path: Path
) -> None:
    """By a role that the platform tells."""
    tiers = {"patron": {"waiting_per_user": 2, "weight": 3.0, "discord_roles": ["12"]}}
    place = front(database, tmp_path, limits={"waiting_per_user": 1}, quota={"tiers": tiers})
    await place.draw("one", roles=("12",))
    job = await place.draw("two", roles=("12",))
    assert job.weight == 3.0
    assert "waiting" in await place.say("three", roles=("12",))


async def test_a_line_that_is_too_long_is_not_joined(database: Database, tmp_path: Path) -> None:
    """At 5 s a credit, 10 credits are 50 s: who would wait longer is told so, and nobody else."""
    place = front(database, tmp_path, limits={"max_wait_s": 52.0}, access={"open": True})
    await place.draw("one --size 512x512 --steps 50 -n 4")
    text = await place.say("two --size 512x512 --steps 20")
    assert "too long at the moment" in text
    assert "about 55 s" in text
    await place.draw("short --size 64x64 --steps 10", requester=requester("2"), reply_to=PRIVATE)
    assert len(place.queue) == 2


async def test_a_group_that_moved_is_the_same_for_quotas(
    database: Database, tmp_path: Path
) -> None:
    """What the chat has used and may use follows to the supergroup."""
    place = front(database, tmp_path, quota={"chat_credits_per_day": 1.0})
    await place.draw("one --size 512x512 --steps 15")
    await place.conversation.migrated(Platform.TELEGRAM, "-100", "-1009")
    moved = reply_to(chat_id="-1009")
    assert "this chat has 0.25 of 1 credit left" in await place.say(
        "two --size 512x512 --steps 10", reply_to=moved
    )
    assert await place.draw("three --size 512x512 --steps 5", reply_to=moved)


async def test_what_intake_books_is_proved(database: Database, tmp_path: Path) -> None:
    """Requests with several pictures, refused ones and repeated ones leave nothing amiss."""
    place = front(database, tmp_path, quota={"credits_per_day": 2.0})
    await place.draw("one -n 4", key="same")
    await place.draw("one -n 4", key="same")
    await place.say("far too much --size 1024x1024 --steps 60 -n 4")
    assert len(place.queue) == 1
    assert await faults(database) == []


@pytest.mark.parametrize("field", ["day", "hour"])
async def test_commands_change_what_intake_allows(
    database: Database, tmp_path: Path, field: str
) -> None:
    """From the next request on, without a restart."""
    place = front(database, tmp_path)
    assert "→" in await place.say(f"quota telegram:1 0.01/{field}", "admin", requester=OPERATOR)
    assert "0.01 credits" in await place.say("a cat")


async def test_a_request_is_accepted_in_one_transaction(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A way to the database's thread and back costs about as much as ten statements: there is one,
    for everything that is written."""
    place = front(database, tmp_path)
    await place.draw("the first one learns what is forbidden here", requester=requester("2"))
    calls: list[str] = []
    real = Database._call

    def counted(self: Database, work: Any, *values: Any) -> Any:
        calls.append(str(values[:1]))
        return real(self, work, *values)

    monkeypatch.setattr(Database, "_call", counted)
    await place.draw("one")
    assert calls == [
        "('BEGIN IMMEDIATE',)",
        "('SELECT * FROM jobs WHERE id = ?',)",  # of this test
    ]
    members = await database.rows("SELECT user_id FROM members ORDER BY user_id")
    assert [row["user_id"] for row in members] == ["1", "2"]


async def test_words_forbidden_by_another_process_hold_at_once(
    database: Database, tmp_path: Path
) -> None:
    """What was remembered of the lists is checked where the request is accepted; what is forbidden
    no more refuses nobody."""
    place = front(database, tmp_path)
    await place.draw("a splatter of paint")
    shell = ChatFilters(database, place.config.moderation, lambda: FILTER)
    word = entry_of("splatter", "gore")
    await shell.add(word, chat="telegram:-100", by="console:olga", as_operator=True)
    assert "gore" in await place.say("a splatter of paint", key="2")
    assert len(place.queue) == 1
    await shell.remove(word, chat="telegram:-100", by="console:olga")
    assert await place.draw("a splatter of paint", key="3")
    act = {"chat": "telegram:-100", "by": "console:olga", "as_operator": True}
    await shell.act_upon("sexual", Action.SPOILER, **act)
    assert (await place.draw("nude woman, oil painting", key="4")).spoiler
    await shell.act_upon("sexual", None, **act)
    assert "sexual" in await place.say("nude woman, oil painting", key="5")


async def test_a_request_that_comes_again_is_the_same_job(
    database: Database, tmp_path: Path
) -> None:
    """Also where it would be refused by now."""
    place = front(database, tmp_path)
    job = await place.draw("a cat", key="same")
    await place.preferences.set("bot", "", "pause", "pause:", by="telegram:9")
    again = await place.conversation.handle(incoming("a cat", key="same"))
    assert again.job_id == job.id
    assert len(place.queue) == 1


async def test_a_request_that_is_refused_notes_its_member(
    database: Database, tmp_path: Path
) -> None:
    """Who spoke in an approved chat may ask in private, whatever became of it."""
    place = front(database, tmp_path, quota={"credits_per_day": 0.0})
    assert "credits" in await place.say("a cat")
    assert await database.rows("SELECT * FROM members")


@pytest.mark.parametrize(
    ("where", "who", "told"),
    [
        ("bot", {"requester": OPERATOR}, "/admin resume --everywhere"),
        (
            "bot",
            {"requester": OPERATOR, "reply_to": PRIVATE},
            "You can end that with /admin resume.",
        ),
        ("bot", {"is_chat_admin": True}, ""),
        ("chat", {"is_chat_admin": True}, "You can end that with /admin resume."),
        ("chat", {}, ""),
    ],
)
async def test_who_may_end_a_pause_is_told_how(
    database: Database, tmp_path: Path, where: Any, who: dict[str, Any], told: str
) -> None:
    """And nobody else."""
    place = front(database, tmp_path)
    owner = "" if where == "bot" else "telegram:-100"
    await place.preferences.set(where, owner, "pause", "drain:moving", by="telegram:9")
    said = await place.say("a cat", **who)
    assert "moving" in said
    assert ("/admin resume" in said, told in said) == (bool(told), True)
