"""`{a|b|c}`: which words a picture reads, and that everything says the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.infotext import format_infotext, parse_infotext
from bot.wildcards import drawn, has_wildcards
from tests.samples import spec


def read(text: str, seeds: int = 60) -> list[str]:
    """All that pictures of seeds 0, 1, … read, in the order of their first time."""
    return list(dict.fromkeys(drawn(text, seed) for seed in range(seeds)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a {red|blue} fox", ["a red fox", "a blue fox"]),
        ("一只{红|蓝}狐", ["一只红狐", "一只蓝狐"]),
        ("{a|b} {c|d}", ["a c", "b c", "a d", "b d"]),
        ("{a|{b|c} d}", ["a", "b d", "c d"]),
        ("a{, snow|} fox", ["a, snow fox", "a fox"]),
        ("{{a|b}}", ["{a}", "{b}"]),
        ("{(a:1.2)|<lora:x:1>}", ["(a:1.2)", "<lora:x:1>"]),
        ("{[a|b]|c}", ["[a|b]", "c"]),
        ("{a|[b}", ["a", "[b"]),
        (r"{a\|b|c}", [r"a\|b", "c"]),
    ],
)
def test_every_alternative_is_read(text: str, words: list[str]) -> None:
    """By seeds that follow each other, one after the other."""
    assert has_wildcards(text)
    assert set(read(text)) == set(words)


@pytest.mark.parametrize(
    "text",
    ["{a}", "[a|b]", r"\{a|b\}", "a | b", "{a", "a|b}", "", "{[a|b]}", "{[a|b}", "{prompt}"],
)
def test_what_means_something_else_stays(text: str) -> None:
    """NovelAI's emphasis, A1111's alternation, escaped braces, open ends."""
    assert not has_wildcards(text)
    assert read(text) == [text]


def test_no_combination_comes_twice_before_all_have_come() -> None:
    """Four pictures of a request with four combinations are four different ones, from any seed."""
    text = "{red|blue} {fox|crow}"
    for seed in (0, 7, 2**32 - 9):
        assert len({drawn(text, seed + i) for i in range(4)}) == 4


def test_many_choices_are_all_drawn() -> None:
    """None of forty choices is always the same."""
    text = " ".join("{a|b|c|d}" for _ in range(40))
    rows = [drawn(text, seed).split() for seed in range(0, 4_000_000_000, 61_234_567)]
    for column in zip(*rows, strict=True):
        assert set(column) == {"a", "b", "c", "d"}


def test_a_picture_tells_the_words_that_it_read() -> None:
    """Its infotext draws the very same again."""
    order = spec(prompt="a {red|blue} fox", seed=4, count=2)
    assert [order.words(i) for i in range(2)] == ["a red fox", "a blue fox"]
    told = parse_infotext(format_infotext(order, 1, "1"))
    assert (told.prompt, told.fields["Seed"]) == ("a blue fox", "5")


def test_variations_of_a_picture_read_its_words() -> None:
    """All pictures of a variation have the seed of the first."""
    order = spec(prompt="a {red|blue} fox", seed=4, count=3, subseed=9, subseed_strength=0.1)
    assert {order.words(i) for i in range(3)} == {"a red fox"}


def test_records_from_before_read_to_the_letter() -> None:
    """Until version 3 braces with bars were only words."""
    order = spec(prompt="a {red|blue} fox", schema_version=2)
    assert order.words(0) == "a {red|blue} fox"


@given(st.text(alphabet="ab {}|[]\\", max_size=60), st.integers(0, 2**32 - 1))
def test_any_text_is_read(text: str, seed: int) -> None:
    """Nothing is added, and what is read holds no choice any more."""
    words = drawn(text, seed)
    assert len(words) <= len(text)
    assert not has_wildcards(words) or "[" in text or "]" in text
    assert words == text or has_wildcards(text)
