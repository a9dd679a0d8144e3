"""A real `DiscordAdapter` on a stand-in server, with a conversation that a test writes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.discord import DiscordAdapter
from bot.config import DiscordConfig
from bot.database import Database
from bot.domain import Answer, Incoming, Kind, Outgoing, Platform, Press, ReplyTo, Requester
from bot.inbox import Inbox
from bot.phrase import Phrase
from bot.replies import language_for, say
from tests.standins.discord import TOKEN, DiscordServer

ACCEPTED = Answer(job_id="job000000001", private=False)
SILENCE = Answer()


@dataclass
class ScriptedConversation:
    """Answers what it is told to answer, and keeps what it was asked."""

    answer: Answer = ACCEPTED
    refusal: Answer | None = None
    own_account: str = ""
    greeting: Answer = SILENCE
    handled: list[Incoming] = field(default_factory=list)
    prechecked: list[Incoming] = field(default_factory=list)
    pressed: list[Press] = field(default_factory=list)
    joined_chats: list[tuple[ReplyTo, str, str | None]] = field(default_factory=list)
    languages: dict[str, str] = field(default_factory=dict)
    completions: tuple[str, ...] = ("Euler", "Euler a")
    line: str = "demo · nobody in line"
    before_answer: asyncio.Event | None = None
    changed: Callable[[], None] = lambda: None

    async def handle(self, incoming: Incoming) -> Answer:
        if self.before_answer is not None:
            await self.before_answer.wait()
        self.handled.append(incoming)
        self.changed()
        return self.answer

    async def precheck(self, incoming: Incoming) -> Answer | None:
        self.prechecked.append(incoming)
        self.changed()
        return self.refusal

    async def press(self, press: Press) -> Answer:
        self.pressed.append(press)
        self.changed()
        return self.answer

    def complete(self, field: str, typed: str) -> tuple[str, ...]:
        return tuple(c for c in self.completions if typed.lower() in c.lower())

    async def presets(self, requester: Requester, typed: str) -> tuple[str, ...]:
        return tuple(c for c in self.completions if typed.lower() in c.lower())

    def presence(self) -> str:
        return self.line

    async def knows_itself(self, platform: Platform, user_id: str) -> None:
        self.own_account = f"{platform}:{user_id}"

    async def spoken(self, requester: Requester) -> str | None:
        return self.languages.get(requester.user_id)

    async def joined(self, to: ReplyTo, title: str, language: str | None = None) -> Answer:
        self.joined_chats.append((to, title, language))
        self.changed()
        return self.greeting

    def words(self, requester: Requester, item: Phrase) -> str:
        return say(item, language_for(requester.language))


@dataclass
class Bench:
    """What a test works with."""

    server: DiscordServer
    adapter: DiscordAdapter
    conversation: Any
    inbox: Inbox
    task: asyncio.Task[None]

    async def asked(self, count: int = 1) -> Incoming:
        """The `count`-th request that reached the conversation."""
        handled = self.conversation.handled
        await self.server.until(lambda: len(handled) >= count)
        found: Incoming = handled[count - 1]
        return found

    async def settled(self) -> None:
        """Nothing waits in the inbox."""
        async with asyncio.timeout(10):
            while await self.inbox.waiting(Platform.DISCORD):
                await asyncio.sleep(0)

    async def set_aside(self, key: str) -> str:
        """Why the event of that key was set aside; waits for it."""
        query = "SELECT set_aside FROM inbox WHERE key = ? AND set_aside IS NOT NULL"
        async with asyncio.timeout(10):
            while not (rows := await self.inbox._database.rows(query, (key,))):
                await asyncio.sleep(0)
        return str(rows[0]["set_aside"])

    async def done(self, name: str) -> None:
        """What the adapter does beside its connection (`replay`, `commands`) has ended."""
        tasks = {t for t in asyncio.all_tasks() if t.get_name() == f"discord {name}"}
        if tasks:
            await asyncio.wait(tasks)


async def kept(database: Database, count: int) -> None:
    """So many events lie in the inbox."""
    async with asyncio.timeout(10):
        while len(await Inbox(database).waiting(Platform.DISCORD)) < count:
            await asyncio.sleep(0)


@asynccontextmanager
async def bench(
    server: DiscordServer,
    database: Database,
    conversation: ScriptedConversation | None = None,
    **config: Any,
) -> AsyncIterator[Bench]:
    """Run the adapter until the block ends; it must leave nothing behind."""
    conversation = conversation or ScriptedConversation()
    conversation.changed = server.rest.changed
    inbox = Inbox(database)
    adapter = DiscordAdapter(
        config=DiscordConfig(api_base=server.api_base, **config),
        token=TOKEN,
        conversation=conversation,
        inbox=inbox,
    )
    task = asyncio.create_task(adapter.run())
    try:
        await _started(server, task)
        yield Bench(server, adapter, conversation, inbox, task)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    left = [t for t in asyncio.all_tasks() if "/discord/" in _file(t)]
    assert not left, f"tasks are left: {left}"


def _file(task: asyncio.Task[Any]) -> str:
    """Where a task's coroutine was written: in the library, in the adapter or elsewhere."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename.replace("\\", "/") if code else ""


async def _started(server: DiscordServer, task: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(server.connected())
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        await task
    await waiting


def outgoing(to: ReplyTo, kind: Kind = Kind.RESULT, **more: Any) -> Outgoing:
    """A message to a chat, of the job that the scripted conversation accepts."""
    job = "job000000001"
    known = {"nonce": f"{job}-{kind[0]}", "job_id": job}
    return Outgoing(kind=kind, to=to, **(known | more))
