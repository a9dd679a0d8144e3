"""Checks calls and updates against the Bot API's own description (telegram_api.json).

That file is made by telegram_extract.py from the machine-readable Bot API in the source
distribution of PyPI `aiogram`.
"""

import json
from pathlib import Path
from typing import Any

_API = json.loads(Path(__file__).with_name("telegram_api.json").read_text("utf-8"))
METHODS: dict[str, dict[str, list[Any]]] = _API["methods"]
TYPES: dict[str, dict[str, list[Any]]] = _API["types"]
_PRIMITIVES = {"Integer": int, "String": str, "Boolean": bool, "True": bool, "Float": float}


def decode(method: str, form: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The parameters of a call as values, and all that is wrong with them."""
    fields = METHODS[method]
    values, problems = {}, []
    for name, text in form.items():
        if name not in fields:
            problems.append(f"{method} has no parameter {name}")
            continue
        kind = fields[name][0]
        try:
            values[name] = text if "String" in kind.split("|") else json.loads(text)
            if kind == "Integer|String":
                values[name] = int(text)
        except ValueError:
            problems.append(f"{method}.{name}: {text!r} is no {kind}")
    return values, problems + check_fields(values, fields, method)


def check_fields(value: dict[str, Any], fields: dict[str, list[Any]], where: str) -> list[str]:
    problems = [f"{where} lacks {n}" for n, f in fields.items() if f[1] and n not in value]
    for name, item in value.items():
        if name not in fields:
            problems.append(f"{where} has no field {name}")
            continue
        kind, _, *limits = fields[name]
        problems += check(item, kind, f"{where}.{name}")
        if len(limits) == 1 and item != limits[0]:
            problems.append(f"{where}.{name} is {item!r}, must be {limits[0]}")
        if len(limits) == 3 and not limits[0] <= _measure(item, limits[2]) <= limits[1]:
            problems.append(f"{where}.{name}: {_measure(item, limits[2])} {limits[2]}")
    return problems


def check(value: Any, kind: str, where: str) -> list[str]:
    """What is wrong with `value` as a `kind`, such as `[PhotoSize]` or `Integer|String`."""
    if kind.startswith("["):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [p for i, v in enumerate(value) for p in check(v, kind[1:-1], f"{where}[{i}]")]
    tries = [_check_one(value, choice, where) for choice in kind.split("|")]
    return min(tries, key=len)


def _check_one(value: Any, kind: str, where: str) -> list[str]:
    if kind in _PRIMITIVES:
        right = isinstance(value, _PRIMITIVES[kind]) and (
            kind in ("Boolean", "True") or not isinstance(value, bool)
        )
        return [] if right else [f"{where}: {value!r} is no {kind}"]
    if kind == "InputFile":
        return [] if isinstance(value, bytes) else [f"{where}: no file"]
    if kind not in TYPES:
        return [f"{where}: the stand-in does not know the type of {value!r}"]
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no {kind}"]
    return check_fields(value, TYPES[kind], where)


def _measure(value: Any, unit: str) -> int:
    match unit:
        case "characters":
            return len(value.encode("utf-16-le")) // 2
        case "bytes":
            return len(value.encode())
        case "items":
            return len(value)
        case _:
            return int(value)
