"""Damaged input of every kind that reaches the bot from outside.

Sound things are broken in seeded ways and handed to what reads them: pictures to the process that
opens them (as `benchmarks pictures` does), headers of weights to their reader, pasted parameters to
theirs, Telegram updates and Discord events to whole adapters over sockets. Whatever comes is read
or refused; nothing else is raised, nothing takes long, and what is sound behind it is heard.
"""

import asyncio
import json
import random
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import pictures
from benchmarks.fuzz import platforms
from benchmarks.fuzz.damage import damaged_bytes, damaged_text
from bot.infotext import parse_infotext, to_request
from bot.render.family import checkpoint_family, embedding_family, vae_family
from bot.render.weights_file import UnusableWeights, read_header

_INFOTEXTS = (
    "masterpiece, 1girl, (cat ears:1.2) <lora:add_detail:0.7>\nNegative prompt: lowres\n"
    "Steps: 28, Sampler: Euler a, CFG scale: 7, Seed: 2706937631, Size: 1024x512, "
    'Model hash: 925997e9, Hires upscale: 2, Lora hashes: "add_detail: 7c6bad76eb54", Version: 1.9',
    "prompt: a fox,\nin the snow\n\nNegative prompt: text,\nSteps: 20,\nSize: 512x512",
    "提示词：一只狐狸\n反向提示词：文字\n步数：20，采样器：Euler，种子：5",
)
_FAMILIES: tuple[Callable[[Any], object], ...] = (checkpoint_family, vae_family, embedding_family)


def run(cycles: int = 10_000, seed: int = 1) -> dict[str, Any]:
    """All figures; `cycles` of each kind.

    Raises:
        Exception: whatever a reader raised that it must not.
    """
    figures: dict[str, Any] = {"cycles": cycles, "seed": seed}
    figures["infotext"] = infotexts(cycles, random.Random(seed))
    figures["safetensors"] = headers(cycles, random.Random(seed))
    for name, target in (("telegram", platforms.telegram), ("discord", platforms.discord)):
        begun = time.monotonic()
        asyncio.run(target(cycles, random.Random(seed)))
        figures[name] = {"seconds": round(time.monotonic() - begun, 1)}
    figures["pictures"] = pictures.run(cycles, seed)
    return figures


def verdict(figures: dict[str, Any]) -> None:
    """Let the command fail.

    Raises:
        SystemExit: a picture ended its process, or took too long or too much.
    """
    pictures.verdict(figures["pictures"])


def infotexts(cycles: int, rng: random.Random) -> dict[str, Any]:
    """Pasted parameters: each is read as a request."""
    slowest = 0.0
    for _ in range(cycles):
        text = damaged_text(rng.choice(_INFOTEXTS), rng)
        begun = time.perf_counter()
        to_request(parse_infotext(text))
        slowest = max(slowest, time.perf_counter() - begun)
    return {"slowest_ms": round(1000 * slowest, 2)}


def headers(cycles: int, rng: random.Random) -> dict[str, Any]:
    """Weights: a family, or the reason why none."""
    outcomes: Counter[str] = Counter()
    sound = [_weights(shapes) for shapes in _SHAPES]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.safetensors"
        for _ in range(cycles):
            path.write_bytes(damaged_bytes(rng.choice(sound), rng))
            try:
                shapes = read_header(path).shapes
            except UnusableWeights as error:
                outcomes[error.reason] += 1
                continue
            outcomes["read"] += 1
            for family in _FAMILIES:
                try:
                    family(shapes)
                except UnusableWeights:
                    continue
    return dict(outcomes.most_common())


_SHAPES: tuple[dict[str, list[int]], ...] = (
    {"a": [2, 3], "b": [1]},
    {"model.diffusion_model.input_blocks.0.0.weight": [4, 4, 3, 3], "x": []},
    {"emb_params": [2, 768]},
    {"clip_l": [2, 768], "clip_g": [2, 1280]},
)


def _weights(shapes: dict[str, list[int]]) -> bytes:
    """A file of zeros (https://github.com/huggingface/safetensors)."""
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        size = 2
        for side in shape:
            size *= side
        table[name] = {"dtype": "F16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    content = json.dumps(table).encode()
    return struct.pack("<Q", len(content)) + content + bytes(end)
