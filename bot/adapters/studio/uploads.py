"""What the page sends: one message as a multipart form, its picture kept for a while."""

from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bot.phrase import phrase

MOST_BYTES = 20 * 1024 * 1024
"""The largest picture that is taken."""
TOO_LARGE = phrase("studio-too-large", most=MOST_BYTES // 2**20)
_MOST_TEXT = 64 * 1024
_FIELDS = {"text", "reply_to", "image"}
_KEPT_BYTES = 64 * 1024 * 1024


class TooLarge(Exception):
    """The picture, or the whole message, is over the limit."""


class NotAForm(Exception):
    """The body is not the form that the page sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message from the page."""

    text: str = ""
    reply_to: str = ""
    image: bytes | None = None


async def read(request: web.Request) -> Sent:
    """Read the form, counting while it streams in.

    Raises:
        TooLarge: the picture has more than `MOST_BYTES`, or a text is absurdly long.
        NotAForm: it cannot be read.
    """
    if (request.content_length or 0) > MOST_BYTES + 2 * _MOST_TEXT:
        raise TooLarge
    if request.content_type != "multipart/form-data":
        raise NotAForm
    found: dict[str, bytes] = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name not in _FIELDS - found.keys():
                raise NotAForm
            most = MOST_BYTES if part.name == "image" else _MOST_TEXT
            found[part.name] = await _read_part(part, most)
        return Sent(
            text=found.get("text", b"").decode(),
            reply_to=found.get("reply_to", b"").decode(),
            image=found.get("image") or None,
        )
    except (ValueError, AssertionError) as error:
        raise NotAForm from error


async def _read_part(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > most:
            raise TooLarge
    return bytes(content)


class Uploads:
    """The pictures last sent, by message id, so that one can be shown and replied to."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._images: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def keep(self, message_id: str, image: bytes) -> None:
        """Remember it; the oldest ones make room."""
        self._images[message_id] = image
        self._size += len(image)
        while self._size > self._kept_bytes and len(self._images) > 1:
            _, old = self._images.popitem(last=False)
            self._size -= len(old)

    def clear(self) -> None:
        """Keep none of them any longer."""
        self._images.clear()
        self._size = 0

    def get(self, message_id: str) -> bytes | None:
        """The bytes as they were sent, while they are kept."""
        return self._images.get(message_id)


def content_type(image: bytes) -> str:
    """What a browser may show it as; anything unknown is only a file."""
    if image.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if image.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if image.startswith(b"GIF8"):
        return "image/gif"
    if image.startswith(b"RIFF") and image[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"
