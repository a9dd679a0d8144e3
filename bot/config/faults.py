"""What is wrong with a setting becomes one line: file, key, value, what was expected."""

import difflib
import json
from types import NoneType
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from bot import samplers
from bot.config.schema import Config, TierConfig
from bot.errors import ConfigError


def convert(tables: dict[str, Any], source: str) -> Config:
    """The settings of parsed TOML; what `tables` does not say has its default.

    Raises:
        ConfigError: the one line.
    """
    for section, keys in tables.items():
        if not isinstance(keys, dict):
            raise ConfigError(
                f"{source}: `{section} = {keys!r}` stands outside any section; "
                f"the sections are {', '.join(f'[{s}]' for s in Config.__struct_fields__)}"
            )
        if section not in Config.__struct_fields__:
            near = _near(section, Config.__struct_fields__)
            raise ConfigError(f"{source}: [{section}] is no section{near}")
        _check_section(section, keys, type(getattr(Config(), section)), source)
    tiers = tables.get("quota", {}).get("tiers", {})
    for name, keys in tiers.items() if isinstance(tiers, dict) else ():
        if not isinstance(keys, dict):
            raise ConfigError(f"{source}: [quota] tiers: expected a table [quota.tiers.{name}]")
        _check_section(f"quota.tiers.{name}", keys, TierConfig, source)
    return msgspec.convert(tables, Config)


def _check_section(
    section: str, keys: dict[str, Any], kind: type[msgspec.Struct], source: str
) -> None:
    known = kind.__struct_fields__
    for key in keys:
        if key not in known:
            raise ConfigError(f"{source}: [{section}] has no key `{key}`{_near(key, known)}")
    try:
        msgspec.convert(keys, kind)
    except msgspec.ValidationError as error:
        # msgspec says ``Expected `int`, got `str` - at `$.threads` ``; add file and value.
        said, _, where = str(error).partition(" - at `$.")
        key = where.rstrip("`").partition("[")[0].partition(".")[0]
        if key != "tiers":  # each is checked by itself
            wanted = _expected(said, kind, key)
            raise ConfigError(
                f"{source}: [{section}] {key} = {_shown(keys[key])}: {wanted}"
            ) from None


def _near(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean `{close[0]}`?" if close else f"; it knows {', '.join(known)}"


def _shown(value: Any) -> str:
    """As TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


_TYPES = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text"}
_PATTERNS = {
    "device": '"auto", "cpu", "cuda", "cuda:1" or "mps"',
    "proxy": 'an address such as "http://127.0.0.1:8080" or "socks5://127.0.0.1:1080", or ""',
    "classifier": '"opennsfw", "off" or "package.module:factory"',
    "webhook_url": 'an address such as "https://bot.example.org/telegram", or ""',
}
_LISTS = {
    "operators": "telegram:1234567890",
    "chats": "telegram:-1001234567890",
    "discord_roles": "1234567890",
}


def _expected(said: str, kind: type[msgspec.Struct], key: str) -> str:
    """msgspec's complaint in an operator's words."""
    default = getattr(kind(), key)
    if isinstance(default, tuple):
        return f'expected a list such as ["{_LISTS.get(key, "words.txt")}"]'
    if "matching regex" in said:
        return f"expected {_PATTERNS.get(key) or f'an address such as {default}'}"
    if said.startswith("Invalid enum value") or " | " in said:
        return _choices(get_args(get_type_hints(kind)[key]))
    words = said.partition(", got")[0]
    for name, plain in _TYPES.items():
        words = words.replace(f"`{name}`", plain)
    return f"{words[0].lower()}{words[1:]}"


def _choices(members: tuple[Any, ...]) -> str:
    """What a `Literal`, or a union of a number and a `Literal`, may be."""
    numbers = [_TYPES[m.__name__] for m in members if m in (int, float)]
    literals = [get_args(m) or (m,) for m in members if m not in (int, float, NoneType)]
    words = [json.dumps(word) for group in literals for word in group]
    if numbers:
        return f"expected {' or '.join([*numbers, *words])}"
    return f"expected one of {', '.join(words)}"


def check_names(config: Config, source: str) -> None:
    """Refuse names that no list knows: of a time zone, of a sampler.

    Raises:
        ConfigError: the one line.
    """
    _check_timezone(config.quota.timezone, source)
    if (name := config.defaults.sampler) and samplers.sampler(name) is None:
        near = f"; did you mean {_shown(close)}?" if (close := samplers.nearest(name)) else ""
        raise ConfigError(
            f"{source}: [defaults] sampler = {_shown(name)}:"
            f' expected a sampler such as "Euler a"{near}'
        )


def _check_timezone(name: str, source: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            f"{source}: [quota] timezone = {_shown(name)}: "
            'expected a name of the IANA time zone database, such as "Asia/Shanghai"'
        ) from None
