"""Crash hooks: a death waiting at one of the edges of a bot's life.

Every change of state is a transaction and every message goes through an adapter's `deliver`, so
these are the edges: before and after each commit, before and after each message. They are put
around the shipped classes from outside; the product itself knows nothing of them.
"""

import inspect
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from bot.database import Database, Result, Transaction, Work
from bot.domain import Job, Kind, Outgoing, Receipt
from bot.inbox import Inbox
from bot.journal import Journal

DIED, SENDING, SENT, UP = "died", "sending", "sent", "up"
"""What the victim writes to standard output; it is up when it begins to listen, and names the edge
or the job where there is one."""
_CHANGES = {
    Inbox: ("put", "settle", "set_aside"),
    Journal: (
        "accept",
        "begin",
        "back_to_waiting",
        "end_drawn",
        "end_failed",
        "end_cancelled",
        "set_status_message",
        "sending",
        "told",
        "give_up",
    ),
}
_USUAL = ("put", "settle", "accept", "begin", "end_drawn", "set_status_message", "sending", "told")
_RARE = ("back_to_waiting", "end_failed")
EDGES = (
    *(f"{side} commit of {name}" for name in _USUAL for side in ("before", "after")),
    *(f"{side} a {kind}" for kind in (Kind.STATUS, Kind.RESULT) for side in ("before", "after")),
)
"""Those that a request crosses whose picture is drawn and delivered."""
MORE_EDGES = tuple(f"{side} commit of {name}" for name in _RARE for side in ("before", "after"))
"""Those that only some cross."""

_doing: ContextVar[str] = ContextVar("doing", default="something else")


class Death:
    """Strikes at an edge: "after commit of accept" the first time that one is crossed, "3 after
    commit of accept" the third time, "57" at the 57th of all; "0" never."""

    def __init__(self, at: str) -> None:
        number, _, name = at.partition(" ")
        self._number, self._name = (int(number), name) if number.isdigit() else (1, at)
        self._crossed = 0

    def edge(self, name: str) -> None:
        """An edge is crossed; its name goes to standard output if it is the last one."""
        if self._name not in ("", name):
            return
        self._crossed += 1
        if self._crossed == self._number:
            print(f"{DIED} {name}", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    def haunt(self) -> None:
        """Put hooks around all transactions of this process, for good."""
        for kind, names in _CHANGES.items():
            for name in names:
                _name(kind, name)
        _haunt_transactions(self)
        _haunt_steps(self)
        _tell_arrivals()

    def haunt_delivery(
        self, deliver: Callable[[Outgoing], Coroutine[Any, Any, Receipt]]
    ) -> Callable[[Outgoing], Coroutine[Any, Any, Receipt]]:
        """Hooks around each message."""

        @wraps(deliver)
        async def delivering(message: Outgoing) -> Receipt:
            self.edge(f"before a {message.kind}")
            if message.kind is Kind.RESULT:
                print(f"{SENDING} {message.job_id}", flush=True)
            receipt = await deliver(message)
            self.edge(f"after a {message.kind}")
            return receipt

        return delivering


def _name(kind: type, name: str) -> None:
    """Let a commit know by which change it was made."""
    member = inspect.getattr_static(kind, name)
    function = getattr(kind, name)

    @wraps(function)
    async def named(*args: Any, **options: Any) -> Any:
        _doing.set(name)
        return await function(*args, **options)

    setattr(kind, name, staticmethod(named) if isinstance(member, staticmethod) else named)


def _haunt_transactions(death: Death) -> None:
    begin = Database.transaction

    @asynccontextmanager
    async def transaction(self: Database) -> AsyncIterator[Transaction]:
        async with begin(self) as t:
            yield t
            doing = _doing.get()
            death.edge(f"before commit of {doing}")
        death.edge(f"after commit of {doing}")
        _doing.set("something else")

    Database.transaction = transaction  # type: ignore[method-assign]  # the point of this program


def _haunt_steps(death: Death) -> None:
    do = Database.step

    @wraps(do)
    async def step(self: Database, work: Work[Result], **options: Any) -> Result:
        if options.get("reading"):
            return await do(self, work, **options)
        doing = "something else"

        async def haunted(t: Transaction) -> Result:
            nonlocal doing
            _doing.set(doing)
            result = await work(t)
            doing = _doing.get()
            death.edge(f"before commit of {doing}")
            return result

        result = await do(self, haunted, **options)
        death.edge(f"after commit of {doing}")
        return result

    Database.step = step  # type: ignore[method-assign]  # as above


def _tell_arrivals() -> None:
    """Tell when a result's arrival is noted: until then its send is not over, for the platform has
    it and nobody here knows."""
    note = Journal.told

    @wraps(note)
    async def told(self: Journal, job: Job, *args: Any, **options: Any) -> None:
        await note(self, job, *args, **options)
        print(f"{SENT} {job.id}", flush=True)

    Journal.told = told  # type: ignore[method-assign]  # as above
