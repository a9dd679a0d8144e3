"""Calls as they come over HTTP, and what tests order to happen to them."""

import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.standins.telegram_methods import Refused
from tests.standins.telegram_world import Json


@dataclass
class Call:
    """One call of the bot; `answer` is what it got (None: nothing at all)."""

    method: str
    p: Json
    files: dict[str, bytes]
    answer: Any = None
    ok: bool = False
    noted: bool = False
    lost: bool = False
    """It was done, and the bot was not told."""
    at: float = field(default_factory=time.monotonic)
    """Seconds on the clock of `time.monotonic` when it came."""


@dataclass
class Fault:
    """What happens instead of a proper answer, `times` times."""

    method: str
    refused: Refused | None = None
    deliver: bool = False
    hold: bool = False
    garbled: bool = False
    times: int = 1
    chat: int | None = None

    def meets(self, method: str, p: Json) -> bool:
        here = self.chat is None or p.get("chat_id") == self.chat
        return self.times > 0 and self.method == method and here


NONSENSE = "<html><body>One moment please</body></html>"
"""What a proxy on the way may say, with status 200."""


def answer(refused: Refused) -> web.Response:
    body: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.code)


async def read_form(request: web.Request) -> tuple[dict[str, str], dict[str, bytes]]:
    texts = dict(request.query)
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file as file:  # aiohttp closes it only where an answer is sent
                files[name] = file.read()
        elif isinstance(value, str):
            texts[name] = value
    return texts, files


def attach(p: Json, files: dict[str, bytes], problems: list[str]) -> list[str]:
    """Put uploaded bytes where the parameters speak of them."""
    unused = set(files)
    for name in [n for n in files if n in ("photo", "document")]:
        p[name] = files[name]
        unused.discard(name)
        problems = [q for q in problems if not q.endswith(f" lacks {name}")]
    media = p.get("media")
    for item in media if isinstance(media, list) else [media] if media else []:
        name = item.get("media", "").removeprefix("attach://")
        if name not in files:
            problems = [*problems, f"no file for {item.get('media')!r}"]
        else:
            item["media"] = files[name]
            unused.discard(name)
    return problems + [f"file {name} belongs to nothing" for name in unused]
