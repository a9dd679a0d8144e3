"""Words about a garment that is to go, open or slip: harmless in most requests, and not where they
are about somebody's photo (pure)."""

import re

_GARMENT = (
    r"(?:t.?)?(?:shirt|blouse|dress|skirt|pants|trousers|shorts|jeans|bra|sweater|clothes|underwear"
    r"|robe|towel|swimsuit|bikini)s?"
)
_WHOSE = r"(?:(?:the|her|his|their|my|its|your)\s+)?(?:[a-z]+\s+)?"
_TAKEN = re.compile(
    r"(?<![a-z])(?:los(?:e|ing)|unbutton(?:ing)?|unzip(?:ping)?|lift(?:ing)?(?:\s+up)?|rais(?:e|ing)"
    r"|pull(?:ing)?\s+(?:up|down|off)|open(?:ing)?|rip(?:ping)?(?:\s+off)?|tear(?:ing)?(?:\s+off)?"
    r"|drop(?:ping)?|tak(?:e|ing)\s+off|remov(?:e|ing)|without|minus)\s+"
    rf"{_WHOSE}(?:{_GARMENT}|top)(?![a-z])"
)
_GONE = re.compile(
    rf"(?<![a-z])(?:{_GARMENT})\s+(?:(?:pulled|hiked|lifted|slipping|falling|coming)\s+)?"
    r"(?:up|down|off|open|lifted|unbuttoned|unzipped|ripped|torn|aside)(?![a-z])"
)
_HINT = re.compile(_GARMENT + "|top")


def undresses(folded: str) -> bool:
    """Whether a text from `bot.quota.normalise.fold` asks for it."""
    if not _HINT.search(folded):
        return False
    return bool(_TAKEN.search(folded) or _GONE.search(folded))
