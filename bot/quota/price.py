"""What a picture costs: predicted work, in millicredits (pure)."""

from math import ceil

from bot.phrase import Phrase, phrase
from bot.spec import RenderSpec, passes

CREDIT = 1000
"""Millicredits in one credit: one 512×512 picture at 20 steps."""


def picture_cost(spec: RenderSpec) -> int:
    """Millicredits of one picture of `spec`: pixels times steps, of all passes; at least 1."""
    work = sum(p.width * p.height * p.steps for p in passes(spec))
    return max(1, ceil(CREDIT * work / (512 * 512 * 20)))


def as_credits(millicredits: int) -> str:
    """`12.5`, `0.07`: at most two digits after the point, rounded up to the next hundredth."""
    return f"{ceil(millicredits / 10) / 100:.2f}".rstrip("0").rstrip(".")


def credit_words(millicredits: int) -> Phrase:
    """`12.5 credits`, `1 credit`: rounded as `as_credits` does."""
    return phrase("credits", n=ceil(millicredits / 10) / 100)
