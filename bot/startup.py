"""What must be there before the parts of a bot: folders, the lock, the word lists."""

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import filelock
import msgspec
import psutil

from bot.config import Config, RenderConfig
from bot.domain import Catalog
from bot.errors import ConfigError, StoreError
from bot.quota.prompt_filter import PromptFilter, self_test
from bot.quota.word_lists import Entry, read_files
from bot.resolve.names import find

_MODELS = ("checkpoints", "loras", "vae", "embeddings")


def make_folders(models: Path) -> None:
    """Where to put models is easier to see than to read; a read-only folder stays as it is.

    Raises:
        ConfigError: there can be no such folder.
    """
    make_folder("[render] models_dir", models)
    for name in _MODELS:
        with contextlib.suppress(OSError):
            (models / name).mkdir(exist_ok=True)


def check_models(models: Path) -> None:
    """Models that are there can be seen.

    Raises:
        ConfigError: a file stands in a folder's place, or one cannot be read.
    """
    for folder in (models, *(models / name for name in _MODELS)):
        try:
            with os.scandir(folder):
                pass
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"[render] models_dir: {_unusable(folder, error)}") from None


def make_folder(setting: str, folder: Path) -> None:
    """Make it where it is missing.

    Raises:
        ConfigError: it cannot be made; the sentence begins with `setting`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{setting}: {_unusable(folder, error)}") from None


def _unusable(folder: Path, error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        file = next((p for p in (folder, *folder.parents) if p.is_file()), None)
        if file is not None:
            return f"{folder} cannot be used: {file} is a file; move it away, or name a folder"
        return f"{folder} cannot be used: it leads nowhere; is a disk missing?"
    why = error.strerror or error
    return f"{folder} cannot be used: {why}; give the bot's user the folder, or name another one"


def render_config(config: Config, base: Path) -> RenderConfig:
    """`[render]` with the models folder as the render process needs it: absolute."""
    models = str((base / config.render.models_dir).resolve())
    return msgspec.structs.replace(config.render, models_dir=models)


def prompt_filter(config: Config, base: Path) -> PromptFilter:
    """The shipped word lists with the operator's, tried on known words.

    Raises:
        ConfigError: a word file cannot be read, or the filter does not work with it.
    """
    entries = operator_words(config, base)
    made = PromptFilter().extended(entries) if entries else PromptFilter()
    self_test(made)
    return made


def operator_words(config: Config, base: Path) -> list[Entry]:
    """The lists that `[moderation] word_files` names.

    Raises:
        ConfigError: one cannot be read, or has a line that is no word.
    """
    try:
        return read_files(base / name for name in config.moderation.word_files)
    except ConfigError as error:
        raise ConfigError(f"[moderation] word_files: {error}") from None


def unknown_defaults(config: Config, catalog: Catalog) -> Iterator[str]:
    """A sentence for each model that `[defaults]` names and that is not there."""
    checkpoints = catalog.checkpoints
    for key, name, instead in (
        ("checkpoint", config.defaults.checkpoint, f"{catalog.default_checkpoint} is taken"),
        ("refiner", config.defaults.refiner, "none is taken"),
    ):
        if name and len(find(name, checkpoints)) != 1:
            yield f'[defaults] {key} = "{name}" is no name of one checkpoint here; {instead}'


def check_classifier(name: str) -> None:
    """Without importing it, which is for the process that looks at pictures.

    Raises:
        ConfigError: `[moderation] classifier` names a package that is not installed.
    """
    package = name.partition(":")[0].partition(".")[0]
    if ":" in name and importlib.util.find_spec(package) is None:
        raise ConfigError(
            f'[moderation] classifier = "{name}": there is no package {package}; install it into'
            " the .venv of the bot"
        )


_SHARES = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ceph", "fuse.sshfs")
)
"""File systems of other machines, as mount tables call them."""


def share_warning(folder: Path) -> str:
    """What is wrong with a data folder on another machine's disk; "" for one of our own."""
    place = folder.resolve()
    kind = "Windows" if place.drive.startswith("\\\\") else ""
    mounts = [m for m in psutil.disk_partitions(all=True) if place.is_relative_to(m.mountpoint)]
    if mounts:
        mount = sorted(mounts, key=lambda m: len(m.mountpoint))[-1]  # the last covers the others
        if mount.fstype.lower() in _SHARES or "remote" in mount.opts.split(","):
            kind = mount.fstype
    if not kind:
        return ""
    return (
        f"[bot] data_dir: {folder} lies on a network file system ({kind}), whose locks SQLite"
        " cannot trust; choose a folder on a disk of this machine"
    )


class AlreadyRunning(ConfigError):
    """Another bot uses this data folder."""


@contextlib.contextmanager
def only_copy(data: Path) -> Iterator[None]:
    """Hold the lock of this data folder, which is made where it is missing.

    Raises:
        AlreadyRunning: another bot holds it.
        ConfigError: there can be no such folder.
    """
    make_folder("[bot] data_dir", data)
    lock = filelock.FileLock(data / "chatelier.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise AlreadyRunning(
            f"another Chatelier is already running on {data}; stop it first, or give this one"
            " another [bot] data_dir"
        ) from None
    except OSError as error:
        raise ConfigError(f"[bot] data_dir: {_unusable(data, error)}") from None
    try:
        yield
    finally:
        lock.release()


def is_running(data: Path) -> bool:
    """Whether a bot runs on this data folder."""
    try:
        with only_copy(data):
            return False
    except AlreadyRunning:
        return True
    except ConfigError:  # told where the folder is needed
        return False


def stored_catalog(catalog: str | None) -> Catalog | None:
    """What the renderer offered last time, if anything."""
    try:
        return msgspec.json.decode(catalog, type=Catalog) if catalog else None
    except msgspec.ValidationError:
        return None  # written by another version; the render process tells it anew


_ADVICE = (
    ("is full", "free some space on that disk, then start again"),
    ("disk I/O error", "that disk is full or failing: free some space, then start again"),
    ("readonly", "give the bot's user that file and its folder"),
    ("unable to open", "give the bot's user that file and its folder"),
    ("not a database", "it is damaged: `chatelier restore FILE` puts a backup in its place"),
    ("malformed", "it is damaged: `chatelier restore FILE` puts a backup in its place"),
)
"""What SQLite says (https://sqlite.org/rescode.html), and what to do about it."""


def advice(error: BaseException) -> str:
    """What to do, where a StoreError has only the database's own words; "" for others."""
    if not isinstance(error, StoreError):
        return ""
    return next((f"; {told}" for said, told in _ADVICE if said in str(error)), "")
