"""Answers to commands and presses. One that Telegram does not take yet waits with its chat, and
holds up nobody else."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from bot.adapters.telegram.background import Background
from bot.adapters.telegram.timing import Timing
from bot.domain import Outgoing, Receipt
from bot.errors import DeliveryError, RetryLater

log = logging.getLogger(__name__)

TRIES = 3
MOST_WAITING = 50
"""In one chat; what comes after them is given up."""
Then = Callable[[Receipt], Awaitable[None]]
"""Awaited once an answer has arrived."""


class Answers:
    """Brings answers in their order within a chat; what cannot be said after a few tries is given
    up, as nobody expects it any more."""

    def __init__(self, deliver: Callable[[Outgoing], Awaitable[Receipt]], timing: Timing) -> None:
        self._deliver = deliver
        self._timing = timing
        self._waiting: dict[str, deque[tuple[Outgoing, Then | None]]] = {}
        self._background = Background()

    async def bring(self, message: Outgoing, then: Then | None = None) -> None:
        """Say it now, or leave it to wait."""
        chat = message.to.chat_id
        seconds = 0.0
        if chat not in self._waiting:
            again = await self._tried(message, then)
            if again is None:
                return
            seconds = again
        if (waiting := self._waiting.get(chat)) is None:
            self._waiting[chat] = deque([(message, then)])
            self._background.start(self._later(chat, seconds), f"telegram answers {chat}")
        elif len(waiting) < MOST_WAITING:
            waiting.append((message, then))
        else:
            log.warning("telegram: too many answers wait in chat %s, one is given up", chat)

    async def close(self) -> None:
        """Give up what waits."""
        await self._background.close()

    async def _later(self, chat: str, seconds: float) -> None:
        waiting, tries = self._waiting[chat], TRIES - 1
        try:
            while waiting:
                await asyncio.sleep(min(seconds, self._timing.flood_s))
                again = await self._tried(*waiting[0])
                tries, seconds = tries - 1, again or 0.0
                if again is not None and tries:
                    continue
                if again is not None:
                    log.warning("telegram: answer given up in chat %s", chat)
                waiting.popleft()
                tries = TRIES
        except Exception:
            log.exception("telegram: unexpected error; answers in chat %s are given up", chat)
        finally:
            del self._waiting[chat]

    async def _tried(self, message: Outgoing, then: Then | None) -> float | None:
        """Seconds after which to try again; None: it has arrived, or never will."""
        try:
            receipt = await self._deliver(message)
        except RetryLater as error:
            log.info("telegram: answer waits %.0f s: %s", error.seconds, error)
            return error.seconds
        except DeliveryError as error:
            log.warning("telegram: answer not delivered: %s", error)
            return None
        if then is not None:
            await then(receipt)
        return None
