"""A request on its way in."""

from dataclasses import dataclass, field

from bot.command import Parsed
from bot.domain import Incoming
from bot.preferences import Preferences
from bot.quota.limits import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the member wrote, parsed, and where its source came from."""

    incoming: Incoming
    parsed: Parsed
    source_job_id: str | None = None
    unlimited: bool = False
    """An operator: no credits are counted against a limit."""
    preferences: Preferences = field(default_factory=Preferences)
    """What was settled for this member in this chat."""

    @property
    def member(self) -> Member:
        """Who asks, and where."""
        incoming = self.incoming
        return Member(
            account=incoming.requester.account,
            chat=incoming.reply_to.chat,
            private=incoming.reply_to.private,
            roles=incoming.roles,
            is_chat_admin=incoming.is_chat_admin,
            unlimited=self.unlimited,
        )
