"""`chatelier draw`: one request on the command line, by the same road as in a chat."""

import argparse
import asyncio
import secrets as random
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.adapters.console import ConsoleAdapter
from bot.app import App, open_app, run
from bot.config import Config, Secrets
from bot.domain import Incoming, Kind, Outgoing, Platform, ReplyTo
from bot.errors import ConfigError
from bot.shell import shell_user

_BAR = "{l_bar}{bar}| {elapsed}"
_LOCAL = ReplyTo(platform=Platform.CONSOLE, chat_id="console", message_id="", private=True)


async def draw(options: argparse.Namespace, config: Config, keys: Secrets, base: Path) -> int:
    """Draw, and write the pictures; the exit code."""
    source = await asyncio.to_thread(_read, options.image) if options.image else None
    _check_output(options.output)
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
                text=as_typed(options.rest),
                requester=shell_user(),
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


async def _asked(app: App, console: ConsoleAdapter, asked: Incoming) -> Outgoing:
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


def as_typed(words: list[str]) -> str:
    """The shell has taken the quotes away; a value with spaces gets them back."""
    flag = False
    typed = []
    for word in words:
        typed.append(f'"{word}"' if flag and " " in word and '"' not in word else word)
        flag = word.startswith("-")
    return " ".join(typed)


def _check_output(path: Path) -> None:
    """Before anything is drawn: that it can be written in the end.

    Raises:
        ConfigError: there is no such folder, or it is no name of a PNG file.
    """
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name a file, such as {path / 'picture.png'}")
    if path.suffix.lower() != ".png":
        raise ConfigError(f"{path}: pictures are PNG files; write -o {path.with_suffix('.png')}")


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
