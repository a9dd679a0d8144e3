"""What is heard on Discord, over real sockets: commands, menus, mentions, private messages."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot import insist
from bot.adapters.discord.presence import keep_present
from bot.command import WORDS
from bot.database import Database
from bot.domain import Answer, DrawRequest, Platform, Press
from bot.errors import ConfigError, StoreError
from bot.phrase import phrase
from bot.pictures import MAX_BYTES
from bot.replies import say
from tests.standins.discord import TOKEN, DiscordServer
from tests.standins.discord_bench import Bench, ScriptedConversation, bench, kept
from tests.standins.discord_world import Channel, Guild, User

PNG = b"\x89PNG\r\n\x1a\nnot really"


@dataclass
class Town:
    """A server with a channel, its owner Ann and a visitor Bob who speaks Chinese."""

    server: DiscordServer
    ann: User
    bob: User
    guild: Guild
    art: Channel


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with DiscordServer() as server:
        ann, bob = server.user("ann"), server.user("bob", "zh-CN")
        guild = server.guild("Painters", ann)
        yield Town(server, ann, bob, guild, server.channel(guild, "art"))


@pytest.fixture
async def ready(town: Town, database: Database) -> AsyncIterator[Bench]:
    async with bench(town.server, database) as made:
        yield made


# Slash commands ------------------------------------------------------------------------------


async def test_draw_with_all_options(town: Town, ready: Bench) -> None:
    """Typed options arrive as a request; the prompt stays text, so that flags in it count too."""
    await town.server.slash(
        town.bob,
        town.art,
        "draw",
        {
            "prompt": "a red fox --raw",
            "negative": "snow",
            "seed": 5,
            "steps": 20,
            "cfg": 7.5,
            "sampler": "k_euler_ancestral",
            "size": "768x512",
            "count": 2,
            "strength": 0.4,
            "hires": 1.5,
            "model": "demo",
            "spoiler": True,
            "file": True,
        },
    )
    incoming = await ready.asked()
    assert incoming.text == "a red fox --raw"
    assert incoming.options == DrawRequest(
        negative_prompt="snow",
        seed=5,
        steps=20,
        cfg_scale=7.5,
        sampler="Euler a",
        width=768,
        height=512,
        count=2,
        denoising_strength=0.4,
        hires_scale=1.5,
        checkpoint="demo",
        spoiler=True,
        as_file=True,
    )


async def test_the_requester_and_the_place(town: Town, ready: Bench) -> None:
    """Who asks, in which language, where, and the message that the answer belongs to."""
    used = await town.server.slash(town.bob, town.art, "draw", {"prompt": "a fox"})
    incoming = await ready.asked()
    assert incoming.key == used.id
    assert incoming.requester.account == f"discord:{town.bob.id}"
    assert incoming.requester.name == "Bob"
    assert incoming.requester.language == "zh-CN"
    assert incoming.reply_to.chat_id == town.art.id
    assert used.response is not None
    assert incoming.reply_to.message_id == used.response.id
    assert not incoming.reply_to.private
    assert incoming.chat_title == "Painters #art"
    assert not incoming.is_chat_admin


async def test_an_option_that_cannot_be_read_is_told(town: Town, ready: Bench) -> None:
    """A size that is none goes on as a flag, for the conversation to find fault with."""
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "size": "huge"})
    assert (await ready.asked()).text == "a fox\n--size huge"


async def test_acknowledged_before_anything_else(town: Town, ready: Bench) -> None:
    """Kept, checked, acknowledged within three seconds, and only then is the picture fetched."""
    order: list[str] = []
    put, precheck = ready.inbox.put, ready.conversation.precheck

    async def put_first(*given: object) -> bool:
        order.append("kept")
        return await put(*given)  # type: ignore[arg-type] # passed on as they came

    async def then_check(incoming: object) -> Answer | None:
        order.append("checked")
        return await precheck(incoming)  # type: ignore[no-any-return] # of a scripted class

    ready.inbox.put = put_first  # type: ignore[method-assign,assignment] # listens only
    ready.conversation.precheck = then_check
    calls = len(town.server.calls)
    picture = town.server.attachment("in.png", PNG)
    used = await town.server.slash(
        town.ann, town.art, "draw", {"prompt": "a fox", "image": picture}
    )
    assert (await ready.asked()).source == PNG
    assert order == ["kept", "checked"]
    assert town.server.calls[calls].path.endswith("/callback")
    assert used.acknowledged_after is not None
    assert used.acknowledged_after < 3


async def test_autocompletion(town: Town, ready: Bench) -> None:
    """Values come from memory; nothing is kept."""
    ready.conversation.completions = ("Euler", "Euler a", "DDIM")
    typed = await town.server.type_into(
        town.ann, town.art, "draw", {"prompt": "a", "sampler": "eul"}, "sampler"
    )
    await town.server.until(lambda: typed.choices)
    assert typed.choices == [
        {"name": "Euler", "value": "Euler"},
        {"name": "Euler a", "value": "Euler a"},
    ]
    assert ready.conversation.handled == []


async def test_own_presets_complete(town: Town, ready: Bench) -> None:
    """Wherever the name of a preset is asked for."""
    ready.conversation.completions = ("ink", "pencil")
    for name, option in (("draw", "preset"), *((f"preset {v}", "name") for v in ("use", "rm"))):
        typed = await town.server.type_into(town.ann, town.art, name, {option: "in"}, option)
        await town.server.until(lambda typed=typed: typed.choices)
        assert typed.choices == [{"name": "ink", "value": "ink"}]
    await town.server.slash(town.ann, town.art, "draw", {"preset": "ink"})
    incoming = await ready.asked()
    assert (incoming.text, incoming.options) == ("", DrawRequest(preset="ink"))


async def test_draw_with_a_picture_alone(town: Town, ready: Bench) -> None:
    """Its parameters may be all that is needed; options beside it count."""
    picture = town.server.attachment("in.png", PNG)
    await town.server.slash(town.ann, town.art, "draw", {"image": picture, "steps": 9})
    incoming = await ready.asked()
    assert (incoming.text, incoming.source) == ("", PNG)
    assert incoming.options == DrawRequest(steps=9)


async def test_draw_with_nothing_at_all(town: Town, ready: Bench) -> None:
    """What is missing is told in private, without a sign in the chat."""
    used = await town.server.slash(town.ann, town.art, "draw", {"steps": 9})
    await town.server.until(lambda: used.response and used.response.content)
    assert used.response is not None
    assert used.response.content.startswith("What shall I draw? Fill in prompt,")
    assert ready.conversation.handled == []
    assert used.response.only_for == town.ann.id
    assert not used.deleted


async def test_the_presence_line(town: Town, ready: Bench) -> None:
    """The model and the line: at once, when it changed, and over each new connection."""
    lines = iter(["a", "a", "b", "b", "b", "c"])
    said: list[str] = []

    def line() -> str:
        said.append(next(lines, "c"))
        town.server.rest.changed()
        return said[-1]

    presences = town.server.gateway.presences
    await town.server.until(lambda: presences)
    (activity,) = presences[0]["activities"]
    assert (activity["type"], activity["state"]) == (4, "demo · nobody in line")
    gateway = ready.adapter._gateway
    assert gateway is not None
    task = asyncio.create_task(keep_present(gateway, line, pause_s=0))
    await town.server.until(lambda: len(said) > 8)
    await town.server.gateway.drop()
    await town.server.until(lambda: len(presences) == 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [p["activities"][0]["state"] for p in presences[1:]] == ["a", "b", "c", "c"]


async def test_a_refusal_is_private(town: Town, ready: Bench) -> None:
    """What is refused before the acknowledgement is seen only by the one who asked."""
    ready.conversation.refusal = Answer(text="Not *today*.")
    used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await town.server.until(lambda: used.response)
    assert used.response is not None
    assert used.response.content == r"Not \*today\*."
    assert used.response.only_for == town.ann.id
    await ready.settled()
    assert ready.conversation.handled == []


async def test_a_late_refusal_is_private_too(town: Town, ready: Bench) -> None:
    """The public "thinking…" is taken back, and the reason told in private."""
    ready.conversation.answer = Answer(text="No such model.")
    used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await town.server.until(lambda: used.follow_ups)
    assert used.deleted
    assert [m.content for m in used.follow_ups] == ["No such model."]
    assert used.follow_ups[0].only_for == town.ann.id
    assert town.server.messages(town.art) == []


async def test_other_commands_are_answered_privately(town: Town, ready: Bench) -> None:
    """`/queue` and the rest, with their text."""
    ready.conversation.answer = Answer(text="Nobody waits.")
    for name, options in {
        "queue": {},
        "quota": {},
        "models": {},
        "help": {},
        "cancel": {"text": "abc"},
        "claim": {"text": "CODE"},
        "privacy": {},
        "forget": {"text": "yes"},
    }.items():
        count = len(ready.conversation.handled) + 1
        used = await town.server.slash(town.ann, town.art, name, options)
        incoming = await ready.asked(count)
        assert (incoming.command, incoming.text) == (name, options.get("text", ""))
        await town.server.until(lambda used=used: not used.thinking)
        assert used.response is not None
        assert used.response.content == "Nobody waits."
        assert used.response.only_for == town.ann.id


async def test_a_long_answer_takes_several_messages(town: Town, ready: Bench) -> None:
    """Two thousand characters are what one message holds."""
    ready.conversation.answer = Answer(text="\n".join(f"line {n} " + "x" * 90 for n in range(50)))
    used = await town.server.slash(town.ann, town.art, "models", {})
    await town.server.until(lambda: len(used.follow_ups) == 2)
    assert used.response is not None
    said = "\n".join([used.response.content, *(m.content for m in used.follow_ups)])
    assert said == ready.conversation.answer.text


async def test_a_long_refusal(town: Town, ready: Bench) -> None:
    """All of it is private."""
    ready.conversation.refusal = Answer(text="\n".join("y" * 999 for _ in range(4)))
    used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await town.server.until(lambda: used.follow_ups)
    assert used.response is not None
    assert [used.response.only_for, used.follow_ups[0].only_for] == [town.ann.id] * 2


async def test_silence(town: Town, ready: Bench) -> None:
    """An empty answer leaves nothing in the channel."""
    ready.conversation.answer = Answer()
    used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await town.server.until(lambda: used.deleted)
    assert town.server.messages(town.art) == []


async def test_an_admin_is_known(town: Town, ready: Bench) -> None:
    """The interaction itself tells the member's permissions."""
    town.guild.admins.add(town.bob.id)
    await town.server.slash(town.bob, town.art, "draw", {"prompt": "a fox"})
    assert (await ready.asked()).is_chat_admin


# Source pictures -----------------------------------------------------------------------------


async def test_an_attached_picture(town: Town, ready: Bench) -> None:
    """The bytes are fetched at once: addresses of attachments expire."""
    picture = town.server.attachment("in.png", PNG)
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "image": picture})
    incoming = await ready.asked()
    assert (incoming.source, incoming.source_problem) == (PNG, "")


async def test_a_picture_said_to_be_too_large_is_not_fetched(town: Town, ready: Bench) -> None:
    """Discord tells the size beforehand."""
    picture = town.server.attachment("in.png", PNG, size=MAX_BYTES + 1)
    town.server.redirect_attachments_to = "/nowhere"
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "image": picture})
    incoming = await ready.asked()
    assert (incoming.source, incoming.source_problem) == (None, "picture-too-large")


async def test_a_picture_that_grows_too_large_is_dropped(town: Town, ready: Bench) -> None:
    """What was said of the size is not believed; bytes are counted as they come."""
    picture = town.server.attachment("in.png", bytes(MAX_BYTES + 1), size=10)
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "image": picture})
    incoming = await ready.asked()
    assert (incoming.source, incoming.source_problem) == (None, "picture-too-large")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://cdn.discordapp.com.evil.example/a.png",
        "http://cdn.discordapp.com/a.png",
        "http://127.0.0.1:1/attachments/a.png",
        "file:///etc/passwd",
    ],
)
async def test_only_attachment_hosts_are_fetched(town: Town, ready: Bench, address: str) -> None:
    """Any other address in a payload is left alone."""
    picture = town.server.attachment("in.png", PNG) | {"url": address}
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "image": picture})
    assert (await ready.asked()).source_problem == "discord-picture-failed"


async def test_another_name_of_the_same_machine_is_foreign(town: Town, ready: Bench) -> None:
    """What could be fetched there is not: names are compared, not machines."""
    picture = town.server.attachment("in.png", PNG)
    picture["url"] = picture["url"].replace("127.0.0.1", "localhost")
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "image": picture})
    assert (await ready.asked()).source_problem == "discord-picture-failed"


async def test_redirects_are_not_followed(town: Town, ready: Bench) -> None:
    """Not even from an attachment host."""
    elsewhere = town.server.attachment("other.png", PNG)
    picture = town.server.attachment("in.png", PNG)
    town.server.redirect_attachments_to = elsewhere["url"]
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox", "image": picture})
    assert (await ready.asked()).source_problem == "discord-picture-failed"


# The menu ------------------------------------------------------------------------------------


async def test_vary_by_menu(town: Town, ready: Bench) -> None:
    """The menu asks for words; the picture of that message is the source."""
    posted = await town.server.say(
        town.bob, town.art, "look", attachments=[town.server.attachment("cat.png", PNG)]
    )
    opened = await town.server.menu(town.bob, town.art, "Vary this image", posted.id)
    await town.server.until(lambda: opened.modal)
    assert opened.modal is not None
    assert opened.modal["title"] == "改画这张图"
    sent = await town.server.submit(town.bob, town.art, opened, "as a watercolour\n--steps 9")
    incoming = await ready.asked()
    assert (incoming.command, incoming.text) == ("draw", "as a watercolour\n--steps 9")
    assert incoming.source == PNG
    assert incoming.replied_message_id == posted.id
    assert sent.response is not None
    assert incoming.reply_to.message_id == sent.response.id
    await ready.settled()


async def test_the_menu_on_a_message_without_a_picture(town: Town, ready: Bench) -> None:
    """It says so, in private, and asks for nothing."""
    posted = await town.server.say(town.ann, town.art, "no picture here")
    opened = await town.server.menu(town.ann, town.art, "Vary this image", posted.id)
    await town.server.until(lambda: opened.response)
    assert opened.response is not None
    assert opened.response.content == "There is no picture in that message."
    assert opened.response.only_for == town.ann.id
    await ready.settled()


async def test_an_open_form_survives_a_restart(town: Town, database: Database) -> None:
    """The words may come to the next instance: it knows the picture from what was kept."""
    async with bench(town.server, database):
        posted = await town.server.say(
            town.ann, town.art, "look", attachments=[town.server.attachment("cat.png", PNG)]
        )
        opened = await town.server.menu(town.ann, town.art, "Vary this image", posted.id)
        await town.server.until(lambda: opened.modal)
    async with bench(town.server, database) as second:
        await second.done("replay")
        await town.server.submit(town.ann, town.art, opened, "at night")
        assert (await second.asked()).source == PNG
        await second.settled()
    assert sum(f"/{opened.id}/" in c.path for c in town.server.calls) == 1, "asked once"


async def test_a_form_answered_too_late(town: Town, ready: Bench) -> None:
    """When the picture is no longer at hand, the member is told to choose the menu again."""
    opened = town.server.issue(town.ann, town.art, 2, {})
    opened.modal = {"custom_id": "v:123", "components": [{"component": {"custom_id": "prompt"}}]}
    await town.server.submit(town.ann, town.art, opened, "at night")
    incoming = await ready.asked()
    assert incoming.source_problem == "discord-menu-forgotten"


async def test_upscale_by_menu(town: Town, ready: Bench) -> None:
    """Any picture at once, in the chat."""
    posted = await town.server.say(
        town.bob, town.art, "look", attachments=[town.server.attachment("cat.png", PNG)]
    )
    used = await town.server.menu(town.ann, town.art, "Upscale", posted.id)
    incoming = await ready.asked()
    assert (incoming.command, incoming.source) == ("upscale", PNG)
    assert incoming.replied_message_id == posted.id
    await ready.settled()
    assert used.response is not None
    assert used.response.only_for is None


@pytest.mark.parametrize("menu", ["Upscale", "Show parameters", "Report"])
async def test_menus_where_no_picture_is(town: Town, ready: Bench, menu: str) -> None:
    """They say so, in private."""
    posted = await town.server.say(town.ann, town.art, "no picture here")
    used = await town.server.menu(town.bob, town.art, menu, posted.id)
    await town.server.until(lambda: used.response)
    assert used.response is not None
    assert used.response.content == "那条消息里没有图片。"
    assert used.response.only_for == town.bob.id


async def test_a_report_of_somebody_elses_picture(town: Town, ready: Bench) -> None:
    """What the conversation is silent about in a group is answered in private here."""
    ready.conversation.answer = Answer()
    picture = town.server.attachment("cat.png", PNG)
    posted = await town.server.say(town.bob, town.art, "look", attachments=[picture])
    used = await town.server.menu(town.ann, town.art, "Report", posted.id)
    await town.server.until(lambda: used.response and used.response.content)
    assert used.response is not None
    assert used.response.content.startswith("That picture is none of mine.")
    assert used.response.only_for == town.ann.id


@pytest.mark.parametrize(("menu", "command"), [("Show parameters", "info"), ("Report", "report")])
async def test_menus_that_draw_nothing(town: Town, ready: Bench, menu: str, command: str) -> None:
    """Their answer is for the one who asked; after a restart they are just asked again."""
    ready.conversation.answer = Answer(text="Steps: 9")
    posted = await town.server.say(
        town.bob, town.art, "look", attachments=[town.server.attachment("cat.png", PNG)]
    )
    used = await town.server.menu(town.ann, town.art, menu, posted.id)
    incoming = await ready.asked()
    assert (incoming.command, incoming.source) == (command, PNG)
    assert incoming.replied_message_id == posted.id
    await town.server.until(lambda: used.response and used.response.content == "Steps: 9")
    assert used.response is not None
    assert used.response.only_for == town.ann.id
    await ready.settled()


async def test_info_and_presets(town: Town, ready: Bench) -> None:
    """Typed options become the words of the one grammar; to use a preset is to draw."""
    server, picture = town.server, town.server.attachment("cat.png", PNG)
    await server.slash(town.ann, town.art, "info", {"image": picture})
    assert ((await ready.asked()).command, (await ready.asked()).source) == ("info", PNG)
    words = {"name": "ink", "words": "ink --steps 9"}
    await server.slash(town.ann, town.art, "preset save", words)
    assert (await ready.asked(2)).text == "save ink\nink --steps 9"
    used = await server.slash(town.ann, town.art, "preset use", {"name": "ink", "prompt": "a fox"})
    drawn = await ready.asked(3)
    assert (drawn.command, drawn.text) == ("draw", "a fox\n--preset ink")
    await server.slash(town.ann, town.art, "preset list")
    await server.slash(town.ann, town.art, "preset rm", {"name": "ink"})
    assert [(await ready.asked(n)).text for n in (4, 5)] == ["list", "rm ink"]
    await ready.settled()
    assert used.response is not None
    assert used.response.only_for is None


# Messages ------------------------------------------------------------------------------------


async def test_a_mention_draws(town: Town, ready: Bench) -> None:
    """`@bot a red fox`, wherever the name stands."""
    said = await town.server.say(town.ann, town.art, "@bot a red fox\nat night")
    incoming = await ready.asked()
    assert (incoming.command, incoming.text) == (WORDS, "a red fox\nat night")
    assert incoming.key == said.id
    assert incoming.reply_to.message_id == said.id
    assert incoming.is_chat_admin
    await ready.settled()
    assert town.server.messages(town.art) == []


async def test_the_language_of_a_message(town: Town, ready: Bench) -> None:
    """Discord tells none: what the member spoke before counts, else what the server speaks."""
    ready.conversation.languages = {town.bob.id: "zh-CN"}
    private = town.server.private(town.bob)
    for number, (who, where) in enumerate(
        ((town.bob, town.art), (town.ann, town.art), (town.bob, private)), 1
    ):
        await town.server.say(who, where, "@bot a fox")
        await ready.asked(number)
    spoken = [i.requester.language for i in ready.conversation.handled]
    assert spoken == ["zh-CN", "en-US", "zh-CN"]


async def test_messages_for_others_are_left_alone(town: Town, ready: Bench) -> None:
    """No mention, no answer, and nothing kept; the next message is heard all the same."""
    await town.server.say(town.ann, town.art, "hello all")
    await town.server.say(town.ann, town.art, "@bot a red fox")
    assert (await ready.asked()).text == "a red fox"
    assert len(ready.conversation.handled) == 1


async def test_an_attachment_of_a_mention(town: Town, ready: Bench) -> None:
    """The message's own picture is the source."""
    picture = town.server.attachment("in.png", PNG)
    await town.server.say(town.ann, town.art, "@bot at night", attachments=[picture])
    assert (await ready.asked()).source == PNG


async def test_a_reply_to_a_result(town: Town, ready: Bench) -> None:
    """Our own pictures arrive without any intent; the reply's ping is mention enough."""
    result = town.server.world.write(town.art, {"content": "done"}, {"job-1.png": PNG})
    await town.server.say(town.bob, town.art, "make it night", reply_to=result.id)
    incoming = await ready.asked()
    assert (incoming.text, incoming.source) == ("make it night", PNG)
    assert incoming.replied_message_id == result.id


async def test_a_command_in_a_reply_to_a_result(town: Town, ready: Bench) -> None:
    """Slash commands cannot reply; with a mention before it, a typed one can."""
    result = town.server.world.write(town.art, {"content": "done"}, {"job-1.png": PNG})
    await town.server.say(town.bob, town.art, "@bot /upscale 1.5", reply_to=result.id)
    incoming = await ready.asked()
    assert (incoming.command, incoming.text) == ("upscale", "1.5")
    assert (incoming.replied_message_id, incoming.source) == (result.id, PNG)


async def test_thanks_in_reply_to_words_is_no_request(town: Town, ready: Bench) -> None:
    """A reply's ping alone, under a message of ours without a picture, asks for nothing."""
    note = town.server.world.write(town.art, {"content": "Nobody waits."}, {})
    await town.server.say(town.bob, town.art, "thanks", reply_to=note.id)
    await town.server.say(town.bob, town.art, "@bot a fox", reply_to=note.id)
    assert (await ready.asked()).text == "a fox"
    assert len(ready.conversation.handled) == 1


async def test_a_reply_to_a_picture_that_discord_hides(town: Town, ready: Bench) -> None:
    """Without the content intent somebody else's picture is not shown: the menu is named."""
    posted = await town.server.say(
        town.ann, town.art, "", attachments=[town.server.attachment("cat.png", PNG)]
    )
    await town.server.say(town.bob, town.art, "@bot as a watercolour", reply_to=posted.id)
    incoming = await ready.asked()
    assert (incoming.source, incoming.source_problem) == (None, "discord-picture-hidden")


async def test_a_private_message_draws(town: Town, ready: Bench) -> None:
    """In private any text is a prompt, and commands may be typed."""
    private = town.server.private(town.ann)
    await town.server.say(town.ann, private, "a red fox")
    incoming = await ready.asked()
    assert (incoming.command, incoming.text) == (WORDS, "a red fox")
    assert incoming.reply_to.private
    await town.server.say(town.ann, private, "/claim ABC")
    incoming = await ready.asked(2)
    assert (incoming.command, incoming.text) == ("claim", "ABC")


async def test_a_private_reply_to_any_picture(town: Town, ready: Bench) -> None:
    """Private messages are shown whole."""
    private = town.server.private(town.ann)
    posted = await town.server.say(
        town.ann, private, "", attachments=[town.server.attachment("cat.png", PNG)]
    )
    await ready.asked()
    await town.server.say(town.ann, private, "at night", reply_to=posted.id)
    assert (await ready.asked(2)).source == PNG


async def test_an_answer_to_a_message_is_a_reply(town: Town, ready: Bench) -> None:
    """It refers to the message, pings nobody, and a repeat of it would change nothing."""
    ready.conversation.answer = Answer(text="Nothing left of your *credits*, @everyone.")
    said = await town.server.say(town.ann, town.art, "@bot a red fox")
    call = await town.server.next("POST", f"/channels/{town.art.id}/messages")
    assert call.json["content"] == r"Nothing left of your \*credits\*, @everyone."
    assert str(call.json["message_reference"]["message_id"]) == said.id
    assert call.json["enforce_nonce"] is True
    assert call.json["allowed_mentions"] == {"parse": [], "replied_user": False}


async def test_a_thread_is_a_chat_of_its_own(town: Town, ready: Bench) -> None:
    """Answers go where the question was asked."""
    thread = town.server.channel(town.guild, "foxes", 11)
    await town.server.slash(town.ann, thread, "draw", {"prompt": "a fox"})
    assert (await ready.asked()).reply_to.chat_id == thread.id


# Buttons -------------------------------------------------------------------------------------


async def test_a_button_works_after_a_restart(town: Town, database: Database) -> None:
    """All it needs stands in the button: a new instance answers, in private."""
    button = {"type": 2, "style": 2, "label": "Cancel", "custom_id": "c:cancel:job000000001"}
    row = [{"type": 1, "components": [button]}]
    shown = town.server.world.write(town.art, {"content": "waiting", "components": row}, {})
    scripted = ScriptedConversation(answer=Answer(text="Cancelled."))
    async with bench(town.server, database, scripted) as ready:
        used = await town.server.click(town.ann, town.art, shown.id, "c:cancel:job000000001")
        await town.server.until(lambda: used.follow_ups)
        press = ready.conversation.pressed[0]
    assert (press.action, press.argument) == ("cancel", "job000000001")
    assert press.requester.user_id == town.ann.id
    assert (press.reply_to.chat_id, press.reply_to.message_id) == (town.art.id, shown.id)
    assert press.is_chat_admin
    (told,) = used.follow_ups
    assert told.only_for == town.ann.id
    assert told.content == "Cancelled."


async def test_a_press_is_heard_before_any_work(town: Town, ready: Bench) -> None:
    """Discord waits three seconds for that, whatever the press takes."""
    button = {"type": 2, "style": 2, "label": "🎲", "custom_id": "c:again:job000000001:0"}
    row = [{"type": 1, "components": [button]}]
    shown = town.server.world.write(town.art, {"content": "a fox", "components": row}, {})
    kinds = []
    press = ready.conversation.press

    async def work(given: Press) -> Answer:
        (used,) = (i for i in town.server.world.issued.values() if i.id == given.key)
        kinds.append(used.kind)
        return await press(given)  # type: ignore[no-any-return] # of a scripted class

    ready.conversation.press = work
    used = await town.server.click(town.ann, town.art, shown.id, "c:again:job000000001:0")
    await ready.settled()
    await town.server.until(lambda: kinds)
    assert kinds == [6]
    assert used.acknowledged_after is not None
    assert used.acknowledged_after < 3


async def test_an_argument_may_hold_colons(town: Town, database: Database) -> None:
    """`approve` carries the key of a chat."""
    button = {"type": 2, "style": 3, "label": "Approve", "custom_id": "c:approve:discord:42"}
    row = [{"type": 1, "components": [button]}]
    private = town.server.private(town.ann)
    shown = town.server.world.write(private, {"content": "asked", "components": row}, {})
    async with bench(town.server, database) as ready:
        await town.server.click(town.ann, private, shown.id, "c:approve:discord:42")
        await town.server.until(lambda: ready.conversation.pressed)
    assert ready.conversation.pressed[0].argument == "discord:42"
    assert ready.conversation.pressed[0].reply_to.private


# Nothing is lost -----------------------------------------------------------------------------


async def test_what_was_not_settled_is_taken_up_again(town: Town, database: Database) -> None:
    """A stop in the middle of handling loses nothing: the next instance does it, once."""
    stuck = ScriptedConversation(before_answer=asyncio.Event())
    async with bench(town.server, database, stuck):
        used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
        said = await town.server.say(town.ann, town.art, "@bot a red fox")
        await town.server.until(lambda: used.response)
        await town.server.until(lambda: len(stuck.prechecked) == 1)
        await kept(database, 2)
    assert stuck.handled == []
    async with bench(town.server, database) as second:
        await second.asked(2)
        await second.settled()
    assert [i.key for i in second.conversation.handled] == [used.id, said.id]
    assert used.response is not None
    assert second.conversation.handled[0].reply_to.message_id == used.response.id


async def test_a_refusal_after_a_restart(town: Town, database: Database) -> None:
    """The "thinking…" of before is taken back, and the reason told in private."""
    stuck = ScriptedConversation(before_answer=asyncio.Event())
    async with bench(town.server, database, stuck):
        used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
        await town.server.until(lambda: used.response)
    refusing = ScriptedConversation(refusal=Answer(text="Closed."))
    async with bench(town.server, database, refusing):
        await town.server.until(lambda: used.follow_ups)
    assert used.deleted
    assert (used.follow_ups[0].content, used.follow_ups[0].only_for) == ("Closed.", town.ann.id)


async def test_a_store_out_of_order(
    town: Town, ready: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be kept is refused at once, politely."""

    async def full(*_: object) -> bool:
        raise StoreError("disk full")

    monkeypatch.setattr(ready.inbox, "put", full)
    used = await town.server.slash(town.bob, town.art, "draw", {"prompt": "a fox"})
    await town.server.say(town.ann, town.art, "@bot a fox")
    call = await town.server.next("POST", f"/channels/{town.art.id}/messages")
    assert used.response is not None
    assert used.response.only_for == town.bob.id
    assert used.response.content == say(phrase("store-unavailable"), "zh")
    assert call.json["content"] == say(phrase("store-unavailable"))
    assert ready.conversation.handled == []


async def test_what_became_of_it_cannot_be_written_down(
    town: Town,
    ready: Bench,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is, once there is room, so that nothing is done again at the next start; others are heard
    meanwhile."""
    real, room = ready.inbox.settle, asyncio.Event()

    async def full(platform: Platform, key: str) -> None:
        if not room.is_set():
            raise StoreError("disk full")
        await real(platform, key)

    monkeypatch.setattr(ready.inbox, "settle", full)
    monkeypatch.setattr(insist, "FIRST_PAUSE_S", 0.01)
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await ready.asked()
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a cat"})
    assert (await ready.asked(2)).text == "a cat"
    room.set()
    await ready.settled()
    assert "is handled cannot be stored" in caplog.text


async def test_an_expired_interaction_is_drawn_all_the_same(town: Town, database: Database) -> None:
    """After a long stop the interaction takes no answer; the result still finds the channel."""
    stuck = ScriptedConversation(before_answer=asyncio.Event())
    town.server.clock.offset_s = -20 * 60
    async with bench(town.server, database, stuck):
        used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
        await town.server.until(lambda: stuck.prechecked)
        await kept(database, 1)
    town.server.clock.offset_s = 0
    async with bench(town.server, database) as second:
        incoming = await second.asked()
    assert incoming.key == used.id
    assert (incoming.reply_to.chat_id, incoming.reply_to.message_id) == (town.art.id, "")


async def test_the_same_event_twice_is_one_request(town: Town, ready: Bench) -> None:
    """A gateway may repeat what it sent before a break."""
    used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await ready.asked()
    await town.server.interaction(used.raw)
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a cat"})
    await ready.asked(2)
    assert [i.text for i in ready.conversation.handled] == ["a fox", "a cat"]


async def test_a_broken_connection_is_resumed(town: Town, ready: Bench) -> None:
    """What happened meanwhile is heard afterwards."""
    await town.server.gateway.drop()
    await town.server.slash(town.ann, town.art, "cancel", {})
    assert (await ready.asked()).command == "cancel"
    assert town.server.gateway.resumed == 1


@pytest.mark.parametrize("missing", ["id", "token", "data", "type", "channel", "member"])
async def test_an_interaction_that_cannot_be_read(
    town: Town, ready: Bench, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is put aside or dropped with a line in the log; the next one is handled."""
    prompt = {"name": "prompt", "type": 3, "value": "a fox"}
    broken = town.server.issue(
        town.ann, town.art, 2, {"id": "1", "name": "draw", "type": 1, "options": [prompt]}
    )
    del broken.raw[missing]
    await town.server.interaction(broken.raw)
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    assert (await ready.asked()).text == "a fox"
    await ready.settled()
    assert "cannot be" in caplog.text
    assert not ready.task.done()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (2, {"id": "1", "name": "no-such-command", "type": 1}),
        (2, {"id": "1", "name": "info", "type": 1, "options": []}),
        (2, {"id": "1", "name": "Vary this image", "type": 3, "target_id": "5"}),
        (3, {"custom_id": "something else", "component_type": 2}),
        (5, {"custom_id": "something else", "components": []}),
        (5, {"custom_id": "v:1", "components": []}),
    ],
)
async def test_an_interaction_that_is_not_ours_is_set_aside(
    town: Town, ready: Bench, kind: int, data: dict[str, object]
) -> None:
    """Kept with the reason, out of the way of the rest."""
    odd = town.server.issue(town.ann, town.art, kind, data)
    await town.server.interaction(odd.raw)
    assert await ready.set_aside(odd.id)
    if kind == 2:
        assert odd.response is not None
        assert odd.response.content.startswith("This command has changed")
        assert odd.response.only_for == town.ann.id
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await ready.asked()


async def test_other_events_that_cannot_be_read(town: Town, ready: Bench) -> None:
    """The library would end the whole connection for any of them."""
    await town.server.gateway.emit("CHANNEL_UPDATE", {"nonsense": True})
    await town.server.gateway.emit("MESSAGE_CREATE", {"id": "1"})
    await town.server.gateway.emit("GUILD_CREATE", {})
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await ready.asked()


async def test_through_a_proxy(database: Database) -> None:
    """REST, gateway and attachments all go where the setting says."""
    async with DiscordServer() as server:
        proxy, server.world.address = server.world.address, "http://discord.invalid"
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bench(server, database, proxy=proxy) as ready:
            picture = server.attachment("in.png", PNG)
            await server.slash(ann, art, "draw", {"prompt": "a fox", "image": picture})
            assert (await ready.asked()).source == PNG


async def test_acknowledged_too_late(town: Town, ready: Bench) -> None:
    """After three seconds Discord takes no answer, but the request was kept: it is drawn."""
    late = town.server.issue(
        town.ann,
        town.art,
        2,
        {
            "id": "1",
            "name": "draw",
            "type": 1,
            "options": [{"name": "prompt", "type": 3, "value": "a fox"}],
        },
    )
    town.server.clock.offset_s = 4
    await town.server.interaction(late.raw)
    assert (await ready.asked()).reply_to.message_id == ""
    await ready.settled()


async def test_an_answer_nobody_can_see_any_more(
    town: Town, ready: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A moderator deleted "thinking…": one line in the log, nothing else."""
    caplog.set_level(logging.INFO)
    ready.conversation.answer = Answer(text="No such model.", private=False)
    ready.conversation.before_answer = asyncio.Event()
    used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await town.server.until(lambda: used.response)
    town.art.messages.clear()
    ready.conversation.before_answer.set()
    await town.server.next("PATCH", "@original")
    await ready.settled()
    assert "came too late" in caplog.text


async def test_private_commands_after_a_long_stop(town: Town, database: Database) -> None:
    """What was asked in private cannot be answered in private any more: it is let go."""
    town.server.clock.offset_s = -20 * 60
    stuck = ScriptedConversation(before_answer=asyncio.Event())
    async with bench(town.server, database, stuck):
        used = await town.server.slash(town.ann, town.art, "queue", {})
        await kept(database, 1)
    town.server.clock.offset_s = 0
    talking = ScriptedConversation(answer=Answer(text="Nobody waits."))
    async with bench(town.server, database, talking) as second:
        await second.asked()
        await second.settled()
    assert used.response is None
    assert town.server.messages(town.art) == []


async def test_no_starts_left(town: Town, database: Database) -> None:
    """Discord counts the starts of a day; beyond them it would reset the token."""
    town.server.world.session_limit = {"remaining": 0, "reset_after": 200}
    started = asyncio.get_running_loop().time()
    async with bench(town.server, database):
        assert asyncio.get_running_loop().time() - started >= 0.2


# First contact -------------------------------------------------------------------------------


async def test_a_new_server_is_greeted(town: Town, ready: Bench) -> None:
    """In its channel for such news, with what the conversation says."""
    ready.conversation.greeting = Answer(text="Ask your operator.", private=False)
    guild = town.server.guild("New", town.bob, locale="zh-CN")
    lobby = town.server.channel(guild, "lobby")
    await town.server.invite(guild)
    call = await town.server.next("POST", f"/channels/{lobby.id}/messages")
    assert call.json["content"] == "Ask your operator."
    to, title, language = ready.conversation.joined_chats[0]
    assert (to.chat_id, title, language) == (lobby.id, "New #lobby", "zh-CN")


@pytest.mark.parametrize("forbidden", [False, True])
async def test_a_server_where_nothing_can_be_said(
    town: Town, ready: Bench, forbidden: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """No channel, or none to write in: the bot goes on."""
    caplog.set_level(logging.INFO)
    ready.conversation.greeting = Answer(text="Ask your operator.", private=False)
    guild = town.server.guild("New", town.bob)
    if forbidden:
        town.server.channel(guild, "lobby")
        town.server.fail("POST", "/messages", status=403, code=50013)
    await town.server.invite(guild)
    await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
    await ready.asked()
    await ready.done("greeting")
    assert ("could not be said" if forbidden else "nowhere to speak") in caplog.text


async def test_no_privileged_intent(town: Town, ready: Bench) -> None:
    """Servers, their messages, private messages: nothing that Discord must allow first."""
    assert town.server.gateway.identified[0]["intents"] == (1 << 0) | (1 << 9) | (1 << 12)


async def test_a_refused_token(town: Town, database: Database) -> None:
    """The start ends for good, with the name of the setting and without the token."""
    town.server.fail("GET", "/users/@me", status=401)
    with pytest.raises(ConfigError, match="CHATELIER_DISCORD_TOKEN") as told:
        async with bench(town.server, database):
            pass
    assert TOKEN not in str(told.value)


@pytest.mark.parametrize(
    ("code", "words"),
    [(4004, "CHATELIER_DISCORD_TOKEN"), (4011, "sharding"), (4013, "intents"), (4014, "intents")],
)
async def test_a_gateway_that_refuses_for_good(
    town: Town, database: Database, code: int, words: str
) -> None:
    """Close codes that no new try can mend."""
    town.server.gateway.refuse_with = code
    with pytest.raises(ConfigError, match=words):
        async with bench(town.server, database):
            pass


async def test_discord_away_at_start(town: Town, database: Database) -> None:
    """The adapter waits and tries again by itself."""
    town.server.fail("GET", "/users/@me", status=503)
    async with bench(town.server, database) as ready:
        await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
        await ready.asked()


async def test_no_token_in_any_log(
    town: Town, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """At DEBUG neither the bot's token nor an interaction's is written."""
    caplog.set_level(logging.WARNING, "aiosqlite")  # as bot.logs does: it writes all values
    caplog.set_level(logging.DEBUG)
    async with bench(town.server, database) as ready:
        used = await town.server.slash(town.ann, town.art, "draw", {"prompt": "a fox"})
        await ready.asked()
        town.server.fail("POST", "/callback", status=403, code=50001)
        other = await town.server.slash(town.ann, town.art, "help", {})
        await town.server.next("POST", f"/interactions/{other.id}")
        await ready.settled()
    assert "could not be answered" in caplog.text
    for secret in (TOKEN, used.token, other.token):
        assert secret not in caplog.text


# Registration --------------------------------------------------------------------------------


async def test_commands_are_registered_only_when_changed(town: Town, database: Database) -> None:
    """Once; not again at the next start; again when Discord knows something else."""

    def sent() -> int:
        return sum(c.method == "PUT" for c in town.server.calls)

    async with bench(town.server, database):
        assert sent() == 1
    async with bench(town.server, database) as second:
        await second.done("commands")
        assert sent() == 1
    draw = next(c for c in town.server.world.commands if c["name"] == "draw")
    draw["options"][0]["name_localizations"] = {"zh-CN": "旧"}
    async with bench(town.server, database):
        await town.server.until(lambda: sent() == 2)


async def test_names_in_chinese(town: Town, ready: Bench) -> None:
    """Members whose Discord speaks Chinese see Chinese names and descriptions."""
    known = {c["name"]: c for c in town.server.world.commands}
    assert set(known) == {
        *("draw", "cancel", "queue", "quota", "models", "privacy", "forget", "help"),
        *("claim", "settings", "admin", "info", "preset"),
        *("Vary this image", "Upscale", "Show parameters", "Report"),
    }
    draw = known["draw"]
    assert draw["name_localizations"]["zh-CN"] == "画"
    assert draw["options"][0]["name_localizations"]["zh-CN"] == "提示词"
    assert known["Vary this image"]["name_localizations"]["zh-CN"] == "改画这张图"
    assert known["Show parameters"]["name_localizations"]["zh-CN"] == "查看参数"
    assert known["preset"]["options"][1]["name_localizations"]["zh-CN"] == "使用"
    assert [o["name"] for o in draw["options"] if o.get("required")] == []
    assert draw["contexts"] == [0, 1]
    assert set(untranslated(list(known.values()))) == set()


def untranslated(items: list[dict[str, Any]], path: str = "") -> Iterator[str]:
    """Where a Chinese name or description is missing, or is no Chinese; `cfg` has none."""
    for item in items:
        here = f"{path}/{item['name']}"
        for key in ("name", "description"):
            text = (item.get(f"{key}_localizations") or {}).get("zh-CN", "")
            is_chinese = any("一" <= sign <= "鿿" for sign in text)
            if item.get(key) and not is_chinese and (key, item["name"]) != ("name", "cfg"):
                yield f"{here} {key}"
        yield from untranslated([*(item.get("options") or []), *(item.get("choices") or [])], here)


async def test_permissions(town: Town, ready: Bench) -> None:
    """Whether somebody may manage the server that a channel belongs to."""
    adapter = ready.adapter
    assert (await adapter.permissions(town.art.id, town.ann.id)).is_admin
    assert not (await adapter.permissions(town.art.id, town.bob.id)).is_admin
    town.guild.admins.add(town.bob.id)
    assert (await adapter.permissions(town.art.id, town.bob.id)).is_admin
    assert not (await adapter.permissions(town.art.id, "42")).is_admin
    assert not (await adapter.permissions(town.server.private(town.ann).id, town.ann.id)).is_admin
    assert adapter.platform is Platform.DISCORD
