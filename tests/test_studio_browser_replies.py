"""Answering pictures in a real browser: by dragging them to the text, or by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Answer, Kind, Outgoing
from tests.browser.chromium import find, launched
from tests.browser.studio_page import ENTER, LOADED, opened, show_pictures
from tests.studio_scene import place, png, studio

pytestmark = pytest.mark.skipif(
    find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
)
CHIP = "!document.getElementById('chip').hidden"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


async def test_a_picture_is_answered_by_dragging_it(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Dropped where one writes it stands beside the text, as itself and not as a file; dropped
    elsewhere nothing happens."""
    async with studio(database, tmp_path) as scene, opened(scene, browser, height=1200) as page:
        ids = await show_pictures(scene, database, count=2)
        await page.until(f"document.querySelectorAll('.result img').length === 2 && {LOADED}")
        await page.drag("figure:nth-child(2) .picture img", ".top h1")
        assert not await page.evaluate(CHIP)
        await page.drag("figure:nth-child(2) .picture img", "#text")
        await page.until(CHIP)
        assert await page.evaluate("document.getElementById('drop').hidden")
        assert not await page.evaluate("!!document.querySelector('.composer.target')")
        await page.type("+ snow")
        await page.press(*ENTER)
        await page.until("document.querySelector('.quoted img')?.naturalWidth === 64")
    (heard,) = scene.conversation.heard
    assert (heard.text, heard.replied_message_id, heard.source) == ("+ snow", ids[1], None)


async def test_a_picture_is_answered_without_a_mouse(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Backwards from the text with Tab to its button; the focus is seen, and back at the text
    after it."""
    focused = "document.activeElement"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        (shown,) = await show_pictures(scene, database)
        await page.until(f"document.querySelector('.result img') && {LOADED}")
        await page.evaluate("document.getElementById('text').focus()")
        for _ in range(10):
            await page.press("Tab", 9, shift=True)
            if await page.evaluate(f"{focused}.ariaLabel === 'Reply'"):
                break
        assert await page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
        await page.press(*ENTER)
        await page.until(f"{CHIP} && {focused}.id === 'text'")
        await page.type("make it night")
        await page.press(*ENTER)
        await page.until("document.querySelector('.request')")
    (heard,) = scene.conversation.heard
    assert (heard.text, heard.replied_message_id) == ("make it night", shown)


async def test_what_a_file_carries_is_asked_without_losing_the_words(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The button beside an attached file asks for its parameters; file and words stay for later."""
    file = tmp_path / "a.png"
    file.write_bytes(png("blue", 8))
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        scene.conversation.answer = Answer(text="a pear\nSteps: 20, Seed: 5", verbatim=True)
        await page.choose_file("#file", file)
        await page.until(CHIP)
        await page.type("half a sentence")
        await page.click("#carried")
        await page.until("document.querySelector('.note')?.innerText.includes('Seed: 5')")
        assert await page.evaluate(CHIP)
        assert await page.evaluate("document.getElementById('text').value") == "half a sentence"
    (heard,) = scene.conversation.heard
    assert (heard.command, heard.text, heard.source) == ("info", "", png("blue", 8))


async def test_progress_is_announced_now_and_then(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """A screen reader hears of each quarter once, politely, and not of every step."""
    said = "document.getElementById('announcer')"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await page.evaluate(
            f"window.told = []; new MutationObserver(() => window.told.push({said}.textContent))"
            f".observe({said}, {{childList: true}})"
        )
        edit = None
        for percent in range(0, 101, 5):
            status = Outgoing(
                kind=Kind.STATUS,
                to=place("1"),
                text=f"{percent} %",
                progress=percent / 100,
                edit=edit,
            )
            (edit,) = (await scene.adapter.deliver(status)).message_ids
            await page.until(f"document.querySelector('.status')?.innerText === '{percent} %'")
        assert await page.evaluate("window.told") == ["0 %", "25 %", "50 %", "75 %", "100 %"]
        assert await page.evaluate(f"{said}.getAttribute('aria-live')") == "polite"
