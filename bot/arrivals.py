"""The first contact: a chat that nobody approved yet, and the account that becomes the operator."""

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.access import TITLE_SHOWN, Access, Doorkeeper
from bot.admin import Admin
from bot.domain import (
    LOCAL,
    Answer,
    Button,
    Incoming,
    Kind,
    Outgoing,
    Platform,
    Press,
    ReplyTo,
    Requester,
)
from bot.members.seen import Members
from bot.phrase import phrase
from bot.preferences import Preferences, PreferenceStore
from bot.replies import language_for, say
from bot.replies.answers import answer
from bot.replies.buttons import worded_button

log = logging.getLogger(__name__)


class Arrivals:
    """Asks the operators about new chats, and makes the first operator."""

    def __init__(
        self,
        *,
        doorkeeper: Doorkeeper,
        admin: Admin,
        members: Members,
        preferences: PreferenceStore,
        send: Callable[[Outgoing], None],
        language: str,
    ) -> None:
        self._doorkeeper = doorkeeper
        self._admin = admin
        self._members = members
        self._preferences = preferences
        self._send = send
        self._language = language

    async def joined(self, to: ReplyTo, title: str, language: str | None = None) -> Answer:
        """The bot was added to a chat of this language: what to say there once, if anything."""
        if await self._doorkeeper.chat_allowed(to):
            return Answer()
        language = language_for(language, self._language)
        requester = Requester(platform=to.platform, user_id="0", language=language)
        incoming = Incoming(
            key="", command="help", requester=requester, reply_to=to, chat_title=title
        )
        access = await self._doorkeeper.check(incoming)
        return await self.ask(incoming) if access is Access.NEW_CHAT else Answer()

    async def ask(self, incoming: Incoming) -> Answer:
        """Ask every operator about the chat of `incoming`, and say there who can approve it."""
        to, title = incoming.reply_to, incoming.chat_title or incoming.reply_to.home_id
        operators = await self._doorkeeper.operators()
        for account in operators:
            platform, _, user_id = account.partition(":")
            operator = Requester(platform=Platform(platform), user_id=user_id)
            held = await self._preferences.of("", account)
            language = held.language or await self._members.language_of(operator)
            self._ask_operator(replace(operator, language=language), to, title)
        said = phrase("chat-not-approved", chat=to.chat) if operators else phrase("chat-unclaimed")
        return replace(answer(incoming.requester, said), private=False)

    async def press(self, press: Press, _held: Preferences) -> Answer:
        """`approve` or `leave`, pressed below the question: no matter what is settled there."""
        if not await self._doorkeeper.is_operator(press.requester):
            return answer(press.requester, phrase("operators-only"))
        platform, _, chat_id = press.argument.partition(":")
        if press.action == "approve":
            done = await self._admin.allow_chat(press.argument, press.requester.account)
            return answer(press.requester, done)
        self.leave(Platform(platform), chat_id)
        return answer(press.requester, phrase("chat-left"))

    def leave(self, platform: Platform, chat_id: str) -> None:
        """Leave a chat."""
        to = ReplyTo(platform=platform, chat_id=chat_id, message_id="")
        self._send(Outgoing(kind=Kind.LEAVE, to=to))

    async def claim(self, incoming: Incoming, closed: Answer | None) -> Answer:
        """The one-time code makes whoever writes it in private the operator; in a group that is
        `closed` the answer is what that says."""
        if incoming.reply_to.platform in LOCAL:
            # The code works once, and nobody could use it on Telegram or Discord any more.
            return answer(incoming.requester, phrase("claim-local"))
        if not incoming.reply_to.private:
            return closed or answer(incoming.requester, phrase("claim-in-private"))
        if await self._doorkeeper.claim(incoming.requester, incoming.text):
            log.warning("%s is the operator now", incoming.requester.account)
            await self._members.saw(incoming.requester, private_chat_id=incoming.reply_to.chat_id)
            return answer(incoming.requester, phrase("claimed"))
        log.warning("%s tried a wrong claim code", incoming.requester.account)
        return answer(incoming.requester, phrase("claim-refused"))

    def write(self, who: Requester, text: str, buttons: tuple[Button, ...] = ()) -> None:
        """Write to somebody in their private chat."""
        to = ReplyTo(platform=who.platform, chat_id="", message_id="", private=True)
        self._send(Outgoing(kind=Kind.NOTE, to=to, text=text, notify=who, buttons=buttons))

    def _ask_operator(self, operator: Requester, chat: ReplyTo, title: str) -> None:
        language = language_for(operator.language, self._language)
        buttons = tuple(worded_button(a, chat.chat, language) for a in ("approve", "leave"))
        asked = phrase("operator-asked", chat=chat.chat, title=title[:TITLE_SHOWN])
        self.write(operator, say(asked, language), buttons)
