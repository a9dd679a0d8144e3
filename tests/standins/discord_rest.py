"""The REST calls that a bot makes, checked and recorded; faults on demand."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.standins.discord_strict import Refused
from tests.standins.discord_world import Stored, User


@dataclass
class Call:
    """One call as it was made and answered."""

    method: str
    path: str
    json: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 0
    answer: Any = None
    at: float = 0.0
    seen: bool = False


@dataclass
class Fault:
    """What goes wrong with the next calls that fit."""

    method: str
    path: str
    status: int = 500
    code: int = 0
    retry_after: float | None = None
    via: bool = True
    reset: bool = False
    """Close the connection without an answer."""
    performed: bool = False
    """Do what was asked, then lose the answer."""
    garbled: bool = False
    """Answer with something that is no JSON."""
    hold: asyncio.Event | None = None
    """Wait for this before anything else; no other fault."""
    times: int = 1


@dataclass
class Issued:
    """An interaction and what became of it."""

    id: str
    token: str
    type: int
    user: User
    channel_id: str
    born: float
    began: float
    raw: dict[str, Any]
    acknowledged_after: float | None = None
    kind: int | None = None
    private: bool = False
    response: Stored | None = None
    thinking: bool = False
    deleted: bool = False
    modal: dict[str, Any] | None = None
    choices: list[Any] | None = None
    follow_ups: list[Stored] = field(default_factory=list)


NONSENSE = "<html><body>One moment please</body></html>"
"""What a proxy on the way may say."""

Answer = tuple[int, Any]
Handler = Callable[..., Answer]


class Rest:
    """Dispatches, records, breaks."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._routes: list[tuple[str, re.Pattern[str], Handler, bool]] = []
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    def route(self, method: str, pattern: str, handler: Handler, *, auth: bool = True) -> None:
        self._routes.append((method, re.compile(f"/api/v10{pattern}"), handler, auth))

    # Waiting ----------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], Any], timeout: float = 10.0) -> Any:
        """The first true value of `condition`, looked at after every call and event."""
        if value := condition():
            return value
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((condition, future))
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise AssertionError(f"did not happen; calls: {self.summary()}") from None

    def changed(self) -> None:
        """Something happened."""
        for entry in list(self._waiting):
            condition, future = entry
            if future.done():
                self._waiting.remove(entry)
            elif value := condition():
                self._waiting.remove(entry)
                future.set_result(value)

    def summary(self) -> list[str]:
        return [f"{c.method} {c.path} {c.status}" for c in self.calls]

    # Serving ----------------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.StreamResponse:
        call = Call(request.method, request.path, at=time.monotonic())
        call.json, call.files = await _body(request)
        self.calls.append(call)
        fault = self._fault(call)
        if fault and fault.hold:
            await fault.hold.wait()
            fault = None
        if fault and not fault.performed:
            return self._break(request, call, fault)
        try:
            call.status, call.answer = self._answer(request, call)
        except Refused as refused:
            call.status, call.answer = refused.status, refused.body
        if fault:
            return self._break(request, call, fault)
        self.changed()
        return self._respond(call)

    def _answer(self, request: web.Request, call: Call) -> Answer:
        for method, pattern, handler, auth in self._routes:
            found = pattern.fullmatch(call.path)
            if method != call.method or not found:
                continue
            if auth and request.headers.get("Authorization") != f"Bot {self._token}":
                raise Refused(401)
            return handler(call, request.query, *found.groups())
        raise AssertionError(f"no such call in the stand-in: {call.method} {call.path}")

    def _respond(self, call: Call, headers: dict[str, str] | None = None) -> web.Response:
        known = {
            "X-RateLimit-Limit": "50",
            "X-RateLimit-Remaining": "49",
            "X-RateLimit-Reset": f"{time.time() + 1:.3f}",
            "X-RateLimit-Reset-After": "1.000",
            "X-RateLimit-Bucket": re.sub(r"\d+", "n", f"{call.method}{call.path}")[:40],
            "Via": "1.1 google",
            **(headers or {}),
        }
        if call.status == 204:
            return web.Response(status=204, headers=known)
        body = json.dumps(call.answer).encode()
        # discord.py reads JSON only where the type stands without a charset.
        known["Content-Type"] = "application/json"
        return web.Response(status=call.status, body=body, headers=known)

    def _fault(self, call: Call) -> Fault | None:
        for fault in self.faults:
            if fault.method == call.method and re.search(fault.path, call.path):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def _break(self, request: web.Request, call: Call, fault: Fault) -> web.Response:
        if fault.reset:
            call.status = -1
            assert request.transport is not None
            request.transport.abort()
            self.changed()
            return web.Response()
        if fault.garbled:
            call.status = 200
            self.changed()
            return web.Response(text=NONSENSE, content_type="text/html")
        call.status = fault.status
        call.answer = Refused(fault.status, fault.code).body
        headers = {}
        if fault.retry_after is not None:
            call.answer |= {"retry_after": fault.retry_after, "global": False}
            headers = {"Retry-After": f"{fault.retry_after:g}", "X-RateLimit-Scope": "user"}
        response = self._respond(call, headers)
        if not fault.via:
            del response.headers["Via"]
        self.changed()
        return response


async def _body(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    if request.content_type == "multipart/form-data":
        payload: Any = None
        files: dict[str, bytes] = {}
        async for part in await request.multipart():
            if part.name == "payload_json":
                payload = json.loads(await part.text())
            else:
                files[part.filename] = bytes(await part.read())
        return payload, files
    text = await request.text()
    return (json.loads(text) if text else None), {}
