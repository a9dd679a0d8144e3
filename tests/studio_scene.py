"""A running studio on a free port of loopback, with a scripted conversation behind it."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from bot.adapters.studio import StudioAdapter
from bot.config import StudioConfig
from bot.database import Database
from bot.domain import Answer, Incoming, Job, Picture, Platform, Press, ReplyTo
from bot.gallery import Gallery
from bot.journal import Journal
from bot.picture_store import PictureStore
from tests import samples


def png(colour: str = "red", size: int = 64) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(file, "PNG")
    return file.getvalue()


def place(message_id: str) -> ReplyTo:
    return ReplyTo(platform=Platform.STUDIO, chat_id="studio", message_id=message_id, private=True)


class ScriptedConversation:
    """Notes what it hears and answers what it is told to, once `go` is set."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.pressed: list[Press] = []
        self.answer = Answer()
        self.go = asyncio.Event()
        self.go.set()

    async def handle(self, incoming: Incoming) -> Answer:
        self.heard.append(incoming)
        await self.go.wait()
        return self.answer

    async def press(self, press: Press) -> Answer:
        self.pressed.append(press)
        return self.answer


class Events:
    """An open stream of server-sent events."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.last_id = ""

    async def next(self) -> tuple[str, Any]:
        """Name and data of the next event."""
        name, data = "", ""
        async with asyncio.timeout(5):
            while line := (await self.response.content.readline()).decode():
                key, _, value = line.rstrip("\n").partition(": ")
                if key == "id":
                    self.last_id = value
                elif key == "event":
                    name = value
                elif key == "data":
                    data = value
                elif name:
                    return name, json.loads(data)
        raise EOFError

    async def message(self) -> dict[str, Any]:
        """The next message, which must be what comes next."""
        name, data = await self.next()
        assert name == "message"
        assert isinstance(data, dict)
        return data


@dataclass
class Scene:
    """What a test of the studio talks to."""

    adapter: StudioAdapter
    conversation: ScriptedConversation
    journal: Journal
    store: PictureStore
    http: aiohttp.ClientSession
    running: asyncio.Task[None] = field(repr=False)

    @property
    def address(self) -> str:
        return self.adapter.address

    async def send(self, text: str = "", **parts: Any) -> str:
        """Send a message as the page does; its id."""
        form = aiohttp.FormData()
        form.add_field("text", text, content_type="text/plain")
        for name, value in parts.items():
            if isinstance(value, bytes):
                form.add_field(name, value, filename="picture.png", content_type="image/png")
            else:
                form.add_field(name, value)
        async with self.http.post(f"{self.address}/api/messages", data=form()) as response:
            assert response.status == 202, await response.text()
            return str((await response.json())["id"])

    @asynccontextmanager
    async def events(self, since: str | None = None) -> AsyncIterator[Events]:
        """The stream, from `since` or anew (with `hello` taken off)."""
        headers = {"Last-Event-ID": since} if since is not None else {}
        async with self.http.get(f"{self.address}/api/events", headers=headers) as response:
            assert response.status == 200
            events = Events(response)
            if since is None:
                assert await events.next() == ("hello", {})
            yield events


async def remember_drawn(
    scene: Scene, database: Database, *, message_id: str = "10", count: int = 1
) -> Job:
    """Put a drawn request with real pictures into the journal."""
    member = samples.requester("local", platform=Platform.STUDIO)
    job = samples.job(
        f"job{message_id}",
        key=message_id,
        requester=member,
        reply_to=place(message_id),
        text="a red apple",
    )
    async with database.transaction() as t:
        await scene.journal.accept(t, job)
    await scene.journal.begin(job.id)
    pictures = [(drawn_picture(i), await scene.store.put(png())) for i in range(count)]
    async with database.transaction() as t:
        await scene.journal.end_drawn(t, job.id, pictures, 3.0)
    return job


def drawn_picture(index: int) -> Picture:
    infotext = f"a red apple\nSteps: 20, Sampler: Euler a, Seed: {index}, Size: 64x64"
    return Picture(index=index, png=png(), seed=index, infotext=infotext)


@asynccontextmanager
async def studio(
    database: Database, folder: Path, *, password: str = "", **config: Any
) -> AsyncIterator[Scene]:
    """Serve the studio until the block is left."""
    conversation = ScriptedConversation()
    store = PictureStore(folder / "pictures")
    journal = Journal(database, store)
    adapter = StudioAdapter(
        config=StudioConfig(**{"port": 0, **config}),
        password=password,
        conversation=conversation,
        history=journal,
        gallery=Gallery(database),
    )
    running = asyncio.create_task(adapter.run())
    listening = asyncio.create_task(adapter.listening.wait())
    await asyncio.wait((running, listening), return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        listening.cancel()
        await running
    try:
        # Cookies on bare IP addresses are kept only by an unsafe jar.
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            yield Scene(adapter, conversation, journal, store, http, running)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
