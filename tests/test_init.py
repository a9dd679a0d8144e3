"""Setting up by conversation, against both stand-ins."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import discord
import pytest

from bot.check.discord import NEEDED, invite_link
from bot.config import Config, Secrets, load, secrets
from bot.errors import ConfigError
from bot.init import run_init
from bot.init.files import write_secret, write_settings
from bot.init.terminal import Terminal
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TelegramServer
from tests.test_cli import chatelier

SHIPPED = Path(__file__).parent.parent / "config.toml"


class Typed(Terminal):
    """Somebody who types these lines; all that was said and asked is in `heard`."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.heard: list[str] = []

    def say(self, text: str = "") -> None:
        self.heard.append(text)

    def ask(self, question: str, default: str = "") -> str:
        self.heard.append(question)
        return self.lines.pop(0) or default

    def ask_secret(self, question: str) -> str:
        return self.ask(question)

    @property
    def all(self) -> str:
        return "\n".join(self.heard)


async def answered(
    folder: Path, *lines: str, config: Config | None = None, keys: Secrets | None = None
) -> Typed:
    """`chatelier init` answered with these lines, none of which may be left over."""
    terminal = Typed(*lines)
    path = folder / "config.toml"
    given = config or load(path if path.exists() else None, {})
    await asyncio.to_thread(run_init, path, given, keys or Secrets(), yes=False, terminal=terminal)
    assert terminal.lines == []
    return terminal


def bases(telegram: str = "http://127.0.0.1:9", discord: str = "http://127.0.0.1:9") -> Config:
    environ = {"CHATELIER_TELEGRAM_API_BASE": telegram, "CHATELIER_DISCORD_API_BASE": discord}
    return load(None, environ)


async def test_two_tokens_and_five_answers_are_a_configuration(tmp_path: Path) -> None:
    """Both platforms; what was answered is what the next start reads."""
    async with TelegramServer() as telegram, DiscordServer() as server:
        config = bases(telegram.base, server.api_base)
        answers = ("3", TELEGRAM_TOKEN, DISCORD_TOKEN, "telegram:-100, discord:5", "m", "zh")
        terminal = await answered(tmp_path, *answers, config=config)
        application = server.me.id
    path = tmp_path / "config.toml"
    made = load(path, {})
    keys = secrets({}, made, tmp_path)
    assert (keys.telegram_token, keys.discord_token) == (TELEGRAM_TOKEN, DISCORD_TOKEN)
    assert made.access.chats == ("telegram:-100", "discord:5")
    assert (made.render.models_dir, made.bot.language) == ("m", "zh")
    assert made.telegram.api_base == telegram.base
    assert "✓ Telegram: @ChatelierBot" in terminal.all
    assert "✓ Discord: chatelier" in terminal.all
    assert invite_link(application) in terminal.all
    assert "/newbot" in terminal.all
    assert "/setprivacy" in terminal.all
    assert TELEGRAM_TOKEN not in path.read_text() + terminal.all


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes; its folders are the owner's")
async def test_only_the_owner_can_read_a_token(tmp_path: Path) -> None:
    """Mode 600 whatever the umask says, also where an older file was open to all."""
    path = tmp_path / "secrets" / "telegram-token"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o666)
    before = os.umask(0)
    try:
        write_secret(path, "123:new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "123:new\n"


def test_the_invitation_asks_for_the_least_permissions() -> None:
    """By the numbers that discord.py knows for these names."""
    wanted = discord.Permissions(
        view_channel=True,
        send_messages=True,
        attach_files=True,
        read_message_history=True,
        send_messages_in_threads=True,
    )
    assert sum(NEEDED.values()) == wanted.value
    assert f"permissions={wanted.value}" in invite_link("1")
    assert "scope=bot+applications.commands" in invite_link("1")


async def test_a_refused_token_is_asked_again(tmp_path: Path) -> None:
    """With the sentence that says where to get it; Enter then leaves the platform out."""
    async with TelegramServer() as telegram:
        config = bases(telegram.base)
        terminal = await answered(tmp_path, "1", "1:wrong", "", "", "", config=config)
    assert "the token is refused; ask @BotFather" in terminal.all
    assert load(tmp_path / "config.toml", {}).telegram.token_file == ""


async def test_without_a_network_a_proxy_is_asked_for(tmp_path: Path) -> None:
    """A wrong address of it is asked again; without one the token is kept untried."""
    lines = ("1", "1:x", "1:secret", "socks5://127.0.0.1:9", "", "", "", "")
    terminal = await answered(tmp_path, *lines, config=bases())
    assert "http://127.0.0.1:9 cannot be reached" in terminal.all
    assert 'expected an address such as "http://127.0.0.1:8080"' in terminal.all
    assert "1:secret" not in terminal.all  # a token at the wrong question is not shown
    assert "the proxy socks5://127.0.0.1:9 cannot be reached (Connection refused)" in terminal.all
    made = load(tmp_path / "config.toml", {})
    assert made.telegram.proxy == "socks5://127.0.0.1:9"
    assert secrets({}, made, tmp_path).telegram_token == "1:x"


async def test_wrong_answers_are_asked_again(tmp_path: Path) -> None:
    """A number that is none, a language that is not spoken."""
    terminal = await answered(tmp_path, "both", "4", "", "fr", "en")
    assert "1, 2, 3 or 4, please" in terminal.all
    assert 'expected one of "auto", "en", "zh"' in terminal.all
    assert load(tmp_path / "config.toml", {}).bot.language == "en"
    assert "draws on a page of this machine" in terminal.all
    assert "/claim" not in terminal.all


async def test_an_older_configuration_keeps_its_comments_and_its_token(tmp_path: Path) -> None:
    """Only the answered keys change; Enter keeps the token that is there."""
    shipped = SHIPPED.read_text("utf-8")
    (tmp_path / "config.toml").write_text(shipped, "utf-8-sig")  # as an editor of Windows' does
    async with TelegramServer() as telegram:
        write_settings(tmp_path / "config.toml", {("telegram", "api_base"): telegram.base})
        keys = Secrets(telegram_token=TELEGRAM_TOKEN)
        await answered(tmp_path, "1", "", "", "", "zh", keys=keys)
    after = (tmp_path / "config.toml").read_text("utf-8")
    changed = set(after.splitlines()) - set(shipped.splitlines())
    assert changed == {
        f'api_base = "{telegram.base}"',
        'token_file = "secrets/telegram-token"',
        'language = "zh"',
    }
    assert len(after.splitlines()) == len(shipped.splitlines())


async def test_without_answers_the_environment_says_it_all(tmp_path: Path) -> None:
    """`chatelier init --yes`, as a container does it."""
    async with TelegramServer() as telegram:
        code, out, error = await chatelier(
            tmp_path,
            "init",
            "--yes",
            CHATELIER_TELEGRAM_TOKEN=TELEGRAM_TOKEN,
            CHATELIER_TELEGRAM_API_BASE=telegram.base,
            CHATELIER_ACCESS__CHATS='["telegram:-100"]',
        )
    assert code == 0, error
    assert "✓ Telegram: @ChatelierBot" in out
    assert TELEGRAM_TOKEN not in out + error
    made = load(tmp_path / "config.toml", {})
    assert made.access.chats == ("telegram:-100",)
    assert secrets({}, made, tmp_path).telegram_token == TELEGRAM_TOKEN


async def test_without_answers_a_refused_token_writes_nothing(tmp_path: Path) -> None:
    """One line, exit code 2."""
    async with TelegramServer() as telegram:
        code, _, error = await chatelier(
            tmp_path,
            "init",
            "--yes",
            CHATELIER_TELEGRAM_TOKEN="1:wrong",
            CHATELIER_TELEGRAM_API_BASE=telegram.base,
        )
    assert code == 2
    assert error.startswith("chatelier: Telegram: the token is refused")
    assert list(tmp_path.iterdir()) == []


async def test_nobody_at_the_keyboard_is_told_of_yes(tmp_path: Path) -> None:
    """Standard input that ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "init",
        cwd=tmp_path,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 2
    assert "chatelier init --yes" in error.decode()
    assert "Traceback" not in error.decode()


async def test_a_models_folder_that_cannot_be_made_is_asked_for_again(tmp_path: Path) -> None:
    """A file stands there; what was answered before is not lost."""
    (tmp_path / "taken").write_text("a file")
    terminal = await answered(
        tmp_path, "4", "taken", "taken/below", "~nobody-here/x", "models", "en"
    )
    for name in ("taken", "taken/below"):
        assert f"{tmp_path / name}: cannot be made" in terminal.all
    assert 'folder = "~nobody-here/x": whose home is meant?' in terminal.all
    assert load(tmp_path / "config.toml", {}).bot.language == "en"


def test_without_answers_a_models_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """One sentence, before anything is written."""
    (tmp_path / "taken").write_text("a file")
    config = load(None, {"CHATELIER_RENDER__MODELS_DIR": "taken"})
    with pytest.raises(ConfigError, match=r"taken: cannot be made"):
        run_init(tmp_path / "config.toml", config, Secrets(), yes=True, terminal=Typed())
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


async def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shell reads it; no folder of that name is made."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "ann"))
    await answered(tmp_path, "4", "~/sd", "en")
    assert load(tmp_path / "config.toml", {}).render.models_dir == str(tmp_path / "ann" / "sd")
    assert (tmp_path / "ann" / "sd").is_dir()
    assert not (tmp_path / "~").exists()
    terminal = await answered(tmp_path, "4", "$NOWHERE_AT_ALL/sd", "~nobody-at-all/sd", "sd", "en")
    assert "the environment has no $NOWHERE_AT_ALL" in terminal.all
    assert "whose home is meant?" in terminal.all
    assert load(tmp_path / "config.toml", {}).render.models_dir == "sd"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder where the file should be, a file where the folder should be."""
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ConfigError, match=r"config\.toml"):
        write_settings(tmp_path / "config.toml", {("bot", "language"): "zh"})
    (tmp_path / "secrets").write_text("a file")
    with pytest.raises(ConfigError, match="telegram-token"):
        write_secret(tmp_path / "secrets" / "telegram-token", "x")
