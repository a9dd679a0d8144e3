"""`chatelier admin …`: the acts of `/admin`, `/queue` and a chat's `/settings` on the command line,
whether the bot runs or not.

They go into the same database; a bot that runs reads what holds at every request.
"""

import contextlib
import getpass
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.admin.build import build_admin
from bot.admin.choices import Choices
from bot.admin.status import Engine
from bot.admin.targets import take_chat
from bot.config import Config
from bot.database import Database
from bot.domain import Catalog, Incoming, Job, JobState, Platform, ReplyTo, Requester
from bot.errors import BadCommand, Refusal
from bot.job_queue import SHOWN, Flow, JobQueue, Pace
from bot.journal import Journal
from bot.members.seen import Members
from bot.phrase import Phrase, phrase
from bot.picture_store import PictureStore
from bot.preferences import PreferenceStore
from bot.quota.chat_filters import ChatFilters
from bot.quota.held_prompts import HeldPrompts
from bot.replies import language_for, say_all
from bot.settings import Settings
from bot.startup import is_running, prompt_filter, stored_catalog

_SETTINGS = ("settings", "设置")
_QUEUE = ("queue", "队列")


async def run_admin(words: Sequence[str], config: Config, base: Path, language: str | None) -> int:
    """Do what `words` say, and print the answer; 1 where it is refused.

    Raises:
        StoreError: the database cannot be used.
    """
    data = base / config.bot.data_dir
    with contextlib.suppress(OSError):  # the database says what is wrong
        data.mkdir(parents=True, exist_ok=True)
    spoken = language_for(language, config.bot.language)
    async with Database(data / "chatelier.sqlite") as database:
        try:
            lines = await _done(database, config, " ".join(words), base)
        except Refusal as refusal:
            print(say_all(refusal.phrases, spoken), file=sys.stderr)
            return 1
    print(say_all(lines, spoken))
    return 0


async def _done(database: Database, config: Config, text: str, base: Path) -> tuple[Phrase, ...]:
    settings, data = Settings(database), base / config.bot.data_dir
    catalog = stored_catalog(await settings.fact("catalog")) or Catalog()
    filters = ChatFilters(database, config.moderation, lambda: prompt_filter(config, base))
    pace = Pace(float(await settings.fact("pace") or 5.0))
    act, _, rest = text.partition(" ")
    if act in _QUEUE and not rest:
        journal = Journal(database, PictureStore(data / "pictures"))
        held = await HeldPrompts(database).waiting()
        return await _line(journal, held, pace)
    if act in _SETTINGS:
        choices = Choices(
            config=config,
            store=PreferenceStore(database),
            catalog=lambda: catalog,
            judge=filters.check,
        )
        return await _settled(choices, rest)
    admin = build_admin(
        config=config,
        database=database,
        filters=filters,
        catalog=lambda: catalog,
        pace=pace,
        engine=lambda: Engine(renderer="elsewhere" if is_running(data) else ""),
        resumed=lambda: None,  # the running bot looks for itself
    )
    here = ReplyTo(platform=Platform.CONSOLE, chat_id="console", message_id="", private=True)
    incoming = await Members(database).aimed(_said("admin", text, here), anywhere=True)
    return (await admin.run(incoming, operator=True)).lines


async def _settled(choices: Choices, text: str) -> tuple[Phrase, ...]:
    """`settings --chat telegram:-100123 steps 30`, said as in that chat."""
    chat, text = take_chat(text)
    if not chat:
        raise BadCommand(phrase("settings-which-chat"))
    platform, _, chat_id = chat.partition(":")
    there = ReplyTo(platform=Platform(platform), chat_id=chat_id, message_id="")
    return await choices.run(_said("settings", text, there), operator=True)


async def _line(journal: Journal, held: frozenset[str], pace: Pace) -> tuple[Phrase, ...]:
    """Who is served and who waits, in the order in which a bot that starts now would draw."""
    queue, drawing = JobQueue(), list[Job]()
    queue.restore(map(Flow._make, await journal.turns()))
    for job in await journal.unfinished():
        if job.state is JobState.DRAWING:
            drawing.append(job)
        elif job.state is JobState.WAITING and job.id not in held:
            queue.put(job, first=job.rank < 0)
    lines = [phrase("queue-summary", waiting=len(queue), drawing=len(drawing))]
    lines += [phrase("shell-queue-drawing", **_whose(job)) for job in drawing]
    for job, ahead, work in queue.places():
        wait = pace.seconds(work)
        lines.append(phrase("shell-queue-waiting", place=ahead + 1, wait=wait, **_whose(job)))
    if len(queue) > SHOWN:
        lines.append(phrase("shell-queue-more", count=len(queue) - SHOWN))
    return tuple(lines)


def _whose(job: Job) -> dict[str, str]:
    return {"job": job.id, "account": job.requester.account, "chat": job.reply_to.chat}


def _said(command: str, text: str, to: ReplyTo) -> Incoming:
    who = Requester(platform=Platform.CONSOLE, user_id=_user())
    return Incoming(key="", command=command, text=text, requester=who, reply_to=to)


def _user() -> str:
    """Who sits at the machine, for the audit log."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody in particular, as in a container
        name = ""
    return re.sub(r"[^\w.-]", "_", name)[:32] or "console"
