"""One SQLite file: connection, transactions, migrations.

All access goes through one connection and one lock, so a transaction never meets another's
uncommitted rows (aiosqlite runs each connection on a thread of its own; the event loop never
waits for the disk). `synchronous=FULL`: what is committed survives a power cut.
"""

import asyncio
import re
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite

from bot.errors import StoreError

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    # What is deleted is overwritten: `/forget` means the file too.
    "PRAGMA secure_delete = ON",
)

_OPENING_S = 5.0

Row = sqlite3.Row
Result = TypeVar("Result")


class Database:
    """Use as `async with Database(path) as database`: an unclosed connection keeps the process
    alive for ever.

    Raises:
        StoreError: the file cannot be opened, is damaged, or is newer than this program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None

    async def __aenter__(self) -> Self:
        try:
            # A connection that opens after this task was cancelled must be closed as well.
            await uninterrupted(self._connect())
            for pragma in _PRAGMAS:
                await self._patiently(pragma)
            await self._migrate()
        except sqlite3.Error as error:
            await self._close()
            raise StoreError(f"{self.path}: {error}") from error
        except BaseException:
            await self._close()
            raise
        return self

    async def _connect(self) -> None:
        # A file that cannot be opened is found here: after a failed start, aiosqlite's thread
        # speaks to the event loop once more, which may be closed by then.
        await asyncio.to_thread(_probe, self.path)
        self._connection = await aiosqlite.connect(self.path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row

    async def _patiently(self, pragma: str) -> None:
        """SQLite waits for another process at work, but not for one that turns on the log of a
        fresh file at the same time."""
        end = time.monotonic() + _OPENING_S
        while True:
            try:
                await self._open.execute(pragma)
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
            await asyncio.sleep(0.02)

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await uninterrupted(connection.close())

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise StoreError(f"{self.path}: the database is closed")
        return self._connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """`BEGIN IMMEDIATE` … `COMMIT`, or `ROLLBACK` when the body raises.

        Raises:
            StoreError: locked, full, read-only, damaged.
        """
        async with self._lock:
            connection = self._open
            try:
                await uninterrupted(_run(connection, "BEGIN IMMEDIATE"))
                yield Transaction(connection)
                await uninterrupted(_run(connection, "COMMIT"))
            except sqlite3.Error as error:
                await _rollback(connection)
                raise StoreError(f"{self.path}: {error}") from error
            except BaseException:
                await uninterrupted(_rollback(connection))
                raise

    async def step(self, work: "Work[Result]") -> Result:
        """`work` as one transaction in one go: cheaper than `transaction`, which goes to the
        database's thread and back for every statement.

        `work` runs in that thread, and must await nothing but its statements.

        Raises:
            StoreError: as `transaction`.
        """
        async with self._lock:
            # aiosqlite has no public name for a call in its thread.
            call: Any = self._open._execute
            try:
                done: Result = await uninterrupted(call(_step, self._open._conn, work))
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error
            return done

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Read outside a transaction.

        Raises:
            StoreError: the file cannot be read.
        """
        async with self._lock:
            try:
                return list(await self._open.execute_fetchall(sql, values))
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error

    async def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def empty_log(self) -> None:
        """Move what is committed into the file itself and empty the log beside it, which still
        holds what was deleted. While another process reads there, nothing happens.

        Raises:
            StoreError: the file cannot be written.
        """
        await self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    async def drop_backups(self, before: float) -> None:
        """Delete the copies that were made before upgrades older than `before` (seconds since
        1970): they remember what was forgotten since."""
        await asyncio.to_thread(_drop_backups, self.path, before)

    async def _migrate(self) -> None:
        connection = self._open
        (version,) = (await _one(connection, "PRAGMA user_version")) or (0,)
        scripts = _scripts()
        if version > len(scripts):
            raise StoreError(
                f"{self.path}: made by a newer Chatelier (format {version}; this one knows "
                f"{len(scripts)}). Install that version, or restore a backup."
            )
        if 0 < version < len(scripts):
            await asyncio.to_thread(_backup, self.path, version)
        for number, script in enumerate(scripts[version:], start=version + 1):
            await connection.execute("BEGIN IMMEDIATE")
            try:
                (reached,) = (await _one(connection, "PRAGMA user_version")) or (0,)
                if reached >= number:  # another process was faster: the command line, say
                    await _rollback(connection)
                    continue
                for statement in _statements(script):
                    await connection.execute(statement)
                # user_version rolls back with the tables, so both commit or neither does.
                await connection.execute(f"PRAGMA user_version = {number:d}")
                await connection.execute("COMMIT")
            except BaseException:
                await _rollback(connection)
                raise


class Transaction:
    """Statements inside one transaction."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute; how many rows were changed."""
        async with self._connection.execute(sql, values) as cursor:
            return cursor.rowcount

    async def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Execute once for each set of values."""
        async with self._connection.executemany(sql, values):
            pass

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Execute and fetch all rows (also of RETURNING)."""
        return list(await self._connection.execute_fetchall(sql, values))

    async def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        found = await self.rows(sql, values)
        return found[0] if found else None


class _Statements(Transaction):
    """The same in the database's own thread: nothing is ever waited for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._own = connection

    async def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        return self._own.execute(sql, values).rowcount

    async def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        self._own.executemany(sql, values)

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        return self._own.execute(sql, values).fetchall()


Work = Callable[[Transaction], Coroutine[Any, Any, Result]]


def _step(connection: sqlite3.Connection, work: Work[Result]) -> Result:
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = _at_once(work(_Statements(connection)))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return done


def _at_once(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        work.send(None)
    except StopIteration as ended:
        done: Result = ended.value
        return done
    work.close()
    raise RuntimeError("a step of the database waits for something else")


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Finish `work` even when this task is cancelled meanwhile, however often; then the cancel
    goes on. A half-open transaction would poison the connection for the next one."""
    task, cancelled = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        task.exception()  # seen
        raise asyncio.CancelledError
    return task.result()


def _probe(path: Path) -> None:
    sqlite3.connect(path).close()


async def _one(connection: aiosqlite.Connection, sql: str) -> Row | None:
    async with connection.execute(sql) as cursor:
        return await cursor.fetchone()


async def _run(connection: aiosqlite.Connection, sql: str) -> None:
    async with connection.execute(sql):
        pass


async def _rollback(connection: aiosqlite.Connection) -> None:
    if connection.in_transaction:
        await connection.execute("ROLLBACK")


def _scripts() -> list[str]:
    folder = resources.files("bot.migrations")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text("utf-8") for f in files]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a `;` inside a trigger or a literal ends none."""
    statement = ""
    for part in re.split("(?<=;)", re.sub(r"--[^\n]*", "", script)):
        statement += part
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def _backup(path: Path, version: int) -> None:
    copy = path.with_suffix(f".v{version}.backup")
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    shutil.copymode(path, copy)


def _drop_backups(path: Path, before: float) -> None:
    for copy in path.parent.glob(f"{path.stem}.v*.backup"):
        if copy.stat().st_mtime < before:
            copy.unlink(missing_ok=True)
