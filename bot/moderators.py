"""Who decides about what is held in a chat: its admins, and the operators."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from bot.access import Doorkeeper
from bot.domain import Platform, Press, ReplyTo, Requester
from bot.errors import DeliveryError
from bot.members.seen import Members
from bot.phrase import Phrase
from bot.ports import ChatAdapter
from bot.preferences import PreferenceStore

log = logging.getLogger(__name__)


class Moderators:
    """Finds them, and tells them from others."""

    def __init__(
        self,
        *,
        doorkeeper: Doorkeeper,
        members: Members,
        preferences: PreferenceStore,
        adapters: Mapping[Platform, ChatAdapter],
    ) -> None:
        self._doorkeeper = doorkeeper
        self._members = members
        self._preferences = preferences
        self._adapters = adapters

    async def operators(self) -> list[Requester]:
        """All operators on chat platforms, with the language that they are written to in."""
        found = []
        for account in sorted(await self._doorkeeper.operators()):
            platform, _, user_id = account.partition(":")
            operator = Requester(platform=Platform(platform), user_id=user_id)
            held = await self._preferences.of("", account)
            language = held.language or await self._members.language_of(operator)
            found.append(replace(operator, language=language))
        return found

    async def named(self, to: ReplyTo) -> Phrase | str:
        """A chat, by the name that they know it by."""
        return await self._doorkeeper.named(to)

    async def may_decide(self, press: Press, to: ReplyTo) -> bool:
        """Whether who pressed is an operator or an admin of the chat `to`, wherever the button
        stood: for that chat the platform is asked now."""
        who = press.requester
        if await self._doorkeeper.is_operator(who):
            return True
        if to.private or who.platform is not to.platform:
            return False
        if press.reply_to.chat == to.chat:
            return press.is_chat_admin  # the adapter has asked
        adapter = self._adapters.get(to.platform)
        if adapter is None:
            return False
        try:
            return (await adapter.permissions(to.chat_id, who.user_id)).is_admin
        except DeliveryError as error:
            log.warning("%s: rights in %s unknown: %s", who.account, to.chat, error)
            return False
