"""Posts in a Telegram channel itself, where only its admins write and everybody reads: real
sockets, the real library."""

from pathlib import Path

import pytest

from bot.domain import Platform
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_bot import (
    EDITS,
    NEW,
    PATIENCE_S,
    bot,
    drawn,
    files,
    known,
    labels,
    more,
    parameters,
    pressed,
    push,
    results,
    said,
    spoken,
)
from tests.standins.telegram_scene import ANN, LI, png
from tests.standins.telegram_world import Person

pytestmark = pytest.mark.timeout(180)
BOSS = Person(333, "Boss")
FORWARDED = {"type": "user", "sender_user": ANN.json(), "date": 1}
SMALL = "--size 64x64"


async def test_a_post_is_drawn_below_itself_at_the_cost_of_the_channel(tmp_path: Path) -> None:
    """One status message, edited within the budget, then the picture in reply to the post; asked,
    paid and cancelled for as the channel, whoever signed."""
    async with TelegramServer() as server:
        channel = server.channel()
        async with bot(server, tmp_path) as app:
            signed = {"text": f"/draw a red fox {SMALL}", "author_signature": "Boss"}
            asked = await server.post(channel, BOSS, signed)
            first = await more(server, channel, 1)
            photo = await server.photo(
                channel, BOSS, png(64, 64), f"/draw@ChatelierBot a fox {SMALL}"
            )
            second = await more(server, channel, 2)
            jobs = await app.journal.history(Platform.TELEGRAM, str(channel.id))
            await server.say(channel, BOSS, "/cancel")
            await said(server, channel, "You have nothing")
    assert first["reply_to_message"]["message_id"] == asked
    assert second["reply_to_message"]["message_id"] == photo
    assert {item.job.requester.account for item in jobs} == {f"telegram:{channel.id}"}
    assert {item.job.requester.name for item in jobs} == {"News"}
    assert len(spoken(server, channel, *NEW)) <= 5
    assert len(spoken(server, channel, *EDITS)) <= 2


async def test_buttons_of_a_channel_are_for_its_admins(tmp_path: Path) -> None:
    """Readers press and are told; an admin draws at their own cost, without being named; words in
    reply to the picture, and to ✏️, change it."""
    async with TelegramServer() as server:
        channel = server.channel()
        channel.statuses[BOSS.id] = "administrator"
        async with bot(server, tmp_path) as app:
            first = await drawn(server, channel, BOSS, f"/draw a red apple {SMALL}")
            for label in labels(first):
                assert "admins" in await push(server, channel, ANN, first, label)
            assert "管理员" in await push(server, channel, LI, first, "🎲")
            again = await pressed(server, channel, BOSS, first, "🎲")
            jobs = await app.journal.history(Platform.TELEGRAM, str(channel.id))
            words = await drawn(server, channel, BOSS, "+ snow", reply_to=again["message_id"])
            await push(server, channel, BOSS, words, "✏️")
            form = await said(server, channel, "Answer this message")
            await known(app, channel, form)
            edited = await drawn(server, channel, BOSS, "a plum", reply_to=form["message_id"])
            await push(server, channel, BOSS, edited, "📄")
            await server.when(lambda: len(files(channel)) == 1, PATIENCE_S)
            await push(server, channel, BOSS, edited, "🗑")
            gone = edited["message_id"]
            await server.when(lambda: gone not in channel.messages, PATIENCE_S)
    assert [item.job.requester.account for item in jobs][-1] == f"telegram:{BOSS.id}"
    assert parameters(server, words).startswith("a red apple, snow")
    assert parameters(server, edited).startswith("a plum")
    assert BOSS.name not in str([c.p for c in spoken(server, channel)])


async def test_what_is_written_for_readers_asks_nothing(tmp_path: Path) -> None:
    """Posts are all told to the bot: one that begins with 画 or with its name, one that answers
    another, one forwarded from elsewhere, a picture; nor are edits drawn again."""
    async with TelegramServer() as server:
        channel = server.channel()
        async with bot(server, tmp_path):
            news = await server.say(channel, BOSS, "画 展明天开幕")
            await server.say(channel, BOSS, "@ChatelierBot draws for all of you now")
            await server.say(channel, BOSS, "as said above", reply_to=news)
            away = {"text": f"/draw a fox {SMALL}", "forward_origin": FORWARDED}
            await server.post(channel, BOSS, away)
            await server.photo(channel, BOSS, png(64, 64))
            await server.say(channel, BOSS, f"/draw a crow {SMALL}", edited=True)
            first = await drawn(server, channel, BOSS, f"/draw a red apple {SMALL}")
    assert results(channel) == [first]
    assert {
        c.p.get("reply_parameters", {}).get("message_id") for c in spoken(server, channel, *NEW)
    } == {first["reply_to_message"]["message_id"]}


async def test_a_channel_settles_its_habits_and_nothing_about_members(tmp_path: Path) -> None:
    """Whoever may post settles the channel's language; limits and bans are for people whom
    Telegram names; /help tells what is heard in a channel."""
    async with TelegramServer() as server:
        channel = server.channel()
        async with bot(server, tmp_path):
            await server.say(channel, BOSS, "/admin quota chat 500/day")
            refused = await said(server, channel, "Telegram does not tell me who writes")
            await server.say(channel, BOSS, "/help")
            helped = await said(server, channel, "In a channel I hear commands")
            await server.say(channel, BOSS, "/settings language zh")
            await said(server, channel, "中文")
    assert "admins of this chat" in refused["text"]
    assert "privacy mode" not in helped["text"]


async def test_a_new_channel_waits_for_its_operator(tmp_path: Path) -> None:
    """As a group does: it is said once who approves, and operators get the buttons."""
    access = {"open": False, "operators": [f"telegram:{BOSS.id}"]}
    async with TelegramServer() as server:
        channel, private = server.channel(), server.private(BOSS)
        async with bot(server, tmp_path, access=access):
            await server.bot_status(channel, BOSS, "left", "administrator")
            await said(server, channel, "the operator of this bot has to approve")
            asked = await said(server, private, "News")
            await server.say(channel, BOSS, f"/draw a fox {SMALL}")
            await push(server, private, BOSS, asked, labels(asked)[0])
            await drawn(server, channel, BOSS, f"/draw a crow {SMALL}")
    assert len(spoken(server, channel, "sendMessage")) == 2


async def test_the_discussion_group_draws_no_post_twice(tmp_path: Path) -> None:
    """Telegram forwards each post of a channel into its linked group, the bot's pictures too; a
    member there may still ask for a change of one."""
    async with TelegramServer() as server:
        channel, group = server.channel(), server.group()
        async with bot(server, tmp_path):
            first = await drawn(server, channel, BOSS, f"/draw a red apple {SMALL}")
            asked = channel.messages[first["reply_to_message"]["message_id"]]["text"]
            copy = server.forwarded_post(group, asked)
            await server.update("message", dict(group.messages[copy]))
            shown = server.forwarded_post(group, "")
            del group.messages[shown]["text"]
            group.messages[shown]["photo"] = first["photo"]
            await server.update("message", dict(group.messages[shown]))
            changed = await drawn(server, group, ANN, f"/draw at night {SMALL}", reply_to=shown)
    assert results(channel) == [first]
    assert results(group) == [changed]
