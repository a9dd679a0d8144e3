"""Looks at every picture before a chat sees it, and says what becomes of it."""

import logging
from dataclasses import replace

from bot.config import ModerationConfig
from bot.domain import LOCAL, Fate, Picture, ReplyTo
from bot.errors import InspectionFailed, UnusablePicture
from bot.inspection.client import Inspector
from bot.inspection.messages import Opened, Rating
from bot.phrase import phrase

log = logging.getLogger(__name__)

FATES = {
    "allow": Fate.SHOWN,
    "spoiler": Fate.SPOILER,
    "blur": Fate.BLURRED,
    "drop": Fate.DROPPED,
}


class PictureCheck:
    """The picture policy of `[moderation]`. What an operator draws on their own machine is theirs
    to judge and is not looked at."""

    def __init__(self, inspector: Inspector, config: ModerationConfig) -> None:
        self._inspector, self._config = inspector, config

    async def result(self, picture: Picture, to: ReplyTo) -> Picture:
        """A drawn picture with its rating and its fate in this chat.

        Raises:
            InspectionFailed: nobody could look at it.
        """
        if self._blind(to):
            return picture
        rating = await self._inspector.rate(picture.png)
        fate = FATES[self._config.picture_action] if self._unsafe(rating) else Fate.SHOWN
        return replace(picture, nsfw=rating.nsfw, fate=fate)

    async def preview(self, jpeg: bytes, to: ReplyTo) -> bytes | None:
        """A preview, if it may be shown in this chat; whatever is done about results, a glimpse is
        not worth a veil."""
        if self._blind(to) or self._config.picture_action == "allow":
            return jpeg
        try:
            rating = await self._inspector.rate(jpeg)
        except InspectionFailed:
            return None  # told when the result cannot be looked at either
        return None if self._unsafe(rating) else jpeg

    def _blind(self, to: ReplyTo) -> bool:
        return to.platform in LOCAL or self._config.classifier == "off"

    async def source(self, content: bytes, to: ReplyTo, *, own: bool) -> Opened:
        """Open a picture that is to be changed; `own`: it is a result of this bot.

        Raises:
            UnusablePicture: it cannot be opened, or may not be changed here.
            InspectionFailed: nobody could look at it.
        """
        opened = await self._inspector.open(content)
        free = own or to.platform in LOCAL or self._config.source_action == "allow"
        if not free and self._unsafe(opened.rating):
            raise UnusablePicture(phrase("picture-not-safe"))
        return opened

    async def carried(self, content: bytes) -> str:
        """The parameters that a file carries, as an infotext; "" where it carries none.

        Raises:
            UnusablePicture: it cannot be opened.
        """
        try:
            return (await self._inspector.open(content)).carried
        except InspectionFailed as error:
            log.error("a picture could not be looked at: %s", error)
            raise UnusablePicture(phrase("picture-not-inspected")) from error

    def _unsafe(self, rating: Rating) -> bool:
        return rating.nsfw is not None and rating.nsfw >= self._config.picture_threshold
