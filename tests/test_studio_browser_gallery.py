"""The gallery in a real browser: searched, paged, walked through and used without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Answer, Kind, Outgoing
from tests.browser.chromium import Page, find, launched
from tests.browser.studio_page import ENTER, opened
from tests.hung import hang, infotext
from tests.studio_scene import Scene, place, png, studio

pytestmark = pytest.mark.skipif(
    find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
)
TAB = ("Tab", 9)
ESCAPE = ("Escape", 27)
RIGHT = ("ArrowRight", 39)
TILES = "[...document.querySelectorAll('.tile .prompt')].map(e => e.textContent)"
FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


async def fill(scene: Scene, database: Database, prompts: list[str], **changes: object) -> None:
    file = await scene.store.put(png())
    await hang(database, scene.store, prompts, file=file, **changes)


async def reach(page: Page, condition: str, most: int = 30) -> None:
    """Press Tab until what has the focus fits, as somebody without a mouse does."""
    for _ in range(most):
        await page.press(*TAB)
        if await page.evaluate(f"!!(e => {condition})({FOCUSED})"):
            # What has the focus can be seen to have it.
            style = f"getComputedStyle({FOCUSED}).outlineStyle"
            assert await page.evaluate(f"{style} !== 'none' || {FOCUSED}.id === 'search'")
            return
    raise AssertionError(f"Tab does not lead to {condition}")


async def open_gallery(page: Page, count: int) -> None:
    await reach(page, "e.hash === '#gallery'")
    await page.press(*ENTER)
    await page.until(f"{TILES}.length === {count}")


async def test_pictures_are_searched(database: Database, tmp_path: Path, browser: str) -> None:
    """What is typed narrows the pictures at once; their number is told, with its plural."""
    count = "document.getElementById('count').innerText"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, ["a red apple", "a green apple", "a penguin"])
        await open_gallery(page, 3)
        assert await page.evaluate(count) == "3 pictures"
        await reach(page, "e.id === 'search'")
        await page.type("apple")
        await page.until(f"{TILES}.join() === 'a green apple,a red apple'")
        await page.type(" red")
        await page.until(f"{count} === '1 picture found'")
        await page.type(" fox")
        await page.until("document.getElementById('none').innerText === 'No picture fits that.'")
        assert await page.evaluate(TILES) == []


async def test_more_pictures_come_by_the_page(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The button below brings the next ones, and the focus goes to the first of them."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, [f"p{n}" for n in range(62)])
        await open_gallery(page, 60)
        await page.evaluate("document.getElementById('more').focus()")
        await page.press(*ENTER)
        await page.until(f"{TILES}.length === 62")
        assert await page.evaluate(f"{TILES}.join()") == ",".join(
            f"p{n}" for n in reversed(range(62))
        )
        assert await page.evaluate("document.getElementById('more').hidden")
        await page.until(f"{FOCUSED}.closest('li')?.textContent.startsWith('p1')")


async def test_pictures_are_walked_through_and_answered(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Arrow keys lead from tile to tile and from picture to picture; the parameters stand below;
    Escape leads back; Reply leads to the chat with the picture beside the text."""
    shown = "document.querySelector('#lightbox pre').innerText"
    is_open = "document.getElementById('lightbox').open"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, ["one", "two", "three"], seeds=(5, 6))
        await open_gallery(page, 6)
        await reach(page, "e.closest('.tile')")
        await page.press(*RIGHT)
        await page.press(*RIGHT)
        await page.press(*ENTER)
        await page.until(is_open)
        assert await page.evaluate(shown) == infotext("two", 5)
        await page.press(*RIGHT)
        assert await page.evaluate(shown) == infotext("two", 6)
        await page.press("ArrowLeft", 37)
        await page.press("ArrowLeft", 37)
        assert await page.evaluate(shown) == infotext("three", 6)
        await page.press(*ESCAPE)
        await page.until(f"!{is_open}")
        assert await page.evaluate(f"!!{FOCUSED}.closest('.tile')")
        await page.press(*ENTER)
        await page.until(is_open)
        await reach(page, "e.ariaLabel === 'Reply'")
        await page.press(*ENTER)
        await page.until("!document.getElementById('chip').hidden")
        await page.type("+ snow")
        await page.press(*ENTER)
        await page.until("document.querySelector('.quoted img')?.naturalWidth === 64")
    (heard,) = scene.conversation.heard
    assert (heard.text, heard.replied_message_id) == ("+ snow", "201")


@pytest.mark.parametrize(
    ("about", "action", "argument"),
    [
        ("Draw it larger", "upscale", "job1:1"),
        ("Draw again with another seed", "again", "job1:1"),
        ("Original file", "file", "job1:1"),
    ],
)
async def test_buttons_are_pressed_by_keyboard(
    database: Database, tmp_path: Path, browser: str, about: str, action: str, argument: str
) -> None:
    """The buttons below a picture of the gallery are about that picture; where one draws, the
    chat is shown, and else its answer above the picture."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, ["a red apple"], seeds=(5, 6))
        scene.conversation.answer = (
            Answer(text="No file.") if action == "file" else Answer(job_id="new")
        )
        await open_gallery(page, 2)
        await page.click(".tile:nth-child(2) button")
        await page.until("document.getElementById('lightbox').open")
        await reach(page, f"e.ariaLabel?.endsWith({about!r})")
        await page.press(*ENTER)
        if action == "file":
            await page.until("document.getElementById('toast').innerText === 'No file.'")
            assert await page.evaluate("!!document.getElementById('toast').closest('dialog')")
        else:
            await page.until("!document.getElementById('chat').hidden")
            assert not await page.evaluate("document.getElementById('lightbox').open")
    (press,) = scene.conversation.pressed
    assert (press.action, press.argument) == (action, argument)
    assert press.reply_to == place("102")


async def test_what_is_deleted_leaves_the_gallery(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """All pictures of that request go, and the place where one was is the search."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, ["one", "two"])
        await open_gallery(page, 2)
        await page.click(".tile:nth-child(1) button")
        await page.until("document.getElementById('lightbox').open")
        async with database.transaction() as t:
            await t.run("UPDATE pictures SET fate = 'deleted' WHERE job_id = 'job2'")
        await reach(page, "e.ariaLabel?.endsWith('Delete')")
        await page.press(*ENTER)
        await page.until(f"{TILES}.join() === 'one'")
        assert await page.evaluate(f"{FOCUSED}.id") == "search"


async def test_a_hidden_picture_is_revealed_first(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """One behind a spoiler is blurred until somebody wants to see it, and named so."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, ["one"], fate="spoiler")
        await open_gallery(page, 1)
        await page.until("document.querySelector('.tile .spoiler')")
        assert await page.evaluate("document.querySelector('.tile button').ariaLabel") == (
            "Show the hidden picture"
        )
        await page.click(".tile button")
        await page.until("!document.querySelector('.tile .spoiler')")
        assert not await page.evaluate("document.getElementById('lightbox').open")


async def test_a_gone_file_is_said(database: Database, tmp_path: Path, browser: str) -> None:
    """Of a picture that was cleared away the parameters are still there."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await hang(database, scene.store, ["one"])
        await open_gallery(page, 1)
        await page.until("document.querySelector('.tile .gone')")
        await page.click(".tile button")
        await page.until("document.querySelector('#lightbox pre').innerText.includes('Seed: 1')")
        page.complaints = [c for c in page.complaints if "404" not in c]


async def test_the_gallery_is_there_after_reloading(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The address says which view is shown, so that going back and reloading work; what arrives
    meanwhile stands in the chat."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await fill(scene, database, ["one"])
        await open_gallery(page, 1)
        await page.call("Page.reload")
        await page.until(f"document.readyState === 'complete' && {TILES}.length === 1")
        note = Outgoing(kind=Kind.NOTE, to=place(""), text="hello")
        await scene.adapter.deliver(note)
        await page.evaluate("history.back()")
        await page.until("document.querySelector('.note')?.checkVisibility()")
        assert await page.evaluate("document.getElementById('gallery').hidden")


async def test_the_gallery_fits_on_a_phone(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Tiles with endless words, and one opened, without scrolling aside at 320 pixels."""
    outside = (
        "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()"
        " && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.className)"
    )
    async with (
        studio(database, tmp_path) as scene,
        opened(scene, browser, width=320, height=640, phone=True) as page,
    ):
        await fill(scene, database, ["x" * 300, "two"], model="m" * 80)
        await open_gallery(page, 2)
        assert await page.evaluate(outside) == []
        await page.click(".tile:nth-child(2) button")
        await page.until("document.getElementById('lightbox').open")
        assert await page.evaluate(outside) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 320
