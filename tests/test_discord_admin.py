"""`/admin` and `/settings` on Discord: typed options, over real sockets, in the one grammar."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.adapters.discord.groups import typed
from bot.admin.grammar import Heard, parse
from bot.admin.table import ACTS, PERSONAL, SETTINGS, Act, Kind
from bot.database import Database
from bot.domain import Answer, Incoming, Platform, Requester
from bot.replies import keys
from tests.standins.discord import DiscordServer
from tests.standins.discord_bench import Bench, ScriptedConversation, bench
from tests.standins.discord_world import Channel, Guild, User

GIVEN: dict[Kind, Any] = {
    Kind.AMOUNT: "50/day",
    Kind.CREDITS: 20.0,
    Kind.DURATION: "2d",
    Kind.WORD: "patron",
    Kind.TEXT: "2 days of spam",
    Kind.COUNT: 5,
    Kind.CHAT: "telegram:-100123",
    Kind.WORDS: "splatter",
}


@dataclass
class Town:
    """A server with its owner Ann, an admin Carl and a visitor Bob."""

    server: DiscordServer
    ann: User
    bob: User
    carl: User
    guild: Guild
    art: Channel


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with DiscordServer() as server:
        ann, bob, carl = server.user("ann"), server.user("bob", "zh-CN"), server.user("carl")
        guild = server.guild("Painters", ann)
        guild.admins.add(carl.id)
        yield Town(server, ann, bob, carl, guild, server.channel(guild, "art"))


@pytest.fixture
async def ready(town: Town, database: Database) -> AsyncIterator[Bench]:
    talk = ScriptedConversation(answer=Answer(text="done"))
    async with bench(town.server, database, talk) as made:
        yield made


def command(town: Town, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in town.server.world.commands if c["name"] == name)
    return found


def options(act: Act, member: User, *, all_of_them: bool) -> dict[str, Any]:
    """Values for an act's options: the needed ones, or all."""
    given: dict[str, Any] = {}
    for number, parameter in enumerate(act.parameters):
        if parameter.required or all_of_them:
            first = parameter.kind is Kind.MEMBER and number == 0
            other = "telegram:777777" if parameter.kind is Kind.MEMBER else None
            given[parameter.name] = (
                member if first else other or (*parameter.choices, "")[0] or GIVEN[parameter.kind]
            )
    if act.everywhere and all_of_them:
        given["everywhere"] = True
    return given


@pytest.mark.parametrize("all_of_them", [False, True])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_each_act_is_written_as_it_would_be_typed(
    town: Town, ready: Bench, act: Act, all_of_them: bool
) -> None:
    """The grammar reads it as that act, with everything that was chosen."""
    given = options(act, town.bob, all_of_them=all_of_them)
    used = await town.server.slash(town.carl, town.art, f"admin {act.name}", given)
    incoming = await ready.asked()
    heard = Heard(
        platform=Platform.DISCORD,
        target=incoming.target,
        target_problem=incoming.target_problem,
    )
    asked = parse(incoming.text, heard)
    assert asked.act is act
    members = [f"discord:{town.bob.id}"] if "member" in given else []
    assert asked.members == members + (["telegram:777777"] if "other" in given else [])
    assert asked.everywhere is bool(given.get("everywhere"))
    assert asked.reason == given.get("reason", "")
    assert asked.seconds == (2 * 86400 if "duration" in given else None)
    assert asked.word == given.get("tier", "")
    assert asked.count == given.get("count")
    assert asked.text == given.get("words", "")
    assert asked.chosen == {k: v for k, v in given.items() if k in ("category", "action")}
    assert asked.chat == given.get("chat", "")
    millicredits = 50_000 if "amount" in given else 20_000 if "credits" in given else 0
    told = asked.limits[0].millicredits if asked.limits else asked.credits
    assert told == millicredits
    await ready.settled()
    assert used.private


async def test_who_asks_and_who_is_meant(town: Town, ready: Bench) -> None:
    """Rank and roles come with the interaction; the member as Discord resolves them."""
    ban = {"member": town.bob, "reason": "spam"}
    await town.server.slash(town.carl, town.art, "admin ban", ban)
    asked = await ready.asked()
    assert asked.command == "admin"
    assert asked.text == f"ban discord:{town.bob.id} forever: spam"
    assert asked.is_chat_admin
    assert asked.roles == (town.guild.admin_role,)
    assert asked.target == Requester(
        platform=Platform.DISCORD, user_id=town.bob.id, name="Bob", username="bob"
    )
    assert asked.reply_to.chat == f"discord:{town.guild.id}"
    await town.server.slash(town.bob, town.art, "admin ban", ban)
    asked = await ready.asked(2)
    assert not asked.is_chat_admin
    assert asked.roles == ()


async def test_a_reason_that_begins_with_a_number_is_no_duration(town: Town, ready: Bench) -> None:
    """Discord knows which option was filled in; a text has to say so."""
    given = {"member": town.bob, "reason": "2 days of spam"}
    await town.server.slash(town.carl, town.art, "admin ban", given)
    asked = parse((await ready.asked()).text, Heard(platform=Platform.DISCORD))
    assert (asked.seconds, asked.reason) == (None, "2 days of spam")


@pytest.mark.parametrize("written", ["two days", "2x", "2d and a half", "-2d", "0d"])
async def test_a_duration_that_is_none_is_refused(town: Town, ready: Bench, written: str) -> None:
    """It would be the beginning of the reason, and the ban one for ever."""
    given = {"member": town.bob, "duration": written, "reason": "spam"}
    used = await town.server.slash(town.carl, town.art, "admin ban", given)
    await town.server.until(lambda: used.response)
    await ready.settled()
    assert used.private
    assert used.response is not None
    assert f"“{written}” is no time" in used.response.content
    assert ready.conversation.handled == []


async def test_a_bot_is_no_member(town: Town, ready: Bench) -> None:
    """The grammar is told why nobody is named."""
    await town.server.slash(town.carl, town.art, "admin ban", {"member": town.server.me})
    asked = await ready.asked()
    assert (asked.text, asked.target, asked.target_problem) == ("ban", None, "target-bot")


async def test_in_private_there_are_no_roles(town: Town, ready: Bench) -> None:
    """An operator may use the same commands there."""
    private = town.server.private(town.ann)
    await town.server.slash(town.ann, private, "admin pause")
    asked = await ready.asked()
    assert (asked.text, asked.reply_to.private, asked.roles) == ("pause", True, ())


async def test_in_a_message_the_member_is_mentioned_or_replied_to(town: Town, ready: Bench) -> None:
    """`@bot /admin …`: the mention is left in the text for the grammar; a bot is no member."""
    theirs = await town.server.say(town.bob, town.art, "hello")
    text = f"@bot /admin ban <@{town.bob.id}> 2d"
    await town.server.say(town.carl, town.art, text, reply_to=None)
    mentioned = await ready.asked()
    await town.server.say(town.carl, town.art, "@bot /admin ban 2d", reply_to=theirs.id)
    replied = await ready.asked(2)
    for asked in (mentioned, replied):
        assert asked.target is not None
        assert asked.target.account == f"discord:{town.bob.id}"
        parsed = parse(asked.text, Heard(platform=Platform.DISCORD, target=asked.target))
        assert parsed.members == [asked.target.account]
        assert asked.is_chat_admin
        assert asked.roles == (town.guild.admin_role,)
    await ready.settled()
    ours = town.server.messages(town.art)[-1]
    await town.server.say(town.carl, town.art, "@bot /admin ban 2d", reply_to=ours.id)
    assert (await ready.asked(3)).target_problem == "target-bot"
    await town.server.say(town.carl, town.art, "@bot a fox", reply_to=theirs.id)
    assert (await ready.asked(4)).target is None


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("settings show", {}, ""),
        ("settings my show", {}, "my"),
        ("settings model", {"value": "demo"}, "model demo"),
        ("settings size", {}, "size"),
        ("settings negative", {"value": "blurry, text"}, "negative blurry, text"),
        ("settings language", {"value": "zh"}, "language zh"),
        ("settings my steps", {"value": "30"}, "my steps 30"),
    ],
)
async def test_settings_are_written_as_they_would_be_typed(
    town: Town, ready: Bench, name: str, given: dict[str, Any], text: str
) -> None:
    """For the server, and for oneself; without a value they show what it is."""
    used = await town.server.slash(town.bob, town.art, name, given)
    asked: Incoming = await ready.asked()
    assert (asked.command, asked.text) == ("settings", text)
    await ready.settled()
    assert used.private


async def test_every_setting_is_there(town: Town, ready: Bench) -> None:
    """Those that members have of their own under `my`; models are completed."""
    registered = {o["name"]: o for o in command(town, "settings")["options"]}
    assert registered.keys() == {"my", "show", *(s.name for s in SETTINGS)}
    assert {o["name"] for o in registered["my"]["options"]} == {"show", *PERSONAL}
    ready.conversation.completions = ("demo", "other")
    begun = await town.server.type_into(
        town.bob, town.art, "settings my model", {"value": "de"}, "value"
    )
    await town.server.until(lambda: begun.choices)
    assert begun.choices == [{"name": "demo", "value": "demo"}]


async def test_admin_is_shown_to_managers_and_settings_to_all(town: Town, ready: Bench) -> None:
    """Discord hides it from others by default; we check again."""
    assert command(town, "admin")["default_member_permissions"] == str(1 << 5)
    assert command(town, "settings")["default_member_permissions"] is None
    for name in ("quota", "queue", "privacy", "forget"):
        assert command(town, name)["default_member_permissions"] is None
    chinese = command(town, "admin")["name_localizations"]["zh-CN"]
    assert chinese == "管理"


async def test_unchanged_groups_are_not_registered_again(town: Town, database: Database) -> None:
    """Discord tells permissions as text and nested translations as they were."""

    async def puts_after_a_start() -> int:
        async with bench(town.server, database) as started:
            await started.done("commands")
        return sum(c.method == "PUT" for c in town.server.calls)

    assert await puts_after_a_start() == 1
    assert await puts_after_a_start() == 1
    ban = next(o for o in command(town, "admin")["options"] if o["name"] == "ban")
    ban["description_localizations"]["zh-CN"] = "旧的说明"
    assert await puts_after_a_start() == 2


async def test_an_answer_with_a_picture_shows_it_to_the_asker_only(
    town: Town, ready: Bench
) -> None:
    """`/admin status` by command and, for an operator, by message in private."""
    png = b"\x89PNG status"
    ready.conversation.answer = Answer(text="all is well", picture=png)
    used = await town.server.slash(town.carl, town.art, "admin status")
    await town.server.until(lambda: used.response and used.response.files)
    assert used.private
    assert used.response is not None
    assert used.response.content == "all is well"
    shown = used.response.json["attachments"][0]["id"]
    assert town.server.world.blobs[shown][0] == png
    private = town.server.private(town.ann)
    await town.server.say(town.ann, private, "/admin status")
    await town.server.until(lambda: town.server.messages(private))
    assert town.server.messages(private)[0].files == ["status.png"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_act_and_setting_has_its_words(language: str) -> None:
    """A new act in the table must be named and described here in both languages."""
    wanted = {f"discord-{kind}admin-{a.name}" for a in ACTS for kind in ("", "about-")}
    wanted |= {f"discord-{kind}setting-{s.name}" for s in SETTINGS for kind in ("", "about-")}
    names = {p.name for act in (*ACTS, *SETTINGS) for p in act.parameters} | {"everywhere"}
    wanted |= {f"discord-admin-option-{n}" for n in names}
    wanted |= {f"discord-about-option-{n}" for n in names}
    assert wanted <= keys(language)


def test_credits_are_written_without_an_exponent() -> None:
    """The largest and the smallest that the option takes."""
    grant = next(act for act in ACTS if act.name == "grant")
    for given, written in ((1_000_000.0, "1000000"), (0.001, "0.001"), (2.5, "2.5")):
        assert typed(grant, {"member": None, "credits": given}) == f"grant {written}"
