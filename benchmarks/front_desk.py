"""The bot as it is wired, asked without a platform and without a renderer."""

import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from bot.adapters.console import ConsoleAdapter
from bot.app import App, open_app
from bot.config import Config, Secrets
from bot.database import Database
from bot.domain import Catalog, CheckpointInfo, Incoming, Job, Platform, ReplyTo, Requester
from bot.settings import Settings

_CATALOG = Catalog(
    checkpoints=(CheckpointInfo(name="sd15", sha256="1" * 64, family="SD 1.x", native_size=512),),
    default_checkpoint="sd15",
    samplers=("DPM++ 2M", "Euler", "Euler a"),
    schedules=("Automatic", "Karras"),
)
_UNLIMITED = {
    "access": {"open": True},
    "limits": {"waiting_per_user": 10**6, "waiting_per_chat": 10**6, "max_wait_s": "unlimited"},
    "quota": {"credits_per_day": "unlimited", "per_minute": "unlimited"},
}


@asynccontextmanager
async def open_desk(clock: Callable[[], float] = time.time, **sections: Any) -> AsyncIterator[App]:
    """A bot with a stored catalogue and a new database in a temporary folder."""
    config = msgspec.convert({**_UNLIMITED, **sections}, Config)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = base / config.bot.data_dir
        data.mkdir()
        async with Database(data / "chatelier.sqlite") as database:
            await Settings(database).set_fact("catalog", msgspec.json.encode(_CATALOG).decode())
        console = ConsoleAdapter(lambda _: None)
        async with open_app(
            config, Secrets(), base, console=console, data_dir=data, clock=clock
        ) as app:
            yield app


def request(key: str, user: str, chat: str, text: str) -> Incoming:
    """`/draw text` of a member in a Telegram group."""
    return Incoming(
        key=key,
        command="draw",
        text=text,
        requester=Requester(platform=Platform.TELEGRAM, user_id=user, name=f"Member {user}"),
        reply_to=ReplyTo(platform=Platform.TELEGRAM, chat_id=chat, message_id=key),
    )


async def accepted(app: App, incoming: Incoming) -> Job:
    """Have a request accepted as an adapter would."""
    answer = await app.conversation.handle(incoming)
    job = await app.journal.job(answer.job_id or "")
    if job is None:
        raise RuntimeError(f"not accepted: {answer.text}")
    return job
