"""The commands of `chatelier`. A ConfigError becomes one line and exit code 2."""

import argparse
import asyncio
import contextlib
import locale
import os
import re
import secrets as random
import signal
import sys
import tempfile
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import __version__, logs
from bot.config import Config, Secrets, load, secrets
from bot.domain import Incoming, Kind, Outgoing, Platform, ReplyTo, Requester
from bot.errors import ConfigError, RenderError, StoreError
from bot.ports import ChatAdapter

if TYPE_CHECKING:
    from bot.adapters.console import ConsoleAdapter
    from bot.app import App

_BAR = "{l_bar}{bar}| {elapsed}"
_LOCAL = ReplyTo(platform=Platform.CONSOLE, chat_id="console", message_id="", private=True)


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options, rest = _parser().parse_known_args(argv)
    if rest and options.command != "draw":
        _parser().error(f"unknown: {' '.join(rest)}")
    options.rest = rest
    try:
        return _run(options)
    except KeyboardInterrupt:
        if options.command in (None, "run"):  # the usual way to stop it
            print("  Stopped. What waits goes on at the next start.")
            return 0
        return 130
    except (ConfigError, StoreError, RenderError, BaseExceptionGroup) as error:
        return _explain(error)


def _explain(error: BaseException) -> int:
    """One line for what an operator can mend; anything else is a defect and keeps its traceback."""
    leaves = _leaves(error)
    for kind, code in ((ConfigError, 2), (StoreError, 1), (RenderError, 1)):
        if mendable := [leaf for leaf in leaves if isinstance(leaf, kind)]:
            print(f"chatelier: {mendable[0]}", file=sys.stderr)
            return code
    if all(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        return 130
    raise error


def _run(options: argparse.Namespace) -> int:
    path: Path | None = options.config or _default_config()
    config, keys = load(path), secrets()
    base = path.parent if path else Path()
    quiet = options.command in ("draw", "check", "admin", "filter", "export")
    level = options.log_level or ("WARNING" if quiet else config.bot.log_level)
    logs.setup(level, keys.values())
    work: Coroutine[Any, Any, int]
    match options.command:
        case "draw":
            work = _draw(options, config, keys, base)
        case "check":
            work = _check(config, keys, base)
        case "filter":
            return _filter(options, config, base)
        case "export":
            work = _export(options, config, base)
        case "admin":
            work = _admin(options, config, base)
        case _:
            work = _serve(config, keys, base)
    return asyncio.run(work)


def _default_config() -> Path | None:
    if named := os.environ.get("CHATELIER_CONFIG"):
        return Path(named)
    return Path("config.toml") if Path("config.toml").exists() else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chatelier", description="A self-hosted bot that draws in Telegram and Discord chats."
    )
    parser.add_argument("--version", action="version", version=f"chatelier {__version__}")
    parser.add_argument("-C", "--config", type=Path, help="config.toml (default: the one here)")
    parser.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="serve Telegram, Discord and the local studio (the default)")
    draw = commands.add_parser(
        "draw",
        help="draw one picture to a file",
        # No argument of argparse's: it would take words out of their order, and a flag of the
        # grammar away from its value.
        usage='chatelier draw "WHAT TO DRAW" [-o FILE] [-i FILE] [--seed 5] [--ar 3:2] …',
        description="Everything that a chat understands is understood here.",
        allow_abbrev=False,
    )
    draw.add_argument("-o", "--output", type=Path, default=Path("picture.png"))
    draw.add_argument("-i", "--image", type=Path, help="a picture to vary")
    commands.add_parser("check", help="what is right and wrong about this installation")
    words = commands.add_parser("filter", help="try the prompt filter: one verdict a line")
    words.add_argument("act", choices=("test",))
    words.add_argument("text", nargs="*", help="a prompt; without any, lines are read")
    words.add_argument("--file", type=Path, help="a file of prompts, one a line")
    export = commands.add_parser(
        "export", help="what is kept of a member, or of everybody, as a zip file"
    )
    export.add_argument("account", nargs="?", type=_account, help="such as telegram:123456")
    export.add_argument("file", type=_zip_file, help="ends in .zip and is not there yet")
    admin = commands.add_parser("admin", help="what `/admin` does in a chat: quotas, bans, …")
    admin.add_argument("words", nargs=argparse.REMAINDER)
    return parser


def _account(written: str) -> str:
    if not re.fullmatch(r"(telegram|discord):\d{1,24}|studio:local", written):
        raise argparse.ArgumentTypeError(f"{written} is no account such as telegram:123456")
    return written


def _zip_file(written: str) -> Path:
    """Without its file, an account alone would be taken for the file, and everybody exported."""
    if not written.endswith(".zip"):
        raise argparse.ArgumentTypeError(f"{written} is no name of a zip file such as mine.zip")
    return Path(written)


# chatelier run ------------------------------------------------------------------------------


async def _serve(config: Config, keys: Secrets, base: Path) -> int:
    from bot.app import open_app, run
    from bot.greeting import greeting

    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_app(config, keys, base) as app:
        code = await app.doorkeeper.claim_code()
        running = asyncio.create_task(run(app, stop))
        try:
            page = await _page(app.adapters.get(Platform.STUDIO), running)
            if not running.done():
                print(greeting(tuple(app.adapters), page, code), flush=True)
            await running
        finally:  # Ctrl-C may come before the page is there
            running.cancel()
            await asyncio.wait([running])
    return 0


async def _page(studio: ChatAdapter | None, running: asyncio.Task[None]) -> str:
    """The address of the page once it can be opened; "" where there is none."""
    if studio is None:
        return ""
    from bot.adapters.studio import StudioAdapter

    if not isinstance(studio, StudioAdapter):
        raise TypeError(type(studio))
    listening = asyncio.ensure_future(studio.listening.wait())
    await asyncio.wait({listening, running}, return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    return studio.address


# chatelier draw -----------------------------------------------------------------------------


async def _draw(options: argparse.Namespace, config: Config, keys: Secrets, base: Path) -> int:
    from tqdm import tqdm

    from bot.adapters.console import ConsoleAdapter
    from bot.app import open_app, run

    source = await asyncio.to_thread(_read, options.image) if options.image else None
    if not options.output.parent.is_dir():
        raise ConfigError(f"{options.output}: there is no folder {options.output.parent}")
    bar = tqdm(total=100, unit="%", leave=False, disable=None, bar_format=_BAR)

    def show(share: float) -> None:
        bar.update(round(share * 100) - bar.n)

    console = ConsoleAdapter(show)
    stop = asyncio.Event()
    with bar, tempfile.TemporaryDirectory(prefix="chatelier-", ignore_cleanup_errors=True) as data:
        async with open_app(config, keys, base, data_dir=Path(data), console=console) as app:
            running = asyncio.create_task(run(app, stop))
            asked = Incoming(
                key=random.token_hex(8),
                command="draw",
                text=_as_typed(options.rest),
                requester=_shell_user(),
                reply_to=_LOCAL,
                source=source,
            )
            try:
                result = await _while(running, _asked(app, console, asked))
            finally:
                stop.set()
                await running
    if not result.pictures:
        print(result.text, file=sys.stderr)
        return 1
    _save(result, options.output)
    return 0


async def _asked(app: "App", console: "ConsoleAdapter", asked: Incoming) -> Outgoing:
    """What comes of a request: pictures, or only words."""
    await app.renderer.wait_ready()
    answer = await app.conversation.handle(asked)
    if not answer.job_id:
        return Outgoing(kind=Kind.RESULT, to=_LOCAL, text=answer.text)
    return await console.result


async def _while(running: asyncio.Task[None], work: Coroutine[Any, Any, Outgoing]) -> Outgoing:
    """Await `work` for as long as the bot runs; if that ends before, its error is the reason."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, running}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await running
        return await task
    finally:
        task.cancel()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _as_typed(words: list[str]) -> str:
    """The shell has taken the quotes away; a value with spaces gets them back."""
    flag = False
    typed = []
    for word in words:
        typed.append(f'"{word}"' if flag and " " in word and '"' not in word else word)
        flag = word.startswith("-")
    return " ".join(typed)


def _shell_user() -> Requester:
    language = locale.getlocale()[0] or os.environ.get("LANG", "")
    return Requester(
        platform=Platform.CONSOLE, user_id="console", language=language.replace("_", "-")
    )


def _save(result: Outgoing, output: Path) -> None:
    for picture in result.pictures:
        path = output
        if len(result.pictures) > 1:
            path = output.with_stem(f"{output.stem}-{picture.index + 1}")
        try:
            path.write_bytes(picture.png)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
        print(path)
    print(result.text)


# chatelier filter, check, admin -----------------------------------------------------------


def _filter(options: argparse.Namespace, config: Config, base: Path) -> int:
    from bot.quota.prompt_filter import run_filter_test
    from bot.startup import operator_words

    lines: Iterable[str] = sys.stdin
    if options.text:
        lines = [" ".join(options.text)]
    elif options.file:
        try:
            lines = options.file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{options.file}: cannot be read: {error}") from None
    for verdict in run_filter_test(lines, operator_words(config, base)):
        print(verdict, flush=True)
    return 0


async def _check(config: Config, keys: Secrets, base: Path) -> int:
    from bot.check import findings

    bad = 0
    async for finding in findings(config, keys, base):
        mark = "✓" if finding.good else "·" if finding.good is None else "✗"
        bad += finding.good is False
        print(f"{mark} {finding.topic:<10} {finding.text}", flush=True)
    return 1 if bad else 0


async def _export(options: argparse.Namespace, config: Config, base: Path) -> int:
    from bot.database import Database
    from bot.members.export import Export
    from bot.picture_store import PictureStore
    from bot.quota.accounts import Accounts

    data = base / config.bot.data_dir
    if not (data / "chatelier.sqlite").exists():
        raise ConfigError(f"{data}: there is nothing yet that could be exported")
    async with Database(data / "chatelier.sqlite") as database:
        accounts = None
        if options.account:
            linked = await Accounts(database, config.quota).linked(options.account)
            accounts = frozenset((*linked, options.account))
        export = Export(database, PictureStore(data / "pictures"))
        try:
            count = await export.write(options.file, accounts)
        except FileExistsError:
            raise ConfigError(f"{options.file}: is there already") from None
        except OSError as error:
            raise ConfigError(f"{options.file}: cannot be written: {error.strerror}") from None
    print(f"{options.file}: {count} records")
    return 0


async def _admin(options: argparse.Namespace, config: Config, base: Path) -> int:
    from bot.cli_admin import run_admin

    return await run_admin(options.words, config, base, _shell_user().language)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


if __name__ == "__main__":
    sys.exit(main())
