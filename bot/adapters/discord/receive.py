"""What Discord tells us is committed first and handled afterwards, each event by itself."""

import asyncio
import json
import logging
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Protocol

from bot.adapters.discord.errors import ANSWERING
from bot.domain import Platform
from bot.errors import StoreError
from bot.inbox import Inbox
from bot.insist import insist

log = logging.getLogger(__name__)

ME = Platform.DISCORD


class Handler(Protocol):
    """Handles one kind of event."""

    async def at_once(self, raw: Any) -> bool:
        """True: done with, nothing to keep (autocompletion, somebody else's message)."""
        ...

    async def take(self, raw: Any, *, again: bool) -> tuple[str, ...]:
        """Handle `raw`; the keys of all events that are settled by that. `again`: a replay."""
        ...

    async def refuse(self, raw: Any) -> None:
        """Say kindly that nothing can be kept now."""
        ...


class Receiver:
    """Owns a task for each event that is being handled."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._handlers: Mapping[str, Handler] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def use(self, handlers: Mapping[str, Handler]) -> None:
        """Who handles which event."""
        self._handlers = handlers

    def hear(self, event: str, raw: Any) -> None:
        """Called by the gateway; returns at once and never raises."""
        self.start(self._receive(event, raw), event)

    async def replay(self) -> None:
        """Handle again what was received and not settled before the program ended."""
        for key, kept in await self._inbox.waiting(ME):
            event, raw = json.loads(kept)
            log.info("discord: %s %s is taken up again", event, key)
            await self._handle(event, key, raw, again=True)

    async def close(self) -> None:
        """Stop handling; what is not settled is replayed at the next start."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do `work` beside the connection; it is stopped with the rest."""
        if self._closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(_logged(work, name), name=f"discord {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self, event: str, raw: Any) -> None:
        handler = self._handlers[event]
        if await handler.at_once(raw):
            return
        key = str(raw["id"])
        try:
            new = await self._inbox.put(ME, key, json.dumps([event, raw]))
        except StoreError:
            log.exception("discord: %s cannot be kept", key)
            await handler.refuse(raw)
            return
        if new:
            await self._handle(event, key, raw, again=False)

    async def _handle(self, event: str, key: str, raw: Any, *, again: bool) -> None:
        try:
            try:
                settled = await self._handlers[event].take(raw, again=again)
            except Exception as error:
                settled = await self._failed(key, error)
            for done in settled:
                # However long that takes: who was told that nothing can be kept now would else be
                # drawn for at the next start.
                settle = partial(self._inbox.settle, ME, done)
                await insist(settle, f"discord: that {done} is handled")
        except StoreError:
            log.exception("discord: what became of %s cannot be written down", key)

    async def _failed(self, key: str, error: Exception) -> tuple[str, ...]:
        if isinstance(error, ANSWERING):
            # Discord would not take our answer; what was accepted goes its own way by delivery.
            log.warning("discord: %s could not be answered: %s", key, error)
            return (key,)
        log.error("discord: %s cannot be handled and is set aside", key, exc_info=error)
        await self._inbox.set_aside(ME, key, f"{type(error).__name__}: {error}")
        return ()


async def _logged(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except Exception:
        log.exception("discord: %s cannot be read or done", name)
