"""The whole road on Discord: a slash command, the queue, the render process, a picture."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.app_fixture import running_app
from tests.standins.discord import DiscordServer
from tests.standins.discord_world import Channel, Stored

pytestmark = pytest.mark.timeout(300)


def results(server: DiscordServer, channel: Channel) -> list[Stored]:
    """Messages with a picture in them, oldest first; a preview is none."""
    found = server.messages(channel)
    return [m for m in found if m.files and "preview.jpg" not in m.files]


def picture(server: DiscordServer, message: Stored) -> Image.Image:
    blob, _ = server.world.blobs[message.json["attachments"][0]["id"]]
    return Image.open(io.BytesIO(blob))


async def test_from_a_slash_command_to_a_variation_of_it(tmp_path: Path) -> None:
    """Ann draws with `/draw`; Bob replies to the picture with other words and gets his own."""
    async with DiscordServer() as server:
        ann, bob = server.user("ann"), server.user("bob", "zh-CN")
        art = server.channel(server.guild("Painters", ann), "art")
        async with running_app(tmp_path, discord_base=server.api_base):
            await server.connected()
            used = await server.slash(ann, art, "draw", {"prompt": "a red apple", "seed": 7})
            await server.until(lambda: results(server, art), timeout=120)
            (first,) = results(server, art)
            asked = await server.say(bob, art, "a green apple --strength 0.5", reply_to=first.id)
            await server.until(lambda: results(server, art)[1:], timeout=120)
            await server.next("DELETE", f"/channels/{art.id}/messages")
        second = results(server, art)[1]
    assert used.acknowledged_after is not None
    assert used.acknowledged_after < 3
    assert first.content.startswith(f"<@{ann.id}> a red apple")
    assert used.response is not None
    assert first.json["message_reference"]["message_id"] == used.response.id
    assert used.response.content == "a red apple"
    assert picture(server, first).text["parameters"].startswith("a red apple\n")
    assert second.json["message_reference"]["message_id"] == asked.id
    assert "Denoising strength: 0.5" in picture(server, second).text["parameters"]
    assert [m.id for m in server.messages(art)] == [used.response.id, first.id, second.id]


async def test_words_in_reply_change_a_result(tmp_path: Path) -> None:
    """With the reply's ping, and no privileged intent: other words, the same settings."""
    async with DiscordServer() as server:
        ann, bob = server.user("ann"), server.user("bob", "zh-CN")
        art = server.channel(server.guild("Painters", ann), "art")
        async with running_app(tmp_path, discord_base=server.api_base):
            await server.connected()
            small = {"prompt": "a red apple --steps 2 --size 64x64", "seed": 7}
            await server.slash(ann, art, "draw", small)
            await server.until(lambda: results(server, art), timeout=120)
            (first,) = results(server, art)
            await server.say(bob, art, "thanks!", reply_to=first.id)
            await server.say(bob, art, "+ 雪, same seed", reply_to=first.id)
            await server.until(lambda: results(server, art)[1:], timeout=120)
            second = results(server, art)[1]
            shown = await server.menu(bob, art, "Show parameters", second.id)
            await server.until(lambda: shown.response and shown.response.content)
            saved = await server.slash(bob, art, "preset save", {"name": "雪景"})
            await server.until(lambda: saved.response and saved.response.content)
            await server.slash(bob, art, "preset use", {"name": "雪景", "prompt": "a green apple"})
            await server.until(lambda: results(server, art)[2:], timeout=120)
    blocks = [picture(server, m).text["parameters"] for m in results(server, art)]
    assert len(blocks) == 3
    assert blocks[1].startswith("a red apple, 雪\nSteps: 2, ")
    assert "Seed: 7, Size: 64x64" in blocks[1]
    assert blocks[2].startswith("a green apple\nSteps: 2, ")
    assert shown.response is not None
    assert blocks[1].splitlines()[0] in shown.response.content
    assert shown.response.only_for == bob.id
    assert saved.response is not None
    assert saved.response.content.startswith("已保存为“雪景”")
