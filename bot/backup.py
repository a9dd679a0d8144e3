"""`chatelier backup` and `chatelier restore`: the whole memory of a bot in one zip file.

In it lie `chatelier.sqlite`, a copy made while the bot may be running, and `pictures/`, files named
by their content. Settings and models are the operator's own files and not part of it.
"""

import hashlib
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bot import snapshots
from bot.errors import ConfigError, StoreError
from bot.migrations import latest
from bot.startup import only_copy

DATABASE = "chatelier.sqlite"
_PICTURE = re.compile(r"pictures/([0-9a-f]{2})/(\1[0-9a-f]{62})\.png")
_PIECE = 2**20


def back_up(data: Path, file: Path) -> int:
    """Write everything under `data` that a bot remembers to `file`; the number of pictures.

    Raises:
        ConfigError: there is nothing to keep, or `file` is there already or cannot be written.
        StoreError: the database cannot be read, or is damaged.
    """
    if not (data / DATABASE).exists():
        raise ConfigError(f"{data}: there is nothing yet that could be kept")
    if file.exists():
        raise ConfigError(f"{file} is there already")
    partial = file.with_name(f"{file.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=data, prefix="backup-") as place:
            database = Path(place) / DATABASE
            snapshots.copy(data / DATABASE, database)
            snapshots.examine(database)
            # Pictures after the database: whatever it speaks of is on the disk by then.
            count = _write(partial, database, data / "pictures")
        partial.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write(file: Path, database: Path, pictures: Path) -> int:
    count = 0
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.write(database, DATABASE)
        for path in sorted(pictures.glob("*/*.png")):
            name = f"pictures/{path.parent.name}/{path.name}"
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # swept meanwhile
            if _PICTURE.fullmatch(name) and hashlib.sha256(content).hexdigest() == path.stem:
                # It is compressed already.
                archive.writestr(zipfile.ZipInfo(name, _now()), content, zipfile.ZIP_STORED)
                count += 1
    return count


def _now() -> tuple[int, int, int, int, int, int]:
    return time.localtime()[:6]


def restore(data: Path, file: Path) -> int:
    """Put back what `back_up` has written; the number of pictures. The database that was there
    stays beside it as `chatelier.sqlite.replaced`.

    Everything is looked at before anything is changed, and the database changes in one step: a
    kill leaves the old one or the new one.

    Raises:
        ConfigError: a bot runs on `data`, or `file` is no whole backup, or of a newer Chatelier.
        StoreError: the disk cannot take it.
    """
    with only_copy(data):
        try:
            with (
                zipfile.ZipFile(file) as archive,
                tempfile.TemporaryDirectory(dir=data, prefix="restore-") as place,
            ):
                database = _unpack_database(archive, Path(place))
                names = list(_pictures(archive))
                for name in names:
                    _unpack_picture(archive, name, data)
                _replace(data / DATABASE, database)
        except zipfile.BadZipFile as error:
            raise ConfigError(f"{file} is no whole backup: {error}") from None
        except FileNotFoundError:
            raise ConfigError(f"{file}: there is no such file") from None
        except OSError as error:
            raise StoreError(f"{file} cannot be put back: {error.strerror or error}") from error
    return len(names)


def _unpack_database(archive: zipfile.ZipFile, place: Path) -> Path:
    if DATABASE not in archive.namelist():
        raise zipfile.BadZipFile(f"there is no {DATABASE} in it")
    if damaged := archive.testzip():
        raise zipfile.BadZipFile(f"{damaged} in it is damaged")
    path = place / DATABASE
    with archive.open(DATABASE) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, _PIECE)
    try:
        version = snapshots.examine(path)
    except StoreError as error:
        raise zipfile.BadZipFile(f"{DATABASE} in it is damaged ({error})") from None
    if version > latest():
        raise ConfigError(
            f"the backup was made by a newer Chatelier (format {version}; this one knows"
            f" {latest()})"
        )
    return path


def _pictures(archive: zipfile.ZipFile) -> Iterator[str]:
    """Names that are none of ours, such as `../../etc/passwd`, are no pictures."""
    return (name for name in archive.namelist() if _PICTURE.fullmatch(name))


def _unpack_picture(archive: zipfile.ZipFile, name: str, data: Path) -> None:
    path, content = data / name, archive.read(name)
    if hashlib.sha256(content).hexdigest() != path.stem:
        raise zipfile.BadZipFile(f"{name} in it is damaged")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(path)


def _replace(old: Path, new: Path) -> None:
    """The log beside the old database must be gone before: it would be read into the new one."""
    kept = old.with_name(f"{old.name}.replaced")
    if old.exists():
        kept.unlink(missing_ok=True)
        try:
            snapshots.copy(old, kept)
        except StoreError:
            shutil.copyfile(old, kept)  # a damaged one, which may be why a backup is put back
    for suffix in ("-wal", "-shm"):
        old.with_name(old.name + suffix).unlink(missing_ok=True)
    new.replace(old)
