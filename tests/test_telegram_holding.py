"""Pictures that wait for an admin, and reports, on Telegram: real sockets, and a bot that is
restarted in between."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.audit import Act, Audit
from bot.database import Database
from bot.quota.windows import day_of
from tests.app_fixture import running_app
from tests.quick_painter import COMMAND, colour
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Chat, Json, Person

pytestmark = pytest.mark.timeout(240)
PATIENCE_S = 60
BOSS = Person(333, "Boss", "en")
DARK, RED = ((0, 100), (156, 256))
HOLD = {
    "classifier": "tests.odd_classifiers:redness",
    "picture_action": "hold",
    "picture_threshold": 0.5,
}


def seed(*wanted: tuple[int, int]) -> int:
    """The first of seeds in a row whose pictures are as red as wanted."""
    return next(
        s
        for s in range(10_000)
        if all(low <= colour(s + i)[0] < high for i, (low, high) in enumerate(wanted))
    )


@asynccontextmanager
async def bot(server: TelegramServer, folder: Path, **moderation: Any) -> AsyncIterator[App]:
    async with running_app(
        folder,
        telegram_base=server.base,
        render_command=COMMAND,
        access={"operators": [f"telegram:{BOSS.id}"]},
        moderation={**HOLD, **moderation},
    ) as app:
        yield app


def labels(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def with_button(chat: Chat, label: str) -> list[Json]:
    return [m for m in chat.messages.values() if any(label in one for one in labels(m))]


async def one(server: TelegramServer, chat: Chat, label: str) -> Json:
    """The only message of a chat with such a button, once it is there."""
    await server.when(lambda: len(with_button(chat, label)) == 1, PATIENCE_S)
    return with_button(chat, label)[0]


async def push(server: TelegramServer, chat: Chat, who: Person, message: Json, label: str) -> str:
    number = next(n for n, one in enumerate(labels(message)) if label in one)
    query = await server.press(chat, who, message["message_id"], number)
    await server.when(lambda: query in server.alerts, PATIENCE_S)
    return server.alerts[query]


async def test_a_held_picture_is_released_after_a_restart(tmp_path: Path) -> None:
    """Its requester is told, the group's admins are asked without it, the operator sees it under
    a spoiler; who is no admin decides nothing, and a second decision changes nothing."""
    async with TelegramServer() as server:
        group, private = server.group(), server.private(BOSS)
        group.statuses[LI.id] = "administrator"
        async with bot(server, tmp_path):
            words = f"/draw a fox --seed {seed(DARK, RED)} -n 2 --size 64x64"
            asked = await server.say(group, ANN, words)
            result = await one(server, group, "🎲")
            note = await one(server, group, "Release")
            aside = await one(server, private, "Release")
        assert "1 of 2 pictures may not be safe for work" in result["caption"]
        assert "photo" not in note
        assert "Ann asked for" in note["text"]
        assert aside["has_media_spoiler"] is True
        async with bot(server, tmp_path) as app:
            refused = await push(server, group, ANN, note, "Release")
            done = await push(server, group, LI, note, "Release")
            await server.when(lambda: len(with_button(group, "🎲")) == 2, PATIENCE_S)
            await server.when(lambda: not labels(note), PATIENCE_S)
            again = await push(server, private, BOSS, aside, "Delete")
            used = await app.ledger.used(f"telegram:{ANN.id}", today(app))
            acts = [(a.account, a.act, a.before, a.after) for a in await log_of(tmp_path)]
    released = with_button(group, "🎲")[1]
    assert refused == "Only the admins of that chat can decide about this."
    assert done.startswith("已放行")
    assert note["text"].startswith("✅ 李")
    assert again == "This was released already."
    assert released["reply_to_message"]["message_id"] == asked
    assert "has_media_spoiler" not in released
    assert acts == [(f"telegram:{LI.id}", "picture", "held", "released")]
    assert used > 0


async def test_a_held_picture_is_deleted(tmp_path: Path) -> None:
    """By an admin who looked at it in private: it is refunded, its file is gone, and its member
    is told."""
    async with TelegramServer() as server:
        group, private = server.group(), server.private(LI)
        group.statuses[LI.id] = "administrator"
        async with bot(server, tmp_path) as app:
            await server.say(group, ANN, f"/draw a fox --seed {seed(RED)} --size 64x64")
            note = await one(server, group, "Look")
            refused = await push(server, group, ANN, note, "Look")
            sent = await push(server, group, LI, note, "Look")
            aside = await one(server, private, "删除")
            done = await push(server, private, LI, aside, "删除")
            await server.when(lambda: aside["message_id"] not in private.messages, PATIENCE_S)
            await server.when(lambda: bool(texts(group, "is deleted")), PATIENCE_S)
            again = await push(server, group, LI, note, "Release")
            used = await app.ledger.used(f"telegram:{ANN.id}", today(app))
    assert refused == "Only the admins of that chat can decide about this."
    assert sent.startswith("已经私下发给你")
    assert done.startswith("已删除 1 张图")
    assert again == "之前已经删除了。"
    assert texts(group, "an admin looks at it first")
    assert with_button(group, "🎲") == []
    assert used == 0
    assert not list((tmp_path / "data" / "pictures").rglob("*.png"))


async def test_a_report_hides_a_result_until_an_admin_releases_it(tmp_path: Path) -> None:
    """The message goes, the admins are asked, and the release brings it back after a restart;
    nobody reports a result twice."""
    async with TelegramServer() as server:
        group, private = server.group(), server.private(BOSS)
        async with bot(server, tmp_path):
            await server.say(group, ANN, f"/draw a fox --seed {seed(DARK)} --size 64x64")
            result = await one(server, group, "🎲")
            await server.say(group, LI, "/report", reply_to=result["message_id"])
            await server.when(lambda: result["message_id"] not in group.messages, PATIENCE_S)
            note = await one(server, group, "Release")
            question = note["text"]
            await one(server, private, "Release")
            await server.when(lambda: bool(texts(group, "图已隐藏")), PATIENCE_S)
        async with bot(server, tmp_path):
            await push(server, group, BOSS, note, "Release")
            back = await one(server, group, "🎲")
            twice = await push(server, group, LI, back, "⚑")
            acts = [(a.account, a.act, a.before, a.after) for a in await log_of(tmp_path)]
    assert "A member reported a picture that Ann asked for" in question
    assert "photo" in back
    assert twice == "这个结果你已经举报过了，由管理员决定。"
    assert acts == [
        (f"telegram:{BOSS.id}", "picture", "held", "released"),
        (f"telegram:{LI.id}", "report", "shown", "held"),
    ]


async def test_an_admin_settles_what_becomes_of_pictures(tmp_path: Path) -> None:
    """`/settings pictures` and `pictures-from`, for the group, from the next picture on; a member
    settles nothing, and `default` takes it back."""
    async with TelegramServer() as server:
        group = server.group()
        group.statuses[LI.id] = "administrator"
        async with bot(server, tmp_path):

            async def settle(who: Person, words: str) -> str:
                asked = await server.say(group, who, f"/settings {words}")
                call = await server.next(
                    lambda c: (
                        c.method == "sendMessage"
                        and c.p.get("reply_parameters", {}).get("message_id") == asked
                    )
                )
                return str(call.p["text"])

            async def drawn(count: int) -> Json:
                await server.say(group, ANN, f"/draw a fox --seed {seed(RED)} --size 64x64")
                await server.when(lambda: len(with_button(group, "🎲")) == count, PATIENCE_S)
                return with_button(group, "🎲")[-1]

            assert "admins" in await settle(ANN, "pictures allow")
            assert "遮挡" in await settle(LI, "pictures spoiler")
            assert (await drawn(1))["has_media_spoiler"] is True
            await settle(LI, "pictures-from 1")
            assert "has_media_spoiler" not in await drawn(2)
            await settle(LI, "pictures-from default")
            assert (await drawn(3))["has_media_spoiler"] is True
            await settle(LI, "pictures default")
            await server.say(group, ANN, f"/draw a fox --seed {seed(RED)} --size 64x64")
            await one(server, group, "Release")


@pytest.mark.parametrize("action", ["spoiler", "blur"])
async def test_a_covered_picture_comes_back_covered(tmp_path: Path, action: str) -> None:
    """Reported and released: under its spoiler, or blurred as before."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path, picture_action=action):
            await server.say(group, ANN, f"/draw a fox --seed {seed(RED)} --size 64x64")
            result = await one(server, group, "🎲")
            shown = server.files.data[result["photo"][-1]["file_id"]]
            await push(server, group, LI, result, "⚑")
            note = await one(server, group, "Release")
            await push(server, group, BOSS, note, "Release")
            back = await one(server, group, "🎲")
    assert back["message_id"] != result["message_id"]
    assert back.get("has_media_spoiler") == result.get("has_media_spoiler")
    assert bool(back.get("has_media_spoiler")) == (action == "spoiler")
    assert server.files.data[back["photo"][-1]["file_id"]] == shown


async def test_a_message_that_stays_is_told(tmp_path: Path) -> None:
    """Telegram lets the bot neither delete nor change it: the chat is told, and its picture is
    hidden from everything else all the same."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            await server.say(group, ANN, f"/draw a fox --seed {seed(DARK)} --size 64x64")
            result = await one(server, group, "🎲")
            for method in ("deleteMessage", "editMessageMedia", "editMessageText"):
                server.refuse(method, 400, "Bad Request: not enough rights", times=99)
            await push(server, group, LI, result, "⚑")
            stays = "neither delete nor change"
            await server.when(lambda: bool(texts(group, stays)), PATIENCE_S)
    assert len(texts(group, stays)) == 1


async def test_an_old_message_that_is_reported_is_covered(tmp_path: Path) -> None:
    """Telegram lets nobody delete what is older than 48 hours, but it can be changed."""
    async with TelegramServer() as server:
        group, private = server.group(), server.private(BOSS)
        async with bot(server, tmp_path):
            await server.say(group, ANN, f"/draw a fox --seed {seed(DARK)} --size 64x64")
            result = await one(server, group, "🎲")
            before = result["photo"]
            result["date"] -= 49 * 3600
            await push(server, group, LI, result, "⚑")
            await server.when(lambda: "Hidden" in result.get("caption", ""), PATIENCE_S)
            await one(server, private, "Release")
    assert result["photo"] != before
    assert labels(result) == []


def texts(chat: Chat, part: str) -> list[Json]:
    return [m for m in chat.messages.values() if part in m.get("text", "")]


def today(app: App) -> str:
    return day_of(time.time(), app.config.quota.timezone)


async def log_of(folder: Path) -> list[Act]:
    """Newest first."""
    async with Database(folder / "data" / "chatelier.sqlite") as database:
        return await Audit(database).last()
