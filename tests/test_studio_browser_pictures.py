"""Pictures on the page in a real browser: shown, replied to, enlarged, on a phone, in the dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Kind, Outgoing
from tests.browser.chromium import find, launched
from tests.browser.studio_page import ENTER, LOADED, opened, show_pictures
from tests.studio_scene import drawn_picture, place, remember_drawn, studio

pytestmark = pytest.mark.skipif(
    find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


WATCH = """(() => {
  window.bare = [];
  const look = () => {
    const shown = [...document.querySelectorAll('.result')].filter(e => e.checkVisibility());
    const status = document.querySelectorAll('.status').length;
    const loaded = shown.some(e => e.querySelector('img').complete);
    if (status + shown.length !== 1 || (shown.length && !loaded)) window.bare.push(status);
  };
  new MutationObserver(look).observe(document.getElementById('log'),
    {childList: true, subtree: true, attributes: true});
})()"""


async def test_the_picture_takes_the_place_of_its_status(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """At no moment do both stand there, or neither, or an empty frame."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        job = await remember_drawn(scene, database)
        status = Outgoing(kind=Kind.STATUS, to=job.reply_to, job_id=job.id, text="100 %")
        (message_id,) = (await scene.adapter.deliver(status)).message_ids
        await page.until("document.querySelector('.status')")
        await page.evaluate(WATCH)
        result = Outgoing(
            kind=Kind.RESULT,
            to=job.reply_to,
            job_id=job.id,
            text="a red apple",
            pictures=(drawn_picture(0),),
            remove=message_id,
        )
        await scene.adapter.deliver(result)
        await page.until(f"!document.querySelector('.status') && {LOADED}")
        assert await page.evaluate("window.bare") == []


async def test_each_picture_names_its_seed(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Of several pictures each tells its own seed, to the eye and to a screen reader."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, count=2)
        await page.until("document.querySelectorAll('.result img').length === 2")
        seeds = "[...document.querySelectorAll('.seed')].map(e => e.innerText)"
        assert await page.evaluate(seeds) == ["Seed 0", "Seed 1"]
        alt = await page.evaluate("document.querySelectorAll('.result img')[1].alt")
        assert alt.endswith("Seed 1")


async def test_a_picture_is_replied_to(database: Database, tmp_path: Path, browser: str) -> None:
    """The reply button puts the picture beside the text, and the message names that picture."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        ids = await show_pictures(scene, database, count=2)
        await page.until(f"document.querySelectorAll('.result img').length === 2 && {LOADED}")
        await page.click("figure:nth-child(2) figcaption button")
        await page.until("!document.getElementById('chip').hidden")
        await page.press("Escape", 27)
        await page.until("document.getElementById('chip').hidden")
        await page.click("figure:nth-child(2) figcaption button")
        await page.type("/draw a green apple")
        await page.press(*ENTER)
        await page.until("document.querySelector('.quoted img')?.naturalWidth === 64")
        assert await page.evaluate("document.getElementById('chip').hidden")
    (heard,) = scene.conversation.heard
    assert heard.replied_message_id == ids[1]


async def test_a_picture_is_enlarged_with_its_parameters(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """A click shows the picture large with its infotext; a hidden one is revealed first."""
    is_open = "document.getElementById('lightbox').open"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, spoiler=True)
        await page.until(f"document.querySelector('.spoiler img') && {LOADED}")
        over_it = "getComputedStyle(document.querySelector('.spoiler'), '::before').content"
        assert await page.evaluate(over_it) == '"Show the hidden picture"'
        await page.click(".picture")
        await page.until("!document.querySelector('.spoiler')")
        assert not await page.evaluate(is_open)
        await page.click(".picture")
        await page.until(is_open)
        assert await page.evaluate("document.activeElement.getAttribute('aria-label')") == "Close"
        shown = await page.evaluate("document.querySelector('#lightbox pre').innerText")
        assert shown == drawn_picture(0).infotext
        await page.press("Escape", 27)
        await page.until(f"!({is_open})")


async def test_the_hint_about_the_demo_is_given_once(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The demo model's first picture explains it; once dismissed it stays away."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, model_is_demo=True)
        await page.until("document.querySelector('.hint')")
        assert "models/checkpoints" in await page.evaluate(
            "document.querySelector('.hint').innerText"
        )
        await page.click(".hint button")
        await page.until("!document.querySelector('.hint')")
        await page.go(scene.address)
        await page.until(f"document.querySelector('.result img') && {LOADED}")
        assert not await page.evaluate("!!document.querySelector('.hint')")


@pytest.mark.parametrize("width", [320, 390])
async def test_a_phone_is_wide_enough(
    database: Database, tmp_path: Path, browser: str, width: int
) -> None:
    """Four pictures, a word without end and the menu fit on a phone without scrolling aside."""
    async with (
        studio(database, tmp_path) as scene,
        opened(scene, browser, width=width, height=700, phone=True) as page,
    ):
        await show_pictures(scene, database, count=4, model_is_demo=True)
        await scene.send("/draw " + "x" * 500)
        await page.until("document.querySelector('.request')")
        await page.until(f"document.querySelectorAll('.result img').length === 4 && {LOADED}")
        await page.evaluate("document.getElementById('text').focus()")
        await page.type("/")
        outside = await page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()"
            " && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.className)"
        )
        assert outside == []
        assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_everything_has_a_name(database: Database, tmp_path: Path, browser: str) -> None:
    """Whatever can be pressed, read as a picture or filled in has a name for a screen reader."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, model_is_demo=True)
        status = Outgoing(kind=Kind.STATUS, to=place("1"), text="50 %", progress=0.5)
        await scene.adapter.deliver(status)
        await page.until(f"document.querySelector('progress') && {LOADED}")
        nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
        roles = {"button", "link", "textbox", "image", "progressbar", "list", "dialog"}
        named = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"] and node["role"]["value"] in roles
        ]
        assert {"button", "link", "textbox", "image", "progressbar"} <= {role for role, _ in named}
        assert [role for role, name in named if not name] == []


@pytest.mark.parametrize("dark", [False, True])
async def test_words_stand_out_from_their_ground(
    database: Database, tmp_path: Path, browser: str, dark: bool
) -> None:
    """Text has a contrast of at least 4.5 to 1 (WCAG 2.2 AA), light and dark."""
    async with studio(database, tmp_path) as scene, opened(scene, browser, dark=dark) as page:
        await scene.send("/draw a red apple")
        await show_pictures(scene, database, model_is_demo=True)
        status = Outgoing(kind=Kind.STATUS, to=place("1"), text="50 %", progress=0.5)
        await scene.adapter.deliver(status)
        await page.until(f"document.querySelector('progress') && {LOADED}")
        await page.evaluate(
            "Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0)))"
        )
        assert await page.evaluate(TOO_FAINT) == []


TOO_FAINT = """(() => {
  const numbers = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
  };
  return [...document.querySelectorAll('p, button, a, h1, h2, .command')]
    .filter(e => e.checkVisibility() && e.innerText.trim())
    .filter(e => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map(e => e.className + ': ' + e.innerText);
})()"""
