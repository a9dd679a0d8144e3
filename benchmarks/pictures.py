"""Damaged and hostile pictures against the process that opens them.

Sound pictures of every accepted format are broken in seeded ways: bytes flipped, cut, repeated,
sizes in headers falsified, blocks swapped, another format's head put on. Figures: `deaths` of the
process (its limits of time and memory are deaths too); `slowest_s`; `most_mb`, the largest growth
of its memory over what it had when it was set up; `opened` and `refused`.
"""

import asyncio
import io
import random
import resource
import time
from collections import Counter
from typing import Any

import psutil
from PIL import Image

from bot.errors import UnusablePicture
from bot.inspection.client import Inspector
from bot.pictures import FORMATS

_MOST_S, _MOST_MB = 1.0, 150.0
_SIDES = ((1, 1), (64, 48), (700, 500), (1600, 1200))


def run(cycles: int = 20_000, seed: int = 1) -> dict[str, Any]:
    """All figures."""
    return asyncio.run(_attack(cycles, random.Random(seed)))


def verdict(figures: dict[str, Any]) -> None:
    """Let the command fail.

    Raises:
        SystemExit: the process ended, or a picture took too long or too much.
    """
    slow = figures["slowest_cpu_s"] > _MOST_S or figures["most_mb"] > _MOST_MB
    if figures["deaths"] or slow:
        raise SystemExit(f"pictures: a death, or more than {_MOST_S} s or {_MOST_MB} MB")


async def _attack(cycles: int, rng: random.Random) -> dict[str, Any]:
    sound = _sound(rng)
    outcomes: Counter[str] = Counter()
    times, cpu, idle = [], [], 0
    deaths, process = 0, None
    async with Inspector("off") as inspector:
        for _ in range(cycles):
            content = _damage(rng.choice(sound), sound, rng)
            if process is None or inspector.pid != process.pid:
                await inspector.open(sound[0])  # sets it up
                process = psutil.Process(inspector.pid)
                idle = process.memory_info().rss
            begun, worked = time.perf_counter(), process.cpu_times()
            outcomes[await _opened(inspector, content)] += 1
            times.append(time.perf_counter() - begun)
            if inspector.pid != process.pid:
                deaths += 1
            else:
                cpu.append(process.cpu_times().user - worked.user)
    # Linux tells kibibytes, and only of processes that have ended.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return {
        "pictures": cycles,
        "deaths": deaths,
        "slowest_s": round(max(times), 3),
        "slowest_cpu_s": round(max(cpu), 3),
        "most_mb": round((peak - idle) / 1e6, 1),
        "outcomes": dict(outcomes.most_common()),
    }


async def _opened(inspector: Inspector, content: bytes) -> str:
    try:
        await inspector.open(content)
    except UnusablePicture as refusal:
        return refusal.phrases[0].key
    return "opened"


def _sound(rng: random.Random) -> list[bytes]:
    """Every format at several sizes, plain and with what formats may carry."""
    found = []
    for width, height in _SIDES:
        noise = Image.effect_noise((width, height), 60)
        for kind in FORMATS:
            for mode in ("L", "RGB", "RGBA", "P"):
                if kind == "JPEG" and mode in ("RGBA", "P"):
                    continue
                out = io.BytesIO()
                options: dict[str, Any] = {"exif": _exif()} if kind in ("JPEG", "WEBP") else {}
                if kind == "GIF":
                    options = {"save_all": True, "append_images": [noise.convert(mode)] * 3}
                noise.convert(mode).save(out, kind, **options)
                found.append(out.getvalue())
    rng.shuffle(found)
    return found


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    exif[305] = "a drawing program"
    return exif


def _damage(content: bytes, others: list[bytes], rng: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(data)) if data else 0
        match rng.randrange(7):
            case 0:
                data[at : at + 1] = rng.randbytes(1)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = data[at : at + rng.randrange(1, 400)]
            case 3:  # sizes stand near the beginning in every format
                data[rng.randrange(40) : rng.randrange(41, 60)] = rng.randbytes(rng.randrange(8))
            case 4:
                data[at : at + 4] = rng.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
            case 5:
                piece = rng.choice(others)
                data[: rng.randrange(1, 60)] = piece[: rng.randrange(1, 60)]
            case 6:
                end = rng.randrange(len(data)) if data else 0
                data[min(at, end) : max(at, end)] = b""
    return bytes(data)
