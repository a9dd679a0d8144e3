"""What a group on Telegram reads while pictures wait and are drawn: real sockets, the real library,
and every call counted where Telegram would count it."""

import asyncio
from pathlib import Path

import pytest

from tests import patient_painter
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_bot import (
    EDITS,
    NEW,
    PATIENCE_S,
    bot,
    hasten,
    more,
    push,
    results,
    said,
    spoken,
    statuses,
)
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Person

pytestmark = pytest.mark.timeout(120)
DRAW = "/draw an apple --size 64x64"


async def test_one_status_message_and_one_result_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A silent message that is edited while its job waits and is drawn, with a preview; a picture
    that rings; and the first message goes."""
    hasten(monkeypatch, window_s=61, edits_s=0.02)
    async with TelegramServer() as server:
        group, private = server.group(), server.private(LI)
        painter = patient_painter.command(0.04)
        async with bot(server, tmp_path, painter, render={"jobs_at_once": 1}):
            await server.say(private, LI, f"{DRAW} --steps 10")
            await server.when(lambda: bool(statuses(private)), PATIENCE_S)
            asked = await server.say(group, ANN, f"{DRAW} --steps 20")
            picture = await more(server, group, 1)
    first, *edits, result, gone = spoken(server, group)
    status = first.answer["message_id"]
    assert [c.method for c in (first, result, gone)] == [
        *("sendMessage", "sendPhoto", "deleteMessage"),
    ]
    assert len(edits) > 2
    assert {c.method for c in edits} <= set(EDITS)
    assert {c.p["message_id"] for c in (*edits, gone)} == {status}
    assert "editMessageMedia" in {c.method for c in edits}  # the preview
    assert "line" in first.p["text"] or "next" in first.p["text"]
    assert first.p["disable_notification"] is True
    assert "disable_notification" not in result.p
    assert picture["reply_to_message"]["message_id"] == asked
    assert list(group.messages) == [asked, picture["message_id"]]


async def test_twenty_jobs_in_a_group_stay_within_telegrams_twenty_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any minute (here: two seconds), results first and never behind a stale edit; whoever gets
    no status message sees a reaction."""
    window_s = 2.0
    hasten(monkeypatch, window_s)
    people = [Person(1000 + n, f"Member {n}") for n in range(20)]
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path, patient_painter.command(0.05)):
            asked = [
                await server.say(group, who, f"{DRAW} --seed {n} --steps {4 + n}")
                for n, who in enumerate(people)
            ]
            await server.when(lambda: len(results(group)) == 20, PATIENCE_S)
            await server.when(lambda: not statuses(group), PATIENCE_S)
    calls = spoken(server, group)
    times = [c.at for c in calls]
    # What is sent at two moments may come a little closer together.
    crowded = max(sum(t <= u < t + window_s - 0.1 for u in times) for t in times)
    assert crowded <= 20, crowded
    assert [c.ok for c in calls] == [True] * len(calls)
    answered = [m["reply_to_message"]["message_id"] for m in results(group)]
    assert sorted(answered) == asked
    told = {m: c for c in spoken(server, group, "sendPhoto") for m in [_about(c.p)]}
    shown = {c.answer["message_id"]: _about(c.p) for c in spoken(server, group, "sendMessage")}
    for edit in spoken(server, group, *EDITS):
        assert edit.at < told[shown[edit.p["message_id"]]].at
    nodded = {c.p["message_id"] for c in spoken(server, group, "setMessageReaction")}
    assert nodded
    assert nodded <= set(asked)


def _about(p: dict[str, dict[str, int]]) -> int:
    return p["reply_parameters"]["message_id"]


async def test_one_chats_flood_limit_holds_up_no_other(tmp_path: Path) -> None:
    """429 with 30 s in a group: nothing is said there meanwhile, not even an answer; pictures and
    answers elsewhere flow, and the picture is there after a restart."""
    async with TelegramServer() as server:
        flooded, other = server.group(), server.group(-1002, title="Others")
        flood = "Too Many Requests: retry after 30"
        server.refuse("sendPhoto", 429, flood, chat=flooded.id, retry_after=30)
        async with bot(server, tmp_path):
            await server.say(flooded, ANN, DRAW)
            refused = await server.next(lambda c: c.method == "sendPhoto" and not c.ok, PATIENCE_S)
            for number in range(40):  # more than are handled at once
                who = Person(2000 + number, "Somebody")
                await server.say(flooded, who, "/queue")
            for _ in range(5):
                await server.say(other, LI, f"{DRAW}")
            await server.say(other, LI, "/queue")
            await said(server, other, "在排队")
            await server.when(lambda: len(results(other)) == 5, PATIENCE_S)
            assert spoken(server, flooded)[-1] is refused
        async with bot(server, tmp_path):
            await more(server, flooded, 1)
    assert len(spoken(server, flooded, "sendPhoto")) == 2


async def test_what_waits_or_is_drawn_is_cancelled_after_a_restart(tmp_path: Path) -> None:
    """⛔ under the status message of a job that an earlier life of the bot accepted: a stranger may
    not, its requester and an admin may; the message gives way to a line that says so."""
    async with TelegramServer() as server:
        group = server.group()
        painter = patient_painter.command(0.1)
        render = {"jobs_at_once": 1}
        async with bot(server, tmp_path, painter, render=render):
            await server.say(group, ANN, f"{DRAW} --steps 140")
            await server.say(group, LI, f"{DRAW} --steps 140")
            await server.when(lambda: len(statuses(group)) == 2, PATIENCE_S)
        drawing, waiting = statuses(group)
        async with bot(server, tmp_path, painter, render=render):
            assert "别人的请求" in await push(server, group, LI, drawing, "⛔ Cancel")
            assert await push(server, group, ANN, drawing, "⛔ Cancel") == "Cancelled."
            group.statuses[ANN.id] = "administrator"
            assert await push(server, group, ANN, waiting, "⛔ 取消") == "Cancelled."
            await server.when(lambda: not statuses(group), PATIENCE_S)
            await said(server, group, "Cancelled. What was not drawn is back")
            await said(server, group, "已取消")
    assert results(group) == []


async def test_a_request_that_was_deleted_still_gets_its_picture(tmp_path: Path) -> None:
    """While it waits and while it is drawn; the result answers nobody, in the right topic."""
    async with TelegramServer() as server:
        group = server.group(forum=True)
        topic = server.topic(group, ANN)
        async with bot(server, tmp_path, patient_painter.command(0.05)):
            asked = await server.say(group, ANN, f"{DRAW} --steps 12", topic=topic)
            del group.messages[asked]
            await server.when(lambda: bool(statuses(group)), PATIENCE_S)
            also = await server.say(group, ANN, f"{DRAW} --steps 12", topic=topic)
            await server.when(lambda: len(statuses(group)) == 2, PATIENCE_S)
            del group.messages[also]
            await more(server, group, 2)
    for picture in results(group):
        assert "reply_to_message" not in picture
        assert picture["message_thread_id"] == topic
    assert {c.p["message_thread_id"] for c in spoken(server, group, *NEW)} == {topic}


async def test_a_busy_chat_still_answers_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who asks for the line in a crowd does not wait for it."""
    hasten(monkeypatch, window_s=600)
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            await asyncio.gather(*(server.say(group, ANN, f"/queue {n}") for n in range(25)))
            await server.when(lambda: len(spoken(server, group)) == 25, PATIENCE_S)
