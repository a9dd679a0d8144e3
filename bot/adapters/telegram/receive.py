"""Updates: committed before Telegram is told that we have them, then handled one by one.

Telegram forgets an update once getUpdates asks for a later one. So each is written to the inbox
first, as it came; what a kill left unhandled is replayed at the next start, and an update that
comes twice is handled once. Each is parsed by itself: one that cannot be is set aside.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.errors import translate
from bot.adapters.telegram.lanes import Lanes
from bot.adapters.telegram.parse import Event, Me, Migrated, lane, read
from bot.adapters.telegram.timing import Timing
from bot.domain import Platform
from bot.errors import RetryLater, StoreError
from bot.inbox import Inbox
from bot.insist import insist

log = logging.getLogger(__name__)

TOKEN_TRIES = 5
"""Telegram must refuse a token that worked before as often as this to be believed."""


class Receiver:
    """Polls until cancelled, or takes what a webhook hears.

    `handle` gets each event once it is safe on disk.
    """

    def __init__(
        self,
        *,
        api: Api,
        me: Me,
        inbox: Inbox,
        lanes: Lanes,
        handle: Callable[[Event], Awaitable[None]],
        timing: Timing,
    ) -> None:
        self._api = api
        self._me = me
        self._inbox = inbox
        self._lanes = lanes
        self._handle = handle
        self._timing = timing
        self._offset: int | None = None
        self._failures = 0
        self._conflict_told = False

    async def replay(self) -> None:
        """Hand on what the last run left unhandled.

        Raises:
            StoreError: the inbox cannot be read.
        """
        for key, raw in await self._inbox.waiting(Platform.TELEGRAM):
            await self._dispatch(key, raw)

    async def poll(self) -> None:
        """Ask for updates, for ever.

        Raises:
            InvalidToken: Telegram refuses the token, and goes on refusing it.
        """
        while True:
            try:
                await self.take(await self._api.raw_updates(self._offset))
                self._failures = 0
                self._conflict_told = False
            except TelegramError as error:
                await self._pause(error)
            except StoreError as error:
                # Nothing is confirmed that is not on disk: Telegram keeps the rest for a day.
                log.error("telegram: updates cannot be stored, trying again: %s", error)
                await asyncio.sleep(self._back_off())

    async def take(self, updates: list[dict[str, Any]]) -> None:
        """Put updates on disk, then hand them on.

        Raises:
            StoreError: one could not be stored.
        """
        for update in updates:
            key = update["update_id"]
            raw = json.dumps(update)
            if await self._inbox.put(Platform.TELEGRAM, str(key), raw):
                await self._dispatch(str(key), raw)
            # An id after a quiet week is random, so the next one may be lower than this.
            self._offset = key + 1

    async def _dispatch(self, key: str, raw: str) -> None:
        try:
            update = Update.de_json(json.loads(raw), self._api)
            event = read(update, self._me)
        except Exception as error:
            # Whatever a later server sends and this library chokes on: keep it, and go on.
            log.error("telegram: update %s cannot be read, set aside: %r", key, error)
            await self._inbox.set_aside(Platform.TELEGRAM, key, repr(error))
            return
        if event is None:
            await self._inbox.settle(Platform.TELEGRAM, key)
        elif isinstance(event, Migrated):
            # Before anything that is said in the new chat.
            await self._settle(key, event)
        else:
            await self._lanes.put(lane(event), lambda: self._settle(key, event))

    async def _settle(self, key: str, event: Event) -> None:
        try:
            await self._handle(event)
        except StoreError as error:
            log.error("telegram: update %s waits for the next start: %s", key, error)
        except Exception as error:
            log.exception("telegram: update %s could not be handled, set aside", key)
            await self._inbox.set_aside(Platform.TELEGRAM, key, repr(error))
        else:
            # However long that takes: who was told that nothing can be kept now would else be drawn
            # for at the next start.
            settle = partial(self._inbox.settle, Platform.TELEGRAM, key)
            await insist(settle, f"telegram: that update {key} is handled")

    async def _pause(self, error: TelegramError) -> None:
        match error:
            case Conflict():
                if not self._conflict_told:
                    self._conflict_told = True
                    log.error(
                        "telegram: another program receives this bot's messages (%s); "
                        "stop it, or use a token of its own",
                        error,
                    )
                await asyncio.sleep(self._timing.conflict_s)
                return
            case RetryAfter():
                later = translate(error)
                seconds = later.seconds if isinstance(later, RetryLater) else 0.0
            case InvalidToken() if self._failures >= TOKEN_TRIES:
                raise error
            case _:
                seconds = self._back_off()
        log.warning("telegram: no updates, again in %.0f s: %s", seconds, type(error).__name__)
        await asyncio.sleep(seconds)

    def _back_off(self) -> float:
        seconds = self._timing.back_off_s * 2.0 ** min(self._failures, 16)
        self._failures += 1
        return min(seconds, self._timing.longest_s)
