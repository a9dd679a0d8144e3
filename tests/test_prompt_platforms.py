"""What the prompt filter does on Telegram and Discord: real sockets, and a bot that is restarted
while a request waits for an admin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.database import Database
from tests.app_fixture import running_app
from tests.quick_painter import COMMAND
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI
from tests.test_chat_filters import shipped_word
from tests.test_discord_holding import click, told
from tests.test_discord_holding import one as one_on_discord
from tests.test_telegram_holding import BOSS, PATIENCE_S, one, push, texts, with_button

pytestmark = pytest.mark.timeout(240)
SEXUAL, HATE = shipped_word("sexual"), shipped_word("hate")
REFUSED = "I will not draw this here: the request touches on {}. Nothing was charged."


@asynccontextmanager
async def bot(folder: Path, boss: str, **bases: str) -> AsyncIterator[App]:
    async with running_app(
        folder,
        render_command=COMMAND,
        access={"operators": [boss]},
        moderation={"classifier": "off", "sexual": "hold", "strikes_to_timeout": 2},
        **bases,
    ) as app:
        yield app


async def rows(folder: Path, table: str) -> list[Any]:
    async with Database(folder / "data" / "chatelier.sqlite") as database:
        return await database.rows(f"SELECT * FROM {table}")


async def test_a_refusal_on_telegram(tmp_path: Path) -> None:
    """A short reply that names the category and no word, costs nothing, and counts; the second
    one is a time-out."""
    boss = f"telegram:{BOSS.id}"
    async with TelegramServer() as server:
        group = server.group()
        async with bot(tmp_path, boss, telegram_base=server.base):
            for strike in (1, 2):
                await server.say(group, ANN, f"/draw a wall with {HATE}")
                await server.when(
                    lambda n=strike: len(texts(group, "touches on hate")) == n, PATIENCE_S
                )
            await server.say(group, ANN, "/draw a red apple")
            await server.when(lambda: bool(texts(group, "You cannot ask me")), PATIENCE_S)
    first, second = (m["text"] for m in texts(group, "touches on hate"))
    assert first.startswith(REFUSED.format("hate"))
    assert "one more within 30 days" in first
    assert "you cannot draw here for 1 h" in second
    assert HATE not in first + second
    assert await rows(tmp_path, "jobs") == await rows(tmp_path, "ledger") == []


async def test_a_refusal_on_discord(tmp_path: Path) -> None:
    """Only the one who asked sees it, and only once it counts."""
    async with DiscordServer() as server:
        ann, bob, boss = server.user("ann"), server.user("bob"), server.user("boss")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(tmp_path, f"discord:{boss.id}", discord_base=server.api_base):
            await server.connected()
            await server.slash(bob, art, "draw", {"prompt": f"a wall with {HATE}"})
            await server.until(lambda: told(bob, art), PATIENCE_S)
    assert told(bob, art)[0].startswith(REFUSED.format("hate"))
    assert "one more within 30 days" in told(bob, art)[0]
    assert HATE not in told(bob, art)[0]
    assert [m.content for m in server.messages(art) if m.only_for is None] == []
    assert await rows(tmp_path, "jobs") == await rows(tmp_path, "ledger") == []
    assert len(await rows(tmp_path, "strikes")) == 1


async def test_a_held_request_on_telegram(tmp_path: Path) -> None:
    """In the group without its category; the operator reads it in private; after a restart an
    admin of the group releases it, and it is drawn."""
    boss = f"telegram:{BOSS.id}"
    async with TelegramServer() as server:
        group, private = server.group(), server.private(BOSS)
        group.statuses[LI.id] = "administrator"
        async with bot(tmp_path, boss, telegram_base=server.base):
            await server.say(group, ANN, f"/draw {SEXUAL} --size 64x64")
            note = await one(server, group, "Release")
            aside = await one(server, private, "Release")
            waiting = note["text"]
        async with bot(tmp_path, boss, telegram_base=server.base):
            refused = await push(server, group, ANN, note, "Release")
            done = await push(server, group, LI, note, "Release")
            await one(server, group, "🎲")
            again = await push(server, private, BOSS, aside, "Refuse")
    assert "An admin looks at this request first" in waiting
    assert "sexual" not in waiting
    assert SEXUAL in aside["text"]
    assert "found sexual content" in aside["text"]
    assert refused == "Only the admins of this chat can do that."
    assert done == "已放行，正在排队。"
    assert again == "That is settled already."
    assert with_button(group, "Release") == []
    assert [job["state"] for job in await rows(tmp_path, "jobs")] == ["delivered"]


async def test_a_held_request_on_discord(tmp_path: Path) -> None:
    """An admin of the server reads it where nobody else does, and refuses it: refunded, told."""
    async with DiscordServer() as server:
        ann, bob, boss = server.user("ann"), server.user("bob"), server.user("boss")
        art = server.channel(server.guild("Painters", ann), "art")
        async with bot(tmp_path, f"discord:{boss.id}", discord_base=server.api_base):
            await server.connected()
            await server.slash(bob, art, "draw", {"prompt": f"{SEXUAL} in a garden"})
            note = await one_on_discord(server, art, "prompt-release")
            shown = await click(server, ann, art, note, "prompt-show")
            refused = await click(server, bob, art, note, "prompt-show")
            done = await click(server, ann, art, note, "prompt-delete")
            await server.until(
                lambda: any("not drawn here" in m.content for m in server.messages(art)), PATIENCE_S
            )
    assert f"{SEXUAL} in a garden" in shown
    assert refused == "Only the admins of this chat can do that."
    assert done == "Refused. The credits are back."
    assert [job["state"] for job in await rows(tmp_path, "jobs")] == ["failed"]
    assert sum(row["amount"] for row in await rows(tmp_path, "ledger")) == 0
