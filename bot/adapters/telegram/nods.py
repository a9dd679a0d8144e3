"""👀 at a request that nobody has spoken about yet: the acknowledgement that costs least.

In a busy group there is not room for a status message for everybody; whoever asked sees at least
that the bot has seen it.
"""

import asyncio
import logging

from telegram.constants import ReactionEmoji
from telegram.error import TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.background import Background
from bot.adapters.telegram.budget import REACTIONS, Budget
from bot.adapters.telegram.timing import Timing
from bot.domain import ReplyTo

log = logging.getLogger(__name__)


class Nods:
    """Nods at requests that were accepted and got no message for `Timing.nod_s`."""

    def __init__(self, api: Api, budget: Budget, timing: Timing) -> None:
        self._api = api
        self._budget = budget
        self._timing = timing
        self._silent: set[tuple[str, str]] = set()
        """Chat and id of requests that the bot has not spoken about."""
        self._background = Background()

    def heard(self, to: ReplyTo) -> None:
        """Somebody asks for something."""
        if to.message_id and not to.private:
            self._silent.add((to.chat_id, to.message_id))

    def spoke(self, to: ReplyTo) -> None:
        """A message about it is in the chat; or it needs none."""
        self._silent.discard((to.chat_id, to.message_id))

    def accepted(self, to: ReplyTo) -> None:
        """It will be drawn, so there will be a message at some time."""
        if (to.chat_id, to.message_id) in self._silent:
            self._background.start(self._nod(to), f"telegram nod {to.chat_id}")

    async def close(self) -> None:
        """Nod no more."""
        await self._background.close()

    async def _nod(self, to: ReplyTo) -> None:
        await asyncio.sleep(self._timing.nod_s)
        if (to.chat_id, to.message_id) not in self._silent:
            return
        self.spoke(to)
        if self._budget.wait(to.chat_id, REACTIONS) <= 0:
            await self.sign(to, ReactionEmoji.EYES)

    async def sign(self, to: ReplyTo, emoji: str) -> bool:
        """React to a message; False: groups may allow no reactions, and requests are deleted."""
        if not to.message_id:  # a group has become a supergroup
            return False
        self._budget.spend(to.chat_id)
        try:
            await self._api.set_message_reaction(int(to.chat_id), int(to.message_id), emoji)
        except TelegramError as error:
            log.info("telegram: no reaction: %s: %s", type(error).__name__, error)
            return False
        return True
