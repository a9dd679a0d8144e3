"""Source pictures on their way in: what was refused stays nowhere."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import StoreError
from bot.picture_store import PictureStore
from bot.removal import Removal

log = logging.getLogger(__name__)


class Sources:
    """Keeps the pictures that requests start from."""

    def __init__(self, store: PictureStore, removal: Removal) -> None:
        self._store = store
        self._removal = removal
        self._arriving = Counter[str]()
        self._files = asyncio.Lock()
        """Two members may send the same picture at once, and one of them be refused."""

    @asynccontextmanager
    async def kept(self, png: bytes, sha256: str) -> AsyncIterator[None]:
        """The picture is on disk within the block; afterwards only if a request needs it by then.

        Raises:
            StoreError: it cannot be written.
        """
        self._arriving[sha256] += 1
        try:
            async with self._files:
                await self._store.put(png)
            yield
        finally:
            self._arriving[sha256] -= 1
            await self._let_go(sha256)

    async def _let_go(self, sha256: str) -> None:
        try:
            async with self._files:
                if not self._arriving[sha256]:
                    del self._arriving[sha256]
                    await self._removal.drop(sha256)
        except StoreError:
            log.exception("the source picture %s could not be deleted", sha256)
