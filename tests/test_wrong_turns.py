"""Each wrong turn of a first hour ends in one sentence that says what to do, as a shell shows it.

No traceback, no token; where it ends, the exit code is 1 or 2.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from safetensors.torch import save
from torch import zeros

from bot.check.finding import Level
from bot.check.machine import database_findings
from bot.check.proxies import proxy_findings
from bot.check.renderer import inspection_finding
from bot.config import Config, load
from bot.database import Database
from bot.errors import ConfigError
from bot.startup import check_models, make_folder, only_copy
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TelegramServer
from tests.test_cli import CLEAN, UNMEASURED, chatelier

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parent.parent
NOWHERE = "http://127.0.0.1:9"


async def told(folder: Path, *words: str, **environ: str) -> str:
    """The one line on the error output with which the command ends."""
    return (await ended(folder, *words, **environ))[1]


async def ended(folder: Path, *words: str, **environ: str) -> tuple[str, str]:
    """What the command prints, and the one line with which it ends."""
    code, out, error = await chatelier(folder, *words, **environ)
    assert code in (1, 2)
    assert "Traceback" not in error
    line = error.splitlines()[-1]
    assert line.startswith("chatelier: ")
    return out, line


@asynccontextmanager
async def heard(folder: Path, **environ: str) -> AsyncIterator[asyncio.StreamReader]:
    """The log of `chatelier run`, which goes on while the block does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=folder,
        env={**CLEAN, "CHATELIER_METRICS__PORT": "0", **environ},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        yield process.stderr
    finally:
        process.kill()
        await process.communicate()


async def line_with(log: asyncio.StreamReader, words: str) -> str:
    while line := (await log.readline()).decode():
        if words in line:
            return line
    raise AssertionError(words)


async def test_a_wrong_token_of_telegram(tmp_path: Path) -> None:
    """Where it may stand, and who has the right one."""
    async with TelegramServer() as server:
        out, line = await ended(
            tmp_path,
            "run",
            CHATELIER_TELEGRAM_TOKEN="1:wrong",
            CHATELIER_TELEGRAM_API_BASE=server.base,
        )
    assert "[telegram] token_file or CHATELIER_TELEGRAM_TOKEN was refused" in line
    assert "@BotFather" in line
    assert "1:wrong" not in line
    assert "/claim" not in out  # a bot that does not run has nobody to greet


async def test_a_wrong_token_of_discord(tmp_path: Path) -> None:
    """Where it may stand, and where the right one is shown."""
    async with DiscordServer() as server:
        out, line = await ended(
            tmp_path,
            "run",
            CHATELIER_DISCORD_TOKEN="wrong-token",
            CHATELIER_DISCORD_API_BASE=server.api_base,
        )
    assert "[discord] token_file or CHATELIER_DISCORD_TOKEN: Discord refuses this token" in line
    assert "discord.com/developers" in line
    assert "wrong-token" not in line
    assert "/claim" not in out  # a bot that does not run has nobody to greet


async def test_two_programs_with_one_token(tmp_path: Path) -> None:
    """Both of them log it, and `chatelier check` beside a stranger's program finds it."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    async with TelegramServer() as server:
        environ = {
            "CHATELIER_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
            "CHATELIER_TELEGRAM_API_BASE": server.base,
        }
        async with heard(one, **environ) as first, heard(other, **environ) as second:
            waiting = [asyncio.create_task(line_with(log, "another program")) for log in
                       (first, second)]  # fmt: skip
            (done, _) = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            line = done.pop().result()
            for task in waiting:
                task.cancel()
    assert "stop it, or use a token of its own" in line


async def test_two_copies_in_one_folder(tmp_path: Path) -> None:
    """The second one is refused before it touches anything."""
    (tmp_path / "data").mkdir()
    with only_copy(tmp_path / "data"):
        line = await told(tmp_path, "run")
    assert "another Chatelier is already running" in line
    assert "stop it first, or give this one another [bot] data_dir" in line


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell limits it")
@pytest.mark.parametrize(
    ("words", "named", "what"),
    [
        ("run", "chatelier.sqlite", "free some space"),
        ("init --yes", "config.toml", "cannot be written"),
        ("models add own.safetensors", "own.safetensors", "cannot be written"),
    ],
)
async def test_a_disk_without_room(tmp_path: Path, words: str, named: str, what: str) -> None:
    """No file takes a byte: which one it was, and nothing half done is left."""
    (tmp_path / "own.safetensors").write_bytes(save({"emb_params": zeros(2, 768)}))
    ran = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", f'ulimit -f 0; exec "$0" -m bot {words}', sys.executable],
        cwd=tmp_path, env=UNMEASURED, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode in (1, 2), ran.stderr
    assert "Traceback" not in ran.stderr
    (line,) = ran.stderr.splitlines()
    assert named in line
    assert what in line
    assert [p for p in tmp_path.rglob("*") if p.suffix in (".new", ".part")] == []


def without_root() -> list[str]:
    """What stands before a command so that modes of folders bind it, too."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--"]


async def test_a_default_model_that_is_not_there(tmp_path: Path) -> None:
    """What is taken instead is told by the running bot and by the check."""
    sentence = '[defaults] checkpoint = "nosuch" is no name of one checkpoint here; chatelier-demo'
    environ = {"CHATELIER_DEFAULTS__CHECKPOINT": "nosuch", "CHATELIER_STUDIO__PORT": "0"}
    async with heard(tmp_path, **environ) as log:
        assert sentence in await line_with(log, "[defaults]")
    code, out, _ = await chatelier(tmp_path, "check", CHATELIER_DEFAULTS__REFINER="x", **environ)
    assert code == 0
    assert f"! model      {sentence} is taken" in out
    assert '[defaults] refiner = "x" is no name of one checkpoint here; none is taken' in out


@pytest.mark.parametrize(
    ("name", "told_by_run", "told_by_check"),
    [
        ("nomodule:make", "there is no package nomodule; install it", "No module named 'nomodule'"),
        ("json:make", "", "has no attribute 'make'"),
    ],
)
async def test_a_classifier_that_is_not_there(
    tmp_path: Path, name: str, told_by_run: str, told_by_check: str
) -> None:
    """A package that is missing ends the start; anything else about it is found by the check."""
    environ = {"CHATELIER_MODERATION__CLASSIFIER": name, "CHATELIER_STUDIO__PORT": "0"}
    if told_by_run:
        line = await told(tmp_path, "run", **environ)
        assert f'[moderation] classifier = "{name}": {told_by_run}' in line
    found = await inspection_finding(load(None, environ))
    assert found.level is Level.BAD
    assert "[moderation] classifier" in found.text
    assert told_by_check in found.text
    assert "until that is mended no picture is shown" in found.text


async def test_a_word_file_that_is_missing(tmp_path: Path) -> None:
    """Which one, and which setting names it."""
    line = await told(tmp_path, "run", CHATELIER_MODERATION__WORD_FILES='["mine.txt"]')
    assert "[moderation] word_files: word list mine.txt: " in line


@pytest.mark.parametrize(
    ("file", "setting"),
    [
        ("models", "[render] models_dir"),
        ("models/loras", "[render] models_dir"),
        ("data", "[bot] data_dir"),
        ("data/pictures", "[bot] data_dir"),
    ],
)
async def test_a_file_where_a_folder_should_be(tmp_path: Path, file: str, setting: str) -> None:
    """The start ends with its path and the setting, and the check says the same of the models."""
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    line = await told(tmp_path, "run", CHATELIER_STUDIO__PORT="0")
    assert f"{setting}: {file} cannot be used: {file} is a file; move it away, or name" in line
    with pytest.raises(ConfigError, match=re.escape(f"{file} is a file")):
        check_models(tmp_path / "models")
        make_folder(setting, tmp_path / file)


@pytest.mark.skipif(os.name == "nt", reason="Windows needs rights for links")
async def test_a_models_folder_on_a_disk_that_is_missing(tmp_path: Path) -> None:
    """A link that leads nowhere is not taken for an empty folder."""
    (tmp_path / "models").symlink_to(tmp_path / "unmounted" / "models")
    line = await told(tmp_path, "run", CHATELIER_STUDIO__PORT="0")
    assert "[render] models_dir: models cannot be used: it leads nowhere; is a disk" in line


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@pytest.mark.parametrize("inside", ["", "chatelier.sqlite"])
async def test_a_data_folder_that_is_not_ours(tmp_path: Path, inside: str) -> None:
    """Which folder, and which setting; or which file, where it holds a database already."""
    folder = tmp_path / "data"
    folder.mkdir()
    if inside:
        (folder / "chatelier.lock").touch()
        async with Database(folder / inside):
            pass
        (folder / inside).chmod(0o444)
    folder.chmod(0o555)
    ran = await asyncio.to_thread(
        subprocess.run,
        [*without_root(), sys.executable, "-m", "bot", "run"],
        cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    folder.chmod(0o755)
    assert ran.returncode in (1, 2), ran.stderr
    assert "Traceback" not in ran.stderr
    line = ran.stderr.splitlines()[-1]
    assert line.startswith("chatelier: ")
    assert "data" in line
    assert "cannot be used: Permission denied" in line or "give the bot's user that file" in line


async def test_a_database_that_is_damaged(tmp_path: Path) -> None:
    """A backup is what helps."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chatelier.sqlite").write_bytes(b"not a database" * 99)
    assert "chatelier restore" in await told(tmp_path, "run")
    (found,) = [f async for f in database_findings(Config(), tmp_path)]
    assert found.level is Level.BAD
    assert "chatelier restore" in found.text


async def test_no_model_and_a_folder_full_of_pickles(tmp_path: Path) -> None:
    """The demo model draws all the same; the check names each file and what makes it useful."""
    checkpoints = tmp_path / "models" / "checkpoints"
    checkpoints.mkdir(parents=True)
    for name in ("a.ckpt", "b.pt", "liar.safetensors"):
        (checkpoints / name).write_bytes(b"\x80\x02}q\x00." + b"\0" * 64)
    (checkpoints / "strange.safetensors").write_bytes(save({"x": zeros(2)}))
    code, out, _ = await chatelier(tmp_path, "check", CHATELIER_STUDIO__PORT="0")
    assert code == 0
    for name in ("a.ckpt", "b.pt", "liar.safetensors"):
        assert re.search(
            rf"! model +checkpoints/{re.escape(name)}: this is a pickle.*chatelier models convert",
            out,
        )
    assert re.search(r"! model +checkpoints/strange\.safetensors: this belongs to no Stable", out)
    assert "only the small demo model; `chatelier models add` brings a real one" in out


async def test_the_running_bot_names_pickles_in_its_log(tmp_path: Path) -> None:
    """As soon as it has looked."""
    checkpoints = tmp_path / "models" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (checkpoints / "a.ckpt").write_bytes(b"\x80\x02}q\x00." + b"\0" * 64)
    async with heard(tmp_path, CHATELIER_STUDIO__PORT="0") as log:
        line = await line_with(log, "a.ckpt")
    assert "cannot be used: this is a pickle" in line
    assert "chatelier models convert" in line


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_proxy_that_is_down(tmp_path: Path, platform: str) -> None:
    """The start waits for it, and says where to look."""
    tokens = {"telegram": TELEGRAM_TOKEN, "discord": DISCORD_TOKEN}
    environ = {
        f"CHATELIER_{platform.upper()}_TOKEN": tokens[platform],
        f"CHATELIER_{platform.upper()}__PROXY": "socks5://ann:secret@127.0.0.1:9",
    }
    async with heard(tmp_path, **environ) as log:
        line = await line_with(log, "again in")
    assert f"[{platform}] proxy" in line
    assert "chatelier check" in line
    assert "secret" not in line
    (found,) = await proxy_findings([environ[f"CHATELIER_{platform.upper()}__PROXY"]])
    assert str(found).startswith("✗ proxy      socks5://127.0.0.1:9 cannot be reached")
    assert "start it, or change `proxy`" in found.text


@pytest.mark.parametrize(
    ("setting", "environ"),
    [
        ("[studio] port", {}),
        (
            "[telegram] webhook_port",
            {
                "CHATELIER_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
                "CHATELIER_TELEGRAM__WEBHOOK_URL": "https://bot.example.org/telegram",
            },
        ),
    ],
)
async def test_a_port_that_is_taken(tmp_path: Path, setting: str, environ: dict[str, str]) -> None:
    """Which setting chooses another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with TelegramServer() as server:
            line = await told(
                tmp_path,
                "run",
                CHATELIER_STUDIO__PORT=port,
                CHATELIER_TELEGRAM__WEBHOOK_PORT=port,
                CHATELIER_TELEGRAM_API_BASE=server.base,
                **environ,
            )
    assert setting in line
    assert port in line
    assert re.search(r"stop it, or|choose another", line)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[rendr]\ndevice = 'cpu'\n", "[rendr] is no section; did you mean `render`?"),
        ("[render]\ndevise = 'cpu'\n", "[render] has no key `devise`; did you mean `device`?"),
        ("[studio]\nport = 'x'\n", "[studio] port = "),
        ("[telegram]\nproxy = 'localhost:1'\n", 'expected an address such as "http://127.0'),
    ],
)
async def test_a_misspelt_setting(tmp_path: Path, text: str, sentence: str) -> None:
    """File, key, and what was expected."""
    (tmp_path / "config.toml").write_text(text)
    line = await told(tmp_path, "run")
    assert f"config.toml: {sentence}" in line or sentence in line
    assert "config.toml" in line


async def test_a_card_that_is_not_there(tmp_path: Path) -> None:
    """The key, its value, and what to set instead; the bot ends with it, and what waits is kept."""
    environ = {"CHATELIER_RENDER__DEVICE": "cuda:7", "CHATELIER_RENDER__THREADS": "1"}
    code, out, _ = await chatelier(tmp_path, "check", **environ)
    line = out.splitlines()[-1]
    assert code == 1
    assert line.startswith("✗ renderer")
    for told_by in (line, await told(tmp_path, "run", CHATELIER_STUDIO__PORT="0", **environ)):
        assert '[render] device = "cuda:7"' in told_by
        assert 'set "auto", which takes what there is' in told_by


def test_a_python_that_is_too_old() -> None:
    """run.py says which one it needs, before it does anything."""
    program = (
        "import sys; sys.version_info = (3, 9, 18); sys.version = '3.9.18 (old)';"
        f"exec(compile(open({str(ROOT / 'run.py')!r}).read(), 'run.py', 'exec'))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr == (
        "Chatelier needs Python 3.11 or newer, and this is 3.9.18. "
        "Install a newer one and run this file with it.\n"
    )


async def test_nothing_to_run(tmp_path: Path) -> None:
    """No token, and the page switched off."""
    line = await told(tmp_path, "run", CHATELIER_STUDIO__ENABLED="off")
    assert "CHATELIER_TELEGRAM_TOKEN or CHATELIER_DISCORD_TOKEN" in line


async def test_a_page_that_strangers_could_open(tmp_path: Path) -> None:
    """Not without a password."""
    line = await told(tmp_path, "run", CHATELIER_STUDIO__HOST="0.0.0.0")
    assert "set CHATELIER_STUDIO_PASSWORD" in line


async def test_a_token_file_that_is_gone(tmp_path: Path) -> None:
    """Its key and its path."""
    (tmp_path / "config.toml").write_text("[telegram]\ntoken_file = 'secrets/telegram-token'\n")
    line = await told(tmp_path, "run")
    assert "[telegram] token_file: secrets/telegram-token cannot be read" in line


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_down_while_a_model_is_fetched(tmp_path: Path, scheme: str) -> None:
    """The same command goes on later."""
    line = await told(
        tmp_path, "models", "add", "ann/dream",
        CHATELIER_MODELS__PROXY=f"{scheme}://ann:secret@127.0.0.1:9",
    )  # fmt: skip
    assert "127.0.0.1:9" in line
    assert "the same command goes on" in line
    assert "secret" not in line
