"""Paths in the settings: `~` and variables of the environment, and what cannot be a path."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bot.config.schema import Config
from bot.errors import ConfigError

PATHS = (
    ("bot", "data_dir"),
    ("telegram", "token_file"),
    ("discord", "token_file"),
    ("render", "models_dir"),
    ("moderation", "word_files"),
)
"""Section and key of each."""
HOW_WRITTEN = "a path is written with /, or with \\ between single quotes"
_LEFT = re.compile(r"\$(\w+|\{\w+\})")


def expanded(config: Config, source: str) -> Config:
    """With each path as the operating system takes it.

    Raises:
        ConfigError: the one line.
    """
    tables: Mapping[str, dict[str, Any]] = msgspec.to_builtins(config)
    for section, key in PATHS:
        value = tables[section][key]
        where = f"{source}: [{section}] {key}"
        if value == "" and key.endswith("_dir"):
            raise ConfigError(f'{where} = "": expected a folder; "." is the one of this file')
        if isinstance(value, str):
            tables[section][key] = expanded_path(value, where)
        else:
            tables[section][key] = [expanded_path(path, where) for path in value]
    return msgspec.convert(tables, Config)


def expanded_path(path: str, where: str) -> str:
    """One of them; `where` it stands begins the sentence.

    Raises:
        ConfigError: it names a variable or a home that is not there, or cannot be a path.
    """
    shown = f'"{path}"'
    # "C:\temp" between double quotes holds a tab: TOML reads escapes there.
    if not path.isprintable():
        raise ConfigError(f"{where} = {path!r}: holds a control character; {HOW_WRITTEN}")
    found = os.path.expandvars(path)
    if missing := _LEFT.search(found):
        raise ConfigError(
            f"{where} = {shown}: the environment has no {missing[0]}; set it, or write it out"
        )
    try:
        return str(Path(found).expanduser()) if found.startswith("~") else found
    except RuntimeError:
        raise ConfigError(f"{where} = {shown}: whose home is meant? Write it out") from None
