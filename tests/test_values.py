"""Numbers and sizes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import values


@pytest.mark.parametrize(
    ("text", "number"),
    [("28", 28), ("-1", -1), ("−1", -1), ("２８", 28), ("28.", 28), ("2.5", None), ("", None)],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    """Typographic minus and full-width digits count; fractions do not."""
    assert values.whole(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7.0),
        ("7.5", 7.5),
        ("7,5", 7.5),
        ("7，5", 7.5),
        (".6", 0.6),
        ("60%", 0.6),
        ("60％", 0.6),
        ("1e-2", 0.01),
        ("-0.5", -0.5),
        ("1e999", None),
        ("nan", None),
        ("1.2.3", None),
    ],
)
def test_decimals(text: str, number: float | None) -> None:
    """Comma or point, and percent."""
    assert values.decimal(text) == number


@pytest.mark.parametrize(
    "text", ["1024x768", "1024X768", "1024*768", "1024×768", "1024 x 768", "１０２４ｘ７６８"]
)
def test_sizes(text: str) -> None:
    """Every sign that people put between."""
    assert values.size(text) == (1024, 768)


@pytest.mark.parametrize("text", ["0x5", "5x0", "-5x5", "x", "", "1024x", "9" * 30])
def test_what_is_no_size(text: str) -> None:
    """A size has two positive sides."""
    assert values.size(text) is None


def test_one_side_is_a_square() -> None:
    """`--size 768`."""
    assert values.size("768") == (768, 768)


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("3:2", (3.0, 2.0)),
        ("16/9", (16.0, 9.0)),
        ("16：9", (16.0, 9.0)),
        ("16 : 9", (16.0, 9.0)),
        ("1024x768", (1024.0, 768.0)),
        ("2.35:1", (2.35, 1.0)),
        ("1.5", (1.5, 1.0)),
        ("Portrait", (2.0, 3.0)),
        ("横", (3.0, 2.0)),
        ("方图", (1.0, 1.0)),
        ("0:1", None),
        ("wide:1", None),
    ],
)
def test_ratios(text: str, ratio: tuple[float, float] | None) -> None:
    """Width to height, by numbers or by a word."""
    assert values.ratio(text) == ratio


@pytest.mark.parametrize("text", ["random", "RANDOM", "-1", "随机"])
def test_random_seed(text: str) -> None:
    """-1 asks for a random seed."""
    assert values.seed(text) == -1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_shown_numbers_read_back(number: float) -> None:
    """`shown` loses nothing, as long as the number has a sane size."""
    if abs(number) < 1e15:
        assert values.decimal(values.shown(number)) == number


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_shown_too(number: float) -> None:
    """A fault must be able to quote it."""
    assert values.shown(number) == repr(number)


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    """Nothing raises."""
    for read in (values.whole, values.decimal, values.size, values.ratio, values.seed):
        read(text)
