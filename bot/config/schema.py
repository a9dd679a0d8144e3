"""Every setting with its type and default: what `config.toml` holds.

Each key has the default that stands in the shipped `config.toml`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0)]
Account = Annotated[str, Meta(pattern=r"^(telegram|discord):\d+$")]
ChatAddress = Annotated[str, Meta(pattern=r"^(telegram|discord):-?\d+$")]
Address = Annotated[str, Meta(pattern=r"^https?://\S+$")]
Webhook = Annotated[str, Meta(pattern=r"^(https?://\S+)?$")]
Proxy = Annotated[str, Meta(pattern=r"^((https?|socks5)://[^\s/]+:\d+/?)?$")]
DeviceName = Annotated[str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")]
Port = Annotated[int, Meta(ge=0, le=65535)]
NoLimit = Literal["unlimited"]
Credits = Annotated[float, Meta(ge=0, le=1e9)] | NoLimit


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of `config.toml`."""


class BotConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[bot]`"""

    data_dir: str = "data"
    language: Literal["auto", "en", "zh"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class TelegramConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[telegram]`"""

    token_file: str = ""
    api_base: Address = "https://api.telegram.org"
    proxy: Proxy = ""
    webhook_url: Webhook = ""
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8443
    max_age_s: Positive = 3600


class DiscordConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[discord]`"""

    token_file: str = ""
    api_base: Address = "https://discord.com/api/v10"
    proxy: Proxy = ""


class StudioConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[studio]`"""

    enabled: Literal["auto", "on", "off"] = "auto"
    host: str = "127.0.0.1"
    port: Port = 7860


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
    running_per_user: Positive | NoLimit = "unlimited"
    running_per_chat: Positive | NoLimit = "unlimited"
    max_wait_s: Seconds | NoLimit = 7200.0


class TierConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[quota.tiers.NAME]`: what is absent is as for everybody."""

    credits_per_day: Credits | None = None
    credits_per_hour: Credits | None = None
    waiting_per_user: Positive | None = None
    weight: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    discord_roles: tuple[Annotated[str, Meta(pattern=r"^\d+$")], ...] = ()
    telegram_admins: bool = False


class QuotaConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[quota]`"""

    credits_per_day: Credits = 100.0
    credits_per_hour: Credits = "unlimited"
    chat_credits_per_day: Credits = "unlimited"
    chat_credits_per_hour: Credits = "unlimited"
    total_credits_per_day: Credits = "unlimited"
    total_credits_per_hour: Credits = "unlimited"
    chat_grants_per_day: Credits = 100.0
    per_minute: Seconds | NoLimit = 30.0
    burst: Positive = 20
    cancels_per_hour: NotNegative = 3
    cooldown_s: Seconds = 600.0
    timezone: str = "UTC"
    tiers: dict[str, TierConfig] = {}


class DefaultsConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[defaults]`: 0 and "" mean "what suits the checkpoint"."""

    checkpoint: str = ""
    steps: NotNegative = 0
    cfg_scale: Annotated[float, Meta(ge=0)] = 0.0
    sampler: str = ""
    width: NotNegative = 0
    height: NotNegative = 0
    negative_prompt: str = ""
    style: str = ""
    denoising_strength: Annotated[float, Meta(gt=0, le=1)] = 0.75
    refiner: str = ""


class RenderConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[render]`"""

    models_dir: str = "models"
    device: DeviceName = "auto"
    precision: Literal["auto", "fp32", "fp16", "bf16"] = "auto"
    vram: Literal["auto", "high", "medium", "low"] = "auto"
    keep_models_gb: Annotated[float, Meta(ge=0)] = 0.0
    threads: NotNegative = 0
    jobs_at_once: Positive = 16
    exact: bool = False
    compile: bool = False
    step_timeout_s: Seconds = 120.0
    load_timeout_s: Seconds = 600.0
    recycle_after_jobs: NotNegative = 1000
    recycle_above_gb: Annotated[float, Meta(ge=0)] = 0.0
    preview_every: NotNegative = 5


PromptAction = Literal["allow", "negative", "spoiler", "hold", "refuse"]
PictureAction = Literal["allow", "spoiler", "blur", "hold", "drop"]
StrikeCategory = Literal[
    "sexual", "gore", "hate", "self-harm", "degrading", "other", "source", "picture"
]


class ModerationConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[moderation]`: what follows when the prompt filter or the picture check finds something."""

    sexual: PromptAction = "refuse"
    gore: PromptAction = "refuse"
    hate: PromptAction = "refuse"
    self_harm: PromptAction = "refuse"
    degrading: PromptAction = "refuse"
    other: PromptAction = "refuse"
    word_files: tuple[str, ...] = ()
    hold_days: Positive = 7
    strike_categories: tuple[StrikeCategory, ...] = (
        "sexual",
        "hate",
        "degrading",
        "source",
        "picture",
    )
    strike_days: Positive = 30
    strikes_to_timeout: NotNegative = 5
    timeout_minutes: Positive = 60
    timeouts_to_ban: NotNegative = 4
    fixed_rule_to_ban: Annotated[int, Meta(ge=1, le=5)] = 3
    keep_prompts_days: NotNegative = 7
    classifier: Annotated[str, Meta(pattern=r"^(opennsfw|off|[\w.]+:\w+)$")] = "opennsfw"
    picture_threshold: Annotated[float, Meta(gt=0, le=1)] = 0.8
    picture_action: PictureAction = "spoiler"
    source_action: Literal["allow", "refuse"] = "refuse"
    age_restricted_action: PictureAction = "allow"
    age_restricted_sources: Literal["allow", "refuse"] = "refuse"
    reports_per_hour: NotNegative = 5


class LogConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[log]`"""

    format: Literal["text", "json"] = "text"


class MetricsConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[metrics]`: figures about the running bot, without names and words."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port = 9464


class ModelsConfig(Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[models]`: where `chatelier models add` fetches from."""

    hub: Address = "https://huggingface.co"
    proxy: Proxy = ""


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
    models: ModelsConfig = ModelsConfig()
    log: LogConfig = LogConfig()
    metrics: MetricsConfig = MetricsConfig()


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
