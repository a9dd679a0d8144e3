"""A hub of models on loopback: the API's description of a model, files with ranges, and faults."""

import hashlib
from typing import Any, Self

from aiohttp import web


class Hub:
    """Use as `async with`; `files` is what one model, `ann/dream`, has."""

    def __init__(
        self, files: dict[str, bytes], *, licence: str = "openrail", tag: str = '"v1"'
    ) -> None:
        self.files, self.licence, self.tag = files, licence, tag
        self.base = ""
        self.break_after: list[int] = []
        """Cut the next answers after so many bytes."""
        self.token = ""
        """Ask for this one."""
        self.sent: list[tuple[str, str]] = []
        """Path and range of every file that was asked for."""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/api/models/ann/dream", self._describe)
        app.router.add_get("/ann/dream/resolve/main/{name:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def address(self, name: str) -> str:
        """Of a file, as anybody may link to it."""
        return f"{self.base}/ann/dream/resolve/main/{name}"

    def _refused(self, request: web.Request) -> bool:
        return bool(self.token) and request.headers.get("Authorization") != f"Bearer {self.token}"

    async def _describe(self, request: web.Request) -> web.Response:
        if self._refused(request):
            return web.Response(status=401)
        told: dict[str, Any] = {"id": "ann/dream", "tags": [f"license:{self.licence}"]}
        told["siblings"] = [
            {
                "rfilename": name,
                "size": len(data),
                "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)},
            }
            for name, data in self.files.items()
        ]
        return web.json_response(told)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.sent.append((name, request.headers.get("Range", "")))
        if self._refused(request):
            return web.Response(status=403)
        if name not in self.files:
            return web.Response(status=404)
        data, first = self.files[name], 0
        asked = request.http_range.start
        if asked is not None and request.headers.get("If-Range", self.tag) == self.tag:
            first = asked
        headers = {"ETag": self.tag, "Accept-Ranges": "bytes"}
        if first >= len(data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        if first:
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        headers["Content-Length"] = str(len(data) - first)
        answer = web.StreamResponse(status=206 if first else 200, headers=headers)
        await answer.prepare(request)
        rest = data[first:]
        if self.break_after:
            await answer.write(rest[: self.break_after.pop(0)])
            assert request.transport is not None
            request.transport.close()
            return answer
        await answer.write(rest)
        return answer
