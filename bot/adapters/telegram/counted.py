"""The library's HTTP client, with its calls counted."""

import time
from typing import Any

from telegram.request import HTTPXRequest

from bot import metrics
from bot.domain import Platform


class CountedRequest(HTTPXRequest):
    """Counts calls by status; times them, unless they are meant to wait."""

    __slots__ = ("_waits",)

    def __init__(self, *, waits: bool = False, **options: Any) -> None:
        """`waits`: long polls go through this one."""
        super().__init__(**options)
        self._waits = waits

    async def do_request(self, *arguments: Any, **named: Any) -> tuple[int, bytes]:
        """As its parent does."""
        begun, status = time.monotonic(), 0
        try:
            status, content = await super().do_request(*arguments, **named)
            return status, content
        finally:
            metrics.API_CALLS.labels(Platform.TELEGRAM, status).inc()
            if not self._waits:
                metrics.API_SECONDS.labels(Platform.TELEGRAM).observe(time.monotonic() - begun)
