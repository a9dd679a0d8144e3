"""A1111's prompt syntax."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.prompt import Break, LoraTag, Piece, Weighted, parse

SYNTAX = st.text(st.sampled_from("ab (){}[]:|,.\\0123<>\nBREAK猫"), max_size=80)


def read(text: str, step: int = 1, steps: int = 20) -> list[Piece]:
    return list(parse(text).at_step(step, steps))


def words(text: str, step: int, steps: int = 10, earlier: int | None = None) -> str:
    pieces = parse(text).at_step(step, steps, earlier)
    return "".join(p.text for p in pieces if isinstance(p, Weighted))


def test_plain_words_weigh_one() -> None:
    """Text without syntax is one piece."""
    assert read("a red fox, in the snow") == [Weighted("a red fox, in the snow", 1.0)]


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("(x)", 1.1),
        ("((x))", 1.21),
        ("[x]", 0.909091),
        ("[[x]]", 0.826446),
        ("(x:1.3)", 1.3),
        ("(x:.5)", 0.5),
        ("(x: 1.3 )", 1.3),
        ("(x:-1)", -1.0),
        ("((x:1.3))", 1.43),
        ("([x])", 1.0),
        ("{x}", 1.05),
        ("{{x}}", 1.1025),
        ("({x:1.2})", 1.155),
    ],
)
def test_brackets_weigh(text: str, weight: float) -> None:
    """Round, square and curly brackets nest and multiply; a number is only for round ones."""
    expected = "x:1.2" if text == "({x:1.2})" else "x"
    assert read(text) == [Weighted(expected, weight)]


def test_weights_of_nested_brackets_multiply() -> None:
    """The example that A1111's documentation is known by."""
    assert read("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).") == [
        Weighted("a ", 1.0),
        Weighted("house", 1.573),
        Weighted(" ", 1.1),
        Weighted("on", 1.0),
        Weighted(" a ", 1.1),
        Weighted("hill", 0.55),
        Weighted(", sun, ", 1.1),
        Weighted("sky", 1.4641),
        Weighted(".", 1.1),
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\(a\) \[b\] \{c\} \\", "(a) [b] {c} \\"),
        ("a) b] c}", "a) b] c}"),
        ("a \\ b", "a \\ b"),
        ("12:30 on a clock", "12:30 on a clock"),
        ("a|b", "a|b"),
        ("x:1.2)", "x:1.2)"),
        ("a <b> <c:d>", "a <b> <c:d>"),
        ("BREAKFAST", "BREAKFAST"),
    ],
)
def test_what_is_no_syntax_is_text(text: str, plain: str) -> None:
    """Escapes, unmatched closing brackets and lone marks are literal."""
    assert read(text) == [Weighted(plain, 1.0)]


def test_an_unclosed_bracket_weighs_the_rest() -> None:
    """As A1111 reads it."""
    assert read("a (b c") == [Weighted("a ", 1.0), Weighted("b c", 1.1)]


def test_kinds_of_brackets_nest_by_themselves() -> None:
    """Crossed brackets weigh what each of them encloses."""
    assert read("(a [b) c]") == [
        Weighted("a ", 1.1),
        Weighted("b", 1.0),
        Weighted(" c", 0.909091),
    ]


def test_break_starts_a_new_chunk_within_brackets_too() -> None:
    """The spaces around BREAK belong to it."""
    assert read("a BREAK (b BREAK c:1.2) d") == [
        Weighted("a", 1.0),
        Break(),
        Weighted("b", 1.2),
        Break(),
        Weighted("c", 1.2),
        Weighted(" d", 1.0),
    ]


@pytest.mark.parametrize(
    ("text", "by_step"),
    [
        ("a [cat:dog:0.5]", {1: "a cat", 5: "a cat", 6: "a dog", 10: "a dog"}),
        ("a [cat:dog:3]", {3: "a cat", 4: "a dog"}),
        ("a [big :2]cat", {2: "a cat", 3: "a big cat"}),
        ("a [big ::2]cat", {2: "a big cat", 3: "a cat"}),
        ("[[a:b:2]:c:4]", {2: "a", 3: "b", 4: "b", 5: "c"}),
        ("[(a:1.2):b:1.0]", {10: "a"}),
        ("[a:b:99]", {10: "a"}),
        ("[a|b|c]", {1: "a", 2: "b", 3: "c", 4: "a"}),
        ("[a|]x", {1: "ax", 2: "x"}),
        ("[a:b|c]", {1: "a:b", 2: "c"}),
        ("[[a|b]:c:2]", {1: "a", 2: "b", 3: "c"}),
    ],
)
def test_words_change_on_the_way(text: str, by_step: dict[int, str]) -> None:
    """`[from:to:when]` switches once, `[a|b]` at every step; steps count from 1."""
    assert parse(text).changes
    assert by_step == {step: words(text, step) for step in by_step}


@pytest.mark.parametrize(
    ("when", "first", "second"),
    [
        ("0.5", "aabb", "bb"),
        ("1.0", "aaaa", "bb"),
        ("1.5", "aaaa", "ab"),
        ("2.0", "aaaa", "aa"),
        ("1", "abbb", "bb"),
        ("4", "aaaa", "bb"),
        ("5", "aaaa", "ab"),
        ("12.5", "aaaa", "aa"),
    ],
)
def test_time_goes_on_in_the_second_pass(when: str, first: str, second: str) -> None:
    """Four steps and then two of hires fix, as A1111's pull request 12457 tells: shares of 1.0 to
    2.0 and steps beyond the first pass lie in the second; a decimal point makes a share."""
    prompt = f"[a:b:{when}]"
    assert first == "".join(words(prompt, n, 4) for n in range(1, 5))
    assert second == "".join(words(prompt, n, 2, 4) for n in (1, 2))


@pytest.mark.parametrize("text", ["[a, b, c]", "[a:b]", "[a:b:c]", "[a:b:c:3]", "(a:b:0.5)", "[a"])
def test_other_square_brackets_are_no_schedule(text: str) -> None:
    """Without a number at the end they only weigh less."""
    assert not parse(text).changes


def test_an_unclosed_bracket_hides_no_end_of_a_schedule() -> None:
    """`(` inside `[…]` is text to the schedule, and weighs what follows."""
    assert words("[(a:b:c:3] d", 1) == "a:b:c:3 d"
    assert words("[a:(b:3] d", 1) == "a:b:3 d"
    assert parse("[x|(y]").at_step(2, 9) == (Weighted("y", 1.1),)


def test_weights_work_inside_schedules() -> None:
    """Both halves may have weights of their own."""
    assert read("([a:(b:1.2):0.5] c)", 1) == [Weighted("a c", 1.1)]
    assert read("([a:(b:1.2):0.5] c)", 20) == [Weighted("b", 1.32), Weighted(" c", 1.1)]


def test_loras_are_taken_out_of_the_text() -> None:
    """With their weight, and with extra arguments kept for the caller."""
    parsed = parse("<lora:a_1:0.8>, cat <LyCO:b><lora:c:0,5:0.3:lbw=OUTALL> <lora:d:te=1>")
    assert parsed.text == ", cat  "
    assert parsed.loras == (
        LoraTag("a_1", 0.8),
        LoraTag("b", 1.0),
        LoraTag("c", 0.5, ("0.3", "lbw=OUTALL")),
        LoraTag("d", 1.0, ("te=1",)),
    )


def test_other_networks_are_named() -> None:
    """A hypernetwork cannot be used, and the caller can say so."""
    parsed = parse("cat <hypernet:x:1> <lora::1>")
    assert (parsed.ignored, parsed.loras) == (("<hypernet:x:1>", "<lora::1>"), ())


@settings(deadline=None)
@given(SYNTAX, st.integers(1, 30), st.integers(1, 30))
def test_any_text_is_a_prompt(text: str, step: int, steps: int) -> None:
    """Nothing raises; pieces are never empty, neighbours differ in weight, weights are finite."""
    pieces = parse(text).at_step(step, steps)
    runs = [p.weight if isinstance(p, Weighted) else None for p in pieces]
    assert all(a != b or a is None for a, b in pairwise(runs))
    assert all(p.text and abs(p.weight) <= 100 for p in pieces if isinstance(p, Weighted))


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="()[]{}\\<")))
def test_text_without_brackets_stays_whole(text: str) -> None:
    """Not a character is lost or changed where there is no syntax."""
    if "BREAK" not in text:
        assert words(text, 1) == text


@settings(deadline=None)
@given(st.text())
def test_escaped_text_is_literal(text: str) -> None:
    """A backslash takes the meaning from every bracket."""
    if "BREAK" not in text:
        escaped = "".join(f"\\{c}" if c in "\\()[]{}" else c for c in text).replace("<", "")
        assert words(escaped, 1) == text.replace("<", "")


@pytest.mark.parametrize(
    "text", ["(" * 4000, "[" * 4000, "(a" * 1300 + ")" * 1300, "[[a|b]" * 660, "[a:" * 1300]
)
def test_no_prompt_takes_long(text: str) -> None:
    """Depth and malice cost milliseconds, not seconds."""
    start = time.process_time()
    parse(text).at_step(1, 20)
    assert time.process_time() - start < 0.5
