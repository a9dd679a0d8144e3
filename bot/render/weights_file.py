"""What a weights file is, told from its content, before any of it is loaded."""

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LARGEST_HEADER = 16 * 1024 * 1024
"""Bytes; the header of a full SDXL checkpoint has 0.3 million."""
_LARGEST_NUMBER = 2**63
_MOST_DIMENSIONS = 16
"""Layers have four. The product of a million of the largest numbers would take hours."""
_ITEM_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2,
    "U16": 2, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
}  # fmt: skip
PICKLE_SUFFIXES = frozenset({".ckpt", ".pt", ".pth", ".bin"})


class UnusableWeights(Exception):
    """A file that must not be loaded; `reason` is the key of the phrase that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """Names and shapes of a safetensors file."""

    shapes: dict[str, tuple[int, ...]]
    metadata: dict[str, str]


def read_header(path: Path) -> Header:
    """The checked header of a `.safetensors` file.

    Format: 8 bytes of length (little endian), that many bytes of JSON, then the tensors without
    gaps (https://github.com/huggingface/safetensors).

    Raises:
        UnusableWeights: a pickle, a broken header or a truncated file, whatever its name; a folder,
            or something that cannot be read.
    """
    if path.is_dir():
        raise UnusableWeights("model-is-folder")
    try:
        return _read(path)
    except OSError:
        raise UnusableWeights("model-unreadable") from None


def _read(path: Path) -> Header:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = file.read(9)
        file.seek(8)
        if _is_pickle(start) or path.suffix.lower() in PICKLE_SUFFIXES:
            raise UnusableWeights("model-is-pickle")
        if len(start) < 8:
            raise UnusableWeights("model-truncated")
        (length,) = struct.unpack("<Q", start[:8])
        if length > _LARGEST_HEADER:
            raise UnusableWeights("model-header-broken")
        if length > size - 8:
            raise UnusableWeights("model-truncated")
        content = file.read(length)
    return _checked(content, size - 8 - length)


def _is_pickle(start: bytes) -> bool:
    """A zip archive (torch.save) or a bare pickle of protocol 2 to 5.

    A safetensors header of 640 bytes begins with the same two bytes, but then follows its JSON.
    """
    bare = start[:1] == b"\x80" and start[1:2] in (b"\2", b"\3", b"\4", b"\5")
    return start.startswith(b"PK\x03\x04") or (bare and start[8:] != b"{")


def _checked(content: bytes, data_bytes: int) -> Header:
    try:
        table = json.loads(content)
        metadata = {str(k): str(v) for k, v in table.pop("__metadata__", {}).items()}
        entries = [(name, *_entry(entry)) for name, entry in table.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnusableWeights("model-header-broken") from None
    shapes = {name: shape for name, shape, _ in entries}
    spans = [span for _, _, span in entries]
    end = 0
    for first, last in sorted(spans):
        if first != end:
            raise UnusableWeights("model-header-broken")
        end = last
    if end > data_bytes:
        raise UnusableWeights("model-truncated")
    if end < data_bytes or not shapes:
        raise UnusableWeights("model-header-broken")
    return Header(shapes, metadata)


def _entry(entry: Any) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Shape and span of one tensor.

    Raises:
        ValueError, KeyError, TypeError: it is none, or its numbers do not add up.
    """
    shape, (first, last) = entry["shape"], entry["data_offsets"]
    numbers = (*shape, first, last)
    if any(type(n) is not int or not 0 <= n < _LARGEST_NUMBER for n in numbers):
        raise ValueError("not a count")
    if len(shape) > _MOST_DIMENSIONS:
        raise ValueError("too many dimensions")
    if last - first != _ITEM_BYTES[entry["dtype"]] * math.prod(shape):
        raise ValueError("size and shape differ")
    return tuple(shape), (first, last)
