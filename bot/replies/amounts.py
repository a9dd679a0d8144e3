"""Amounts of credits as phrases (pure)."""

from math import ceil

from bot.phrase import Phrase, phrase


def credit_words(millicredits: int) -> Phrase:
    """`12.5 credits`, `1 credit`: at most two digits after the point, rounded up."""
    return phrase("credits", n=ceil(millicredits / 10) / 100)
