"""The whole road on Telegram: a command, the queue, the render process, a picture."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.app_fixture import running_app
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Chat, Json, Person, is_status

pytestmark = pytest.mark.timeout(300)
PATIENCE_S = 200


def results(chat: Chat, server: TelegramServer) -> list[Json]:
    """The bot's pictures in a chat, oldest first; a status message with a preview is none."""
    ours = [m for m in chat.messages.values() if m["from"]["id"] == server.bot["id"]]
    return [m for m in ours if ("photo" in m or "document" in m) and not is_status(m)]


async def pictures(server: TelegramServer, chat: Chat, count: int) -> list[Json]:
    await server.when(lambda: len(results(chat, server)) >= count, PATIENCE_S)
    return results(chat, server)


async def test_from_a_command_to_a_variation_of_it(tmp_path: Path) -> None:
    """Ann draws in a topic; Li replies to the picture with other words and gets a file."""
    async with TelegramServer() as server:
        group = server.group(forum=True)
        topic = server.topic(group, ANN)
        async with running_app(tmp_path, telegram_base=server.base):
            asked = await server.say(group, ANN, "/draw a red apple --steps 4", topic=topic)
            first = (await pictures(server, group, 1))[0]
            words = "/draw a green apple --strength 0.5 --steps 4 --file"
            again = await server.say(group, LI, words, reply_to=first["message_id"], topic=topic)
            second = (await pictures(server, group, 2))[1]
            await server.when(lambda: len(group.messages) == 6)  # both status messages are gone
    assert first["reply_to_message"]["message_id"] == asked
    assert first["message_thread_id"] == topic
    assert first["caption"].startswith("a red apple\n")
    assert second["reply_to_message"]["message_id"] == again
    data = server.files.data[second["document"]["file_id"]]
    with Image.open(io.BytesIO(data)) as picture:
        parameters = picture.info["parameters"]
    assert parameters.startswith("a green apple\n")
    assert "Denoising strength: 0.5" in parameters
    assert "重绘幅度 0.5" in second["caption"]


async def test_a_caption_varies_its_photo_and_several_are_one_grid(tmp_path: Path) -> None:
    """In private, a photo with words is enough; originals come as an album of files."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    async with TelegramServer() as server:
        private = server.private(ANN)
        async with running_app(tmp_path, telegram_base=server.base):
            await server.photo(private, ANN, out.getvalue(), "a green apple -n 3 --steps 4")
            grid = (await pictures(server, private, 1))[0]
            await server.say(private, ANN, "/draw a green apple -n 2 --steps 4 --file")
            album = (await pictures(server, private, 3))[1:]
    with Image.open(io.BytesIO(server.files.data[grid["photo"][-1]["file_id"]])) as picture:
        assert picture.width > 200  # 2 × 2 of 128
        assert picture.height > 200
    labels = [b["text"] for row in grid["reply_markup"]["inline_keyboard"] for b in row]
    assert {"U1", "U3", "V1", "V3"} <= set(labels)
    assert len({m["media_group_id"] for m in album}) == 1
    assert all("document" in m for m in album)


async def test_a_button_cancels_what_waits(tmp_path: Path) -> None:
    """Only its requester may; the status message gives way to a line that says so."""
    async with TelegramServer() as server:
        group = server.group()
        async with running_app(tmp_path, telegram_base=server.base):
            await server.say(group, ANN, "/draw a red apple --steps 60 -n 4")
            call = await server.next(
                lambda c: c.method == "sendMessage" and "reply_markup" in c.p, PATIENCE_S
            )
            status = call.answer["message_id"]
            theirs = await server.press(group, LI, status)
            await server.when(lambda: theirs in server.alerts)
            mine = await server.press(group, ANN, status)
            await server.when(lambda: mine in server.alerts)
            await server.when(lambda: status not in group.messages, PATIENCE_S)
        said = [m.get("text", "") for m in group.messages.values()]
    assert server.alerts[theirs] == "这是别人的请求。"
    assert server.alerts[mine] == "Cancelled."
    assert any(text.startswith("Cancelled. ") for text in said)
    assert results(group, server) == []


async def test_fifty_requests_of_ten_members_are_all_answered(tmp_path: Path) -> None:
    """The right picture to the right message, each once, in groups and in private."""
    people = [Person(1000 + n, f"Member {n}") for n in range(10)]
    asked: dict[tuple[int, int], int] = {}
    async with TelegramServer() as server:
        groups = [
            server.group(-1001000000000 - n) for n in range(5)
        ]  # one takes twenty calls a minute
        chats = [*groups, *(server.private(p) for p in people)]
        async with running_app(tmp_path, telegram_base=server.base):
            for n in range(50):
                who = people[n % 10]
                chat = groups[n % 5] if n % 3 else server.private(who)
                words = f"/draw a red apple --seed {n} --steps 2 --size 64x64 --file"
                asked[chat.id, await server.say(chat, who, words)] = n

            def arrived() -> list[Json]:
                return [m for chat in chats for m in results(chat, server)]

            await server.when(lambda: len(arrived()) == 50, PATIENCE_S)
        answered = {
            (m["chat"]["id"], m["reply_to_message"]["message_id"]): seed_of(server, m)
            for m in arrived()
        }
    assert answered == asked


def seed_of(server: TelegramServer, message: Json) -> int:
    """The seed that stands in the parameters of the file itself."""
    data = server.files.data[message["document"]["file_id"]]
    with Image.open(io.BytesIO(data)) as picture:
        parameters: Any = picture.info["parameters"]
    return int(parameters.split("Seed: ")[1].split(",")[0])


async def test_replies_draw_a_picture_again_and_larger(tmp_path: Path) -> None:
    """`/again` with a flag under the bot's picture, `/upscale` under that, in hires fix and not."""
    async with TelegramServer() as server:
        group = server.group()
        async with running_app(tmp_path, telegram_base=server.base):
            words = "/draw a red apple --steps 3 --size 64x64 --seed 5 --hires 1.5 --hires-steps 2"
            await server.say(group, ANN, words)
            first = (await pictures(server, group, 1))[0]
            await server.say(group, LI, "/again --seed 6 --file", reply_to=first["message_id"])
            second = (await pictures(server, group, 2))[1]
            await server.say(group, ANN, "/upscale --file", reply_to=second["message_id"])
            third = (await pictures(server, group, 3))[2]
    assert "seed 5 · 3 steps" in first["caption"]
    sizes, blocks = [], []
    for message in (second, third):
        with Image.open(io.BytesIO(server.files.data[message["document"]["file_id"]])) as picture:
            sizes.append(picture.size)
            blocks.append(picture.info["parameters"])
    assert sizes == [(96, 96), (192, 192)]
    assert "Seed: 6, Size: 64x64" in blocks[0]
    assert "Denoising strength: 0.7, Hires upscale: 1.5, Hires steps: 2" in blocks[0]
    assert "Seed: 6, Size: 192x192" in blocks[1]
    assert "Denoising strength: 0.35" in blocks[1]


async def test_words_in_reply_change_a_result(tmp_path: Path) -> None:
    """In a group with privacy mode on: added words with the same seed, in English and Chinese;
    thanks, and answers to what is no picture, draw nothing."""
    async with TelegramServer() as server:
        group = server.group()
        async with running_app(tmp_path, telegram_base=server.base):
            small = "/draw a red apple --steps 2 --size 64x64 --seed 5"
            await server.say(group, ANN, small)
            first = (await pictures(server, group, 1))[0]["message_id"]
            await server.say(group, LI, "谢谢！", reply_to=first)
            await server.say(group, LI, "加上 雪，同种子 --file", reply_to=first)
            second = (await pictures(server, group, 2))[1]
            await server.say(group, ANN, "- red --seed 7 --file", reply_to=first)
            third = (await pictures(server, group, 3))[2]
            asked = await server.say(group, ANN, "/info", reply_to=second["message_id"])
            told = await said_in_reply(server, group, asked)
            await server.say(group, LI, "what is this?", reply_to=told["message_id"])
            kept = await server.say(group, LI, "/preset save 雪 ", reply_to=second["message_id"])
            saved = await said_in_reply(server, group, kept)
            await server.say(group, LI, "/preset use 雪 a green apple --file")
            fourth = (await pictures(server, group, 4))[3]
    blocks = [parameters_of(server, m) for m in (second, third, fourth)]
    assert blocks[0].startswith("a red apple, 雪\nSteps: 2, ")
    assert "Seed: 5, Size: 64x64" in blocks[0]
    assert blocks[1].startswith("a apple\nSteps: 2, ")
    assert "Seed: 7, Size: 64x64" in blocks[1]
    assert told["text"] == blocks[0]
    assert saved["text"].startswith("已保存为“雪”：a red apple, 雪")
    assert blocks[2].startswith("a green apple\nSteps: 2, ")
    assert "Size: 64x64" in blocks[2]


async def said_in_reply(server: TelegramServer, chat: Chat, asked: int) -> Json:
    """What the bot answers to a message, in words."""

    def found() -> list[Json]:
        ours = [m for m in chat.messages.values() if m["from"]["id"] == server.bot["id"]]
        replies = [m for m in ours if m.get("reply_to_message", {}).get("message_id") == asked]
        return [m for m in replies if "text" in m and not is_status(m)]

    await server.when(lambda: bool(found()), PATIENCE_S)
    return found()[0]


def parameters_of(server: TelegramServer, message: Json) -> str:
    """The infotext inside the file of a message."""
    data = server.files.data[message["document"]["file_id"]]
    with Image.open(io.BytesIO(data)) as picture:
        return str(picture.info["parameters"])
