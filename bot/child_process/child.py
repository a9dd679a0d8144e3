"""The parent's end: starts a process, talks with it, and ends it."""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from bot.child_process.framing import LENGTH, length_of, pack
from bot.child_process.log_lines import relog

log = logging.getLogger(__name__)

_PIPE_LIMIT = 16 * 1024 * 1024
_LAST_WORDS_S = 3.0
_OURS = "CHATELIER_"
"""Of the environment: tokens and passwords may stand there, and what a child needs it is told."""


class Child:
    """A running process; leaving the context ends it, politely first."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a process without pipes")
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self._errors = asyncio.create_task(self._log_errors(process.stderr), name="child log")
        self._last_line = ""

    @classmethod
    async def start(cls, command: Sequence[str]) -> Self:
        """Start `command`.

        Raises:
            OSError: it cannot be started.
        """
        # Ctrl-C in a console reaches the whole group; the child must outlive it until it is told.
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_PIPE_LIMIT,
            env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The operating system's number of the process."""
        return self._process.pid

    def send(self, content: bytes) -> None:
        """Give a message. Never waits; a process that is gone hears nothing."""
        if not self._stdin.is_closing():
            self._stdin.write(pack(content))

    async def receive(self, patience: Callable[[], float | None]) -> bytes | None:
        """The next message; None when the process has closed its end.

        `patience()` says how many seconds of silence to bear; it is asked again every second,
        because it changes when messages are sent meanwhile.

        Raises:
            TimeoutError: silence.
            ValueError: something that is no frame.
        """
        reading = asyncio.ensure_future(self._read())
        silent = 0.0
        try:
            while True:
                limit = patience()
                if limit is None:
                    silent = 0.0
                elif silent >= limit:
                    raise TimeoutError
                wait = min(1.0, limit - silent) if limit is not None else 1.0
                done, _ = await asyncio.wait([reading], timeout=wait)
                if done:
                    return reading.result()
                silent += wait
        finally:
            reading.cancel()

    async def _read(self) -> bytes | None:
        try:
            prefix = await self._stdout.readexactly(LENGTH.size)
            return await self._stdout.readexactly(length_of(prefix))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    @property
    def exit_code(self) -> int | None:
        """None while it lives."""
        return self._process.returncode

    @property
    def last_words(self) -> str:
        """The last line that it wrote to standard error."""
        return self._last_line

    async def obituary(self) -> str:
        """How the process ended, in words for the log."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                await self._process.wait()
                await asyncio.shield(self._errors)
        return f"exit code {self._process.returncode}; last words: {self._last_line or 'none'}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.end()

    async def end(self, patience_s: float = _LAST_WORDS_S) -> None:
        """Close its input, then kill it if that does not end it within `patience_s`. A cancel
        waits for that: nothing may be left of the process when the event loop is gone."""
        ending, cancelled = asyncio.ensure_future(self._end(patience_s)), False
        while not ending.done():
            try:
                await asyncio.wait([ending])
            except asyncio.CancelledError:
                cancelled = True
        if cancelled:
            raise asyncio.CancelledError
        ending.result()

    async def _end(self, patience_s: float) -> None:
        process = self._process
        self._stdin.close()
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await self._errors
        with contextlib.suppress(ConnectionError):
            await self._stdin.wait_closed()

    async def _log_errors(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            text = line.decode(errors="replace").rstrip()
            if text:
                self._last_line = relog(text, log)
