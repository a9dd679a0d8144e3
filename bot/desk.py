"""Answers of one or a few lines that change nothing: queue, quota, models, help, completion."""

import time
from collections.abc import Awaitable, Callable

from bot.config import Config
from bot.domain import Catalog, Incoming
from bot.job_queue import JobQueue, Pace
from bot.journal import Journal
from bot.phrase import Phrase, phrase
from bot.quota.bounds import millicredits
from bot.quota.ledger import Ledger
from bot.quota.price import as_credits
from bot.quota.windows import day_of, seconds_to_next_day
from bot.replies.messages import shortened

COMPLETIONS = 25
"""What Discord shows at most."""


class Desk:
    """Looks things up for members."""

    def __init__(
        self,
        *,
        config: Config,
        queue: JobQueue,
        pace: Pace,
        journal: Journal,
        ledger: Ledger,
        catalog: Callable[[], Catalog],
        drawing: Callable[[], tuple[str, ...]],
        is_operator: Callable[[str], Awaitable[bool]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._queue = queue
        self._pace = pace
        self._journal = journal
        self._ledger = ledger
        self._catalog = catalog
        self._drawing = drawing
        self._is_operator = is_operator
        self._clock = clock

    async def answer(self, command: str, incoming: Incoming) -> tuple[Phrase, ...] | None:
        """The lines that answer `command`; None when there is no such command."""
        match command:
            case "queue":
                return await self._line(incoming)
            case "quota":
                return await self._quota(incoming)
            case "models":
                return await self._models(incoming)
            case "help":
                return (phrase("help"),)
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

    async def _line(self, incoming: Incoming) -> tuple[Phrase, ...]:
        waiting = len(self._queue)
        lines = [phrase("queue-summary", waiting=waiting, drawing=len(self._drawing()))]
        for job in await self._journal.active_of(incoming.requester.account):
            prompt = shortened(job.spec.prompt, 40)
            if job.id in self._queue:
                ahead, work = self._queue.ahead(job.id)
                wait = self._pace.seconds(work)
                lines.append(
                    phrase("queue-own", prompt=prompt, place=ahead + 1, wait=wait, job=job.id)
                )
            else:
                lines.append(phrase("queue-own-drawing", prompt=prompt, job=job.id))
        return tuple(lines)

    async def _quota(self, incoming: Incoming) -> tuple[Phrase, ...]:
        timezone = self._config.quota.timezone
        account = incoming.requester.account
        used = await self._ledger.used(account, day_of(self._clock(), timezone))
        if await self._is_operator(account):
            return (phrase("quota-unlimited", used=as_credits(used)),)
        limit = millicredits(self._config.quota.credits_per_day)
        wait = seconds_to_next_day(self._clock(), timezone)
        return (
            phrase(
                "quota-left",
                left=as_credits(max(0, limit - used)),
                limit=as_credits(limit),
                wait=wait,
            ),
        )

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
        if catalog.unusable and await self._is_operator(incoming.requester.account):
            lines += [
                phrase("models-unusable", name=u.name, reason=phrase(u.reason))
                for u in catalog.unusable
            ]
        return tuple(lines)
