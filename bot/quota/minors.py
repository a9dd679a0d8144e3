"""The rule that nothing switches off: no sexual content with minors (pure).

Its words stand in the shipped lists under `minor`, `weak minor`, `suggestive` and `abuse`; a list
of the operator can add to them. Ages are read by `bot.quota.ages`. Neither half is refused by
itself: a child on a swing passes, and what a chat lets adults draw is decided elsewhere.
"""

import re
from collections.abc import Iterable

from bot.quota.ages import young_age
from bot.quota.effort import Effort
from bot.quota.matcher import Hit

_MINOR = re.compile(
    r"(?<![a-z])minors?(?![a-z])(?=\s*(?:[,.;:!?()\[\]{}|\n]|$)"
    r"|\s+(?:girl|boy|female|male|person|teen|student|nude|naked|topless|posing|wearing|undressing"
    r"|lying|sitting|standing|kneeling|who|in|on|with|having)(?![a-z]))"
)
"""The noun; before another one it is an adjective: `a minor detail`."""
_NO_PERSON = re.compile(
    r"(?:\b[a-g](?:[\s\-](?:flat|sharp))?|\b(?:ursa|asia|canis|leo|friar|morris|in|no|not|without"
    r"|not\s+a|major\s+or|major\s+and))[\s\-]+$"
)
_ARTICLE_A = re.compile(r"\b(?:in|of|the|key|from|to|concerto|sonata|prelude|etude|waltz)\s+a\s+$")
_GROWN_UP = re.compile(
    r"(?:^|[,;\n、|])[\s(]*(?:an?\s+)?(?:adults?|adult\s+(?:(?:wo)?m[ae]n|(?:fe)?males?|body)"
    r"|grown[\s\-]?ups?|over\s+18|18\+|成年人?|成人|大人|成年女性)[\s):.\d]*(?=[,;\n、|]|$)"
)
"""A clause that names grown-ups and nothing else."""
_YOUTH = re.compile(r"girl|boy|young|petite|少女|少年|女孩|男孩|女生")


def meets(hits: Iterable[Hit], text: str, effort: Effort) -> bool:
    """Whether sexual content and a minor come together in `text`, folded, whose words `hits` are.

    What is only suggestive needs a clear sign of a minor: a school uniform alone is none.

    Raises:
        TooMuch: it takes more work than `effort` has left.
    """
    found = {hit.category for hit in hits}
    if "abuse" in found:
        return True
    if not found & {"sexual", "suggestive"}:
        return False
    if "minor" in found or ("sexual" in found and "weak minor" in found):
        return True
    if "sexual" in found and "minor" in text and names_a_minor(text):
        return True
    return young_age(text, effort)


def wants_no_adult(hits: Iterable[Hit], asked: str, negative: str) -> bool:
    """Whether `asked`, whose words `hits` are, is sexual and about somebody who may be young, while
    the negative prompt keeps grown-ups away. Both texts folded."""
    if not _GROWN_UP.search(negative) or not any(hit.category == "sexual" for hit in hits):
        return False
    return _YOUTH.search(asked) is not None


def names_a_minor(text: str) -> bool:
    """Whether `minor` stands in folded `text` for a person, not a key, a bear or a detail."""
    for found in _MINOR.finditer(text):
        before = text[max(0, found.start() - 24) : found.start()]
        if before.endswith((" a ", "\na ")) or before == "a ":
            if not _ARTICLE_A.search(before):
                return True
        elif not _NO_PERSON.search(before):
            return True
    return False
