"""The gallery of the page: what was drawn here, found and told page by page."""

import msgspec
from aiohttp import web

from bot.adapters.studio.bubble import ShownPicture, shown_buttons, shown_picture
from bot.adapters.studio.services import Services, json_answer
from bot.domain import Button, Fate, Platform
from bot.gallery import Found, Place
from bot.phrase import phrase
from bot.replies import say
from bot.replies.buttons import result_buttons

PAGE = 60
"""Pictures that are told at once: more than fit into a window."""
_LONGEST_SEARCH = 500


class Hung(msgspec.Struct, frozen=True):
    """One picture of the gallery."""

    picture: ShownPicture
    thumbnail: str
    prompt: str
    model: str
    at: float
    spoiler: bool
    buttons: tuple[Button, ...]


class Shelf:
    """Routes of the gallery. `chat_id`: whose pictures are told."""

    def __init__(self, services: Services, chat_id: str) -> None:
        self._with = services
        self._chat_id = chat_id

    def routes(self) -> list[web.RouteDef]:
        """The search, and the small copies."""
        return [
            web.get("/api/gallery", self._search),
            web.get(r"/api/thumbnails/{job:\w+}/{index:\d{1,3}}.webp", self._show_thumbnail),
        ]

    async def _search(self, request: web.Request) -> web.Response:
        gallery, where = self._with.gallery, (Platform.STUDIO, self._chat_id)
        words = request.query.get("words", "")[:_LONGEST_SEARCH]
        behind = Place.read(request.query.get("behind", ""))
        language = self._with.language(request)
        found, rest = await gallery.page(*where, words, behind=behind, most=PAGE)
        told: dict[str, object] = {
            "pictures": [_hung(item, language) for item in found],
            "behind": str(rest) if rest else None,
        }
        if behind is None:
            count = await gallery.count(*where, words)
            key = "studio-found" if words.strip() else "studio-pictures"
            told["count"] = say(phrase(key, count=count), language)
        return json_answer(told)

    async def _show_thumbnail(self, request: web.Request) -> web.Response:
        job, index = request.match_info["job"], int(request.match_info["index"])
        made = await self._with.thumbnails.get(job, index)
        if made is None:
            return self._with.problem(request, 404, phrase("studio-page-picture-gone"))
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        return web.Response(body=made, content_type="image/webp", headers=headers)


def _hung(item: Found, language: str) -> Hung:
    job, picture = item.job, item.picture
    return Hung(
        picture=shown_picture(job.id, picture, item.message_id),
        thumbnail=f"/api/thumbnails/{job.id}/{picture.index}.webp",
        prompt=job.spec.words(picture.index),
        model=job.spec.checkpoint.name,
        at=job.accepted_at,
        spoiler=job.spoiler or picture.fate is Fate.SPOILER,
        buttons=shown_buttons(result_buttons(job, [picture], language)),
    )
