"""How often the bot may speak in one chat.

Telegram takes about 20 messages a minute in a group, edits counted, and says so only by refusing
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). What matters
less leaves room for what matters more: edits for new messages, and those for results.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from bot.domain import Kind, Outgoing

WINDOW_S = 61.0
"""A minute, and a second as calls may travel at different speeds."""
MOST = 20
REMOVALS = 13
REACTIONS = 12
FIRST_STATUSES = 8
EDITS = 7
"""Calls in a group and `WINDOW_S` beyond which this kind waits."""
_ANY = 1 << 30
_CHATS = 10_000


class Budget:
    """Counts calls in groups, and remembers what Telegram wants to wait for."""

    def __init__(
        self, window_s: float = WINDOW_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._window_s = window_s
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._held: dict[str, float] = {}

    def wait(self, chat_id: str, most: int, calls: int = 1) -> float:
        """Seconds until `calls` more are no more than `most` in the window; 0: now."""
        now = self._clock()
        held = max(0.0, self._held.get(chat_id, now) - now)
        made = self._recent(chat_id, now)
        over = len(made) + calls - most
        if not _is_group(chat_id) or over <= 0 or not made:
            return held
        return max(held, made[min(over, len(made)) - 1] + self._window_s - now)

    async def room(self, chat_id: str, most: int) -> None:
        """Wait until one more call is due, and count it."""
        while True:
            seconds = self.wait(chat_id, most)
            if seconds <= 0:
                self.spend(chat_id)
                return
            await asyncio.sleep(seconds)

    def spend(self, chat_id: str, calls: int = 1) -> None:
        """So many calls are made now."""
        if not _is_group(chat_id):
            return
        if len(self._calls) > _CHATS:
            self._calls.clear()
        self._calls.setdefault(chat_id, deque()).extend([self._clock()] * calls)

    def hold(self, chat_id: str, seconds: float) -> None:
        """Telegram wants nothing in this chat for so long."""
        now = self._clock()
        self._held = {chat: until for chat, until in self._held.items() if until > now}
        self._held[chat_id] = now + seconds

    def _recent(self, chat_id: str, now: float) -> deque[float]:
        made = self._calls.get(chat_id, deque())
        while made and made[0] <= now - self._window_s:
            made.popleft()
        if not made:
            self._calls.pop(chat_id, None)
        return made


def price(message: Outgoing) -> tuple[int, int]:
    """The calls in a group beyond which `message` waits, and how many it makes.

    Somebody waits for an answer to a command: only Telegram itself holds it back.
    """
    if message.kind is Kind.STATUS:
        return (EDITS if message.edit else FIRST_STATUSES), 1
    # An album counts as many messages as it has pictures.
    calls = 1 if message.grid else max(1, len(message.pictures))
    return (_ANY if message.kind is Kind.NOTE else MOST), calls


def _is_group(chat_id: str) -> bool:
    return chat_id.startswith("-")
