"""Buttons under results on Discord: real sockets, the real library, a bot that is restarted."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.app import App
from bot.domain import Platform
from tests.app_fixture import running_app
from tests.gated_painter import Gate
from tests.quick_painter import COMMAND, colour
from tests.standins.discord import DiscordServer
from tests.standins.discord_rest import Issued
from tests.standins.discord_world import Channel, Stored, User
from tests.test_telegram_holding import today

pytestmark = pytest.mark.timeout(120)
PATIENCE_S = 40
SINGLE = ["U", "V", "🎲", "✏️", "📄", "ℹ️", "🗑", "⚑"]
APPLE = {"prompt": "an apple --size 64x64 --steps 3", "seed": 5}


@asynccontextmanager
async def bot(
    server: DiscordServer, folder: Path, command: tuple[str, ...] = COMMAND, **sections: Any
) -> AsyncIterator[App]:
    async with running_app(
        folder, discord_base=server.api_base, render_command=command, **sections
    ) as app:
        await server.connected()
        yield app


def labels(message: Stored) -> list[str]:
    return [button["label"] for button in message.buttons]


def results(server: DiscordServer, channel: Channel) -> list[Stored]:
    """Messages that show a result with its buttons, oldest first."""
    return [m for m in server.messages(channel) if "🎲" in labels(m)]


async def more(server: DiscordServer, channel: Channel, count: int) -> Stored:
    """The newest of `count` results, once nothing that waits or is drawn is in the channel."""

    def settled() -> bool:
        waits = any("⛔" in label for m in server.messages(channel) for label in labels(m))
        return len(results(server, channel)) == count and not waits

    await server.until(settled, PATIENCE_S)
    return results(server, channel)[-1]


async def push(
    server: DiscordServer, channel: Channel, who: User, message: Stored, label: str
) -> Issued:
    """Press the button with this label, and wait until Discord was told that it was heard."""
    (custom_id,) = (b["custom_id"] for b in message.buttons if b["label"] == label)
    used = await server.click(who, channel, message.id, custom_id)
    await server.until(lambda: used.kind is not None, PATIENCE_S)
    return used


async def told(server: DiscordServer, used: Issued) -> str:
    """What the presser alone reads."""
    await server.until(lambda: used.follow_ups, PATIENCE_S)
    assert all(m.only_for == used.user.id for m in used.follow_ups)
    return "\n".join(m.content for m in used.follow_ups)


def look(server: DiscordServer, message: Stored) -> tuple[tuple[int, int], Any, str]:
    """Size, first pixel and infotext of what a message shows."""
    blob, _ = server.world.blobs[message.json["attachments"][0]["id"]]
    with Image.open(io.BytesIO(blob)) as image:
        infotext = image.info.get("parameters", "")
        return image.size, image.convert("RGB").getpixel((1, 1)), infotext


def answers(message: Stored) -> str:
    """Id of the message that this one replies to."""
    return str(message.json["message_reference"]["message_id"])


async def test_buttons_work_for_ever(tmp_path: Path) -> None:
    """Each after a restart and three generations deep: a grid, its second picture larger, that
    one varied, that one again. One status message each, one result, and nothing else."""
    async with DiscordServer() as server:
        ann, li = server.user("ann"), server.user("li", "zh-CN")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path):
            words = "an apple -n 4 --size 64x48 --steps 3"
            used = await server.slash(ann, art, "draw", {"prompt": words, "seed": 5})
            grid = await more(server, art, 1)
        assert labels(grid)[:9] == ["U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4", "🎲"]
        assert look(server, grid)[0] == (136, 104)
        async with bot(server, tmp_path):
            pressed = await push(server, art, ann, grid, "U2")
            larger = await more(server, art, 2)
            assert look(server, larger)[:2] == ((128, 96), colour(6))
        async with bot(server, tmp_path):
            await push(server, art, li, larger, "V")
            varied = await more(server, art, 3)
        async with bot(server, tmp_path) as app:
            await push(server, art, ann, varied, "🎲")
            again = await more(server, art, 4)
            jobs = await app.journal.history(Platform.DISCORD, art.id)
    chain = [larger, varied, again]
    assert pressed.kind == 6, "heard without a sign in the chat"
    assert [answers(m) for m in chain] == [grid.id, larger.id, varied.id]
    assert all(labels(m) == SINGLE for m in chain)
    assert "seed 5–8" in grid.content
    assert "种子" in varied.content, "who pressed is answered in their language"
    assert varied.content.startswith(f"<@{li.id}> ")
    assert [j.job.requester.name for j in jobs] == ["Ann", "Ann", "Li", "Ann"]
    assert used.response is not None
    assert [m.id for m in server.messages(art)] == [
        used.response.id,
        grid.id,
        *(m.id for m in chain),
    ]


async def test_what_draws_nothing_works_after_a_restart_too(tmp_path: Path) -> None:
    """Files and parameters, for whoever asks and nobody else; and the end of it."""
    async with DiscordServer() as server:
        ann, li = server.user("ann"), server.user("li", "zh-CN")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path):
            words = "an apple -n 2 --size 64x64 --no leaves"
            await server.slash(ann, art, "draw", {"prompt": words, "seed": 5})
            grid = await more(server, art, 1)
        async with bot(server, tmp_path):
            files = await push(server, art, li, grid, "📄")
            await told(server, files)
            shown = await told(server, await push(server, art, li, grid, "ℹ️"))
            await push(server, art, ann, grid, "🗑")
            await server.until(lambda: grid.id not in art.messages, PATIENCE_S)
    (originals,) = files.follow_ups
    blobs = [server.world.blobs[a["id"]][0] for a in originals.json["attachments"]]
    for number, blob in enumerate(blobs):
        with Image.open(io.BytesIO(blob)) as image:
            assert f"Seed: {5 + number}" in image.info["parameters"]
    assert len(blobs) == 2
    assert shown.startswith("```\nan apple\nNegative prompt: leaves\nSteps: ")
    assert shown.endswith("这些图的种子：5–6\n```")


async def test_the_third_generation_after_a_restart(tmp_path: Path) -> None:
    """Of a variation of a variation of one of four: the rest of its buttons."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path):
            words = {"prompt": "an apple -n 4 --size 64x64 --steps 3", "seed": 5}
            await server.slash(ann, art, "draw", words)
            for count, label in ((1, "V3"), (2, "V"), (3, "🎲")):
                await push(server, art, ann, await more(server, art, count), label)
            last = await more(server, art, 4)
        async with bot(server, tmp_path):
            files = await push(server, art, ann, last, "📄")
            await told(server, files)
            shown = await told(server, await push(server, art, ann, last, "ℹ️"))
            opened = await push(server, art, ann, last, "✏️")
        async with Gate() as gate, bot(server, tmp_path, gate.command):
            await server.submit(ann, art, opened, prompt="a pear")
            waiting = await status(server, art)
        async with Gate() as gate, bot(server, tmp_path, gate.command):
            await push(server, art, ann, waiting, "⛔ Cancel")
            await server.until(lambda: waiting.id not in art.messages, PATIENCE_S)
            await push(server, art, ann, last, "🗑")
            await server.until(lambda: last.id not in art.messages, PATIENCE_S)
    assert said(server, art)[-1] == (
        f"<@{ann.id}> Cancelled. What was not drawn is back on your account."
    )
    blob = server.world.blobs[files.follow_ups[0].json["attachments"][0]["id"]][0]
    with Image.open(io.BytesIO(blob)) as original:
        assert original.info["parameters"] in shown
    assert "Variation seed strength: 0.1" in shown


async def test_the_form_of_a_result(tmp_path: Path) -> None:
    """✏️ opens a dialog with the words, the negative ones and the seed; where the picture came
    from another, with the strength. What is sent is drawn, after one more restart."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path):
            await server.slash(ann, art, "draw", APPLE | {"negative": "leaves"})
            first = await more(server, art, 1)
            blob, _ = server.world.blobs[first.json["attachments"][0]["id"]]
            source = server.attachment("in.png", blob)
            await server.slash(ann, art, "draw", APPLE | {"image": source, "strength": 0.4})
            second = await more(server, art, 2)
        async with bot(server, tmp_path):
            plain = await push(server, art, ann, first, "✏️")
            opened = await push(server, art, ann, second, "✏️")
        async with bot(server, tmp_path):
            fields = {"prompt": "a green pear", "negative": "worms", "seed": "7", "strength": "0.6"}
            sent = await server.submit(ann, art, opened, **fields)
            pear = await more(server, art, 3)
    assert values(plain) == {"prompt": "an apple", "negative": "leaves", "seed": "5"}
    assert values(opened) == {"prompt": "an apple", "negative": "", "seed": "5", "strength": "0.4"}
    assert sent.kind == 6
    infotext = look(server, pear)[2]
    assert infotext.startswith("a green pear\nNegative prompt: worms\nSteps: 3, ")
    assert "Seed: 7" in infotext
    assert "Denoising strength: 0.6" in infotext
    assert answers(pear) == second.id


def values(opened: Issued) -> dict[str, str]:
    """What stands in a form when it opens."""
    assert opened.modal is not None
    fields = [label["component"] for label in opened.modal["components"]]
    return {f["custom_id"]: f.get("value", "") for f in fields}


async def test_two_presses_at_once_are_one_picture(tmp_path: Path) -> None:
    """Fingers are quick; another member's press is a picture of their own, at their cost."""
    async with DiscordServer() as server:
        ann, li = server.user("ann"), server.user("li", "zh-CN")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path) as app:
            await server.slash(ann, art, "draw", APPLE)
            first = await more(server, art, 1)
            presses = (push(server, art, ann, first, "🎲") for _ in range(3))
            await asyncio.gather(*presses)
            await push(server, art, li, first, "🎲")
            await more(server, art, 3)
            jobs = await app.journal.history(Platform.DISCORD, art.id)
            day = today(app)
            costs = [await app.ledger.used(f"discord:{who.id}", day) for who in (ann, li)]
    assert [j.job.requester.name for j in jobs] == ["Ann", "Ann", "Li"]
    assert costs == [2 * jobs[0].job.cost, jobs[0].job.cost]


async def test_what_is_only_the_requesters(tmp_path: Path) -> None:
    """To change the words, to delete and to cancel: others read why not, in private; an admin of
    the server may."""
    async with DiscordServer() as server:
        ann, li = server.user("ann"), server.user("li", "zh-CN")
        guild = server.guild("Painters", server.user("boss"))
        art = server.channel(guild, "art")
        async with bot(server, tmp_path):
            await server.slash(ann, art, "draw", APPLE)
            first = await more(server, art, 1)
        async with Gate() as gate, bot(server, tmp_path, gate.command):
            edited = await push(server, art, li, first, "✏️")
            deleted = await told(server, await push(server, art, li, first, "🗑"))
            assert first.id in art.messages
            await server.slash(ann, art, "draw", APPLE | {"seed": 6})
            waiting = await status(server, art)
            stopped = await told(server, await push(server, art, li, waiting, "⛔ Cancel"))
            guild.admins.add(li.id)
            cancelled = await told(server, await push(server, art, li, waiting, "⛔ Cancel"))
            await push(server, art, li, first, "🗑")
            await server.until(lambda: first.id not in art.messages, PATIENCE_S)
    assert edited.response is not None
    assert "只有请求这张图的人" in edited.response.content
    assert edited.response.only_for == li.id
    assert "只有请求这张图的人" in deleted
    assert "别人" in stopped
    assert "已取消" in cancelled


@pytest.mark.parametrize("way", ["command", "button"])
async def test_a_cancelled_request_is_told_once(tmp_path: Path, way: str) -> None:
    """By its end in the channel: nothing besides says the same to who asked."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with Gate() as gate, bot(server, tmp_path, gate.command):
            await server.slash(ann, art, "draw", APPLE)
            waiting = await status(server, art)
            if way == "command":
                used = await server.slash(ann, art, "cancel", {})
                await server.until(lambda: used.deleted, PATIENCE_S)
            else:
                used = await push(server, art, ann, waiting, "⛔ Cancel")
            await server.until(
                lambda: "back on your account" in "".join(said(server, art)), PATIENCE_S
            )
            second = await server.slash(ann, art, "cancel", {})
            await server.until(lambda: second.response and second.response.content, PATIENCE_S)
    assert second.response is not None
    assert second.response.content == "You have nothing waiting, and nothing that is being drawn."
    assert [line for line in said(server, art) if "ancelled" in line] == [
        f"<@{ann.id}> Cancelled. What was not drawn is back on your account."
    ]
    assert not used.follow_ups


def said(server: DiscordServer, channel: Channel) -> list[str]:
    """All that stands in a channel, oldest first."""
    return [m.content for m in server.messages(channel)]


async def status(server: DiscordServer, channel: Channel) -> Stored:
    """The message of a request that waits, once it is there."""

    def found() -> list[Stored]:
        return [m for m in server.messages(channel) if "⛔ Cancel" in labels(m)]

    await server.until(found, PATIENCE_S)
    return found()[-1]


async def test_a_month_later_it_is_drawn_from_the_record(tmp_path: Path) -> None:
    """The files are gone: it is drawn once more, the same, and that is said."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(server, tmp_path):
            words = {"prompt": "an apple -n 2 --size 64x64", "seed": 5}
            await server.slash(ann, art, "draw", words)
            grid = await more(server, art, 1)
        for file in (tmp_path / "data" / "pictures").rglob("*.png"):
            file.unlink()
        async with bot(server, tmp_path):
            await push(server, art, ann, grid, "U2")
            redrawn = await more(server, art, 2)
            await push(server, art, ann, redrawn, "U")
            larger = await more(server, art, 3)
    assert look(server, redrawn)[:2] == ((64, 64), colour(6))
    assert "cleared away" in redrawn.content
    assert look(server, larger)[0] == (128, 128)
