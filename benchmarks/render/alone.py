"""A lone request: beside the bare pipeline, and what the border of the render process costs."""

import asyncio
import statistics
import time
from pathlib import Path

from benchmarks.figures import median_interval
from benchmarks.render.sides import Ours, Subject, Theirs
from bot.config import RenderConfig
from bot.domain import PictureDone, RenderSpec
from bot.render.client import RenderClient

_STEPS, _SAMPLER, _CFG = 20, "DPM++ 2M", 3.0
_WARM_UP = 2


def lone(ours: Ours, theirs: Theirs, subject: Subject, pairs: int) -> dict[str, object]:
    """Text in to pixels out in one process, in turn; no two pairs have the same words."""
    ratios = []
    for number in range(pairs + _WARM_UP):
        spec = [subject.spec(number, _STEPS, _SAMPLER, _CFG)]
        order = (ours.draw, theirs.draw) if number % 2 else (theirs.draw, ours.draw)
        times = {draw: draw(spec)[0] for draw in order}
        ratios.append(times[ours.draw] / times[theirs.draw])
    ratios = ratios[_WARM_UP:]
    low, high = median_interval(ratios)
    return {
        "lone_ratio": round(statistics.median(ratios), 3),
        "lone_ratio_95": [round(low, 3), round(high, 3)],
        "lone_pairs": pairs,
    }


def border(
    ours: Ours, subject: Subject, config: RenderConfig, data: Path, tries: int
) -> dict[str, object]:
    """How much longer a lone request takes through the bot's client and a real render process than
    in this one; to the PNG either way."""
    specs = [subject.spec(1000 + i, _STEPS, _SAMPLER, _CFG) for i in range(tries + _WARM_UP)]
    pairs = asyncio.run(_in_turn(ours, specs, config, data))[_WARM_UP:]
    extra = [1000 * (there - here) for here, there in pairs]
    low, high = median_interval(extra)
    return {
        "border_ms": round(statistics.median(extra), 2),
        "border_ms_95": [round(low, 2), round(high, 2)],
    }


async def _in_turn(
    ours: Ours, specs: list[RenderSpec], config: RenderConfig, data: Path
) -> list[tuple[float, float]]:
    """Seconds of each request here and through the client."""
    pairs = []
    async with RenderClient(config, data) as client:
        await client.wait_ready()
        for number, spec in enumerate(specs):
            here = ours.draw_packed(spec)
            start = time.perf_counter()
            async for event in client.render(str(number), spec, {}):
                if isinstance(event, PictureDone):
                    pairs.append((here, time.perf_counter() - start))
    return pairs
