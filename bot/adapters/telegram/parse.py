"""What an update asks for, in this project's words (pure)."""

import re
import time
from dataclasses import dataclass

from telegram import Chat, ChatMember, ChatMemberRestricted, Message, Update
from telegram.constants import ChatType

from bot.adapters.telegram.media import Found, find_picture
from bot.adapters.telegram.target import ABOUT_MEMBERS, Target, author, member, with_accounts
from bot.adapters.telegram.text import whole
from bot.command import REPLY, WORDS
from bot.domain import Incoming, Platform, Press, ReplyTo, Requester

_SPACE = r"[\s\u3000]"
_COMMAND = re.compile(
    r"[/／]([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]+))?(?![A-Za-z0-9_@/<>])(.*)", re.S
)
_HUA = re.compile(rf"画(?:{_SPACE}|[:：,，])(.*)", re.S)


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account."""

    id: int
    username: str
    hears_all: bool = False
    """Privacy mode is off: every message of a group is told to the bot."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request in words; the picture it speaks of is still with Telegram."""

    incoming: Incoming
    found: Found
    album: str = ""
    """Telegram's id of the album that the message is a part of."""
    is_wordless: bool = False
    """A picture of an album in private; the words may come with another one of it."""
    is_post: bool = False
    """Written in a channel, where Telegram does not tell by whom."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of ours; `press` is None where it cannot be told which."""

    query_id: str
    press: Press | None
    is_post: bool = False
    """It stands below a post of a channel, where readers press too."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot was added to a group or a channel."""

    to: ReplyTo
    title: str


@dataclass(frozen=True, slots=True)
class Removed:
    """The bot was thrown out of a group, or blocked by a member."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """A group became a supergroup, which is a new chat."""

    old_chat_id: str
    new_chat_id: str


Event = Command | Pressed | Joined | Removed | Migrated


def read(update: Update, me: Me) -> Event | None:
    """What `update` asks of the bot; None when it asks nothing."""
    if (said := update.message or update.channel_post) is not None:
        return _message(said, me)
    if update.callback_query is not None:
        return _press(update)
    if update.my_chat_member is not None:
        return _membership(update)
    return None


def lane(event: Event) -> str:
    """Events of one lane are handled in their order: what one member says in one chat."""
    match event:
        case Command(incoming=asked):
            return f"{asked.reply_to.chat_id} {asked.requester.user_id}"
        case Pressed(press=Press() as press):
            return f"{press.reply_to.chat_id} {press.requester.user_id}"
        case Joined(to=to):
            return to.chat_id
        case _:
            return ""


def _message(message: Message, me: Me) -> Event | None:
    if message.migrate_to_chat_id is not None:
        return Migrated(str(message.chat.id), str(message.migrate_to_chat_id))
    requester = _requester(message)
    if requester is None or message.is_automatic_forward:
        return None
    private = message.chat.type == ChatType.PRIVATE
    is_post = message.chat.type == ChatType.CHANNEL
    text = whole(message.text or message.caption or "").strip()
    found = find_picture(message)
    if is_post:
        heard = _posted(message, text, me)
    else:
        heard = addressed(text, me.username, private=private) or _answering(message, text, me)
    is_alone = bool(heard is None and private and not text and found)
    album = message.media_group_id or ""
    if is_alone:
        heard = ("draw", "")  # the answer asks for words
    if heard is None:
        return None
    command, rest = heard
    replied = real_reply(message)
    target = Target()
    if command in ABOUT_MEMBERS:
        worded, mentioned = with_accounts(message)
        command, rest = addressed(worded.strip(), me.username, private=private) or heard
        target = mentioned or author(replied)
    return Command(
        Incoming(
            key=f"{message.chat.id}:{message.message_id}",
            command=command,
            text=rest,
            requester=requester,
            reply_to=_reply_to(message.chat, message.message_id, _thread(message)),
            chat_title=_title(message.chat),
            source_problem=found.problem,
            replied_message_id=str(replied.message_id) if replied else None,
            target=target.member,
            target_problem=target.problem,
            is_chat_admin=_speaks_for_all(message, requester, command),
            received_at=message.date.timestamp(),
        ),
        found,
        album=album,
        is_wordless=is_alone and bool(album),
        is_post=is_post,
    )


def _speaks_for_all(message: Message, requester: Requester, command: str) -> bool:
    """Whether the chat itself speaks: an anonymous admin, or whoever may post in a channel.

    Programs post there too, also what strangers sent to them, so limits and bans are for people.
    """
    if requester.user_id != str(message.chat.id) or message.chat.type == ChatType.PRIVATE:
        return False
    return message.chat.type != ChatType.CHANNEL or command not in ABOUT_MEMBERS


def addressed(text: str, username: str, *, private: bool) -> tuple[str, str] | None:
    """Command and what follows it, if `text` is meant for the bot called `username`.

    `/draw x`, `/draw@username x`, `@username x`, `画 x`; in private any text is meant for it.
    """
    if match := re.match(rf"@{re.escape(username)}(?![A-Za-z0-9_])[\s,:，：]*", text, re.I):
        rest = text[match.end() :]
        if not rest:
            return ("help", "")
        return addressed(rest, username, private=True)
    if match := _COMMAND.fullmatch(text):
        command, target, rest = match.groups()
        if target and target.lower() != username.lower():
            return None
        return (command.lower(), rest.strip())
    if match := _HUA.fullmatch(text):
        return ("draw", match[1].strip())
    return (WORDS, text) if private and text else None


def _answering(message: Message, text: str, me: Me) -> tuple[str, str] | None:
    """Words that only answer a message of ours, which a group tells us of in privacy mode too."""
    replied = real_reply(message)
    if not message.text or not text or replied is None or replied.from_user is None:
        return None
    if text[0] in "/／@":  # it speaks to somebody else
        return None
    return (REPLY, text) if replied.from_user.id == me.id else None


def _posted(message: Message, text: str, me: Me) -> tuple[str, str] | None:
    """What a post asks of the bot. Posts are written for readers, and bots are told of all of them:
    only commands, and words that answer a picture, are meant for it; nothing that was forwarded.

    Who wrote the post that is answered is not told; the journal knows which are ours.
    """
    if message.forward_origin is not None or not text:
        return None
    if text[0] in "/／":
        return addressed(text, me.username, private=False)
    is_answer = message.text is not None and real_reply(message) is not None
    return (REPLY, text) if is_answer else None


def real_reply(message: Message) -> Message | None:
    """The message that `message` replies to.

    In a forum topic, what answers nobody still points at the message that opened the topic.
    """
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None:
        return None
    return replied


def _requester(message: Message) -> Requester | None:
    """The account that speaks: anonymous admins and channels speak as a chat."""
    speaker = message.sender_chat
    if speaker is None and message.chat.type == ChatType.CHANNEL:
        speaker = message.chat
    if speaker is not None:
        return Requester(platform=Platform.TELEGRAM, user_id=str(speaker.id), name=_title(speaker))
    if message.from_user is None or message.from_user.is_bot:
        return None
    return member(message.from_user)


def _reply_to(chat: Chat, message_id: int, thread: int | None) -> ReplyTo:
    return ReplyTo(
        platform=Platform.TELEGRAM,
        chat_id=str(chat.id),
        message_id=str(message_id),
        thread_id=None if thread is None else str(thread),
        private=chat.type == ChatType.PRIVATE,
    )


def _thread(message: Message) -> int | None:
    """Plain reply chains have a thread id too; only a topic's may be sent back."""
    return message.message_thread_id if message.is_topic_message else None


def _title(chat: Chat) -> str:
    return chat.title or chat.full_name or ""


def _press(update: Update) -> Pressed | None:
    query = update.callback_query
    if query is None:
        return None
    action, colon, argument = (query.data or "").partition(":")
    if not colon or query.message is None:
        return Pressed(query.id, None)
    thread = _thread(query.message) if isinstance(query.message, Message) else None
    press = Press(
        key=query.id,
        action=action,
        argument=argument,
        requester=member(query.from_user),
        reply_to=_reply_to(query.message.chat, query.message.message_id, thread),
        chat_title=_title(query.message.chat),
        received_at=time.time(),
    )
    return Pressed(query.id, press, is_post=query.message.chat.type == ChatType.CHANNEL)


def _membership(update: Update) -> Joined | Removed | None:
    change = update.my_chat_member
    if change is None:
        return None
    before, after = _inside(change.old_chat_member), _inside(change.new_chat_member)
    if before and not after:
        return Removed(str(change.chat.id))
    if after and not before and change.chat.type != ChatType.PRIVATE:
        to = ReplyTo(platform=Platform.TELEGRAM, chat_id=str(change.chat.id), message_id="")
        return Joined(to, _title(change.chat))
    return None


def _inside(status: ChatMember) -> bool:
    if isinstance(status, ChatMemberRestricted):
        return status.is_member
    return status.status not in (ChatMember.LEFT, ChatMember.BANNED)
