"""Trying again what the store could not do: a disk may have room again, a lock be let go."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import StoreError

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
Result = TypeVar("Result")


async def insist(
    work: Callable[[], Awaitable[Result]], what: str, *, patience_s: float = math.inf
) -> Result:
    """Do `work` until the store takes it, with growing pauses. `what` it is stands in the log.

    Raises:
        StoreError: the store did not take it for `patience_s` seconds.
    """
    begun, pause = time.monotonic(), FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except StoreError as error:
            if time.monotonic() + pause > begun + patience_s:
                raise
            log.error("%s cannot be stored, again in %.0f s: %s", what, pause, error)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
