"""A whole bot at a Bot API server, and what tests do and see there."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.adapters.telegram.timing import Timing
from bot.app import App
from bot.domain import Platform
from tests.app_fixture import running_app
from tests.quick_painter import COMMAND
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_wire import Call
from tests.standins.telegram_world import Chat, Json, Person

PATIENCE_S = 60
SINGLE = ["U", "V", "🎲", "✏️", "📄", "ℹ️", "🗑", "⚑"]
"""The buttons of one picture."""
NEW = ("sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup")
EDITS = ("editMessageText", "editMessageCaption", "editMessageMedia")
SPOKEN = (*NEW, *EDITS, "deleteMessage", "deleteMessages", "setMessageReaction")
"""Calls that Telegram counts in a group."""


@asynccontextmanager
async def bot(
    server: TelegramServer, folder: Path, painter: tuple[str, ...] = COMMAND, **sections: Any
) -> AsyncIterator[App]:
    """A bot until the block ends; over the same folder it is the same bot, started again."""
    async with running_app(
        folder, telegram_base=server.base, render_command=painter, **sections
    ) as app:
        yield app


def hasten(monkeypatch: pytest.MonkeyPatch, window_s: float, edits_s: float = 0.1) -> None:
    """Bots that are started now take `window_s` for a minute."""
    quick = partial(Timing, window_s=window_s, nod_s=window_s / 30)
    monkeypatch.setattr("bot.adapters.telegram.adapter.Timing", quick)
    monkeypatch.setattr("bot.app._edit_pause", lambda _: edits_s)


def spoken(server: TelegramServer, chat: Chat, *methods: str) -> list[Call]:
    """Calls in a chat, in the order in which they came."""
    heard = [c for c in server.heard if c.method in (methods or SPOKEN)]
    return sorted((c for c in heard if c.p["chat_id"] == chat.id), key=lambda c: c.at)


def labels(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def results(chat: Chat) -> list[Json]:
    """Messages of the bot that show a result with its buttons, oldest first."""
    return [m for m in chat.messages.values() if "🎲" in labels(m)]


def statuses(chat: Chat) -> list[Json]:
    return [m for m in chat.messages.values() if any("⛔" in label for label in labels(m))]


def files(chat: Chat) -> list[Json]:
    return [m for m in chat.messages.values() if "document" in m]


async def more(server: TelegramServer, chat: Chat, count: int) -> Json:
    """The newest of `count` results, once nothing else of the bot's is in the chat."""
    await server.when(lambda: len(results(chat)) == count, PATIENCE_S)
    await server.when(lambda: not statuses(chat), PATIENCE_S)
    newest = results(chat)[-1]
    assert newest.get("caption", "").count("\n") < 3, newest["caption"]
    return newest


async def push(server: TelegramServer, chat: Chat, who: Person, message: Json, label: str) -> str:
    """Press the button with this label and wait until it is answered; what was answered."""
    query = await server.press(chat, who, message["message_id"], labels(message).index(label))
    await server.when(lambda: query in server.alerts, PATIENCE_S)
    return server.alerts[query]


async def drawn(
    server: TelegramServer, chat: Chat, who: Person | None, text: str, **extra: Any
) -> Json:
    """The result that `text` asks for."""
    count = len(results(chat))
    await server.say(chat, who, text, **extra)
    return await more(server, chat, count + 1)


async def pressed(
    server: TelegramServer, chat: Chat, who: Person, message: Json, label: str
) -> Json:
    """The result that a button asks for."""
    count = len(results(chat))
    await push(server, chat, who, message, label)
    return await more(server, chat, count + 1)


async def said(server: TelegramServer, chat: Chat, part: str) -> Json:
    """The message of the bot with these words in it; waits for it."""

    def found() -> list[Json]:
        mine = (number for number, who in chat.writers.items() if who == server.bot["id"])
        ours = (chat.messages[number] for number in mine if number in chat.messages)
        return [m for m in ours if part in m.get("text", "")]

    await server.when(lambda: bool(found()), PATIENCE_S)
    return found()[-1]


async def known(app: App, chat: Chat, message: Json) -> None:
    """The bot has written down what this message of its own is about."""
    ids = Platform.TELEGRAM, str(chat.id), str(message["message_id"])
    async with asyncio.timeout(PATIENCE_S):
        while await app.journal.message(*ids) is None:
            await asyncio.sleep(0)


def content(server: TelegramServer, message: Json) -> bytes:
    """The file that a message shows, as it was uploaded."""
    media = message["photo"][-1] if "photo" in message else message["document"]
    return server.files.data[media["file_id"]]


def look(server: TelegramServer, message: Json) -> tuple[tuple[int, int], Any]:
    """Size and first pixel of what a message shows."""
    with Image.open(io.BytesIO(content(server, message))) as image:
        return image.size, image.convert("RGB").getpixel((1, 1))


def parameters(server: TelegramServer, message: Json) -> str:
    """The infotext inside the file of a message."""
    with Image.open(io.BytesIO(content(server, message))) as image:
        return str(image.info["parameters"])
