"""Pictures as attachments: under Discord's limits, recompressed where they must be."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass

import discord
from PIL import Image

from bot.domain import Picture

REQUEST_MAX = 24 * 2**20
"""Bytes of all attachments in one message: Discord takes a body of 25 MiB."""
_QUALITIES = (95, 90, 80, 65, 50)
_JPEG_SIDE_MIN = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Named bytes; a `discord.File` is used up by one send, these are not."""

    name: str
    content: bytes

    def file(self, *, spoiler: bool) -> discord.File:
        """For one send."""
        return discord.File(io.BytesIO(self.content), filename=self.name, spoiler=spoiler)


def uploads(job_id: str, pictures: Sequence[Picture]) -> list[Upload]:
    """The originals. The names begin with the job's id: so a result is found again in history."""
    return [Upload(name=f"{job_id}-{p.index + 1}.png", content=p.png) for p in pictures]


async def fit(originals: list[Upload], limit: int) -> tuple[list[Upload], bool]:
    """Under `limit` bytes each and `REQUEST_MAX` together; True: something was recompressed."""
    each = min(limit, REQUEST_MAX // max(1, len(originals)))
    if sum(len(o.content) for o in originals) <= REQUEST_MAX:
        each = limit
    fitted = [
        o if len(o.content) <= each else await asyncio.to_thread(_compressed, o, each)
        for o in originals
    ]
    return fitted, fitted != originals


def _compressed(original: Upload, most: int) -> Upload:
    with Image.open(io.BytesIO(original.content)) as opened:
        image = opened.convert("RGB")
    name = original.name.rsplit(".", 1)[0] + ".jpg"
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= most or max(image.size) <= _JPEG_SIDE_MIN:
                return Upload(name=name, content=out.getvalue())
        image = image.resize((max(1, image.width // 2), max(1, image.height // 2)))
