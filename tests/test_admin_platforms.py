"""`/admin` over real sockets on both platforms and the page: who may, and what bad input does.

The whole application with its real store; only the render process is left out, as nothing is drawn.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.studio import StudioAdapter
from bot.adapters.telegram.timing import Timing
from bot.admin.table import ACTS, SETTINGS, Act, Kind
from bot.app import App, open_app
from bot.config import Secrets
from bot.database import Database
from bot.domain import Platform
from bot.phrase import Phrase
from bot.replies import say
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN, app_config
from tests.standins.discord import DiscordServer
from tests.standins.discord_rest import Issued
from tests.standins.discord_world import Channel, User
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI
from tests.standins.telegram_world import Chat, Person
from tests.studio_scene import Events

BOB = Person(333, "Bob", username="bob_ross")
SETTLED = (
    "limits",
    "grants",
    "bans",
    "member_tiers",
    "links",
    "preferences",
    "chats",
    "operators",
    "audit",
    "ledger",
    "filter_words",
    "filter_actions",
)
"""Tables that commands change."""
REFUSED = "Only the admins of this chat can do that."


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group here hears more in a minute than Telegram would take."""
    monkeypatch.setattr("bot.adapters.telegram.adapter.Timing", partial(Timing, window_s=0.05))


@asynccontextmanager
async def serving(folder: Path, **config: Any) -> AsyncIterator[App]:
    """Listening on every configured platform."""
    secrets = Secrets(
        telegram_token=TELEGRAM_TOKEN if "telegram_base" in config else "",
        discord_token=DISCORD_TOKEN if "discord_base" in config else "",
    )
    async with open_app(app_config(**config), secrets, folder) as app:
        tasks = [asyncio.create_task(adapter.run()) for adapter in app.adapters.values()]
        try:
            yield app
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def settled(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that was ever settled by command, as it stands in the file."""
    found = {}
    async with Database(folder / "data" / "chatelier.sqlite") as database:
        for table in SETTLED:
            rows = await database.rows(f"SELECT * FROM {table}")
            found[table] = [tuple(row) for row in rows]
    return found


def typed(act: Act, member: str) -> str:
    """An act as somebody types it, with all that it needs."""
    example = act.example.replace("@ann", member)
    return f"/admin {act.words} {example}".strip()


# Telegram ------------------------------------------------------------------------------------


@dataclass
class OnTelegram:
    """A group on Telegram with the bot in it."""

    server: TelegramServer
    app: App
    group: Chat

    async def answer(self, who: Person | None, text: str, **extra: Any) -> str:
        """What the bot says to a message in the group."""
        asked = await self.server.say(extra.pop("chat", self.group), who, text, **extra)
        call = await self.server.next(
            lambda c: (
                c.method in ("sendMessage", "sendPhoto")
                and c.p.get("reply_parameters", {}).get("message_id") == asked
            )
        )
        return str(call.p.get("text") or call.p.get("caption"))


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[OnTelegram]:
    async with TelegramServer() as server:
        group = server.group()
        access = {"open": False, "chats": [f"telegram:{group.id}"], "operators": ["telegram:9"]}
        async with serving(tmp_path, telegram_base=server.base, access=access) as app:
            yield OnTelegram(server, app, group)


OPERATOR = Person(9, "Olga")


async def test_a_member_changes_nothing_on_telegram(telegram: OnTelegram, tmp_path: Path) -> None:
    """Every act, by reply or by id, is refused to a member; so are the chat's settings."""
    await telegram.answer(LI, "/quota")  # so that Li is known by the bot
    before = await settled(tmp_path)
    theirs = await telegram.server.say(telegram.group, LI, "hello")
    for act in ACTS:
        assert await telegram.answer(ANN, typed(act, "telegram:222")) == REFUSED, act.name
        bare = act.example.replace("@ann", "").strip()
        reply = f"/admin {act.words} {bare}"
        assert await telegram.answer(ANN, reply, reply_to=theirs) == REFUSED, act.name
    for setting in SETTINGS:
        said = await telegram.answer(ANN, f"/settings {setting.words} 5")
        assert "admins" in said, setting.name
    assert await settled(tmp_path) == before


async def test_a_member_in_private_is_no_admin(telegram: OnTelegram, tmp_path: Path) -> None:
    """There is no chat of which they could be one."""
    await telegram.answer(ANN, "/quota")
    before = await settled(tmp_path)
    private = telegram.server.private(ANN)
    for act in ACTS:
        said = await telegram.answer(ANN, typed(act, "telegram:222"), chat=private)
        assert said == say(Phrase("operators-only")), act.name
    assert await settled(tmp_path) == before


async def test_an_admin_acts_in_their_chat(telegram: OnTelegram, tmp_path: Path) -> None:
    """What is for operators is refused to them too; the rest is done and written down."""
    telegram.group.statuses[ANN.id] = "administrator"
    for act in ACTS:
        said = await telegram.answer(ANN, typed(act, "telegram:222"))
        if act.operator_only:
            assert "is for the operator" in said, act.name
        else:
            assert "only the admins" not in said.lower(), said
    audit = (await settled(tmp_path))["audit"]
    assert {row[2] for row in audit} == {"telegram:111"}
    # quota, quota chat, grant, ban, unban, pause, resume; filter add, rm
    assert len(audit) == 9


async def test_a_name_is_found_once_its_owner_has_spoken(telegram: OnTelegram) -> None:
    """`@bob_ross` is unknown first, and Bob afterwards, in any letters."""
    telegram.group.statuses[ANN.id] = "creator"
    unknown = await telegram.answer(ANN, "/admin ban @bob_ross")
    assert unknown.startswith("I do not know anybody here by that name.")
    await telegram.answer(BOB, "/quota")
    assert "telegram:333" in await telegram.answer(ANN, "/admin ban @Bob_Ross 2d rude")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("quota telegram:222 -5/day", "less than nothing"),
        ("quota telegram:222 0/day", "none at all"),
        ("quota telegram:222 1e300/day", "more than I count"),
        ("quota telegram:222 nan/day", "is no amount"),
        ("grant telegram:222 -20", "is no gift"),
        ("ban telegram:222 99999y", "is no time"),
        ("ban telegram:222 0d", "is no time"),
        ("ban @nobody 2d", "by that name"),
        ("ban 2d", "Who is meant?"),
        ("ban telegram:-1001234567890123", "is a chat"),
        ("ban telegram:111", "cannot do that to yourself"),
        ("ban telegram:123456", "That is me."),
        ("qouta telegram:222 5/day", "Did you mean quota"),
        ("quota telegram:222 50/day everywhere please", "I do not understand"),
        ("quota telegram:222 50/day --everywhere", "can hold only here"),
    ],
)
async def test_bad_input_on_telegram(
    telegram: OnTelegram, tmp_path: Path, words: str, said: str
) -> None:
    """A clear sentence, and nothing changed."""
    telegram.group.statuses[ANN.id] = "creator"
    before = await settled(tmp_path)
    assert said in await telegram.answer(ANN, f"/admin {words}")
    after = await settled(tmp_path)
    assert after == before


@pytest.mark.parametrize(
    ("whose", "key"),
    [("channel", "target-channel"), ("anonymous", "target-anonymous"), ("bot", "target-bot")],
)
async def test_a_reply_to_what_is_no_member(
    telegram: OnTelegram, tmp_path: Path, whose: str, key: str
) -> None:
    """A channel's post, an anonymous admin's message, and the bot's own."""
    telegram.group.statuses[ANN.id] = "creator"
    before = await settled(tmp_path)
    match whose:
        case "channel":
            answered = telegram.server.forwarded_post(telegram.group, "news")
        case "anonymous":
            answered = await telegram.server.say(telegram.group, None, "order!")
        case _:
            answered = telegram.group.add(telegram.server.bot, {"text": "hi"})["message_id"]
    said = await telegram.answer(ANN, "/admin ban 2d", reply_to=answered)
    assert say(Phrase(key)) in said
    assert await settled(tmp_path) == before
    # With the account written out, the reply does not matter.
    assert "telegram:222" in await telegram.answer(
        ANN, "/admin ban telegram:222 2d", reply_to=answered
    )


async def test_an_anonymous_admin_acts_as_the_chat(telegram: OnTelegram, tmp_path: Path) -> None:
    """Allowed without a question to Telegram, and so named in the log."""
    assert "telegram:222" in await telegram.answer(None, "/admin ban telegram:222 2d")
    audit = (await settled(tmp_path))["audit"]
    assert audit[-1][2] == f"telegram:{telegram.group.id}"
    assert "without being anonymous" in await telegram.answer(None, "/admin log")
    private = telegram.server.private(OPERATOR)
    told = await telegram.answer(OPERATOR, "/admin log", chat=private)
    assert "an anonymous admin of" in told


async def test_a_group_that_became_a_supergroup(telegram: OnTelegram, tmp_path: Path) -> None:
    """What was settled in the group holds in the supergroup, under one account of the chat."""
    telegram.group.statuses[ANN.id] = "creator"
    await telegram.answer(ANN, "/admin quota telegram:222 50/day")
    await telegram.answer(ANN, "/admin quota chat 200/day")
    new = await telegram.server.migrate(telegram.group, -1002)
    new.statuses[ANN.id] = "creator"
    said = await telegram.answer(ANN, "/admin quota telegram:222 60/day", chat=new)
    assert "50 a day" in said or "50" in said.split("→")[0]
    limits = (await settled(tmp_path))["limits"]
    assert {row[1] for row in limits} == {"telegram:-1002"}
    assert len(limits) == 2


async def test_an_operator_sees_the_status_as_a_picture(telegram: OnTelegram) -> None:
    """A photo with the words under it, in private."""
    private = telegram.server.private(OPERATOR)
    await telegram.server.say(private, OPERATOR, "/admin status")
    call = await telegram.server.next(lambda c: c.method == "sendPhoto")
    assert "credits" in call.p["caption"].lower()


async def test_own_data_on_telegram(telegram: OnTelegram, tmp_path: Path) -> None:
    """`/privacy` and `/forget` answer in the group, and in private whoever asks."""
    assert "/forget" in await telegram.answer(ANN, "/privacy")
    assert "/forget yes" in await telegram.answer(ANN, "/forget")
    stranger = Person(444, "Sam")
    private = telegram.server.private(stranger)
    assert "You have no requests here" in await telegram.answer(
        stranger, "/forget yes", chat=private
    )


# Discord -------------------------------------------------------------------------------------


@dataclass
class OnDiscord:
    """A server on Discord with the bot in it; its owner Ann, a visitor Bob, an operator."""

    server: DiscordServer
    app: App
    art: Channel
    ann: User
    bob: User
    operator: User

    async def answer(self, who: User, name: str, given: dict[str, Any]) -> str:
        """What the bot says to a slash command, to the one who used it only."""
        used: Issued = await self.server.slash(who, self.art, name, given)
        await self.server.until(lambda: used.response is not None and not used.thinking)
        assert used.private
        assert used.response is not None
        return used.response.content.replace("\\", "")


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[OnDiscord]:
    async with DiscordServer() as server:
        ann, bob, olga = server.user("ann"), server.user("bob"), server.user("olga")
        guild = server.guild("Painters", ann)
        art = server.channel(guild, "art")
        access = {
            "open": False,
            "chats": [f"discord:{guild.id}"],
            "operators": [f"discord:{olga.id}"],
        }
        async with serving(tmp_path, discord_base=server.api_base, access=access) as app:
            await server.connected()
            yield OnDiscord(server, app, art, ann, bob, olga)


def chosen(act: Act, member: User, **changed: Any) -> dict[str, Any]:
    """The options that an act needs."""
    values = {
        Kind.AMOUNT: "50/day",
        Kind.CREDITS: 20.0,
        Kind.WORD: "patron",
        Kind.CHAT: "telegram:-100123",
        Kind.WORDS: "splatter",
    }
    given: dict[str, Any] = {}
    for number, parameter in enumerate(act.parameters):
        if parameter.required:
            is_member = parameter.kind is Kind.MEMBER
            value = (member if not number else "telegram:777777") if is_member else None
            choice = (*parameter.choices, "")[0]
            given[parameter.name] = value or choice or values[parameter.kind]
    return given | changed


async def test_a_member_changes_nothing_on_discord(discord: OnDiscord, tmp_path: Path) -> None:
    """Also where a server's owner has made the commands visible to everybody."""
    await discord.answer(discord.bob, "quota", {})
    before = await settled(tmp_path)
    for act in ACTS:
        given = chosen(act, discord.ann)
        assert await discord.answer(discord.bob, f"admin {act.name}", given) == REFUSED, act.name
    for setting in SETTINGS:
        value = setting.parameters[0].choices[-1:] or ("5",)
        said = await discord.answer(discord.bob, f"settings {setting.name}", {"value": value[0]})
        assert "admins" in said, setting.name
    assert await settled(tmp_path) == before


async def test_an_admin_acts_in_their_server(discord: OnDiscord, tmp_path: Path) -> None:
    """Who may manage the server; what is for operators is refused."""
    for act in ACTS:
        said = await discord.answer(discord.ann, f"admin {act.name}", chosen(act, discord.bob))
        assert ("is for the operator" in said) is act.operator_only, said
    audit = (await settled(tmp_path))["audit"]
    assert {row[2] for row in audit} == {f"discord:{discord.ann.id}"}
    assert len(audit) == 8


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("quota", {"amount": "-5/day"}, "less than nothing"),
        ("quota", {"amount": "0/day"}, "none at all"),
        ("quota", {"amount": "1e300/day"}, "more than I count"),
        ("quota", {"amount": "much"}, "is no amount"),
        ("quota", {"everywhere": True}, "can hold only here"),
        ("ban", {"duration": "99999y"}, "is no time"),
        ("ban", {"duration": "soon", "reason": "spam"}, "is no time"),
    ],
)
async def test_bad_input_on_discord(
    discord: OnDiscord, tmp_path: Path, name: str, changed: dict[str, Any], said: str
) -> None:
    """A clear sentence, and nothing changed."""
    act = next(a for a in ACTS if a.name == name)
    before = await settled(tmp_path)
    given = chosen(act, discord.bob, **changed)
    assert said in await discord.answer(discord.ann, f"admin {name}", given)
    assert await settled(tmp_path) == before


async def test_nobody_bans_the_bot_themselves_or_a_bot(discord: OnDiscord, tmp_path: Path) -> None:
    """Each has a sentence of its own."""
    before = await settled(tmp_path)
    me = await discord.answer(discord.ann, "admin ban", {"member": discord.server.me})
    assert say(Phrase("target-bot")) in me
    own = await discord.answer(discord.ann, "admin ban", {"member": discord.ann})
    assert "cannot do that to yourself" in own
    assert await settled(tmp_path) == before


async def test_an_operator_acts_by_message_in_private(discord: OnDiscord, tmp_path: Path) -> None:
    """A mention names the member; a name that nobody has used is unknown."""
    private = discord.server.private(discord.operator)

    async def said(text: str) -> str:
        count = len(discord.server.messages(private))
        await discord.server.say(discord.operator, private, text)
        await discord.server.until(lambda: len(discord.server.messages(private)) > count)
        return discord.server.messages(private)[-1].content.replace("\\", "")

    assert "by that name" in await said("/admin ban @bob 2d")
    assert f"discord:{discord.bob.id}" in await said(f"/admin ban <@{discord.bob.id}> 2d")
    await discord.answer(discord.bob, "quota", {})
    assert f"discord:{discord.bob.id}" in await said("/admin unban @bob")
    bans = (await settled(tmp_path))["bans"]
    assert bans == []


async def test_own_data_on_discord(discord: OnDiscord) -> None:
    """For the one who asks only."""
    assert "/forget" in await discord.answer(discord.bob, "privacy", {})
    assert "/forget yes" in await discord.answer(discord.bob, "forget", {})
    assert "You have no requests here" in await discord.answer(
        discord.bob, "forget", {"text": "yes"}
    )


# The page ------------------------------------------------------------------------------------


async def test_on_the_page_every_act_is_the_operators(tmp_path: Path) -> None:
    """Whoever may open it runs this bot; the status is shown as a picture."""
    async with serving(tmp_path) as app:
        studio = app.adapters[Platform.STUDIO]
        assert isinstance(studio, StudioAdapter)
        await studio.listening.wait()
        async with aiohttp.ClientSession() as http:
            notes = await _notes(http, studio.address, [typed(a, "telegram:222") for a in ACTS])
    for act, note in zip(ACTS, notes, strict=True):
        assert "for the operator" not in note["text"], act.name
        assert note["image"].startswith("data:image/png;base64,") is (act.name == "status")
    acts = [row[3] for row in (await settled(tmp_path))["audit"]]
    assert len(acts) == 15, acts


async def _notes(http: aiohttp.ClientSession, address: str, texts: list[str]) -> list[Any]:
    """What the page shows as the answer to each text."""
    found = []
    async with http.get(f"{address}/api/events") as stream:
        events = Events(stream)
        for text in texts:
            form = aiohttp.FormData()
            form.add_field("text", text, content_type="text/plain")
            async with http.post(f"{address}/api/messages", data=form()) as response:
                asked = (await response.json())["id"]
            note: Any = {}
            while note.get("reply_to") != asked or note.get("kind") != "note":
                _, note = await events.next()
            found.append(note)
    return found
