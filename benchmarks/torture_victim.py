"""The bot that is killed: the shipped program, with a death waiting at one of its edges.

    python -m benchmarks.torture_victim FOLDER TELEGRAM_BASE DISCORD_BASE DEATH

Everything is real but the drawing, which `tests.render_fault_process` does without a network. Every
change of state is a transaction and every message goes through an adapter's `deliver`, so these are
the edges: at the one numbered DEATH (0: never) the process ends itself by SIGKILL, after writing
the edge's name to standard output.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec

from bot import logs
from bot.app import open_app, run
from bot.config import Config, Secrets
from bot.database import Database, Result, Transaction, Work
from bot.domain import Job, Kind, Outgoing, Receipt
from bot.journal import Journal
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN

DIED, SENDING, SENT = "died", "sending", "sent"
RENDERER = (sys.executable, "-m", "tests.render_fault_process")


class Death:
    """Counts edges and strikes at one."""

    def __init__(self, at: int) -> None:
        self._left = at

    def edge(self, name: str) -> None:
        """An edge is crossed."""
        self._left -= 1
        if self._left == 0:
            print(f"{DIED} {name}", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)


def haunt_database(death: Death) -> None:
    """Let every transaction of the process be a chance to die, before and after its commit."""
    begin, do = Database.transaction, Database.step

    @asynccontextmanager
    async def transaction(self: Database) -> AsyncIterator[Transaction]:
        async with begin(self) as t:
            yield t
            death.edge("before commit")
        death.edge("after commit")

    async def step(self: Database, work: Work[Result]) -> Result:
        async def haunted(t: Transaction) -> Result:
            result = await work(t)
            death.edge("before commit")
            return result

        result = await do(self, haunted)
        death.edge("after commit")
        return result

    Database.transaction = transaction  # type: ignore[method-assign]  # the point of this program
    Database.step = step  # type: ignore[method-assign]  # as above


def haunt_delivery(
    death: Death, deliver: Callable[[Outgoing], Coroutine[Any, Any, Receipt]]
) -> Callable[[Outgoing], Coroutine[Any, Any, Receipt]]:
    """The same around each message."""

    @wraps(deliver)
    async def delivering(message: Outgoing) -> Receipt:
        death.edge(f"before sending a {message.kind}")
        if message.kind is Kind.RESULT:
            print(SENDING, flush=True)
        receipt = await deliver(message)
        death.edge(f"after sending a {message.kind}, before noting it")
        return receipt

    return delivering


def haunt_journal() -> None:
    """Tell when a result's arrival is noted: until then its send is not over, for the platform has
    it and nobody here knows."""
    note = Journal.told

    async def told(self: Journal, job: Job, message_ids: Sequence[str]) -> None:
        await note(self, job, message_ids)
        print(SENT, flush=True)

    Journal.told = told  # type: ignore[method-assign]  # as above


def config(telegram_base: str, discord_base: str) -> Config:
    """Open to everybody, with room for every request."""
    tables: dict[str, Any] = {
        "access": {"open": True},
        "studio": {"enabled": "off"},
        "telegram": {"api_base": telegram_base},
        "discord": {"api_base": discord_base},
        "limits": {"waiting_per_user": 100_000, "waiting_per_chat": 100_000},
        "quota": {"credits_per_day": 1e9},
    }
    return msgspec.convert(tables, Config)


async def main(folder: Path, telegram_base: str, discord_base: str, death: Death) -> None:
    """Run until killed, or asked to stop by SIGTERM."""
    haunt_database(death)
    haunt_journal()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tokens = Secrets(telegram_token=TELEGRAM_TOKEN, discord_token=DISCORD_TOKEN)
    settings = config(telegram_base, discord_base)
    async with open_app(settings, tokens, folder, render_command=RENDERER) as app:
        for adapter in app.adapters.values():
            adapter.deliver = haunt_delivery(death, adapter.deliver)  # type: ignore[method-assign]
        await run(app, stop)


if __name__ == "__main__":
    logs.setup("WARNING", ())
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Death(int(sys.argv[4]))))
