"""Sound things, broken in ways that follow from a seed."""

import copy
import random
from typing import Any

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, -(2**63), 10**30, 1.5, float("inf"), "", "0", "-1",
    "\0", "\u202e", "\ud800", "'; DROP TABLE jobs; --", "../../etc/passwd", "/draw " * 500,
    "🦊" * 5000, [], [[]], [None], {}, {"": {}},
)  # fmt: skip
_TOKENS = (
    ":", ",", "\n", "\\", '"', "(", ")", "<lora:", ">", "Steps: ", "Size: ", "Negative prompt: ",
    "1e999", "-0", "99999999999999999999", "NaN", "\0", "\u202e", "\ud800", "：", "，", "```",
)  # fmt: skip


def damaged_bytes(content: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, cut, repeated or moved."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at : at + 1] = rng.randbytes(1)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = data[at : at + rng.randrange(1, 200)]
            case 3:
                data[at : at + 4] = rng.choice((b"\xff" * 4, b"\0" * 4, b"[[[[", b'"{":'))
            case 4:
                data[at : at + rng.randrange(20)] = b""
    return bytes(data)


def damaged_text(text: str, rng: random.Random) -> str:
    """Some characters changed, cut, repeated, or what means something put in between."""
    for _ in range(rng.choice((1, 2, 4, 12))):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(4):
            case 0:
                text = text[:at] + rng.choice(_TOKENS) * rng.choice((1, 1, 30)) + text[at:]
            case 1:
                text = text[:at] + text[at + rng.randrange(20) :]
            case 2:
                text = text[:at] + text[at : at + 60] * rng.randrange(1, 20) + text[at:]
            case 3:
                text = text[:at] + chr(rng.randrange(1, 0x2FFFF)) + text[at + 1 :]
    return text


def damaged_json(value: Any, rng: random.Random) -> Any:
    """Some members of other kinds, some missing, some too many."""
    found = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = list(_places(found))
        if not places:
            break
        holder, key = rng.choice(places)
        match rng.randrange(4):
            case 0:
                del holder[key]
            case 1 if isinstance(holder[key], str):
                holder[key] = damaged_text(holder[key], rng)
            case 2:
                holder[key] = _deep(rng.choice((3, 50)))
            case _:
                holder[key] = copy.deepcopy(rng.choice(_ODD))
    return found


def _places(value: Any) -> Any:
    """Every holder and key below."""
    keys: Any = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _deep(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = {"from": value} if level % 2 else [value]
    return value
