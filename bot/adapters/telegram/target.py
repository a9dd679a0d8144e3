"""Whom a command is about: the member mentioned in it, or the one whose message it answers (pure).

A mention of somebody without a user name carries the account (`text_mention`); an `@name` is only
a name, and `bot.members` knows whose it is. Channels and groups speak too, but are no members.
"""

from dataclasses import dataclass

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType

from bot.adapters.telegram.text import whole
from bot.domain import Platform, Requester

ABOUT_MEMBERS = frozenset({"admin"})
"""Commands that may name a member."""


@dataclass(frozen=True, slots=True)
class Target:
    """A member, or the key of the phrase that says why it is none; or neither."""

    member: Requester | None = None
    problem: str = ""


def with_accounts(message: Message) -> tuple[str, Target | None]:
    """The text of `message` with its first `text_mention` as the account (`telegram:123`), and who
    that is. An entity's place counts UTF-16 units."""
    text = message.text or message.caption or ""
    for entity in message.entities or message.caption_entities:
        if entity.type == MessageEntity.TEXT_MENTION and entity.user is not None:
            units = text.encode("utf-16-le", "surrogatepass")
            start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
            account = member(entity.user).account.encode("utf-16-le")
            units = units[:start] + account + units[end:]
            return whole(units.decode("utf-16-le", "surrogatepass")), _user(entity.user)
    return whole(text), None


def author(replied: Message | None) -> Target:
    """Who wrote the message that is answered."""
    if replied is None:
        return Target()
    sender = replied.sender_chat
    if sender is not None:
        anonymous = sender.id == replied.chat.id and sender.type != ChatType.CHANNEL
        return Target(problem="target-anonymous" if anonymous else "target-channel")
    return _user(replied.from_user) if replied.from_user else Target()


def member(user: User) -> Requester:
    """A user as an account."""
    return Requester(
        platform=Platform.TELEGRAM,
        user_id=str(user.id),
        name=user.full_name,
        username=user.username or "",
        language=user.language_code,
    )


def _user(user: User) -> Target:
    return Target(problem="target-bot") if user.is_bot else Target(member(user))
