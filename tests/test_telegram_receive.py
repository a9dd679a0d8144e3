"""What the Telegram adapter hears, over real sockets from a strict Bot API server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast

import pytest

from bot import insist
from bot.adapters.telegram import TelegramAdapter
from bot.command import WORDS
from bot.config import TelegramConfig
from bot.conversation import Conversation
from bot.database import Database
from bot.domain import Answer, Incoming, Platform, Press, ReplyTo, Requester
from bot.errors import ConfigError, StoreError
from bot.inbox import Inbox
from tests.standins.telegram import TOKEN, Call, TelegramServer
from tests.standins.telegram_scene import (
    ANN,
    LI,
    QUICK,
    Scene,
    Talk,
    adapter_for,
    png,
    running,
    scene,
)
from tests.standins.telegram_world import Chat


def sent(text: str = "") -> object:
    """A sendMessage whose text contains `text`."""
    return lambda call: call.method == "sendMessage" and text in call.p["text"]


async def heard(s: Scene, count: int = 1) -> Incoming:
    """The last of `count` commands, once it was answered."""
    await s.server.when(lambda: len(answers(s)) >= count)
    return s.talk.heard[count - 1]


def gave(call: Call, update_id: int) -> bool:
    """A getUpdates that was answered with that update."""
    return call.method == "getUpdates" and update_id in [u["update_id"] for u in call.answer or ()]


def answers(s: Scene) -> list[Call]:
    return [c for c in s.server.heard if c.method == "sendMessage" and c.ok]


async def test_a_command_in_a_group_reaches_the_conversation_whole(database: Database) -> None:
    """Newlines stay, ids are exact text, and the answer replies to the request."""
    async with scene(database) as s:
        message_id = await s.server.say(s.chat, LI, "/draw a fox\nNegative prompt: blur")
        incoming = await heard(s)
        assert incoming == Incoming(
            key=f"-1001234567890123:{message_id}",
            command="draw",
            text="a fox\nNegative prompt: blur",
            requester=Requester(
                platform=Platform.TELEGRAM, user_id="222", name="李", language="zh-hans"
            ),
            reply_to=ReplyTo(
                platform=Platform.TELEGRAM,
                chat_id="-1001234567890123",
                message_id=str(message_id),
            ),
            chat_title="Painters",
            received_at=incoming.received_at,
        )
        assert abs(time.time() - incoming.received_at) < 60
        reply = answers(s)[0].p["reply_parameters"]
        assert {"message_id": message_id, "allow_sending_without_reply": True} == reply


async def test_plain_text_in_private_asks_for_a_picture(database: Database) -> None:
    """In private no command is needed."""
    async with scene(database) as s:
        await s.server.say(s.server.private(ANN), ANN, "a red apple")
        incoming = await heard(s)
        assert (incoming.command, incoming.text) == (WORDS, "a red apple")
        assert incoming.reply_to.private


async def test_what_is_not_meant_for_the_bot_is_left_alone(database: Database) -> None:
    """Talk, other bots' commands and edits cost nothing; the group here hides nothing."""
    async with scene(database) as s:
        s.chat.privacy = False
        await s.server.say(s.chat, ANN, "what a nice fox")
        await s.server.say(s.chat, ANN, "/draw@OtherBot a fox")
        await s.server.say(s.chat, ANN, "/draw an edited fox", edited=True)
        await s.server.update("edited_message", s.chat.messages[s.chat.last_id])
        await s.server.say(s.chat, ANN, "画 狐狸")
        await s.server.say(s.chat, ANN, "@chatelierbot, a wolf")
        await heard(s, 2)
        assert [i.text for i in s.talk.heard] == ["狐狸", "a wolf"]


async def test_an_edited_message_would_not_even_be_asked_for(database: Database) -> None:
    """The bot asks Telegram for no kind of update that it does not use."""
    async with scene(database) as s:
        await s.server.say(s.chat, ANN, "/help")
        call = await s.server.next(lambda c: c.method == "getUpdates")
        asked = ["message", "channel_post", "callback_query", "my_chat_member"]
        assert call.p["allowed_updates"] == asked


async def test_a_caption_is_a_command_and_its_photo_the_source(database: Database) -> None:
    """The largest size of the photo is fetched."""
    async with scene(database) as s:
        data = png(64, 48)
        await s.server.photo(s.chat, ANN, data, "/draw make it night")
        incoming = await heard(s)
        assert (data, "make it night") == (incoming.source, incoming.text)


async def test_an_image_document_is_a_source_byte_for_byte(database: Database) -> None:
    """Files are not recompressed, so what is fetched is what was sent."""
    async with scene(database) as s:
        await s.server.document(s.chat, ANN, b"not looked at here", "/draw@ChatelierBot x")
        assert (await heard(s)).source == b"not looked at here"


async def test_a_reply_to_a_picture_varies_it(database: Database) -> None:
    """Photo, file and still sticker; an attachment of one's own goes first."""
    async with scene(database) as s:
        one, two = png(40, 40), png(50, 50)
        photo = await s.server.photo(s.chat, LI, one)
        await s.server.say(s.chat, ANN, "/draw a", reply_to=photo)
        sticker = {"sticker": s.server.files.sticker(two)}
        await s.server.say(
            s.chat, ANN, "/draw b", reply_to=await s.server.post(s.chat, LI, sticker)
        )
        await s.server.photo(s.chat, ANN, two, "/draw c", reply_to=photo)
        await heard(s, 3)
        assert [one, two, two] == [i.source for i in s.talk.heard]
        assert str(photo) == s.talk.heard[0].replied_message_id


async def test_a_quote_from_another_chat_carries_its_picture(database: Database) -> None:
    """A reply across chats comes as an external reply."""
    async with scene(database) as s:
        origin = {"type": "user", "date": 1, "sender_user": LI.json()}
        quote = {"origin": origin, "photo": s.server.files.photo(png(32, 32))}
        await s.server.post(s.chat, ANN, {"text": "/draw x", "external_reply": quote})
        assert png(32, 32) == (await heard(s)).source


async def test_what_cannot_be_a_source_is_told_by_its_reason(database: Database) -> None:
    """Moving pictures, other files, and files beyond 20 MB are never fetched."""
    async with scene(database) as s:
        say, files = s.server.post, s.server.files
        moving = {"animation": files.keep(b"") | {"width": 1, "height": 1, "duration": 1}}
        await say(s.chat, ANN, moving | {"caption": "/draw a"})
        await s.server.document(s.chat, ANN, b"", "/draw b", name="a.pdf", mime="application/pdf")
        big = files.document(b"", "big.png", "image/png") | {"file_size": 21 * 1024 * 1024}
        await say(s.chat, ANN, {"document": big, "caption": "/draw c"})
        await heard(s, 3)
        expected = ["telegram-picture-moves", "telegram-not-a-picture", "picture-too-large"]
        assert expected == [i.source_problem for i in s.talk.heard]
        assert not [c for c in s.server.heard if c.method == "getFile"]


@pytest.mark.parametrize("honest", [False, True])
async def test_a_file_that_is_larger_than_stated_is_not_read_to_its_end(
    database: Database, honest: bool
) -> None:
    """The size is counted while reading, whatever the message and getFile said."""
    async with scene(database) as s:
        much = bytes(20 * 1024 * 1024 + 1)
        liar = s.server.files.document(much if honest else b"", "a.png", "image/png")
        s.server.served[liar["file_id"]] = much
        await s.server.post(s.chat, ANN, {"document": liar | {"file_size": 9}, "caption": "/draw"})
        incoming = await heard(s)
        assert incoming.source_problem == "picture-too-large"
        assert incoming.source is None


async def test_a_lost_picture_is_told(database: Database) -> None:
    """A source that cannot be fetched is no reason to draw without it."""
    async with scene(database) as s:
        s.server.refuse("getFile", 400, "Bad Request: wrong file_id")
        await s.server.photo(s.chat, ANN, png(8, 8), "/draw a")
        assert (await heard(s)).source_problem == "telegram-picture-lost"


async def test_a_topic_is_answered_in_the_topic(database: Database) -> None:
    """Only a topic's thread id is sent back, and its opening message is no reply."""
    async with scene(database) as s:
        forum = s.server.group(-100777, forum=True)
        topic = s.server.topic(forum, ANN)
        await s.server.say(forum, ANN, "/draw a", topic=topic)
        incoming = await heard(s)
        assert (str(topic), None) == (incoming.reply_to.thread_id, incoming.replied_message_id)
        assert topic == answers(s)[0].p["message_thread_id"]
        plain = await s.server.say(s.chat, ANN, "/draw b")
        await s.server.post(
            s.chat, ANN, {"text": "/draw c", "message_thread_id": plain}, reply_to=plain
        )
        assert (await heard(s, 3)).reply_to.thread_id is None
        assert "message_thread_id" not in answers(s)[2].p


async def test_an_anonymous_admin_is_the_group_itself(database: Database) -> None:
    """The account is the sender chat, not the placeholder user."""
    async with scene(database) as s:
        await s.server.say(s.chat, None, "/queue")
        incoming = await heard(s)
        assert (incoming.requester.user_id, incoming.is_chat_admin) == ("-1001234567890123", True)


async def test_an_update_that_cannot_be_read_stops_nothing(database: Database) -> None:
    """It is set aside with the reason; what comes before and after it is answered."""
    async with scene(database) as s:
        await s.server.say(s.chat, ANN, "/draw 1")
        broken = await s.server.broken_update("message", {"message_id": "?", "chat": 5})
        await s.server.say(s.chat, ANN, "/draw 2")
        await s.inbox.until_done(3)
        assert [i.text for i in s.talk.heard] == ["1", "2"]
        rows = await database.rows("SELECT key, set_aside FROM inbox WHERE set_aside IS NOT NULL")
        assert [str(broken)] == [row["key"] for row in rows]
        assert await s.inbox.waiting(Platform.TELEGRAM) == []


async def test_half_a_surrogate_pair_hurts_nobody(database: Database) -> None:
    """JSON can carry what UTF-8 cannot."""
    async with scene(database) as s:
        await s.server.say(s.chat, ANN, "/draw a \ud83d fox")
        assert (await heard(s)).text == "a \ufffd fox"


async def test_the_same_update_twice_is_one_request(database: Database) -> None:
    """A repeated update id is known, also when Telegram sends it after confirmation."""
    async with scene(database) as s:
        await s.server.say(s.chat, ANN, "/draw once")
        await heard(s)
        message = dict(s.chat.messages[s.chat.last_id - 1])
        await s.server.repeat(1001, {"message": message})
        await s.server.say(s.chat, ANN, "/draw twice")
        await heard(s, 2)
        assert [i.text for i in s.talk.heard] == ["once", "twice"]


async def test_nothing_is_confirmed_before_it_is_on_disk(database: Database) -> None:
    """Telegram is asked for later updates only once the earlier ones are committed."""
    async with scene(database) as s:
        await s.server.say(s.chat, ANN, "/help")
        await s.server.when(lambda: s.server.confirmed == 1002)
        async with database.transaction():  # the disk is busy: nothing can be written
            await s.server.say(s.chat, ANN, "/draw a")
            await s.server.next(lambda c: gave(c, 1002))
            for _ in range(3):  # time enough to ask for more, if it wanted to
                await s.adapter.permissions(str(s.chat.id), str(ANN.id))
            assert s.server.confirmed == 1002
        await s.server.when(lambda: s.server.confirmed == 1003)


async def test_what_a_kill_left_unhandled_is_replayed(database: Database) -> None:
    """A new adapter over the same inbox handles it once, in order, with its picture."""
    inbox, begun = Inbox(database), asyncio.Event()

    async def never(_: Incoming) -> Answer:
        begun.set()
        await asyncio.Event().wait()
        return Answer()

    async with TelegramServer() as server:
        chat = server.group()
        async with running(adapter_for(server, Talk(never), inbox)):
            await server.photo(chat, ANN, png(16, 16), "/draw 1")
            await server.say(chat, ANN, "/draw 2")
            await begun.wait()
            await server.when(lambda: server.confirmed == 1003)
        talk = Talk()
        async with running(adapter_for(server, talk, inbox)):
            await server.say(chat, ANN, "/draw 3")
            await server.next(sent("draw: 3"))
        assert [i.text for i in talk.heard] == ["1", "2", "3"]
        assert png(16, 16) == talk.heard[0].source


async def test_what_was_answered_is_done_with_once_there_is_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the answer is given: nothing is done again at the next start."""
    async with scene(database) as s:
        real, failures = s.inbox.settle, [StoreError("disk full"), StoreError("disk full")]

        async def full(platform: Platform, key: str) -> None:
            if failures:
                raise failures.pop()
            await real(platform, key)

        monkeypatch.setattr(s.inbox, "settle", full)
        monkeypatch.setattr(insist, "FIRST_PAUSE_S", 0.01)
        await s.server.say(s.chat, ANN, "/draw a fox")
        await s.inbox.until_done(1)
        assert await s.inbox.waiting(Platform.TELEGRAM) == []
        assert not failures


async def test_one_slow_request_holds_up_nobody_else(database: Database) -> None:
    """What one member says in one chat keeps its order; others do not wait for it."""
    free = asyncio.Event()

    async def slow_for_ann(incoming: Incoming) -> Answer:
        if incoming.text == "slow":
            await free.wait()
        return Answer(text=f"{incoming.requester.name} {incoming.text}")

    async with scene(database, Talk(slow_for_ann)) as s:
        await s.server.say(s.chat, ANN, "/draw slow")
        await s.server.say(s.chat, ANN, "/draw later")
        await s.server.say(s.chat, LI, "/draw quick")
        await s.server.next(sent("李 quick"))
        assert len(answers(s)) == 1
        free.set()
        await s.server.next(sent("Ann later"))
        said = [c.p["text"] for c in answers(s)]
        assert said == ["李 quick", "Ann slow", "Ann later"]


async def test_an_error_in_one_request_is_set_aside(database: Database) -> None:
    """An unexpected error ends that request only, and is not tried again at the next start."""

    async def fails(incoming: Incoming) -> Answer:
        if incoming.text == "bad":
            raise ZeroDivisionError
        return Answer(text="fine")

    async with scene(database, Talk(fails)) as s:
        await s.server.say(s.chat, ANN, "/draw bad")
        await s.server.say(s.chat, ANN, "/draw good")
        await s.inbox.until_done(2)
        assert s.inbox.aside == ["1001"]
        assert await s.inbox.waiting(Platform.TELEGRAM) == []


async def test_an_old_request_is_answered_in_one_line_and_not_drawn(database: Database) -> None:
    """After a day offline nobody waits for yesterday's pictures."""
    async with scene(database, max_age_s=60) as s:
        await s.server.say(s.chat, LI, "/draw a", date=int(time.time()) - 61)
        await s.server.next(sent("我不在线"))
        assert s.talk.heard == []


async def test_an_answer_of_nothing_is_no_message(database: Database) -> None:
    """An accepted job speaks through its status message; an unapproved chat gets silence."""

    async def silent(incoming: Incoming) -> Answer:
        return Answer(text="" if incoming.text == "hush" else "said")

    async with scene(database, Talk(silent)) as s:
        await s.server.say(s.chat, ANN, "/draw hush")
        await s.server.say(s.chat, ANN, "/draw speak")
        await s.server.next(sent("said"))
        assert len(answers(s)) == 1


async def test_an_answer_waits_out_a_flood_limit(database: Database) -> None:
    """429 names the seconds; the answer comes afterwards."""
    async with scene(database) as s:
        s.server.refuse("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
        await s.server.say(s.chat, ANN, "/queue")
        await s.server.next(lambda c: c.method == "sendMessage" and c.ok)


async def test_a_forbidden_chat_does_not_stop_the_others(database: Database) -> None:
    """Blocked or kicked: the answer is given up, and the update is done with."""
    async with scene(database) as s:
        private = s.server.private(ANN)
        private.bot_inside = False
        await s.server.say(private, ANN, "/help")
        await s.server.say(s.chat, ANN, "/help")
        await s.server.when(lambda: len(answers(s)) == 1)
        assert s.chat.id == answers(s)[0].p["chat_id"]
        assert len(s.talk.heard) == 2


# Buttons ----------------------------------------------------------------------------------------


async def press(s: Scene, who: object = ANN) -> str:
    """Put a message with a button into the group, and press it."""
    button = {"inline_keyboard": [[{"text": "Cancel", "callback_data": "cancel:abc"}]]}
    message = s.chat.add(s.server.bot, {"text": "drawing", "reply_markup": button})
    return await s.server.press(s.chat, who, message["message_id"])  # type: ignore[arg-type]


LONG = "This is somebody else's request, and only they can stop it."


@pytest.mark.parametrize("said", ["pressed", LONG])
async def test_a_press_is_answered_with_an_alert(database: Database, said: str) -> None:
    """The nearest thing to a private reply; a word or two need not be closed."""
    async with scene(database, Talk(pressing=_saying(said))) as s:
        query = await press(s)
        call = await s.server.next(lambda c: c.method == "answerCallbackQuery")
    assert (s.server.alerts[query], call.p.get("show_alert", False)) == (said, said == LONG)


def _saying(text: str) -> Callable[[Press], Awaitable[Answer]]:
    async def answer(_: Press) -> Answer:
        return Answer(text=text)

    return answer


async def test_a_press_tells_who_pressed_what(database: Database) -> None:
    """And whether Telegram calls them an admin."""
    async with scene(database) as s:
        await press(s)
        await s.server.next(lambda c: c.method == "answerCallbackQuery")
        told = s.talk.presses[0]
        assert (
            told.action,
            told.argument,
            told.requester.user_id,
            told.is_chat_admin,
        ) == ("cancel", "abc", "111", False)


async def test_a_press_knows_the_chats_admins(database: Database) -> None:
    """Telegram is asked, and its word counts."""
    async with scene(database) as s:
        s.chat.statuses[LI.id] = "administrator"
        await press(s, LI)
        await s.server.next(lambda c: c.method == "answerCallbackQuery")
        assert s.talk.presses[0].is_chat_admin
        assert (await s.adapter.permissions(str(s.chat.id), str(LI.id))).is_admin
        assert not (await s.adapter.permissions(str(s.chat.id), str(ANN.id))).is_admin
        assert (await s.adapter.permissions(str(s.chat.id), str(s.chat.id))).is_admin
        assert not (await s.adapter.permissions("111", "111")).is_admin


async def test_a_slow_press_is_acknowledged_first(database: Database) -> None:
    """A query gets too old within seconds: then the answer is a message."""
    free = asyncio.Event()

    async def slow(_: object) -> Answer:
        await free.wait()
        return Answer(text="done at last")

    async with scene(database, Talk(pressing=slow), replace(QUICK, press_s=0.01)) as s:
        query = await press(s)
        await s.server.next(lambda c: c.method == "answerCallbackQuery")
        assert s.server.alerts[query] == ""
        free.set()
        await s.server.next(sent("done at last"))


# The chat itself --------------------------------------------------------------------------------


async def test_being_added_to_a_group_is_answered_once(database: Database) -> None:
    """Promotions and private chats are no invitations; being kicked needs no answer."""
    async with scene(database) as s:
        await s.server.bot_status(s.chat, ANN, "left", "member")
        await s.server.next(sent("hello Painters"))
        await s.server.bot_status(s.chat, ANN, "member", "administrator")
        await s.server.bot_status(s.server.private(ANN), ANN, "kicked", "member")
        await s.server.bot_status(s.chat, ANN, "administrator", "kicked")
        await s.server.say(s.chat, ANN, "/help")
        await s.inbox.until_done(5)
        assert s.talk.greeted == ["-1001234567890123 Painters"]


async def test_a_group_that_becomes_a_supergroup_is_followed(database: Database) -> None:
    """The conversation learns the new id before anything said there."""
    async with scene(database) as s:
        old = s.server.group(-55, kind="group", title="Small")
        new = await s.server.migrate(old, -10055)
        await s.server.say(new, ANN, "/help")
        await s.server.next(sent("help"))
        assert s.talk.moved == [("-55", "-10055")]


# The connection ---------------------------------------------------------------------------------


async def test_polling_survives_what_the_network_does(database: Database) -> None:
    """Cut connections, server errors and floods: it goes on, and nothing is lost."""
    async with scene(database) as s:
        s.server.cut("getUpdates", times=2)
        s.server.refuse("getUpdates", 502, "Bad Gateway")
        s.server.refuse("getUpdates", 429, "Too Many Requests: retry after 1", retry_after=1)
        s.server.lose_answer("getUpdates")
        await s.server.say(s.chat, ANN, "/draw 1")
        await s.server.say(s.chat, ANN, "/draw 2")
        await heard(s, 2)
        assert [i.text for i in s.talk.heard] == ["1", "2"]


async def test_a_start_without_network_waits_for_it(database: Database) -> None:
    """Offline at start is no error."""
    async with TelegramServer() as server:
        server.cut("getMe", times=2)
        talk = Talk()
        async with running(adapter_for(server, talk, Inbox(database))):
            await server.say(server.group(), ANN, "/help")
            await server.next(sent("help"))


async def test_a_second_poller_is_told_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """409 means that two programs share a token: said once, tried again."""
    async with scene(database) as s:
        s.server.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates", times=3)
        await s.server.say(s.chat, ANN, "/draw 1")
        await heard(s)
        told = [r for r in caplog.records if "another program" in r.getMessage()]
        assert len(told) == 1


async def test_a_refused_token_ends_the_run_with_one_line(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator reads which variable is wrong, and nobody reads the token."""
    caplog.set_level("DEBUG")
    async with TelegramServer() as server:
        adapter = adapter_for(server, Talk(), Inbox(database), token="666:wrong-token")
        with pytest.raises(ConfigError, match="CHATELIER_TELEGRAM_TOKEN was refused") as told:
            await adapter.run()
        assert told.value.__cause__ is None
        assert "wrong-token" not in str(told.value)
        assert "wrong-token" not in caplog.text


async def test_a_token_that_is_withdrawn_ends_the_run(database: Database) -> None:
    """One refusal may be a hiccup of the server; many in a row are the truth."""
    async with TelegramServer() as server:
        adapter = adapter_for(server, Talk(), Inbox(database))
        task = asyncio.create_task(adapter.run())
        server.refuse("getUpdates", 401, "Unauthorized", times=2)
        await server.say(server.group(), ANN, "/help")
        await server.next(sent("help"))
        server.refuse("getUpdates", 401, "Unauthorized", times=99)
        await server.say(server.chats[-1001234567890123], ANN, "/help")
        with pytest.raises(ConfigError, match="refused"):
            await task


async def test_the_menus_are_filled_in_both_languages(database: Database) -> None:
    """Everybody, private chats and groups; English and Chinese."""
    async with scene(database) as s:
        await s.server.when(lambda: len(s.server.menus) == 9)
        scopes = {scope for scope, _ in s.server.menus}
        assert {"default", "all_private_chats", "all_group_chats"} == scopes
        assert s.server.menus["default", ""]["draw"] == "Draw a picture from words"
        assert s.server.menus["all_group_chats", "zh"]["draw"] == "用文字画一张图"


async def test_stopping_leaves_nothing_behind(database: Database) -> None:
    """No task and no connection outlives the run, and it ends at once while polling."""
    before = asyncio.all_tasks()
    async with TelegramServer() as server:
        serving = asyncio.all_tasks()
        adapter = adapter_for(server, Talk(), Inbox(database))
        task = asyncio.create_task(adapter.run())
        await server.say(server.group(), ANN, "/help")
        await server.next(sent("help"))
        await server.when(lambda: server.confirmed > 0)
        task.cancel()
        async with asyncio.timeout(3):
            await asyncio.gather(task, return_exceptions=True)
        left = [t for t in asyncio.all_tasks() - serving if "telegram" in repr(t.get_coro())]
        assert left == []
    assert before == asyncio.all_tasks()


async def test_stopping_lets_a_handler_finish(database: Database) -> None:
    """What is nearly done is done; what has not begun waits for the next start."""
    begun, free = asyncio.Event(), asyncio.Event()

    async def slow(incoming: Incoming) -> Answer:
        begun.set()
        await free.wait()
        return Answer(text="done")

    async with TelegramServer() as server:
        inbox = Inbox(database)
        adapter = adapter_for(server, Talk(slow), inbox, timing=replace(QUICK, farewell_s=5))
        task = asyncio.create_task(adapter.run())
        chat = server.group()
        await server.say(chat, ANN, "/draw first")
        await server.say(chat, ANN, "/draw second")
        await begun.wait()
        await server.when(lambda: server.confirmed == 1003)
        task.cancel()
        asyncio.get_running_loop().call_soon(free.set)
        await asyncio.gather(task, return_exceptions=True)
        assert [key for key, _ in await inbox.waiting(Platform.TELEGRAM)] == ["1002"]
        assert [c.p["text"] for c in server.heard if c.method == "sendMessage"] == ["done"]


async def test_everything_goes_through_the_proxy(database: Database) -> None:
    """Polling, sending and files: the host's name leads nowhere but through the proxy."""
    talk = Talk()
    async with TelegramServer() as server:
        adapter = TelegramAdapter(
            config=TelegramConfig(api_base="http://telegram.invalid/", proxy=server.base),
            token=TOKEN,
            conversation=cast(Conversation, talk),
            inbox=Inbox(database),
            timing=QUICK,
        )
        async with running(adapter):
            await server.photo(server.group(), ANN, png(16, 16), "/draw a fox")
            await server.next(sent("a fox"))
    assert talk.heard[0].source == png(16, 16)


async def test_the_token_stands_in_no_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at DEBUG, not from the HTTP client, not when things go wrong."""
    caplog.set_level("DEBUG")
    async with scene(database) as s:
        s.server.cut("getUpdates")
        s.server.refuse("sendMessage", 400, "Bad Request: whatever")
        await s.server.photo(s.chat, ANN, png(8, 8), "/draw a")
        await s.server.say(s.chat, ANN, "/draw b")
        await heard(s, 1)
        assert caplog.records
        assert "test-token" not in caplog.text
        assert "test-token" not in repr(s.adapter._api)


async def test_an_album_without_words_is_answered_once_in_private(database: Database) -> None:
    """With how to go on; words below a later picture of it are the request, and no hint comes."""

    async def album(s: Scene, chat: Chat, name: str, *captions: str) -> None:
        for caption in captions:
            photo = {"photo": s.server.files.photo(png(8, 8)), "media_group_id": name}
            await s.server.post(chat, ANN, photo | ({"caption": caption} if caption else {}))

    async with scene(database, Talk()) as s:
        private = s.server.private(ANN)
        await album(s, s.chat, "1", "", "")
        await album(s, private, "2", "", "make it night", "")
        await s.server.next(lambda c: c.method == "sendMessage" and "make it night" in c.p["text"])
        await album(s, private, "3", "", "", "")
        hint = await s.server.next(lambda c: "Which of these" in c.p.get("text", ""))
        s.talk.refusal = Answer(text="not for you")
        await album(s, private, "4", "", "")
        await s.server.next(lambda c: c.p.get("text") == "not for you")
    told = [c.p["text"] for c in s.server.heard if c.method == "sendMessage"]
    assert sum("Which of these" in text for text in told) == 1
    assert told.count("not for you") == 1
    assert int(hint.p["chat_id"]) == private.id
    assert [i.text for i in s.talk.heard] == ["make it night"]
