"""Receiving by webhook: the library registers it, updates come over a loopback socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest

from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram.webhook import SECRET_HEADER
from bot.config import TelegramConfig
from bot.conversation import Conversation
from bot.database import Database
from bot.domain import Platform
from bot.errors import ConfigError, StoreError
from tests.standins.telegram import TOKEN, TelegramServer
from tests.standins.telegram_scene import ANN, QUICK, Talk, WatchedInbox, running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Post:
    """Telegram's side: sends updates to the registered address."""

    def __init__(self, server: TelegramServer, talk: Talk, inbox: WatchedInbox) -> None:
        self.server, self.talk, self.inbox = server, talk, inbox

    async def send(self, update: Any, secret: str | None = None) -> int:
        """The status that the bot answers with."""
        assert self.server.webhook is not None
        if secret is None:
            secret = self.server.webhook["secret_token"]
        headers = {SECRET_HEADER: secret} if secret else {}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.server.webhook["url"], json=update, headers=headers) as answer,
        ):
            return answer.status

    def command(self, number: int, text: str = "/draw a fox") -> dict[str, Any]:
        chat = self.server.private(ANN)
        entity = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
        message = chat.add(ANN.json(), {"text": text, "entities": [entity]})
        return {"update_id": number, "message": message}


def adapter_at(
    server: TelegramServer, talk: Talk, inbox: WatchedInbox, port: int
) -> TelegramAdapter:
    return TelegramAdapter(
        config=TelegramConfig(
            api_base=server.base,
            webhook_url=f"http://127.0.0.1:{port}/telegram",
            webhook_port=port,
        ),
        token=TOKEN,
        conversation=cast(Conversation, talk),
        inbox=inbox,
        timing=QUICK,
    )


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Post]:
    """An adapter whose webhook is registered."""
    async with TelegramServer() as server:
        talk, inbox = Talk(), WatchedInbox(database, server)
        async with running(adapter_at(server, talk, inbox, free_port())):
            await server.when(lambda: server.webhook is not None)
            yield Post(server, talk, inbox)


async def test_updates_that_are_sent_are_handled(database: Database) -> None:
    """Once each, in their order, and nobody polls."""
    async with listening(database) as post:
        for number in (1, 2, 2):
            assert await post.send(post.command(number, f"/draw fox {number}")) == 200
        await post.inbox.until_done(2)
        methods = [call.method for call in post.server.heard]
    assert [i.text for i in post.talk.heard] == ["fox 1", "fox 2"]
    assert "getUpdates" not in methods
    assert "deleteWebhook" not in methods


async def test_telegram_is_told_a_secret_and_what_to_send(database: Database) -> None:
    """A new one at each start, long enough that nobody guesses it."""
    secrets = set()
    for _ in range(2):
        async with listening(database) as post:
            assert post.server.webhook is not None
            secrets.add(post.server.webhook["secret_token"])
            assert post.server.webhook["allowed_updates"] == [
                "message",
                "channel_post",
                "callback_query",
                "my_chat_member",
            ]
    assert len(secrets) == 2
    assert min(map(len, secrets)) >= 32


@pytest.mark.parametrize("secret", ["", "wrong", "é" * 8])
async def test_who_does_not_know_the_secret_is_turned_away(database: Database, secret: str) -> None:
    """Whatever it says is not even read."""
    async with listening(database) as post:
        assert await post.send(post.command(1), secret) == 403
        assert await post.inbox.waiting(Platform.TELEGRAM) == []
    assert post.talk.heard == []


@pytest.mark.parametrize("nonsense", [[], "x", {"message": {}}, {"update_id": None}])
async def test_what_is_no_update_is_not_asked_for_again(
    database: Database, nonsense: object
) -> None:
    """It is answered as if it were one: Telegram would repeat it for a day."""
    async with listening(database) as post:
        assert await post.send(nonsense) == 200
    assert post.talk.heard == []


async def test_what_cannot_be_stored_comes_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram repeats what is answered with an error, so nothing is lost."""

    async def full(*_: object) -> bool:
        raise StoreError("disk full")

    async with listening(database) as post:
        with monkeypatch.context() as patch:
            patch.setattr(post.inbox, "put", full)
            assert await post.send(post.command(1)) == 503
        assert await post.send(post.command(1)) == 200
        await post.inbox.until_done(1)
    assert len(post.talk.heard) == 1


async def test_polling_again_takes_the_webhook_away(database: Database) -> None:
    """Otherwise Telegram would refuse to be asked."""
    from tests.standins.telegram_scene import scene

    async with scene(database) as s:
        s.server.webhook = {"url": "https://old.example"}
        await s.server.next(lambda c: c.method == "deleteWebhook")
        await s.server.next(lambda c: c.method == "getUpdates")


async def test_a_taken_port_is_one_sentence(database: Database) -> None:
    """With the key to change."""
    async with TelegramServer() as server:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            adapter = adapter_at(server, Talk(), WatchedInbox(database, server), port)
            with pytest.raises(ConfigError, match=r"\[telegram\] webhook_port"):
                await asyncio.wait_for(adapter.run(), 20)
        assert server.webhook is None


async def test_a_telegram_that_is_away_is_asked_again(database: Database) -> None:
    """Until it takes the address."""
    async with TelegramServer() as server:
        server.refuse("setWebhook", 502, "Bad Gateway", times=2)
        talk = Talk()
        adapter = adapter_at(server, talk, WatchedInbox(database, server), free_port())
        async with running(adapter):
            await server.when(lambda: server.webhook is not None)
