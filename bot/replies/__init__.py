"""Every word a user reads: phrases become text, in English, Chinese or another language.

The sentences stand in Project Fluent files (https://projectfluent.org), one folder a language and
one file a topic; plural rules and number formats come from the Unicode data behind them.
"""

from datetime import datetime
from functools import cache
from importlib import resources
from math import ceil
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from fluent.runtime import FluentBundle, FluentResource

from bot.phrase import Phrase

FALLBACK = "en"
_HERE = resources.files(__package__)
_FOUND = {f.name for f in _HERE.iterdir() if f.is_dir() and f.joinpath("jobs.ftl").is_file()}
LANGUAGES = (FALLBACK, *sorted(_FOUND - {FALLBACK}))
"""The folders with catalogues; each is named by its BCP 47 tag, in small letters."""
_TAGS = {"en": "en-GB", "zh": "zh-Hans"}
"""More exact tags, where numbers and dates are to be written as in one place."""
_DAYS_FROM_H = 48
"""From so many hours on, durations are told in days."""


def language_for(tag: str | None, configured: str = "auto") -> str:
    """Choose a catalogue for a BCP 47 tag, the longest that begins it: `zh-TW` → `zh`; unknown or
    missing → `en`."""
    if configured in LANGUAGES:
        return configured
    wanted = (tag or "").lower().replace("_", "-")
    while wanted and wanted not in LANGUAGES:
        wanted = wanted.rpartition("-")[0]
    return wanted or FALLBACK


def tag_of(language: str) -> str:
    """The BCP 47 tag of a catalogue, as in HTML's `lang`."""
    return _TAGS.get(language, language)


@cache
def _bundle(language: str) -> FluentBundle:
    # Isolation marks (U+2068/9) around values protect mixed-direction text; both languages here
    # run left to right, and the marks would end up in prompts that people copy.
    bundle = FluentBundle(
        [tag_of(language)],
        use_isolating=False,
        functions={
            "DURATION": lambda seconds: duration(float(seconds), language),
            "WAIT": lambda seconds: exact_wait(float(seconds), language),
            "CLOCK": lambda seconds, zone: clock(float(seconds), zone, language),
            "DATE": lambda seconds, zone: date(float(seconds), zone, language),
        },
    )
    for entry in sorted(_HERE.joinpath(language).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".ftl"):
            bundle.add_resource(FluentResource(entry.read_text("utf-8")))
    return bundle


def say(phrase: Phrase, language: str = "en") -> str:
    """Word `phrase` in `language`.

    Raises:
        KeyError: no such message; a test looks for every key in both languages.
        ValueError: a variable of the message was not given.
    """
    bundle = _bundle(language)
    message = bundle.get_message(phrase.key)
    if message.value is None:
        raise KeyError(phrase.key)
    args = {
        name: say(value, language) if isinstance(value, Phrase) else value
        for name, value in phrase.args.items()
    }
    text, errors = bundle.format_pattern(message.value, args)
    if errors:
        raise ValueError(f"{phrase.key}: {errors[0]}")
    return str(text)


def duration(seconds: float, language: str = "en") -> str:
    """`3 s`, `2 min`, `1 h 5 min`, `2 d 3 h`, of seconds; in the catalogues:
    `{ DURATION($wait) }`."""
    if seconds < 60:
        return say(Phrase("seconds", {"n": max(1, round(seconds))}), language)
    minutes = round(seconds / 60)
    if minutes < 60:
        return say(Phrase("minutes", {"n": minutes}), language)
    hours = round(seconds / 3600)
    if hours >= _DAYS_FROM_H:
        return say(Phrase("days", {"days": hours // 24, "hours": hours % 24}), language)
    return say(Phrase("hours", {"hours": minutes // 60, "minutes": minutes % 60}), language)


def exact_wait(seconds: float, language: str = "en") -> str:
    """`40 s`, `3 min 5 s`, `2 h 5 min`: how long to wait at least, never less than `seconds`;
    in the catalogues: `{ WAIT($wait) }`."""
    left = max(1, ceil(seconds))
    if left > (_DAYS_FROM_H - 1) * 3600:
        return duration(ceil(left / 3600) * 3600, language)
    if left >= 3600:
        return duration(ceil(left / 60) * 60, language)
    minutes, rest = divmod(left, 60)
    words = [say(Phrase("minutes", {"n": minutes}), language)] if minutes else []
    if rest:
        words.append(say(Phrase("seconds", {"n": rest}), language))
    return " ".join(words)


def clock(seconds: float, zone: str, language: str = "en") -> str:
    """`14:05`: the time of day of a moment (seconds since 1970) in a zone such as
    `Europe/Berlin`; in the catalogues: `{ CLOCK($at, $zone) }`."""
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return format_time(local, "short", tzinfo=ZoneInfo(zone), locale=_locale(language))


def date(seconds: float, zone: str, language: str = "en") -> str:
    """`23 Nov 2026`: its day; in the catalogues: `{ DATE($at, $zone) }`."""
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return format_date(local, "medium", locale=_locale(language))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(tag_of(language), sep="-")


def say_all(phrases: tuple[Phrase, ...], language: str = "en") -> str:
    """Several phrases, one a line."""
    return "\n".join(say(p, language) for p in phrases)


def keys(language: str) -> frozenset[str]:
    """All message keys of a catalogue."""
    return frozenset(_bundle(language)._messages)
