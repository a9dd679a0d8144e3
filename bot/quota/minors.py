"""The rule that nothing switches off: no sexual content with minors (pure).

Its words stand in the shipped lists under `minor`, `weak minor`, `suggestive` and `abuse`; a list
of the operator can add to them. Ages are read here. Neither half is refused by itself: a child on
a swing passes, and what a chat lets adults draw is decided elsewhere.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from bot.quota.matcher import Hit

ADULT = 18
"""Years."""

_ONES = {
    word: years
    for years, word in enumerate(
        re.findall(
            "[a-z]+",
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen",
        ),
        1,
    )
}
_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
_S = r"[\s._*\-]"
_OLD = (
    rf"(?:y{_S}?e{_S}?a{_S}?r{_S}?s?[\W_]{{0,3}}(?:o{_S}?l{_S}?d|of\W?age|young)"
    rf"|y{_S}?r{_S}?s?{_S}{{0,2}}o{_S}?l{_S}?d|y{_S}?/?{_S}?o(?![a-z]))"
)
_THING = (
    r"(?![\s\-]{0,2}(?:(?:single|malt|scotch|red|white|vintage|aged|oak)[\s\-]?){0,3}"
    r"(?:whisk|scotch|bourbon|rum\b|wine|cognac|brandy|cheese|tree|oak|building|castle|church))"
)
_DIGITS_OLD = re.compile(rf"(?<![\d.])(\d(?:{_S}?\d)?)[\W_]{{0,3}}{_OLD}{_THING}")
_AGED = re.compile(
    r"(?<![a-z])age[ds]?(?:\s*:\s|\s*=\s*|\s+of\s+|\s+is\s+|\s{0,3})(\d{1,3})(?![\w%]|\.\d)"
)
_AGED_WORD = re.compile(
    rf"(?<![a-z])age[ds]?(?:\s*[:=]\s*|\s+of\s+|\s+is\s+|\s{{1,3}})({_ONE})(?![a-z])"
)
_WORD_SHORT = re.compile(
    rf"(?<![a-z])({_ONE})[\s\-]{{1,3}}(?:y\W?/?\W?o(?![a-z])|yrs?(?![a-z])|years?\s+young)"
)
_TURNING = re.compile(rf"(?<![a-z])turn(?:s|ed|ing)\s+(\d{{1,2}}(?![\d%°])|{_ONE})(?![a-z])")
_EARLY = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
_TEEN = r"(?:thir|four|fif|six|seven)teen"
_BIRTHDAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)[\s\-]birthday")
_BIRTHDAY_WORD = re.compile(
    rf"(?<![a-z])(?:{_EARLY}|{_TEEN}th)[\s\-]birthday|(?<![a-z])sweet\s+(?:{_TEEN}|1[3-7])(?![a-z\d])"
)
_ALONE = (
    rf"(?:(\d{{1,2}})(?![a-z\d%°:/'\u2019\"]|\.\d|\s*(?:feet|foot|ft|c?m|met(?:er|re)s?|inch(?:es)?"
    r"|miles?|kg|lbs?|pounds?|hours?|minutes?|days?|weeks?|months?|steps?|am|pm|points?|percent|of"
    r"|o.?clock|colou?rs|people|[mw][oe]n|girls|boys)(?![a-z]))"
    rf"|({_ONE})(?=\s*(?:[,.;:!?)\]|]|$|(?:and|now|years?|yrs?|yo)(?![a-z]))))"
)
"""A number that counts nothing that is named."""
_IS = re.compile(
    rf"(?<![a-z])s?he(?:\W?s|\s+is|\s+was)\s+(?:(?:only|just|barely|about)\s+)?{_ALONE}"
)
_NOT_YET = re.compile(rf"(?<![a-z])(?:not\s+(?:yet|even)|almost|nearly)\s+{_ALONE}")
_ALMOST = re.compile("almost|nearly|not")
_YEARS_OF_LIFE = re.compile(r"(?<![\d.])(\d{1,2})[\s\-]?yrs?(?![a-z])")
_UNDERAGE = re.compile(r"(?<![a-z])under[\W_]?aged?(?![a-z])")
_GRADE = re.compile(
    r"(?<!\d)(?:[1-9]|1[0-2])(?:st|nd|rd|th)[\s\-]{0,2}graders?(?![a-z])"
    rf"|(?<![a-z])(?:{_EARLY})[\s\-]{{1,2}}grade(?:rs?|\s(?:student|pupil|girl|boy))(?![a-z])"
    rf"|(?<![a-z])in\s(?:the\s)?(?:{_EARLY})[\s\-]grade(?![a-z])"
    r"|(?<![a-z])grade\s(?:[1-9]|1[0-2])\s(?:student|pupil|girl|boy)"
)
_BELOW = re.compile(
    r"\b(?:under|below|younger\s+than|less\s+than)\s+(?:the\s+age\s+of\s+)?(\d{1,2})(?![\d.%])"
)
_WORDS_OLD = re.compile(f"({_TENS})?({_ONE})(?:years?old|yrs?old|yearsofage){_THING}")
_CLAUSE_OF_YEARS = re.compile(
    r"(?:^|[,;\n(])\s{0,3}(\d{1,2})\s?(?:(?:-|to)\s?\d{1,2}\s?)?years?\s{0,3}(?=[,;:.\n)]|$)"
)
_ROMAN_OLD = re.compile(
    rf"(?<![a-z])(?:i{{1,3}}|iv|vi{{0,3}}|ix|x(?:i{{1,3}}|iv|vi{{0,2}})?)[\s\-]{{1,2}}{_OLD}{_THING}"
)
_WEIGHT = re.compile(r":\s?[+-]?\d{0,3}(?:\.\d{0,4})?\s?(?=[)\]])")
_BRACKETS = str.maketrans(dict.fromkeys("()[]{}\\", " "))
_SPACES = re.compile(r" {2,}")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_INSIDE_WORD = re.compile(r"(?<=[a-z])[0-9@$!]+(?=[a-z])|\b[0-9](?=ld\b)")
_LEET = str.maketrans("0134578@$!", "oieastbasi")

_HAN = "零〇一二两三四五六七八九十百廿"
_NEXT = dict(zip("二三四五六七八九", "一二三四五六七八", strict=True))
_G = r"[ ._*\-]"
_CHINESE = re.compile(
    rf"((?:\d(?:{_G}?\d){{0,2}})|[{_HAN}](?:{_G}?[{_HAN}]){{0,5}}){_G}{{0,2}}(?:周{_G}?)?"
    rf"(?:岁|歳|歲|嵗|살)(以下|以内)?"
)
_YEARS = re.compile(
    "[岁歳歲嵗살龄齡]|年仅|年方|年级|年級|年纪|年紀|今年|成年|刚满|才满|未满|未滿|不满|不滿|不到|小于|低于"
)
_CHINESE_GRADE = re.compile(rf"(?<!大学)(?<![{_HAN}\d])[一二三四五六七八九1-9]{_G}?年{_G}?[级級]")
_NOT_GROWN = re.compile(rf"(?:未|没有?|沒有?|不到){_G}?成{_G}?年")
_CHINESE_TEENS = re.compile(rf"(?<![{_HAN}])十{_G}?[几幾来來多余]{_G}?[岁歳歲]")
_CHINESE_BELOW = re.compile(r"(?:未满|未滿|不满|不滿|不到|小于|低于)\s?(?:18|十八)")
_CHINESE_TOLD = re.compile(
    rf"(?:芳龄|年仅|年方|年龄|年纪|年紀|今年|刚满|才满)[是为:：\s]{{0,2}}(?:只有|不过|刚刚|才|刚|仅)?"
    rf"(\d{{1,2}}(?!\d)|[{_HAN}]{{1,3}})(?![年月日号點点个次%])"
)


def young_age(folded: str) -> bool:
    """Whether a text from `fold` tells an age below 18, in digits or words, also where each word
    has a weight of its own."""
    if _young(folded):
        return True
    bare = _WEIGHT.sub("", folded).translate(_BRACKETS)
    return bare != folded and _young(_SPACES.sub(" ", bare))


def _young(folded: str) -> bool:
    if any(_small(number) for number in _DIGITS_OLD.findall(folded)):
        return True
    if "age" in folded and (_any_word(_AGED_WORD, folded) or _any_small(_AGED, folded)):
        return True
    if _any_word(_WORD_SHORT, folded) or _by_another_sign(folded):
        return True
    plain = _INSIDE_WORD.sub(lambda found: found[0].translate(_LEET), folded)
    if plain != folded and any(_small(number) for number in _DIGITS_OLD.findall(plain)):
        return True
    return _in_words(plain) or (_YEARS.search(folded) is not None and _chinese(folded))


def _by_another_sign(folded: str) -> bool:
    """Grades, birthdays, limits; each pattern is tried only where its word stands."""
    if "grade" in folded and _GRADE.search(folded):
        return True
    if "birthday" in folded and _any_small(_BIRTHDAY, folded):
        return True
    if ("birthday" in folded or "sweet" in folded) and _BIRTHDAY_WORD.search(folded):
        return True
    if "turn" in folded and _any_word(_TURNING, folded):
        return True
    if "he" in folded and _any_alone(_IS, folded, ADULT):
        return True
    if "year" in folded and (_any_small(_CLAUSE_OF_YEARS, folded) or _ROMAN_OLD.search(folded)):
        return True
    if "yr" in folded and _any_small(_YEARS_OF_LIFE, folded):
        return True
    if _ALMOST.search(folded) and _any_alone(_NOT_YET, folded, ADULT + 1):
        return True
    if not ("under" in folded or "below" in folded or "than" in folded):
        return False
    if _UNDERAGE.search(folded):
        return True
    return any(int(number) <= ADULT for number in _BELOW.findall(folded))


def meets(hits: Iterable[Hit], texts: Iterable[str]) -> bool:
    """Whether sexual content and a minor come together in `texts`, folded, whose words `hits` are.

    What is only suggestive needs a clear sign of a minor: a school uniform alone is none.
    """
    found = {hit.category for hit in hits}
    if "abuse" in found:
        return True
    if not found & {"sexual", "suggestive"}:
        return False
    if "minor" in found or ("sexual" in found and "weak minor" in found):
        return True
    return any(young_age(text) for text in texts)


def _small(number: str) -> bool:
    return int("".join(c for c in number if c.isdigit())) < ADULT


def _any_small(pattern: re.Pattern[str], folded: str) -> bool:
    return any(_small(number) for number in pattern.findall(folded))


def _any_word(pattern: re.Pattern[str], folded: str) -> bool:
    """Whether one of the numbers found, in words or digits, is small."""
    found = pattern.findall(folded)
    return any((_ONES[n] if n in _ONES else int(n)) < ADULT for n in found)


def _any_alone(pattern: re.Pattern[str], folded: str, below: int) -> bool:
    """The same for patterns with two groups: digits, words."""
    return any((int(n) if n else _ONES[word]) < below for n, word in pattern.findall(folded))


def _in_words(folded: str) -> bool:
    """`twelve year old`, also with the letters apart."""
    letters = _NOT_LETTERS.sub("", folded)
    if "year" not in letters and "yr" not in letters:
        return False
    return any(not tens and _ONES[ones] < ADULT for tens, ones in _WORDS_OLD.findall(letters))


def _chinese(folded: str) -> bool:
    if _CHINESE_TEENS.search(folded) or _CHINESE_BELOW.search(folded):
        return True
    if _CHINESE_GRADE.search(folded) or _NOT_GROWN.search(folded):
        return True
    if any(0 < _value(number) < ADULT for number in _CHINESE_TOLD.findall(folded)):
        return True
    return any(_value(number) < ADULT + bool(below) for number, below in _CHINESE.findall(folded))


def _value(number: str) -> int:
    """`十二` or `12` as 12; of `十五六`, fifteen or sixteen, the smaller."""
    total = digit = 0
    for before, sign in pairwise(f" {number}"):
        if sign in _NEXT and before == _NEXT[sign]:
            continue
        if sign.isdigit() and sign.isascii():
            digit = digit * 10 + int(sign)
        elif sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        elif sign == "廿":
            total += 20
        elif sign == "两":
            digit = digit * 10 + 2
        elif sign in "零〇":
            digit *= 10
        elif sign in _HAN:
            digit = digit * 10 + "一二三四五六七八九".index(sign) + 1
    return total + digit
