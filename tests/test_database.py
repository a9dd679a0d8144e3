"""One SQLite file: transactions, migrations, refusals."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot import database as module
from bot.database import Database, Transaction, _fetch
from bot.errors import QueueFull, StoreError
from bot.phrase import phrase


async def test_what_is_committed_is_there_after_reopening(tmp_path: Path) -> None:
    """A committed row is found by the next connection."""
    async with Database(tmp_path / "d") as first, first.transaction() as t:
        await t.run("INSERT INTO facts VALUES ('a', 'b')")
    async with Database(tmp_path / "d") as second:
        row = await second.row("SELECT value FROM facts")
    assert row is not None
    assert row["value"] == "b"


async def test_a_raising_transaction_leaves_nothing(database: Database) -> None:
    """Whatever is raised inside, the rows are rolled back and the error goes on."""
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as t:
            await t.run("INSERT INTO facts VALUES ('a', 'b')")
            raise ZeroDivisionError
    assert await database.rows("SELECT * FROM facts") == []


async def test_whoever_waits_behind_others_for_a_locked_file_is_told_in_time(
    database: Database,
) -> None:
    """Discord takes no answer after three seconds, also not from the third in the row."""

    async def note() -> str:
        try:
            async with database.transaction() as t:
                await t.run("INSERT INTO facts VALUES ('a', 'b')")
        except StoreError as error:
            return str(error)
        return "kept"

    with closing(sqlite3.connect(database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(2.8):
            told = await asyncio.gather(note(), note(), note())
        other.rollback()
    assert all("locked" in words for words in told)
    assert await note() == "kept"


async def test_reading_waits_for_no_writer(database: Database) -> None:
    """While a transaction is open, a step that reads sees what was committed before."""

    async def count(t: Transaction) -> int:
        row = await t.row("SELECT COUNT(*) AS n FROM facts")
        return int(row["n"]) if row else -1

    async with database.transaction() as t:
        await t.run("INSERT INTO facts VALUES ('a', 'b')")
        assert await database.step(count, reading=True) == 0
    assert await database.step(count, reading=True) == 1


async def test_reading_that_fails_beside_the_writer_is_tried_in_its_turn(
    database: Database,
) -> None:
    """Whatever is wrong with the connection beside is no matter of whoever reads."""

    async def count(t: Transaction) -> int:
        row = await t.row("SELECT COUNT(*) AS n FROM facts")
        return int(row["n"]) if row else -1

    assert database._beside is not None
    database._beside.close()
    assert await database.step(count, reading=True) == 0
    database._beside = None

    async def wrong(t: Transaction) -> None:
        await t.rows("SELECT * FROM no_such_table")

    with pytest.raises(StoreError, match="no such table"):
        await database.step(wrong, reading=True)


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(
    database: Database,
) -> None:
    """A task that is cancelled in the middle rolls back, and the next transaction works."""
    inside = asyncio.Event()

    async def forever() -> None:
        async with database.transaction() as t:
            await t.run("INSERT INTO facts VALUES ('a', 'b')")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(forever())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as t:
        await t.run("INSERT INTO facts VALUES ('c', 'd')")
    assert [r["name"] for r in await database.rows("SELECT name FROM facts")] == ["c"]


async def test_transactions_wait_for_each_other(database: Database) -> None:
    """Read-then-write in fifty tasks at once counts to fifty."""
    await _set(database, 0)

    async def add() -> None:
        async with database.transaction() as t:
            row = await t.row("SELECT value FROM facts WHERE name = 'n'")
            assert row is not None
            await t.run("UPDATE facts SET value = ?", (str(int(row["value"]) + 1),))

    await asyncio.gather(*(add() for _ in range(50)))
    row = await database.row("SELECT value FROM facts")
    assert row is not None
    assert row["value"] == "50"


async def _set(database: Database, value: int) -> None:
    async with database.transaction() as t:
        await t.run("INSERT INTO facts VALUES ('n', ?)", (str(value),))


async def test_a_newer_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """A file of a later version is not touched."""
    path = tmp_path / "d"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreError, match="newer Chatelier"):
        async with Database(path):
            pass


async def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path) -> None:
    """A file that is no database is named in the error."""
    path = tmp_path / "damaged"
    path.write_bytes(b"this is no database, whatever its name may say" * 100)
    with pytest.raises(StoreError, match="damaged"):
        async with Database(path):
            pass


async def test_a_failed_migration_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration and its version number commit together or not at all; a backup is made first."""
    path = tmp_path / "d.sqlite"
    async with Database(path) as opened:
        await _set(opened, 1)
    scripts = module._scripts()
    broken = [*scripts, "CREATE TABLE extra (a TEXT) STRICT; CREATE TABLE extra (a TEXT) STRICT;"]
    monkeypatch.setattr(module, "_scripts", lambda: broken)
    with pytest.raises(StoreError):
        async with Database(path):
            pass
    assert (tmp_path / f"d.v{len(scripts)}.backup").exists()
    monkeypatch.undo()
    async with Database(path) as opened:
        assert await opened.rows("SELECT * FROM sqlite_schema WHERE name = 'extra'") == []
        assert len(await opened.rows("SELECT * FROM facts")) == 1


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    """Use after closing is an error of ours, not an AttributeError."""
    database = Database(tmp_path / "d")
    with pytest.raises(StoreError, match="closed"):
        await database.rows("SELECT 1")


async def test_a_task_cancelled_at_any_moment_leaves_no_transaction_open(
    database: Database,
) -> None:
    """Also while `BEGIN` waits for the connection's thread, and when cancelled twice."""
    count = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000)"

    async def work() -> None:
        async with database.transaction() as t:
            await t.run("INSERT INTO facts VALUES ('a', 'b')")

    for turns in range(1, 6):
        busy = database._call(_fetch, f"{count} SELECT max(x) FROM n")
        await asyncio.sleep(0)
        task = asyncio.create_task(work())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await busy
    assert await database.rows("SELECT * FROM facts") == []
    await work()


@pytest.mark.parametrize("turns", range(1, 8))
def test_a_start_that_is_stopped_leaves_no_thread_behind(
    tmp_path: Path, turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the file is being opened: its thread does not answer a loop that is closed."""
    before, raised = set(threading.enumerate()), list[BaseException | None]()
    monkeypatch.setattr(threading, "excepthook", lambda info: raised.append(info.exc_value))

    async def start() -> None:
        task = asyncio.create_task(Database(tmp_path / "d").__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(start())
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
    assert raised == []


def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does its thread answer a loop that is closed."""
    before, raised = set(threading.enumerate()), list[BaseException | None]()
    monkeypatch.setattr(threading, "excepthook", lambda info: raised.append(info.exc_value))
    for _ in range(20):  # it is a race
        with pytest.raises(StoreError):
            asyncio.run(Database(tmp_path).__aenter__())
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert raised == []


async def test_a_step_is_one_transaction(database: Database) -> None:
    """All of it or nothing, and what was raised inside comes out as it is."""

    async def add(t: Transaction, name: str) -> int:
        await t.run("INSERT INTO facts VALUES (?, '1')", (name,))
        await t.many("INSERT INTO facts VALUES (?, '2')", [(f"{name} too",)])
        row = await t.row("SELECT COUNT(*) AS n FROM facts")
        assert row is not None
        if name == "bad":
            raise QueueFull(phrase("queue-full-user", most=1))
        return int(row["n"])

    assert await database.step(lambda t: add(t, "good")) == 2
    with pytest.raises(QueueFull):
        await database.step(lambda t: add(t, "bad"))
    with pytest.raises(StoreError):
        await database.step(lambda t: add(t, "good"))  # the name is taken
    assert len(await database.rows("SELECT * FROM facts")) == 2


async def test_a_step_waits_for_nothing_but_its_statements(database: Database) -> None:
    """It holds the database's thread, so it is refused and undone."""

    async def slow(t: Transaction) -> None:
        await t.run("INSERT INTO facts VALUES ('slow', '1')")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError):
        await database.step(slow)
    assert await database.rows("SELECT * FROM facts") == []
    async with database.transaction() as t:
        await t.run("INSERT INTO facts VALUES ('next', '1')")


async def test_a_fresh_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    """The bot and the command line may meet before there is a database: all of them come in."""

    async def come_in() -> int:
        async with Database(tmp_path / "fresh.sqlite") as database:
            row = await database.row("PRAGMA user_version")
            return 0 if row is None else int(row[0])

    versions = await asyncio.gather(*(come_in() for _ in range(12)))
    assert len(set(versions)) == 1
    assert versions[0] > 0


async def test_an_upgrade_that_damages_something_is_found_on_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every statement of it works, but the file could not be read afterwards: the one in use stays
    as it is, byte for byte, and nothing but the backup lies beside it."""
    path = tmp_path / "d.sqlite"
    async with Database(path) as opened:
        await _set(opened, 1)
        await opened.empty_log()
    before, scripts = path.read_bytes(), module._scripts()
    broken = (
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE jobs (x'"
        " WHERE name = 'jobs'; PRAGMA writable_schema = OFF;"
    )
    monkeypatch.setattr(module, "_scripts", lambda: [*scripts, broken])
    with pytest.raises(StoreError, match="left as it is"):
        async with Database(path):
            pass
    assert path.read_bytes() == before
    backup = f"d.v{len(scripts)}.backup"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.sqlite", backup]
