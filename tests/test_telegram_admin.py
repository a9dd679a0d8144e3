"""Commands about members and for admins on Telegram, over real sockets."""

import pytest
from telegram import BotCommandScopeAllChatAdministrators, ChatMember, User

from bot.adapters.telegram.menu import ALL, CODES, MENUS
from bot.adapters.telegram.rights import BELIEVED_S, Rights
from bot.database import Database
from bot.domain import Answer, Incoming, Platform, Requester
from bot.phrase import Phrase
from bot.replies import say
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import (
    ANN,
    LI,
    Scene,
    Talk,
    WatchedInbox,
    adapter_for,
    png,
    running,
    scene,
)
from tests.standins.telegram_world import Person

BOB = Person(333, "Bob 😀 Ross", username="bob_ross")


async def heard(stage: Scene, count: int = 1) -> Incoming:
    """The newest of `count` commands that reached the conversation."""
    await stage.inbox.until_done(count)
    return stage.talk.heard[-1]


async def test_a_mention_that_carries_the_account_becomes_the_account(database: Database) -> None:
    """Names with spaces and emoji too: entities count UTF-16 units."""
    async with scene(database) as stage:
        text = f"/admin ban {BOB.name} 2d rude to Bob"
        await stage.server.say(stage.chat, ANN, text, naming=BOB)
        asked = await heard(stage)
    assert asked.text == "ban telegram:333 2d rude to Bob"
    assert asked.target == Requester(
        platform=Platform.TELEGRAM, user_id="333", name=BOB.name, username="bob_ross", language="en"
    )


async def test_prompts_keep_the_names_in_them(database: Database) -> None:
    """Only commands about members name accounts."""
    async with scene(database) as stage:
        await stage.server.say(stage.chat, ANN, f"/draw {BOB.name} at his easel", naming=BOB)
        asked = await heard(stage)
    assert asked.text == f"{BOB.name} at his easel"
    assert asked.target is None


async def test_a_reply_names_the_author(database: Database) -> None:
    """`/admin quota 50/day` as a reply to Bob is about Bob; a mention counts more."""
    async with scene(database) as stage:
        theirs = await stage.server.say(stage.chat, BOB, "hello")
        await stage.server.say(stage.chat, ANN, "/admin quota 50/day", reply_to=theirs)
        replied = await heard(stage)
        text = f"/admin quota {LI.name} 50/day"
        await stage.server.say(stage.chat, ANN, text, reply_to=theirs, naming=LI)
        mentioned = await heard(stage, 2)
    assert replied.target is not None
    assert replied.target.account == "telegram:333"
    assert replied.text == "quota 50/day"
    assert mentioned.target is not None
    assert mentioned.target.account == "telegram:222"
    assert mentioned.text == "quota telegram:222 50/day"


@pytest.mark.parametrize(
    ("whose", "problem"),
    [("channel", "target-channel"), ("anonymous", "target-anonymous"), ("bot", "target-bot")],
)
async def test_what_is_no_member_is_no_target(database: Database, whose: str, problem: str) -> None:
    """A reply to a channel's post, to an anonymous admin, or to the bot names nobody."""
    async with scene(database) as stage:
        match whose:
            case "channel":
                answered = stage.server.forwarded_post(stage.chat, "news")
            case "anonymous":
                answered = await stage.server.say(stage.chat, None, "order!")
            case _:
                answered = stage.chat.add(stage.server.bot, {"text": "hello"})["message_id"]
        await stage.server.say(stage.chat, ANN, "/admin ban 2d", reply_to=answered)
        asked = await heard(stage)
    assert asked.target is None
    assert asked.target_problem == problem
    assert {say(Phrase(problem), language) for language in ("en", "zh")}


async def test_an_anonymous_admin_is_the_groups_admin(database: Database) -> None:
    """Their account is the group; Telegram is not even asked."""
    async with scene(database) as stage:
        await stage.server.say(stage.chat, None, "/admin status")
        asked = await heard(stage)
    assert asked.is_chat_admin
    assert asked.requester.account == f"telegram:{stage.chat.id}"
    assert all(call.method != "getChatMember" for call in stage.server.heard)


async def test_a_channel_that_speaks_is_no_admin(database: Database) -> None:
    """Not every chat that speaks in a group is the group."""
    async with scene(database) as stage:
        other = {"id": -1009, "type": "channel", "title": "News"}
        fields = {"text": "/admin status", "sender_chat": other}
        await stage.server.post(stage.chat, LI, fields)
        asked = await heard(stage)
    assert asked.requester.account == "telegram:-1009"
    assert not asked.is_chat_admin


@pytest.mark.parametrize(
    ("status", "is_admin"), [("creator", True), ("administrator", True), ("member", False)]
)
async def test_the_rank_is_asked_from_telegram(
    database: Database, status: str, is_admin: bool
) -> None:
    """For commands that need it, and for no others."""
    async with scene(database) as stage:
        stage.chat.statuses[ANN.id] = status
        await stage.server.say(stage.chat, ANN, "/draw a fox")
        await heard(stage)
        assert all(call.method != "getChatMember" for call in stage.server.heard)
        await stage.server.say(stage.chat, ANN, "/settings model demo")
        asked = await heard(stage, 2)
    assert asked.is_chat_admin is is_admin


async def test_in_private_nobody_is_an_admin(database: Database) -> None:
    """And Telegram is not asked."""
    async with scene(database) as stage:
        await stage.server.say(stage.server.private(ANN), ANN, "/admin status")
        asked = await heard(stage)
    assert not asked.is_chat_admin
    assert all(call.method != "getChatMember" for call in stage.server.heard)


async def test_ranks_are_asked_for_requests_where_a_tier_goes_by_them(database: Database) -> None:
    """Once a minute, whatever the answer was."""
    talk = Talk()
    async with TelegramServer() as server:
        chat = server.group()
        inbox = WatchedInbox(database, server)
        adapter = adapter_for(server, talk, inbox, ranks_matter=True)
        async with running(adapter):
            chat.statuses[ANN.id] = "creator"
            for who in (ANN, LI, ANN, LI):
                await server.say(chat, who, "/draw a fox")
            await inbox.until_done(4)
    assert [i.is_chat_admin for i in talk.heard if i.requester.user_id == "111"] == [True, True]
    assert [i.is_chat_admin for i in talk.heard if i.requester.user_id == "222"] == [False, False]
    assert sum(call.method == "getChatMember" for call in server.heard) == 2


async def test_a_rank_that_cannot_be_asked_is_said(database: Database) -> None:
    """Nothing is assumed; the answer says that Telegram did not tell."""
    async with scene(database) as stage:
        stage.server.refuse("getChatMember", 500, "Internal Server Error")
        await stage.server.say(stage.chat, ANN, "/admin pause")
        call = await stage.server.next(lambda c: c.method == "sendMessage")
    assert not stage.talk.heard[0].is_chat_admin
    assert "did not tell me" in call.p["text"]


async def test_a_command_from_before_the_move_acts_on_the_supergroup(database: Database) -> None:
    """The old id is no chat any more: what is asked is about the new one, and so is the answer."""
    async with scene(database) as stage:
        new = stage.server.group(-1002, title="Painters")
        new.statuses[ANN.id] = "creator"
        stage.chat.migrated_to = new.id
        await stage.server.say(stage.chat, ANN, "/admin quota chat 50/day")
        asked = await heard(stage)
        call = await stage.server.next(lambda c: c.method == "sendMessage" and c.ok)
    assert asked.is_chat_admin
    assert asked.reply_to.chat == "telegram:-1002"
    assert stage.talk.moved == [(str(stage.chat.id), "-1002")]
    assert call.p["chat_id"] == -1002
    assert "reply_parameters" not in call.p


async def test_a_picture_is_fetched_only_for_those_who_may_draw(database: Database) -> None:
    """A refusal costs no download; other commands need no picture at all."""
    talk = Talk(refusal=Answer(text="not you"))
    async with scene(database, talk) as stage:
        await stage.server.photo(stage.chat, ANN, png(8, 8), "/draw a fox")
        said = await stage.server.next(lambda c: c.method == "sendMessage")
        await stage.server.photo(stage.chat, ANN, png(8, 8), "/queue")
        await stage.inbox.until_done(2)
    assert said.p["text"] == "not you"
    assert [i.command for i in talk.heard] == ["queue"]
    assert all(call.method != "getFile" for call in stage.server.heard)


@pytest.mark.parametrize(
    ("hears_all", "status", "sentence"),
    [
        (False, "member", "telegram-hears-commands"),
        (True, "member", "telegram-hears-all"),
        (False, "administrator", "telegram-hears-all"),
    ],
)
async def test_help_says_what_the_bot_hears(
    database: Database, hears_all: bool, status: str, sentence: str
) -> None:
    """Privacy mode decides whether `画 …` works in a group; being an administrator lifts it."""
    talk = Talk()
    async with TelegramServer() as server:
        server.hears_all = hears_all
        chat = server.group()
        chat.statuses[server.bot["id"]] = status
        async with running(adapter_for(server, talk, WatchedInbox(database, server))):
            await server.say(chat, ANN, "/help")
            call = await server.next(lambda c: c.method == "sendMessage")
    assert call.p["text"].endswith(say(Phrase(sentence)))


async def test_an_answer_with_a_picture_is_a_photo_with_its_words(database: Database) -> None:
    """Words that do not fit under a photo follow it."""
    picture = png(64, 32)

    async def show(incoming: Incoming) -> Answer:
        text = "all is well" if incoming.text == "short" else "long " * 300
        return Answer(text=text, picture=picture)

    async with scene(database, Talk(show)) as stage:
        asked = await stage.server.say(stage.chat, ANN, "/admin short")
        photo = await stage.server.next(lambda c: c.method == "sendPhoto")
        await stage.server.say(stage.chat, ANN, "/admin long")
        bare = await stage.server.next(lambda c: c.method == "sendPhoto")
        words = await stage.server.next(lambda c: c.method == "sendMessage")
    assert photo.p["caption"] == "all is well"
    assert photo.p["reply_parameters"]["message_id"] == asked
    assert picture in photo.files.values()
    assert "caption" not in bare.p
    assert words.p["text"].startswith("long long")


# Menus ---------------------------------------------------------------------------------------


async def test_admins_see_their_commands_and_unchanged_menus_are_left(database: Database) -> None:
    """In both languages; a second start sets nothing, a changed description only its menu."""
    async with scene(database) as stage:
        menus = len(MENUS) * len(CODES)
        await stage.server.when(lambda: len(stage.server.menus) == menus)
        known = dict(stage.server.menus)
    for code, draw in (("", "Draw a picture"), ("zh", "画")):
        assert list(known["all_group_chats", code]) == [c.name for c in ALL]
        assert [*known["all_chat_administrators", code]][-1] == "admin"
        assert draw in known["all_private_chats", code]["draw"]
    assert MENUS[-1][0] == BotCommandScopeAllChatAdministrators()

    known["default", "zh"] = {**known["default", "zh"], "draw": "旧的说明"}
    async with TelegramServer() as server:
        server.menus = known
        async with running(adapter_for(server, Talk(), WatchedInbox(database, server))):
            changed = await server.next(lambda c: c.method == "setMyCommands")
            await server.when(
                lambda: sum(c.method == "getMyCommands" for c in server.heard) == menus
            )
    assert changed.p["scope"] == {"type": "default"}
    assert changed.p["language_code"] == "zh"
    assert sum(c.method == "setMyCommands" for c in server.heard) == 1


# What is believed of ranks -------------------------------------------------------------------


class Asked:
    """Stands for the one call that `Rights` makes."""

    def __init__(self) -> None:
        self.status = "member"
        self.count = 0

    async def get_chat_member(self, chat_id: int, user_id: int) -> object:
        self.count += 1
        return ChatMember(User(user_id, "x", False), self.status)


async def test_a_yes_is_believed_for_a_minute_and_a_no_is_asked_again() -> None:
    """Whoever was made an admin a moment ago is not refused; whoever was is no admin for long."""
    api, now = Asked(), 100.0
    rights = Rights(api, clock=lambda: now)  # type: ignore[arg-type] # one call of it is used
    assert not await rights.is_admin("-5", "1")
    api.status = "administrator"
    assert not await rights.is_admin("-5", "1", doubt_no=False)
    assert await rights.is_admin("-5", "1")
    api.status = "member"
    assert await rights.is_admin("-5", "1")
    assert api.count == 2
    now += BELIEVED_S
    assert not await rights.is_admin("-5", "1")
    assert not await rights.is_admin("-6", "1")
    assert api.count == 4
