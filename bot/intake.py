"""Accepting a request: what is asked becomes what is done, exactly once.

`submit` resolves names and limits, opens the source picture, reserves the credits and journals the
job in one transaction, and puts it in line. From then on a kill at any instant loses nothing.
"""

import asyncio
import base64
import hashlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot import metrics
from bot.asked import Asked as Asked
from bot.config import Config
from bot.database import Database, Transaction
from bot.domain import (
    Catalog,
    Job,
    JobEvent,
    Queued,
    RenderSpec,
    Ticket,
)
from bot.errors import (
    InspectionFailed,
    Paused,
    QueueFull,
    Refusal,
    RendererAbsent,
    RenderError,
    StoreError,
    UnusablePicture,
)
from bot.inspection.messages import Opened
from bot.job_queue import SHOWN, JobQueue, Pace
from bot.journal import Journal
from bot.phrase import Phrase, phrase
from bot.picture_check import PictureCheck
from bot.picture_store import PictureStore
from bot.quota.allowance import Allowance, Allowances
from bot.quota.chat_filters import ChatFilters, Rules
from bot.quota.escalation import DAY_S
from bot.quota.forced_negative import behind_spoiler, forced
from bot.quota.gate import admit, check_pace, price_words
from bot.quota.held_prompts import HeldPrompt, HeldPrompts
from bot.quota.ledger import Ledger
from bot.quota.price import picture_cost
from bot.quota.prompt_filter import Action, Fields, Source, Verdict
from bot.quota.request_filter import Judged, RequestFilter
from bot.quota.strikes import Strikes
from bot.removal import Removal
from bot.resolve import Resolved, resolve
from bot.sources import Sources

log = logging.getLogger(__name__)

FIRST_CATALOG_S = 120.0

Note = Callable[[Transaction], Awaitable[None]]


class Intake:
    """The only door to the queue."""

    def __init__(
        self,
        *,
        config: Config,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        store: PictureStore,
        queue: JobQueue,
        pace: Pace,
        filters: ChatFilters,
        strikes: Strikes,
        hold: Callable[[Job, HeldPrompt], Awaitable[None]],
        pictures: PictureCheck,
        catalog: Callable[[], Catalog],
        renderer_ready: Callable[[], Awaitable[None]],
        tell: Callable[[Job, JobEvent], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`hold` tells the member and the admins of a request that is in no line yet."""
        self._config = config
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._allowances = Allowances(database, config)
        self._sources = Sources(store, Removal(database, store))
        self._queue = queue
        self._pace = pace
        self._filter = RequestFilter(filters, strikes)
        self._hold = hold
        self._pictures = pictures
        self._catalog = catalog
        self._renderer_ready = renderer_ready
        self._tell = tell
        self._clock = clock

    async def check(self, asked: Asked) -> None:
        """The cheap part of `submit`, without its effects: is this worth going on with?

        Raises:
            Refusal: as `submit`.
        """
        _check_open(asked)
        allowance = await self._allowances.of(asked.member, self._clock())
        self._check_room(asked, allowance)
        if not self._catalog().checkpoints:
            return
        spec = self._resolve(asked, None).spec
        await self._judge(asked, spec)
        # What a source picture makes of the price is known once it is opened.
        if not asked.incoming.source and not asked.parsed.request.price:
            admit(allowance, [self._cost(spec)] * spec.count)

    async def price(self, asked: Asked) -> Phrase:
        """What a request would cost, without asking for it.

        Raises:
            Refusal: the request could not be drawn.
        """
        await self.know_catalog()
        source = await self._open(asked)
        spec = self._resolve(asked, source, "" if source else None).spec
        cost = self._cost(spec)
        allowance = await self._allowances.of(asked.member, self._clock())
        return price_words(allowance, spec, cost)

    async def submit(self, asked: Asked, note: Note | None = None) -> Ticket:
        """Accept a request. `note` writes what else belongs into the same transaction.

        Raises:
            Refusal: what the member must mend, or wait for; nothing was charged.
            StoreError: the request could not be kept.
        """
        try:
            return await self._accept(asked, note)
        except Refusal:
            # A request that was accepted before may come again after something has changed.
            known = await self._database.step(partial(self._known, asked), reading=True)
            if known is None:
                raise
            return self._ticket(known)

    async def _accept(self, asked: Asked, note: Note | None) -> Ticket:
        _check_open(asked)
        if asked.incoming.source is not None:
            # Looking at a picture is work: whoever may not draw is told before.
            self._check_room(asked, await self._allowances.of(asked.member, self._clock()))
        await self.know_catalog()
        # Faults and refused words are told before the picture is decoded or kept.
        resolved = self._resolve(asked, None)
        judged = await self._judge(asked, resolved.spec)
        source = await self._open(asked)
        if source is None:
            return await self._take(asked, resolved, None, judged, note)
        sha256 = hashlib.sha256(source.png).hexdigest()
        resolved = self._resolve(asked, source, sha256)
        async with self._sources.kept(source.png, sha256):
            return await self._take(asked, resolved, source, judged, note)

    async def _take(
        self,
        asked: Asked,
        resolved: Resolved,
        source: Opened | None,
        judged: Judged,
        note: Note | None,
    ) -> Ticket:
        job, held = self._job(asked, resolved, source, judged.verdict)
        await self._check_wait(job, asked)
        while (kept := await self._keep(job, asked, held, judged.rules, note)) is None:
            # Which words are forbidden here has changed since they were looked for.
            judged = await self._judge(asked, resolved.spec, anew=True)
            job, held = self._job(asked, resolved, source, judged.verdict)
        if isinstance(kept, str):
            return self._ticket(kept)
        if held is not None:
            log.info("job %s: waits for an admin: %s", job.id, held.category)
            await self._hold(kept, held)
            return self._ticket(job.id)
        # No await since the transaction: jobs stand in line in the order of the journal, as they
        # will after a restart.
        self._queue.put(kept)
        ticket = self._ticket(job.id)
        metrics.ACCEPTED.labels(job.requester.platform).inc()
        log.info(
            "job %s: accepted from %s, place %d", job.id, job.requester.account, ticket.position
        )
        exact = ticket.position < SHOWN
        self._tell(kept, Queued(position=ticket.position, eta_s=ticket.eta_s, exact=exact))
        return ticket

    async def know_catalog(self) -> None:
        """Only the very first start has no stored catalogue: requests then wait for the renderer
        to tell what it offers, instead of being refused for a model that is about to be there."""
        if self._catalog().checkpoints:
            return
        try:
            async with asyncio.timeout(FIRST_CATALOG_S):
                await self._renderer_ready()
        except (TimeoutError, RenderError) as error:
            log.error("nothing can be drawn: %s", error)
            raise RendererAbsent(phrase("renderer-absent")) from error

    async def _open(self, asked: Asked) -> Opened | None:
        incoming = asked.incoming
        if incoming.source is None:
            return None
        own = asked.source_job_id is not None
        try:
            return await self._pictures.source(incoming.source, incoming.reply_to, own=own)
        except InspectionFailed as error:
            log.error("a source picture could not be looked at: %s", error)
            raise UnusablePicture(phrase("picture-not-inspected")) from error

    def _holding(self, job_id: str, asked: Asked, verdict: Verdict) -> HeldPrompt | None:
        """Operators need not wait for themselves."""
        if verdict.action is not Action.HOLD or asked.unlimited:
            return None
        until = self._clock() + self._config.moderation.hold_days * DAY_S
        return HeldPrompt(job_id, verdict.category, until)

    async def _keep(
        self, job: Job, asked: Asked, held: HeldPrompt | None, rules: Rules, note: Note | None
    ) -> Job | str | None:
        """Reserve and journal together; or the id of the job that this request already has. None:
        other rules hold than those that it was judged by."""
        costs = [job.cost // job.spec.count] * job.spec.count

        async def keep(t: Transaction) -> Job | str | None:
            if note is not None:
                await note(t)
            known = await self._known(asked, t)
            if known is not None:
                return known
            if not await ChatFilters.still_hold(t, job.reply_to.chat, rules):
                return None
            allowance = await self._allowances.within(t, asked.member, self._clock())
            self._check_room(asked, allowance)
            parts = admit(allowance, costs)
            kept = replace(job, person=allowance.person, weight=allowance.weight)
            await self._journal.accept(t, kept)
            if not await self._ledger.reserve(t, allowance, kept.id, parts):
                raise StoreError(f"job {kept.id}: the ledger refuses what the limits allow")
            await self._allowances.came(t, allowance)
            if held is not None:
                if await HeldPrompts.count(t, kept.person) >= allowance.waiting:
                    raise QueueFull(phrase("queue-full-user", most=allowance.waiting))
                await HeldPrompts.put(t, held)
            return kept

        return await self._database.step(keep)

    async def _known(self, asked: Asked, t: Transaction) -> str | None:
        """The job that this request already has, if any."""
        return await self._journal.known(t, asked.incoming.reply_to.platform, asked.incoming.key)

    def _resolve(self, asked: Asked, source: Opened | None, sha256: str | None = None) -> Resolved:
        parsed = asked.parsed
        return resolve(
            parsed.request,
            self._catalog(),
            self._config.limits,
            asked.preferences.defaults(self._config.defaults),
            seed_source=lambda: secrets.randbelow(2**32),
            pasted=parsed.pasted,
            faults=parsed.faults,
            notes=parsed.notes,
            has_input=bool(asked.incoming.source) or None,
            input_size=(source.width, source.height) if source else None,
            input_sha256=sha256,
        )

    async def _judge(self, asked: Asked, spec: RenderSpec, *, anew: bool = False) -> Judged:
        """What the filter of the chat says of the final words.

        Raises:
            RejectedPrompt: they may not be drawn.
        """
        source = Source.NONE
        if asked.incoming.source:
            own = asked.source_job_id
            # What was drawn over somebody's photo shows them still.
            is_foreign = own is None or await self._journal.is_of_others(own)
            source = Source.FOREIGN if is_foreign else Source.OWN
        others = (spec.vae, spec.refiner and spec.refiner.checkpoint, *spec.loras, *spec.embeddings)
        fields = Fields(
            prompt=_all_words(spec),
            negative_prompt=spec.negative_prompt,
            names=(spec.checkpoint.name, *(file.name for file in others if file)),
            raw=_without(asked.incoming.text, spec.negative_prompt),
            steps=spec.steps,
            second_steps=spec.hires.steps or spec.steps if spec.hires else 0,
            source=source,
        )
        return await self._filter.judge(
            fields, asked.incoming, is_operator=asked.unlimited, anew=anew
        )

    def _job(
        self, asked: Asked, resolved: Resolved, source: Opened | None, verdict: Verdict
    ) -> tuple[Job, HeldPrompt | None]:
        """What is to be drawn, and whether an admin looks at its words first."""
        spec, incoming = forced(resolved.spec, verdict), asked.incoming
        job = Job(
            id=base64.b32encode(secrets.token_bytes(8)).decode().lower()[:12],
            key=incoming.key,
            spec=spec,
            requester=incoming.requester,
            reply_to=incoming.reply_to,
            cost=self._cost(spec) * spec.count,
            text=incoming.text,
            spoiler=asked.parsed.request.spoiler or behind_spoiler(spec, verdict),
            as_file=asked.parsed.request.as_file,
            accepted_at=self._clock(),
            notes=(*(source.notes if source else ()), *resolved.notes),
            source_job_id=asked.source_job_id,
        )
        return job, self._holding(job.id, asked, verdict)

    def _check_room(self, asked: Asked, allowance: Allowance) -> None:
        """What can be refused without knowing the price."""
        check_pace(allowance)
        if self._queue.count(allowance.person) >= allowance.waiting:
            raise QueueFull(phrase("queue-full-user", most=allowance.waiting))
        most = self._config.limits.waiting_per_chat
        if self._queue.count_of_chat(asked.incoming.reply_to.chat) >= most:
            raise QueueFull(phrase("queue-full-chat", most=most))

    async def _check_wait(self, job: Job, asked: Asked) -> None:
        most = self._config.limits.max_wait_s
        if most == "unlimited" or self._pace.seconds(self._queue.work + job.cost) <= most:
            return
        allowance = await self._allowances.of(asked.member, self._clock())
        like = replace(job, person=allowance.person, weight=allowance.weight)
        wait = self._pace.seconds(self._queue.outlook(like))
        if wait > most:
            raise QueueFull(phrase("wait-too-long", wait=wait, most=most))

    def _cost(self, spec: RenderSpec) -> int:
        """Millicredits of one picture."""
        families = {c.sha256: c.family for c in self._catalog().checkpoints}
        return picture_cost(spec, families)

    def _ticket(self, job_id: str) -> Ticket:
        jobs, work = self._queue.ahead(job_id)
        return Ticket(job_id=job_id, position=jobs, eta_s=self._pace.seconds(work))


def _check_open(asked: Asked) -> None:
    """Operators are refused too: whoever paused may resume."""
    if (why := asked.preferences.closed) is not None:
        incoming = asked.incoming
        hint = asked.preferences.ended_by(
            private=incoming.reply_to.private,
            operator=asked.unlimited,
            admin=incoming.is_chat_admin,
        )
        raise Paused(why, *hint)


def _without(text: str, negative_prompt: str) -> str:
    """The text as written, less its negative prompt: what is to be avoided may be named there.

    Where the negative prompt was put together from several places it is checked by itself only.
    """
    if not negative_prompt:
        return text
    return text.replace(negative_prompt, " ") if negative_prompt in text else ""


def _all_words(spec: RenderSpec) -> str:
    """What the pictures will read, and all that wildcards offer besides."""
    return "\n".join(dict.fromkeys((*map(spec.words, range(spec.count)), spec.prompt)))
