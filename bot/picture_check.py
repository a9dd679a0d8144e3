"""Looks at every picture before a chat sees it, and says what becomes of it."""

import logging
from dataclasses import dataclass, replace

from bot.config import ModerationConfig
from bot.domain import LOCAL, Fate, Picture, ReplyTo
from bot.errors import InspectionFailed, StoreError, UnusablePicture
from bot.inspection.client import Inspector
from bot.inspection.messages import Opened, Rating
from bot.phrase import phrase
from bot.preferences import PreferenceStore

log = logging.getLogger(__name__)

FATES = {
    "allow": Fate.SHOWN,
    "spoiler": Fate.SPOILER,
    "blur": Fate.BLURRED,
    "hold": Fate.HELD,
    "drop": Fate.DROPPED,
}


@dataclass(frozen=True, slots=True)
class _Policy:
    """What a chat wants done about pictures from a rating on."""

    action: str
    threshold: float

    def finds(self, rating: Rating) -> bool:
        return rating.nsfw is not None and rating.nsfw >= self.threshold


class PictureCheck:
    """The picture policy of `[moderation]`, of the chat's own settings, and of channels that are
    for adults only. What an operator draws on their own machine is theirs to judge and is not
    looked at."""

    def __init__(
        self, inspector: Inspector, config: ModerationConfig, preferences: PreferenceStore
    ) -> None:
        self._inspector, self._config, self._preferences = inspector, config, preferences

    async def result(self, picture: Picture, to: ReplyTo) -> Picture:
        """A drawn picture with its rating and its fate in this chat.

        Raises:
            InspectionFailed: nobody could look at it.
            StoreError: nobody knows what the chat wants.
        """
        if self._blind(to):
            return picture
        policy = await self._policy(to)
        rating = await self._inspector.rate(picture.png)
        fate = FATES[policy.action] if policy.finds(rating) else Fate.SHOWN
        return replace(picture, nsfw=rating.nsfw, fate=fate)

    async def preview(self, jpeg: bytes, to: ReplyTo) -> bytes | None:
        """A preview, if it may be shown in this chat; whatever is done about results, a glimpse is
        not worth a veil."""
        if self._blind(to):
            return jpeg
        try:
            policy = await self._policy(to)
            if policy.action == "allow":
                return jpeg
            rating = await self._inspector.rate(jpeg)
        except (InspectionFailed, StoreError):
            return None  # told when the result cannot be looked at either
        return None if policy.finds(rating) else jpeg

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
        free |= to.age_restricted and self._config.age_restricted_sources == "allow"
        if not free:
            chosen, usual = await self._policy(to), self._config.picture_threshold
            # A chat's admins may be stricter about pictures of others, not milder.
            policy = replace(chosen, threshold=min(chosen.threshold, usual))
            if policy.finds(opened.rating):
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

    async def _policy(self, to: ReplyTo) -> _Policy:
        """The chat's settings, else the operator's."""
        chosen = (await self._preferences.of(to.chat, "")).chat
        if to.age_restricted:
            action = chosen.get("pictures-adult", self._config.age_restricted_action)
        else:
            action = chosen.get("pictures", self._config.picture_action)
        threshold = float(chosen.get("pictures-from", self._config.picture_threshold))
        return _Policy(action, threshold)
