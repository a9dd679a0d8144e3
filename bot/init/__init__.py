"""`chatelier init`: a few questions, and the bot can be started.

Tokens are tried before they are kept, in files that only their owner can read; the other answers go
into `config.toml`. With `--yes` nothing is asked: the environment says what there is to say.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bot.check.web import Unreachable
from bot.config import Config, Secrets, load
from bot.config.faults import convert
from bot.config.paths import expanded_path
from bot.errors import ConfigError
from bot.greeting import own_command
from bot.init.accounts import BOTFATHER, PORTAL, Known, NoToken, ask_discord, ask_telegram
from bot.init.files import SECRETS, check_folder, make_folder, write_secret, write_settings
from bot.init.terminal import Terminal

KEPT = (
    ("telegram", "api_base"),
    ("telegram", "proxy"),
    ("telegram", "token_file"),
    ("discord", "api_base"),
    ("discord", "proxy"),
    ("discord", "token_file"),
    ("access", "chats"),
    ("render", "models_dir"),
    ("bot", "language"),
)
"""Settings that it writes where they differ from what the file says."""
_PLATFORMS = {"1": ("telegram",), "2": ("discord",), "3": ("telegram", "discord"), "4": ()}


@dataclass(frozen=True, slots=True)
class _Platform:
    """How one is set up."""

    title: str
    guide: str
    ask: Callable[[Config, str], Awaitable[Known]]


_ALL = {
    "telegram": _Platform("Telegram", BOTFATHER, lambda c, t: ask_telegram(c.telegram, t)),
    "discord": _Platform("Discord", PORTAL, lambda c, t: ask_discord(c.discord, t)),
}


class Setup:
    """What was answered so far. `config`: what the environment and an older file say; `base`: the
    folder from which its relative paths start."""

    def __init__(self, config: Config, secrets: Secrets, terminal: Terminal, base: Path) -> None:
        self.config = config
        self.base = base
        self.tokens = {"telegram": secrets.telegram_token, "discord": secrets.discord_token}
        self.known: dict[str, Known] = {}
        self._terminal = terminal

    def set(self, section: str, key: str, value: Any) -> None:
        """Answer one setting.

        Raises:
            ConfigError: the value is wrong.
        """
        tables = msgspec.to_builtins(self.config)
        tables[section][key] = value
        try:
            self.config = convert(tables, "answer")
        except ConfigError as error:
            # Not what was typed: it may be a token that went to the wrong question.
            raise ConfigError(f"expected{str(error).rpartition('expected')[2]}") from None

    def converse(self) -> None:
        """Ask everything."""
        say = self._terminal.say
        say("Chatelier is set up in a few questions; Enter takes what stands in brackets.\n")
        said = self._terminal.ask_until(
            "Where shall it draw? 1 Telegram, 2 Discord, 3 both, 4 only on a local page",
            "3",
            _platforms,
        )
        for name in _ALL:
            if name not in said:
                self.tokens[name] = ""
        for name in said:
            self._account(name)
        if any(self.tokens.values()):
            self._terminal.ask_until(
                "\nWhich chats may draw, such as telegram:-1001234567890 (with commas between)?\n"
                "Empty: you approve each one with a button when the bot is brought there",
                ", ".join(self.config.access.chats),
                lambda text: self.set("access", "chats", _words(text)),
            )
        self._terminal.ask_until(
            "\nFolder of the models",
            self.config.render.models_dir,
            self._models,
        )
        self._terminal.ask_until(
            "Language of the replies: auto (each member's own), en or zh",
            self.config.bot.language,
            lambda text: self.set("bot", "language", text),
        )

    def _models(self, text: str) -> None:
        """Take the folder of the models, written as in `config.toml`.

        Raises:
            ConfigError: there can be no such folder.
        """
        folder = expanded_path(text, "folder")
        check_folder(self.base / folder)
        self.set("render", "models_dir", folder)

    def verify(self) -> None:
        """Try the tokens that there are, without asking anything.

        Raises:
            ConfigError: one is refused.
        """
        for name, token in self.tokens.items():
            if not token:
                continue
            try:
                self._try(name, token)
            except Unreachable as error:
                self._terminal.say(f"! {_ALL[name].title}: the token is kept untried: {error}")
            except NoToken as error:
                raise ConfigError(f"{_ALL[name].title}: {error}") from None

    def _account(self, name: str) -> None:
        """Ask for a token until one is right, or none is given."""
        platform = _ALL[name]
        self._terminal.say(f"\n{platform.guide}")
        while True:
            old = self.tokens[name]
            keep = "; Enter keeps the one that is there" if old else "; Enter leaves it out"
            token = self._terminal.ask_secret(f"Token of the {platform.title} bot{keep}") or old
            self.tokens[name] = token
            if not token:
                return
            while True:
                try:
                    self._try(name, token)
                    return
                except Unreachable as error:
                    self._terminal.say(f"  {error}")
                    if not self._proxy(name):
                        self._terminal.say("  The token is kept untried.")
                        return
                except NoToken as error:
                    self._terminal.say(f"  {error}")
                    self.tokens[name] = ""
                    break

    def _proxy(self, name: str) -> bool:
        """Ask for a proxy; False where none is wanted."""
        before = getattr(self.config, name).proxy
        question = "Proxy, such as socks5://127.0.0.1:1080 (Enter: go on without trying)"
        self._terminal.ask_until(question, "", lambda text: self.set(name, "proxy", text or before))
        return bool(getattr(self.config, name).proxy != before)

    def _try(self, name: str, token: str) -> None:
        known = asyncio.run(_asked(_ALL[name], self.config, token))
        self.known[name] = known
        self._terminal.say(f"✓ {_ALL[name].title}: {known.name}")


async def _asked(platform: _Platform, config: Config, token: str) -> Known:
    return await platform.ask(config, token)


def _platforms(text: str) -> tuple[str, ...]:
    if text not in _PLATFORMS:
        raise ConfigError("1, 2, 3 or 4, please")
    return _PLATFORMS[text]


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def run_init(
    path: Path, config: Config, secrets: Secrets, *, yes: bool, terminal: Terminal | None = None
) -> int:
    """Set up what `path`, a `config.toml` that need not exist, will say.

    Raises:
        ConfigError: a token is refused, a file cannot be written, or nobody answers.
    """
    terminal = terminal or Terminal()
    setup = Setup(config, secrets, terminal, path.parent)
    if yes:
        setup.verify()
    else:
        setup.converse()
    written = _write(path, setup)
    terminal.say("\n" + "\n".join(written))
    for name, known in setup.known.items():
        terminal.say(f"\n{_ALL[name].title}. {known.next}")
    start = "make run" if (path.parent / "run.py").exists() else "chatelier run"
    then = (
        "It prints a code: whoever sends /claim with that code to the\nbot is its operator."
        if any(setup.tokens.values())
        else "Without a token it draws on a page of this machine,\nwhose address it prints."
    )
    terminal.say(
        f"\nStart it with `{start}`. {then} `{own_command()} check` tells what is right and wrong"
        " here."
    )
    return 0


def _write(path: Path, setup: Setup) -> list[str]:
    """Write tokens and settings; a line for each file."""
    make_folder(path.parent / setup.config.render.models_dir)
    lines = []
    for name, token in setup.tokens.items():
        kept = f"{SECRETS}/{name}-token" if token else ""
        if token:
            write_secret(path.parent / kept, token)
            lines.append(f"✓ {path.parent / kept}: the token; only you can read it")
        setup.set(name, "token_file", kept)
    before = load(path if path.exists() else None, {})
    changed = {
        (section, key): _plain(value)
        for section, key in KEPT
        if (value := getattr(getattr(setup.config, section), key))
        != getattr(getattr(before, section), key)
    }
    if changed or not path.exists():
        write_settings(path, changed)
    load(path, {})  # what was written is understood
    counted = "1 setting" if len(changed) == 1 else f"{len(changed)} settings"
    lines.append(f"✓ {path}: {counted} changed")
    return lines


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
