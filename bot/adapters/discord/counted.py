"""The library's HTTP calls, counted."""

import asyncio
from types import SimpleNamespace

import aiohttp

from bot import metrics
from bot.domain import Platform


def counting() -> aiohttp.TraceConfig:
    """Told by aiohttp of each call; counts it by status and times it."""
    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(_began)
    trace.on_request_end.append(_ended)
    trace.on_request_exception.append(_failed)
    return trace


async def _began(_: object, call: SimpleNamespace, __: object) -> None:
    call.began = asyncio.get_running_loop().time()


async def _ended(_: object, call: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
    _count(call, end.response.status)


async def _failed(_: object, call: SimpleNamespace, __: object) -> None:
    _count(call, 0)


def _count(call: SimpleNamespace, status: int) -> None:
    metrics.API_CALLS.labels(Platform.DISCORD, status).inc()
    took = asyncio.get_running_loop().time() - call.began
    if status != 101:  # the gateway itself, which is open for days
        metrics.API_SECONDS.labels(Platform.DISCORD).observe(took)
