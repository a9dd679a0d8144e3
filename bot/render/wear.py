"""When a render process is due to be replaced. What drivers and libraries leak goes with it."""

from collections.abc import Callable

import psutil

from bot.config import RenderConfig

LEAST_JOBS = 10
"""A process lives for at least so many: models may well need more memory than was thought."""
_SHARE = 0.9
"""Of the main memory; near all of it, the system would choose whom to end."""


class Wear:
    """Counts what a process has drawn, and looks how far it has grown."""

    def __init__(self, config: RenderConfig, memory: Callable[[], int]) -> None:
        """`memory` tells the bytes that the process takes now."""
        self._most_jobs = config.recycle_after_jobs
        limit = config.recycle_above_gb * 1e9
        self._most_bytes = limit or _SHARE * psutil.virtual_memory().total
        self._memory = memory
        self._jobs = 0
        self.why = ""
        """Empty until the process is worn."""

    def renew(self) -> None:
        """A fresh process begins."""
        self._jobs, self.why = 0, ""

    def drew(self) -> None:
        """One more job has ended in it."""
        self._jobs += 1
        if self._most_jobs and self._jobs >= self._most_jobs:
            self.why = f"{self._jobs} jobs"
        elif self._jobs >= LEAST_JOBS and (taken := self._memory()) > self._most_bytes:
            self.why = f"{taken / 1e9:.1f} GB"
