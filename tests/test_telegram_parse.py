"""Which words are meant for the bot, and text as Telegram counts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.media import PHOTO_BYTES, Form, forms, size_of, small_jpeg
from bot.adapters.telegram.parse import addressed
from bot.adapters.telegram.text import neutral, shorten, units, whole
from bot.command import WORDS
from tests.standins.telegram_scene import png

NAME = "ChatelierBot"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/draw a fox", ("draw", "a fox")),
        ("/Draw@chatelierbot a fox", ("draw", "a fox")),
        ("/imagine a\n\nfox ", ("imagine", "a\n\nfox")),
        ("/draw\na fox", ("draw", "a fox")),
        ("/draw一只猫", ("draw", "一只猫")),
        ("/draw，一只猫", ("draw", "，一只猫")),
        ("／draw a fox", ("draw", "a fox")),
        ("/draw", ("draw", "")),
        ("画 一只猫", ("draw", "一只猫")),
        ("画\u3000一只猫", ("draw", "一只猫")),
        ("画：一只猫", ("draw", "一只猫")),
        ("@ChatelierBot a fox", (WORDS, "a fox")),
        ("@chatelierbot，一只猫", (WORDS, "一只猫")),
        ("@ChatelierBot /queue", ("queue", "")),
        ("@ChatelierBot", ("help", "")),
        ("/draw@OtherBot a fox", None),
        ("@ChatelierBot2 a fox", None),
        ("@ChatelierBot /draw@OtherBot a fox", None),
        ("画得真好", None),
        ("a fox", None),
        ("see /draw", None),
        ("/usr/bin", None),
        ("/", None),
        ("", None),
    ],
)
def test_what_is_meant_for_the_bot_in_a_group(text: str, expected: object) -> None:
    """Commands, mentions at the beginning, and 画 with a space behind it."""
    assert addressed(text, NAME, private=False) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox", (WORDS, "a fox")),
        ("画 一只猫", ("draw", "一只猫")),
        ("画得像水彩的猫", (WORDS, "画得像水彩的猫")),
        ("/usr/bin", (WORDS, "/usr/bin")),
        ("/queue", ("queue", "")),
        ("/draw@OtherBot x", None),
        ("", None),
    ],
)
def test_in_private_any_words_ask_for_a_picture(text: str, expected: object) -> None:
    """Only other bots' commands and nothing at all are left."""
    assert addressed(text, NAME, private=True) == expected


@given(st.text(), st.integers(1, 50))
def test_shortened_text_fits_and_stays_text(text: str, most: int) -> None:
    """Never longer than asked, never half a character, unchanged where it fits."""
    text = whole(text)
    short = shorten(text, most)
    assert units(short) <= most
    assert short.encode("utf-16").decode("utf-16") == short
    assert (short == text) == (units(text) <= most)


@given(st.text(st.characters(categories=["Cs", "Lu", "So"])))
def test_whole_text_can_be_sent(text: str) -> None:
    """Whatever halves of pairs came in, UTF-8 goes out."""
    whole(text).encode()


def test_characters_beyond_the_basic_plane_count_two() -> None:
    """As the Bot API measures."""
    assert [units(t) for t in ("a", "é", "猫", "🦊")] == [1, 1, 1, 2]


def test_a_mention_is_broken_and_nothing_else() -> None:
    """An @ that begins no name stays as it is."""
    assert neutral("@durov a@b @ x") == "@\u2060durov a@\u2060b @ x"


def test_the_ladder_of_forms() -> None:
    """Photo where it fits, then the file, then our JPEG; one form for a whole album."""
    small, long = png(64, 64), png(2100, 100)
    huge = small + bytes(50 * 1024 * 1024)
    assert forms([small], as_file=False) == [Form.PHOTO, Form.DOCUMENT, Form.SMALL]
    assert forms([small], as_file=True) == [Form.DOCUMENT, Form.SMALL]
    assert forms([small, long], as_file=False) == [Form.DOCUMENT, Form.SMALL]
    assert forms([small, huge], as_file=False) == [Form.SMALL]


def test_a_jpeg_is_made_to_fit() -> None:
    """It shrinks until Telegram must take it."""
    assert size_of(png(70, 50)) == (70, 50)
    noisy = png(600, 600, noise=True)
    assert len(small_jpeg(noisy, 40_000)) <= 40_000 < len(small_jpeg(noisy)) <= PHOTO_BYTES
