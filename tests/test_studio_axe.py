"""Every view of the page, judged by axe-core: light and dark, both languages, wide and narrow."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Answer, Form, FormField, Kind, Outgoing
from bot.replies.buttons import result_buttons
from tests import samples
from tests.browser.axe_core import SCRIPT, violations
from tests.browser.chromium import Page, find, launched, opened_page
from tests.browser.studio_page import LOADED, opened, show_pictures
from tests.hung import hang
from tests.studio_scene import Scene, drawn_picture, place, png, studio

pytestmark = [
    pytest.mark.skipif(
        find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
    ),
    pytest.mark.skipif(not SCRIPT.exists(), reason="no axe-core here (`make test` fetches it)"),
]
ESCAPE = ("Escape", 27)
WIDE = {"language": "en-GB"}
NARROW = {"language": "zh-CN", "dark": True, "phone": True, "width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


def test_axe_is_the_one_that_is_pinned() -> None:
    """What judges is what the lock file names, and nothing that lies there by chance."""
    lock = json.loads((SCRIPT.parents[2] / "package-lock.json").read_text("utf-8"))
    pinned = lock["packages"]["node_modules/axe-core"]["version"]
    assert f"axe v{pinned}" in SCRIPT.read_text("utf-8")[:100]


async def test_axe_finds_what_is_wrong(database: Database, tmp_path: Path, browser: str) -> None:
    """A button without a name is told: the judge is awake."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        assert await violations(page) == []
        await page.evaluate(
            "document.getElementById('chat').append(document.createElement('button'))"
        )
        assert [told.split()[0] for told in await violations(page)] == ["button-name"]


async def fill_chat(scene: Scene, database: Database) -> None:
    """A message of every kind that the page knows."""
    scene.conversation.answer = Answer(text="There is no --stesp. Did you mean --steps?")
    await scene.send("/draw a red apple --stesp 3", image=png())
    buttons = result_buttons(samples.job("job10"), [drawn_picture(0)] * 2, "en")
    await show_pictures(scene, database, count=2, buttons=buttons, model_is_demo=True, spoiler=True)
    status = Outgoing(
        kind=Kind.STATUS,
        to=place("1"),
        text="50 %, 3 s left",
        progress=0.5,
        preview=png(),
        buttons=buttons[:1],
    )
    await scene.adapter.deliver(status)


@pytest.mark.parametrize("emulated", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_the_chat_can_be_used_by_everybody(
    database: Database, tmp_path: Path, browser: str, emulated: dict[str, object]
) -> None:
    """With messages of every kind, the menu of commands, a complaint and a picture beside the
    text."""
    async with studio(database, tmp_path) as scene, opened(scene, browser, **emulated) as page:
        await fill_chat(scene, database)
        await page.until("document.querySelector('progress') && document.querySelector('.note')")
        await page.until(LOADED)
        await page.click("figcaption button.quiet-button")
        await page.until("!document.getElementById('chip').hidden")
        await page.type("/")
        await page.until("!document.getElementById('commands').hidden")
        assert await violations(page) == []


@pytest.mark.parametrize("emulated", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_what_opens_can_be_used_by_everybody(
    database: Database, tmp_path: Path, browser: str, emulated: dict[str, object]
) -> None:
    """The picture alone with its parameters, a text to copy, a form to fill in."""
    async with studio(database, tmp_path) as scene, opened(scene, browser, **emulated) as page:
        await fill_chat(scene, database)
        await page.until(f"document.querySelectorAll('.spoiler').length === 2 && {LOADED}")
        for _ in range(2):
            await page.click(".picture")
        await opens(page, "lightbox")
        field = FormField(name="prompt", label="Prompt", value="a fig", long=True)
        form = Form(title="Edit", fields=(field,), action="edit", argument="job10")
        for answer in (Answer(text="Steps: 20", verbatim=True), Answer(form=form)):
            scene.conversation.answer = answer
            await page.click(".result > .actions button")
            await opens(page, "sheet")


async def opens(page: Page, dialog: str) -> None:
    """That dialog opens, has no fault, and Escape closes it."""
    await page.until(f"document.getElementById('{dialog}').open")
    assert await violations(page) == []
    await page.press(*ESCAPE)
    await page.until(f"!document.getElementById('{dialog}').open")


@pytest.mark.parametrize("emulated", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_the_gallery_can_be_used_by_everybody(
    database: Database, tmp_path: Path, browser: str, emulated: dict[str, object]
) -> None:
    """Empty, filled, and with one picture opened."""
    async with studio(database, tmp_path) as scene, opened(scene, browser, **emulated) as page:
        await page.evaluate("location.hash = '#gallery'")
        await page.until("!document.getElementById('none').hidden")
        assert await violations(page) == []
        file = await scene.store.put(png())
        await hang(database, scene.store, [f"p{n}" for n in range(61)], file=file)
        await page.call("Page.reload")
        await page.until(
            "document.readyState === 'complete'"
            " && document.querySelectorAll('.tile').length === 60"
            " && document.querySelector('.tile img').naturalWidth"
        )
        assert await violations(page) == []
        await page.click(".tile:nth-child(1) button")
        await opens(page, "lightbox")


@pytest.mark.parametrize("emulated", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_the_door_can_be_used_by_everybody(
    database: Database, tmp_path: Path, browser: str, emulated: dict[str, object]
) -> None:
    """The page that asks for the password, with a wrong one told."""
    async with (
        studio(database, tmp_path, password="secret") as scene,
        opened_page(browser, **emulated) as page,
    ):
        await page.go(scene.address)
        await page.until("location.pathname === '/login'")
        assert await violations(page) == []
        await page.evaluate("document.getElementById('password').focus()")
        await page.type("guess")
        await page.press("Enter", 13)
        await page.until("document.querySelector('.problem')?.innerText.length > 0")
        assert await violations(page) == []
