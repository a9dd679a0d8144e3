"""/metrics and /healthz over HTTP, on this machine unless told otherwise."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bot.app import App
from bot.config import MetricsConfig
from bot.errors import StoreError
from bot.metrics import REGISTRY
from bot.watching.collect import Collector

log = logging.getLogger(__name__)

_STORE_S = 5.0
"""A database that does not answer a question within this time is ill."""


@asynccontextmanager
async def watched(app: App, config: MetricsConfig) -> AsyncIterator[str]:
    """Answer while the block runs; gives the address, "" where nothing listens.

    A port that is taken is no reason not to draw: it is logged.
    """
    if not config.enabled:
        yield ""
        return
    runner = web.AppRunner(_routes(app), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, config.host, config.port).start()
        except OSError as error:
            log.warning(
                "metrics: %s:%d cannot be used (%s); `chatelier top` and /metrics are off. Choose"
                " another [metrics] port",
                config.host,
                config.port,
                os.strerror(error.errno) if error.errno and error.errno > 0 else error,
            )
            yield ""
            return
        port = runner.addresses[0][1]
        yield f"http://{config.host}:{port}"
    finally:
        await runner.cleanup()


def _routes(app: App) -> web.Application:
    looked_up = CollectorRegistry()
    looked_up.register(Collector(app))

    async def metrics(_: web.Request) -> web.Response:
        content = generate_latest(REGISTRY) + generate_latest(looked_up)
        return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthz(_: web.Request) -> web.Response:
        health = await health_of(app)
        status = 200 if health["healthy"] else 503
        return web.Response(text=json.dumps(health), status=status, content_type="application/json")

    routes = web.Application()
    routes.router.add_get("/metrics", metrics)
    routes.router.add_get("/healthz", healthz)
    return routes


async def health_of(app: App) -> dict[str, object]:
    """`healthy`: requests can be taken and are drawn, now or once the models are loaded."""
    try:
        async with asyncio.timeout(_STORE_S):
            await app.settings.fact("pace")
        store = "ready"
    except (StoreError, TimeoutError):
        store = "ailing"
    renderer = app.renderer.state.phase
    return {
        "healthy": store == "ready" and renderer.value != "restarting",
        "renderer": renderer.value,
        "store": store,
        "waiting": len(app.queue),
    }
