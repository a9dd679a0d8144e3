"""The commands of `chatelier`. A ConfigError becomes one line and exit code 2."""

import argparse
import asyncio
import io
import json
import os
import re
import sys
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

from bot import __version__, cli_models, logs
from bot.config import Config, Secrets, load, secrets
from bot.errors import ConfigError, RenderError, StoreError


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a ✓ is none of Windows' letters in a file
            stream.reconfigure(errors="replace")
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
    except BrokenPipeError:  # as in `chatelier check | head -1`: who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ConfigError, StoreError, RenderError, BaseExceptionGroup) as error:
        return _explain(error)


def _explain(error: BaseException) -> int:
    """One line for what an operator can mend; anything else is a defect and keeps its traceback."""
    from bot.startup import advice

    leaves = _leaves(error)
    for kind, code in ((ConfigError, 2), (StoreError, 1), (RenderError, 1)):
        if mendable := [leaf for leaf in leaves if isinstance(leaf, kind)]:
            print(f"chatelier: {mendable[0]}{advice(mendable[0])}", file=sys.stderr)
            return code
    if all(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        return 130
    raise error


def _run(options: argparse.Namespace) -> int:
    path: Path | None = options.config or _default_config()
    if options.command == "init":
        return _init(options, path or Path("config.toml"))
    config = load(path)
    base = path.parent if path else Path()
    keys = secrets(config=config, base=base)
    quiet = options.command not in (None, "run")
    level = options.log_level or ("WARNING" if quiet else config.bot.log_level)
    logs.setup(level, keys.values(), "text" if quiet else config.log.format)
    work: Coroutine[Any, Any, int]
    match options.command:
        case "draw":
            from bot.cli_draw import draw

            work = draw(options, config, keys, base)
        case "check":
            work = _check(options, config, keys, base)
        case "models":
            from bot.cli_models import run_models

            return run_models(options, config, base)
        case "top":
            from bot.top import top

            work = top(config.metrics, once=options.once)
        case "filter":
            return _filter(options, config, base)
        case "export":
            work = _export(options, config, base)
        case "backup" | "restore":
            return _keep(options, config, base)
        case "admin":
            work = _admin(options, config, base)
        case _:
            from bot.cli_serve import serve

            work = serve(config, keys, base)
    return asyncio.run(work)


def _init(options: argparse.Namespace, path: Path) -> int:
    from bot.init import run_init

    logs.setup(options.log_level or "WARNING", ())
    config = load(path if path.exists() else None)
    try:
        keys = secrets(config=config, base=path.parent)
    except ConfigError as error:  # a file that is gone is what this is for
        print(f"chatelier: {error}", file=sys.stderr)
        keys = Secrets()
    return run_init(path, config, keys, yes=options.yes)


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
    parser.add_argument(
        "--log-level",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
        help="how much is logged (default: what config.toml says)",
    )
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
    draw.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("picture.png"),
        help="where the picture goes (default: picture.png)",
    )
    draw.add_argument("-i", "--image", type=Path, help="a picture to vary")
    check = commands.add_parser("check", help="what is right and wrong about this installation")
    check.add_argument("--json", action="store_true", help="for programs: a list of findings")
    init = commands.add_parser("init", help="set up by a few questions, and write config.toml")
    init.add_argument("--yes", action="store_true", help="ask nothing; the environment says it")
    cli_models.add_parser(commands)
    top = commands.add_parser("top", help="how the running bot is doing, once a second")
    top.add_argument("--once", action="store_true", help="one look, then end")
    words = commands.add_parser("filter", help="try the prompt filter: one verdict a line")
    words.add_argument("act", choices=("test",), help="the only thing to do with it")
    words.add_argument("text", nargs="*", help="a prompt; without any, lines are read")
    words.add_argument("--file", type=Path, help="a file of prompts, one a line")
    export = commands.add_parser(
        "export", help="what is kept of a member, or of everybody, as a zip file"
    )
    export.add_argument(
        "account",
        nargs="?",
        type=_account,
        help="such as telegram:123456, or studio:local for the page",
    )
    export.add_argument("file", type=_zip_file, help="ends in .zip and is not there yet")
    backup = commands.add_parser(
        "backup", help="all that the bot remembers, as a zip file; it may go on running"
    )
    backup.add_argument("file", type=_zip_file, help="ends in .zip and is not there yet")
    restore = commands.add_parser("restore", help="put a backup back, while no bot runs")
    restore.add_argument("file", type=_zip_file, help="what `chatelier backup` has written")
    admin = commands.add_parser("admin", help="what `/admin` does in a chat: quotas, bans, …")
    admin.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        help="such as `ban telegram:123 2d`, `queue`, `settings`; `admin` alone lists more",
    )
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
            why = getattr(error, "strerror", None) or error
            raise ConfigError(f"{options.file}: cannot be read: {why}") from None
    for verdict in run_filter_test(lines, operator_words(config, base)):
        print(verdict, flush=True)
    return 0


async def _check(options: argparse.Namespace, config: Config, keys: Secrets, base: Path) -> int:
    from bot.check import Level, findings

    found = []
    async for finding in findings(config, keys, base):
        found.append(finding)
        if not options.json:
            print(finding, flush=True)
    if options.json:
        lines = [{"topic": f.topic, "level": f.level, "text": f.text} for f in found]
        print(json.dumps(lines, ensure_ascii=False, indent=1))
    return 1 if any(f.level is Level.BAD for f in found) else 0


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
    if not count:
        raise ConfigError(
            f"{options.account or data}: nothing is kept of this; no file was written. An account"
            " is a platform with the number of the member there, not of a chat"
        )
    print(f"{options.file}: {count} records")
    return 0


def _keep(options: argparse.Namespace, config: Config, base: Path) -> int:
    from bot.backup import back_up, restore

    data = base / config.bot.data_dir
    if options.command == "backup":
        print(f"{options.file}: the database and {back_up(data, options.file)} pictures")
    else:
        count = restore(data, options.file)
        print(f"{data}: as in {options.file}, with {count} pictures")
    return 0


async def _admin(options: argparse.Namespace, config: Config, base: Path) -> int:
    from bot.cli_admin import run_admin
    from bot.shell import shell_user

    return await run_admin(options.words, config, base, shell_user().language)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


if __name__ == "__main__":
    sys.exit(main())
