"""How one message is told from the next on a pipe: its length comes first."""

import struct
from typing import Final

LENGTH: Final = struct.Struct("<I")
MAX_FRAME: Final = 512 * 1024 * 1024
"""Bytes; a longer frame means that the two ends have lost each other."""


def pack(content: bytes) -> bytes:
    """Length and content, ready to be written."""
    return LENGTH.pack(len(content)) + content


def length_of(prefix: bytes) -> int:
    """How many bytes follow this prefix of `LENGTH.size` bytes.

    Raises:
        ValueError: no sane frame begins so.
    """
    (length,) = LENGTH.unpack(prefix)
    if length > MAX_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    return int(length)
