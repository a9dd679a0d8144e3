"""What a weights file is, told from its content, before any of it is loaded."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path

_LARGEST_HEADER = 64 * 1024 * 1024
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
        UnusableWeights: a pickle, a broken header or a truncated file, whatever its name.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if _is_pickle(start) or path.suffix.lower() in PICKLE_SUFFIXES:
            raise UnusableWeights("model-is-pickle")
        if len(start) < 8:
            raise UnusableWeights("model-truncated")
        (length,) = struct.unpack("<Q", start)
        if length > _LARGEST_HEADER:
            raise UnusableWeights("model-header-broken")
        if length > size - 8:
            raise UnusableWeights("model-truncated")
        content = file.read(length)
    return _checked(content, size - 8 - length)


def _is_pickle(start: bytes) -> bool:
    """A zip archive (torch.save) or a bare pickle of protocol 2 to 5."""
    return start.startswith(b"PK\x03\x04") or (start[:1] == b"\x80" and start[1:2] in b"\2\3\4\5")


def _checked(content: bytes, data_bytes: int) -> Header:
    try:
        table = json.loads(content)
        metadata = {str(k): str(v) for k, v in table.pop("__metadata__", {}).items()}
        shapes, spans = {}, []
        for name, entry in table.items():
            shape = tuple(int(n) for n in entry["shape"])
            first, last = (int(n) for n in entry["data_offsets"])
            if min(shape, default=0) < 0 or last - first != _byte_count(entry["dtype"], shape):
                raise UnusableWeights("model-header-broken")
            shapes[name] = shape
            spans.append((first, last))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnusableWeights("model-header-broken") from None
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


def _byte_count(dtype: str, shape: tuple[int, ...]) -> int:
    count = _ITEM_BYTES[dtype]
    for n in shape:
        count *= n
    return count
