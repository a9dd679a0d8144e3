"""What a browser loads: the page, its files and words, and the login before it."""

import logging
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.adapters.studio.auth import COOKIE, SESSION_S
from bot.adapters.studio.services import Services, json_answer
from bot.adapters.studio.uploads import MOST_BYTES, TOO_LARGE
from bot.adapters.studio.words import fill, page_words
from bot.conversation import COMMANDS
from bot.phrase import Phrase, phrase
from bot.replies import say

log = logging.getLogger(__name__)

PAGE = Path(__file__).with_name("page")
# Spelt out because Windows' registry may say that a script is plain text.
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_OPEN = ("/login", "/healthz")


class Pages:
    """Serves files from memory; nothing but the files of `page/` can be asked for."""

    def __init__(self, services: Services) -> None:
        self._with = services
        self._static = {
            file.name: file.read_bytes() for file in PAGE.iterdir() if file.suffix in _TYPES
        }
        self._index = (PAGE / "index.html").read_text("utf-8")
        self._login = (PAGE / "login.html").read_text("utf-8")

    def routes(self) -> list[web.RouteDef]:
        """Everything but `/api/`, and the words."""
        return [
            web.get("/", self._show_index),
            web.get("/login", self._show_login),
            web.post("/login", self._log_in),
            web.get("/static/{name}", self._show_file),
            web.get("/api/words", self._tell_words),
        ]

    @web.middleware
    async def ask_for_password(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware: only those who gave the password pass, where there is one."""
        path = request.path
        if (
            path in _OPEN
            or path.startswith("/static/")
            or self._with.sessions.admits(request.cookies.get(COOKIE, ""))
        ):
            return await handler(request)
        if path.startswith("/api/"):
            return self._with.problem(request, 401, phrase("studio-log-in-again"))
        raise web.HTTPSeeOther("/login")

    async def _show_index(self, request: web.Request) -> web.Response:
        return self._html(request, self._index)

    async def _show_login(self, request: web.Request) -> web.Response:
        return self._html(request, self._login)

    async def _log_in(self, request: web.Request) -> web.Response:
        sessions, address = self._with.sessions, request.remote or ""
        guess = str((await request.post()).get("password", ""))
        # Nothing is awaited from here on: guesses sent all at once must not slip past together.
        if wait := sessions.throttle.wait_s(address):
            return self._stay_out(request, 429, phrase("studio-guess-later", seconds=wait))
        token = sessions.log_in(guess, address)
        if token is None:
            log.warning("studio: wrong password from %s", address)
            return self._stay_out(request, 401, phrase("studio-wrong-password"))
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

    async def _show_file(self, request: web.Request) -> web.Response:
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

    async def _tell_words(self, request: web.Request) -> web.Response:
        language = self._with.language(request)
        return json_answer(
            {
                "most_bytes": MOST_BYTES,
                "too_large": say(TOO_LARGE, language),
                "commands": [
                    {
                        "name": command.name,
                        "description": say(phrase(command.description), language),
                    }
                    for command in COMMANDS
                ],
                "words": page_words(language),
            }
        )

    def _html(
        self, request: web.Request, template: str, status: int = 200, problem: str = ""
    ) -> web.Response:
        return web.Response(
            status=status,
            text=fill(template, self._with.language(request), problem=problem),
            content_type="text/html",
            headers={"Cache-Control": "no-store", "Vary": "Accept-Language"},
        )

    def _stay_out(self, request: web.Request, status: int, problem: Phrase) -> web.Response:
        sentence = say(problem, self._with.language(request))
        return self._html(request, self._login, status, sentence)
