"""Ages below 18 in folded text, as other languages than English tell them (pure): Chinese with its
syllables, Japanese, Korean, and the commonest phrase of some European and Asian languages.
"""

import re
from itertools import pairwise

from bot.quota.effort import Effort
from bot.quota.normalise import fold
from bot.quota.stretches import stretches

_ADULT = 18

# Chinese and Japanese ---------------------------------------------------------------------------

_HAN = "零〇一二两三四五六七八九十百廿"
_NEXT = dict(zip("二三四五六七八九", "一二三四五六七八", strict=True))
_G = r"[ ._*\-]"
_ANIMALS = r"(?!的?(?:小|老|大)?(?:狗|犬|猫|马|牛|羊|兔|鸟|树|酒))"
_CHINESE = re.compile(
    rf"((?:\d(?:{_G}?\d){{0,2}})|[{_HAN}](?:{_G}?[{_HAN}]){{0,5}}){_G}{{0,2}}(?:周{_G}?)?"
    rf"(?:岁|歳|歲|嵗|살|才(?![能华華智子女艺藝])|さい|세){_ANIMALS}(以下|以内)?"
)
_CHINESE_GRADE = re.compile(rf"(?<!大学)(?<![{_HAN}\d])[一二三四五六七八九1-9]{_G}?年{_G}?[级級]")
_NOT_GROWN = re.compile(rf"(?:未|没有?|沒有?|不到){_G}?成{_G}?年")
_CHINESE_TEENS = re.compile(rf"(?<![{_HAN}])十{_G}?[几幾来來多余]{_G}?[岁歳歲]")
_CHINESE_BELOW = re.compile(r"(?:未满|未滿|不满|不滿|不到|小于|低于)\s?(?:18|十八)")
_CHINESE_TOLD = re.compile(
    rf"(?:芳龄|年仅|年方|年龄|年纪|年紀|今年|刚满|才满)[是为:：\s]{{0,2}}(?:只有|不过|刚刚|才|刚|仅)?"
    rf"(\d{{1,2}}(?!\d)|[{_HAN}]{{1,3}})(?![年月日号點点个次%])"
)

# Pinyin -----------------------------------------------------------------------------------------

_SYLLABLES = {"yi": 1, "er": 2, "liang": 2, "san": 3, "si": 4, "wu": 5, "liu": 6, "qi": 7}
_SYLLABLES |= {"ba": 8, "jiu": 9}
_SYLLABLE = "|".join(_SYLLABLES)
_PINYIN = re.compile(
    rf"(?<![a-z])(?:({_SYLLABLE})?[\s\-]?(shi))?[\s\-]?({_SYLLABLE}|\d{{1,2}})?[\s\-]?"
    r"(?:zhou[\s\-]?)?sui(?![a-z])"
)

# Korean -----------------------------------------------------------------------------------------

_KOREAN = re.compile(
    r"(?<![가-힣])(?:열\s?)?(?:한|두|세|네|다섯|여섯|일곱)\s?살|(?<![가-힣])(?:여덟|아홉|열)\s?살"
)

# Others -----------------------------------------------------------------------------------------

_UNITS = (
    "ans", "años", "anos", "anys", "anni", "jahre", "jahren", "jährig", "jährige", "jähriges",
    "jähriger", "jährigen", "jaar", "jarige", "årig", "åriga", "vuotta", "vuotias", "lat",
    "letni", "letnia", "roků", "rokov", "éves", "ani", "лет", "года", "год", "летняя",
    "летний", "років", "роки", "yaş", "yaşında", "tuổi", "tahun", "साल", "ปี", "ขวบ", "سنة", "سنوات",
    "عاما", "שנים", "ετών", "χρονών",
)  # fmt: skip
_WORDS = {
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezesseis dezessete",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn "
    "sechzehn siebzehn",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici diciassette",
    "ru": "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать "
    "тринадцать четырнадцать пятнадцать шестнадцать семнадцать",
}
"""The numbers from two on."""
_NUMBERS = sorted({fold(w) for words in _WORDS.values() for w in words.split()}, key=len)[::-1]
_YOUNG = "|".join(map(re.escape, _NUMBERS))
FOREIGN_NUMBERS = ("sui", *(word for word in _NUMBERS if word.isascii()))
"""Letters that stand in every age in these languages that is told in ASCII without digits."""
_UNIT = "|".join(sorted({re.escape(fold(unit)) for unit in _UNITS}, key=len)[::-1])
_NO_AGE = (
    *("il y a", "hace", "vor", "depuis", "seit", "desde"),
    *("et", "y", "e", "soixante", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят"),
)
"""What begins a time ago, or a number above twenty."""
_BEFORE = "|".join(re.escape(fold(w)) for w in _NO_AGE)
_OTHERS = re.compile(
    rf"(?<![^\W\d])(?<!\d[.,])(?<!\d)(?:(\d{{1,2}})|(?:dix[\s\-](?:sept)|{_YOUNG}))[\s\-]{{0,2}}"
    rf"(?:{_UNIT})(?!\w)(?!\s(?:ago|fa\b|назад))"
)
_NO_AGE_BEFORE = re.compile(rf"(?:(?<![^\W\d])(?:{_BEFORE})[\s\-]*|(?<=[^\W\d])-)$")
_STEMS = tuple(sorted({fold(unit)[:3] for unit in _UNITS}))
_SIGNS = (*"岁歳歲嵗살세才さ龄齡年满滿", "小于", "低于", "不到")
_DEAR = 4
"""Patterns that read what stands near one of these."""


def young_abroad(folded: str, effort: Effort) -> bool:
    """Whether a text from `fold` tells an age below 18 in one of these languages.

    Raises:
        TooMuch: it takes more work than `effort` has left.
    """
    return (
        any(
            _is_young_pinyin(found)
            for begin, end in stretches(folded, ("sui",), effort, _DEAR)
            for found in _PINYIN.finditer(folded, begin, end)
        )
        or any(_in_units(folded[a:b]) for a, b in stretches(folded, _STEMS, effort, _DEAR))
        or (
            not folded.isascii()
            and any(_chinese(folded[a:b]) for a, b in stretches(folded, _SIGNS, effort, _DEAR))
        )
    )


def _in_units(folded: str) -> bool:
    for found in _OTHERS.finditer(folded):
        if found[1] and not 0 < int(found[1]) < _ADULT:
            continue
        if not _NO_AGE_BEFORE.search(folded[max(0, found.start() - 12) : found.start()]):
            return True
    return False


def _is_young_pinyin(found: re.Match[str]) -> bool:
    """`shi er sui` is twelve, `er shi sui` twenty."""
    tens, ten, ones = found.groups()
    if not (ten or ones):
        return False
    units = _SYLLABLES[ones] if ones in _SYLLABLES else int(ones or 0)
    return 0 < (10 * _SYLLABLES.get(tens or "yi", 1) if ten else 0) + units < _ADULT


def _chinese(folded: str) -> bool:
    if _CHINESE_TEENS.search(folded) or _CHINESE_BELOW.search(folded):
        return True
    if _CHINESE_GRADE.search(folded) or _NOT_GROWN.search(folded) or _KOREAN.search(folded):
        return True
    if any(0 < _value(number) < _ADULT for number in _CHINESE_TOLD.findall(folded)):
        return True
    return any(_value(number) < _ADULT + bool(below) for number, below in _CHINESE.findall(folded))


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
