"""Takes status messages away once their results are there: one call for all that wait by then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.background import Background
from bot.adapters.telegram.budget import REMOVALS, Budget
from bot.adapters.telegram.errors import translate
from bot.adapters.telegram.post import place_of
from bot.adapters.telegram.timing import Timing
from bot.domain import Outgoing
from bot.errors import RetryLater

log = logging.getLogger(__name__)

TRIES = 5
AT_ONCE = 100
"""Messages that one call deletes (https://core.telegram.org/bots/api#deletemessages)."""
_URGENT = 5
"""More of them are not more urgent."""


class Removals:
    """Deletes by chat. `stays` is awaited for what cannot be deleted; nothing here may fail a
    result, which is in the chat already."""

    def __init__(
        self,
        api: Api,
        budget: Budget,
        timing: Timing,
        stays: Callable[[Outgoing], Awaitable[None]],
    ) -> None:
        self._api = api
        self._budget = budget
        self._timing = timing
        self._stays = stays
        self._waiting: dict[str, list[Outgoing]] = {}
        self._background = Background()

    def add(self, message: Outgoing) -> None:
        """Delete what `message.remove` names, when there is room."""
        chat = message.to.chat_id
        if chat in self._waiting:
            self._waiting[chat].append(message)
            return
        self._waiting[chat] = [message]
        self._background.start(self._sweep(chat), f"telegram removals {chat}")

    async def close(self) -> None:
        """Leave what waits where it is."""
        await self._background.close()

    async def _sweep(self, chat: str) -> None:
        waiting = self._waiting[chat]
        try:
            while waiting:
                await self._room(chat, waiting)
                batch = waiting[:AT_ONCE]
                del waiting[:AT_ONCE]
                await self._delete(chat, batch)
        except Exception:
            log.exception("telegram: unexpected error; status messages in chat %s stay", chat)
        finally:
            del self._waiting[chat]

    async def _room(self, chat: str, waiting: list[Outgoing]) -> None:
        """Wait for a call; the more wait for it, the more it is worth one."""
        while True:
            seconds = self._budget.wait(chat, REMOVALS + min(len(waiting), _URGENT))
            if seconds <= 0:
                self._budget.spend(chat)
                return
            await asyncio.sleep(min(seconds, self._timing.nod_s))

    async def _delete(self, chat: str, batch: list[Outgoing]) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                await self._call(batch)
                return
            except TelegramError as error:
                if isinstance(error, BadRequest) and len(batch) > 1:
                    break
                told = translate(error, repeatable=True)
                if not isinstance(told, RetryLater) or not tries_left:
                    log.info("telegram: status messages in chat %s stay: %s", chat, told)
                    for message in batch:
                        await self._stays(message)
                    return
                if isinstance(error, RetryAfter):
                    self._budget.hold(chat, min(told.seconds, self._timing.flood_s))
                else:
                    await asyncio.sleep(min(told.seconds, self._timing.flood_s))
                await self._room(chat, batch)
        for message in batch:  # one of them cannot be deleted
            await self._room(chat, batch)
            await self._delete(chat, [message])

    async def _call(self, batch: list[Outgoing]) -> None:
        chat = place_of(batch[0]).chat_id
        ids = [int(message.remove or 0) for message in batch]
        if len(ids) == 1:
            await self._api.delete_message(chat, ids[0])
        else:
            await self._api.delete_messages(chat, ids)
