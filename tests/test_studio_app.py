"""The whole road, by hand: a browser, the studio, the queue, the render process, the demo model.

With `STUDIO_SCREENSHOTS` set to a folder, the pictures of the documentation are taken there:
`make screenshots`.
"""

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from bot.adapters.studio import StudioAdapter
from bot.app import App
from bot.domain import Platform
from tests.app_fixture import running_app
from tests.browser.chromium import Page, find, launched, opened_page

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
    ),
]
SHOTS = os.environ.get("STUDIO_SCREENSHOTS")
ENTER = ("Enter", 13)
LOADED = "[...document.images].every(i => i.complete && (i.naturalWidth || !i.src))"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


def shown(count: int) -> str:
    pictures = "document.querySelectorAll('.message:not([hidden]) .result .picture img')"
    return f"{pictures}.length === {count} && {LOADED}"


async def say(page: Page, text: str) -> None:
    await page.type(text)
    await page.press(*ENTER)


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(Path(SHOTS) / f"{name}.webp", format="webp", quality=88)


async def address(app: App) -> str:
    adapter = app.adapters[Platform.STUDIO]
    assert isinstance(adapter, StudioAdapter)
    await asyncio.wait_for(adapter.listening.wait(), 10)
    return adapter.address


async def drawn(app: App) -> list[Image.Image]:
    """All pictures of the chat, oldest first, from the durable record."""
    found = []
    for item in await app.journal.history(Platform.STUDIO, "studio"):
        for picture in item.pictures:
            png = await app.journal.picture(item.job.id, picture.index)
            assert png is not None
            found.append(Image.open(io.BytesIO(png)))
    return found


async def test_a_newcomer_draws_and_changes_a_picture(tmp_path: Path, browser: str) -> None:
    """`/draw a red apple` brings a picture; a reply to it brings what img2img made of it."""
    async with running_app(tmp_path) as app, opened_page(browser) as page:
        await page.go(await address(app))
        await page.until("document.getElementById('empty')?.hidden === false")
        await shoot(page, "studio-empty")

        await say(page, "/draw a red apple")
        await page.until("document.querySelector('.status')")
        await page.until(shown(1), patience_s=120)
        await shoot(page, "studio-result")
        await page.click(".hint button")

        await page.click("figcaption button")
        await page.type("/draw a green apple")
        await shoot(page, "studio-reply")
        await page.press(*ENTER)
        await page.until(shown(2), patience_s=120)
        await shoot(page, "studio-img2img")

        assert not await page.evaluate("!!document.querySelector('.status')")
        first, second = await app.journal.history(Platform.STUDIO, "studio")
        assert second.job.source_job_id == first.job.id
        assert second.job.spec.input_sha256 is not None
        red, green = await drawn(app)
        assert "a red apple" in red.text["parameters"]
        assert "Denoising strength" in green.text["parameters"]
        assert red.tobytes() != green.tobytes()

        await page.go(await address(app))
        await page.until(shown(2))
        await page.emulate(dark=True)
        await shoot(page, "studio-dark")
        await page.emulate(width=390, height=844, phone=True)
        await shoot(page, "studio-phone")
        await page.emulate()
        await page.click(".views a[href='#gallery']")
        await page.until("[...document.querySelectorAll('.tile img')].length === 2")
        await page.until(LOADED)
        await shoot(page, "studio-gallery")
        await page.click(".tile:nth-child(1) button")
        await page.until("document.querySelector('#lightbox[open] img')?.naturalWidth")
        await shoot(page, "studio-picture")
        assert page.complaints == []


async def test_a_mistake_gets_a_sentence_in_chinese(tmp_path: Path, browser: str) -> None:
    """A wrong flag is answered in the browser's language, and a cancelled job says so."""
    async with running_app(tmp_path) as app, opened_page(browser, language="zh-CN") as page:
        await page.go(await address(app))
        await page.until("document.getElementById('empty')?.hidden === false")
        await say(page, "/draw 红苹果 --stesp 20")
        await page.until("document.querySelector('.note')?.innerText.includes('--step')")
        await say(page, "/draw 红苹果 --steps 60 -n 4")
        await page.click(".status .pill")
        await page.until("document.querySelector('.result')?.innerText.includes('取消')")
        await say(page, "/draw 红苹果")
        await page.until(shown(1), patience_s=120)
        await shoot(page, "studio-zh")
        assert page.complaints == []


async def test_reloading_in_the_middle_loses_nothing(tmp_path: Path, browser: str) -> None:
    """A page that is loaded anew shows the preview, how much is drawn and Cancel, and then the
    pictures."""
    under_way = (
        "document.readyState === 'complete' && document.querySelector('.status .preview')"
        "?.naturalWidth > 0 && document.querySelector('.status progress').value"
    )
    async with running_app(tmp_path) as app, opened_page(browser) as page:
        await page.go(await address(app))
        await page.until("document.getElementById('empty')?.hidden === false")
        await say(page, "/draw a house at night --steps 60")
        await page.until(f"{under_way} > 0.1", patience_s=60)
        await page.call("Page.reload")
        await page.until(f"{under_way} > 0.1")
        assert await page.evaluate("!!document.querySelector('.status .actions button')")
        assert await page.evaluate("document.querySelectorAll('.message').length") == 2
        await page.until(shown(1), patience_s=120)
        await page.until("!document.querySelector('.status')")


async def test_a_picture_goes_round(tmp_path: Path, browser: str) -> None:
    """Words alone change it; its parameters, pasted as text or carried by its file, draw it once
    more, and are shown where that is asked."""
    async with running_app(tmp_path) as app, opened_page(browser) as page:
        await page.go(await address(app))
        await page.until("document.getElementById('empty')?.hidden === false")
        await say(page, "/draw a red apple --steps 8")
        await page.until(shown(1), patience_s=120)
        await page.click(".hint button")

        await page.drag(".result .picture", "#text")
        await page.until("!document.getElementById('chip').hidden")
        await say(page, "+ snow")
        await page.until(shown(2), patience_s=120)

        first, _ = await app.journal.history(Platform.STUDIO, "studio")
        png = await app.journal.picture(first.job.id, 0)
        assert png is not None
        await say(page, first.pictures[0].infotext)
        await page.until(shown(3), patience_s=120)

        file = tmp_path / "apple.png"
        file.write_bytes(png)
        await page.choose_file("#file", file)
        await page.until("!document.getElementById('chip').hidden")
        await page.click("#carried")
        await page.until("document.querySelector('.note')?.innerText.includes('Steps: 8')")
        await page.click("#send")
        await page.until(shown(4), patience_s=120)

        _, changed, *again = await app.journal.history(Platform.STUDIO, "studio")
        assert changed.job.spec.prompt == "a red apple, snow"
        assert changed.job.spec.steps == 8
        assert [item.job.spec for item in again] == [first.job.spec] * 2
        red, _, pasted, carried = await drawn(app)
        assert red.tobytes() == pasted.tobytes() == carried.tobytes()
        assert page.complaints == []
