"""What `chatelier init` leaves behind: tokens in files of their own, and `config.toml`."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from bot.errors import ConfigError

SECRETS = "secrets"
"""Folder beside `config.toml`."""
_HEADER = """\
Settings of Chatelier, as `chatelier init` wrote them. Every other key has its default; all of them
stand explained in the project's config.toml.
"""


def write_secret(path: Path, secret: str) -> None:
    """Put `secret` into a file that its owner alone can read, from its first byte on.

    Raises:
        ConfigError: it cannot be written.
    """
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
        fresh.replace(path)
    except OSError as error:
        _discard(fresh)
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from None


def check_folder(path: Path) -> None:
    """Nothing is made yet: what is left half-way should leave nothing behind.

    Raises:
        ConfigError: a file stands where the folder, or one above it, would be.
    """
    try:
        there = next(place for place in (path, *path.parents) if place.exists())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be made: {error.strerror or error}") from None
    if not there.is_dir():
        raise ConfigError(f"{path}: cannot be made: {there} is a file")


def make_folder(path: Path) -> None:
    """Make it, and those above it, where it is missing.

    Raises:
        ConfigError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be made: {error.strerror or error}") from None


def write_settings(path: Path, settings: Mapping[tuple[str, str], Any]) -> None:
    """Set these keys (by section and name) in the file, and leave all else in it as it is.

    Raises:
        ConfigError: it cannot be read or written.
    """
    fresh = path.with_suffix(".new")
    try:
        made = tomlkit.parse(path.read_text("utf-8-sig")) if path.exists() else _new()
        for (section, key), value in settings.items():
            if section not in made:
                made[section] = tomlkit.table()
            made[section][key] = value
        fresh.write_text(tomlkit.dumps(made), "utf-8")
        fresh.replace(path)
    except (OSError, TOMLKitError) as error:
        _discard(fresh)
        raise ConfigError(f"{path}: cannot be written: {error}") from None


def _discard(fresh: Path) -> None:
    """Half a file helps nobody."""
    with contextlib.suppress(OSError):
        fresh.unlink(missing_ok=True)


def _new() -> tomlkit.TOMLDocument:
    made = tomlkit.document()
    for line in _HEADER.splitlines():
        made.add(tomlkit.comment(line))
    return made
