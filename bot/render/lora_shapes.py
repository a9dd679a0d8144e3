"""Whether the tensors of a LoRA can be added to a layer, by their shapes alone."""

import math
from typing import TypeAlias

from bot.render.lora_names import Parts

Shape: TypeAlias = tuple[int, ...]


def changes(parts: Parts[Shape], weight: Shape) -> bool:
    """Whether these tensors can be added to a layer whose weight has this shape."""
    if "strange" in parts or "hada_t1" in parts or "lokr_t2" in parts:
        return False
    if "hada_w1_a" in parts:
        ends = [parts.get(f"hada_w{i}_{end}") for i in (1, 2) for end in "ab"]
        return all(ends) and _ends(ends[0], ends[1], weight) and _ends(ends[2], ends[3], weight)
    if "lokr_w1" in parts or "lokr_w1_a" in parts:
        one, two = _factor(parts, 1), _factor(parts, 2)
        rows, columns = one[0] * two[0], one[1] * two[1]
        return (rows, columns) == (weight[0], math.prod(weight[1:]))
    if not {"lora_down", "lora_up"} <= parts.keys():
        return False
    down, up = parts["lora_down"], parts["lora_up"]
    middle = parts.get("lora_mid")
    # The tensor that lies on the picture has the layer's own kernel.
    kernel = middle[2:] if middle else down[2:]
    inner = middle[0] if middle else down[0]
    same = down[1] == weight[1] and math.prod(kernel) == math.prod(weight[2:])
    return same and up[0] == weight[0] and up[1] == inner


def _ends(first: Shape | None, last: Shape | None, weight: Shape) -> bool:
    """Whether a product of these has the weight's size."""
    if not first or not last:
        return False
    return (first[0], last[1]) == (weight[0], math.prod(weight[1:]))


def _factor(parts: Parts[Shape], i: int) -> tuple[int, int]:
    """Rows and columns of one factor of a LoKr; (0, 0) if it is not whole."""
    if whole := parts.get(f"lokr_w{i}"):
        return whole[0], math.prod(whole[1:])
    a, b = parts.get(f"lokr_w{i}_a"), parts.get(f"lokr_w{i}_b")
    return (a[0], math.prod(b[1:])) if a and b else (0, 0)
