"""Every sentence in both languages."""

import ast
import re
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, FluentSerializer
from fluent.syntax import ast as ftl

import bot
from bot.domain import Failure, HiresSpec, JobState, Progress, Queued
from bot.phrase import phrase
from bot.replies import LANGUAGES, duration, keys, language_for, say
from bot.replies.messages import Messages, shortened
from tests.samples import job, picture, requester, spec

PACKAGE = Path(bot.__file__).parent
PUT_TOGETHER = ("discord-choice-", "studio-page-")
"""Keys that follow from the choices of `/admin`, and those that a test of the page looks for."""


def used_keys() -> set[str]:
    """Literal keys in `phrase("…")` calls and in `key = "…"` of error classes."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="phrase" | "Phrase"),
                    args=[ast.Constant(value=str(key)), *_],
                ):
                    found.add(key)
                case ast.Assign(targets=[ast.Name(id="key")], value=ast.Constant(value=str(key))):
                    found.add(key)
    return found


@cache
def messages_of(language: str) -> dict[str, ftl.Message]:
    found: dict[str, ftl.Message] = {}
    for entry in (resources.files("bot.replies") / language).iterdir():
        parsed = FluentParser().parse(entry.read_text("utf-8"))
        for item in parsed.body:
            assert not isinstance(item, ftl.Junk), f"{language}/{entry.name}: {item.content}"
            if isinstance(item, ftl.Message):
                assert item.id.name not in found, f"{item.id.name} stands twice"
                found[item.id.name] = item
    return found


def test_chinese_has_one_word_for_who_runs_the_bot_and_one_for_the_prompt() -> None:
    """Whoever is called operator in English is 运营者, never mixed up with the admins of a chat;
    the words of a picture are 提示词."""
    told = {
        language: {
            key: FluentSerializer().serialize_entry(found).partition("=")[2]
            for key, found in messages_of(language).items()
        }
        for language in ("en", "zh")
    }
    about = {
        key for key, said in told["en"].items() if re.search(r"\boperators?\b(?!\])", said, re.I)
    }
    assert {key for key, said in told["zh"].items() if "运营者" in said} == about
    of_the_bot = re.compile("机器人的?管理|我的管理员")
    assert not [key for key, said in told["zh"].items() if of_the_bot.search(said)]
    words = [key for key, said in told["zh"].items() if "描述" in said]
    assert set(words) <= {"studio-page-placeholder", "studio-page-empty-text"}, "there a verb"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_lacks_a_translation(language: str) -> None:
    """Every catalogue has the keys of the English one, and no others."""
    assert keys(language) == keys("en")


def named_keys() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every string of the code, which may be a key handed on, and the patterns of those that are
    put together."""
    whole, made = set[str](), []
    for path in set(PACKAGE.rglob("*.py")) - {PACKAGE / "replies" / "samples.py"}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    whole.add(text)
                case ast.JoinedStr(values=parts) if isinstance(parts[0], ast.Constant):
                    fixed = [
                        re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[\w-]+"
                        for p in parts
                    ]
                    made.append(re.compile("".join(fixed)))
    return whole, made


def test_no_sentence_is_there_for_nothing() -> None:
    """Each key is named in the code, put together there, or stands in another sentence."""
    whole, made = named_keys()
    texts = [p.read_text("utf-8") for p in PACKAGE.glob("replies/en/*.ftl")]
    whole |= {key for text in texts for key in re.findall(r"\{ ?([a-z][\w-]+) ?\}", text)}
    rest = {key for key in keys("en") - whole if not key.startswith(PUT_TOGETHER)}
    unused = sorted(key for key in rest if not any(pattern.fullmatch(key) for pattern in made))
    assert unused == []


def given_values() -> list[tuple[str, str, set[str]]]:
    """Where a sentence is asked for by a literal key: the place, the key, and what it is given;
    calls that hand on a whole mapping are left out."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="phrase"), args=[ast.Constant(value=str(key))], keywords=given
                ) if all(keyword.arg for keyword in given):
                    names = {str(keyword.arg) for keyword in given}
                    found.append((f"{path.name}:{node.lineno}", key, names))
    return found


def test_sentences_are_given_what_they_tell() -> None:
    """No more and no less than the variables of the message."""
    catalogue = messages_of("en")
    given = given_values()
    assert len(given) > 200
    wrong = [
        (place, key, names ^ variables(catalogue[key]))
        for place, key, names in given
        if names != variables(catalogue[key])
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_the_code_is_in_the_catalogue(language: str) -> None:
    """A key that is used and missing would be an error in a chat."""
    assert used_keys() - keys(language) == set()


def variables(message: ftl.Message) -> set[str]:
    found: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, ftl.VariableReference):
            found.add(node.id.name)
        if isinstance(node, ftl.BaseNode):
            for value in vars(node).values():
                for item in value if isinstance(value, list) else [value]:
                    visit(item)

    visit(message)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_use_the_same_values(language: str) -> None:
    """No sentence forgets a variable that the English one tells."""
    english, other = messages_of("en"), messages_of(language)
    different = {k for k in english if variables(english[k]) != variables(other[k])}
    assert different == set()


def test_chinese_sentences_are_chinese() -> None:
    """A translation that was forgotten would still be English."""
    words = re.compile(r"[\u4e00-\u9fff]")
    marks_only = {
        k for k, m in messages_of("zh").items() if not words.search(str(m.value and _text(m)))
    }
    assert {k for k in marks_only if re.search(r"[a-z]{4}", _text(messages_of("zh")[k]))} == set()


def _text(message: ftl.Message) -> str:
    parts = message.value.elements if message.value else []
    return "".join(str(p.value) for p in parts if isinstance(p, ftl.TextElement))


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-hans", "zh"), ("zh_TW", "zh"), ("en-GB", "en"), ("de", "en"), (None, "en"), ("", "en")],
)
def test_the_members_language_chooses_the_catalogue(tag: str | None, language: str) -> None:
    """Unknown languages read English."""
    assert language_for(tag) == language
    assert language_for(tag, "zh") == "zh"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (61, "1 min"),
        (3900, "1 h 5 min"),
        (172_800, "2 d"),
        (183_600, "2 d 3 h"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    """Seconds, minutes, or hours and minutes."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("language", "zone", "date", "clock"),
    [
        ("en", "UTC", "21 Nov 2026, 16:14", "16:14"),
        ("zh", "UTC", "2026年11月21日 16:14", "16:14"),
        ("zh", "Asia/Shanghai", "2026年11月22日 00:14", "00:14"),
    ],
)
def test_dates_are_written_as_the_language_does(
    language: str, zone: str, date: str, clock: str
) -> None:
    """By Unicode's data, in the zone that is named."""
    at = {"at": 1_795_277_676.5, "zone": zone}
    assert say(phrase("date", **at), language) == date
    assert say(phrase("clock", **at), language) == clock


def test_a_missing_value_is_an_error_not_a_gap() -> None:
    """A sentence with `{ $wait }` in it would reach a chat otherwise."""
    with pytest.raises(ValueError, match="status-queued"):
        say(phrase("status-queued", place=1))


def test_the_status_message_tells_place_and_wait() -> None:
    """First the place in line and the price, then a bar; always with a cancel button."""
    messages = Messages()
    queued = messages.status(job(), Queued(position=2, eta_s=90))
    assert queued.text == "⏳ Number 3 in line, about 2 min, for 1 credit."
    assert queued.buttons[0].action == "cancel"
    drawing = messages.status(job(), Progress(step=5, steps=10, eta_s=4))
    assert drawing.text == "🎨 ▰▰▰▰▰▱▱▱▱▱ 50 %, 4 s left"


def test_what_was_changed_is_said_with_the_place() -> None:
    """Clamped values stand under the place in line and under the picture."""
    noted = job(notes=(phrase("picture-first-frame"),))
    assert "first frame" in Messages().status(noted, Queued(position=0, eta_s=1)).text
    assert "first frame" in Messages().end(noted, [picture()]).text


def test_a_caption_has_at_most_three_short_lines() -> None:
    """The shortened prompt, then the facts that draw it again."""
    one = job(spec=spec(prompt="a red apple " * 100), seconds=4.2)
    caption = Messages().end(one, [picture()]).text.splitlines()
    assert len(caption) == 2
    assert len(caption[0]) <= 200
    assert caption[1] == "seed 1 · 20 steps · Euler a · CFG 7 · 512×512 · demo · 4 s"


def test_words_come_in_the_language_of_the_member() -> None:
    """A member whose Telegram is Chinese reads Chinese."""
    chinese = job(requester=requester(language="zh-hans"))
    assert "下一个" in Messages().status(chinese, Queued(position=0, eta_s=3)).text


def test_a_failed_job_tells_its_class_and_number() -> None:
    """And never a traceback."""
    failed = job(state=JobState.FAILED, failure=Failure(key="render-timeout", incident="0a1b2c"))
    assert "0a1b2c" in Messages().end(failed, []).text


def test_shortened_text_is_one_line() -> None:
    """Line breaks become spaces; the cut is marked."""
    assert shortened("a\n b", 10) == "a b"
    assert shortened("abcdef", 4) == "abc…"


def test_a_caption_names_the_seeds_of_all_pictures() -> None:
    """Seeds in a row by their ends, others one by one; a variation by its own seeds; and the size
    in the end."""

    def facts(seeds: list[int], **changes: object) -> str:
        pictures = [replace(picture(i), seed=seed) for i, seed in enumerate(seeds)]
        text = Messages().end(job(spec=spec(**changes), seconds=4.0), pictures).text
        return text.splitlines()[1]

    assert facts([5, 6, 7, 8]).startswith("seed 5–8 · 20 steps")
    assert facts([5, 7, 8]).startswith("seed 5, 7–8 ·")
    varied = facts([5, 5], seed=5, subseed=9, subseed_strength=0.1)
    assert "seed 5 ·" in varied
    assert "varied by seed 9–10, 0.1" in varied
    larger = facts([1], width=512, height=768, hires=HiresSpec(width=768, height=1152))
    assert "768×1152 · hires fix from 512×768, strength 0.7" in larger
