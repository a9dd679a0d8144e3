"""The studio's page as opened in a browser, and what is put on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.database import Database
from bot.domain import Kind, Outgoing
from tests.browser.chromium import Page, opened_page
from tests.studio_scene import Scene, drawn_picture, remember_drawn

READY = "document.readyState === 'complete' && !document.getElementById('empty').hidden"
ENTER = ("Enter", 13)
LOADED = "[...document.querySelectorAll('.result img')].every(i => i.naturalWidth === 64)"


@asynccontextmanager
async def opened(scene: Scene, browser: str, **emulated: object) -> AsyncIterator[Page]:
    """The page in a fresh browser; scripts must have had nothing to complain about."""
    async with opened_page(browser, **emulated) as page:
        await page.go(scene.address)
        await page.until(READY)
        yield page
        assert page.complaints == []


async def show_pictures(
    scene: Scene, database: Database, count: int = 1, **changes: object
) -> tuple[str, ...]:
    """Deliver a result as delivery does; the ids of its pictures."""
    job = await remember_drawn(scene, database, count=count)
    result = Outgoing(
        kind=Kind.RESULT,
        to=job.reply_to,
        job_id=job.id,
        text="a red apple\nseed 1 · 20 steps",
        pictures=tuple(drawn_picture(i) for i in range(count)),
        **changes,
    )
    return (await scene.adapter.deliver(result)).message_ids
