"""`config.toml` and the environment become one frozen, validated `Config`.

The file is optional: every key has the default that stands in the shipped `config.toml`. Any key
can be set by environment as `CHATELIER_<SECTION>__<KEY>`. Secrets are never in the file: they come
from `CHATELIER_TELEGRAM_TOKEN`, `CHATELIER_DISCORD_TOKEN`, `CHATELIER_STUDIO_PASSWORD`, or from the
files that the same names with `_FILE` point to.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from bot.errors import ConfigError

Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0)]
Account = Annotated[str, Meta(pattern=r"^(telegram|discord):\d+$")]
ChatAddress = Annotated[str, Meta(pattern=r"^(telegram|discord):-?\d+$")]
Address = Annotated[str, Meta(pattern=r"^https?://\S+$")]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of `config.toml`."""


class BotConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[bot]`"""

    data_dir: str = "data"
    language: Literal["auto", "en", "zh"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class TelegramConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[telegram]`"""

    api_base: Address = "https://api.telegram.org"
    proxy: str = ""
    max_age_s: Positive = 3600


class DiscordConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[discord]`"""

    api_base: Address = "https://discord.com/api/v10"
    proxy: str = ""


class StudioConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[studio]`"""

    enabled: Literal["auto", "on", "off"] = "auto"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 7860


class AccessConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[access]`"""

    open: bool = False
    private: Literal["operators", "members", "all"] = "members"
    operators: tuple[Account, ...] = ()
    chats: tuple[ChatAddress, ...] = ()


class LimitsConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[limits]`"""

    max_steps: Positive = 60
    max_side: Positive = 2048
    max_pixels: Positive = 1_572_864
    max_count: Annotated[int, Meta(ge=1, le=10)] = 4
    max_prompt_chars: Positive = 4000
    waiting_per_user: Positive = 10
    waiting_per_chat: Positive = 50


class QuotaConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[quota]`"""

    credits_per_day: Annotated[float, Meta(ge=0)] = 100.0
    timezone: str = "UTC"


class DefaultsConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[defaults]`: 0 and "" mean "what suits the checkpoint"."""

    checkpoint: str = ""
    steps: NotNegative = 0
    cfg_scale: Annotated[float, Meta(ge=0)] = 0.0
    sampler: str = ""
    width: NotNegative = 0
    height: NotNegative = 0
    negative_prompt: str = ""
    denoising_strength: Annotated[float, Meta(gt=0, le=1)] = 0.75


class RenderConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[render]`"""

    models_dir: str = "models"
    device: str = "auto"
    precision: Literal["auto", "fp32", "fp16", "bf16"] = "auto"
    threads: NotNegative = 0
    jobs_at_once: Positive = 8
    step_timeout_s: Seconds = 120.0
    load_timeout_s: Seconds = 600.0
    preview_every: NotNegative = 5


PromptAction = Literal["allow", "spoiler", "refuse"]


class ModerationConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[moderation]`: what follows when the prompt filter finds a category."""

    sexual: PromptAction = "refuse"
    gore: PromptAction = "refuse"
    hate: PromptAction = "refuse"
    self_harm: PromptAction = "refuse"
    degrading: PromptAction = "refuse"
    other: PromptAction = "refuse"
    word_files: tuple[str, ...] = ()


class StorageConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[storage]`"""

    keep_days: Positive = 30
    keep_gb: Annotated[float, Meta(gt=0)] = 20.0


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of `config.toml`."""

    bot: BotConfig = BotConfig()
    telegram: TelegramConfig = TelegramConfig()
    discord: DiscordConfig = DiscordConfig()
    studio: StudioConfig = StudioConfig()
    access: AccessConfig = AccessConfig()
    limits: LimitsConfig = LimitsConfig()
    quota: QuotaConfig = QuotaConfig()
    defaults: DefaultsConfig = DefaultsConfig()
    render: RenderConfig = RenderConfig()
    moderation: ModerationConfig = ModerationConfig()
    storage: StorageConfig = StorageConfig()


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What must appear in no log and in no configuration file."""

    telegram_token: str = ""
    discord_token: str = ""
    studio_password: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"

    def values(self) -> tuple[str, ...]:
        """The secrets that are set, for the redacting log filter."""
        return tuple(
            v for v in (self.telegram_token, self.discord_token, self.studio_password) if v
        )


_FLAT = {
    "CHATELIER_TELEGRAM_API_BASE": ("telegram", "api_base"),
    "CHATELIER_DISCORD_API_BASE": ("discord", "api_base"),
}
_NOT_SETTINGS = re.compile(
    r"CHATELIER_((TELEGRAM_TOKEN|DISCORD_TOKEN|STUDIO_PASSWORD)(_FILE)?|CONFIG|TORCH_INDEX)$"
)


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
            tables = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise ConfigError(
                f"{path}: no such file; `config.toml` of the project is a start"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not valid TOML: {error}") from None
    config = _convert(tables, source)
    from_env, names = _environment(environ)
    if from_env:
        merged: dict[str, Any] = {key: dict(value) for key, value in tables.items()}
        for section, keys in from_env.items():
            merged.setdefault(section, {}).update(keys)
        config = _convert(merged, f"environment {', '.join(names)}")
    _check_timezone(config.quota.timezone, source)
    return config


def secrets(environ: Mapping[str, str] | None = None) -> Secrets:
    """Tokens and password from the environment or from the files it names.

    Raises:
        ConfigError: a named file cannot be read or is empty.
    """
    environ = os.environ if environ is None else environ
    return Secrets(
        telegram_token=_secret("CHATELIER_TELEGRAM_TOKEN", environ),
        discord_token=_secret("CHATELIER_DISCORD_TOKEN", environ),
        studio_password=_secret("CHATELIER_STUDIO_PASSWORD", environ),
    )


def _secret(name: str, environ: Mapping[str, str]) -> str:
    if value := environ.get(name, "").strip():
        return value
    file = environ.get(f"{name}_FILE", "")
    if not file:
        return ""
    try:
        value = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}_FILE: {file} cannot be read: {error}") from None
    if not value:
        raise ConfigError(f"{name}_FILE: {file} is empty; it should hold the token alone")
    return value


def _environment(environ: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    found: dict[str, dict[str, Any]] = {}
    names: list[str] = []
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
        found.setdefault(section, {})[key] = value
        names.append(name)
    return found, names


def _typed(raw: str, default: Any) -> Any:
    """`5`, `true` and `["a"]` as TOML means them; what is a text stays one, `925997e9` too."""
    if isinstance(default, str):
        return raw
    try:
        return tomllib.loads(f"value = {raw.lower() if isinstance(default, bool) else raw}")[
            "value"
        ]
    except tomllib.TOMLDecodeError:
        return raw


def _convert(tables: dict[str, Any], source: str) -> Config:
    for section, keys in tables.items():
        if not isinstance(keys, dict):
            raise ConfigError(
                f"{source}: `{section} = {keys!r}` stands outside any section; "
                f"the sections are {', '.join(f'[{s}]' for s in Config.__struct_fields__)}"
            )
        _refuse_unknown(section, tuple(keys), source)
    try:
        return msgspec.convert(tables, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error), tables, source)) from None


def _refuse_unknown(section: str, keys: tuple[str, ...], source: str) -> None:
    sections = Config.__struct_fields__
    if section not in sections:
        raise ConfigError(f"{source}: [{section}] is no section{_near(section, sections)}")
    known = type(getattr(Config(), section)).__struct_fields__
    for key in keys:
        if key not in known:
            raise ConfigError(f"{source}: [{section}] has no key `{key}`{_near(key, known)}")


def _near(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean `{close[0]}`?" if close else f"; it knows {', '.join(known)}"


def _explain(message: str, tables: dict[str, Any], source: str) -> str:
    """msgspec says ``Expected `int`, got `str` - at `$.render.threads` ``; add file and value."""
    said, _, where = message.partition(" - at `$.")
    path = where.rstrip("`")
    section, _, key = path.partition("[")[0].partition(".")
    value = tables[section][key]
    return f"{source}: [{section}] {key} = {_shown(value)}: {_expected(said, section, key)}"


def _shown(value: Any) -> str:
    """As TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


_TYPES = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text"}


def _expected(said: str, section: str, key: str) -> str:
    """msgspec's complaint in an operator's words."""
    kind = type(getattr(Config(), section))
    default = getattr(kind(), key)
    if isinstance(default, tuple):
        return f'expected a list such as ["telegram:{"-100" if key == "chats" else ""}1234567890"]'
    if "matching regex" in said:
        return f"expected an address such as {default}"
    if said.startswith("Invalid enum value"):
        choices = get_args(get_type_hints(kind)[key])
        return f"expected one of {', '.join(json.dumps(c) for c in choices)}"
    words = said.partition(", got")[0]
    for name, plain in _TYPES.items():
        words = words.replace(f"`{name}`", plain)
    return f"{words[0].lower()}{words[1:]}"


def _check_timezone(name: str, source: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            f"{source}: [quota] timezone = {_shown(name)}: "
            'expected a name of the IANA time zone database, such as "Asia/Shanghai"'
        ) from None
