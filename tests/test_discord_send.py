"""What is brought to Discord, over real sockets: status, results, and what may go wrong."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PIL import Image

from bot.database import Database
from bot.domain import Button, Kind, Outgoing, Picture, Platform, ReplyTo, Requester
from bot.errors import ChatGone, DoubtfulSend, Rejected, RetryLater
from tests.standins.discord import DiscordServer
from tests.standins.discord_bench import Bench, bench, outgoing
from tests.standins.discord_rest import Issued
from tests.standins.discord_world import Channel, Guild, User

CANCEL = (Button(label="Cancel", action="cancel", argument="job000000001"),)


def png(size: int = 8) -> bytes:
    """A picture of three bytes a pixel, not compressed."""
    out = io.BytesIO()
    Image.new("RGB", (size, size), "teal").save(out, "PNG", compress_level=0)
    return out.getvalue()


PICTURE = Picture(index=0, png=png(), seed=1, infotext="")


@dataclass
class Town:
    """A server with a channel and its owner, and the adapter that listens there."""

    server: DiscordServer
    ann: User
    guild: Guild
    art: Channel
    bench: Bench

    async def deliver(self, message: Outgoing) -> tuple[str, ...]:
        return (await self.bench.adapter.deliver(message)).message_ids

    def to(self, message_id: str = "", channel: Channel | None = None) -> ReplyTo:
        chat_id = (channel or self.art).id
        return ReplyTo(platform=Platform.DISCORD, chat_id=chat_id, message_id=message_id)

    def ann_asks(self) -> Requester:
        return Requester(platform=Platform.DISCORD, user_id=self.ann.id, language="en-US")

    async def request(self) -> str:
        """A message of Ann's, to be answered."""
        return (await self.server.say(self.ann, self.art, "@bot a fox")).id

    async def slash(self) -> tuple[Issued, ReplyTo]:
        """`/draw` by Ann, accepted."""
        count = len(self.bench.conversation.handled) + 1
        used = await self.server.slash(self.ann, self.art, "draw", {"prompt": "a fox"})
        return used, (await self.bench.asked(count)).reply_to

    def result(self, to: ReplyTo, **more: Any) -> Outgoing:
        known = {"text": "a fox", "pictures": (PICTURE,), "notify": self.ann_asks()}
        return outgoing(to, **(known | more))

    def shown(self, channel: Channel | None = None) -> list[tuple[str, list[str]]]:
        return [(m.content, m.files) for m in self.server.messages(channel or self.art)]


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with DiscordServer() as server:
        ann = server.user("ann")
        guild = server.guild("Painters", ann)
        art = server.channel(guild, "art")
        async with bench(server, database) as made:
            yield Town(server, ann, guild, art, made)


# Status --------------------------------------------------------------------------------------


async def test_the_status_of_a_slash_command_is_its_response(town: Town) -> None:
    """No second message: "thinking…" becomes the status, and is edited on."""
    used, to = await town.slash()
    status = outgoing(to, Kind.STATUS, text="next_in_line", buttons=CANCEL)
    assert await town.deliver(status) == (to.message_id,)
    assert town.shown() == [(r"next\_in\_line", [])]
    assert used.response is not None
    assert used.response.buttons[0]["custom_id"] == "c:cancel:job000000001"
    edit = replace(status, edit=to.message_id, text="10 %", preview=b"jpeg")
    assert await town.deliver(edit) == (to.message_id,)
    assert town.shown() == [("10 %", ["preview.jpg"])]
    assert [c.method for c in town.server.calls if "@original" in c.path] == ["PATCH", "PATCH"]


async def test_the_status_of_a_message_is_a_quiet_reply(town: Town) -> None:
    """It refers to the request and pings nobody."""
    request = await town.request()
    sent = await town.deliver(outgoing(town.to(request), Kind.STATUS, text="next"))
    call = await town.server.next("POST", f"/channels/{town.art.id}/messages")
    assert call.json["nonce"] == "job000000001-s"
    assert call.json["enforce_nonce"] is True
    assert call.json["allowed_mentions"] == {"parse": []}
    assert sent == (town.server.messages(town.art)[0].id,)
    await town.deliver(outgoing(town.to(request), Kind.STATUS, text="50 %", edit=sent[0]))
    assert town.shown() == [("50 %", [])]


async def test_after_its_fifteen_minutes_a_response_is_edited_as_a_message(town: Town) -> None:
    """The interaction's token is refused; the message is still ours."""
    _, to = await town.slash()
    status = outgoing(to, Kind.STATUS, text="next", edit=to.message_id)
    town.server.clock.offset_s = 16 * 60
    await town.deliver(status)
    await town.deliver(replace(status, text="later"))
    assert town.shown() == [("later", [])]
    refused = [c.status for c in town.server.calls if "@original" in c.path]
    assert refused == [401], "asked once, then known"


@pytest.mark.parametrize("edited", ["gone", "-"])
async def test_an_edit_of_what_is_gone_is_no_failure(town: Town, edited: str) -> None:
    """Somebody deleted the status message, or there never was one."""
    edited = town.server.clock.snowflake() if edited == "gone" else edited
    message = outgoing(town.to(), Kind.STATUS, text="50 %", edit=edited)
    assert await town.deliver(message) == (edited,)


# Results -------------------------------------------------------------------------------------


async def test_a_result_replies_and_notifies(town: Town) -> None:
    """A message of the channel that refers to the request and pings its author only."""
    request = await town.request()
    await town.deliver(town.result(town.to(request)))
    call = await town.server.next("POST", f"/channels/{town.art.id}/messages")
    assert str(call.json["message_reference"]["message_id"]) == request
    assert call.json["allowed_mentions"]["replied_user"] is True
    assert call.json["allowed_mentions"]["users"] == [int(town.ann.id)]
    assert "everyone" not in call.json["allowed_mentions"].get("parse", [])
    assert call.json["nonce"] == "job000000001-r"
    assert call.files == {"job000000001-1.png": PICTURE.png}
    assert town.shown() == [("a fox", ["job000000001-1.png"])]


async def test_a_result_of_a_slash_command_names_the_member(town: Town) -> None:
    """A reply to our own response would ping nobody; the response is left as one line."""
    used, to = await town.slash()
    result = town.result(to, remove=to.message_id, remove_text="a fox")
    await town.deliver(outgoing(to, Kind.STATUS, text="next", buttons=CANCEL))
    await town.deliver(result)
    assert town.shown() == [
        ("a fox", []),
        (f"<@{town.ann.id}> a fox", ["job000000001-1.png"]),
    ]
    assert used.response is not None
    assert used.response.buttons == []


async def test_the_status_of_a_message_is_deleted_afterwards(town: Town) -> None:
    """Only the result stays."""
    request = await town.request()
    (status,) = await town.deliver(outgoing(town.to(request), Kind.STATUS, text="next"))
    await town.deliver(town.result(town.to(request), remove=status))
    assert town.shown() == [("a fox", ["job000000001-1.png"])]


async def test_a_status_that_cannot_be_removed_harms_nothing(town: Town) -> None:
    """The result has arrived; it must not be sent again for that."""
    request = await town.request()
    (status,) = await town.deliver(outgoing(town.to(request), Kind.STATUS, text="next"))
    town.server.fail("DELETE", "/messages/", status=403, code=50013)
    (sent,) = await town.deliver(town.result(town.to(request), remove=status))
    assert sent == town.server.messages(town.art)[-1].id


async def test_several_pictures_spoilers_and_markup(town: Town) -> None:
    """One message holds them all; spoilers are marked; a prompt's markup is shown as written."""
    pictures = tuple(replace(PICTURE, index=i) for i in range(4))
    text = "**bold** <@1> [x](http://y) `z`\n# title"
    await town.deliver(town.result(town.to(), pictures=pictures, spoiler=True, text=text))
    ((content, files),) = town.shown()
    assert files == [f"SPOILER_job000000001-{n}.png" for n in (1, 2, 3, 4)]
    assert content == (
        f"<@{town.ann.id}> " + r"\*\*bold\*\* \<@1> \[x\](http://y) \`z\`" + "\n\\# title"
    )


async def test_the_end_without_a_picture(town: Town) -> None:
    """A failed job's sentence goes the same way."""
    request = await town.request()
    await town.deliver(town.result(town.to(request), pictures=(), text="It failed."))
    assert town.shown() == [("It failed.", [])]


async def test_a_very_long_text_is_cut(town: Town) -> None:
    """Discord takes two thousand characters."""
    await town.deliver(town.result(town.to(), text="*" * 3000))
    ((content, _),) = town.shown()
    assert len(content) <= 2000
    assert content.endswith(r"\*…")


async def test_a_result_whose_request_was_deleted(town: Town) -> None:
    """It comes without a reference, and names the member, who would not be notified otherwise."""
    await town.deliver(town.result(town.to(town.server.clock.snowflake())))
    assert town.shown() == [(f"<@{town.ann.id}> a fox", ["job000000001-1.png"])]
    (message,) = town.server.messages(town.art)
    assert "message_reference" not in message.json
    sent = [c for c in town.server.calls if c.method == "POST" and c.path.endswith("/messages")]
    assert [c.status for c in sent] == [400, 200]
    assert sent[-1].json["allowed_mentions"]["users"] == [int(town.ann.id)]


async def test_a_result_where_the_history_may_not_be_read(town: Town) -> None:
    """A reply needs that permission; a message that names the member does not."""
    request = await town.request()
    town.server.fail("POST", "/messages", status=403, code=160002)
    await town.deliver(town.result(town.to(request)))
    assert town.shown() == [(f"<@{town.ann.id}> a fox", ["job000000001-1.png"])]


async def test_a_picture_too_large_is_recompressed(town: Town) -> None:
    """A JPEG under the server's limit, and a sentence that says so."""
    large = png(1900)
    assert len(large) > 10 * 2**20
    pictures = (replace(PICTURE, png=large),)
    await town.deliver(town.result(town.to(), pictures=pictures))
    ((content, files),) = town.shown()
    assert files == ["job000000001-1.jpg"]
    assert content.endswith("(Too large for Discord, so it was compressed.)")
    call = await town.server.next("POST", "/messages")
    assert call.files["job000000001-1.jpg"][:2] == b"\xff\xd8"


async def test_a_boosted_server_takes_more(town: Town) -> None:
    """The limit is the server's own."""
    large = png(1900)
    town.guild.premium_tier = 2
    guild = town.server.guild("Boosted", town.ann, premium_tier=2)
    lobby = town.server.channel(guild, "lobby")
    await town.server.invite(guild)
    await town.server.until(lambda: town.bench.conversation.joined_chats)
    pictures = (replace(PICTURE, png=large),)
    await town.deliver(town.result(town.to(channel=lobby), pictures=pictures))
    assert town.shown(lobby)[0][1] == ["job000000001-1.png"]


async def test_discord_finds_it_too_large_all_the_same(town: Town) -> None:
    """One step further down, once."""
    pictures = (replace(PICTURE, png=png(600)),)
    town.server.fail("POST", "/messages", status=413, code=40005)
    await town.deliver(town.result(town.to(), pictures=pictures))
    assert town.shown()[0][1] == ["job000000001-1.jpg"]
    town.server.fail("POST", "/messages", status=413, code=40005, times=2)
    with pytest.raises(Rejected):
        await town.deliver(town.result(town.to(), pictures=pictures, job_id="job2"))


# To people and servers -----------------------------------------------------------------------


async def test_a_note_without_a_chat_goes_to_the_member(town: Town) -> None:
    """The operator is asked in private, with buttons."""
    buttons = (
        Button(label="Approve", action="approve", argument="discord:42"),
        Button(label="Leave", action="leave", argument="discord:42"),
    )
    to = ReplyTo(platform=Platform.DISCORD, chat_id="", message_id="", private=True)
    note = Outgoing(kind=Kind.NOTE, to=to, text="New chat", notify=town.ann_asks(), buttons=buttons)
    await town.deliver(note)
    (sent,) = town.server.messages(town.server.private(town.ann))
    assert sent.content == "New chat"
    assert [b["custom_id"] for b in sent.buttons] == ["c:approve:discord:42", "c:leave:discord:42"]


async def test_leaving(town: Town) -> None:
    """A server is left, not a channel."""
    to = ReplyTo(platform=Platform.DISCORD, chat_id=town.guild.id, message_id="")
    await town.deliver(Outgoing(kind=Kind.LEAVE, to=to))
    assert town.server.world.left == [town.guild.id]


# What may go wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"status": 403, "code": 50013}, ChatGone),
        ({"status": 404, "code": 10003}, ChatGone),
        ({"status": 400, "code": 50035}, Rejected),
        ({"status": 503}, DoubtfulSend),
        ({"reset": True}, DoubtfulSend),
        ({"status": 429, "retry_after": 90.0}, RetryLater),
        ({"status": 429, "retry_after": 7.0, "via": False}, RetryLater),
    ],
)
async def test_failures_in_our_words(
    town: Town, how: dict[str, Any], error: type[Exception]
) -> None:
    """What delivery does next depends on the kind."""
    town.server.fail("POST", "/messages", **how)
    with pytest.raises(error) as raised:
        await town.deliver(town.result(town.to()))
    if isinstance(raised.value, RetryLater):
        assert raised.value.seconds == how["retry_after"]


async def test_a_short_wait_is_obeyed(town: Town) -> None:
    """The library waits as long as Discord says, and sends again."""
    town.server.fail("POST", "/messages", status=429, retry_after=0.05)
    await town.deliver(town.result(town.to()))
    assert len(town.shown()) == 1


async def test_no_server_there(town: Town) -> None:
    """Nothing was sent, so nothing can have arrived."""
    await town.server.__aexit__()
    with pytest.raises(RetryLater):
        await town.deliver(town.result(town.to()))
    town.bench.task.cancel()
    await asyncio.gather(town.bench.task, return_exceptions=True)


async def test_an_edit_that_is_in_doubt_may_be_repeated(town: Town) -> None:
    """It changes nothing the second time."""
    request = await town.request()
    (status,) = await town.deliver(outgoing(town.to(request), Kind.STATUS, text="next"))
    town.server.fail("PATCH", "/messages", reset=True, performed=True)
    edit = outgoing(town.to(request), Kind.STATUS, text="50 %", edit=status)
    with pytest.raises(RetryLater):
        await town.deliver(edit)
    await town.deliver(edit)
    assert town.shown() == [("50 %", [])]


async def test_a_lost_answer_makes_no_second_message(town: Town) -> None:
    """Discord remembers the nonce, and we look into the channel before sending again."""
    request = await town.request()
    result = town.result(town.to(request))
    town.server.fail("POST", "/messages", reset=True, performed=True)
    with pytest.raises(DoubtfulSend):
        await town.deliver(result)
    (sent,) = await town.deliver(result)
    assert [m.id for m in town.server.messages(town.art)] == [sent]
    posts = [c for c in town.server.calls if c.method == "POST" and c.path.endswith("/messages")]
    assert len(posts) == 1


async def test_where_the_history_may_not_be_read(town: Town) -> None:
    """Then the nonce alone must do: it does for some minutes."""
    result = town.result(town.to(await town.request()))
    town.server.fail("POST", "/messages", reset=True, performed=True)
    with pytest.raises(DoubtfulSend):
        await town.deliver(result)
    town.server.fail("GET", "/messages", status=403, code=50001)
    (sent,) = await town.deliver(result)
    assert [m.id for m in town.server.messages(town.art)] == [sent]


async def test_a_repeat_inside_the_library_is_harmless(town: Town) -> None:
    """On a 500 it sends again by itself; the nonce makes that one message."""
    town.server.fail("POST", "/messages", status=500, performed=True)
    await town.deliver(town.result(town.to(await town.request())))
    assert len(town.shown()) == 1


@pytest.mark.parametrize("performed", [False, True])
async def test_an_answer_that_is_no_json_leaves_it_in_doubt(town: Town, performed: bool) -> None:
    """A page of some proxy instead of Discord's word: sent again, with the same nonce."""
    result = town.result(town.to(await town.request()))
    town.server.fail("POST", "/messages", garbled=True, performed=performed)
    with pytest.raises(DoubtfulSend):
        await town.deliver(result)
    await town.deliver(result)
    assert len(town.shown()) == 1


async def test_a_result_deleted_before_the_repeat(town: Town) -> None:
    """Somebody did not want it: it is not sent again."""
    result = town.result(town.to(await town.request()))
    town.server.fail("POST", "/messages", reset=True, performed=True)
    with pytest.raises(DoubtfulSend):
        await town.deliver(result)
    town.art.messages.popitem()
    assert await town.deliver(result) == ()
    assert town.shown() == []


@pytest.mark.parametrize(
    ("pictures", "grid"),
    [((PICTURE,), None), ((PICTURE, replace(PICTURE, index=1)), png(16)), ((), None)],
)
async def test_after_a_restart_what_has_arrived_is_found(
    database: Database, pictures: tuple[Picture, ...], grid: bytes | None
) -> None:
    """Killed between the send and its record: the nonce is forgotten by then, the channel is not.
    Other messages of ours, the status among them, are not mistaken for it."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        guild = server.guild("Painters", ann)
        art = server.channel(guild, "art")
        async with bench(server, database) as first:
            town = Town(server, ann, guild, art, first)
            request = await town.request()
            to = town.to(request)
            (status,) = await town.deliver(outgoing(to, Kind.STATUS, text="a fox waits"))
            result = town.result(to, pictures=pictures, grid=grid, remove=status)
            (sent,) = await town.deliver(replace(result, remove=None))
        server.world.nonces.clear()
        async with bench(server, database) as second:
            town = Town(server, ann, guild, art, second)
            assert await town.deliver(result) == (sent,)
            assert [m.id for m in server.messages(art)] == [sent]
            other = replace(result, job_id="job000000002", nonce="job000000002-r", text="a cat")
            assert await town.deliver(other) != (sent,)
            assert len(server.messages(art)) == 2


async def test_after_a_restart_the_status_is_not_the_end(database: Database) -> None:
    """Its words may be the same, and it answers the same request."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        guild = server.guild("Painters", ann)
        art = server.channel(guild, "art")
        async with bench(server, database) as first:
            town = Town(server, ann, guild, art, first)
            to = town.to(await town.request())
            (status,) = await town.deliver(outgoing(to, Kind.STATUS, text="It failed. Wait."))
        async with bench(server, database) as second:
            town = Town(server, ann, guild, art, second)
            end = town.result(to, pictures=(), text="It failed.", remove=status)
            assert await town.deliver(end) != (status,)
            assert town.shown() == [("It failed.", [])]


async def test_where_the_bot_may_not_write(town: Town) -> None:
    """While the interaction lives its follow-up is shown; afterwards the chat counts as gone."""
    _, to = await town.slash()
    await town.deliver(outgoing(to, Kind.STATUS, text="next"))
    town.server.fail("POST", r"/channels/\d+/messages", status=403, code=50013, times=9)
    await town.deliver(town.result(to, remove=to.message_id, remove_text="a fox"))
    assert town.shown()[-1] == (f"<@{town.ann.id}> a fox", ["job000000001-1.png"])
    request = await town.request()
    with pytest.raises(ChatGone):
        await town.deliver(town.result(town.to(request)))


async def test_a_result_after_fifteen_minutes(town: Town) -> None:
    """It never depends on the interaction's token."""
    _, to = await town.slash()
    town.server.clock.offset_s = 31 * 60
    await town.deliver(town.result(to, remove=to.message_id, remove_text="a fox"))
    assert town.shown() == [
        ("a fox", []),
        (f"<@{town.ann.id}> a fox", ["job000000001-1.png"]),
    ]


async def test_before_the_connection(town: Town) -> None:
    """Delivery is asked to come back."""
    from bot.adapters.discord import DiscordAdapter
    from bot.config import DiscordConfig

    away = DiscordAdapter(
        config=DiscordConfig(),
        token="t",
        conversation=town.bench.conversation,
        inbox=town.bench.inbox,
    )
    with pytest.raises(RetryLater):
        await away.deliver(town.result(town.to()))
    with pytest.raises(RetryLater):
        await away.permissions("1", "2")
