"""Puts `Admin` together over one database: for a running bot, and for the command line."""

import time
from collections.abc import Callable

from bot.admin import Admin
from bot.admin.chats import ChatActs
from bot.admin.filters import FilterActs
from bot.admin.log import Log
from bot.admin.members import MemberActs
from bot.admin.pauses import PauseActs
from bot.admin.quotas import QuotaActs
from bot.admin.status import Engine, StatusDesk
from bot.admin.strikes import StrikeActs
from bot.audit import Audit
from bot.config import Config
from bot.database import Database
from bot.domain import Catalog
from bot.job_queue import Pace
from bot.members.seen import Members
from bot.preferences import PreferenceStore
from bot.quota.accounts import Accounts
from bot.quota.allowance import Allowances
from bot.quota.chat_filters import ChatFilters
from bot.quota.strikes import Strikes
from bot.quota.tally import Tally
from bot.settings import Settings


def build_admin(
    *,
    config: Config,
    database: Database,
    filters: ChatFilters,
    catalog: Callable[[], Catalog],
    pace: Pace,
    engine: Callable[[], Engine],
    resumed: Callable[[], None],
    clock: Callable[[], float] = time.time,
) -> Admin:
    """`engine` tells what only a running bot knows; `resumed` is called when waiting jobs may be
    begun again."""
    settings, preferences = Settings(database), PreferenceStore(database)
    timezone = config.quota.timezone
    accounts = Accounts(database, config.quota, clock)

    async def operators() -> frozenset[str]:
        return frozenset(config.access.operators) | await settings.operators()

    return Admin(
        members=MemberActs(
            accounts,
            settings.own_accounts,
            operators,
            timezone,
            clock,
        ),
        quotas=QuotaActs(accounts, Allowances(database, config), operators, config.quota, clock),
        chats=ChatActs(settings),
        pauses=PauseActs(preferences, resumed),
        filters=FilterActs(filters),
        strikes=StrikeActs(Strikes(database, config.moderation, clock), timezone),
        log=Log(Audit(database), timezone),
        status=StatusDesk(
            store=preferences,
            tally=Tally(database, timezone),
            timezone=timezone,
            catalog=catalog,
            pace=pace,
            engine=engine,
            clock=clock,
        ),
        seen=Members(database, clock).knows,
    )
