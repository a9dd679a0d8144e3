"""What chats and members have settled with `/settings`, and whether new requests are taken.

Values are kept as they were checked and written: `model`, `size` (`768x512`), `steps`, `negative`,
`style`, `language`, `buttons`, `pause`. They are read through at each request, so that an act on
the command line holds for a bot that runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from bot.audit import Audit
from bot.config import DefaultsConfig
from bot.database import Database, Row, Transaction
from bot.phrase import Phrase, phrase

Owner = Literal["bot", "chat", "member"]

_MINE = """SELECT scope, name, value FROM preferences WHERE scope = 'bot'
    UNION ALL SELECT scope, name, value FROM preferences WHERE scope = 'chat' AND owner = ?
    UNION ALL SELECT scope, name, value FROM preferences WHERE scope = 'member' AND owner = ?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """New requests are not taken. `draining`: those that wait are drawn all the same."""

    draining: bool = False
    reason: str = ""

    @classmethod
    def read(cls, value: str) -> "Pause":
        """From what is stored: `pause:why` or `drain:why`."""
        mode, _, reason = value.partition(":")
        return cls(draining=mode == "drain", reason=reason)

    @property
    def stored(self) -> str:
        """The inverse of `read`."""
        return f"{'drain' if self.draining else 'pause'}:{self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What holds for one member in one chat: names to values."""

    bot: Mapping[str, str] = field(default_factory=dict)
    chat: Mapping[str, str] = field(default_factory=dict)
    member: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """The member's own value, or the chat's."""
        return self.member.get(name, self.chat.get(name))

    @property
    def language(self) -> str | None:
        """`en` or `zh`. Here the chat comes first: what is said there is read by all."""
        return self.chat.get("language") or self.member.get("language")

    @property
    def pause(self) -> Pause | None:
        """Of the whole bot."""
        return Pause.read(self.bot["pause"]) if "pause" in self.bot else None

    @property
    def chat_pause(self) -> Pause | None:
        """Of this chat alone."""
        return Pause.read(self.chat["pause"]) if "pause" in self.chat else None

    @property
    def closed(self) -> Phrase | None:
        """Why no new request is taken here, if none is."""
        if (pause := self.pause) is not None:
            mode = "drain" if pause.draining else "pause"
            return phrase("paused-all", reason=pause.reason or "none", mode=mode)
        if (pause := self.chat_pause) is not None:
            return phrase("paused-chat", reason=pause.reason or "none")
        return None

    def ended_by(self, *, private: bool, operator: bool, admin: bool) -> tuple[Phrase, ...]:
        """How the pause that holds ends, for those who may end it."""
        if self.pause is not None and operator:
            everywhere = "" if private else " --everywhere"
            return (phrase("paused-resume", command=f"/admin resume{everywhere}"),)
        if self.pause is None and self.chat_pause is not None and (operator or admin):
            return (phrase("paused-resume", command="/admin resume"),)
        return ()

    @property
    def buttons_for_requester(self) -> bool:
        """Whether only the requester of a picture, and admins, may press its buttons."""
        return self.chat.get("buttons") == "requester"

    def defaults(self, usual: DefaultsConfig) -> DefaultsConfig:
        """`usual`, changed by what was settled here."""
        width, _, height = (self.get("size") or "").partition("x")
        negative = self.get("negative")
        return msgspec.structs.replace(
            usual,
            checkpoint=self.get("model") or usual.checkpoint,
            steps=int(self.get("steps") or usual.steps),
            width=int(width or usual.width),
            height=int(height or usual.height),
            negative_prompt=usual.negative_prompt if negative is None else negative,
            style=self.chat.get("style", usual.style),
        )


class PreferenceStore:
    """Reads and writes them; every change is in the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, chat: str, account: str) -> Preferences:
        """What holds for `account` (`telegram:1`) in `chat` (`telegram:-100`; "" for none)."""
        return _preferences(await self._database.rows(_MINE, (chat, account)))

    @staticmethod
    async def within(t: Transaction, chat: str, account: str) -> Preferences:
        """The same inside a transaction."""
        return _preferences(await t.rows(_MINE, (chat, account)))

    async def pause(self) -> Pause | None:
        """Of the whole bot."""
        return (await self.of("", "")).pause

    async def holds_all(self) -> bool:
        """Whether nothing that waits may be begun."""
        pause = await self.pause()
        return pause is not None and not pause.draining

    async def set(
        self, scope: Owner, owner: str, name: str, value: str | None, *, by: str
    ) -> str | None:
        """Set a value, or take it back (None); what it was before.

        What members settle for themselves is no act of an admin, and not in the audit log.
        """
        async with self._database.transaction() as t:
            before = await self._before(t, scope, owner, name)
            if value is None:
                await t.run(
                    "DELETE FROM preferences WHERE scope = ? AND owner = ? AND name = ?",
                    (scope, owner, name),
                )
            else:
                await t.run(
                    "INSERT INTO preferences VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (scope, owner, name) DO UPDATE SET value = ?4",
                    (scope, owner, name, value),
                )
            if before != value and scope != "member":
                await Audit.record(
                    t,
                    account=by,
                    act=name if name == "pause" else f"settings-{name}",
                    target=owner,
                    before="default" if before is None else before,
                    after="default" if value is None else value,
                    chat=owner,
                )
        return before

    @staticmethod
    async def _before(t: Transaction, scope: Owner, owner: str, name: str) -> str | None:
        row = await t.row(
            "SELECT value FROM preferences WHERE scope = ? AND owner = ? AND name = ?",
            (scope, owner, name),
        )
        return None if row is None else str(row["value"])

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup (`telegram:-5` → `telegram:-1005`)."""
        async with self._database.transaction() as t:
            # What was settled under the new name already is newer.
            await t.run(
                "UPDATE OR IGNORE preferences SET owner = ? WHERE scope = 'chat' AND owner = ?",
                (new, old),
            )
            await t.run("DELETE FROM preferences WHERE scope = 'chat' AND owner = ?", (old,))


def _preferences(rows: Iterable[Row]) -> Preferences:
    found: dict[str, dict[str, str]] = {"bot": {}, "chat": {}, "member": {}}
    for row in rows:
        found[row["scope"]][row["name"]] = row["value"]
    return Preferences(**found)
