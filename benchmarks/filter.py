"""How much the prompt filter catches, what it refuses wrongly, and how long it takes.

The dictionary is the machine's own (Debian's `wamerican`, or any list of words given by
`CHATELIER_DICTIONARY`); without one that figure is left out.
"""

import os
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.filter_blind import BLIND, BLIND_CHINESE, BLIND_PINYIN, GROWN, YOUNG
from benchmarks.filter_fresh import (
    FRESH,
    FRESH_CHINESE,
    FRESH_PINYIN,
    GROWN_FRESH,
    YOUNG_FRESH,
)
from benchmarks.filter_held_out import HELD_OUT, HELD_OUT_CHINESE, HELD_OUT_PINYIN
from benchmarks.filter_prompts import ordinary
from benchmarks.filter_tricks import CHINESE_TRICKS, PINYIN_TRICKS, TRICKS, Asked
from bot.quota.effort import MOST, Effort
from bot.quota.prompt_filter import CATEGORIES, MINORS, Action, Fields, PromptFilter
from bot.quota.word_lists import Entry, decoded, inflected, shipped

DATA = Path(__file__).parents[1] / "tests" / "data"
DICTIONARY = Path(os.environ.get("CHATELIER_DICTIONARY", "/usr/share/dict/american-english"))
_HAN = re.compile("[\u4e00-\u9fff]+")
_MOST_WORDS = 400
_SETS = {
    "known": (TRICKS, CHINESE_TRICKS, PINYIN_TRICKS),
    "held_out": (HELD_OUT, HELD_OUT_CHINESE, HELD_OUT_PINYIN),
    "blind": (BLIND, BLIND_CHINESE, BLIND_PINYIN),
    "fresh": (FRESH, FRESH_CHINESE, FRESH_PINYIN),
}
_YOUNG, _GROWN = (*YOUNG, *YOUNG_FRESH), (*GROWN, *GROWN_FRESH)


def fields(asked: Asked) -> Fields:
    """What intake makes of a request."""
    return Fields(prompt=asked.prompt, negative_prompt=asked.negative_prompt, names=asked.names)


def words(seed: int = 1) -> tuple[list[str], list[Entry]]:
    """Shipped words: in Latin letters, and in Chinese characters."""
    entries = [e for e in shipped() if e.category in CATEGORIES and not e.is_exception]
    latin = sorted({e.text.lower() for e in entries if re.fullmatch("[a-z ]+", e.text.lower())})
    chinese = [e for e in entries if _HAN.fullmatch(e.text) and len(e.text) > 1]
    draw = random.Random(seed)
    return (
        draw.sample(latin, min(_MOST_WORDS, len(latin))),
        draw.sample(chinese, min(_MOST_WORDS, len(chinese))),
    )


def attempts(
    latin: Iterable[str], chinese: Iterable[Entry], which: str
) -> Iterator[tuple[str, str, Asked]]:
    """Each trick of a set on each word: the trick's name, the word, the request."""
    tricks, chinese_tricks, spoken = _SETS[which]
    for word in latin:
        for name, trick in tricks.items():
            if asked := trick(word):
                yield name, word, asked
    for entry in chinese:
        for name, trick in chinese_tricks.items():
            if asked := trick(entry.text):
                yield f"Chinese, {name}", entry.text, asked
        if entry.syllables:
            for name, written in spoken.items():
                if asked := written(entry.text, list(entry.syllables)):
                    yield name, entry.text, asked


def caught(checked: PromptFilter, tried: Iterable[tuple[str, str, Asked]]) -> dict[str, Any]:
    """Share of tricks that are seen through, and the tricks that work best."""
    total: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for name, _, asked in tried:
        total[name] += 1
        missed[name] += checked.check(fields(asked)).allowed
    worst = sorted(missed, key=lambda n: missed[n] / total[n], reverse=True)[:8]
    return {
        "tricks": len(total),
        "attempts": total.total(),
        "caught": round(1 - missed.total() / total.total(), 5),
        "missed_most": {n: round(missed[n] / total[n], 4) for n in worst if missed[n]},
    }


def dictionary_words(most: int = 50_000) -> list[str]:
    """Words of the machine's dictionary."""
    if not DICTIONARY.exists():
        return []
    lines = DICTIONARY.read_text("utf-8").split()
    return random.Random(1).sample(lines, min(most, len(lines)))


def listed() -> frozenset[str]:
    """Every spelling of the lists' own words: refusing these is no mistake."""
    return frozenset(
        form
        for e in shipped()
        if e.category in CATEGORIES and not e.is_exception
        for form in inflected(e.text.lower(), verb=e.flag == "+")
    )


def wrongly(checked: PromptFilter, texts: Iterable[str]) -> list[str]:
    """Those of `texts` that are refused."""
    return [text for text in texts if not checked.check(Fields(prompt=text)).allowed]


def dictionary_mistakes(checked: PromptFilter, texts: list[str]) -> list[str]:
    """Refused words of a dictionary that no list has, nor as a part where it may be a part."""
    known = listed()
    parts = tuple(e.text for e in shipped() if e.flag == "~" and e.text.isascii())
    return [
        word
        for word in wrongly(checked, texts)
        if (plain := word.lower().removesuffix("'s")) not in known
        and not any(plain.startswith(part) for part in parts)
    ]


def innocent() -> list[str]:
    """Words and sentences that only look bad."""
    texts = [(DATA / f"filter_innocent{n}.txt").read_text("utf-8") for n in ("", "_2", "_3", "_4")]
    lines = [line for text in texts for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def evasions() -> list[tuple[str, str]]:
    """Categories, and requests of them that go around a filter."""
    files = [DATA / f"filter_evasions{n}.txt" for n in ("", "_2", "_3")]
    lines = [x for file in files for x in decoded(file.read_text("utf-8")).splitlines()]
    return [(category, asked) for category, _, asked in (x.partition("\t") for x in lines)]


def of_age(checked: PromptFilter) -> dict[str, list[str]]:
    """Signs of a minor that are not read beside a sexual word, and grown-ups taken for one, in a
    chat that allows whatever can be allowed."""
    word = next(e.text for e in shipped() if e.category == "sexual" and not e.flag)
    anything = dict.fromkeys(CATEGORIES, Action.ALLOW)

    def is_minor(told: str) -> bool:
        asked = Fields(prompt=f"{word} person, {told}, portrait")
        return checked.check(asked, anything).category == MINORS

    return {
        "missed": [told for told in _YOUNG if not is_minor(told)],
        "grown_refused": [told for told in _GROWN if is_minor(told)],
    }


def timed(checked: PromptFilter, texts: Iterable[tuple[str, str]], repeats: int = 3) -> list[float]:
    """Milliseconds of processor time of each check, the best of `repeats`."""
    taken = []
    for prompt, negative in texts:
        asked = Fields(prompt=prompt, negative_prompt=negative)
        runs = []
        for _ in range(repeats):
            begun = time.thread_time()
            checked.check(asked)
            runs.append(1000 * (time.thread_time() - begun))
        taken.append(min(runs))
    return taken


def hostile(count: int = 200, length: int = 4000, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Long texts that are meant to take long."""
    draw = random.Random(seed)
    wordlist, chinese = words()
    pools = [
        "abcdefgh nudesx",
        "()[]{}:|1.2, a",
        "\\()[]<lora:>",
        "ａｂｃｄ１２",
        "a\u0301\u0323",
        "裸体性爱，。 ",
        "\ufdfa",
        "한국어 ",
        "가각간",
        "ｶﾞｷﾞ",
        "as ",
        "a5$@!|",
        "\u200b\u2060x",
        "ǝpnuɐ ",
        "s",
        "[a|b:0.5]",
        "".join(chr(c) for c in range(0x20, 0x3000)),
        "".join(chr(c) for c in range(0x1D400, 0x1D7FF)),
        "12 yearold",
        "十二岁三",
        "* #ab",
        "aA",
        "\x1f'a",
        "㌀㍍",
    ]
    for i in range(count):
        pool = pools[i % len(pools)]
        yield "".join(draw.choices(pool, k=length)), ""
    for mark in ("[", "(", "[a|", "[a:", "a[b|c", "<lora:", "n u d", "[x|y][x|y|z]", "裸"):
        yield (mark * length)[:length], ""
    yield " ".join(word[:-1] for word in wordlist)[:length], ""
    yield "".join(e.text[:-1] for e in chinese)[:length], ""


def most_work(checked: PromptFilter, texts: Iterable[tuple[str, str]]) -> int:
    """The most work that one of `texts` takes, as `bot.quota.effort` counts it."""
    most = 0
    for prompt, negative in texts:
        effort = Effort()
        checked.check(Fields(prompt=prompt, negative_prompt=negative), effort=effort)
        most = max(most, effort.spent)
    return most


def run() -> dict[str, Any]:
    """All figures."""
    begun = time.perf_counter()
    checked = PromptFilter()
    built = time.perf_counter() - begun
    latin, chinese = words()
    prompts = list(ordinary())
    typical = timed(checked, prompts)
    worst = timed(checked, hostile(), repeats=9)
    texts = [text for text, _ in hostile()]
    both = timed(checked, zip(texts, reversed(texts), strict=True), repeats=9)
    vocabulary = dictionary_words()
    mistakes = dictionary_mistakes(checked, vocabulary)
    refused = [
        p for p in prompts if not checked.check(Fields(prompt=p[0], negative_prompt=p[1])).allowed
    ]
    return {
        "build_s": round(built, 3),
        "words": {"latin": len(latin), "chinese": len(chinese)},
        **{f"{which}_tricks": caught(checked, attempts(latin, chinese, which)) for which in _SETS},
        "minors": {"signs": len(_YOUNG), "of_grown_ups": len(_GROWN), **of_age(checked)},
        "evasions": {
            "requests": len(evasions()),
            "let_pass": sum(checked.check(Fields(prompt=text)).allowed for _, text in evasions()),
        },
        "innocent": {"lines": len(innocent()), "refused": len(wrongly(checked, innocent()))},
        "dictionary": {
            "words": len(vocabulary),
            "wrongly_refused": len(mistakes),
            "share": round(len(mistakes) / max(1, len(vocabulary)), 6),
        },
        "ordinary_prompts": {"prompts": len(prompts), "refused": len(refused)},
        "milliseconds": {
            "ordinary_median": round(statistics.median(typical), 3),
            "ordinary_p99": round(sorted(typical)[len(typical) * 99 // 100], 3),
            "hostile_4000_p99": round(sorted(worst)[len(worst) * 99 // 100], 3),
            "hostile_4000_max": round(max(worst), 3),
            "hostile_4000_in_both_prompts_max": round(max(both), 3),
        },
        "work": {"hostile_4000_max": most_work(checked, hostile()), "bound": MOST},
    }
