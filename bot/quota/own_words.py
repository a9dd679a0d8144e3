"""One word or phrase that an admin adds to the prompt filter: understood, or refused (pure)."""

import re
import unicodedata

from bot.errors import BadCommand
from bot.phrase import phrase
from bot.quota.matcher import Matcher
from bot.quota.normalise import fold
from bot.quota.views import Views
from bot.quota.word_lists import BadList, Entry, parse

MOST_CHARS = 60

_SPACE = re.compile(r"\s+")
_SHORTEST, _SHORTEST_INSIDE = 2, 4
"""Letters of a word, and of a Latin one that is looked for inside others (`~word`)."""
_SCRIPT_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_BROAD = 3
"""So many of `_ORDINARY` may not hold a word that is forbidden."""
_ORDINARY = (
    "a red fox in the snow, best quality",
    "masterpiece, best quality, 1girl, solo, looking at viewer, blue sky",
    "a portrait of an old man with a long beard, oil painting, detailed",
    "an astronaut on a horse, highly detailed, 8k",
    "1girl, school library, reading a book, soft light, masterpiece",
    "a cozy cabin by the lake at night, stars, best quality",
    "photo of a plate of pasta, close-up, soft light, 8k",
    "a city street in the rain, neon lights, people with umbrellas",
    "two cats and a dog on a sofa, cute, detailed fur",
    "landscape with mountains and a river, in the style of an old print",
    "一只红色的狐狸，雪地，高质量",
    "一个女孩在图书馆看书，柔和的光线，最高质量",
    "一座古老的山城，夜晚，星空，油画",
    "一位老人的肖像，白色的胡子，细节丰富",
    "雨中的城市街道，霓虹灯，撑伞的人",
    "一盘意大利面的照片，特写，高清",
)


def spelling(text: str) -> str:
    """What makes two entries the same: look-alikes, case and spaces do not tell them apart."""
    return _SPACE.sub(" ", fold(text)).strip()


def entry_of(line: str, category: str) -> Entry:
    """The entry that one line is, without judging it.

    Raises:
        BadCommand: it is none, or too long.
    """
    line = _SPACE.sub(" ", unicodedata.normalize("NFKC", line)).strip()
    if len(line) > MOST_CHARS:
        raise BadCommand(phrase("filter-too-long", length=len(line), most=MOST_CHARS))
    try:
        found = parse(line, category)
    except BadList:
        found = []
    if len(found) != 1 or not spelling(found[0].text):
        raise BadCommand(phrase("filter-no-word"))
    return found[0]


def line_of(entry: Entry) -> str:
    """The inverse of `entry_of`."""
    spoken = f" ({' '.join(entry.syllables)})" if entry.syllables else ""
    return f"{entry.flag}{entry.text}{spoken}"


def check_entry(entry: Entry) -> None:
    """Look whether a filter can work with it.

    Raises:
        BadCommand: it is too short, it would match nearly everything, or not even itself.
    """
    letters = "".join(c for c in fold(entry.text) if c.isalnum())
    is_sign = not letters and any(unicodedata.category(c) == "So" for c in entry.text)
    inside = entry.flag == "~" and not _SCRIPT_WITHOUT_SPACES.search(letters)
    least = _SHORTEST_INSIDE if inside else _SHORTEST
    if len(letters) < least and not is_sign:
        raise BadCommand(phrase("filter-too-short", least=least))
    matcher = Matcher([entry])
    if not _matches(matcher, entry.text):
        raise BadCommand(phrase("filter-no-word"))
    if sum(_matches(matcher, text) for text in _ORDINARY) >= _BROAD:
        raise BadCommand(phrase("filter-too-broad"))


def _matches(matcher: Matcher, text: str) -> bool:
    found, exceptions = matcher.find(Views(fold(text)))
    return bool(found or exceptions())
