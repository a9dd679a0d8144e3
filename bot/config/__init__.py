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

from bot.config.faults import check_names, convert
from bot.config.paths import HOW_WRITTEN, expanded
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
            tables = tomllib.loads(_text(path))
        except FileNotFoundError:
            raise ConfigError(
                f"{path}: no such file; `config.toml` of the project is a start"
            ) from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: is not in UTF-8; save it as UTF-8 in your editor") from None
        except IsADirectoryError:
            raise ConfigError(f"{path}: is a folder; name the file in it") from None
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not valid TOML: {error}{_advice(str(error))}") from None
    config = convert(tables, source)
    merged: dict[str, Any] = {section: dict(keys) for section, keys in tables.items()}
    for name, section, key, value in _environment(environ):
        alone = convert({section: {key: value}}, f"environment {name}")
        check_names(alone, f"environment {name}")
        expanded(alone, f"environment {name}")
        merged.setdefault(section, {})[key] = value
    config = convert(merged, source)
    check_names(config, source)
    return expanded(config, source)


def _advice(said: str) -> str:
    """What to do about TOML's complaint of an escape, which is a path of Windows' mostly."""
    return f"; {HOW_WRITTEN}" if "hex value" in said or "Unescaped '\\'" in said else ""


def _text(path: Path) -> str:
    """Raises UnicodeDecodeError also for UTF-16, which has zeros between its letters."""
    content = path.read_bytes()
    if b"\0" in content:
        raise UnicodeDecodeError(_ENCODING, content, 0, 1, "a zero")
    return content.decode(_ENCODING)


def secrets(
    environ: Mapping[str, str] | None = None,
    config: Config | None = None,
    base: Path = Path(),
) -> Secrets:
    """Tokens and password from the environment or from the files it names; where it says nothing
    of a token, from the file that `config` names, seen from `base`.

    Raises:
        ConfigError: a named file cannot be read or is empty, or holds more than a token.
    """
    environ = os.environ if environ is None else environ
    config = config or Config()
    return Secrets(
        telegram_token=_token("CHATELIER_TELEGRAM_TOKEN", environ)
        or _from_file("[telegram] token_file", config.telegram.token_file, base),
        discord_token=_token("CHATELIER_DISCORD_TOKEN", environ)
        or _from_file("[discord] token_file", config.discord.token_file, base),
        studio_password=_password(environ),
    )


def _token(name: str, environ: Mapping[str, str]) -> str:
    if value := environ.get(name, "").strip():
        return _alone(name, value)
    return _from_file(f"{name}_FILE", environ.get(f"{name}_FILE", ""), Path())


def _password(environ: Mapping[str, str]) -> str:
    name = "CHATELIER_STUDIO_PASSWORD"
    if value := environ.get(name, "").strip():
        return value
    return _content(f"{name}_FILE", environ.get(f"{name}_FILE", ""), Path(), "password")


def _from_file(name: str, file: str, base: Path) -> str:
    return _alone(f"{name}: {file}", _content(name, file, base, "token"))


def _content(name: str, file: str, base: Path, what: str) -> str:
    if not file:
        return ""
    alone = f"it should hold the {what} alone"
    try:
        value = (base / Path(file).expanduser()).read_text(_ENCODING).strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: {file} is no text in UTF-8; {alone}") from None
    except PermissionError as error:
        who = "the user that runs the bot has to be able to read it"
        raise ConfigError(f"{name}: {file} cannot be read: {error.strerror}; {who}") from None
    except (OSError, RuntimeError) as error:  # the latter for the home of nobody
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{name}: {file} cannot be read: {why}; {alone}") from None
    if not value:
        raise ConfigError(f"{name}: {file} is empty; {alone}")
    return value


def _alone(where: str, value: str) -> str:
    """The token without quotes around it, which files for shells and containers have."""
    bare = value[1:-1] if value[0:1] in "\"'" and value[0:1] == value[-1:] else value
    if re.search(r"\s", bare):
        raise ConfigError(f"{where}: holds more than one word; it should hold the token alone")
    return bare


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
