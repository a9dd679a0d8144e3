"""Copies of the database's file: made while it is in use, examined, and upgraded for a trial."""

import contextlib
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import StoreError


def copy(source: Path, target: Path) -> None:
    """All that is committed in `source`, whoever writes there meanwhile, as one file.

    Raises:
        StoreError: one cannot be read, or the other not be written.
    """
    partial = _beside(target, "part")
    try:
        with closing(_readable(source)) as from_, closing(sqlite3.connect(partial)) as to:
            from_.backup(to)
            # A copy has no log beside it, so that it can be moved alone.
            to.execute("PRAGMA journal_mode = DELETE")
        shutil.copymode(source, partial)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} cannot be copied to {target}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def examine(path: Path) -> int:
    """The format (number of migrations) of a database that is whole.

    Raises:
        StoreError: it is damaged, or no database.
    """
    try:
        with closing(_readable(path)) as connection:
            _check(connection, path)
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


@contextmanager
def trial(copy: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy of `copy`, in which anything may be done. Gone afterwards.

    Raises:
        StoreError: what was done leaves it damaged.
    """
    place = _beside(copy, "trial")
    try:
        shutil.copyfile(copy, place)
        with closing(sqlite3.connect(place, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
        with closing(sqlite3.connect(place)) as connection:  # which reads the tables anew
            _check(connection, copy)
    except OSError as error:
        raise StoreError(f"{place}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    """A file of this caller's own: others may be at the same work."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.{suffix}")


def _readable(path: Path) -> sqlite3.Connection:
    """SQLite would make an empty database where there is none."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"{path} is damaged: {found}")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StoreError(f"{path} is damaged: rows refer to others that are missing")
