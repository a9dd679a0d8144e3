"""Which device draws, with what precision and how many threads."""

import os
import platform
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import psutil
import torch

from bot.config import RenderConfig
from bot.render.compiled import probe
from bot.render.room import Memory, Wish

Precision: TypeAlias = Literal["auto", "fp32", "fp16", "bf16"]

_SHORT = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}
_BY_NAME = {short: dtype for dtype, short in _SHORT.items()}
_FIRST_WITH_FP16 = (5, 3)
_NO_TENSOR_CORES = re.compile(
    r"\bGTX 16\d\d|\b(T[56]00|T550|T1000|T1200|T2000|MX[45]50|CMP 30HX)\b"
)
"""Cards with NVIDIA's TU116 and TU117, whose half precision is known to make black pictures."""


_INSTEAD = 'set "auto", which takes what there is'


class NoSuchDevice(ValueError):
    """`[render]` asks for something that this machine cannot do; `str()` is one sentence."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where the tensors live. `words` is what people read."""

    where: torch.device
    dtype: torch.dtype
    words: str
    memory: Memory
    vram: Wish = "auto"
    compiles: bool = False
    """Whether UNets are compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What torch says of a device."""

    kind: str
    """`cuda`, `mps`, `cpu`; AMD's cards are `cuda` to torch."""
    name: str = ""
    capability: tuple[int, int] | None = None
    """NVIDIA's compute capability; None for any other make."""
    has_bf16: bool = False


def choose(config: RenderConfig) -> Device:
    """The device that `[render]` asks for; `auto` takes the fastest there is.

    Raises:
        NoSuchDevice: a name that torch does not know, or a device that is not there.
    """
    # More than there are cores never helps, and many more end the process.
    torch.set_num_threads(min(config.threads, os.cpu_count() or 1) or _cores())
    name = config.device if config.device != "auto" else _fastest()
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise NoSuchDevice(_no_device(name, str(error))) from None
    dtype, why = precision(config.precision, card(device))
    words = f"{_words(device)}, {_SHORT[dtype]}" + (f" ({why})" if why else "")
    why_not = probe(device) if config.compile else ""
    if config.compile:
        words += f", not compiled ({why_not})" if why_not else ", compiled while idle"
    compiles = config.compile and not why_not
    return Device(device, dtype, words, _memory(device), config.vram, compiles)


def precision(wish: Precision, on: Card) -> tuple[torch.dtype, str]:
    """What to count with, and why if that is not the usual.

    Raises:
        NoSuchDevice: numbers that this card does not know.
    """
    lacks_fp16 = on.capability is not None and on.capability < _FIRST_WITH_FP16
    if wish != "auto":
        if (wish == "bf16" and not on.has_bf16) or (wish == "fp16" and lacks_fp16):
            other = "fp32" if lacks_fp16 or on.kind == "cpu" else "fp16"
            raise NoSuchDevice(
                f'[render] precision = "{wish}": {on.name or on.kind} cannot do that; '
                f'use "{other}" or "auto"'
            )
        return _BY_NAME[wish], ""
    if on.kind == "cpu":
        # Half precision on a CPU is right only for few models, and slower without AMX.
        return torch.float32, ""
    if lacks_fp16:
        return torch.float32, "this card is too old for fp16"
    if _NO_TENSOR_CORES.search(on.name):
        return torch.float32, "fp16 makes black pictures on this card"
    return torch.float16, ""


def card(device: torch.device) -> Card:
    """What `precision` needs to know of a device."""
    if device.type == "cuda":
        is_nvidia = torch.version.hip is None
        return Card(
            kind="cuda",
            name=torch.cuda.get_device_name(device),
            capability=torch.cuda.get_device_capability(device) if is_nvidia else None,
            # A card that only imitates bf16 is slower with it than with fp32.
            has_bf16=torch.cuda.is_bf16_supported(including_emulation=False),
        )
    if device.type == "mps":
        return Card(kind="mps", name="Apple GPU", has_bf16=_can_hold(torch.bfloat16, device))
    return Card(kind=device.type, has_bf16=True)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says so; torch's CPU allocator and MPS raise a bare RuntimeError."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "allocate memory" in text or "DefaultCPUAllocator" in text or "out of memory" in text
    )


def free_cache(device: torch.device) -> None:
    """Give memory that torch keeps for later back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def memory_now(device: Device) -> tuple[int, int]:
    """Bytes of the device's own memory that are free, and all of them; (0, 0) where it has none."""
    if device.where.type != "cuda":
        return 0, 0
    free, total = torch.cuda.mem_get_info(device.where)
    return int(free), int(total)


def _can_hold(dtype: torch.dtype, device: torch.device) -> bool:
    try:
        torch.zeros(1, device=device, dtype=dtype)
    except (RuntimeError, TypeError):
        return False
    return True


def _memory(device: torch.device) -> Memory:
    if device.type == "cuda":
        return Memory(torch.cuda.get_device_properties(device).total_memory, own=True)
    if device.type == "mps":
        return Memory(torch.mps.recommended_max_memory(), own=False)
    return Memory(psutil.virtual_memory().total, own=False)


def _no_device(name: str, said: str) -> str:
    """torch's reasons are long, and speak of how torch was compiled."""
    kind = name.partition(":")[0]
    start = f'[render] device = "{name}": '
    if kind == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda or torch.version.hip
        if built:
            return start + f"no driver or no card is found; install the driver, or {_INSTEAD}"
        return start + (
            "this torch is built without CUDA; `make setup` exchanges it once CHATELIER_TORCH_INDEX"
            f" names another one (see README), or {_INSTEAD}"
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        return start + f"there is no Apple GPU here; {_INSTEAD}"
    return start + f"{said.splitlines()[0][:200].rstrip('.')}; {_INSTEAD}"


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
    count = torch.get_num_threads()
    threads = "1 thread" if count == 1 else f"{count} threads"
    return f"CPU ({platform.machine() or 'unknown'}, {threads})"
