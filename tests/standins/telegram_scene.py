"""The adapter between a Bot API server and a conversation whose lines are written by the test."""

import asyncio
import io
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from PIL import Image

from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram.timing import Timing
from bot.config import TelegramConfig
from bot.conversation import Conversation
from bot.database import Database
from bot.domain import Answer, Incoming, Platform, Press, ReplyTo, Requester
from bot.inbox import Inbox
from bot.phrase import Phrase
from bot.replies import language_for, say
from tests.standins.telegram import TOKEN, TelegramServer
from tests.standins.telegram_world import Chat, Person

ANN = Person(111, "Ann", "en")
LI = Person(222, "李", "zh-hans")
QUICK = Timing(
    connect_s=5,
    read_s=5,
    media_s=5,
    long_poll_s=5,
    back_off_s=0.01,
    longest_s=0.05,
    conflict_s=0.01,
    press_s=1,
    album_s=0.3,
    farewell_s=0.05,
    flood_s=0.05,
)


def png(width: int, height: int, *, noise: bool = False) -> bytes:
    """A PNG of that size in pixels; with `noise`, one that cannot be compressed."""
    size = (width, height)
    if noise:
        data = random.Random(0).randbytes(3 * width * height)
        picture = Image.frombytes("RGB", size, data)
    else:
        picture = Image.new("RGB", size, (200, 30, 30))
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


async def _echo(incoming: Incoming) -> Answer:
    return Answer(text=f"{incoming.command}: {incoming.text}")


@dataclass
class Talk:
    """Answers with what the test gives it, and keeps what it was asked."""

    handler: Callable[[Incoming], Awaitable[Answer]] = _echo
    pressing: Callable[[Press], Awaitable[Answer]] | None = None
    heard: list[Incoming] = field(default_factory=list)
    refusal: Answer | None = None
    own_account: str = ""
    presses: list[Press] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    greeted: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    """What messages besides results are about, by their ids."""

    async def handle(self, incoming: Incoming) -> Answer:
        self.heard.append(incoming)
        return await self.handler(incoming)

    async def precheck(self, incoming: Incoming, *, aloud: bool = True) -> Answer | None:
        assert not aloud, "Telegram has no answer that must be given"
        return self.refusal

    async def knows_itself(self, platform: Platform, user_id: str) -> None:
        self.own_account = f"{platform}:{user_id}"

    async def too_old(self, incoming: Incoming) -> Answer:
        return Answer(text=self.words(incoming.requester, Phrase("request-too-old")))

    async def press(self, press: Press) -> Answer:
        self.presses.append(press)
        return await self.pressing(press) if self.pressing else Answer(text="pressed")

    async def joined(self, to: ReplyTo, title: str) -> Answer:
        self.greeted.append(f"{to.chat_id} {title}")
        return Answer(text=f"hello {title}")

    async def migrated(self, platform: Platform, old: str, new: str) -> None:
        self.moved.append((old, new))

    async def shows(self, press: Press, message_ids: Sequence[str]) -> None:
        self.shown.update(dict.fromkeys(message_ids, press.argument))

    def words(self, requester: Requester, item: Phrase) -> str:
        return say(item, language_for(requester.language))


class WatchedInbox(Inbox):
    """The real inbox, which tells when it is done with an update."""

    def __init__(self, database: Database, server: TelegramServer) -> None:
        super().__init__(database)
        self._server = server
        self.settled: list[str] = []
        self.aside: list[str] = []

    async def settle(self, platform: Platform, key: str) -> None:
        await super().settle(platform, key)
        self.settled.append(key)
        await self._server.notify()

    async def set_aside(self, platform: Platform, key: str, why: str) -> None:
        await super().set_aside(platform, key, why)
        self.aside.append(key)
        await self._server.notify()

    async def until_done(self, count: int) -> None:
        """Wait until `count` updates are settled or set aside."""
        await self._server.when(lambda: len(self.settled) + len(self.aside) >= count)


@dataclass
class Scene:
    """A running adapter and all that surrounds it."""

    server: TelegramServer
    talk: Talk
    adapter: TelegramAdapter
    inbox: WatchedInbox
    chat: Chat


def adapter_for(
    server: TelegramServer,
    talk: Talk,
    inbox: Inbox,
    *,
    token: str = TOKEN,
    timing: Timing = QUICK,
    max_age_s: int = 3600,
    ranks_matter: bool = False,
) -> TelegramAdapter:
    return TelegramAdapter(
        config=TelegramConfig(api_base=server.base, max_age_s=max_age_s),
        token=token,
        conversation=cast(Conversation, talk),
        inbox=inbox,
        ranks_matter=ranks_matter,
        timing=timing,
    )


@asynccontextmanager
async def running(adapter: TelegramAdapter) -> AsyncIterator[TelegramAdapter]:
    """Run until the block ends; what the adapter raises is raised."""
    task = asyncio.create_task(adapter.run())
    try:
        yield adapter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


@asynccontextmanager
async def scene(
    database: Database, talk: Talk | None = None, timing: Timing = QUICK, max_age_s: int = 3600
) -> AsyncIterator[Scene]:
    """A server with one group, and the adapter listening to it."""
    talk = talk or Talk()
    async with TelegramServer() as server:
        inbox = WatchedInbox(database, server)
        adapter = adapter_for(server, talk, inbox, timing=timing, max_age_s=max_age_s)
        async with running(adapter):
            yield Scene(server, talk, adapter, inbox, server.group())
