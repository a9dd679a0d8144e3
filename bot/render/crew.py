"""Threads that own one processor core each, so that the rows of a call can be shared out.

Split over the cores, every small operation of a UNet ends with all of them waiting for the slowest;
with rows of its own, a core meets the others once a call.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Crew:
    """As many threads as torch would use for one operation here."""

    def __init__(self) -> None:
        # A thread that has not yet asked would take the number that the crew sets for itself.
        self.size = torch.get_num_threads()
        self._threads = ThreadPoolExecutor(
            self.size, "core", initializer=torch.set_num_threads, initargs=(1,)
        )

    def map(self, work: Callable[[_In], _Out], parts: Sequence[_In]) -> list[_Out]:
        """`work` of each part, in order, all at once; returns when none is at work any more.

        Raises:
            Exception: what the first failing part raised.
        """
        at_work = [self._threads.submit(work, part) for part in parts]
        wait(at_work)
        return [done.result() for done in at_work]
