"""The line over a restart, through the wiring of the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bot.app import App, open_app, recover
from bot.config import Secrets
from bot.database import Database
from bot.settings import Settings
from tests.app_fixture import app_config
from tests.samples import CATALOG, incoming, reply_to, requester

TIERS = {"tiers": {"friends": {"weight": 2.0, "discord_roles": ["7"]}}}


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[App]:
    async with open_app(app_config(quota=TIERS), Secrets(), folder) as app:
        await recover(app)
        yield app


async def ask(app: App, user: str, chat: str, number: int, *roles: str) -> None:
    asked = incoming(
        f"a red apple {number}",
        requester=requester(user),
        reply_to=reply_to(chat_id=chat),
        roles=roles,
    )
    assert (await app.conversation.handle(asked)).job_id


async def claim(app: App) -> str:
    job_id, changes = await app.queue.get(), app.queue.unsaved()
    await app.journal.begin(job_id, turns=changes.flows, gone=changes.gone, anew=changes.anew)
    return job_id


async def test_a_restart_of_the_bot_keeps_the_line(tmp_path: Path) -> None:
    """What was being drawn goes first; then all stand where turns, tiers and chats had put them."""
    (tmp_path / "data").mkdir()
    async with Database(tmp_path / "data" / "chatelier.sqlite") as database:
        await Settings(database).set_fact("catalog", msgspec.json.encode(CATALOG).decode())
    async with started(tmp_path) as app:
        for number in range(4):
            await ask(app, "1", "-1", number)
            await ask(app, "2", "-1", number, "7")
        taken = [await claim(app) for _ in range(3)]
        for number in range(3):
            await ask(app, "3", f"-{number + 1}", number)
        line = app.queue.line()
    async with started(tmp_path) as app:
        assert app.queue.line() == taken + line
        weights = {job.requester.user_id: job.weight for job in await app.journal.unfinished()}
        assert weights == {"1": 1.0, "2": 2.0, "3": 1.0}
