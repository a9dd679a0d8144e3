"""Users, servers, channels and messages, as Discord's JSON."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

EPOCH_MS = 1420070400000
ALL_PERMISSIONS = (1 << 53) - 1
PLAIN_PERMISSIONS = (1 << 10) | (1 << 11) | (1 << 15) | (1 << 16) | (1 << 31)
MANAGE_GUILD = 1 << 5
STAMP = "2026-01-01T00:00:00.000000+00:00"


@dataclass(frozen=True)
class User:
    """A member of the world."""

    id: str
    name: str
    locale: str = "en-US"
    bot: bool = False

    def json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "username": self.name,
            "global_name": None if self.bot else self.name.title(),
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass
class Channel:
    """A text channel (0), a private one (1), a thread (11) or a forum (15)."""

    id: str
    type: int = 0
    name: str = ""
    guild: "Guild | None" = None
    recipient: User | None = None
    nsfw: bool = False
    """For adults only; a thread is what its channel is."""
    parent: "Channel | None" = None
    """Of a thread; None: the server's first channel."""
    foreign: bool = False
    """The bot is no member here: members may bring it along in their accounts."""
    messages: dict[str, "Stored"] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        made: dict[str, Any] = {"id": self.id, "type": self.type, "flags": 0}
        if self.recipient is not None:
            return made | {"recipients": [self.recipient.json()], "last_message_id": None}
        assert self.guild is not None
        made |= {"guild_id": self.guild.id, "name": self.name, "position": 0}
        if self.type == 11:
            return made | {
                "parent_id": (self.parent or self.guild.channels[0]).id,
                "owner_id": self.guild.owner.id,
                "message_count": 1,
                "member_count": 1,
                "rate_limit_per_user": 0,
                "thread_metadata": {
                    "archived": False,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": STAMP,
                    "locked": False,
                },
            }
        made |= {"permission_overwrites": [], "topic": None, "parent_id": None}
        return made | {"nsfw": self.nsfw}


@dataclass
class Guild:
    """A server. The role "admin" may manage it."""

    id: str
    name: str
    owner: User
    admin_role: str
    locale: str = "en-US"
    premium_tier: int = 0
    channels: list[Channel] = field(default_factory=list)
    admins: set[str] = field(default_factory=set)
    bot_permissions: int = ALL_PERMISSIONS

    def permissions(self, user: User) -> int:
        if user.id == self.owner.id:
            return ALL_PERMISSIONS
        return PLAIN_PERMISSIONS | (MANAGE_GUILD if user.id in self.admins else 0)

    def member(self, user: User) -> dict[str, Any]:
        return {
            "roles": [self.admin_role] if user.id in self.admins else [],
            "joined_at": STAMP,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "nick": None,
            "avatar": None,
            "pending": False,
        }

    def json(self, me: User) -> dict[str, Any]:
        roles = [(self.id, "@everyone", PLAIN_PERMISSIONS), (self.admin_role, "admin", 1 << 5)]
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner.id,
            "icon": None,
            "features": [],
            "roles": [
                {
                    "id": role_id,
                    "name": name,
                    "permissions": str(permissions),
                    "position": number,
                    "color": 0,
                    "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
                    "hoist": False,
                    "managed": False,
                    "mentionable": False,
                    "flags": 0,
                }
                for number, (role_id, name, permissions) in enumerate(roles)
            ],
            "emojis": [],
            "stickers": [],
            "channels": [c.json() for c in self.channels if c.type in (0, 15)],
            "threads": [c.json() for c in self.channels if c.type == 11],
            "members": [self.member(me) | {"user": me.json()}],
            "member_count": 3,
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "system_channel_id": self.channels[0].id if self.channels else None,
            "system_channel_flags": 0,
            "preferred_locale": self.locale,
            "premium_tier": self.premium_tier,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "afk_timeout": 300,
            "large": False,
        }


@dataclass
class Stored:
    """A message as the platform keeps it: with its nonce aside, which no later answer shows."""

    json: dict[str, Any]
    only_for: str | None = None
    """Ephemeral: the user who sees it."""
    nonce: str | None = None

    @property
    def id(self) -> str:
        return str(self.json["id"])

    @property
    def content(self) -> str:
        return str(self.json["content"])

    @property
    def files(self) -> list[str]:
        return [a["filename"] for a in self.json["attachments"]]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [b for row in self.json["components"] for b in row["components"]]


class Clock:
    """Makes ids; tests may move it."""

    def __init__(self) -> None:
        self.offset_s = 0.0
        self._count = itertools.count(1)

    def now(self) -> float:
        return time.time() + self.offset_s

    def snowflake(self) -> str:
        return str(((int(self.now() * 1000) - EPOCH_MS) << 22) | (next(self._count) & 0x3FFFFF))


def born(snowflake: str) -> float:
    """Seconds since 1970 at which an id was made."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000


def message(  # everything a message has
    *,
    message_id: str,
    channel: Channel,
    author: User,
    content: str = "",
    attachments: list[dict[str, Any]] | None = None,
    components: list[dict[str, Any]] | None = None,
    mentions: list[User] | None = None,
    flags: int = 0,
    kind: int = 0,
) -> dict[str, Any]:
    """A complete message."""
    return {
        "id": message_id,
        "channel_id": channel.id,
        "author": author.json(),
        "content": content,
        "timestamp": STAMP,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [u.json() for u in mentions or []],
        "mention_roles": [],
        "attachments": attachments or [],
        "embeds": [],
        "components": components or [],
        "pinned": False,
        "type": kind,
        "flags": flags,
    }


def without_intent(given: dict[str, Any], me: User, *, private: bool) -> dict[str, Any]:
    """What a bot without the message-content intent is shown: words and pictures only of its own
    messages, of private ones and of those that mention it; each message judged by itself."""
    shown = dict(given)
    if shown.get("referenced_message"):
        shown["referenced_message"] = without_intent(
            shown["referenced_message"], me, private=private
        )
    mine = shown["author"]["id"] == me.id
    if not (private or mine or any(u["id"] == me.id for u in shown["mentions"])):
        shown |= {"content": "", "attachments": [], "embeds": [], "components": []}
        shown.pop("poll", None)
    return shown
