"""The page's words: all there, in both languages, none left over, and nothing from elsewhere."""

import re

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.adapters.studio.pages import PAGE
from bot.adapters.studio.words import asked_tag, page_words

SCRIPTS = sorted(PAGE.glob("*.js"))
PAGES = sorted(PAGE.glob("*.html"))
NOT_WORDS = {"lang", "problem"}


def used() -> set[str]:
    found: set[str] = set()
    for page in PAGES:
        found |= set(re.findall(r"\{\{([a-z0-9-]+)\}\}", page.read_text("utf-8")))
    for script in SCRIPTS:
        text = script.read_text("utf-8")
        found |= set(re.findall(r"\bwords\.(?!js\b)(\w+)", text))
        found |= set(re.findall(r'\bwords\["([a-z0-9-]+)"\]', text))
    return found - NOT_WORDS


def test_every_word_of_the_page_is_in_the_catalogue() -> None:
    """A word that a page or a script asks for exists, and none is there for nothing."""
    server_side = {"picture-gone"}
    assert used() | server_side == set(page_words("en"))


def test_both_languages_have_the_same_words() -> None:
    """English and Chinese are complete, and really differ."""
    english, chinese = page_words("en"), page_words("zh")
    assert set(english) == set(chinese)
    assert [key for key in english if english[key] == chinese[key]] == []


def test_the_page_holds_no_sentence_of_its_own() -> None:
    """Between the tags of a page stands nothing but words of the catalogue and the name."""
    for page in PAGES:
        text = re.sub(r"<[^>]*>", " ", page.read_text("utf-8"))
        assert set(re.sub(r"\{\{[a-z0-9-]+\}\}", " ", text).split()) == {"Chatelier"}


def test_nothing_is_inline_or_from_elsewhere() -> None:
    """What the policy forbids is not in the files: inline script or style, other hosts."""
    for page in PAGES:
        text = page.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)
    for file in (*PAGES, *SCRIPTS, PAGE / "style.css"):
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, file.name
    assert not any("innerHTML" in script.read_text("utf-8") for script in SCRIPTS)


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en;q=0.5, zh;q=0.9", "zh"),
        ("*", None),
        ("", None),
        ("zh;q=much, fr", "fr"),
        ("en;q=0", None),
    ],
)
def test_the_preferred_language_is_taken(header: str, tag: str | None) -> None:
    """The tag of the greatest weight, the first of equals; what cannot be read is passed over."""
    request = make_mocked_request("GET", "/", headers={"Accept-Language": header})
    assert asked_tag(request) == tag
