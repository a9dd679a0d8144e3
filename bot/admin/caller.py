"""Who acts, and how far that reaches."""

from dataclasses import dataclass

from bot.admin.grammar import Asked
from bot.domain import Incoming
from bot.errors import BadCommand, NotPermitted
from bot.phrase import Phrase, phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who may use `/admin`: an operator, or an admin of the chat `here`."""

    account: str
    operator: bool
    here: str = ""
    """Key of the chat in which it is said; empty in private and on the command line."""

    @classmethod
    def of(cls, incoming: Incoming, *, operator: bool) -> "Caller":
        """Who said `incoming`.

        Raises:
            NotPermitted: a member like any other.
        """
        to = incoming.reply_to
        if not operator and (to.private or not incoming.is_chat_admin):
            raise NotPermitted(phrase("operators-only" if to.private else "admins-only"))
        return cls(
            account=incoming.requester.account,
            operator=operator,
            here="" if to.private else to.chat,
        )

    def scope(self, asked: Asked) -> str | None:
        """The chat in which an act holds; None: everywhere.

        In a chat everybody acts within it; operators say `--everywhere` or `--chat ID`, and act
        everywhere from a private chat or the command line.

        Raises:
            NotPermitted: an admin reaches beyond their chat.
        """
        beyond = asked.everywhere or (asked.chat and asked.chat != self.here)
        if beyond and not self.operator:
            raise NotPermitted(phrase("admin-not-everywhere"))
        return None if asked.everywhere else (asked.chat or self.here or None)

    def chat(self, asked: Asked) -> str:
        """The chat that an act is about, which must be one.

        Raises:
            BadCommand: none was named.
            NotPermitted: an admin names another chat.
        """
        chat = self.scope(asked)
        if chat is None:
            raise BadCommand(phrase("admin-no-chat-here"))
        return chat

    def where(self, chat: str | None) -> Phrase:
        """How far an act reaches, in words."""
        if chat is None:
            return phrase("admin-everywhere")
        return phrase("admin-here") if chat == self.here else phrase("admin-in-chat", chat=chat)
