"""The HTTP side of the studio: the stream of events, and what the page sends."""

import msgspec
from aiohttp import web

from bot.adapters.studio.guard import add_headers, guard
from bot.adapters.studio.pages import Pages
from bot.adapters.studio.services import Pressed, Services, json_answer
from bot.adapters.studio.shelf import Shelf
from bot.adapters.studio.uploads import TOO_LARGE, NotAForm, TooLarge, content_type, read
from bot.adapters.studio.words import asked_tag
from bot.phrase import phrase

_MOST_FORM = 64 * 1024
"""Bytes of any body but a message, which counts for itself."""


def build(services: Services, chat_id: str) -> web.Application:
    """The web application, ready for a runner; its gallery shows the pictures of `chat_id`."""
    pages, talk, shelf = Pages(services), _Talk(services), Shelf(services, chat_id)
    app = web.Application(
        middlewares=[guard(services.host), pages.ask_for_password], client_max_size=_MOST_FORM
    )
    app.add_routes([*pages.routes(), *talk.routes(), *shelf.routes()])
    app.on_response_prepare.append(add_headers)

    async def end_streams(_: web.Application) -> None:
        services.transcript.close()

    app.on_shutdown.append(end_streams)
    return app


class _Talk:
    """What page and bot say to each other, and the pictures."""

    def __init__(self, services: Services) -> None:
        self._with = services

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self._tell_health),
            web.get("/api/events", self._tell_events),
            web.post("/api/messages", self._hear_message),
            web.post("/api/press", self._hear_press),
            web.get(r"/api/pictures/{job:\w+}/{index:\d{1,3}}.png", self._show_picture),
            web.get(r"/api/uploads/{id:\d+}", self._show_upload),
        ]

    async def _tell_health(self, _: web.Request) -> web.Response:
        return json_answer({"ok": True, **self._with.health()})

    async def _tell_events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await answer.prepare(request)
        place = request.headers.get("Last-Event-ID", "")
        try:
            async for event in self._with.transcript.changes(place):
                await answer.write(event)
        except ConnectionResetError:
            pass  # The page was closed.
        return answer

    async def _hear_message(self, request: web.Request) -> web.Response:
        try:
            sent = await read(request)
        except TooLarge:
            return self._with.problem(request, 413, TOO_LARGE)
        except NotAForm:
            return self._with.problem(request, 400, phrase("studio-unreadable"))
        return json_answer(await self._with.said(sent, asked_tag(request)), 202)

    async def _hear_press(self, request: web.Request) -> web.Response:
        try:
            pressed = msgspec.json.decode(await request.read(), type=Pressed)
        except msgspec.MsgspecError:
            return self._with.problem(request, 400, phrase("studio-unreadable"))
        return json_answer(await self._with.pressed(pressed, asked_tag(request)))

    async def _show_picture(self, request: web.Request) -> web.Response:
        job, index = request.match_info["job"], int(request.match_info["index"])
        png = await self._with.picture(job, index)
        return self._image(request, png, f"chatelier-{job}-{index}.png")

    async def _show_upload(self, request: web.Request) -> web.Response:
        return self._image(request, self._with.uploads.get(request.match_info["id"]))

    def _image(self, request: web.Request, image: bytes | None, name: str = "") -> web.Response:
        if image is None:
            return self._with.problem(request, 404, phrase("studio-page-picture-gone"))
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        if name:
            headers["Content-Disposition"] = f'inline; filename="{name}"'
        return web.Response(body=image, content_type=content_type(image), headers=headers)
