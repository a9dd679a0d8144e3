"""The gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME, compressed as it is asked."""

import json
import zlib
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)
INTENT_OF = {"GUILD_CREATE": 1 << 0, "MESSAGE_CREATE": 1 << 9, "DIRECT": 1 << 12}


class Session:
    """One identified session; survives its socket for a RESUME."""

    def __init__(self, session_id: str, intents: int) -> None:
        self.id = session_id
        self.intents = intents
        self.sent: list[dict[str, Any]] = []
        self.socket: web.WebSocketResponse | None = None
        self.deflate: Any = None

    async def dispatch(self, event: str, data: Any) -> None:
        """Send an event, or keep it until the session is resumed."""
        payload = {"op": 0, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(payload)
        await self.send(payload)

    async def send(self, payload: dict[str, Any]) -> None:
        if self.socket is None or self.socket.closed:
            return
        text = json.dumps(payload)
        if self.deflate is None:
            await self.socket.send_str(text)
        else:
            packed = self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(packed)


class Gateway:
    """Serves `/gateway`."""

    def __init__(
        self,
        *,
        token: str,
        ready: Callable[[], dict[str, Any]],
        after_ready: Callable[[], list[tuple[str, Any]]],
        changed: Callable[[], None],
    ) -> None:
        self._token = token
        self._ready = ready
        self._after_ready = after_ready
        self._changed = changed
        self.session: Session | None = None
        self.identified: list[dict[str, Any]] = []
        self.resumed = 0
        self.presences: list[dict[str, Any]] = []
        """Each as it was sent, oldest first."""
        self.refuse_with: int | None = None
        """Close code for the next IDENTIFY."""

    @property
    def connected(self) -> bool:
        s = self.session
        return s is not None and s.socket is not None and not s.socket.closed

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        if request.query["v"] != "10" or request.query["encoding"] != "json":
            raise web.HTTPBadRequest
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        one = Session("", 0)
        one.socket = socket
        if request.query.get("compress") == "zlib-stream":
            one.deflate = zlib.compressobj()
        elif "compress" in request.query:
            raise AssertionError(f"compression {request.query['compress']} is not served")
        await one.send({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                one = await self._heard(json.loads(frame.data), one)
        self._changed()
        return socket

    async def _heard(self, payload: dict[str, Any], one: Session) -> Session:
        match payload["op"]:
            case 1:
                await one.send({"op": 11, "d": None, "s": None, "t": None})
            case 2:
                return await self._identify(payload["d"], one)
            case 6:
                return await self._resume(payload["d"], one)
            case 3:
                self.presences.append(payload["d"])
                self._changed()
            case other:
                raise AssertionError(f"unexpected opcode {other}")
        return one

    async def _identify(self, data: dict[str, Any], one: Session) -> Session:
        assert one.socket is not None
        self.identified.append(data)
        if code := self._refusal(data):
            await one.socket.close(code=code)
            return one
        self.session = one
        one.id, one.intents = f"session{len(self.identified)}", data["intents"]
        await one.dispatch("READY", self._ready() | {"session_id": one.id})
        for event, body in self._after_ready():
            await one.dispatch(event, body)
        self._changed()
        return one

    def _refusal(self, data: dict[str, Any]) -> int | None:
        if self.refuse_with is not None:
            return self.refuse_with
        if data["token"] != self._token:
            return 4004
        return 4014 if data["intents"] & PRIVILEGED else None

    async def _resume(self, data: dict[str, Any], one: Session) -> Session:
        known = self.session
        if known is None or known.id != data["session_id"] or data["token"] != self._token:
            await one.send({"op": 9, "d": False, "s": None, "t": None})
            return one
        known.socket, known.deflate = one.socket, one.deflate
        for payload in known.sent[data["seq"] :]:
            await known.send(payload)
        await known.dispatch("RESUMED", {})
        self.resumed += 1
        self._changed()
        return known

    async def emit(self, event: str, data: Any, *, private: bool = False) -> None:
        """An event for the bot, if its intents ask for it."""
        assert self.session is not None, "the bot has not connected"
        needed = INTENT_OF.get("DIRECT" if event == "MESSAGE_CREATE" and private else event, 0)
        if not needed or self.session.intents & needed:
            await self.session.dispatch(event, data)

    async def drop(self, code: int = 4000) -> None:
        """Close the socket; the session may be resumed."""
        assert self.session is not None
        assert self.session.socket is not None
        await self.session.socket.close(code=code)
