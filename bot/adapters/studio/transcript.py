"""The chat as it stands, and the stream of its changes for every open page.

A page holds a place in the history of changes. It is told what changed since, the newest state of
each message only, so a page that was away for a while catches up in one go and a slow one skips
what is stale. Nothing here outlives the process: the journal does.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from bot.adapters.studio.bubble import Bubble

HEARTBEAT_S = 15.0
"""A comment is sent this often, so that a connection that died is noticed."""


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    bubble: Bubble | None
    """None: the message was removed."""


class Transcript:
    """The newest `most` messages, by id, in the order in which they changed."""

    def __init__(self, most: int = 400) -> None:
        self._most = most
        # Places of an earlier process mean nothing in this one; its pages begin anew.
        self._boot = secrets.token_hex(4)
        self._entries: dict[str, _Entry] = {}
        self._number = 0
        self._last_id = 0
        self._changed = asyncio.Event()
        self._closed = False

    def new_id(self) -> str:
        """A message id greater than all before it, over restarts too (milliseconds)."""
        self._last_id = max(self._last_id + 1, int(time.time() * 1000))
        return str(self._last_id)

    def get(self, message_id: str) -> Bubble | None:
        """A message that is still shown."""
        entry = self._entries.get(message_id)
        return entry.bubble if entry else None

    def put(self, bubble: Bubble) -> None:
        """Show a new message, or a new state of a known one."""
        ids = (bubble.id, *(picture.id for picture in bubble.pictures))
        self._last_id = max(self._last_id, *(int(i) for i in ids if i.isdecimal()), 0)
        self._change(bubble.id, bubble)

    def remove(self, message_id: str) -> None:
        """Take a message away, if it is there."""
        if self.get(message_id) is not None:
            self._change(message_id, None)

    def remove_others(self, message_id: str) -> None:
        """Take all messages away but this one."""
        for other in [i for i, entry in self._entries.items() if entry.bubble and i != message_id]:
            self._change(other, None)

    def picture_shown(self, message_id: str) -> str:
        """Address of the picture that this message shows, or nothing."""
        for entry in reversed(self._entries.values()):
            if entry.bubble is None:
                continue
            if entry.bubble.id == message_id and entry.bubble.image:
                return entry.bubble.image
            for picture in entry.bubble.pictures:
                if picture.id == message_id:
                    return picture.url
        return ""

    def close(self) -> None:
        """End every stream of changes."""
        self._closed = True
        self._changed.set()

    async def changes(self, place: str) -> AsyncIterator[bytes]:
        """Server-sent events since `place` (the last event id a page saw), until closed.

        `hello` comes first where the page must forget what it shows; then `message` with a
        `Bubble`, or `gone` with an id.
        """
        boot, _, number = place.partition(".")
        if boot == self._boot and number.isdecimal():
            seen = int(number)
        else:
            seen = 0
            yield self._event("hello", 0, b"{}")
        while not self._closed:
            changed = self._changed
            for message_id, entry in list(self._entries.items()):
                if entry.number > seen:
                    seen = entry.number
                    yield self._told(message_id, entry)
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await changed.wait()
            except TimeoutError:
                yield b": still here\n\n"

    def _change(self, message_id: str, bubble: Bubble | None) -> None:
        self._number += 1
        self._entries.pop(message_id, None)
        self._entries[message_id] = _Entry(self._number, bubble)
        if len(self._entries) > self._most:
            del self._entries[next(iter(self._entries))]
        self._changed.set()
        self._changed = asyncio.Event()

    def _told(self, message_id: str, entry: _Entry) -> bytes:
        if entry.bubble is None:
            return self._event("gone", entry.number, msgspec.json.encode(message_id))
        return self._event("message", entry.number, msgspec.json.encode(entry.bubble))

    def _event(self, name: str, number: int, data: bytes) -> bytes:
        return b"id: %s.%d\nevent: %s\ndata: %s\n\n" % (
            self._boot.encode(),
            number,
            name.encode(),
            data,
        )
