"""What goes wrong around the bot while it lives: the network, the renderer, the disk."""

import contextlib
import signal
from collections.abc import Callable
from typing import Any

import psutil

from benchmarks.torture.world import World

DISK_FULL = "disk full"
METHODS = ("sendMessage", "sendPhoto", "editMessageText", "getUpdates")
"""Of Telegram, those that the load needs."""
_RENDERER = "tests.render_fault_process"


class Mischief:
    """In one life. Chance comes from the world's seed; `made` names what was done."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopped: list[psutil.Process] = []
        self._limited: psutil.Process | None = None
        self.made: list[str] = []

    def make(self, pid: int) -> None:
        """One of them, to the bot with this process number."""
        kinds: list[Callable[[int], str]] = [
            lambda _: self._network(),
            lambda _: self._network(),
            lambda pid: self._renderer(pid, signal.SIGSTOP),
            lambda pid: self._renderer(pid, signal.SIGKILL),
            self._disk,
        ]
        with contextlib.suppress(psutil.NoSuchProcess):
            if name := self._world.rng.choice(kinds)(pid):
                self.made.append(name)

    def mend(self) -> None:
        """The disk has room again."""
        if self._limited is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                unlimited = (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY)
                self._limited.rlimit(psutil.RLIMIT_FSIZE, unlimited)
            self._limited = None

    def clear(self) -> None:
        """The bot is dead. A stopped process cannot see that its input is closed: it is ended."""
        for process in self._stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def _renderer(self, pid: int, how: signal.Signals) -> str:
        """Stop or kill the render process, if it is there."""
        for process in psutil.Process(pid).children():
            if _RENDERER in process.cmdline():
                process.send_signal(how)
                if how is signal.SIGSTOP:
                    self._stopped.append(process)
                return f"{how.name} of the renderer"
        return ""

    def _disk(self, pid: int) -> str:
        """No file of the bot takes another byte, until `mend`; a second time mends it early."""
        if self._limited is not None:
            self.mend()
            return "disk has room again"
        self._limited = psutil.Process(pid)
        self._limited.rlimit(psutil.RLIMIT_FSIZE, (0, psutil.RLIM_INFINITY))
        return DISK_FULL

    def _network(self) -> str:
        rng = self._world.rng
        faults = self.network(rng.choice(METHODS))
        name = rng.choice(sorted(faults))
        faults[name]()
        return name

    def network(self, method: str) -> dict[str, Callable[[], Any]]:
        """What may go wrong with one call of a method on Telegram, and with messages on Discord."""
        telegram, discord = self._world.telegram, self._world.discord
        wait, server_error = "Too Many Requests: retry after 1", "Bad Gateway"
        post = ("POST", "/messages$")
        return {
            f"429 for {method}": lambda: telegram.refuse(method, 429, wait, retry_after=1),
            f"502 for {method}": lambda: telegram.refuse(method, 502, server_error),
            f"{method} cut": lambda: telegram.cut(method),
            f"nonsense for {method}": lambda: telegram.garble(method),
            f"answer to {method} lost": lambda: telegram.lose_answer(method),
            f"answer to {method} held back": lambda: telegram.lose_answer(method, hold=True),
            "500 from Discord": lambda: discord.fail(*post, status=500),
            "429 from Discord": lambda: discord.fail(*post, status=429, retry_after=1.0),
            "connection to Discord reset": lambda: discord.fail(*post, reset=True),
            "answer of Discord lost": lambda: discord.fail(*post, reset=True, performed=True),
            "nonsense from Discord": lambda: discord.fail(*post, garbled=True),
        }
