"""What members live through on Discord: real sockets, the real library, a whole bot."""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from tests.gated_painter import Gate
from tests.standins.discord import DiscordServer
from tests.standins.discord_world import Channel, User
from tests.test_discord_buttons import (
    APPLE,
    PATIENCE_S,
    answers,
    bot,
    look,
    more,
    push,
    results,
    status,
)

pytestmark = pytest.mark.timeout(120)


def ours(server: DiscordServer, channel: Channel) -> list[str]:
    """Ids of everything that the bot has in a channel."""
    return [m.id for m in server.messages(channel)]


async def town(server: DiscordServer) -> tuple[User, User, Channel]:
    """Ann's server with a channel, and Li, who speaks Chinese."""
    ann, li = server.user("ann"), server.user("li", "zh-CN")
    return ann, li, server.channel(server.guild("Painters", ann), "art")


async def test_a_picture_after_sixteen_minutes(tmp_path: Path) -> None:
    """The interaction's token has expired: the result is a message of the channel that refers to
    the request, and what said "drawing" is one line."""
    async with DiscordServer() as server, Gate() as gate:
        ann, _, art = await town(server)
        async with bot(server, tmp_path, gate.command):
            used = await server.slash(ann, art, "draw", APPLE)
            waiting = await status(server, art)
            server.clock.offset_s = 16 * 60
            gate.open()
            result = await more(server, art, 1)
    assert used.response is not None
    assert waiting.id == used.response.id == answers(result)
    assert result.content.startswith(f"<@{ann.id}> an apple\n")
    assert ours(server, art) == [waiting.id, result.id]
    assert (waiting.content, waiting.buttons, waiting.files) == ("an apple", [], [])
    assert used.follow_ups == []
    refused = [c for c in server.calls if "/webhooks/" in c.path and c.status == 401]
    assert refused, "the token was tried, and is dead"


@pytest.mark.parametrize("when", ["waiting", "between starts"])
async def test_a_request_whose_message_was_deleted(tmp_path: Path, when: str) -> None:
    """Its picture comes all the same, and names the member, who would not be notified otherwise;
    also by a bot that was restarted while the picture was drawn."""
    async with DiscordServer() as server, Gate() as gate:
        ann, _, art = await town(server)
        async with bot(server, tmp_path, gate.command):
            asked = await server.say(ann, art, "@bot an apple --size 64x64")
            waiting = await status(server, art)
            assert answers(waiting) == asked.id
            if when == "waiting":
                del art.messages[asked.id]
                gate.open()
                result = await more(server, art, 1)
        if when != "waiting":
            del art.messages[asked.id]
            async with bot(server, tmp_path, gate.command):
                gate.open()
                result = await more(server, art, 1)
    assert result.content.startswith(f"<@{ann.id}> an apple\n")
    assert "message_reference" not in result.json
    assert ours(server, art) == [result.id]


async def test_words_in_reply_by_mention(tmp_path: Path) -> None:
    """Without the reply's ping the name is needed, and enough; without either the bot is shown
    nothing."""
    async with DiscordServer() as server:
        ann, li, art = await town(server)
        async with bot(server, tmp_path):
            await server.slash(ann, art, "draw", APPLE)
            first = await more(server, art, 1)
            heard = await server.slash(li, art, "quota", {})  # tells the language that Li speaks
            await server.until(lambda: heard.response and heard.response.content, PATIENCE_S)
            await server.say(li, art, "+ snow", reply_to=first.id, ping=False)
            asked = await server.say(li, art, "@bot + 雪 same seed", reply_to=first.id, ping=False)
            second = await more(server, art, 2)
    assert look(server, second)[2].startswith("an apple, 雪\nSteps: 3, ")
    assert art.guild is not None
    address = f"https://discord.com/channels/{art.guild.id}/{art.id}/{first.id}"
    assert second.content.split("\n")[1].endswith(f" · [↩ 来自这张图]({address})")
    assert "discord.com" not in first.content
    assert "Seed: 5" in look(server, second)[2]
    assert answers(second) == asked.id
    assert len(results(server, art)) == 2


async def test_somebody_elses_picture(tmp_path: Path) -> None:
    """Discord does not show it to a mention in reply, so the menu is named; the menu works."""
    async with DiscordServer() as server:
        ann, li, art = await town(server)
        async with bot(server, tmp_path):
            await server.slash(ann, art, "draw", APPLE)
            blob, _ = server.world.blobs[(await more(server, art, 1)).json["attachments"][0]["id"]]
            posted = await server.say(
                li, art, "look", attachments=[server.attachment("cat.png", blob)]
            )
            await server.say(ann, art, "@bot make it night", reply_to=posted.id)
            await server.until(lambda: len(ours(server, art)) == 3, PATIENCE_S)
            told = server.messages(art)[-1]
            opened = await server.menu(ann, art, "Vary this image", posted.id)
            await server.until(lambda: opened.modal, PATIENCE_S)
            await server.submit(ann, art, opened, "make it night --steps 3 --strength 0.4")
            night = await more(server, art, 2)
            shown = await server.menu(li, art, "Show parameters", posted.id)
            await server.until(lambda: shown.response and shown.response.content, PATIENCE_S)
            await server.menu(ann, art, "Upscale", posted.id)
            larger = await more(server, art, 3)
    assert "Apps ▸ Vary this image" in told.content
    assert "Denoising strength: 0.4" in look(server, night)[2]
    assert shown.response is not None
    assert "an apple" in shown.response.content
    assert shown.response.only_for == li.id
    assert look(server, larger)[0] == (128, 128)


async def test_an_option_wins_over_a_flag(tmp_path: Path) -> None:
    """Flags in the prompt are understood; what was typed into an option is meant more."""
    async with DiscordServer() as server:
        ann, _, art = await town(server)
        async with bot(server, tmp_path):
            words = "an apple --size 64x48 --steps 9 --seed 1 --no leaves"
            await server.slash(ann, art, "draw", {"prompt": words, "steps": 3, "seed": 5})
            infotext = look(server, await more(server, art, 1))[2]
    assert infotext.startswith("an apple\nNegative prompt: leaves\nSteps: 3, ")
    assert "Seed: 5, Size: 64x48" in infotext


async def test_a_picture_file_alone(tmp_path: Path) -> None:
    """`/draw` with a picture that carries its parameters draws that picture; options beside it
    win. One that carries none is asked about, in private."""
    async with DiscordServer() as server:
        ann, li, art = await town(server)
        async with bot(server, tmp_path):
            await server.slash(ann, art, "draw", APPLE)
            first = await more(server, art, 1)
            blob, _ = server.world.blobs[first.json["attachments"][0]["id"]]
            carrying = server.attachment("in.png", blob)
            await server.slash(ann, art, "draw", {"image": carrying, "steps": 4})
            again = await more(server, art, 2)
            bare = server.attachment("bare.jpg", without_words(), kind="image/jpeg")
            asked = await server.slash(li, art, "draw", {"image": bare})
            await server.until(lambda: asked.follow_ups, PATIENCE_S)
            nothing = await server.slash(li, art, "draw", {"steps": 4})
            await server.until(lambda: nothing.response and nothing.response.content, PATIENCE_S)
    before, after = look(server, first), look(server, again)
    assert after[:2] == before[:2]
    assert after[2] == before[2].replace("Steps: 3", "Steps: 4")
    assert asked.follow_ups[0].content.startswith("想把这张图改成什么样")
    assert asked.follow_ups[0].only_for == li.id
    assert nothing.response is not None
    assert nothing.response.content.startswith("想画什么")


def without_words() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["thread", "forum post"])
async def test_everything_stays_in_its_thread(tmp_path: Path, kind: str) -> None:
    """Status, result, and what its buttons draw; in a post of a forum as in a thread."""
    async with DiscordServer() as server:
        ann, li, art = await town(server)
        assert art.guild is not None
        forum = server.channel(art.guild, "ideas", 15) if kind == "forum post" else art
        post = server.channel(art.guild, "foxes", 11, parent=forum)
        async with bot(server, tmp_path):
            used = await server.slash(ann, post, "draw", APPLE)
            first = await more(server, post, 1)
            said = await server.say(li, post, "@bot a pear --size 64x64")
            second = await more(server, post, 2)
            await push(server, post, ann, second, "🎲")
            third = await more(server, post, 3)
    assert used.response is not None
    assert [answers(m) for m in (first, second, third)] == [used.response.id, said.id, second.id]
    assert ours(server, post) == [used.response.id, first.id, second.id, third.id]
    assert ours(server, art) == []


async def test_in_private(tmp_path: Path) -> None:
    """Words alone draw, the picture answers them, and its buttons work."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        private = server.private(ann)
        async with bot(server, tmp_path):
            said = await server.say(ann, private, "an apple --size 64x64 --seed 5")
            first = await more(server, private, 1)
            await push(server, private, ann, first, "V")
            second = await more(server, private, 2)
    assert answers(first) == said.id
    assert answers(second) == first.id
    assert ours(server, private) == [first.id, second.id]


async def test_one_channels_limit_holds_up_no_other(tmp_path: Path) -> None:
    """Discord wants thirty seconds of silence in one channel: the results of another come, and
    that one's at the next start."""
    async with DiscordServer() as server:
        ann, li, art = await town(server)
        assert art.guild is not None
        other = server.channel(art.guild, "other")
        slow = server.fail(
            "POST", f"/channels/{art.id}/messages", status=429, retry_after=30, times=9
        )
        async with bot(server, tmp_path):
            await server.slash(ann, art, "draw", APPLE)
            await server.next("POST", f"/channels/{art.id}/messages")
            async with asyncio.timeout(10):
                for count in (1, 2):
                    await server.slash(li, other, "draw", APPLE)
                    await more(server, other, count)
            assert results(server, art) == []
        server.rest.faults.remove(slow)
        async with bot(server, tmp_path):
            late = await more(server, art, 1)
    assert late.content.startswith(f"<@{ann.id}> an apple\n")


async def test_brought_along_by_a_member(tmp_path: Path) -> None:
    """Where the bot is no member, commands, buttons and forms work all the same, by follow-ups."""
    async with DiscordServer() as server:
        server.world.travels = True
        ann, li = server.user("ann"), server.user("li", "zh-CN")
        there = server.foreign(li, "Elsewhere")
        async with bot(server, tmp_path):
            used = await server.slash(ann, there, "draw", APPLE)
            first = await more(server, there, 1)
            await push(server, there, ann, first, "🎲")
            second = await more(server, there, 2)
            opened = await push(server, there, ann, first, "✏️")
            await server.submit(ann, there, opened, prompt="a pear")
            third = await more(server, there, 3)
            await push(server, there, ann, second, "🗑")
            await server.until(lambda: second.id not in there.messages, PATIENCE_S)
            told = await server.slash(li, there, "help", {})
            await server.until(lambda: told.response and told.response.content, PATIENCE_S)
    assert used.response is not None
    assert first.content.startswith(f"<@{ann.id}> an apple\n")
    assert third.content.startswith(f"<@{ann.id}> a pear\n")
    assert ours(server, there) == [used.response.id, first.id, third.id]
    assert told.response is not None
    assert told.response.content.startswith("我是跟着你来的")
    away = {c["name"]: c for c in server.world.commands}
    assert away["draw"]["integration_types"] == [0, 1]
    assert away["draw"]["contexts"] == [0, 1, 2]
    assert away["Vary this image"]["integration_types"] == [0, 1]
    for name in ("admin", "claim"):
        assert (away[name]["integration_types"], away[name]["contexts"]) == ([0], [0, 1])


async def test_brought_along_and_late(tmp_path: Path) -> None:
    """After fifteen minutes nothing can be said there: the picture comes in private, says why, and
    its buttons work."""
    async with DiscordServer() as server, Gate() as gate:
        server.world.travels = True
        ann, li = server.user("ann"), server.user("li", "zh-CN")
        there, private = server.foreign(li, "Elsewhere"), server.private(ann)
        async with bot(server, tmp_path, gate.command):
            await server.slash(ann, there, "draw", APPLE)
            await status(server, there)
            server.clock.offset_s = 16 * 60
            gate.open()
            first = await more(server, private, 1)
            await push(server, private, ann, first, "🎲")
            second = await more(server, private, 2)
    assert first.content.startswith("an apple\n")
    assert first.content.endswith("so this comes to you in private.)")
    assert answers(second) == first.id
    assert results(server, there) == []
