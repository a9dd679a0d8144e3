"""The conversation over a real store, without adapters or a renderer."""

from pathlib import Path

import msgspec

from bot.access import Doorkeeper
from bot.admin.build import build_admin
from bot.admin.choices import Choices
from bot.admin.status import Engine
from bot.asking import Asking
from bot.config import Config
from bot.conversation import Conversation
from bot.database import Database
from bot.desk import Desk
from bot.domain import (
    Job,
    JobEvent,
    Outgoing,
)
from bot.errors import RenderError
from bot.inspection.client import Inspector
from bot.intake import Intake
from bot.job_queue import JobQueue, Pace
from bot.journal import Journal
from bot.members.forget import Forgetting
from bot.members.own_data import OwnData
from bot.members.seen import Members
from bot.parameters import Parameters
from bot.picture_check import PictureCheck
from bot.picture_store import PictureStore
from bot.preferences import PreferenceStore
from bot.preset_commands import PresetCommands
from bot.presets import PresetStore
from bot.prompt_review import PromptReview
from bot.quota.accounts import Accounts
from bot.quota.allowance import Allowances
from bot.quota.chat_filters import ChatFilters
from bot.quota.held_prompts import HeldPrompts
from bot.quota.ledger import Ledger
from bot.quota.prompt_filter import PromptFilter
from bot.quota.strikes import Strikes
from bot.removal import Removal
from bot.result_buttons import result_handlers
from bot.settings import Settings
from tests.samples import CATALOG, incoming, reply_to, requester

FILTER = PromptFilter()
OPERATOR = requester("9")
GROUP = reply_to()
PRIVATE = reply_to(chat_id="1", private=True)


class Front:
    """The conversation over a real store; what it cancels and sends is kept."""

    def __init__(
        self, database: Database, folder: Path, config: Config, inspector: Inspector | None = None
    ) -> None:
        """`inspector`: an opened one, for tests that hand in pictures."""
        self.database, self.config, self.folder = database, config, folder
        self.store = PictureStore(folder / "pictures")
        self.journal, self.ledger = Journal(database, self.store), Ledger(database)
        self.settings, self.queue = Settings(database), JobQueue()
        self.told: list[tuple[Job, JobEvent]] = []
        self.sent: list[Outgoing] = []
        self.cancelled: list[str] = []
        self.now = 1_780_000_000.0
        self.catalog, self.broken = CATALOG, False
        self.members = Members(database)
        pace, keeper = Pace(), Doorkeeper(config.access, self.settings, self.members)
        accounts = Accounts(database, config.quota, lambda: self.now)
        forgetting = Forgetting(
            database=database, store=self.store, members=self.members, cancel=self._cancel
        )
        self.doorkeeper = keeper
        self.filters = ChatFilters(database, config.moderation, lambda: FILTER)
        self.strikes = Strikes(database, config.moderation, lambda: self.now)
        self.preferences, self.resumed = PreferenceStore(database), 0
        self.review = PromptReview(
            database=database,
            journal=self.journal,
            ledger=self.ledger,
            queue=self.queue,
            pace=pace,
            held=HeldPrompts(database),
            doorkeeper=keeper,
            members=self.members,
            preferences=self.preferences,
            removal=Removal(database, self.store),
            tell=lambda job, event: self.told.append((job, event)),
            send=self.sent.append,
            language=config.bot.language,
        )
        pictures = PictureCheck(inspector or Inspector("off"), config.moderation, self.preferences)
        intake = Intake(
            config=config,
            database=database,
            journal=self.journal,
            ledger=self.ledger,
            store=self.store,
            queue=self.queue,
            pace=pace,
            filters=self.filters,
            strikes=self.strikes,
            hold=self.review.hold,
            pictures=pictures,
            catalog=lambda: self.catalog,
            renderer_ready=self._ready,
            tell=lambda job, event: self.told.append((job, event)),
            clock=lambda: self.now,
        )
        presets = PresetStore(database, accounts.linked)
        asking = Asking(
            journal=self.journal,
            is_operator=keeper.is_operator,
            presets=presets,
            carried=pictures.carried,
        )
        self.conversation = Conversation(
            intake=intake,
            asking=asking,
            commands={
                "info": Parameters(self.journal, pictures.carried).run,
                "preset": PresetCommands(
                    store=presets, journal=self.journal, judge=self.filters.check
                ).run,
            },
            desk=Desk(
                config=config,
                queue=self.queue,
                pace=pace,
                journal=self.journal,
                allowances=Allowances(database, config),
                catalog=lambda: CATALOG,
                drawing=lambda: (),
                is_operator=keeper.is_operator,
                clock=lambda: self.now,
            ),
            doorkeeper=keeper,
            admin=build_admin(
                config=config,
                database=database,
                filters=self.filters,
                catalog=lambda: self.catalog,
                pace=pace,
                engine=lambda: Engine(renderer="ready", memory_bytes=1_500_000_000),
                resumed=self._resume,
                clock=lambda: self.now,
            ),
            choices=Choices(
                config=config,
                store=self.preferences,
                catalog=lambda: self.catalog,
                judge=self.filters.check,
            ),
            preferences=self.preferences,
            journal=self.journal,
            settings=self.settings,
            members=self.members,
            own_data=OwnData(
                config=config.storage, forgetting=forgetting, accounts_of=accounts.linked
            ),
            cancel=self._cancel,
            send=self.sent.append,
            handlers={
                **self.review.handlers,
                **result_handlers(
                    asking=asking,
                    intake=intake,
                    journal=self.journal,
                    removal=Removal(database, self.store),
                    doorkeeper=keeper,
                    send=self.sent.append,
                ),
            },
            language=config.bot.language,
        )

    def _resume(self) -> None:
        self.resumed += 1

    async def _ready(self) -> None:
        if self.broken:
            raise RenderError("no such device")
        self.catalog = CATALOG

    async def _cancel(self, job_id: str, by: str = "") -> bool:
        self.cancelled.append(job_id)
        return self.queue.remove(job_id)

    def stored(self) -> list[Path]:
        return list((self.folder / "pictures").glob("*/*"))

    async def say(self, text: str = "", command: str = "draw", **changes: object) -> str:
        return (await self.conversation.handle(incoming(text, command, **changes))).text

    async def aside(self, text: str, command: str = "admin", **changes: object) -> str:
        """What a group does not read: the answer in the private chat of whoever asked."""
        before = len(self.sent)
        told = await self.say(text, command, **{"key": f"aside {before}", **changes})
        assert "in private" in told
        (note,) = self.sent[before:]
        assert note.to.private
        return note.text

    async def draw(self, text: str = "a red apple", **changes: object) -> Job:
        answer = await self.conversation.handle(incoming(text, **changes))
        assert answer.job_id, answer.text
        job = await self.journal.job(answer.job_id)
        assert job is not None
        return job


def config(**sections: dict[str, object]) -> Config:
    tables: dict[str, dict[str, object]] = {
        "access": {"chats": ["telegram:-100"], "operators": ["telegram:9"]}
    }
    return msgspec.convert({**tables, **sections}, Config)
