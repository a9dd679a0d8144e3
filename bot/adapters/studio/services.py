"""What the routes of the studio share: the adapter's parts, and answers in the reader's words."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
from aiohttp import web

from bot.adapters.studio.auth import Sessions
from bot.adapters.studio.thumbnails import Thumbnails
from bot.adapters.studio.transcript import Transcript
from bot.adapters.studio.uploads import Sent, Uploads
from bot.adapters.studio.words import asked_tag
from bot.domain import Form
from bot.gallery import Gallery
from bot.phrase import Phrase
from bot.replies import language_for, say


class Pressed(msgspec.Struct, frozen=True):
    """A button of the page."""

    action: str
    argument: str
    message_id: str
    fields: dict[str, str] | None = None
    """What was filled into the form that the button has opened."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What comes of a press."""

    text: str = ""
    verbatim: bool = False
    files: tuple[str, ...] = ()
    """Addresses of pictures to be saved."""
    form: Form | None = None
    drawing: bool = False
    """Something is going to be drawn."""


class Heard(msgspec.Struct, frozen=True):
    """What became of a message of the page."""

    id: str
    refused: bool
    """Nothing will be drawn from it, and a note says why."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """What the routes need from the adapter."""

    host: str
    configured_language: str
    sessions: Sessions
    transcript: Transcript
    uploads: Uploads
    picture: Callable[[str, int], Awaitable[bytes | None]]
    thumbnails: Thumbnails
    gallery: Gallery
    said: Callable[[Sent, str | None], Awaitable[Heard]]
    """A message of the page and its language."""
    pressed: Callable[[Pressed, str | None], Awaitable[Told]]
    """What is answered to a press."""
    health: Callable[[], Mapping[str, object]]

    def language(self, request: web.Request) -> str:
        """The catalogue for this browser."""
        return language_for(asked_tag(request), self.configured_language)

    def problem(self, request: web.Request, status: int, what: Phrase) -> web.Response:
        """An error, as the sentence that the page shows."""
        return json_answer({"error": say(what, self.language(request))}, status)


def json_answer(data: object, status: int = 200) -> web.Response:
    """Data for the page's scripts."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(data),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
