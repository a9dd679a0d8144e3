"""`config.toml` and the environment become one frozen, validated `Config`.

The file is optional: every key has the default that stands in the shipped `config.toml`. Any key
can be set by environment as `CHATELIER_<SECTION>__<KEY>`. Secrets are never in the file: they come
from `CHATELIER_TELEGRAM_TOKEN`, `CHATELIER_DISCORD_TOKEN`, `CHATELIER_STUDIO_PASSWORD`, or from the
files that the same names with `_FILE` point to.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.config.faults import check_timezone, convert
from bot.config.schema import (
    AccessConfig,
    Config,
    DefaultsConfig,
    DiscordConfig,
    LimitsConfig,
    MetricsConfig,
    ModelsConfig,
    ModerationConfig,
    QuotaConfig,
    RenderConfig,
    Secrets,
    StorageConfig,
    StudioConfig,
    TelegramConfig,
    TierConfig,
)
from bot.errors import ConfigError

__all__ = [
    "AccessConfig",
    "Config",
    "DefaultsConfig",
    "DiscordConfig",
    "LimitsConfig",
    "MetricsConfig",
    "ModelsConfig",
    "ModerationConfig",
    "QuotaConfig",
    "RenderConfig",
    "Secrets",
    "StorageConfig",
    "StudioConfig",
    "TelegramConfig",
    "TierConfig",
    "load",
    "secrets",
]

_FLAT = {
    "CHATELIER_TELEGRAM_API_BASE": ("telegram", "api_base"),
    "CHATELIER_DISCORD_API_BASE": ("discord", "api_base"),
}
_NOT_SETTINGS = re.compile(
    r"CHATELIER_((TELEGRAM_TOKEN|DISCORD_TOKEN|STUDIO_PASSWORD)(_FILE)?|HUB_TOKEN|CONFIG|TORCH_INDEX)$"
)


_ENCODING = "utf-8-sig"
"""UTF-8; a byte order mark, which Windows' editors write, is passed over."""


def load(path: Path | None, environ: Mapping[str, str] | None = None) -> Config:
    """Read `path` (None: defaults only) and the environment.

    Raises:
        ConfigError: one line with the file, the key, the value and what was expected.
    """
    environ = os.environ if environ is None else environ
    source = str(path) if path else "config"
    tables: dict[str, Any] = {}
    if path is not None:
        try:
            tables = tomllib.loads(path.read_text(_ENCODING))
        except FileNotFoundError:
            raise ConfigError(
                f"{path}: no such file; `config.toml` of the project is a start"
            ) from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: is not in UTF-8; save it as UTF-8 in your editor") from None
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not valid TOML: {error}{_advice(str(error))}") from None
    config = convert(tables, source)
    merged: dict[str, Any] = {section: dict(keys) for section, keys in tables.items()}
    for name, section, key, value in _environment(environ):
        alone = convert({section: {key: value}}, f"environment {name}")
        check_timezone(alone.quota.timezone, f"environment {name}")
        merged.setdefault(section, {})[key] = value
    config = convert(merged, source)
    check_timezone(config.quota.timezone, source)
    return config


def _advice(said: str) -> str:
    """What to do about TOML's complaint of an escape, which is a path of Windows' mostly."""
    escape = "hex value" in said or "Unescaped '\\'" in said
    return "; a path is written with /, or with \\ between single quotes" if escape else ""


def secrets(
    environ: Mapping[str, str] | None = None,
    config: Config | None = None,
    base: Path = Path(),
) -> Secrets:
    """Tokens and password from the environment or from the files it names; where it says nothing
    of a token, from the file that `config` names, seen from `base`.

    Raises:
        ConfigError: a named file cannot be read or is empty.
    """
    environ = os.environ if environ is None else environ
    config = config or Config()
    return Secrets(
        telegram_token=_secret("CHATELIER_TELEGRAM_TOKEN", environ)
        or _from_file("[telegram] token_file", config.telegram.token_file, base),
        discord_token=_secret("CHATELIER_DISCORD_TOKEN", environ)
        or _from_file("[discord] token_file", config.discord.token_file, base),
        studio_password=_secret("CHATELIER_STUDIO_PASSWORD", environ),
    )


def _secret(name: str, environ: Mapping[str, str]) -> str:
    if value := environ.get(name, "").strip():
        return value
    return _from_file(f"{name}_FILE", environ.get(f"{name}_FILE", ""), Path())


def _from_file(name: str, file: str, base: Path) -> str:
    if not file:
        return ""
    try:
        value = (base / file).read_text(_ENCODING).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: {file} cannot be read: {error}") from None
    if not value:
        raise ConfigError(f"{name}: {file} is empty; it should hold the token alone")
    return value


def _environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str, Any]]:
    """Name of the variable, section, key and value of each setting there."""
    for name, raw in sorted(environ.items()):
        if name in _FLAT:
            section, key = _FLAT[name]
            value: Any = raw
        elif name.startswith("CHATELIER_") and "__" in name:
            section, _, key = name.removeprefix("CHATELIER_").lower().partition("__")
            if section not in Config.__struct_fields__:
                raise ConfigError(
                    f"environment {name}: no section [{section}]; "
                    f"there are {', '.join(Config.__struct_fields__)}"
                )
            value = _typed(raw, getattr(getattr(Config(), section), key, ""))
        elif name.startswith("CHATELIER_") and not _NOT_SETTINGS.match(name):
            raise ConfigError(
                f"environment {name}: unknown; settings are CHATELIER_<SECTION>__<KEY>, "
                "with two underscores between"
            )
        else:
            continue
        yield name, section, key, value


def _typed(raw: str, default: Any) -> Any:
    """`5`, `true` and `["a"]` as TOML means them; what is a text stays one, `925997e9` too."""
    if isinstance(default, str) and default != "unlimited":
        return raw
    try:
        return tomllib.loads(f"value = {raw.lower() if isinstance(default, bool) else raw}")[
            "value"
        ]
    except tomllib.TOMLDecodeError:
        return raw
