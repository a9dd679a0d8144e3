"""The wiring: the only place where concrete classes are chosen."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from bot.access import Doorkeeper
from bot.adapters.console import ConsoleAdapter
from bot.admin.build import build_admin
from bot.admin.choices import Choices
from bot.admin.status import Engine
from bot.asking import Asking
from bot.config import Config, Secrets
from bot.conversation import Conversation
from bot.database import Database
from bot.delivery import Delivery
from bot.desk import Desk
from bot.domain import Catalog, Job, Platform, ReplyTo
from bot.errors import ConfigError, StoreError
from bot.gallery import Gallery
from bot.holds import Holds
from bot.inbox import Inbox
from bot.inspection.client import Inspector
from bot.intake import Intake
from bot.job_queue import JobQueue, Pace
from bot.journal import Journal
from bot.members.forget import Forgetting
from bot.members.own_data import OwnData
from bot.members.seen import Members
from bot.moderators import Moderators
from bot.parameters import Parameters
from bot.phrase import phrase
from bot.picture_check import PictureCheck
from bot.picture_moderation import PictureModeration
from bot.picture_store import PictureStore
from bot.picture_strikes import PictureStrikes
from bot.ports import ChatAdapter
from bot.preferences import PreferenceStore
from bot.preset_commands import PresetCommands
from bot.presets import PresetStore
from bot.prompt_review import PromptReview
from bot.quota.accounts import Accounts
from bot.quota.allowance import Allowances
from bot.quota.chat_filters import ChatFilters
from bot.quota.held_prompts import HeldPrompts
from bot.quota.ledger import Ledger
from bot.quota.limits import RunningCaps
from bot.quota.strikes import Strikes
from bot.removal import Removal
from bot.render.client import RenderClient
from bot.replies import say
from bot.replies.messages import Messages
from bot.result_buttons import result_handlers
from bot.running import App as App
from bot.running import housekeep as housekeep
from bot.running import recover as recover
from bot.running import run as run
from bot.settings import Settings
from bot.startup import (
    check_classifier,
    check_models,
    make_folder,
    make_folders,
    only_copy,
    prompt_filter,
    render_config,
    share_warning,
    stored_catalog,
    unknown_defaults,
)
from bot.worker import Worker

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_app(
    config: Config,
    secrets: Secrets,
    base: Path,
    *,
    data_dir: Path | None = None,
    console: ConsoleAdapter | None = None,
    render_command: tuple[str, ...] | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[App]:
    """Build everything under `base` (relative folders of the configuration start there).

    With a `console`, that is the only adapter, and `data_dir` holds its short-lived database.

    Raises:
        ConfigError: another copy runs on the same data, a folder cannot be used, or nothing is
            there to run.
        StoreError: the database cannot be used.
    """
    kept = base / config.bot.data_dir
    data = data_dir or kept
    if console is None:
        make_folders(base / config.render.models_dir)
    check_models(base / config.render.models_dir)
    check_classifier(config.moderation.classifier)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_copy(data))
        make_folder("[bot] data_dir", data / "pictures")
        if said := await asyncio.to_thread(share_warning, data):
            log.warning("%s", said)
        database = await stack.enter_async_context(Database(data / "chatelier.sqlite"))
        store = PictureStore(data / "pictures")
        journal, ledger = Journal(database, store), Ledger(database)
        settings, inbox = Settings(database), Inbox(database)
        members, preferences = Members(database), PreferenceStore(database)
        queue = JobQueue(RunningCaps.of(config.limits).allow)
        pace = Pace(float(await settings.fact("pace") or 5.0))
        renderer = RenderClient(
            render_config(config, base),
            kept,
            on_catalog=_warner_of_models(config),
            stored_catalog=stored_catalog(await settings.fact("catalog")),
            default_checkpoint=config.defaults.checkpoint,
            command=render_command,
        )
        inspector = await stack.enter_async_context(Inspector(config.moderation.classifier))
        pictures = PictureCheck(inspector, config.moderation, preferences)
        holds = Holds(database, days=config.moderation.hold_days, clock=clock)
        adapters: dict[Platform, ChatAdapter] = {}
        # A job knows the language that its member is answered in.
        messages = Messages(report=config.moderation.reports_per_hour > 0)
        delivery = await stack.enter_async_context(
            Delivery(
                adapters=adapters,
                database=database,
                journal=journal,
                ledger=ledger,
                messages=messages,
                pause=_edit_pause,
                is_demo=lambda job: _is_demo(renderer.catalog, job),
                chat_gone=lambda to: settings.forget_chat(to.platform, to.chat_id),
            )
        )
        doorkeeper = Doorkeeper(config.access, settings, members)
        strikes, held_prompts = Strikes(database, config.moderation, clock), HeldPrompts(database)
        worker = Worker(
            renderer=renderer,
            queue=queue,
            pace=pace,
            database=database,
            journal=journal,
            ledger=ledger,
            store=store,
            check=pictures,
            holds=holds,
            tell=delivery.tell,
            jobs_at_once=config.render.jobs_at_once,
            strikes=PictureStrikes(
                strikes=strikes, is_operator=doorkeeper.is_operator_account, send=delivery.send
            ),
            paused=preferences.holds_all,
        )
        removal = Removal(database, store)
        moderation = PictureModeration(
            config=config,
            holds=holds,
            journal=journal,
            store=store,
            removal=removal,
            moderators=Moderators(
                doorkeeper=doorkeeper, members=members, preferences=preferences, adapters=adapters
            ),
            messages=messages,
            send=delivery.send,
        )
        delivery.told = moderation.holding.ask
        accounts = Accounts(database, config.quota)
        usual_filter = await asyncio.to_thread(prompt_filter, config, base)
        filters = ChatFilters(database, config.moderation, lambda: usual_filter)
        review = PromptReview(
            database=database,
            journal=journal,
            ledger=ledger,
            queue=queue,
            pace=pace,
            held=held_prompts,
            doorkeeper=doorkeeper,
            members=members,
            preferences=preferences,
            removal=removal,
            tell=delivery.tell,
            send=delivery.send,
            language=config.bot.language,
        )
        intake = Intake(
            config=config,
            database=database,
            journal=journal,
            ledger=ledger,
            store=store,
            queue=queue,
            pace=pace,
            filters=filters,
            strikes=strikes,
            hold=review.hold,
            pictures=pictures,
            catalog=lambda: renderer.catalog,
            renderer_ready=renderer.wait_ready,
            tell=delivery.tell,
            clock=clock,
        )
        admin = build_admin(
            config=config,
            database=database,
            filters=filters,
            catalog=lambda: renderer.catalog,
            pace=pace,
            engine=lambda: _engine(renderer),
            resumed=worker.wake,
        )
        forgetting = Forgetting(
            database=database, store=store, members=members, cancel=worker.cancel
        )
        presets = PresetStore(database, accounts.linked)
        asking = Asking(
            journal=journal,
            is_operator=doorkeeper.is_operator,
            presets=presets,
            carried=pictures.carried,
        )
        conversation = Conversation(
            intake=intake,
            asking=asking,
            commands={
                "report": moderation.reporting.command,
                "info": Parameters(journal, pictures.carried).run,
                "preset": PresetCommands(store=presets, journal=journal, judge=filters.check).run,
            },
            desk=Desk(
                config=config,
                queue=queue,
                pace=pace,
                journal=journal,
                allowances=Allowances(database, config),
                catalog=lambda: renderer.catalog,
                drawing=lambda: worker.drawing,
                is_operator=doorkeeper.is_operator,
                clock=clock,
            ),
            doorkeeper=doorkeeper,
            admin=admin,
            choices=Choices(
                config=config,
                store=preferences,
                catalog=lambda: renderer.catalog,
                judge=filters.check,
            ),
            preferences=preferences,
            journal=journal,
            settings=settings,
            members=members,
            own_data=OwnData(
                config=config.storage, forgetting=forgetting, accounts_of=accounts.linked
            ),
            cancel=worker.cancel,
            send=delivery.send,
            handlers={
                **review.handlers,
                **moderation.handlers,
                **result_handlers(
                    asking=asking,
                    intake=intake,
                    journal=journal,
                    removal=removal,
                    doorkeeper=doorkeeper,
                    send=delivery.send,
                ),
            },
            language=config.bot.language,
        )
        app = App(
            config=config,
            conversation=conversation,
            doorkeeper=doorkeeper,
            settings=settings,
            admin=admin,
            journal=journal,
            gallery=Gallery(database),
            ledger=ledger,
            inbox=inbox,
            store=store,
            queue=queue,
            worker=worker,
            delivery=delivery,
            renderer=renderer,
            adapters=adapters,
            forgetting=forgetting,
            strikes=strikes,
            held_prompts=held_prompts,
            review=review,
            moderation=moderation,
            pace=pace,
        )
        if console is not None:
            adapters[Platform.CONSOLE] = console
        else:
            adapters.update(_adapters(app, secrets))
        try:
            yield app
        finally:
            with contextlib.suppress(StoreError):  # on a full disk it ends all the same
                known = msgspec.json.encode(renderer.catalog).decode()
                await settings.set_fact("pace", str(pace.seconds_per_credit))
                await settings.set_fact("catalog", known)


def _engine(renderer: RenderClient) -> Engine:
    return Engine(renderer=renderer.state.phase.value, memory_bytes=renderer.memory_bytes)


def _warner_of_models(config: Config) -> Callable[[Catalog], None]:
    """Warns of each file, and of each default that is not there, once, also when the catalogue
    comes again."""
    warned: set[str] = set()

    def warn(catalog: Catalog) -> None:
        sentences = [
            *(f"{f.name} cannot be used: {say(phrase(f.reason))}" for f in catalog.unusable),
            *unknown_defaults(config, catalog),
        ]
        for sentence in sentences:
            if sentence not in warned:
                log.warning("%s", sentence)
        warned.clear()
        warned.update(sentences)

    return warn


def _adapters(app: App, secrets: Secrets) -> dict[Platform, ChatAdapter]:
    """The adapters that are configured; libraries of platforms without a token stay unloaded."""
    config, found = app.config, dict[Platform, ChatAdapter]()
    if secrets.telegram_token:
        from bot.adapters.telegram import TelegramAdapter

        found[Platform.TELEGRAM] = TelegramAdapter(
            config=config.telegram,
            token=secrets.telegram_token,
            conversation=app.conversation,
            inbox=app.inbox,
            ranks_matter=any(t.telegram_admins for t in config.quota.tiers.values()),
        )
    if secrets.discord_token:
        from bot.adapters.discord import DiscordAdapter

        found[Platform.DISCORD] = DiscordAdapter(
            config=config.discord,
            token=secrets.discord_token,
            conversation=app.conversation,
            inbox=app.inbox,
        )
    if config.studio.enabled == "on" or (config.studio.enabled == "auto" and not found):
        from bot.adapters.studio import StudioAdapter

        found[Platform.STUDIO] = StudioAdapter(
            config=config.studio,
            password=secrets.studio_password,
            conversation=app.conversation,
            history=app.journal,
            gallery=app.gallery,
            language=config.bot.language,
            health=lambda: {"render": app.renderer.state.phase.name.lower()},
        )
    if not found:
        raise ConfigError(
            "nothing to run: no token is set and [studio] enabled = 'off'. Set"
            " CHATELIER_TELEGRAM_TOKEN or CHATELIER_DISCORD_TOKEN, or enable the studio"
        )
    return found


def _edit_pause(to: ReplyTo) -> float:
    """Seconds between two edits in a chat. Telegram: 20 messages a minute in a group, edits
    counted, one a second in private; Discord: 5 edits in 5 s a channel."""
    if to.platform is Platform.TELEGRAM:
        return 2.0 if to.private else 6.0
    return 2.0 if to.platform is Platform.DISCORD else 0.1


def _is_demo(catalog: Catalog, job: Job) -> bool:
    return any(c.demo and c.sha256 == job.spec.checkpoint.sha256 for c in catalog.checkpoints)
