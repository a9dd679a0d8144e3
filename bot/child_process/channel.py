"""The child's end of the pipes."""

import os
import sys
import threading
from typing import BinaryIO

from bot.child_process.framing import LENGTH, length_of, pack


class Channel:
    """Standard input and output, taken for messages before any library can print to them.

    What is printed afterwards goes to standard error, which the parent logs.
    """

    def __init__(self) -> None:
        self._in: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 for the whole life
        self._lock = threading.Lock()

    def read(self) -> bytes | None:
        """The next message; None at the end."""
        prefix = self._in.read(LENGTH.size)
        if len(prefix) < LENGTH.size:
            return None
        length = length_of(prefix)
        content = self._in.read(length)
        return content if len(content) == length else None

    def write(self, content: bytes) -> None:
        """Send a message, from any thread."""
        with self._lock:
            self._out.write(pack(content))
            self._out.flush()
