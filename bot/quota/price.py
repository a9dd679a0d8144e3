"""What a picture costs: predicted work, in millicredits (pure)."""

from collections.abc import Mapping
from math import ceil

from bot.spec import ModelRef, RenderSpec, passes

CREDIT = 1000
"""Millicredits in one credit: one 512×512 picture at 20 steps."""


FACTORS = {"SDXL": 2.0, "SDXL refiner": 2.0}
"""Work of one step on one picture beside SD 1.x, whose UNet is the unit.

At 512×512, torch's counter of floating-point operations finds 0.80 TFLOP for the UNets of SD 1.x
and 2.x, 1.59 for SDXL and 1.62 for its refiner."""


def picture_cost(spec: RenderSpec, families: Mapping[str, str] | None = None) -> int:
    """Millicredits of one picture of `spec`: pixels times steps, of all passes; at least 1.

    `families` tells the family of a checkpoint by its SHA-256; others cost as SD 1.x.
    """
    base = _factor(spec.checkpoint, families or {})
    refiner = _factor(spec.refiner.checkpoint, families or {}) if spec.refiner else base
    work = 0.0
    for run in passes(spec):
        own = run.steps if run.refine_from is None else run.refine_from
        work += run.width * run.height * (own * base + (run.steps - own) * refiner)
    return max(1, ceil(CREDIT * work / (512 * 512 * 20)))


def _factor(checkpoint: ModelRef, families: Mapping[str, str]) -> float:
    return FACTORS.get(families.get(checkpoint.sha256, ""), 1.0)


def as_credits(millicredits: int) -> str:
    """`12.5`, `0.07`: at most two digits after the point, rounded up to the next hundredth."""
    return f"{ceil(millicredits / 10) / 100:.2f}".rstrip("0").rstrip(".")
