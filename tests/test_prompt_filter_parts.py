"""The parts under the prompt filter: folding, readings, lists, the automaton."""

import random
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.prompt import Weighted, parse
from bot.quota import word_lists
from bot.quota.automaton import Automaton, collapsed, runs
from bot.quota.normalise import SOFT, fold, turned
from bot.quota.readings import Unreadable, readings, without_tag_heads
from bot.quota.views import SPACE, SYNTAX, latin, leet


def squeezed(text: str) -> str:
    """Only letters, so that spaces and brackets do not matter."""
    return "".join(c for c in text if c.isalpha())


def read_at(prompt: str, step: int, steps: int, earlier: int | None = None) -> str:
    """What `bot.prompt` says is encoded."""
    pieces = parse(prompt).at_step(step, steps, earlier)
    return squeezed(" ".join(p.text for p in pieces if isinstance(p, Weighted)))


@pytest.mark.parametrize(
    "prompt",
    [
        "a [b|c] d",
        "[a|b|c][d|e]",
        "[a:b:0.5] [c|d]",
        "x[a:4]y[b::0.3]z",
        "[[a|b]:c:0.6]",
        "[a|[b|c]] end",
        "(n:1.2)u[d|e] <lora:x:1>f",
        "one BREAK two [a|b]",
        "[(a:1.1)|b]",
        "[a:b:c:0.5]",
        "[a:b:1.0] [c:d:1]",
        "[a:b:1.5] [c:d:24] [e::12.5]",
        "nu[x:de:1.0] [y|z]",
        "[[nu]|zz]de",
        "[[ab]|]",
        "[x[nu]:y:3]de",
    ],
)
def test_readings_are_what_is_encoded_at_some_step(prompt: str) -> None:
    """Every step of `bot.prompt` is among them."""
    have = {squeezed(r) for r in readings(prompt, 20)} | {squeezed(prompt)}
    assert {read_at(prompt, step, 20) for step in range(1, 21)} <= have
    both = {squeezed(r) for r in readings(prompt, 20, 8)} | {squeezed(prompt)}
    assert {read_at(prompt, step, 8, 20) for step in range(1, 9)} <= both


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["ab", "c", "[", "]", "|", ":", "0.5", "3", " "]), max_size=24))
def test_readings_of_any_balanced_prompt(parts: list[str]) -> None:
    """The same for prompts made by chance, where each bracket has its partner."""
    depth = 0
    for part in parts:
        depth += (part == "[") - (part == "]")
        if depth < 0:
            return
    prompt = "".join(parts)
    if depth or "[]" in prompt:
        return
    try:
        have = {squeezed(r) for r in readings(prompt, 10)} | {squeezed(prompt)}
    except Unreadable:
        return
    for step in range(1, 11):
        assert read_at(prompt, step, 10) in have


def test_only_words_near_changes_are_read_again() -> None:
    """A long prompt with one alternation gives two short readings."""
    long = "words and more " * 60
    found = readings(f"{long}[a|b]{long}", 20)
    assert len(found) == 2
    assert all(len(reading) < 200 for reading in found)


def test_a_name_may_be_the_rest_of_a_word() -> None:
    """The head of a LoRA tag is no word between."""
    assert without_tag_heads("nu<lora:de:1>") == "nu<de:1>"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC", "abc"),
        ("Ａｂ\u200bｃ", "abc"),
        ("nudе", "nude"),
        ("ñ\u0336", "n"),
        ("it's", f"it{SOFT}s"),
        ("RedFox", f"red{SOFT}fox"),
        ("한국", "한국"),
        ("①", "1"),
        ("łø", "lo"),
        ("\u3164x", "x"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    """Look-alikes are letters, the invisible is gone, Hangul stays whole."""
    assert folded == fold(text)


def test_upside_down_is_read_from_the_other_end() -> None:
    """Only where something is upside down."""
    assert turned("plain") is None
    assert turned("ʇɐɔ") == "cat"


def test_views_remember_what_stood_between() -> None:
    """Brackets, white space; digits as letters only in the other view."""
    view = latin(fold("(a:1.1)b c"))
    assert view.letters == "abc"
    assert (view.gaps[1], view.gaps[2]) == (SYNTAX, SPACE)
    other = leet("c4t 1920")
    assert other is not None
    assert other.letters == "cat"
    assert leet("cat") is None


def test_places_lead_back_to_the_text() -> None:
    """A letter of a view knows where it stands."""
    text = fold("one, (two:1.1) threeFour")
    view = latin(text)
    for index, letter in enumerate(view.letters):
        assert text[view.place(index)] == letter


def test_the_automaton_finds_what_a_search_finds() -> None:
    """Every word at every place, overlapping ones too."""
    draw = random.Random(2)
    words = {"".join(draw.choices("abc", k=draw.randint(1, 4))) for _ in range(30)}
    words = {word for word in words if collapsed(word) == word}
    automaton: Automaton[str] = Automaton()
    for word in words:
        automaton.add(word, word)
    automaton.link()
    for _ in range(50):
        text = collapsed("".join(draw.choices("abcd", k=60)))
        expected = {
            (i + len(w) - 1, w) for w in words for i in range(len(text)) if text.startswith(w, i)
        }
        assert expected == set(automaton.scan(text))


def test_runs() -> None:
    """Letters drawn out count once, their lengths are known."""
    assert runs("boot") == (1, 2, 1)
    assert collapsed("boot") == "bot"


def test_a_list_is_read() -> None:
    """Flags, headings, remarks, syllables."""
    entries = word_lists.parse(
        "# x\nplain\n[gore]\n+verb\n=exact\n~part\n!two words\n词语 (ci yu)\n"
    )
    assert [(e.category, e.text, e.flag) for e in entries] == [
        ("other", "plain", ""),
        ("gore", "verb", "+"),
        ("gore", "exact", "="),
        ("gore", "part", "~"),
        ("gore", "two words", "!"),
        ("gore", "词语", ""),
    ]
    assert entries[-1].syllables == ("ci", "yu")


@pytest.mark.parametrize("line", ["[no such thing]", "[gore", "="])
def test_a_bad_line_is_named_by_its_number(line: str) -> None:
    """The operator reads which line, and no word."""
    with pytest.raises(word_lists.BadList, match="line 2"):
        word_lists.parse(f"word\n{line}")


def test_files_of_the_operator(tmp_path: Path) -> None:
    """They are read in order; a bad one is named with its line."""
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("\ufeff[hate]\nword\n", "utf-8")
    bad.write_text("word\n[nonsense]\n", "utf-8")
    assert [e.category for e in word_lists.read_files([good])] == ["hate"]
    with pytest.raises(ConfigError, match=r"bad\.txt: line 2"):
        word_lists.read_files([good, bad])
    with pytest.raises(ConfigError, match="missing"):
        word_lists.read_files([tmp_path / "missing.txt"])


def test_inflections() -> None:
    """The usual forms, and no more than a noun's where nothing else is said."""
    assert set(word_lists.inflected("fox", verb=False)) == {"fox", "foxes"}
    assert "berries" in word_lists.inflected("berry", verb=False)
    assert {"grab", "grabs", "grabbed", "grabbing", "grabber"} <= set(
        word_lists.inflected("grab", verb=True)
    )
    assert {"bake", "baked", "baking"} <= set(word_lists.inflected("bake", verb=True))


@given(st.text(alphabet=string.ascii_letters + "裸 \n", max_size=200))
def test_a_list_survives_its_encoding(text: str) -> None:
    """Remarks at the head stay readable; the rest comes back."""
    kept = "\n".join(text.splitlines())
    packed = word_lists.encoded(f"# source\n{kept}")
    assert packed.startswith("# source\n")
    assert kept.strip("\n") == word_lists.decoded(packed).strip("\n")
