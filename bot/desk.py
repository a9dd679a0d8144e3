"""Answers of one or a few lines that change nothing: queue, quota, models, help, completion."""

import time
from collections.abc import Awaitable, Callable

from bot.config import Config
from bot.domain import Catalog, Incoming, Job, Platform, Requester
from bot.job_queue import SHOWN, JobQueue, Pace
from bot.journal import Journal
from bot.phrase import Phrase, phrase
from bot.preferences import Preferences
from bot.quota.allowance import Allowance, Allowances
from bot.quota.limits import Member
from bot.quota.standing import standing
from bot.replies.messages import shortened

COMPLETIONS = 25
"""What Discord shows at most."""
OTHERS = 10
"""Requests of others that `/queue` names."""


class Desk:
    """Looks things up for members."""

    def __init__(
        self,
        *,
        config: Config,
        queue: JobQueue,
        pace: Pace,
        journal: Journal,
        allowances: Allowances,
        catalog: Callable[[], Catalog],
        drawing: Callable[[], tuple[str, ...]],
        is_operator: Callable[[Requester], Awaitable[bool]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._queue = queue
        self._pace = pace
        self._journal = journal
        self._allowances = allowances
        self._catalog = catalog
        self._drawing = drawing
        self._is_operator = is_operator
        self._clock = clock

    async def answer(
        self, command: str, incoming: Incoming, held: Preferences
    ) -> tuple[Phrase, ...] | None:
        """The lines that answer `command`; None when there is no such command."""
        match command:
            case "queue":
                return await self._line(incoming, held)
            case "quota":
                return await self._quota(incoming)
            case "models":
                return await self._models(incoming)
            case "help":
                on_discord = incoming.reply_to.platform is Platform.DISCORD
                return (phrase("help-discord" if on_discord else "help"),)
            case _:
                return None

    def complete(self, field: str, typed: str) -> tuple[str, ...]:
        """Names that contain what was typed, those that begin with it first."""
        catalog = self._catalog()
        names: tuple[str, ...] = {
            "model": tuple(c.name for c in catalog.checkpoints),
            "sampler": catalog.samplers,
            "lora": tuple(m.name for m in catalog.loras),
            "vae": tuple(m.name for m in catalog.vaes),
        }.get(field, ())
        wanted = typed.strip().lower()
        found = [n for n in names if wanted in n.lower()]
        return tuple(sorted(found, key=lambda n: not n.lower().startswith(wanted))[:COMPLETIONS])

    def presence(self) -> Phrase:
        """The model that draws where nobody chose another, and how many requests there are."""
        model = self._catalog().default_checkpoint
        if not model:
            return phrase("presence-no-model")
        return phrase("presence", model=model, count=len(self._queue) + len(self._drawing()))

    async def _line(self, incoming: Incoming, held: Preferences) -> tuple[Phrase, ...]:
        drawing = self._drawing()
        lines = [phrase("queue-summary", waiting=len(self._queue), drawing=len(drawing))]
        if held.closed is not None:
            lines.append(held.closed)
        accounts = (await self._allowance(incoming)).accounts
        for job in await self._journal.active_of(*accounts):
            prompt = shortened(job.spec.prompt, 40)
            if job.id in self._queue:
                ahead, work = self._queue.ahead(job.id)
                lines.append(
                    phrase(
                        "queue-own",
                        prompt=prompt,
                        place=ahead + 1,
                        exact="yes" if ahead < SHOWN else "no",
                        wait=self._pace.seconds(work),
                        job=job.id,
                    )
                )
            else:
                lines.append(phrase("queue-own-drawing", prompt=prompt, job=job.id))
        return (*lines, *await self._others(incoming, drawing, accounts))

    async def _others(
        self, incoming: Incoming, drawing: tuple[str, ...], own: tuple[str, ...]
    ) -> list[Phrase]:
        """Who else of this chat is served and waits, by first name; of other chats, nobody."""
        to = incoming.reply_to
        if to.private:
            return []

        def is_shown(job: Job | None) -> bool:
            return job is not None and (
                job.reply_to.chat == to.chat and job.requester.account not in own
            )

        lines = [
            phrase("queue-other-drawing", name=_first_name(job.requester))
            for job in [await self._journal.job(job_id) for job_id in drawing]
            if job is not None and is_shown(job)
        ]
        for job, place, work in self._queue.places():
            if is_shown(job):
                name, wait = _first_name(job.requester), self._pace.seconds(work)
                lines.append(phrase("queue-other", name=name, place=place + 1, wait=wait))
        hidden = len(lines) - OTHERS
        return [*lines[:OTHERS], *([phrase("queue-more", count=hidden)] if hidden > 0 else [])]

    async def _quota(self, incoming: Incoming) -> tuple[Phrase, ...]:
        return standing(await self._allowance(incoming))

    async def _allowance(self, incoming: Incoming) -> Allowance:
        member = Member(
            account=incoming.requester.account,
            chat=incoming.reply_to.chat,
            private=incoming.reply_to.private,
            roles=incoming.roles,
            is_chat_admin=incoming.is_chat_admin,
            unlimited=await self._is_operator(incoming.requester),
        )
        return await self._allowances.of(member, self._clock())

    async def _models(self, incoming: Incoming) -> tuple[Phrase, ...]:
        catalog = self._catalog()
        lines = [phrase("models-title", count=len(catalog.checkpoints))]
        for c in catalog.checkpoints:
            default = "yes" if c.name == catalog.default_checkpoint else "no"
            lines.append(
                phrase(
                    "models-line",
                    name=c.name,
                    family=c.family,
                    hash=c.short_hash,
                    size=str(c.native_size),
                    default=default,
                )
            )
        if catalog.loras:
            lines.append(phrase("models-loras", names=", ".join(m.name for m in catalog.loras)))
        if any(c.demo and c.name == catalog.default_checkpoint for c in catalog.checkpoints):
            lines.append(phrase("models-demo"))
        if catalog.unusable and await self._is_operator(incoming.requester):
            lines += [
                phrase("models-unusable", name=u.name, reason=phrase(u.reason))
                for u in catalog.unusable
            ]
        return tuple(lines)


def _first_name(requester: Requester) -> str | Phrase:
    """The only thing that members of a chat read about each other here."""
    first = requester.name.split()
    return shortened(first[0], 20) if first else phrase("somebody")
