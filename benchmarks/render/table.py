"""The figures as people read them."""

import json
import re

_LOAD = re.compile(r"(pictures_per_s|median_s|p95_s)_(\d+)_(\w+)")
_SIDES = {
    "ours": "the loop, mixed requests",
    "diffusers": "diffusers one at a time, the same",
    "ours_equal": "the loop, equal requests",
    "static_equal": "diffusers in static batches, the same",
}
_COLUMNS = {"pictures_per_s": "pictures/s", "median_s": "median s", "p95_s": "95 % s"}


def table(figures: dict[str, object]) -> str:
    """The load side by side, then one line for each other figure."""
    load: dict[tuple[int, str], dict[str, object]] = {}
    rest = {}
    for name, value in figures.items():
        if match := _LOAD.fullmatch(name):
            load.setdefault((int(match[2]), match[3]), {})[match[1]] = value
        else:
            rest[name] = value
    lines = [f"{'waiting':>7}  {'side':38}" + "".join(f"{c:>11}" for c in _COLUMNS.values())]
    for (count, side), found in load.items():
        numbers = "".join(f"{found[column]:>11}" for column in _COLUMNS)
        lines.append(f"{count:>7}  {_SIDES[side]:38}{numbers}")
    width = max(map(len, rest), default=0)
    lines += ["", *(f"{name:{width}}  {_short(value)}" for name, value in rest.items())]
    return "\n".join(lines)


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
