"""Requests that wait for an admin to read their words."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.config import Config
from bot.database import Database
from bot.domain import Failed, Failure, Held, Job, JobState, Kind, Press, Queued
from bot.inspection.client import Inspector
from bot.quota.proof import faults
from bot.replies.messages import Messages
from tests.front import OPERATOR, Front, config
from tests.samples import reply_to, requester
from tests.test_chat_filters import shipped_word

ADAM, ANN = requester("5", name="Adam"), requester("1", name="Ann")
GORE = shipped_word("gore")
DAY = 86_400.0


def settings(**tables: Any) -> Config:
    access: dict[str, object] = {
        "chats": ["telegram:-100", "discord:55"],
        "operators": ["telegram:9"],
    }
    return config(access=access, moderation={"gore": "hold"}, **tables)


class Place(Front):
    async def press(self, action: str, job: Job, who: Any = ADAM, **changes: Any) -> str:
        press = Press(
            action=action,
            argument=job.id,
            requester=who,
            **{"reply_to": reply_to(), "is_chat_admin": who is ADAM, **changes},
        )
        return (await self.conversation.press(press)).text

    async def state(self, job: Job) -> JobState:
        known = await self.journal.job(job.id)
        assert known is not None
        return known.state

    def in_line(self, job: Job) -> bool:
        return any(waiting.id == job.id for waiting, _, _ in self.queue.places())


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return Place(database, tmp_path, settings())


async def held(place: Place, key: str = "k1", **changes: Any) -> Job:
    return await place.draw(f"{GORE} --no blurry", requester=ANN, key=key, **changes)


async def test_it_is_paid_for_and_in_no_line(place: Place) -> None:
    """The member is told, without a category; the same request again is the same one."""
    job = await held(place)
    assert await place.state(job) is JobState.WAITING
    assert not place.in_line(job)
    assert [event for _, event in place.told] == [Held()]
    status = Messages().status(job, Held())
    assert "admin looks at this request first" in status.text
    assert "gore" not in status.text
    assert [b.action for b in status.buttons] == [
        "cancel",
        "prompt-show",
        "prompt-release",
        "prompt-delete",
    ]
    assert (await held(place)).id == job.id
    assert len(place.told) == 1


async def test_operators_read_it_in_private(place: Place) -> None:
    """With what the filter found, who asks and where, and two buttons."""
    job = await held(place)
    (note,) = place.sent
    assert note.kind is Kind.NOTE
    assert note.to.private
    assert note.notify is not None
    assert note.notify.account == "telegram:9"
    assert GORE in note.text
    for part in ("telegram:1", "telegram:-100", "found gore", "Negative prompt: blurry"):
        assert part in note.text
    assert [(b.action, b.argument) for b in note.buttons] == [
        ("prompt-release", job.id),
        ("prompt-delete", job.id),
    ]


async def test_an_admin_of_the_chat_is_shown_it_in_private(place: Place) -> None:
    """On Telegram in the private chat, where the buttons would not know their rank; on Discord at
    once. Nobody else is shown anything."""
    job = await held(place)
    assert await place.press("prompt-show", job, ANN) == "Only the admins of this chat can do that."
    elsewhere = reply_to(chat_id="-200")
    for action in ("prompt-show", "prompt-release", "prompt-delete"):
        said = await place.press(action, job, reply_to=elsewhere)
        assert said == "Only the admins of this chat can do that."
    assert len(place.sent) == 1
    assert "in private" in await place.press("prompt-show", job)
    note = place.sent[-1]
    assert note.notify is not None
    assert (note.notify.account, note.buttons) == ("telegram:5", ())
    assert GORE in note.text
    on_discord = {"platform": "discord", "chat_id": "5", "space_id": "55"}
    other = await held(place, "k2", reply_to=reply_to(**on_discord))
    answer = await place.press("prompt-show", other, reply_to=reply_to("8", **on_discord))
    assert GORE in answer
    assert await place.state(other) is JobState.WAITING


async def test_released_it_stands_in_line(place: Place) -> None:
    """Once, whoever presses how often; it is in the log, without the words."""
    job = await held(place)
    assert await place.press("prompt-release", job) == "Released. It is in line now."
    assert place.in_line(job)
    assert isinstance(place.told[-1][1], Queued)
    for action in ("prompt-release", "prompt-delete", "prompt-show"):
        assert await place.press(action, job) == "That is settled already."
    log = await place.aside("log", requester=ADAM, is_chat_admin=True)
    assert "telegram:5: request of telegram:1: held → released" in log
    assert GORE not in log


async def test_refused_its_credits_are_back(place: Place) -> None:
    """And its member is told why, without the category."""
    job = await held(place)
    assert "credits are back" in await place.press("prompt-delete", job)
    assert await place.state(job) is JobState.FAILED
    ended, event = place.told[-1]
    assert isinstance(event, Failed)
    failed = await place.journal.job(ended.id)
    assert failed is not None
    assert Messages().end(failed, ()).text == (
        "An admin has looked at this request, and it is not drawn here. Your credits are back."
    )
    assert await place.press("prompt-release", job) == "That is settled already."
    assert not place.in_line(job)
    assert await used(place) == 0
    assert await faults(place.database) == []


async def test_the_picture_of_a_refused_request_is_deleted(
    database: Database, tmp_path: Path
) -> None:
    """At once; one that another request needs stays, and so does that of a released one."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    async with Inspector("off") as inspector:
        place = Place(database, tmp_path, settings(), inspector)
        first, second, third = [await held(place, f"k{n}", source=out.getvalue()) for n in range(3)]
        await place.press("prompt-delete", first)
        assert len(place.stored()) == 1
        await place.press("prompt-release", second)
        await place.press("prompt-delete", third)
        assert len(place.stored()) == 1
        async with place.database.transaction() as t:
            await place.journal.end_failed(t, second.id, Failure(key="x", incident=""))
        fourth = await held(place, "k4", source=out.getvalue())
        await place.press("prompt-delete", fourth)
        assert place.stored() == []


async def test_it_ends_by_itself(place: Place) -> None:
    """After `hold_days`, refunded; one that was cancelled meanwhile is swept out."""
    job, cancelled = await held(place), await held(place, "k2")
    async with place.database.transaction() as t:
        await place.journal.end_cancelled(t, cancelled.id)
        await place.ledger.refund(t, cancelled.id)
    await place.review.expire(place.now + 7 * DAY - 1)
    assert await place.state(job) is JobState.WAITING
    await place.review.expire(place.now + 7 * DAY)
    assert await place.state(job) is JobState.FAILED
    assert await place.state(cancelled) is JobState.CANCELLED
    assert await used(place) == 0
    assert await place.database.rows("SELECT * FROM held_prompts") == []


async def test_a_member_can_cancel_it(place: Place) -> None:
    """It is among what `/cancel` finds."""
    job = await held(place)
    assert [j.id for j in await place.journal.active_of("telegram:1")] == [job.id]


async def test_so_many_may_wait_as_in_line(database: Database, tmp_path: Path) -> None:
    """Nothing of the one too many is kept."""
    place = Place(database, tmp_path, settings(limits={"waiting_per_user": 2}))
    await held(place, "k1")
    await held(place, "k2")
    said = await place.say(GORE, requester=ANN, key="k3")
    assert "2" in said
    rows = await database.rows("SELECT id FROM jobs")
    assert len(rows) == 2
    assert await faults(database) == []


async def test_operators_need_not_wait_for_themselves(place: Place) -> None:
    """Theirs is drawn at once."""
    job = await place.draw(GORE, requester=OPERATOR, key="k1")
    assert place.in_line(job)


async def test_the_fixed_rule_is_never_held(place: Place) -> None:
    """Nor are its words shown to anybody."""
    child, sexual = shipped_word("minor"), shipped_word("sexual")
    said = await place.say(f"{GORE}, {sexual}, {child}", requester=ANN, key="k1")
    assert "I never draw" in said
    assert place.sent == []
    assert await place.database.rows("SELECT * FROM held_prompts") == []


async def used(place: Place) -> int:
    rows = await place.database.rows("SELECT SUM(amount) AS used FROM ledger")
    return rows[0]["used"] or 0
