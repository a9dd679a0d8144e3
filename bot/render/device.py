"""Which device draws, with what precision and how many threads."""

import os
import platform
from dataclasses import dataclass

import torch

from bot.config import RenderConfig


@dataclass(frozen=True, slots=True)
class Device:
    """Where the tensors live. `words` is what people read."""

    where: torch.device
    dtype: torch.dtype
    words: str


def choose(config: RenderConfig) -> Device:
    """The device that `[render]` asks for; `auto` takes the fastest there is.

    Raises:
        ValueError: a name that torch does not know, or a device that is not there.
    """
    torch.set_num_threads(config.threads or _cores())
    name = config.device if config.device != "auto" else _fastest()
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {name!r}: {error}") from None
    dtype = _dtype(config.precision, device)
    return Device(device, dtype, f"{_words(device)}, {_SHORT[dtype]}")


_SHORT = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}
_BY_NAME = {short: dtype for dtype, short in _SHORT.items()}


def _dtype(precision: str, device: torch.device) -> torch.dtype:
    if precision != "auto":
        return _BY_NAME[precision]
    # Half precision on a CPU is right only for few models, and slower without AMX.
    return torch.float32 if device.type == "cpu" else torch.float16


def _fastest() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _cores() -> int:
    """Cores this process may use; torch's own guess leaves out sibling threads."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(allowed or 1, torch.get_num_threads()))


def _words(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU ({platform.machine() or 'unknown'}, {torch.get_num_threads()} threads)"
