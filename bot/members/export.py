"""`chatelier export`: a member's records and pictures, or everybody's, as one zip file."""

import asyncio
import json
import os
import secrets
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot.database import Database, Row
from bot.members.kept import TABLES, Kept
from bot.picture_store import PictureStore

PAGE = 500
"""Rows in memory at a time."""


class Export:
    """Writes the zip row by row and picture by picture: memory does not grow with the bot."""

    def __init__(self, database: Database, store: PictureStore) -> None:
        self._database = database
        self._store = store

    async def write(self, target: Path, accounts: frozenset[str] | None = None) -> int:
        """Records of `accounts` (None: everybody's, and the bot's own) as one JSON object a line,
        a file a table, and the pictures that are still there; how many records. Where there is
        none, no file is left.

        Raises:
            FileExistsError: `target` is there already; it is not overwritten.
            OSError: it cannot be written.
        """
        if await asyncio.to_thread(target.exists):
            raise FileExistsError(str(target))
        partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        # Words and pictures of members: for the one who asked only.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
                count = await self._fill(archive, accounts)
            if count:
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return count

    async def _fill(self, archive: zipfile.ZipFile, accounts: frozenset[str] | None) -> int:
        pictures: set[str] = set()
        count = 0
        for table, kept in TABLES.items():
            if accounts is not None and not (kept.by or kept.by_user or kept.by_job):
                continue
            entry = zipfile.ZipInfo(f"{table}.jsonl", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as lines:
                async for row in self._rows(table, kept, accounts):
                    record = _record(row, kept)
                    pictures |= _pictures(table, record)
                    lines.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
                    count += 1
        for sha256 in sorted(pictures):
            if (png := await self._store.get(sha256)) is not None:
                name = f"pictures/{sha256}.png"
                await asyncio.to_thread(archive.writestr, name, png)
        return count

    async def _rows(
        self, table: str, kept: Kept, accounts: frozenset[str] | None
    ) -> AsyncIterator[Row]:
        """The rows of a table, a page at a time: others get their turn in between."""
        wanted, values = _condition(kept, accounts)
        # Names of tables and columns are constants of `TABLES`.
        if kept.rowid:
            numbered = f"SELECT rowid AS row, * FROM {table} WHERE {wanted}"  # noqa: S608 - ours
            sql, place = f"{numbered} AND rowid > ? ORDER BY rowid LIMIT {PAGE:d}", -1
        else:
            sql, place = f"SELECT * FROM {table} WHERE {wanted} LIMIT {PAGE:d} OFFSET ?", 0  # noqa: S608 - ours
        while rows := await self._database.rows(sql, (*values, place)):
            for row in rows:
                yield row
            place = rows[-1]["row"] if kept.rowid else place + PAGE


_BINARY = getattr(os, "O_BINARY", 0)
"""Windows would change line ends otherwise."""


def _condition(kept: Kept, accounts: frozenset[str] | None) -> tuple[str, tuple[str, ...]]:
    """What a row of these accounts fulfils, as SQL, and its values."""
    if accounts is None:
        return "1", ()
    names = tuple(sorted(accounts))
    marks = ", ".join("?" * len(names))
    if kept.by_user:
        return f"platform || ':' || user_id IN ({marks})", names
    if kept.by_job:
        return f"job_id IN (SELECT id FROM jobs WHERE account IN ({marks}))", names  # noqa: S608 - ours
    either = " OR ".join(f"{column} IN ({marks})" for column in kept.by)
    return f"({either})", names * len(kept.by)


def _record(row: Row, kept: Kept) -> dict[str, Any]:
    found = {name: row[name] for name in row.keys() if name != "row"}  # noqa: SIM118 - of SQLite
    return {
        name: json.loads(value) if name in kept.json and value else value
        for name, value in found.items()
    }


def _pictures(table: str, record: dict[str, Any]) -> set[str]:
    if table == "pictures":
        return {record["sha256"]}
    source = record["spec"].get("input_sha256") if table == "jobs" else None
    return {source} if source else set()
