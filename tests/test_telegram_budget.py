"""How much is said in a group on Telegram, what stands under a picture, and who sees a reaction."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.budget import MOST, REACTIONS, WINDOW_S, Budget, price
from bot.adapters.telegram.caption import caption, link
from bot.adapters.telegram.text import CAPTION_UNITS, units
from bot.database import Database
from bot.domain import Answer, Incoming, Kind, Outgoing, Picture, Platform, Press, ReplyTo
from bot.errors import RetryLater
from tests.standins.telegram_scene import ANN, QUICK, Scene, Talk, scene

GROUP = ReplyTo(platform=Platform.TELEGRAM, chat_id="-1005", message_id="7")
LINKED = replace(GROUP, about_id="6")
PICTURE = Picture(index=0, png=b"", seed=0, infotext="")


def outgoing(kind: Kind = Kind.RESULT, to: ReplyTo = GROUP, **fields: Any) -> Outgoing:
    return replace(Outgoing(kind=kind, to=to), **fields)


def test_results_come_before_first_messages_and_these_before_edits() -> None:
    """What matters less waits earlier, and an album is as many messages as it has pictures; an
    answer to a command waits for nothing but Telegram itself."""
    budget = Budget(clock=lambda: 0.0)
    kinds = [
        outgoing(Kind.STATUS, edit="9"),
        outgoing(Kind.STATUS),
        outgoing(),
        outgoing(Kind.NOTE),
    ]
    limits = [price(message)[0] for message in kinds]
    assert limits == sorted(limits)
    assert limits[2] == MOST
    assert price(outgoing(pictures=(PICTURE,) * 4)) == (MOST, 4)
    assert price(outgoing(pictures=(PICTURE,) * 4, grid=b"x")) == (MOST, 1)
    assert price(outgoing(Kind.NOTE, pictures=(PICTURE,) * 4))[1] == 4
    budget.spend(GROUP.chat_id, MOST)
    waits = [budget.wait(GROUP.chat_id, most, calls) for most, calls in map(price, kinds)]
    assert waits == [WINDOW_S, WINDOW_S, WINDOW_S, 0.0]
    budget.hold(GROUP.chat_id, 30)
    assert budget.wait(GROUP.chat_id, *price(kinds[3])) == 30
    assert budget.wait("-7", *price(kinds[0])) == budget.wait("7", 0) == 0.0


@given(st.lists(st.floats(0, 30), max_size=60), st.lists(st.integers(1, 4), min_size=60))
def test_no_window_ever_holds_more_calls_than_allowed(gaps: list[float], calls: list[int]) -> None:
    """Whatever comes when: who waits as long as told stays below."""
    now, sent = 0.0, list[float]()
    budget = Budget(clock=lambda: now)
    for gap, count in zip(gaps, calls, strict=False):
        now += gap
        while (seconds := budget.wait("-1", MOST, count)) > 0:
            now += seconds
        budget.spend("-1", count)
        sent += [now] * count
    assert all(sum(t <= u < t + 60 for u in sent) <= MOST for t in sent)


@given(st.text(max_size=1500), st.sampled_from(["", "🦊 note"]), st.sampled_from([GROUP, LINKED]))
def test_a_caption_fits_and_its_link_lies_on_its_words(text: str, notice: str, to: ReplyTo) -> None:
    """In UTF-16 units, with the notice whole, and with no line more than three."""
    made = caption(outgoing(text=text, to=to), notice=notice, origin="↩ here")
    assert units(made.text) <= CAPTION_UNITS
    assert made.text.endswith(notice)
    assert made.text.count("\n") <= max(2, text.count("\n"))
    assert bool(made.entities) == (to is LINKED)
    for entity in made.entities:
        marked = made.text.encode("utf-16-le", "surrogatepass")[2 * entity.offset :]
        assert marked[: 2 * entity.length].decode("utf-16-le") == "↩ here"
        assert entity.url == "https://t.me/c/5/6"


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ({}, "https://t.me/c/5/6"),
        ({"thread_id": "3"}, "https://t.me/c/5/3/6"),
        ({"message_id": "6"}, ""),
        ({"about_id": None}, ""),
        ({"chat_id": "-5"}, ""),
        ({"chat_id": "5", "private": True}, ""),
    ],
)
def test_only_messages_of_supergroups_have_addresses(place: dict[str, Any], address: str) -> None:
    """And what answers the very message needs none."""
    assert link(replace(LINKED, **place)) == address


# Reactions --------------------------------------------------------------------------------------


async def _accept(incoming: Incoming) -> Answer:
    return Answer(job_id="" if incoming.text == "no" else "abcdefghijkl")


async def until_nodded(s: Scene, message_id: int) -> None:
    call = await s.server.next(lambda c: c.method == "setMessageReaction")
    assert call.p["message_id"] == message_id
    assert call.p["reaction"] == [{"type": "emoji", "emoji": "👀"}]


async def test_a_request_that_nobody_speaks_about_gets_a_reaction(database: Database) -> None:
    """Not one that has its status message, that was refused, or that was said in private; and a
    group without reactions is no error."""

    async def speak(incoming: Incoming) -> Answer:
        if incoming.text == "spoken":
            status = outgoing(Kind.STATUS, incoming.reply_to, text="waiting")
            await s.adapter.deliver(status)
        return await _accept(incoming)

    async with scene(database, Talk(speak), replace(QUICK, nod_s=0.05)) as s:
        for text in ("no", "spoken"):
            await s.server.say(s.chat, ANN, f"/draw {text}")
        await s.server.say(s.server.private(ANN), ANN, "/draw private")
        await s.inbox.until_done(3)
        await until_nodded(s, await s.server.say(s.chat, ANN, "/draw silent"))
        s.server.refuse("setMessageReaction", 400, "Bad Request: REACTION_INVALID")
        await until_nodded(s, await s.server.say(s.chat, ANN, "/draw gone"))
        await until_nodded(s, await s.server.say(s.chat, ANN, "/draw last"))
    assert len([c for c in s.server.heard if c.method == "setMessageReaction"]) == 3


async def test_reactions_leave_room_for_results(database: Database) -> None:
    """They are calls like any, and stop before the results do."""
    async with scene(database, Talk(_accept), replace(QUICK, nod_s=0.01)) as s:
        for number in range(MOST):
            await s.server.say(s.chat, ANN, f"/draw {number}")
        await s.inbox.until_done(MOST)
        await s.server.when(lambda: _nods(s) == REACTIONS)
        await asyncio.gather(*s.adapter._sender.nods._background._tasks)
    assert _nods(s) == REACTIONS


def _nods(s: Scene) -> int:
    return len([c for c in s.server.heard if c.method == "setMessageReaction"])


# Answers ----------------------------------------------------------------------------------------


async def test_a_press_that_draws_is_told_so_in_passing(database: Database) -> None:
    """No window to be closed, no message: the old picture may be far up in the chat."""

    async def taken(_: Press) -> Answer:
        return Answer(job_id="abcdefghijkl", private=False)

    async with scene(database, Talk(pressing=taken)) as s:
        button = {"inline_keyboard": [[{"text": "🎲", "callback_data": "again:abc:0"}]]}
        message = s.chat.add(s.server.bot, {"text": "a fox", "reply_markup": button})
        query = await s.server.press(s.chat, ANN, message["message_id"])
        call = await s.server.next(lambda c: c.method == "answerCallbackQuery")
    assert s.server.alerts[query] == "Got it. The picture comes as a new message."
    assert not call.p.get("show_alert")


async def test_what_only_says_done_is_a_sign(database: Database) -> None:
    """How the picture ended is a message of its own; where no reaction is possible, words are."""

    async def done(_: Incoming) -> Answer:
        return Answer(text="Cancelled.", is_done=True)

    async with scene(database, Talk(done)) as s:
        asked = await s.server.say(s.chat, ANN, "/cancel")
        call = await s.server.next(lambda c: c.method == "setMessageReaction")
        assert call.p["message_id"] == asked
        assert call.p["reaction"] == [{"type": "emoji", "emoji": "👌"}]
        assert not await s.adapter._sender.nods.sign(replace(GROUP, message_id=""), "👌")
        s.server.refuse("setMessageReaction", 400, "Bad Request: REACTION_INVALID")
        await s.server.say(s.chat, ANN, "/cancel")
        call = await s.server.next(lambda c: c.method == "sendMessage")
    assert call.p["text"] == "Cancelled."
    assert len([c for c in s.server.heard if c.method == "sendMessage"]) == 1


async def test_answers_that_wait_keep_their_order_and_their_chat(database: Database) -> None:
    """Others are answered meanwhile, in order there too; what is refused for too long is given
    up, and what comes after it is said."""

    async def echo(incoming: Incoming) -> Answer:
        return Answer(text=incoming.text)

    async with scene(database, Talk(echo)) as s:
        other = s.server.group(-1002)
        flood = "Too Many Requests: retry after 1"
        s.server.refuse("sendMessage", 429, flood, times=3, chat=s.chat.id, retry_after=1)
        for text in ("1", "2", "3"):
            await s.server.say(s.chat, ANN, f"/echo {text}")
        await s.server.say(other, ANN, "/echo other")
        await s.server.next(lambda c: c.method == "sendMessage" and c.p["text"] == "3" and c.ok)
        with pytest.raises(RetryLater):
            s.adapter._sender._budget.hold(str(s.chat.id), 5)
            await s.adapter.deliver(
                outgoing(Kind.NOTE, replace(GROUP, chat_id=str(s.chat.id)), text="x")
            )
    said = [c.p["text"] for c in s.server.heard if c.method == "sendMessage" and c.ok]
    assert [text for text in said if text != "other"] == ["2", "3"]


# Removals ---------------------------------------------------------------------------------------


async def test_status_messages_that_wait_for_room_go_together(database: Database) -> None:
    """One call for all; where one is too old for Telegram the others go, and it is reduced."""
    quick = replace(QUICK, window_s=0.5, nod_s=0.02)
    async with scene(database, timing=quick) as s:
        place = ReplyTo(platform=Platform.TELEGRAM, chat_id=str(s.chat.id), message_id="")
        ids: list[str] = []
        for number in range(6):
            sent = await s.adapter.deliver(outgoing(Kind.NOTE, place, text=f"status {number}"))
            ids += sent.message_ids
        s.chat.messages[int(ids[5])]["date"] -= 49 * 3600
        flood = "Too Many Requests: retry after 1"
        s.server.refuse("deleteMessages", 429, flood, retry_after=1)
        for some in (ids[:3], ids[3:]):
            s.adapter._sender._budget.spend(place.chat_id, MOST)
            for id_ in some:
                s.adapter._sender._removals.add(outgoing(to=place, remove=id_, remove_text="✓"))
            await s.server.when(partial(_gone, s, *some[:2]))
        await s.server.when(lambda: s.chat.messages[int(ids[5])].get("text") == "✓")
    assert [m["message_id"] for m in s.chat.messages.values()] == [int(ids[5])]
    together = [c for c in s.server.heard if c.method == "deleteMessages"]
    assert [len(c.p["message_ids"]) for c in together] == [3, 3, 3]
    assert [c.ok for c in together] == [False, True, False]


def _gone(s: Scene, *ids: str) -> bool:
    return not {*map(int, ids)} & set(s.chat.messages)
