"""Pictures that wait for an admin, reports, and channels for adults on Discord: real sockets, and
a bot that is restarted in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from tests.app_fixture import running_app
from tests.quick_painter import COMMAND
from tests.standins.discord import DiscordServer
from tests.standins.discord_world import Channel, Stored, User
from tests.test_telegram_holding import DARK, HOLD, RED, log_of, seed, today

pytestmark = pytest.mark.timeout(240)
PATIENCE_S = 20


@asynccontextmanager
async def bot(
    server: DiscordServer, folder: Path, boss: User, **moderation: Any
) -> AsyncIterator[App]:
    async with running_app(
        folder,
        discord_base=server.api_base,
        render_command=COMMAND,
        access={"operators": [f"discord:{boss.id}"]},
        moderation={**HOLD, **moderation},
    ) as app:
        await server.connected()
        yield app


def actions(message: Stored) -> list[str]:
    """What its buttons do."""
    return [b["custom_id"].split(":")[1] for b in message.buttons]


def with_action(server: DiscordServer, channel: Channel, action: str) -> list[Stored]:
    return [m for m in server.messages(channel) if action in actions(m)]


async def one(server: DiscordServer, channel: Channel, action: str) -> Stored:
    """The only message of a channel with such a button, once it is there."""
    await server.until(lambda: len(with_action(server, channel, action)) == 1, PATIENCE_S)
    return with_action(server, channel, action)[0]


async def click(
    server: DiscordServer, who: User, channel: Channel, message: Stored, action: str
) -> str:
    """Press a button; what is answered, to the presser alone."""
    (custom_id,) = (
        b["custom_id"] for b in message.buttons if b["custom_id"].split(":")[1] == action
    )
    before = len(told(who, channel))
    await server.click(who, channel, message.id, custom_id)
    await server.until(lambda: told(who, channel)[before:], PATIENCE_S)
    return told(who, channel)[-1]


def told(who: User, channel: Channel) -> list[str]:
    """What only this user sees of the bot, oldest first."""
    ephemeral = [m for m in channel.messages.values() if m.only_for == who.id]
    return [m.content for m in ephemeral if m.content]


async def draw(server: DiscordServer, who: User, channel: Channel, *wanted: tuple[int, int]) -> str:
    words = f"a fox --size 64x64 -n {len(wanted)}"
    used = await server.slash(who, channel, "draw", {"prompt": words, "seed": seed(*wanted)})
    await server.until(lambda: used.response is not None)
    assert used.response is not None
    return used.response.id


async def test_a_held_picture_is_released_after_a_restart(tmp_path: Path) -> None:
    """Its requester is told, the admins are asked without it, the operator sees it as a spoiler;
    who may not manage the server decides nothing, and a second decision changes nothing."""
    async with DiscordServer() as server:
        ann, bob = server.user("ann"), server.user("bob")
        boss, carl = server.user("boss"), server.user("carl", "zh-CN")
        guild = server.guild("Painters", ann)
        guild.admins.add(carl.id)
        art = server.channel(guild, "art")
        async with bot(server, tmp_path, boss):
            asked = await draw(server, bob, art, DARK, RED)
            result = await one(server, art, "again")
            note = await one(server, art, "release")
            aside = await one(server, server.private(boss), "release")
            question, shown = note.content, note.files
        async with bot(server, tmp_path, boss):
            refused = await click(server, bob, art, note, "release")
            done = await click(server, carl, art, note, "release")
            await server.until(lambda: len(with_action(server, art, "again")) == 2, PATIENCE_S)
            await server.until(lambda: not note.buttons, PATIENCE_S)
            again = await click(server, boss, server.private(boss), aside, "discard")
    released = with_action(server, art, "again")[1]
    assert "1 of 2 pictures may not be safe for work" in result.content
    assert len(result.files) == len(released.files) == 1
    assert "Bob asked for may not be safe for work" in question
    assert shown == []
    assert note.content.startswith("✅")
    assert [name.startswith("SPOILER_") for name in aside.files] == [True]
    assert refused == "Only the admins of that chat can decide about this."
    assert done.startswith("已放行")
    assert again == "This was released already."
    assert released.json["message_reference"]["message_id"] == asked
    assert not next(iter(released.files)).startswith("SPOILER_")


async def test_a_report_from_the_menu_hides_a_result(tmp_path: Path) -> None:
    """The message is deleted, an admin deletes the picture for good, and it costs nothing."""
    async with DiscordServer() as server:
        ann, bob, boss = server.user("ann"), server.user("bob"), server.user("boss")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path, boss) as app:
            await draw(server, bob, art, DARK)
            result = await one(server, art, "again")
            await server.menu(ann, art, "Report", result.id)
            await server.until(lambda: told(ann, art), PATIENCE_S)
            await server.until(lambda: result.id not in art.messages, PATIENCE_S)
            note = await one(server, art, "discard")
            await one(server, server.private(boss), "discard")
            await click(server, ann, art, note, "discard")
            await server.until(
                lambda: any("is deleted" in m.content for m in server.messages(art)), PATIENCE_S
            )
            used = await app.ledger.used(f"discord:{bob.id}", today(app))
            acts = [(a.account, a.act, a.before, a.after) for a in await log_of(tmp_path)]
    assert told(ann, art)[0].startswith("Thank you.")
    assert used == 0
    assert acts == [
        (f"discord:{ann.id}", "picture", "held", "deleted"),
        (f"discord:{ann.id}", "report", "shown", "held"),
    ]


@pytest.mark.parametrize("edit", [200, 403])
async def test_a_reported_message_that_cannot_be_deleted(tmp_path: Path, edit: int) -> None:
    """It loses its picture and says why; where it cannot be changed either, the chat is told."""
    async with DiscordServer() as server:
        ann, bob, boss = server.user("ann"), server.user("bob"), server.user("boss")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path, boss):
            await draw(server, bob, art, DARK)
            result = await one(server, art, "again")
            assert result.files
            server.fail("DELETE", f"/messages/{result.id}", status=403, code=50013, times=2)
            if edit != 200:
                server.fail("PATCH", f"/messages/{result.id}", status=edit, code=50013, times=2)
            await server.menu(ann, art, "Report", result.id)
            await one(server, art, "release")
            if edit != 200:
                stays = "neither delete nor change"
                await server.until(lambda: said(server, art, stays), PATIENCE_S)
    if edit == 200:
        assert result.content == "Hidden: this was reported, and an admin looks at it."
        assert not result.files
        assert not result.buttons
    else:
        assert len(said(server, art, "neither delete nor change")) == 1
        assert result.files


def said(server: DiscordServer, channel: Channel, part: str) -> list[Stored]:
    return [m for m in server.messages(channel) if part in m.content]


async def test_an_admin_settles_what_becomes_of_pictures(tmp_path: Path) -> None:
    """`/settings pictures` for usual channels, `pictures-adult` for those that are age-restricted;
    who may not manage the server settles nothing."""
    async with DiscordServer() as server:
        ann, bob, boss = server.user("ann"), server.user("bob"), server.user("boss")
        guild = server.guild("Painters", ann)
        art, adults = server.channel(guild, "art"), server.channel(guild, "adults", nsfw=True)
        async with bot(server, tmp_path, boss):

            async def settle(who: User, name: str, value: str) -> str:
                used = await server.slash(who, art, f"settings {name}", {"value": value})
                await server.until(lambda: used.response is not None and not used.thinking)
                assert used.response is not None
                return used.response.content

            assert "admins" in await settle(bob, "pictures", "allow")
            await settle(ann, "pictures", "spoiler")
            await settle(ann, "pictures-adult", "hold")
            await draw(server, bob, art, RED)
            covered = await one(server, art, "again")
            await draw(server, bob, adults, RED)
            await one(server, adults, "release")
            await settle(ann, "pictures-from", "1")
            await draw(server, bob, adults, RED)
            shown = await one(server, adults, "again")
    assert [name.startswith("SPOILER_") for name in covered.files] == [True]
    assert [name.startswith("SPOILER_") for name in shown.files] == [False]


async def test_a_picture_under_a_spoiler_comes_back_under_it(tmp_path: Path) -> None:
    """Reported and released."""
    async with DiscordServer() as server:
        ann, boss = server.user("ann"), server.user("boss")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path, boss, picture_action="spoiler"):
            await draw(server, ann, art, RED)
            result = await one(server, art, "again")
            assert all(name.startswith("SPOILER_") for name in result.files)
            await server.menu(boss, art, "Report", result.id)
            await click(server, ann, art, await one(server, art, "release"), "release")
            await server.until(lambda: with_action(server, art, "again"), PATIENCE_S)
    (back,) = with_action(server, art, "again")
    assert back.id != result.id
    assert [name.startswith("SPOILER_") for name in back.files] == [True]


@pytest.mark.parametrize("in_thread", [False, True])
async def test_channels_for_adults_show_what_others_hold(tmp_path: Path, in_thread: bool) -> None:
    """A thread is what its channel is, for commands and for mentions."""
    async with DiscordServer() as server:
        ann, boss = server.user("ann"), server.user("boss")
        guild = server.guild("Painters", ann)
        adults = server.channel(guild, "adults", nsfw=True)
        if in_thread:
            adults = server.channel(guild, "a thread", 11)
        art = server.channel(guild, "art")
        async with bot(server, tmp_path, boss):
            await draw(server, ann, adults, RED)
            shown = await one(server, adults, "again")
            await server.say(ann, adults, f"@bot a fox --size 64x64 --seed {seed(RED)}")
            await server.until(lambda: len(with_action(server, adults, "again")) == 2, PATIENCE_S)
            await draw(server, ann, art, RED)
            await one(server, art, "release")
            await one(server, server.private(boss), "release")
    assert not next(iter(shown.files)).startswith("SPOILER_")
    assert with_action(server, art, "again") == []
