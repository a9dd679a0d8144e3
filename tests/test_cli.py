"""The commands of `chatelier`, as a shell sees them."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot import __version__
from bot.cli import _parser, main
from bot.cli_draw import as_typed
from bot.domain import Platform
from bot.greeting import greeting

pytestmark = pytest.mark.timeout(300)

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("CHATELIER_")}
UNMEASURED = {k: v for k, v in CLEAN.items() if not k.startswith("COVERAGE_")}
"""Where the files or the memory that measuring the tests takes would be in the way."""


async def chatelier(folder: Path, *words: str, **environ: str) -> tuple[int, str, str]:
    """Run the command in `folder`: exit code, output, error output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        cwd=folder,
        env={**CLEAN, "LANG": "C.UTF-8", **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


@asynccontextmanager
async def serving(folder: Path, **environ: str) -> AsyncIterator[tuple[str, str]]:
    """`chatelier run` on a free port: its greeting and the address of its page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=folder,
        env={**CLEAN, "CHATELIER_STUDIO__PORT": str(port), **environ},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    greeting = (await process.stdout.readuntil(b"Ctrl-C.")).decode()
    try:
        yield greeting, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def test_draw_writes_a_picture_with_its_parameters(tmp_path: Path) -> None:
    """`chatelier draw "a red apple" -o apple.png`, the same path as in a chat."""
    code, out, error = await chatelier(
        tmp_path, "draw", "a red apple", "-o", "apple.png", "--seed", "7", "--steps", "4"
    )
    assert code == 0, error
    with Image.open(tmp_path / "apple.png") as image:
        assert "Seed: 7," in image.info["parameters"]
    assert out.splitlines()[0] == "apple.png"
    assert "seed 7" in out


async def test_draw_takes_several_and_varies_a_picture(tmp_path: Path) -> None:
    """`-n 2` numbers the files; `--image` draws from one of them."""
    await chatelier(tmp_path, "draw", "a red apple -n 2 --steps 2", "-o", "a.png")
    assert sorted(p.name for p in tmp_path.glob("*.png")) == ["a-1.png", "a-2.png"]
    words = ("draw", "a green apple", "--image", "a-1.png", "-o", "b.png", "--steps", "4")
    code, out, _ = await chatelier(tmp_path, *words, "--strength", "0.5")
    assert code == 0
    assert "strength 0.5" in out


async def test_draw_tells_what_it_does_not_understand(tmp_path: Path) -> None:
    """A misspelt flag: a sentence, exit code 1, no file."""
    code, _, error = await chatelier(tmp_path, "draw", "a cat", "--stepz", "3")
    assert code == 1
    assert "Did you mean --steps?" in error
    assert "Traceback" not in error
    assert list(tmp_path.glob("*.png")) == []


async def test_the_page_answers_while_the_model_still_loads(tmp_path: Path) -> None:
    """The greeting names the address, and the page is there before the renderer is ready."""
    async with (
        serving(tmp_path) as (greeting, address),
        aiohttp.ClientSession() as session,
        session.get(address) as response,
    ):
        assert response.status == 200
        assert address in greeting
        assert "CHATELIER_TELEGRAM_TOKEN" in greeting


async def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    """With the key to change."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, error = await chatelier(tmp_path, "run", CHATELIER_STUDIO__PORT=port)
    assert code == 2
    assert port in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[rendr]\n", "did you mean `render`"),
        ("[studio]\nport = 'x'\n", "port"),
        ("[studio\n", "not valid TOML"),
        ("[render]\ndevice = 'banana'\n", 'expected "auto", "cpu", "cuda"'),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    """File, key, value, what was expected."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert main(["-C", str(path), "check"]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert str(path) in error
    assert expected in error


def test_a_missing_configuration_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-C` with a file that is not there."""
    assert main(["-C", str(tmp_path / "none.toml"), "check"]) == 2
    assert "none.toml" in capsys.readouterr().err


def test_every_argument_is_explained() -> None:
    """`--help` of each command says what may stand behind it."""
    todo, silent = [("chatelier", _parser())], []
    while todo:
        name, parser = todo.pop()
        for action in parser._actions:
            if isinstance(action.choices, dict):
                todo += [(f"{name} {sub}", made) for sub, made in action.choices.items()]
            elif not action.help:
                silent.append(f"{name}: {action.dest}")
    assert silent == []


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`chatelier --version`."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"chatelier {__version__}\n"


async def test_check_tells_right_from_wrong(tmp_path: Path) -> None:
    """Device and demo model are there; a pickle and a broken file are named with what to do, and
    the bot works without them."""
    checkpoints = tmp_path / "models" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (checkpoints / "old.ckpt").write_bytes(b"PK\x03\x04 pickle")
    (checkpoints / "broken.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{not json at all")
    code, out, error = await chatelier(tmp_path, "check", CHATELIER_STUDIO__PORT="0")
    assert code == 0, out + error
    lines = {line.split()[1] + " " + line.split()[0]: line for line in out.splitlines()}
    assert "device ✓" in lines
    assert "main memory" in lines["vram ✓"] or "graphics memory" in lines["vram ✓"]
    assert "telegram ·" in lines
    assert re.search(r"! model +checkpoints/old\.ckpt: .*pickle.*\.safetensors", out)
    assert re.search(r"! model +checkpoints/broken\.safetensors: .*download it again", out)


async def test_check_speaks_json_for_programs(tmp_path: Path) -> None:
    """The same findings, and an exit code for what is bad."""
    (tmp_path / "data").write_text("a file")
    code, out, _ = await chatelier(tmp_path, "check", "--json", CHATELIER_RENDER__DEVICE="cuda:7")
    found = {line["topic"]: line["level"] for line in json.loads(out)}
    assert code == 1
    assert found["disk"] == "bad"
    assert found["chatelier"] == "good"
    assert found["telegram"] == "info"


async def test_check_can_be_written_where_its_marks_have_no_letters(tmp_path: Path) -> None:
    """As into a file on Windows."""
    environ = {"PYTHONIOENCODING": "ascii", "CHATELIER_STUDIO__PORT": "0"}
    code, out, error = await chatelier(tmp_path, "check", **environ)
    assert (code, error) == (0, "")
    assert out.startswith("? chatelier")


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell makes the pipe")
async def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    """`chatelier filter test | head -1`."""
    (tmp_path / "lines.txt").write_text("a red fox\n" * 5_000)
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", '"$0" -m bot filter test --file lines.txt | head -1', sys.executable),
        cwd=tmp_path,
        env=CLEAN,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    assert (out, error) == (b"allow\n", b"")


async def test_check_asks_telegram_whether_the_token_is_right(tmp_path: Path) -> None:
    """An address where nobody listens is named, the token is not."""
    code, out, error = await chatelier(
        tmp_path,
        "check",
        CHATELIER_TELEGRAM_TOKEN="123:secret",
        CHATELIER_TELEGRAM_API_BASE="http://127.0.0.1:9",
    )
    assert code == 1
    assert "✗ telegram   http://127.0.0.1:9 cannot be reached" in out
    assert "secret" not in out + error


async def test_a_chat_is_approved_from_the_command_line(tmp_path: Path) -> None:
    """`chatelier admin chat allow ID`, and it is listed."""
    code, out, _ = await chatelier(tmp_path, "admin", "chat", "allow", "telegram:-100200")
    assert (code, out) == (0, "telegram:-100200: unknown → allowed.\n")
    code, out, _ = await chatelier(tmp_path, "admin", "chat", "list")
    assert "telegram:-100200" in out
    code, _, error = await chatelier(tmp_path, "admin", "chat", "allow", "bob")
    assert code == 1
    assert "bob" in error


async def test_the_prompt_filter_is_tried_line_by_line(tmp_path: Path) -> None:
    """`chatelier filter test`, with the operator's own words too."""
    (tmp_path / "mine.txt").write_text("# our own\nzorblax\n")
    (tmp_path / "lines.txt").write_text("a red fox\na z o r b l a x in the snow\n")
    setting = {"CHATELIER_MODERATION__WORD_FILES": '["mine.txt"]'}
    code, out, error = await chatelier(tmp_path, "filter", "test", "--file", "lines.txt", **setting)
    assert (code, out) == (0, "allow\nrefuse other\n"), error
    code, _, error = await chatelier(
        tmp_path, "filter", "test", "x", CHATELIER_MODERATION__WORD_FILES='["none.txt"]'
    )
    assert code == 2
    assert "none.txt" in error


def test_flags_keep_their_values_wherever_they_stand() -> None:
    """A flag before the prompt is a flag with its value, as in a chat; only -o and -i are ours."""
    options, rest = _parser().parse_known_args(
        ["draw", "--seed", "5", "a red apple", "-o", "x.png", "-n", "2", "--cfg", "7"]
    )
    assert as_typed(rest) == "--seed 5 a red apple -n 2 --cfg 7"
    assert options.output == Path("x.png")


@pytest.mark.parametrize(
    ("words", "environ", "said"),
    [
        (("draw", "a cat", "-i", "none.png"), {}, "none.png: cannot be read"),
        (("draw", "a cat", "-o", "none/a.png"), {}, "there is no folder none"),
        (("draw", "a cat", "-o", "."), {}, "is a folder; name a file, such as picture.png"),
        (("draw", "a cat", "-o", "a.jpg"), {}, "pictures are PNG files; write -o a.png"),
        (("run",), {"CHATELIER_BOT__DATA_DIR": "taken"}, "taken cannot be used"),
        (("admin", "chat", "list"), {"CHATELIER_BOT__DATA_DIR": "taken"}, "taken"),
    ],
)
def test_a_path_that_cannot_be_used_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    environ: dict[str, str],
    said: str,
) -> None:
    """A picture that is not there, a folder that is not there, a file where a folder is meant."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(list(words)) in (1, 2)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("chatelier: ")
    assert said in line


@pytest.mark.parametrize("account", ["telegram:5", "discord:6", "studio:local"])
def test_every_kind_of_account_can_be_exported(account: str) -> None:
    """Members of both platforms, and who sits at the page."""
    assert _parser().parse_args(["export", account, "x.zip"]).account == account


def test_values_with_spaces_keep_together() -> None:
    """The shell took the quotes away; the grammar gets them back."""
    assert as_typed(["a cat", "--sampler", "Euler a", "--seed", "5"]) == (
        'a cat --sampler "Euler a" --seed 5'
    )


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what an operator can mend becomes one line."""

    def broken(*_: object) -> None:
        raise ExceptionGroup("defect", [ZeroDivisionError()])

    monkeypatch.setattr("bot.cli._run", broken)
    with pytest.raises(ExceptionGroup):
        main(["check"])


def test_the_greeting_tells_how_to_become_the_operator() -> None:
    """With a chat platform and no operator yet, the one-time code is shown."""
    text = greeting({Platform.TELEGRAM: True}, "", "ABCDE12345")
    assert "speaks on Telegram" in text
    assert "/claim ABCDE12345" in text


def test_the_greeting_does_not_claim_to_speak_where_it_cannot() -> None:
    """A platform that is not reached is named, with what tells the reason."""
    text = greeting({Platform.TELEGRAM: False, Platform.DISCORD: True}, "", None)
    assert "speaks on Discord." in text
    assert "Telegram cannot be reached yet; it goes on trying." in text
    assert "chatelier check" in text
