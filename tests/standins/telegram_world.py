"""People, chats and messages of the stand-in, as the Bot API's JSON objects."""

import io
import time
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

Json = dict[str, Any]

RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)


@dataclass(frozen=True)
class Person:
    """Somebody with a Telegram account."""

    id: int
    name: str = "Ann"
    language: str = "en"
    username: str = ""

    def json(self) -> Json:
        made: Json = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": self.language,
        }
        return made | ({"username": self.username} if self.username else {})


ANONYMOUS = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
"""The sender of what anonymous admins write; who they are stands in `sender_chat`."""
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""The sender of what a channel posts into its discussion group."""


@dataclass
class Chat:
    """A chat and what was said in it; `messages` is what members see now."""

    id: int
    kind: str = "supergroup"
    title: str = ""
    forum: bool = False
    privacy: bool = True
    """Privacy mode: the bot hears commands, answers to itself and service messages only."""
    statuses: dict[int, str] = field(default_factory=dict)
    bot_inside: bool = True
    bot_posts: bool | None = None
    """Whether the bot may post, which is a right of its own in channels only."""
    migrated_to: int | None = None
    topics: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    last_id: int = 0
    permissions: Json = field(default_factory=dict)
    """What plain members may, as far as it is restricted."""
    writers: dict[int, int] = field(default_factory=dict)
    """By message: whose it is, which a channel tells nobody."""

    def json(self) -> Json:
        made: Json = {"id": self.id, "type": self.kind}
        if self.kind == "private":
            return made | {"first_name": self.title}
        return made | {"title": self.title} | ({"is_forum": True} if self.forum else {})

    def add(self, sender: Json, fields: Json, date: int | None = None) -> Json:
        """A new message with the next id of this chat."""
        self.last_id += 1
        message = {
            "message_id": self.last_id,
            "date": int(time.time()) if date is None else date,
            "chat": self.json(),
            **({"sender_chat": self.json()} if self.kind == "channel" else {"from": sender}),
            **fields,
        }
        self.messages[self.last_id] = message
        self.writers[self.last_id] = sender["id"]
        return message

    def member(self, person: Json) -> Json:
        """The ChatMember of a person; strangers are members, so that tests can be short."""
        status = self.statuses.get(person["id"], "member")
        return member(person, status)


def member(person: Json, status: str) -> Json:
    made: Json = {"status": status, "user": person}
    if status == "creator":
        return made | {"is_anonymous": False}
    if status == "kicked":
        return made | {"until_date": 0}
    if status == "administrator":
        return made | dict.fromkeys(RIGHTS, False)
    return made


@dataclass
class Files:
    """What was uploaded, by file id."""

    data: dict[str, bytes] = field(default_factory=dict)

    def keep(self, data: bytes) -> Json:
        """The fields that all file objects share."""
        number = len(self.data) + 1
        self.data[f"file-{number}"] = data
        return {
            "file_id": f"file-{number}",
            "file_unique_id": f"unique-{number}",
            "file_size": len(data),
        }

    def photo(self, data: bytes) -> list[Json]:
        """Two sizes, smallest first, as Telegram gives them."""
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            picture.thumbnail((90, 90))
            small = io.BytesIO()
            picture.convert("RGB").save(small, "JPEG")
            thumb = {"width": picture.width, "height": picture.height}
        return [
            self.keep(small.getvalue()) | thumb,
            self.keep(data) | {"width": width, "height": height},
        ]

    def document(self, data: bytes, name: str, mime: str) -> Json:
        return self.keep(data) | {"file_name": name, "mime_type": mime}

    def sticker(self, data: bytes, *, animated: bool = False) -> Json:
        return self.keep(data) | {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": animated,
            "is_video": False,
        }


def photo_problem(data: bytes) -> str | None:
    """Why Telegram would not take these bytes as a photo."""
    if len(data) > 10 * 1024 * 1024:
        return "Bad Request: file is too big"
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except OSError:
        return "Bad Request: IMAGE_PROCESS_FAILED"
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        return "Bad Request: PHOTO_INVALID_DIMENSIONS"
    return None


def is_status(message: Json) -> bool:
    """A status message, with a preview or without: it can be cancelled."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return any(b["callback_data"].startswith("cancel") for row in rows for b in row)
