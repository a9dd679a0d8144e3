"""Words in reply to a result: the grammar, and what becomes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import Parsed, parse_draw
from bot.domain import AskedLora, DrawRequest
from bot.tweak import is_chatter, is_question, nearby, taken_out, tweaked

BASE = DrawRequest(
    prompt="a red fox, deep snow, (stars:1.2)",
    negative_prompt="blurry",
    seed=5,
    steps=12,
    loras=(AskedLora(name="ink [0123456789]", weight=0.8),),
    raw=True,
)


def after(words: str) -> Parsed:
    return tweaked(BASE, parse_draw(words))


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("+ a moon", "a red fox, deep snow, (stars:1.2), a moon"),
        ("+a moon, clouds", "a red fox, deep snow, (stars:1.2), a moon, clouds"),
        ("＋ 月亮", "a red fox, deep snow, (stars:1.2), 月亮"),
        ("加上 月亮", "a red fox, deep snow, (stars:1.2), 月亮"),
        ("add a moon", "a red fox, deep snow, (stars:1.2), a moon"),
        ("- deep snow", "a red fox, (stars:1.2)"),
        ("-Deep  Snow", "a red fox, (stars:1.2)"),
        ("— deep snow", "a red fox, (stars:1.2)"),
        ("- stars", "a red fox, deep snow"),
        ("- red", "a fox, deep snow, (stars:1.2)"),
        ("去掉 deep snow", "a red fox, (stars:1.2)"),
        ("remove deep snow, stars", "a red fox"),
        ("+ a moon - stars", "a red fox, deep snow, a moon"),
        ("- stars + a moon", "a red fox, deep snow, a moon"),
        ("a green apple", "a green apple"),
        ("make it night", "make it night"),
        ("a low-key sci-fi city", "a low-key sci-fi city"),
        ("-5 degrees in Moscow", "-5 degrees in Moscow"),
        ("again", BASE.prompt),
        ("Again!", BASE.prompt),
        ("再来一张", BASE.prompt),
        ("再来", BASE.prompt),
        ("same seed", BASE.prompt),
        ("again, same seed", BASE.prompt),
        ("again + a moon", "a red fox, deep snow, (stars:1.2), a moon"),
        ("--steps 30", BASE.prompt),
        ("again in the forest", "again in the forest"),
        ("一颗种子", "一颗种子"),
    ],
)
def test_words_change_the_prompt(words: str, prompt: str) -> None:
    """`+` adds, `-` takes away, other words replace; a word of its own changes nothing."""
    assert after(words).request.prompt == prompt


@pytest.mark.parametrize(
    ("words", "seed"),
    [
        ("again", -1),
        ("+ a moon", -1),
        ("a green apple", -1),
        ("same seed", 5),
        ("+ a moon, same seed", 5),
        ("same seed + a moon", 5),
        ("a green apple, the same seed", 5),
        ("同种子", 5),
        ("加上 月亮，同种子", 5),
        ("种子不变 + 月亮", 5),
        ("--seed 9", 9),
        ("same seed --seed 9", 9),
    ],
)
def test_the_seed_is_new_unless_it_is_asked_for(words: str, seed: int) -> None:
    """The words that ask for it never reach the prompt."""
    request = after(words).request
    assert request.seed == seed
    assert "seed" not in request.prompt
    assert "种子" not in request.prompt


def test_everything_else_stays_but_what_flags_say() -> None:
    """Negative prompt, steps and LoRAs are those of the picture."""
    request = after("+ a moon --cfg 4 <lora:ink:0.3> <lora:gold>").request
    assert (request.negative_prompt, request.steps, request.cfg_scale) == ("blurry", 12, 4.0)
    assert [(x.name, x.weight) for x in request.loras] == [("ink", 0.3), ("gold", 1.0)]


def test_what_is_not_there_is_avoided() -> None:
    """Taking away what the prompt does not have goes to the negative prompt, and is told."""
    parsed = after("- people, stars")
    assert parsed.request.prompt == "a red fox, deep snow"
    assert parsed.request.negative_prompt == "blurry, people"
    assert [note.key for note in parsed.notes] == ["note-tweak-avoided"]


def test_a_sign_without_words_is_told() -> None:
    """Unless it brings a LoRA."""
    assert [note.key for note in after("+").notes] == ["note-tweak-empty"]
    assert after("+ <lora:gold>").notes == ()


def test_other_words_get_the_house_style_again() -> None:
    """What is added stands in a prompt that has it already."""
    assert after("+ a moon").request.raw
    assert not after("a green apple").request.raw
    assert after("a green apple --raw").request.raw


def test_words_behind_vary_are_added_and_told() -> None:
    """The picture is to stay much as it is; a number says how far."""
    near = nearby(BASE, parse_draw("banana"), "subseed_strength")
    assert near.request.prompt == f"{BASE.prompt}, banana"
    assert [note.key for note in near.notes] == ["note-tweak-added"]
    assert nearby(BASE, parse_draw("30%"), "subseed_strength").request.subseed_strength == 0.3
    assert nearby(BASE, parse_draw("- stars"), "upscale").request.prompt == "a red fox, deep snow"
    assert nearby(BASE, parse_draw("1.5x"), "upscale").request.upscale == 1.5


@pytest.mark.parametrize(
    ("prompt", "words", "left"),
    [
        ("foxes and a fox", "fox", "foxes and a"),
        ("雪地里的红狐狸，星空", "红", "雪地里的狐狸，星空"),
        ("雪地里的红狐狸，星空", "星空", "雪地里的红狐狸"),
        ("((fox)), snow", "fox", "snow"),
        ("(fox, snow), moon", "snow", "(fox), moon"),
        ("[fox|snow]", "snow", "[fox|]"),
        ("a\nfox", "a fox", ""),
        ("fox", "wolf", None),
    ],
)
def test_words_are_taken_out_whole(prompt: str, words: str, left: str | None) -> None:
    """With the brackets and commas that were theirs alone."""
    assert taken_out(prompt, words) == left


@pytest.mark.parametrize("text", ["Thanks!", "wow", "谢谢", "好看！", "👍", "...", "❤️❤️"])
def test_thanks_draw_nothing(text: str) -> None:
    """Nobody means them as a prompt."""
    assert is_chatter(text)


@pytest.mark.parametrize(
    "text", ["wow great", "thank you so much", "I love this!", "谢谢你", "太漂亮了", "真可爱啊"]
)
def test_thanks_of_several_words_draw_nothing(text: str) -> None:
    """However warm they are."""
    assert is_chatter(text)


@pytest.mark.parametrize(
    "text", ["What model is this?", "how did you do that??", "这是什么模型？", "好看吗"]
)
def test_questions_are_told_from_words(text: str) -> None:
    """Members ask each other about a picture."""
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["a whale", "how to train a dragon", "什么都没有的房间", "+ snow?"]
)
def test_what_could_be_drawn_is_no_question(text: str) -> None:
    """It ends in no question mark, or begins as no question does."""
    assert not is_question(text)


@pytest.mark.parametrize(
    "text", ["again", "+ 雪", "a fox", "nice fox", "星", "this fox", "好看的狐狸", "love letters"]
)
def test_words_are_no_chatter(text: str) -> None:
    """Whatever could be drawn."""
    assert not is_chatter(text)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_reply_is_understood(prompt: str, words: str) -> None:
    """Nothing is raised, and the settings of the picture stay."""
    base = DrawRequest(prompt=prompt, seed=5, steps=12)
    for parsed in (tweaked(base, parse_draw(words)), nearby(base, parse_draw(words), "upscale")):
        assert parsed.request.steps is not None


@given(
    st.lists(st.sampled_from(["fox", "snow", "deep snow", "星空", "(moon:1.2)"]), min_size=1),
    st.sampled_from(["wolf", "cloud", "河"]),
)
def test_what_was_added_can_be_taken_away(parts: list[str], word: str) -> None:
    """`+ x` and then `- x` leave the prompt as it was."""
    base = DrawRequest(prompt=", ".join(parts), seed=5)
    added = tweaked(base, parse_draw(f"+ {word}")).request
    assert word in added.prompt
    assert tweaked(added, parse_draw(f"- {word}")).request.prompt == base.prompt
