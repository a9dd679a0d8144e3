"""Every button under a result on Telegram, three generations deep, each time after a restart; and
whose they are."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.quota.windows import day_of
from tests.quick_painter import colour
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_bot import (
    NEW,
    PATIENCE_S,
    SINGLE,
    bot,
    drawn,
    files,
    hasten,
    known,
    labels,
    look,
    parameters,
    pressed,
    push,
    results,
    said,
    spoken,
)
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Chat, Json, Person

pytestmark = pytest.mark.timeout(180)
GRID = [*(f"U{n}" for n in range(1, 5)), *(f"V{n}" for n in range(1, 5)), *SINGLE[2:]]


async def test_all_buttons_after_restarts_and_three_generations_deep(tmp_path: Path) -> None:
    """A grid; each of its pictures larger and varied; one of these again; that one in all ways.
    Each answers the message that was pressed, in its topic."""
    async with TelegramServer() as server:
        group = server.group(forum=True)
        topic = server.topic(group, ANN)
        async with bot(server, tmp_path):
            words = "/draw an apple -n 4 --seed 5 --size 64x48 --steps 3"
            grid = await drawn(server, group, ANN, words, topic=topic)
        assert labels(grid) == GRID
        assert look(server, grid)[0] == (136, 104)
        second = {}
        async with bot(server, tmp_path):
            for label in GRID[:8]:
                second[label] = await pressed(server, group, ANN, grid, label)
        for number in range(1, 5):
            seed = 4 + number
            assert look(server, second[f"U{number}"]) == ((128, 96), colour(seed))
            varied = parameters(server, second[f"V{number}"])
            assert f"Seed: {seed}, " in varied
            assert "Variation seed strength: 0.1" in varied
        async with bot(server, tmp_path):
            third = await pressed(server, group, ANN, second["V3"], "🎲")
        assert labels(third) == SINGLE
        async with bot(server, tmp_path) as app:
            last = []
            for label in ("U", "V", "🎲"):
                last.append(await pressed(server, group, ANN, third, label))
            await push(server, group, ANN, third, "📄")
            await server.when(lambda: bool(files(group)), PATIENCE_S)
            await push(server, group, ANN, third, "ℹ️")
            told = await said(server, group, "Variation seed strength: 0.1")
            await push(server, group, ANN, third, "✏️")
            form = await said(server, group, "Ann, ")
            await known(app, group, form)
            words = "a blue plum --seed 9"
            answer = {"reply_to": form["message_id"], "topic": topic}
            last.append(await drawn(server, group, ANN, words, **answer))
            original = files(group)[0]
            await push(server, group, ANN, third, "🗑")
            await server.when(lambda: third["message_id"] not in group.messages, PATIENCE_S)
            await server.when(lambda: not files(group), PATIENCE_S)
    chain = [*((m, grid) for m in second.values()), (third, second["V3"])]
    chain += [(m, third) for m in last[:3]]
    for message, pressed_one in chain:
        assert message["reply_to_message"]["message_id"] == pressed_one["message_id"]
    assert {c.p["message_thread_id"] for c in spoken(server, group, *NEW)} == {topic}
    sizes = [look(server, m)[0] for m in last]
    assert sizes == [(128, 96), (64, 48), (64, 48), (64, 48)]
    assert all(labels(m) == SINGLE for m in last)
    assert parameters(server, original) == told["text"]
    assert parameters(server, last[3]).startswith("a blue plum\nSteps: 3, ")
    assert "Seed: 9, " in parameters(server, last[3])


async def test_a_month_old_message_is_answered_in_its_topic(tmp_path: Path) -> None:
    """Telegram tells of it where it is, and nothing more; the request may be gone, too."""
    async with TelegramServer() as server:
        group = server.group(forum=True)
        topic = server.topic(group, ANN)
        async with bot(server, tmp_path):
            first = await drawn(server, group, ANN, "/draw an apple --size 64x64", topic=topic)
            number = labels(first).index("🎲")
            await server.press(group, LI, first["message_id"], number, old=True)
            await server.when(lambda: len(results(group)) == 2, PATIENCE_S)
    assert {m["message_thread_id"] for m in results(group)} == {topic}
    assert {c.p.get("message_thread_id") for c in spoken(server, group, *NEW)} == {topic}


async def test_whoever_presses_pays(tmp_path: Path) -> None:
    """A member who presses the buttons of another pays for the picture; a double press is one
    picture, and is paid once."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path) as app:

            async def spent() -> list[int]:
                today = day_of(time.time(), app.config.quota.timezone)
                return [await app.ledger.used(f"telegram:{who.id}", today) for who in (ANN, LI)]

            first = await drawn(server, group, ANN, "/draw an apple --size 64x64")
            ann, none = await spent()
            await pressed(server, group, LI, first, "🎲")
            own, theirs = await spent()
            await asyncio.gather(*(push(server, group, LI, first, "V") for _ in range(2)))
            await server.when(lambda: len(results(group)) == 3, PATIENCE_S)
            again = await spent()
    assert (none, own) == (0, ann)
    assert theirs == ann
    assert again == [ann, 2 * ann]
    assert len(results(group)) == 3


async def test_what_a_chat_settles_about_its_buttons(tmp_path: Path) -> None:
    """Usually all but the owner's are everybody's; `requester` leaves nobody else any; admins may
    always, and `everyone` takes it back."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            first = await drawn(server, group, ANN, "/draw an apple --size 64x64")
            for label in ("✏️", "🗑"):
                assert "只有请求这张图的人" in await push(server, group, LI, first, label)
            assert "收到" in await push(server, group, LI, first, "🎲")
            await server.say(group, LI, "/settings buttons requester")
            await said(server, group, "只有本群的管理员可以修改")
            group.statuses[333] = "administrator"
            boss = Person(333, "Boss")
            await server.say(group, boss, "/settings buttons requester")
            await said(server, group, "Buttons in this chat: default → only the one who asked")
            for label in ("U", "V", "🎲", "📄", "ℹ️"):
                assert "只有请求这张图的人能点" in await push(server, group, LI, first, label)
            assert "Got it." in await push(server, group, ANN, first, "U")
            assert "Got it." in await push(server, group, boss, first, "V")
            await server.say(group, boss, "/settings buttons everyone")
            await said(server, group, "→ default")
            assert "收到" in await push(server, group, LI, first, "U")
            await server.when(lambda: len(results(group)) == 5, PATIENCE_S)


async def test_a_result_links_to_what_it_came_from(tmp_path: Path) -> None:
    """Where it answers another message than that picture, and where messages have addresses; the
    caption has three lines at most all the same."""
    async with TelegramServer() as server:
        forum, small = server.group(forum=True), server.group(-55, kind="group")
        topic = server.topic(forum, ANN)
        async with bot(server, tmp_path):
            first = await drawn(server, forum, ANN, "/draw 🦊 --size 64x64", topic=topic)
            second = await drawn(
                server, forum, LI, "/vary", reply_to=first["message_id"], topic=topic
            )
            await pressed(server, forum, LI, second, "🎲")
            small_first = await drawn(server, small, ANN, "/draw a fox --size 64x64")
            await drawn(server, small, ANN, "again", reply_to=small_first["message_id"])
    calls = [*spoken(server, forum, "sendPhoto"), *spoken(server, small, "sendPhoto")]
    linked = [c.p.get("caption_entities") for c in calls]
    assert [bool(found) for found in linked] == [False, True, False, False, False]
    (entity,) = calls[1].p["caption_entities"]
    caption = calls[1].p["caption"].encode("utf-16-le")
    start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
    assert caption[start:end].decode("utf-16-le") == "↩ 来自这张图"
    assert entity["url"] == f"https://t.me/c/1234567890123/{topic}/{first['message_id']}"


async def test_the_link_leads_to_the_picture_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the question of ✏️ nor to the file of 📄 that is answered; and from the buttons below
    an album to the one of its pictures that was meant."""
    hasten(monkeypatch, 2)
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path, limits={"max_count": 5}) as app:
            first = await drawn(server, group, ANN, "/draw a fox --size 64x64")
            await push(server, group, ANN, first, "📄")
            await server.when(lambda: bool(files(group)), PATIENCE_S)
            await known(app, group, files(group)[0])
            await push(server, group, ANN, first, "✏️")
            form = await said(server, group, "Ann, ")
            await known(app, group, form)
            made = [
                await drawn(server, group, LI, words, reply_to=to["message_id"])
                for words, to in (("a crow", form), ("again", files(group)[0]), ("again", first))
            ]
            await server.say(group, ANN, "/draw an owl -n 5 --size 64x64")
            await server.when(lambda: bool(_kept(group)), PATIENCE_S)
            album = [m for m in group.messages.values() if "media_group_id" in m]
            made.append(await pressed(server, group, ANN, _kept(group)[0], "V2"))
    sent = {c.answer["message_id"]: c for c in spoken(server, group, "sendPhoto")}
    urls = [sent[m["message_id"]].p["caption_entities"][0]["url"] for m in made]
    origin = f"https://t.me/c/1234567890123/{first['message_id']}"
    assert urls == [
        origin,
        origin,
        origin,
        f"https://t.me/c/1234567890123/{album[1]['message_id']}",
    ]


def _kept(chat: Chat) -> list[Json]:
    """The message that holds the buttons of an album."""
    return [m for m in results(chat) if "text" in m]
