"""The render loop: many jobs, one device, one UNet call a tick.

A job is prepared (models, prompts, input picture), its pictures run as lanes through the sampler,
and each finished latent is decoded, or enlarged and drawn over in a second pass. At every tick the
lanes that can share a UNet call do; groups that cannot take turns. Jobs join and leave between
ticks, and so does a lane whose next step needs another size or another model.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from math import lcm
from typing import TypeVar

from torch import Tensor

from bot.domain import ModelRef, RenderSpec
from bot.errors import JobCancelled, ModelUnavailable, OutOfMemory, RenderError
from bot.render import vae
from bot.render.batch import MOST_CHUNKS, Ask
from bot.render.device import free_cache
from bot.render.faults import translated
from bot.render.finish import Finisher
from bot.render.frugal import denoise_by_rows
from bot.render.lane import Group, Lane
from bot.render.library import Library
from bot.render.model import Model
from bot.render.plan import Plan, Speaker, make_plan, refiner_spec
from bot.render.protocol import Beat, Draw, Ended, Report, Step
from bot.render.rows import RowMeter
from bot.render.samplers import SAMPLERS
from bot.render.shelf import Resident, Shelf
from bot.render.upscale import enlarge
from bot.render.warm_up import meter_key, timed_denoise
from bot.spec import passes
from bot.upscalers import UPSCALERS

log = logging.getLogger(__name__)

_T = TypeVar("_T")

MOST_STEPS = 1000


@dataclass(slots=True, eq=False)
class _Active:
    """A job whose pictures are being drawn."""

    job_id: str
    plan: Plan
    lanes: list[Lane]
    told: int = 0
    decoded: int = 0

    @property
    def spec(self) -> RenderSpec:
        return self.plan.spec

    @property
    def residents(self) -> set[Resident]:
        return {speaker.resident for speaker in self.plan.speakers}


class RenderLoop:
    """Owns the device. All methods are called by one thread; `tell` may be called by another."""

    def __init__(
        self,
        library: Library,
        shelf: Shelf,
        finisher: Finisher,
        tell: Callable[[Report], None],
        *,
        preview_every: int,
        meter: RowMeter,
    ) -> None:
        """`preview_every`: steps between previews, 0 for none; `meter`: how many rows pay."""
        self._library, self.shelf = library, shelf
        self._finisher, self._tell = finisher, tell
        self._preview_every, self._meter = preview_every, meter
        self._waiting: deque[Draw] = deque()
        self._active: dict[str, _Active] = {}
        self._turns: deque[Group] = deque()
        self._order: deque[tuple[_Active, Lane]] = deque()
        self.calls = self.rows = 0
        """UNet calls since the start, and the rows in them."""

    @property
    def busy(self) -> bool:
        """Whether a tick has anything to do."""
        return bool(self._waiting or self._active)

    def submit(self, order: Draw) -> None:
        """Take a job; it joins at the next tick."""
        self._waiting.append(order)

    def cancel(self, job_id: str) -> None:
        """Drop a job, wherever it stands; finished pictures that were told stay told."""
        waiting = len(self._waiting)
        self._waiting = deque(o for o in self._waiting if o.job_id != job_id)
        if self._active.pop(job_id, None) or len(self._waiting) < waiting:
            self._forget_lanes(job_id)
            self._finisher.tell(Ended(job_id=job_id, failure=JobCancelled.__name__))

    def tick(self) -> None:
        """Admit one job if there is room, then draw one step of one group."""
        self._tell(Beat())
        self._admit()
        group = self._next_group()
        if group is None:
            return
        chosen = self._choose(group)
        if chosen:
            self._step(chosen)
        for active in {id(a): a for a, _ in chosen}.values():
            self._progress(active)
        for active, lane in chosen:
            if lane.result is not None and active.job_id in self._active:
                self._guard(active.job_id, partial(self._end_pass, active, lane, lane.result))

    # Joining ----------------------------------------------------------------------------------

    def _admit(self) -> None:
        """First come, first served: a job whose model has no room holds up those behind it."""
        while self._waiting:
            order = self._waiting[0]
            in_use = self._in_use()
            try:
                if any(
                    not self.shelf.has(ref) and not self.shelf.has_room(ref, in_use)
                    for ref in _checkpoints(order.spec)
                ):
                    return
            except ModelUnavailable:
                pass  # told when it is prepared
            self._waiting.popleft()
            prepare = partial(self._prepare, order, in_use)
            self._guard(order.job_id, partial(self._with_room, prepare))

    def _prepare(self, order: Draw, in_use: Iterable[Resident]) -> None:
        spec = order.spec
        _check(spec)
        base, refiner = self._speakers(spec, set(in_use))
        _check_size(spec, base.model)
        start = None
        if spec.input_sha256 is not None:
            png = order.inputs[spec.input_sha256]
            start = vae.encode(base.model, png, spec.width, spec.height)
        plan = make_plan(base, refiner, spec, start)
        lanes = [Lane(plan, i) for i in range(spec.count)]
        active = self._active[order.job_id] = _Active(order.job_id, plan, lanes)
        self._order.extend((active, lane) for lane in lanes)

    def _speakers(self, spec: RenderSpec, in_use: set[Resident]) -> tuple[Speaker, Speaker | None]:
        """The models of a job; both of them stay in memory until it ends."""
        addons = self._library.addons
        resident = self.shelf.get(spec.checkpoint, in_use)
        base = Speaker(resident, spec.checkpoint.sha256, spec, addons)
        if spec.refiner is None:
            return base, None
        ref = spec.refiner.checkpoint
        other = self.shelf.get(ref, in_use | {resident})
        same_kind = other.model.info.family == resident.model.info.family
        told = refiner_spec(spec, same_kind=same_kind)
        return base, Speaker(other, ref.sha256, told, addons)

    # Drawing ----------------------------------------------------------------------------------

    def _next_group(self) -> Group | None:
        """The group whose turn it is. A new one comes last in the round; one without lanes, whose
        pictures are finished or have moved on, leaves it."""
        present = dict.fromkeys(lane.group for _, lane in self._order)
        kept = [group for group in self._turns if group in present]
        self._turns = deque(dict.fromkeys((*kept, *present)))
        self._turns.rotate(-1)
        return self._turns[-1] if self._turns else None

    def _choose(self, group: Group) -> list[tuple[_Active, Lane]]:
        """As many lanes as share one call, the longest unserved first; they go to the end."""
        chosen: list[tuple[_Active, Lane]] = []
        rows, chunks, most = 0, 1, self._meter.limit(meter_key(*group))
        present = [e for e in self._order if e[1].group == group]
        fitting = present[0][1].speaker.model.residency.room.rows(group[1] * group[2])
        most = min(most, fitting)
        for entry in present:
            ask = self._ask(*entry)
            if ask is None:
                continue
            joint = lcm(chunks, ask.chunks)
            if chosen and (rows + ask.rows > most or joint > MOST_CHUNKS):
                continue
            chosen.append(entry)
            rows, chunks = rows + ask.rows, joint
        # A job that failed over one picture's words takes its other pictures along.
        chosen = [entry for entry in chosen if entry[0].job_id in self._active]
        for entry in chosen:
            self._order.remove(entry)
        self._order.extend(chosen)
        return chosen

    def _ask(self, active: _Active, lane: Lane) -> Ask | None:
        """What a lane wants next; None if its job has just failed over it: words that change on
        the way are encoded on the way."""
        if active.job_id not in self._active:
            return None
        try:
            return lane.ask
        except Exception as error:
            log.info("job %s failed", active.job_id, exc_info=True)
            failure = translated(error)
        self._fail(active.job_id, failure)
        return None

    def _step(self, chosen: list[tuple[_Active, Lane]]) -> None:
        """One UNet call; if it fails, smaller ones, so that only the culprit is lost."""
        failure = self._try_step(chosen)
        if failure is None:
            return
        first = chosen[0][1]
        free_cache(first.speaker.model.device)
        if isinstance(failure, OutOfMemory):
            self._meter.too_many(meter_key(*first.group), sum(lane.ask.rows for _, lane in chosen))
        if len(chosen) == 1:
            self._step_frugally(*chosen[0], failure)
            return
        middle = len(chosen) // 2
        for half in (chosen[:middle], chosen[middle:]):
            still = [e for e in half if e[0].job_id in self._active]
            if still:
                self._step(still)

    def _step_frugally(self, active: _Active, lane: Lane, failure: RenderError) -> None:
        """What fails alone has failed; but if memory ran out, once more with the device to itself,
        row by row."""
        if isinstance(failure, OutOfMemory):
            self.shelf.relieve(self._in_use())
            again = self._try_step([(active, lane)], frugal=True)
            if again is None:
                return
            failure = again
            free_cache(lane.speaker.model.device)
        self._fail(active.job_id, failure)

    def _try_step(
        self, chosen: list[tuple[_Active, Lane]], *, frugal: bool = False
    ) -> RenderError | None:
        """The error is returned, not raised: a live exception would hold the tensors' memory.

        Row by row go two rows that ran out of memory before, and two long prompts that would repeat
        to even longer ones; such a picture comes alone."""
        first = chosen[0][1]
        try:
            asks = [lane.ask for _, lane in chosen]
            key = meter_key(*first.group)
            resident = first.speaker.resident
            frugal = frugal or asks[0].chunks > MOST_CHUNKS
            if frugal or not self._meter.fits(key, asks[0].rows):
                results = [denoise_by_rows(resident.batch, ask) for ask in asks]
            else:
                results = timed_denoise(resident, asks, self._meter, key)
        except Exception as error:
            log.debug("UNet call failed", exc_info=True)
            return translated(error)
        self.calls += 1
        self.rows += sum(ask.rows for ask in asks)
        for (active, lane), denoised in zip(chosen, results, strict=True):
            # A sampler that has raised has ended: a smaller call would not bring it on.
            if active.job_id in self._active:
                self._guard(active.job_id, partial(lane.advance, denoised))
        return None

    def _progress(self, active: _Active) -> None:
        """Tell a step when all pictures have done it, now and then with a preview."""
        done = min(lane.steps_done for lane in active.lanes)
        if done <= active.told or active.job_id not in self._active:
            return
        active.told = done
        every = self._preview_every
        steps = active.plan.steps
        step = Step(job_id=active.job_id, step=done, steps=steps)
        lane = active.lanes[0]
        due = every and done % every == 0 and done < steps
        if due and lane.denoised is not None:
            self._finisher.preview(active.plan.base.resident.preview, lane.denoised, step)
        else:
            self._finisher.tell(step)

    # Leaving ----------------------------------------------------------------------------------

    def _end_pass(self, active: _Active, lane: Lane, latent: Tensor) -> None:
        """Decode what is finished; let the rest begin its second pass."""
        model, leg = active.plan.base.model, lane.next_leg
        if leg is not None and active.spec.hires is not None:
            run, upscaler = leg.run, active.spec.hires.upscaler
            work = partial(enlarge, model, latent, run.width, run.height, upscaler)
            lane.enter_next(self._with_room(work))
            return
        self._order.remove((active, lane))
        image = self._with_room(partial(vae.decode, model, latent))
        active.decoded += 1
        last = active.decoded == len(active.lanes)
        self._finisher.picture(active.job_id, active.spec, lane.index, image, last=last)
        if last:
            del self._active[active.job_id]

    def _in_use(self) -> set[Resident]:
        return {resident for active in self._active.values() for resident in active.residents}

    def _with_room(self, work: Callable[[], _T]) -> _T:
        """Do something; if memory runs out, once more without what is not in use."""
        try:
            return work()
        except Exception as error:
            if not isinstance(translated(error), OutOfMemory):
                raise
        self.shelf.relieve(self._in_use())
        return work()

    def _guard(self, job_id: str, work: Callable[[], None]) -> None:
        """Do something for one job; what it raises ends that job alone."""
        try:
            work()
            return
        except Exception as error:
            log.info("job %s failed", job_id, exc_info=True)
            failure = translated(error)
        self._fail(job_id, failure)

    def _fail(self, job_id: str, failure: RenderError) -> None:
        self._active.pop(job_id, None)
        self._forget_lanes(job_id)
        name = type(failure).__name__
        self._finisher.tell(Ended(job_id=job_id, failure=name, detail=failure.detail))

    def _forget_lanes(self, job_id: str) -> None:
        self._order = deque(e for e in self._order if e[0].job_id != job_id)


def _checkpoints(spec: RenderSpec) -> tuple[ModelRef, ...]:
    return (
        (spec.checkpoint,) if spec.refiner is None else (spec.checkpoint, spec.refiner.checkpoint)
    )


def _check(spec: RenderSpec) -> None:
    """What intake has long since seen to; a spec from elsewhere is refused all the same."""
    if spec.sampler not in SAMPLERS:
        raise RenderError(f"unknown sampler {spec.sampler!r}")
    if spec.hires is not None:
        if spec.input_sha256 is not None:
            raise RenderError("hires fix of an input picture")
        if spec.hires.upscaler not in UPSCALERS:
            raise RenderError(f"unknown upscaler {spec.hires.upscaler!r}")
    if not 0 <= spec.subseed_strength <= 1:
        raise RenderError(f"variation of {spec.subseed_strength}")
    steps = [spec.steps, *(p.steps for p in passes(spec))]
    if min(steps) < 1 or max(steps) > MOST_STEPS or spec.count < 1:
        raise RenderError(f"{max(steps)} steps, {spec.count} pictures")


def _check_size(spec: RenderSpec, model: Model) -> None:
    multiple = max(model.info.size_multiple, model.latent_scale)
    for run in passes(spec):
        if run.width % multiple or run.height % multiple or min(run.width, run.height) < 1:
            raise RenderError(f"{run.width}×{run.height} is no multiple of {multiple}")
