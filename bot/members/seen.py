"""Members who were seen speaking in approved chats: their names, languages, private chats."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

from bot.database import Database, Transaction
from bot.domain import LOCAL, Incoming, Platform, Requester

NOTED_AGAIN_S = 3600.0
"""Who speaks often is written down once in this time, unless something about them changed."""
_MOST_REMEMBERED = 10_000

_WHO = re.compile(r"(?<!\S)(?:(?:telegram|discord):\d+(?!\S)|@(?P<name>[\w.]{2,32}))")
"""The first word that names a member: an account, or a `@name`."""


class Members:
    """Remembers members, and finds them again by name."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._noted: dict[str, tuple[float, str, str | None]] = {}

    async def heard(self, incoming: Incoming) -> None:
        """Note who speaks in an approved chat."""
        if self._is_due(incoming):
            await self.saw(incoming.requester)

    async def note(self, t: Transaction, incoming: Incoming) -> None:
        """The same inside a transaction; `noted` is to be called once that is committed."""
        if self._is_due(incoming):
            await self._write(t, incoming.requester)

    def noted(self, incoming: Incoming) -> None:
        """It is written down: not again within the hour."""
        if self._is_due(incoming):
            self._remember(incoming.requester)

    async def saw(self, requester: Requester, *, private_chat_id: str | None = None) -> None:
        """Note a member of an approved chat, or where to write to them in private."""
        if private_chat_id is None and self._is_fresh(requester):
            return
        async with self._database.transaction() as t:
            await self._write(t, requester, private_chat_id)
        self._remember(requester)

    def _is_due(self, incoming: Incoming) -> bool:
        to = incoming.reply_to
        spoken_publicly = not to.private and to.platform not in LOCAL
        return spoken_publicly and not self._is_fresh(incoming.requester)

    def _is_fresh(self, requester: Requester) -> bool:
        at, *known = self._noted.get(requester.account, (0.0, "", None))
        now = [requester.username.lower(), requester.language]
        return self._clock() - at < NOTED_AGAIN_S and known == now

    def _remember(self, requester: Requester) -> None:
        if len(self._noted) >= _MOST_REMEMBERED:
            self._noted.clear()
        about = (self._clock(), requester.username.lower(), requester.language)
        self._noted[requester.account] = about

    async def _write(
        self, t: Transaction, requester: Requester, private_chat_id: str | None = None
    ) -> None:
        name = requester.username.lower()
        if name:  # a name that was given up may be somebody else's now
            await t.run(
                "UPDATE members SET username = NULL"
                " WHERE username = ? AND platform = ? AND user_id <> ?",
                (name, requester.platform, requester.user_id),
            )
        await t.run(
            "INSERT INTO members"
            " (platform, user_id, seen_at, private_chat_id, language, username)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (platform, user_id) DO UPDATE SET"
            " seen_at = ?3, private_chat_id = COALESCE(?4, private_chat_id),"
            " language = COALESCE(?5, language), username = ?6",
            (
                requester.platform,
                requester.user_id,
                self._clock(),
                private_chat_id,
                requester.language,
                name or None,
            ),
        )

    def unsee(self, accounts: frozenset[str]) -> None:
        """What is remembered of these is out of date."""
        for account in accounts:
            self._noted.pop(account, None)

    async def language_of(self, requester: Requester) -> str | None:
        """The language in which this account last spoke to us, if it did."""
        row = await self._database.row(
            "SELECT language FROM members WHERE platform = ? AND user_id = ?",
            (requester.platform, requester.user_id),
        )
        return None if row is None else row["language"]

    @staticmethod
    async def is_member(t: Transaction, requester: Requester) -> bool:
        """Whether this account was seen in an approved chat."""
        row = await t.row(
            "SELECT 1 FROM members WHERE platform = ? AND user_id = ?",
            (requester.platform, requester.user_id),
        )
        return row is not None

    async def knows(self, account: str) -> bool:
        """Whether `platform:id` was seen in an approved chat, or has asked for anything."""
        row = await self._database.row(
            "SELECT 1 FROM members WHERE platform || ':' || user_id = ?1"
            " UNION ALL SELECT 1 FROM jobs WHERE account = ?1 LIMIT 1",
            (account,),
        )
        return row is not None

    async def named(self, name: str, platform: Platform | None = None) -> Requester | None:
        """The member known by `@name`, on one platform or on any; None where it is nobody, or
        more than one."""
        rows = await self._database.rows(
            "SELECT platform, user_id, username FROM members WHERE username = ?", (name.lower(),)
        )
        found = [row for row in rows if platform in (None, row["platform"])]
        if len(found) != 1:
            return None
        return Requester(
            platform=Platform(found[0]["platform"]),
            user_id=found[0]["user_id"],
            name=f"@{found[0]['username']}",
            username=found[0]["username"],
        )

    async def aimed(self, incoming: Incoming, anywhere: bool) -> Incoming:
        """`incoming` with its first `@name` as an account. `anywhere`: a name of any platform is
        meant, not only of the one that is spoken on."""
        word = _WHO.search(incoming.text)
        if word is None or word["name"] is None:
            return incoming
        platform = None if anywhere else incoming.reply_to.platform
        # A full stop may end the sentence or belong to a Discord name.
        for name in dict.fromkeys((word["name"], word["name"].rstrip("."))):
            if (target := await self.named(name, platform)) is not None:
                end = word.start() + 1 + len(name)
                text = f"{incoming.text[: word.start()]}{target.account}{incoming.text[end:]}"
                return replace(incoming, text=text, target=target, target_problem="")
        if incoming.target is not None and incoming.replied_message_id is not None:
            # The reply says who is meant; the name stands in the reason.
            return incoming
        return replace(incoming, target=None, target_problem="target-unknown")
