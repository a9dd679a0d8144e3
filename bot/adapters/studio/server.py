"""The HTTP side of the studio: pages, the stream of events, and what the page sends."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.adapters.studio import words
from bot.adapters.studio.auth import COOKIE, SESSION_S, Sessions
from bot.adapters.studio.guard import add_headers, guard
from bot.adapters.studio.transcript import Transcript
from bot.adapters.studio.uploads import (
    MOST_BYTES,
    NotAForm,
    Sent,
    TooLarge,
    Uploads,
    content_type,
    read,
)
from bot.conversation import COMMANDS
from bot.phrase import Phrase, phrase
from bot.replies import language_for, say

log = logging.getLogger(__name__)

PAGE = Path(__file__).with_name("page")
# Spelt out because Windows' registry may say that a script is plain text.
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_OPEN = ("/login", "/healthz")


class Pressed(msgspec.Struct, frozen=True):
    """A button of the page."""

    action: str
    argument: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Services:
    """What the routes need from the adapter."""

    host: str
    language: str
    sessions: Sessions
    transcript: Transcript
    uploads: Uploads
    picture: Callable[[str, int], Awaitable[bytes | None]]
    said: Callable[[Sent, str | None], Awaitable[str]]
    """A message of the page and its language; the message's id."""
    pressed: Callable[[Pressed, str | None], Awaitable[str]]
    """What is answered to a press."""
    health: Callable[[], Mapping[str, object]]


def build(services: Services) -> web.Application:
    """The web application, ready for a runner."""
    routes = _Routes(services)
    app = web.Application(
        middlewares=[guard(services.host), routes.ask_for_password], client_max_size=64 * 1024
    )
    app.add_routes(
        [
            web.get("/", routes.page),
            web.get("/login", routes.login_page),
            web.post("/login", routes.log_in),
            web.get("/static/{name}", routes.static),
            web.get("/healthz", routes.healthz),
            web.get("/api/words", routes.words),
            web.get("/api/events", routes.events),
            web.post("/api/messages", routes.say),
            web.post("/api/press", routes.press),
            web.get(r"/api/pictures/{job:\w+}/{index:\d{1,3}}.png", routes.picture),
            web.get(r"/api/uploads/{id:\d+}", routes.upload),
        ]
    )
    app.on_response_prepare.append(add_headers)

    async def end_streams(_: web.Application) -> None:
        services.transcript.close()

    app.on_shutdown.append(end_streams)
    return app


class _Routes:
    def __init__(self, services: Services) -> None:
        self._with = services
        self._static = {
            file.name: file.read_bytes() for file in PAGE.iterdir() if file.suffix in _TYPES
        }
        self._page = (PAGE / "index.html").read_text("utf-8")
        self._login = (PAGE / "login.html").read_text("utf-8")

    @web.middleware
    async def ask_for_password(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path
        if (
            path in _OPEN
            or path.startswith("/static/")
            or self._with.sessions.admits(request.cookies.get(COOKIE, ""))
        ):
            return await handler(request)
        if path.startswith("/api/"):
            return self._problem(request, 401, phrase("studio-log-in-again"))
        raise web.HTTPSeeOther("/login")

    async def page(self, request: web.Request) -> web.Response:
        return self._html(request, self._page)

    async def login_page(self, request: web.Request) -> web.Response:
        return self._html(request, self._login)

    async def log_in(self, request: web.Request) -> web.Response:
        sessions, address = self._with.sessions, request.remote or ""
        if wait := sessions.throttle.wait_s(address):
            return self._not_in(request, 429, phrase("studio-guess-later", seconds=wait))
        form = await request.post()
        token = sessions.log_in(str(form.get("password", "")), address)
        if token is None:
            log.warning("studio: wrong password from %s", address)
            return self._not_in(request, 401, phrase("studio-wrong-password"))
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_S,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )
        return answer

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = self._static.get(name)
        if body is None:
            raise web.HTTPNotFound
        return web.Response(
            body=body,
            content_type=_TYPES[Path(name).suffix],
            charset="utf-8",
            headers={"Cache-Control": "no-cache"},
        )

    async def healthz(self, _: web.Request) -> web.Response:
        return _json({"ok": True, **self._with.health()})

    async def words(self, request: web.Request) -> web.Response:
        language = self._language(request)
        return _json(
            {
                "language": language,
                "most_bytes": MOST_BYTES,
                "too_large": say(_TOO_LARGE, language),
                "commands": [
                    {
                        "name": command.name,
                        "description": say(phrase(command.description), language),
                    }
                    for command in COMMANDS
                ],
                "words": words.page_words(language),
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
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

    async def say(self, request: web.Request) -> web.Response:
        try:
            sent = await read(request)
        except TooLarge:
            return self._problem(request, 413, _TOO_LARGE)
        except NotAForm:
            return self._problem(request, 400, phrase("studio-unreadable"))
        message_id = await self._with.said(sent, words.asked_tag(request))
        return _json({"id": message_id}, status=202)

    async def press(self, request: web.Request) -> web.Response:
        try:
            pressed = msgspec.json.decode(await request.read(), type=Pressed)
        except msgspec.MsgspecError:
            return self._problem(request, 400, phrase("studio-unreadable"))
        return _json({"text": await self._with.pressed(pressed, words.asked_tag(request))})

    async def picture(self, request: web.Request) -> web.Response:
        job, index = request.match_info["job"], int(request.match_info["index"])
        png = await self._with.picture(job, index)
        if png is None:
            return self._problem(request, 404, phrase("studio-page-picture-gone"))
        return _image(png, "image/png", f"chatelier-{job}-{index}.png")

    async def upload(self, request: web.Request) -> web.Response:
        image = self._with.uploads.get(request.match_info["id"])
        if image is None:
            return self._problem(request, 404, phrase("studio-page-picture-gone"))
        return _image(image, content_type(image))

    def _language(self, request: web.Request) -> str:
        return language_for(words.asked_tag(request), self._with.language)

    def _html(
        self, request: web.Request, template: str, status: int = 200, problem: str = ""
    ) -> web.Response:
        return web.Response(
            status=status,
            text=words.fill(template, self._language(request), problem=problem),
            content_type="text/html",
            headers={"Cache-Control": "no-store", "Vary": "Accept-Language"},
        )

    def _not_in(self, request: web.Request, status: int, problem: Phrase) -> web.Response:
        sentence = say(problem, self._language(request))
        return self._html(request, self._login, status, sentence)

    def _problem(self, request: web.Request, status: int, problem: Phrase) -> web.Response:
        return _json({"error": say(problem, self._language(request))}, status=status)


_TOO_LARGE = phrase("studio-too-large", most=MOST_BYTES // 2**20)


def _json(data: object, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(data),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _image(content: bytes, kind: str, name: str = "") -> web.Response:
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    if name:
        headers["Content-Disposition"] = f'inline; filename="{name}"'
    return web.Response(body=content, content_type=kind, headers=headers)
