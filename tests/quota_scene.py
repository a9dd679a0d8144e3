"""Allowances, ledger and accounts over one real database, with a clock that tests set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec

from bot.config import Config
from bot.database import Database, Transaction
from bot.errors import QuotaExceeded
from bot.quota.accounts import Accounts
from bot.quota.allowance import Allowance, Allowances
from bot.quota.gate import admit
from bot.quota.ledger import Ledger
from bot.quota.limits import Member
from tests.samples import NOON

ANN, BOB = "telegram:1", "telegram:2"
CHAT, OTHER_CHAT = "telegram:-100", "telegram:-200"
OPERATOR, ADMIN = "telegram:9", "telegram:8"


def config(bot: dict[str, Any] | None = None, **quota: Any) -> Config:
    """`[quota]` as given, without burst control unless it is asked for."""
    tables = {"quota": {"per_minute": "unlimited", **quota}, "bot": bot or {}}
    return msgspec.convert(tables, Config)


@dataclass
class Scene:
    """What intake does with credits, and nothing else of it."""

    database: Database
    config: Config = field(default_factory=config)
    now: float = NOON
    name: str = "job"

    def __post_init__(self) -> None:
        self.allowances = Allowances(self.database, self.config)
        self.accounts = Accounts(self.database, self.config.quota, lambda: self.now)
        self.ledger = Ledger(self.database)
        self._names = count()

    async def allowance(self, account: str = ANN, chat: str = CHAT, **about: Any) -> Allowance:
        member = Member(account=account, chat=chat, **about)
        return await self.allowances.of(member, self.now)

    async def spend(
        self, costs: Sequence[int] = (1000,), account: str = ANN, chat: str = CHAT, **about: Any
    ) -> str:
        """The id of the job that was accepted.

        Raises:
            Refusal: it was not.
        """
        member = Member(account=account, chat=chat, **about)

        async def reserve(t: Transaction) -> str:
            allowance = await self.allowances.within(t, member, self.now)
            parts = admit(allowance, costs)
            job_id = f"{self.name}{next(self._names)}"
            assert await self.ledger.reserve(t, allowance, job_id, parts)
            await self.allowances.came(t, allowance)
            return job_id

        return await self.database.step(reserve)

    async def refused(self, costs: Sequence[int] = (1000,), **about: Any) -> Any:
        """The phrase of the refusal that names a limit."""
        try:
            await self.spend(costs, **about)
        except QuotaExceeded as refusal:
            return refusal.phrases[0]
        raise AssertionError("it was accepted")

    async def settle(self, job_id: str, share: float = 1.0) -> None:
        async with self.database.transaction() as t:
            await self.ledger.settle(t, job_id, share)

    async def refund(self, job_id: str) -> None:
        async with self.database.transaction() as t:
            await self.ledger.refund(t, job_id)

    async def left(self, account: str = ANN, chat: str = CHAT) -> int:
        return (await self.allowance(account, chat)).left

    async def grants_left(self) -> list[int]:
        return [r[0] for r in await self.database.rows('SELECT "left" FROM grants ORDER BY number')]
