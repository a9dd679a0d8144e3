"""Small copies of pictures for the gallery, made when they are first looked at."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from PIL import Image

SIDE = 384
"""Pixels of the longer side: sharp on a dense display, a twentieth of the original's bytes."""
_QUALITY = 80
_KEPT_BYTES = 32 * 1024 * 1024
_AT_ONCE = 4
"""How many are made side by side; a page of results asks for dozens."""


class Thumbnails:
    """Makes them from `picture(job_id, index)`, the PNG, and keeps those last asked for."""

    def __init__(
        self,
        picture: Callable[[str, int], Awaitable[bytes | None]],
        kept_bytes: int = _KEPT_BYTES,
    ) -> None:
        self._picture = picture
        self._kept_bytes = kept_bytes
        self._made: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._size = 0
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def get(self, job_id: str, index: int) -> bytes | None:
        """A WebP, or None where the picture is gone or is not to be seen."""
        if (known := self._made.get((job_id, index))) is not None:
            self._made.move_to_end((job_id, index))
            return known
        async with self._turns:
            png = await self._picture(job_id, index)
            if png is None:
                return None
            made = await asyncio.to_thread(_smaller, png)
        self._keep((job_id, index), made)
        return made

    def forget(self, job_id: str) -> None:
        """The pictures of a job were taken away."""
        for key in [key for key in self._made if key[0] == job_id]:
            self._size -= len(self._made.pop(key))

    def clear(self) -> None:
        """Keep none of them any longer."""
        self._made.clear()
        self._size = 0

    def _keep(self, key: tuple[str, int], made: bytes) -> None:
        self._size += len(made) - len(self._made.pop(key, b""))
        self._made[key] = made
        while self._size > self._kept_bytes:
            _, old = self._made.popitem(last=False)
            self._size -= len(old)


def _smaller(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.convert("RGB").save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()
