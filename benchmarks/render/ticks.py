"""What becomes of a tick: a short request behind a long one, the host's share, rows and ways."""

import statistics
import time

import torch
from torch import Tensor

from benchmarks.figures import quickest
from benchmarks.render.sides import SAMPLERS, Ours, Subject
from bot.domain import RenderSpec
from bot.render.batch import Ask, UNetBatch
from bot.render.protocol import Draw
from bot.render.text import encode

_REQUESTS, _TICKS = 16, 20


def short_behind_long(ours: Ours, subject: Subject, rounds: int) -> dict[str, object]:
    """A 10-step request that arrives when one of 50 steps has just begun, to its time alone."""
    ratios = []
    for number in range(0, 4 * rounds, 4):
        alone, short = (subject.spec(number + i, 10, "DPM++ 2M", 3.0) for i in (0, 1))
        long = subject.spec(number + 2, 50, "DPM++ 2M", 3.0)
        ratios.append(ours.draw([long, short])[1] / ours.draw([alone])[0])
    return {"short_behind_long_ratio": round(statistics.median(ratios), 3)}


def host(ours: Ours, subject: Subject) -> dict[str, object]:
    """Milliseconds per request and tick beside the UNet, which answers at once with its input."""
    unet = ours.resident(subject.ref).model.unet
    forward, meter = unet.forward, ours.easel.meter
    limit, note = meter.limit, meter.note

    def instantly(sample: Tensor, *_: object, **__: object) -> tuple[Tensor]:
        return (sample,)

    unet.forward = instantly
    meter.limit = lambda key: 2 * _REQUESTS  # type: ignore[method-assign]  # for now
    meter.note = lambda *_, **__: None  # type: ignore[method-assign]  # this is not its time
    names = list(SAMPLERS)
    specs = [subject.spec(i, 60, names[i % len(names)], 3.0) for i in range(_REQUESTS)]
    try:
        seconds = min(_ticks(ours, specs) for _ in range(5))
    finally:
        unet.forward = forward
        meter.limit, meter.note = limit, note  # type: ignore[method-assign]  # back again
    return {"host_ms_per_request_tick": round(1000 * seconds / (_REQUESTS * _TICKS), 4)}


def _ticks(ours: Ours, specs: list[RenderSpec]) -> float:
    """Seconds of some ticks in the middle of the run, in which every request makes a step."""
    loop = ours.easel.loop
    for i, spec in enumerate(specs):
        loop.submit(Draw(job_id=str(i), spec=spec, inputs={}))
    loop.tick()
    start = time.perf_counter()
    for _ in range(_TICKS):
        loop.tick()
    spent = time.perf_counter() - start
    for i in range(len(specs)):
        loop.cancel(str(i))
    return spent


def rows(ours: Ours, subject: Subject, most: int = 64) -> dict[str, object]:
    """Rows of a call to rows a second: all cores on every operation, or each with its own rows.
    `rows_limit`: what the loop itself found at its start."""
    model = ours.resident(subject.ref).model
    cells = subject.side // model.latent_scale
    x = torch.randn(1, model.latent_channels, cells, cells, device=model.device)
    ask = Ask(x, 3.0, encode(model, ()), None, 1.0)
    batch = UNetBatch(model)
    found: dict[str, object] = {}
    for apart in (False, True):
        speeds = {}
        for count in (n for n in (1, 2, 4, 8, 16, 32, 64) if n <= most):
            if not apart or batch.can_part([ask] * count):
                best = quickest(lambda n=count, a=apart: _call(batch, [ask] * n, a), 4)  # type: ignore[misc]  # bound in the loop
                speeds[str(count)] = round(count / best, 1)
        if speeds:
            found["rows_per_s_apart" if apart else "rows_per_s"] = speeds
    return found


def _call(batch: UNetBatch, asks: list[Ask], apart: bool) -> None:
    batch.denoise(asks, apart=apart)
    if asks[0].x.device.type == "cuda":
        torch.cuda.synchronize()
