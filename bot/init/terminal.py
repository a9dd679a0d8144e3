"""Questions and answers in a terminal, or through pipes."""

import getpass
import sys
from collections.abc import Callable
from typing import TypeVar

from bot.errors import ConfigError

T = TypeVar("T")


class NobodyThere(ConfigError):
    """The questions are answered by nobody."""


class Terminal:
    """Where the conversation takes place."""

    def say(self, text: str = "") -> None:
        """A paragraph."""
        print(text, flush=True)

    def ask(self, question: str, default: str = "") -> str:
        """One line; what is empty is `default`.

        Raises:
            NobodyThere: there is nobody to ask.
        """
        shown = f" [{default}]" if default else ""
        return self._read(f"{question}{shown}: ") or default

    def ask_secret(self, question: str) -> str:
        """One line that is not shown while it is typed.

        Raises:
            NobodyThere: there is nobody to ask.
        """
        if sys.stdin.isatty():
            return self._read(f"{question} (it is not shown): ", getpass.getpass)
        return self._read(f"{question}: ")

    def ask_until(self, question: str, default: str, read: Callable[[str], T]) -> T:
        """The answer as `read` understands it; what it refuses with ConfigError is asked again."""
        while True:
            try:
                return read(self.ask(question, default))
            except NobodyThere:
                raise
            except ConfigError as error:
                self.say(f"  {error}")

    @staticmethod
    def _read(prompt: str, read: Callable[[str], str] = input) -> str:
        try:
            return read(prompt).strip()
        except (EOFError, UnicodeDecodeError):
            print()  # the line of the question is not ended by anybody
            raise NobodyThere(
                "init: no more answers came; `chatelier init --yes` takes them from the environment"
            ) from None
