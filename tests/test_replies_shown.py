"""`python -m bot.replies`: all sentences in all their forms, for those who write them."""

import re
from collections.abc import Iterator

import pytest

from bot.adapters.telegram.text import ALERT_UNITS, units
from bot.phrase import Phrase
from bot.replies import LANGUAGES, keys, say
from bot.replies.__main__ import main
from bot.replies.samples import COUNTS, examples, shapes

ALERTS = re.compile(r"not-your|button-(unknown|else)|picture-|report-|held-|quota-|banned|cooldown")
"""What is said to somebody who presses."""
LABELS = re.compile(r"edit-|discord-vary-label")
"""What stands over the fields of Discord's forms, and as their title."""


def every_example() -> Iterator[tuple[str, Phrase]]:
    for messages in shapes().values():
        for key, shape in messages.items():
            yield from ((key, item) for item in examples(key, shape))


def test_every_sentence_is_shown_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its key, once a form, the languages below each other."""
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert set(re.findall(r"^([a-z][\w-]+)$", shown, re.M)) == keys("en")
    assert "\n  en  Cancelled.\n  zh  已取消。\n" in shown
    assert "  en  One request is waiting, 3 are being drawn." in shown
    assert "  en  Nobody is waiting, 3 are being drawn." in shown


def test_a_language_and_a_topic_are_shown_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """English stands beside each; a word that is neither is told."""
    assert main(["zh", "jobs"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("\n# ") == 1
    assert "\nbutton-cancel\n  en  ⛔ Cancel\n  zh  ⛔ 取消\n" in shown
    assert main(["jbos"]) == 2
    assert "jbos is neither a language (en, zh) nor a topic (" in capsys.readouterr().err


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_of_a_sentence_is_missed(language: str) -> None:
    """Plural forms of every language are among the examples, and none of them is empty."""
    texts = {say(item, language) for _, item in every_example()}
    assert all(texts)
    assert {0, 1, 2} < set(COUNTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_platforms_show_in_little_room_fits(language: str) -> None:
    """200 UTF-16 units in an answer to a press on Telegram, 45 characters in a form of Discord."""
    for key, item in every_example():
        text = say(item, language)
        if ALERTS.match(key):
            assert units(text) <= ALERT_UNITS, f"{key}: {text}"
        if LABELS.match(key):
            assert len(text) <= 45, f"{key}: {text}"
