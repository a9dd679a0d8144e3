"""The bot as it is wired, asked without a platform and without a renderer."""

import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from bot.adapters.console import ConsoleAdapter
from bot.app import App, open_app
from bot.config import Config, Secrets
from bot.database import Database, Transaction
from bot.domain import (
    Catalog,
    CheckpointInfo,
    Incoming,
    Job,
    ModelRef,
    Platform,
    RenderSpec,
    ReplyTo,
    Requester,
)
from bot.journal import Journal
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
async def open_desk(
    clock: Callable[[], float] = time.time, waiting: Sequence[Job] = ()
) -> AsyncIterator[App]:
    """A bot with a stored catalogue and a new database, in which these jobs wait already."""
    config = msgspec.convert(_UNLIMITED, Config)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = base / config.bot.data_dir
        data.mkdir()
        async with Database(data / "chatelier.sqlite") as database:
            await Settings(database).set_fact("catalog", msgspec.json.encode(_CATALOG).decode())
            await database.step(partial(_accept_all, waiting))
        console = ConsoleAdapter(lambda _: None)
        async with open_app(
            config, Secrets(), base, console=console, data_dir=data, clock=clock
        ) as app:
            yield app


async def _accept_all(jobs: Sequence[Job], t: Transaction) -> None:
    for job in jobs:
        await Journal.accept(t, job)


def waiting_job(number: int, user: str, chat: str = "-1") -> Job:
    """A job of 1 to 3 credits."""
    like = request(f"waiting-{number}", user, chat, f"a red apple number {number}")
    steps = 20 + number % 40
    return Job(
        id=like.key,
        key=like.key,
        spec=RenderSpec(
            prompt=like.text,
            seed=number,
            steps=steps,
            cfg_scale=7.0,
            sampler="DPM++ 2M",
            width=512,
            height=512,
            checkpoint=ModelRef(name="sd15", sha256="1" * 64),
        ),
        requester=like.requester,
        reply_to=like.reply_to,
        cost=50 * steps,
        text=like.text,
        person=like.requester.account,
        accepted_at=time.time(),
    )


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
