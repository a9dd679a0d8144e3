"""Pictures: which one a message speaks of, and in which form a result may be sent."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PurePosixPath

from PIL import Image
from telegram import Document, ExternalReplyInfo, Message, PhotoSize, Sticker

from bot.adapters.telegram.api import DOWNLOAD_BYTES

PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000
"""Width and height together, in pixels."""
PHOTO_RATIO = 20
DOCUMENT_BYTES = 50 * 1024 * 1024
_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"))


@dataclass(frozen=True, slots=True)
class Found:
    """A picture to be fetched, or the key of the phrase that says why there is none to fetch.

    False where a message speaks of no picture at all.
    """

    file_id: str = ""
    problem: str = ""

    def __bool__(self) -> bool:
        return bool(self.file_id or self.problem)


def find_picture(message: Message) -> Found:
    """The message's own attachment, else the replied-to one, else one in a quote from elsewhere."""
    if own := _attached(message):
        return own
    if message.document or message.audio or message.voice:
        return Found(problem="telegram-not-a-picture")
    replied = message.reply_to_message
    if replied is not None and (theirs := _attached(replied)):
        return theirs
    return _attached(message.external_reply) if message.external_reply else Found()


def _attached(holder: Message | ExternalReplyInfo) -> Found:
    # An animation comes with a document beside it, so it is looked at first.
    if holder.animation or holder.video or holder.video_note:
        return Found(problem="telegram-picture-moves")
    if holder.photo:
        return _file(max(reversed(holder.photo), key=lambda size: size.width * size.height))
    if holder.sticker:
        if holder.sticker.is_animated or holder.sticker.is_video:
            return Found(problem="telegram-picture-moves")
        return _file(holder.sticker)
    if holder.document and _is_picture(holder.document):
        return _file(holder.document)
    return Found()


def _is_picture(document: Document) -> bool:
    """Only by what it claims to be: what the bytes are is for intake to see."""
    suffix = PurePosixPath(document.file_name or "").suffix.lower()
    return (document.mime_type or "").startswith("image/") or suffix in _SUFFIXES


def _file(media: PhotoSize | Document | Sticker) -> Found:
    if (media.file_size or 0) > DOWNLOAD_BYTES:
        return Found(problem="picture-too-large")
    return Found(file_id=media.file_id)


class Form(Enum):
    """How a result is sent."""

    PHOTO = auto()
    """Shown in the chat; Telegram recompresses it."""
    DOCUMENT = auto()
    """The PNG itself, infotext inside."""
    SMALL = auto()
    """A JPEG of ours that Telegram must take; the member is told."""


def forms(pngs: Sequence[bytes], *, as_file: bool, covered: bool = False) -> list[Form]:
    """The forms to try, best first. An album has one form for all its pictures.

    `covered`: under a spoiler, which no document can have.
    """
    ladder = []
    if (covered or not as_file) and all(_fits_photo(png) for png in pngs):
        ladder.append(Form.PHOTO)
    if not covered and all(len(png) <= DOCUMENT_BYTES for png in pngs):
        ladder.append(Form.DOCUMENT)
    return [*ladder, Form.SMALL]


def _fits_photo(png: bytes) -> bool:
    width, height = size_of(png)
    return (
        len(png) <= PHOTO_BYTES
        and width + height <= PHOTO_SIDES
        and max(width, height) <= PHOTO_RATIO * min(width, height)
    )


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header of a picture that we made."""
    with Image.open(io.BytesIO(content)) as opened:
        return opened.size


def small_jpeg(png: bytes, most_bytes: int = PHOTO_BYTES) -> bytes:
    """`png` as a JPEG that fits into a photo message. Slow: not for the event loop."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((PHOTO_SIDES // 2, PHOTO_SIDES // 2))
    while True:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=90)
        if out.tell() <= most_bytes or max(picture.size) <= 64:
            return out.getvalue()
        picture.thumbnail((picture.width * 3 // 4, picture.height * 3 // 4))
