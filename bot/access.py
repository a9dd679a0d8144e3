"""Who may draw where: closed by default, opened by an operator.

With no operator known, the start prints a one-time code, and `/claim CODE` in a private chat makes
that account the operator.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.config import AccessConfig
from bot.database import Transaction
from bot.domain import LOCAL, Incoming, Platform, ReplyTo, Requester
from bot.members.seen import Members
from bot.phrase import Phrase, phrase
from bot.preferences import Preferences, PreferenceStore
from bot.settings import Settings

TITLE_SHOWN = 80
"""Characters of a chat's title that operators are told."""


class Access(Enum):
    """May this request be drawn?"""

    ALLOWED = auto()
    NEW_CHAT = auto()
    """Nobody has approved this chat, and it is the first time that we are asked here."""
    SILENT = auto()
    """The same, and the chat was told already."""
    PRIVATE_CLOSED = auto()
    """This account may not draw in private."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a chat and a member when something is said there."""

    preferences: Preferences = field(default_factory=Preferences)
    is_approved: bool = False
    """By command; the configuration is not asked."""
    is_member: bool = False
    """Seen in an approved chat; looked up in private only."""
    spoken: str | None = None
    """The language that the platform says they speak."""


class Doorkeeper:
    """Answers from the configuration and from what operators settled by command."""

    def __init__(self, config: AccessConfig, settings: Settings, members: Members) -> None:
        self._config = config
        self._settings = settings
        self._members = members

    async def look(self, to: ReplyTo, requester: Requester) -> Known:
        """Read all that is known of a chat and a member at once."""

        async def read(t: Transaction) -> Known:
            return Known(
                preferences=await PreferenceStore.within(t, to.chat, requester.account),
                is_approved=await Settings.approved(t, to.platform, to.home_id),
                is_member=to.private and await Members.is_member(t, requester),
                spoken=requester.language,
            )

        return await self._settings.together(read)

    async def is_operator(self, requester: Requester) -> bool:
        """On the local page, in `[access] operators`, or by `/claim`."""
        return await self.is_operator_account(requester.account)

    async def is_operator_account(self, account: str) -> bool:
        """The same, for the key of an account (`telegram:123`)."""
        return account.partition(":")[0] in LOCAL or account in await self.operators()

    async def operators(self) -> frozenset[str]:
        """All known operator accounts on chat platforms."""
        return frozenset(self._config.operators) | await self._settings.operators()

    async def check(
        self, incoming: Incoming, known: Known | None = None, *, note: bool = True
    ) -> Access:
        """May this member draw in this chat? `known`: what `look` has found just now. `note`: note
        members of approved chats as such; else whoever asks does."""
        to, requester = incoming.reply_to, incoming.requester
        if to.platform in LOCAL:
            return Access.ALLOWED
        known = known or await self.look(to, requester)
        if to.private:
            return await self._check_private(requester, known)
        if self._is_listed(to) or known.is_approved:
            if note:
                await self._members.heard(incoming)
            return Access.ALLOWED
        first = await self._settings.meet(to.platform, to.home_id, incoming.chat_title)
        return Access.NEW_CHAT if first else Access.SILENT

    async def chat_allowed(self, to: ReplyTo) -> bool:
        """Whether this group chat is approved."""
        if self._is_listed(to):
            return True
        chat = await self._settings.chat(to.platform, to.home_id)
        return chat is not None and chat.approved

    async def named(self, to: ReplyTo) -> Phrase | str:
        """A chat as operators know it: its title, where one was told, and its key."""
        chat = await self._settings.chat(to.platform, to.home_id)
        if chat is None or not chat.title:
            return to.chat
        return phrase("chat-named", title=chat.title[:TITLE_SHOWN], chat=to.chat)

    def _is_listed(self, to: ReplyTo) -> bool:
        return self._config.open or to.chat in self._config.chats

    async def follow(self, platform: Platform, old: str, new: str) -> None:
        """A group became a supergroup: approved it stays, also where only the configuration says
        so, by its old id."""
        to = ReplyTo(platform=platform, chat_id=old, message_id="")
        approved = await self.chat_allowed(to)
        await self._settings.migrate_chat(platform, old, new, approved=approved)

    async def _check_private(self, requester: Requester, known: Known) -> Access:
        allowed = (
            self._config.open
            or self._config.private == "all"
            or await self.is_operator(requester)
            or (self._config.private == "members" and known.is_member)
        )
        return Access.ALLOWED if allowed else Access.PRIVATE_CLOSED

    @property
    def members_welcome(self) -> bool:
        """Whether members of approved chats may draw in private."""
        return self._config.private == "members"

    async def claim_code(self) -> str | None:
        """The one-time code to be printed at start; None once an operator is known."""
        if await self.operators():
            return None
        code = await self._settings.fact("claim_code")
        if code is None:
            code = "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(10))
            await self._settings.set_fact("claim_code", code)
        return code

    async def claim(self, requester: Requester, code: str) -> bool:
        """Become the operator with the right code; the code works once."""
        expected = await self._settings.fact("claim_code")
        if expected is None or await self.operators():
            return False
        if not hmac.compare_digest(expected.encode(), code.strip().upper().encode()):
            return False
        await self._settings.claim(requester.account)
        return True
