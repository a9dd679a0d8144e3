"""Ages below 18 in folded text, in digits and words (pure): English here, the rest in
`bot.quota.ages_abroad`.

Each pattern is tried only near a part of it that is quickly found, which keeps long texts cheap.
"""

import re
from dataclasses import dataclass

from bot.quota.ages_abroad import FOREIGN_NUMBERS, young_abroad
from bot.quota.effort import Effort
from bot.quota.normalise import SOFT
from bot.quota.stretches import stretches

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
_N = rf"(\d{{1,2}}(?!\d)|(?:{_ONE})(?![a-z]))"
"""A number in digits or words."""
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
_S = r"[\s._*\-]"
_OLD = (
    rf"(?:y{_S}?e{_S}?a{_S}?r{_S}?s?[\W_]{{0,3}}(?:o{_S}?l{_S}?d|of\W?age|young)"
    rf"|y{_S}?r{_S}?s?{_S}{{0,2}}o{_S}?l{_S}?d|y{_S}?/?{_S}?os?(?![a-z])|y\s?olds?(?![a-z]))"
)
_THING = (
    r"(?![\s\-]{0,2}(?:(?:single|malt|scotch|red|white|vintage|aged|oak)[\s\-]?){0,3}"
    r"(?:whisk|scotch|bourbon|rum\b|wine|cognac|brandy|cheese|tree|oak|building|castle|church"
    r"|horse|mare|foal|dog|puppy|labrador|cat|kitten))"
)
_DIGITS_OLD = re.compile(rf"(\d(?<![\d.]\d)(?:{_S}?\d)?)[\W_]{{0,3}}{_OLD}{_THING}")
_AGED = re.compile(
    r"age(?<![a-z]age)[ds]?(?:\s*:\s|\s*=\s*|\s+of\s+|\s+is\s+|\s{0,3})(\d{1,3})(?![\w%]|\.\d)"
)
_AGE_TOLD = re.compile(r"age(?<![a-z]age)d?\s?[:=\-]\s?(\d{1,2})(?![\w%]|\.\d)")
_LEAST_TOLD = 3
"""`(aged:1)` is a weight."""
_AGED_WORD = re.compile(
    rf"age(?<![a-z]age)[ds]?(?:\s*[:=]\s*|\s+of\s+|\s+is\s+|\s{{1,3}})({_ONE})(?![a-z])"
)
_WORD_SHORT = re.compile(
    rf"(?<![a-z])({_ONE})[\s\-]{{1,3}}(?:y\W?/?\W?o(?![a-z])|yrs?(?![a-z])|years?\s+young)"
)
_TURNING = re.compile(rf"(?<![a-z])turn(?:s|ed|ing)\s+(\d{{1,2}}(?![\d%°])|{_ONE})(?![a-z])")
_NOT_TURNED = re.compile(rf"(?:\bnot|n.?t|never|yet\s+to)\s+(?:yet\s+)?turn(?:ed)?\s+{_N}")
_EARLY = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
_TEEN = r"(?:thir|four|fif|six|seven)teen"
_BIRTHDAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)[\s\-]birthday")
_BIRTHDAY_WORD = re.compile(
    rf"(?<![a-z])(?:{_EARLY}|{_TEEN}th)[\s\-]birthday|(?<![a-z])sweet\s+(?:{_TEEN}|1[3-7])(?![a-z\d])"
)
_COUNTS = (
    r"feet|foot|ft|c?m|met(?:er|re)s?|inch(?:es)?|miles?|kg|lbs?|pounds?|hours?|minutes?|days?"
    r"|weeks?|months?|steps?|am|pm|points?|percent|of|o.?clock|colou?rs|people|persons?|[mw][oe]n"
    r"|girls|boys|left|more|times|cats?|dogs?"
)
_ALONE = (
    rf"(?:(\d{{1,2}})(?![a-z\d%°:/'\u2019\"]|\.\d|\s*(?:{_COUNTS})(?![a-z]))"
    rf"|({_ONE})(?=\s*(?:[,.;:!?)\]|]|$|(?:and|now|years?|yrs?|yo)(?![a-z]))))"
)
"""A number that counts nothing that is named."""
_IS = re.compile(
    rf"(?<![a-z])s?he(?:\W?s|\s+is|\s+was)\s+(?:(?:only|just|barely|about)\s+)?{_ALONE}"
)
_NOT_YET = re.compile(rf"(?<![a-z])(?:not\s+(?:yet|even)|almost|nearly)\s+{_ALONE}")
_ONLY = re.compile(rf"(?<![a-z])(?:only|just|barely|merely)\s+{_ALONE}")
_LEAST_ALONE = 6
"""Of `only one` nobody reads an age."""
_YEARS_OF_LIFE = re.compile(rf"(\d(?<![\d.]\d)(?:{_S}?\d)?)(?:[\s\-]?y{_S}?r{_S}?s?|y)(?![\w])")
_UNDERAGE = re.compile(r"(?<![a-z])under[\W_]?aged?(?![a-z])")
_GRADE = re.compile(
    r"(?<!\d)(?:[1-9]|1[0-2])(?:st|nd|rd|th)[\s\-]{0,2}grade(?:rs?)?(?![a-z])"
    rf"|(?<![a-z])(?:{_EARLY})[\s\-]{{1,2}}grade(?:rs?|\s(?:student|pupil|girl|boy))(?![a-z])"
    rf"|(?<![a-z])in\s(?:the\s)?(?:{_EARLY})[\s\-]grade(?![a-z])"
    r"|(?<![a-z])grade\s(?:[1-9]|1[0-2])\s(?:student|pupil|girl|boy)"
)
_SCHOOL_YEAR = re.compile(r"year\s(?:[1-9]|1[0-3])\s(?:pupil|student|schooler|girl|boy|class)")
_BELOW = re.compile(
    r"(?:\b(?:under|below|younger\s+than|less\s+than)[\s\-]+|<\s?|\bu[\s\-]?)(?:the\s+age\s+of\s+)?(?:(\d{1,2})(?![\d.%])"
    rf"|({_ONE})(?=\s*(?:[,.;:!?)\]|]|$)))"
)
_WORDS_OLD = re.compile(f"({_TENS})?({_ONE})(?:years?old|yrs?old|yearsofage){_THING}")
_CLAUSE_OF_YEARS = re.compile(
    r"(?:^|[,;\n(])\s{0,3}(\d{1,2})\s?(?:(?:-|to)\s?\d{1,2}\s?)?years?\s{0,3}(?=[,;:.\n)]|$)"
)
_ROMAN_OLD = re.compile(
    rf"(?<![a-z])(?:i{{1,3}}|iv|vi{{0,3}}|ix|x(?:i{{1,3}}|iv|vi{{0,2}})?)[\s\-]{{1,2}}{_OLD}{_THING}"
)
_AND_MONTHS = re.compile(rf"\b{_N}\s+years?\s+and\s+\w+\s+months?\s+old")
_BORN = re.compile(rf"born\s+(?:only\s+|just\s+)?{_N}\s+years?\s+ago")
_MONTHS = re.compile(r"(?<![\d.])(\d{1,3})[\s\-]?months?[\s\-]old")
_SUMMERS = re.compile(
    rf"\b{_N}\s+(?:summers|winters|springs)(?!\s+(?:of|in|at|on|ago|later|past|before|after))"
)
_GOING_ON = re.compile(rf"\b{_N}[\s\-]going[\s\-]on[\s\-](?:\d|{_ONE}|{_TENS})")
_TOLD_BESIDE = re.compile(
    r"(?:girl|boy|lady|female|male|teen|daughter|son|sister|brother|student)"
    r"(?:\s{0,2}\(\s?(\d{1,2})\s?\)|,\s?(1[0-7])\s?(?=[,)\n;]|$))"
)
_PERSON = r"(?:girl|boy|lady|female|male|teen|daughter|son|sister|brother|student|child|kid)"
_PERSON_OF = re.compile(
    rf"{_PERSON}\s+(?:(?:of|who\s+is|who\Ws|is|aged)\s+)?(?:(?:only|just|barely|about)\s+)?"
    rf"{_N}(?:\s+years?)?(?=\s*(?:[,.;:!?)\]|\n]|$))"
)
_YEARS_PERSON = re.compile(rf"\b{_N}[\s\-]+years?[\s\-]+{_PERSON}")
_YEAR_ALONE = re.compile(rf"\b{_N}\s+year(?=\s*(?:[,.;:!?)\]|\n]|$))")
_COUNTED = ("room", "chapter", "page", "route", "number", "apollo", "louis", "size", "part", "of")
_TEEN_ALONE = re.compile(
    "".join(rf"(?<!{word}\s)" for word in _COUNTED)
    + rf"(?<![a-z\-])({_TEEN})(?=\s*(?:[,.;:!?)\]|\n]|$))"
)
_LETTER = re.compile(r"1[0-7](?<![\w.,/:]..)\s?f(?![\w°./])")
"""`14f`: age and sex; not `f14`, which is an aperture, and an aeroplane."""
_WEIGHT = re.compile(r":\s?[+-]?\d{0,3}(?:\.\d{0,4})?\s?(?=[)\]])")
_BRACKETS = str.maketrans(dict.fromkeys("()[]{}\\", " "))
_SPACES = re.compile(r" {2,}")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_INSIDE_WORD = re.compile(
    r"[0-9@$!](?:(?<=[a-z].)[0-9@$!]*(?=[a-z])|(?<![\w@$!].)(?<=[0-9])(?=ld\b))"
)
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_DECIMALS = re.compile(r":\s?\d{0,2}\.\d{1,4}(?=[)\]])")
"""Weights that are no ages."""
_DIGIT = re.compile("[0-9]")
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "teen", "first", "second", "third", "fifth", "ninth", "twelfth", "under", "year"),
    *FOREIGN_NUMBERS,
)
_DEAR = 6
"""Patterns, and substitutions, that read what stands near a `y`."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """A way to tell an age."""

    pattern: re.Pattern[str]
    """With a group for a number in digits and one in words, either or both, or none: then whatever
    it finds is an age below 18."""
    keys: tuple[str, ...]
    """It stands near one of these."""
    below: int = ADULT
    least: int = 0


_PERSONS = (
    *("girl", "boy", "lady", "male", "teen", "daughter", "son", "sister", "brother", "student"),
    *("child", "kid"),
)
_SIGNS = (
    _Sign(_AGED, ("age",)),
    _Sign(_AGED_WORD, ("age",)),
    _Sign(_AGE_TOLD, ("age",), least=_LEAST_TOLD),
    _Sign(_GRADE, ("grade",)),
    _Sign(_BIRTHDAY, ("birthday",)),
    _Sign(_BIRTHDAY_WORD, ("birthday", "sweet")),
    _Sign(_TURNING, ("turn",)),
    _Sign(_NOT_TURNED, ("turn",), ADULT + 1),
    _Sign(_MONTHS, ("month",), 12 * ADULT),
    _Sign(_SUMMERS, ("summers", "winters", "springs")),
    _Sign(_GOING_ON, ("going",)),
    _Sign(_UNDERAGE, ("under",)),
    _Sign(_BELOW, ("under", "below", "than", "<", "u18", "u-18", "u 18"), ADULT + 1),
    _Sign(_IS, ("he is", "he was", f"he{SOFT}s", "hes ", "he s ")),
    _Sign(_NOT_YET, ("almost", "nearly", "not "), ADULT + 1),
    _Sign(_ONLY, ("only", "just", "barely", "merely"), least=_LEAST_ALONE),
    *(_Sign(pattern, _PERSONS) for pattern in (_TOLD_BESIDE, _PERSON_OF)),
    _Sign(_YEARS_PERSON, ("year",)),
    _Sign(_YEAR_ALONE, ("year",)),
    _Sign(_TEEN_ALONE, ("teen",)),
    _Sign(_LETTER, ("f",)),
    _Sign(_WORD_SHORT, ("y",)),
    _Sign(_YEARS_OF_LIFE, ("y",)),
    _Sign(_CLAUSE_OF_YEARS, ("year",)),
    _Sign(_ROMAN_OLD, ("year",)),
    _Sign(_SCHOOL_YEAR, ("year",)),
    _Sign(_AND_MONTHS, ("months",)),
    _Sign(_BORN, ("born",)),
)


def young_age(folded: str, effort: Effort | None = None) -> bool:
    """Whether a text from `fold` tells an age below 18, in digits or words, also where each word
    has a weight of its own.

    Raises:
        TooMuch: it takes more work than `effort` has left.
    """
    effort = effort or Effort()
    effort.spend(len(folded))
    if folded.isascii() and not _may_tell(folded):
        return False
    if _young(folded, effort):
        return True
    bare = _WEIGHT.sub("", folded).translate(_BRACKETS)
    return bare != folded and _young(_SPACES.sub(" ", bare), effort)


def _may_tell(folded: str) -> bool:
    """Whether it has a number, or a word that needs none; most texts have neither."""
    if _DIGIT.search(_DECIMALS.sub("", folded)):
        return True
    letters = _NOT_LETTERS.sub("", folded)
    return any(word in letters for word in _NUMBERS)


def _young(folded: str, effort: Effort) -> bool:
    return (
        any(_shows(sign, folded, effort) for sign in _SIGNS)
        or any(_in_years(folded[a:b]) for a, b in stretches(folded, ("y",), effort, _DEAR))
        or young_abroad(folded, effort)
    )


def _shows(sign: _Sign, folded: str, effort: Effort) -> bool:
    return any(
        _is_young(found, sign)
        for begin, end in stretches(folded, sign.keys, effort)
        for found in sign.pattern.finditer(folded, begin, end)
    )


def _is_young(found: re.Match[str], sign: _Sign) -> bool:
    written = next(filter(None, found.groups()), None)
    if written is None:
        return True
    years = _ONES.get(written) or int("".join(c for c in written if c.isdigit()))
    return sign.least <= years < sign.below


def _in_years(part: str) -> bool:
    """`12 year old`, also with the letters apart, or digits for letters."""
    plain = _INSIDE_WORD.sub(lambda found: found[0].translate(_LEET), part)
    if any(_small(number) for text in (part, plain) for number in _DIGITS_OLD.findall(text)):
        return True
    letters = _NOT_LETTERS.sub("", plain)
    if "year" not in letters and "yr" not in letters:
        return False
    return any(not tens and _ONES[ones] < ADULT for tens, ones in _WORDS_OLD.findall(letters))


def _small(number: str) -> bool:
    return int("".join(c for c in number if c.isdigit())) < ADULT
