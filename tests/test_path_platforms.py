"""Each way by which words reach the text encoder, on Telegram and on Discord: real sockets, the
whole bot. `tests/test_text_paths.py` has more ways, without a platform."""

from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.preferences import PreferenceStore
from bot.presets import Preset, PresetStore
from bot.quota.accounts import Accounts
from tests.app_fixture import running_app
from tests.quick_painter import COMMAND
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN
from tests.test_discord_buttons import more as more_on_discord
from tests.test_discord_buttons import push as push_on_discord
from tests.test_telegram_buttons import known, more, push, said
from tests.test_text_paths import WORD, pasted, png

pytestmark = pytest.mark.timeout(240)
REFUSED = "touches on gore"
PATIENCE_S = 60
SETTINGS: dict[str, Any] = {
    "render_command": COMMAND,
    "moderation": {"classifier": "off", "strikes_to_timeout": 0},
}


async def prepare(app: App, account: str) -> None:
    """A preset from before its word was forbidden."""
    database = app.journal._database
    store = PresetStore(database, Accounts(database, app.config.quota).linked)
    await store.save(account, Preset(name="mine", words=f"{{prompt}}, {WORD}"))


async def style(app: App, chat: str) -> None:
    """A house style from before its word was forbidden."""
    store = PreferenceStore(app.journal._database)
    await store.set("chat", chat, "style", f"{{prompt}}, {WORD}", by="telegram:9")


async def kept(app: App, folder: Path) -> tuple[int, int]:
    """How many requests were taken, and how many pictures lie on the disk."""
    rows = await app.journal._database.rows("SELECT id FROM jobs")
    return len(rows), len(list((folder / "data" / "pictures").glob("*/*")))


async def test_on_telegram(tmp_path: Path) -> None:
    """Every one is refused by its category, without the word; no request and no picture stays."""
    async with TelegramServer() as server:
        group = server.group()
        async with running_app(tmp_path, telegram_base=server.base, **SETTINGS) as app:

            def refused() -> list[str]:
                texts = [m.get("text", "") for m in group.messages.values()]
                return [text for text in texts if REFUSED in text]

            async def is_refused(number: int) -> None:
                await server.when(lambda: len(refused()) == number, PATIENCE_S)

            await server.say(group, ANN, "/draw an apple --size 64x64")
            result = await more(server, group, 1)
            await prepare(app, f"telegram:{ANN.id}")
            before = await kept(app, tmp_path)
            await server.say(group, ANN, f"/draw a wall, {WORD}")
            await is_refused(1)
            await server.photo(group, ANN, png(), f"/draw {WORD}")
            await is_refused(2)
            await server.say(group, ANN, f"/draw {pasted(WORD)}")
            await is_refused(3)
            await server.document(group, ANN, png(pasted(WORD)), "/draw")
            await is_refused(4)
            await server.say(group, ANN, f"+ {WORD}", reply_to=result["message_id"])
            await is_refused(5)
            await push(server, group, ANN, result, "✏️")
            form = await said(server, group, "answer this message")
            await known(app, group, form)
            await server.say(group, ANN, WORD, reply_to=form["message_id"])
            await is_refused(6)
            await server.say(group, ANN, "/draw a wall --preset mine")
            await is_refused(7)
            await style(app, f"telegram:{group.id}")
            await server.say(group, ANN, "/draw a wall")
            await is_refused(8)
            assert await kept(app, tmp_path) == before
    assert not any(WORD.lower() in text.lower() for text in refused())


async def test_on_discord(tmp_path: Path) -> None:
    """The same, told to whoever asked only where the platform can do that."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        guild = server.guild("Painters", ann)
        art, private = server.channel(guild, "art"), server.private(ann)
        async with running_app(tmp_path, discord_base=server.api_base, **SETTINGS) as app:
            await server.connected()

            def refused() -> list[str]:
                seen = [*art.messages.values(), *private.messages.values()]
                return [m.content for m in seen if REFUSED in m.content]

            async def is_refused(number: int) -> None:
                await server.until(lambda: len(refused()) == number, PATIENCE_S)

            await server.slash(ann, art, "draw", {"prompt": "an apple --size 64x64"})
            result = await more_on_discord(server, art, 1)
            await prepare(app, f"discord:{ann.id}")
            before = await kept(app, tmp_path)
            await server.slash(ann, art, "draw", {"prompt": f"a wall, {WORD}"})
            await is_refused(1)
            picture = server.attachment("in.png", png())
            await server.slash(ann, art, "draw", {"prompt": WORD, "image": picture})
            await is_refused(2)
            await server.slash(ann, art, "draw", {"prompt": pasted(WORD)})
            await is_refused(3)
            carrying = server.attachment("in.png", png(pasted(WORD)))
            await server.slash(ann, art, "draw", {"image": carrying})
            await is_refused(4)
            await server.say(ann, art, f"+ {WORD}", reply_to=result.id)
            await is_refused(5)
            opened = await push_on_discord(server, art, ann, result, "✏️")
            await server.submit(ann, art, opened, prompt=WORD)
            await is_refused(6)
            await server.slash(ann, art, "draw", {"prompt": "a wall", "preset": "mine"})
            await is_refused(7)
            await style(app, f"discord:{guild.id}")
            await server.slash(ann, art, "draw", {"prompt": "a wall"})
            await is_refused(8)
            assert await kept(app, tmp_path) == before
    assert not any(WORD.lower() in text.lower() for text in refused())
