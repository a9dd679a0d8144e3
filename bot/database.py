"""One SQLite file: connection, transactions, migrations.

All access goes through one connection and one lock, so a transaction never meets another's
uncommitted rows. The connection lives in a thread of its own, so that the event loop never waits
for the disk. `synchronous=FULL`: what is committed survives a power cut.
"""

import asyncio
import re
import sqlite3
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import aiosqlite

from bot import snapshots
from bot.errors import StoreError

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    # What is deleted is overwritten: `/forget` means the file too.
    "PRAGMA secure_delete = ON",
)
_IN_USE = (
    # Whoever asks on Discord must be answered within three seconds, if only that nothing can be
    # kept; also behind two others who wait for the same program to let go of the file. Upgrades by
    # another program may take longer.
    "PRAGMA busy_timeout = 700",
    # In files, even the smallest sort takes and gives back a page cache of 80 KB: some ten times
    # what the rest of it costs. Upgrades may sort more than memory should hold.
    "PRAGMA temp_store = MEMORY",
)

_OPENING_S = 5.0

Row = sqlite3.Row
Result = TypeVar("Result")
Values = ParamSpec("Values")


class Database:
    """Use as `async with Database(path) as database`.

    Raises:
        StoreError: the file cannot be opened, is damaged, or is newer than this program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None
        self._in_thread: sqlite3.Connection | None = None
        self._beside: sqlite3.Connection | None = None
        """For a few rows at a time, read in the thread of the event loop."""
        self._unopened: sqlite3.Error | None = None

    async def __aenter__(self) -> Self:
        try:
            # A connection that opens after this task was cancelled must be closed as well.
            await uninterrupted(self._connect())
            for pragma in _PRAGMAS:
                await self._patiently(pragma)
            await self._migrate()
            for pragma in _IN_USE:
                await self._call(_run, pragma)
            self._beside = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            self._beside.row_factory = sqlite3.Row
            for pragma in ("PRAGMA query_only = ON", "PRAGMA temp_store = MEMORY"):
                self._beside.execute(pragma)
        except sqlite3.Error as error:
            await self._close()
            raise StoreError(f"{self.path}: {error}") from error
        except BaseException:
            await self._close()
            raise
        return self

    async def _connect(self) -> None:
        self._connection = await aiosqlite.Connection(self._open, iter_chunk_size=64)
        if self._unopened is not None:
            raise self._unopened

    def _open(self) -> sqlite3.Connection:
        try:
            self._in_thread = sqlite3.connect(self.path, isolation_level=None)
        except sqlite3.Error as error:
            # Raised here, the library would tell its thread to end and not wait for that: it
            # would answer an event loop that is closed by then. So there is one to be closed.
            self._unopened = error
            self._in_thread = sqlite3.connect(":memory:", isolation_level=None)
        self._in_thread.row_factory = sqlite3.Row
        return self._in_thread

    async def _patiently(self, pragma: str) -> None:
        """SQLite waits for another process at work, but not for one that turns on the log of a
        fresh file at the same time."""
        end = time.monotonic() + _OPENING_S
        while True:
            try:
                await self._call(_run, pragma)
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
            await asyncio.sleep(0.02)

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def _close(self) -> None:
        if self._beside is not None:
            self._beside.close()
            self._beside = None
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await uninterrupted(connection.close())

    def _call(
        self,
        work: Callable[Concatenate[sqlite3.Connection, Values], Result],
        *values: Values.args,
        **named: Values.kwargs,
    ) -> Coroutine[Any, Any, Result]:
        """Have `work` done with the connection, in its thread; one after the other.

        The library's own way to its thread is private, and there is no other for a step that is
        more than one statement; the tests of every store fail where a new version lacks it.
        """
        if self._connection is None or self._in_thread is None:
            raise StoreError(f"{self.path}: the database is closed")
        execute: Any = self._connection._execute
        doing: Coroutine[Any, Any, Result] = execute(work, self._in_thread, *values, **named)
        return doing

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """`BEGIN IMMEDIATE` … `COMMIT`, or `ROLLBACK` when the body raises.

        Raises:
            StoreError: locked, full, read-only, damaged.
        """
        async with self._lock:
            try:
                await uninterrupted(self._call(_run, "BEGIN IMMEDIATE"))
                yield Transaction(self._call)
                await uninterrupted(self._call(_run, "COMMIT"))
            except sqlite3.Error as error:
                await uninterrupted(self._call(_rollback))
                raise StoreError(f"{self.path}: {error}") from error
            except BaseException:
                await uninterrupted(self._call(_rollback))
                raise

    async def step(self, work: "Work[Result]", *, reading: bool = False) -> Result:
        """`work` as one transaction in one go: cheaper than `transaction`, which goes to the
        database's thread and back for every statement.

        `work` runs in that thread, and must await nothing but its statements. `reading`: it
        changes nothing, and sees one moment of the database without waiting for who writes. It
        looks at a few rows by their keys, on a connection of its own and in the thread of the
        event loop: going to the other thread and back takes several times as long.

        Raises:
            StoreError: as `transaction`.
        """
        begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
        if reading and self._beside is not None:
            # Where that fails (locked at this very moment), the thread waits, or tells why.
            with suppress(sqlite3.Error):
                return _step(self._beside, begin, work)
        async with self._lock:
            try:
                return await uninterrupted(self._call(_step, begin, work))
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Read outside a transaction.

        Raises:
            StoreError: the file cannot be read.
        """
        async with self._lock:
            try:
                return await self._call(_fetch, sql, values)
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
        version, scripts = await self._call(_version), _scripts()
        if version > len(scripts):
            raise StoreError(
                f"{self.path}: made by a newer Chatelier (format {version}; this one knows "
                f"{len(scripts)}). Install that version, or restore a backup."
            )
        if 0 < version < len(scripts):
            await asyncio.to_thread(_rehearse, self.path, version, scripts)
        for number, script in enumerate(scripts[version:], start=version + 1):
            await uninterrupted(self._call(_upgrade, number, script))


class Transaction:
    """Statements inside one transaction."""

    def __init__(self, call: Callable[..., Awaitable[Any]]) -> None:
        self._call = call

    async def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute; how many rows were changed."""
        changed: int = await self._call(_run, sql, values)
        return changed

    async def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Execute once for each set of values."""
        await self._call(_many, sql, values)

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Execute and fetch all rows (also of RETURNING)."""
        found: list[Row] = await self._call(_fetch, sql, values)
        return found

    async def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        found = await self.rows(sql, values)
        return found[0] if found else None


Work = Callable[[Transaction], Coroutine[Any, Any, Result]]


async def uninterrupted(work: Awaitable[Result]) -> Result:
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


# In the database's thread -----------------------------------------------------------------------


def _run(connection: sqlite3.Connection, sql: str, values: Sequence[Any] = ()) -> int:
    return connection.execute(sql, values).rowcount


def _many(connection: sqlite3.Connection, sql: str, values: Iterable[Sequence[Any]]) -> None:
    connection.executemany(sql, values)


def _fetch(connection: sqlite3.Connection, sql: str, values: Sequence[Any] = ()) -> list[Row]:
    return connection.execute(sql, values).fetchall()


def _rollback(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _step(connection: sqlite3.Connection, begin: str, work: Work[Result]) -> Result:
    connection.execute(begin)
    try:
        done = _at_once(work(Transaction(partial(_now, connection))))
        connection.execute("COMMIT")
    except BaseException:
        _rollback(connection)
        raise
    return done


async def _now(
    connection: sqlite3.Connection, statement: Callable[..., Result], *values: Any
) -> Result:
    """A statement of a step: nothing is ever waited for."""
    return statement(connection, *values)


def _at_once(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        work.send(None)
    except StopIteration as ended:
        done: Result = ended.value
        return done
    work.close()
    raise RuntimeError("a step of the database waits for something else")


# Migrations and backups -------------------------------------------------------------------------


def _version(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def _upgrade(connection: sqlite3.Connection, number: int, script: str) -> None:
    """One migration; nothing where another process, the command line say, was faster."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < number:
            for statement in _statements(script):
                connection.execute(statement)
            # user_version rolls back with the tables, so both commit or neither does.
            connection.execute(f"PRAGMA user_version = {number:d}")
        connection.execute("COMMIT")
    except BaseException:
        _rollback(connection)
        raise


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


def _rehearse(path: Path, version: int, scripts: Sequence[str]) -> None:
    """Keep a copy of how it was, and try the upgrade on another: where that fails, what is there
    has not been touched."""
    backup = path.with_suffix(f".v{version}.backup")
    snapshots.copy(path, backup)
    try:
        with snapshots.trial(backup) as connection:
            for number, script in enumerate(scripts[version:], start=version + 1):
                _upgrade(connection, number, script)
    except (sqlite3.Error, StoreError) as error:
        raise StoreError(
            f"{path}: cannot be upgraded to format {len(scripts)}, and was left as it is ({error})"
        ) from error


def _drop_backups(path: Path, before: float) -> None:
    for copy in path.parent.glob(f"{path.stem}.v*.backup"):
        if copy.stat().st_mtime < before:
            copy.unlink(missing_ok=True)
