"""Albums sent in private without a word: how to go on is said once, under one of its pictures.

An album comes as a message a picture, and the words may stand below any of them. So what comes
without is answered a little later, and not at all where words have come meanwhile.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.adapters.telegram.background import Background

REMEMBERED = 100
"""Albums; all pictures of one come within seconds."""


class Albums:
    """Albums that came lately, by Telegram's id of the group."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._worded: OrderedDict[str, bool] = OrderedDict()
        self._background = Background()

    def worded(self, album: str) -> None:
        """One of its pictures came with words."""
        self._note(album, worded=True)

    def wordless(self, album: str, hint: Callable[[], Awaitable[None]]) -> None:
        """One came without; `hint` is awaited later, once an album."""
        if album in self._worded:
            return
        self._note(album, worded=False)
        self._background.start(self._later(album, hint), f"telegram album {album}")

    async def close(self) -> None:
        """Say nothing more."""
        await self._background.close()

    async def _later(self, album: str, hint: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(self._wait_s)
        if not self._worded.get(album, True):
            await hint()

    def _note(self, album: str, *, worded: bool) -> None:
        self._worded[album] = worded
        if len(self._worded) > REMEMBERED:
            self._worded.popitem(last=False)
