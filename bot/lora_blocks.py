"""Block weights of a LoRA, as sd-webui-lora-block-weight writes them (pure).

`<lora:name:1:lbw=0,0,1,…>` weighs each block of the UNet by its own factor; `lbw=OUTD` names a
preset. Four lists of blocks are in use; a block that the list does not name weighs nothing.
Source: https://github.com/hako-mikan/sd-webui-lora-block-weight (description of the syntax).
"""

from bot.values import decimal


def _blocks(letters: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{letters}{n:02}" for n in numbers)


LISTS: dict[int, tuple[str, ...]] = {
    12: ("BASE", *_blocks("IN", 4, 5, 7, 8), "M00", *_blocks("OUT", *range(6))),
    17: ("BASE", *_blocks("IN", 1, 2, 4, 5, 7, 8), "M00", *_blocks("OUT", *range(3, 12))),
    20: ("BASE", *_blocks("IN", *range(9)), "M00", *_blocks("OUT", *range(9))),
    26: ("BASE", *_blocks("IN", *range(12)), "M00", *_blocks("OUT", *range(12))),
}
"""Blocks in the order of their weights: LoRA for SDXL, for SD; LyCORIS for SDXL, for SD."""

_PRESETS = {
    "NONE": "00000000000000000",
    "ALL": "11111111111111111",
    "INS": "11110000000000000",
    "IND": "10001110000000000",
    "INALL": "11111110000000000",
    "MIDD": "10001111111100000",
    "OUTD": "10000000111100000",
    "OUTS": "10000000000011111",
    "OUTALL": "10000000111111111",
}
MOST = 10.0


def parse_blocks(text: str) -> tuple[float, ...] | None:
    """The weights of a list or a preset, one per block; None: neither.

    A block's own name (`IN02`, `MID`) means this block alone. The random and dynamic values of the
    web UI (`R`, `U`, `X`) are none of these: the same order must be the same picture.
    """
    name = text.strip().upper()
    if name in _PRESETS:
        return tuple(float(digit) for digit in _PRESETS[name])
    label = "M00" if name == "MID" else name
    if label in LISTS[26]:
        return tuple(float(block == label) for block in LISTS[26])
    weights = [decimal(part.strip()) for part in text.split(",")]
    if len(weights) not in LISTS or any(w is None or abs(w) > MOST for w in weights):
        return None
    return tuple(w for w in weights if w is not None)


def by_label(weights: tuple[float, ...]) -> dict[str, float]:
    """Weights by block, such as `IN04`."""
    return dict(zip(LISTS[len(weights)], weights, strict=True))
