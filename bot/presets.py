"""Words and flags that members keep under names of their own: `/preset`, `--preset NAME`."""

import difflib
import json
import re
import time
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.database import Database, Transaction
from bot.phrase import Phrase, phrase

MOST = 50
"""Presets of one member."""
MOST_CHARACTERS = 2000
NAME_CHARACTERS = 32
_OF = "account IN (SELECT value FROM json_each(?))"
_NAME = re.compile(rf"[\w.-]{{1,{NAME_CHARACTERS}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One preset of a member."""

    name: str
    """As it was written; any case and width finds it."""
    words: str
    """What would be written after `/draw`, or an infotext."""


def is_name(text: str) -> bool:
    """Whether a preset can be called so: letters of any script, digits, `_`, `-` and `.`."""
    return _NAME.fullmatch(text) is not None


class PresetStore:
    """Reads and writes them. All arguments `account` are like `telegram:1`, and stand for the
    person: what was saved on one platform is there on the others."""

    def __init__(
        self,
        database: Database,
        accounts_of: Callable[[str], Awaitable[tuple[str, ...]]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`accounts_of`: all accounts of the person behind one."""
        self._database = database
        self._accounts_of = accounts_of
        self._clock = clock

    async def find(self, account: str, name: str) -> Preset | None:
        """The preset of that name, if the member has one."""
        row = await self._database.row(
            f"SELECT shown, words FROM presets WHERE {_OF} AND name = ?"  # noqa: S608  # ours
            " ORDER BY at DESC LIMIT 1",
            (await self._person(account), _key(name)),
        )
        return None if row is None else Preset(name=row["shown"], words=row["words"])

    async def all_of(self, account: str) -> list[Preset]:
        """All presets of a member, by name."""
        # Accounts that were linked later may each have one of the same name: the newest counts.
        rows = await self._database.rows(
            f"SELECT shown, words, max(at) FROM presets WHERE {_OF}"  # noqa: S608  # ours
            " GROUP BY name ORDER BY name",
            (await self._person(account),),
        )
        return [Preset(name=row["shown"], words=row["words"]) for row in rows]

    async def names(self, account: str, typed: str) -> tuple[str, ...]:
        """Names of a member's presets that contain what was typed, those that begin so first."""
        wanted = _key(typed.strip())
        found = [p.name for p in await self.all_of(account) if wanted in _key(p.name)]
        return tuple(sorted(found, key=lambda name: not _key(name).startswith(wanted)))

    async def _person(self, account: str) -> str:
        return json.dumps(await self._accounts_of(account))

    async def unknown(self, account: str, name: str) -> Phrase:
        """What is said of a name that no preset of the member has, with the one that was meant."""
        names = {_key(p.name): p.name for p in await self.all_of(account)}
        close = difflib.get_close_matches(_key(name)[:NAME_CHARACTERS], names, 1, 0.6)
        if close:
            return phrase("preset-unknown-near", asked=name[:40], near=names[close[0]])
        return phrase("preset-unknown", asked=name[:40])

    async def save(self, account: str, preset: Preset) -> bool:
        """Keep a preset, in place of one of the same name; False: the member has `MOST` others."""

        person, name = await self._person(account), _key(preset.name)

        async def write(t: Transaction) -> bool:
            others = await t.row(
                f"SELECT count(DISTINCT name) FROM presets WHERE {_OF}"  # noqa: S608  # ours
                " AND name <> ?",
                (person, name),
            )
            if others is not None and others[0] >= MOST:
                return False
            await t.run(
                f"DELETE FROM presets WHERE {_OF} AND name = ?",  # noqa: S608  # ours
                (person, name),
            )
            await t.run(
                "INSERT INTO presets VALUES (?, ?, ?, ?, ?)",
                (account, name, preset.name, preset.words, self._clock()),
            )
            return True

        return await self._database.step(write)

    async def remove(self, account: str, name: str) -> bool:
        """Delete a preset; False: there was none of that name."""
        person = await self._person(account)
        async with self._database.transaction() as t:
            gone = await t.run(
                f"DELETE FROM presets WHERE {_OF} AND name = ?",  # noqa: S608  # ours
                (person, _key(name)),
            )
        return bool(gone)

    async def last_drawn(self, account: str) -> str | None:
        """Id of the job that a member had drawn last."""
        row = await self._database.row(
            f"SELECT id FROM jobs WHERE {_OF}"  # noqa: S608  # ours
            " AND state IN ('drawn', 'delivered')"
            " AND forgotten = 0 ORDER BY number DESC LIMIT 1",
            (await self._person(account),),
        )
        return None if row is None else str(row["id"])


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
