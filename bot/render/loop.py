"""The render loop: many jobs, one device, one UNet call a tick.

A job is prepared (model, prompts, input picture), its pictures run as lanes through the sampler,
and each finished latent is decoded. At every tick the lanes that can share a UNet call do; groups
that cannot take turns. Jobs join and leave between ticks.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from math import lcm
from typing import TypeAlias

import torch
from torch import Tensor

from bot.domain import RenderSpec
from bot.errors import JobCancelled, ModelUnavailable, OutOfMemory, RenderError
from bot.render import vae
from bot.render.batch import MOST_CHUNKS
from bot.render.finish import Finisher
from bot.render.fitting import fit
from bot.render.lane import Lane, make_lane, make_plan
from bot.render.library import Library
from bot.render.model import Model
from bot.render.protocol import Beat, Draw, Ended, Report, Step
from bot.render.rows import RowMeter
from bot.render.samplers import SAMPLERS
from bot.render.shelf import Resident, Shelf, free_cache
from bot.render.warm_up import meter_key, timed_denoise

log = logging.getLogger(__name__)

MOST_STEPS = 1000
_Group: TypeAlias = tuple[str, int, int]
"""Checkpoint, height and width: what must be equal within one UNet call."""


@dataclass(slots=True, eq=False)
class _Active:
    """A job whose pictures are being drawn."""

    job_id: str
    spec: RenderSpec
    resident: Resident
    model: Model
    """With the VAE of this job."""
    lanes: list[Lane]
    told: int = 0
    decoded: int = 0

    @property
    def group(self) -> _Group:
        return (self.spec.checkpoint.sha256, self.spec.height, self.spec.width)

    @property
    def steps(self) -> int:
        return self.lanes[0].plan.steps


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
        self._turns: deque[_Group] = deque()
        self._order: deque[tuple[_Active, Lane]] = deque()

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
        self._step(chosen)
        for active in {id(a): a for a, _ in chosen}.values():
            self._progress(active)
        for active, lane in chosen:
            if lane.result is not None and active.job_id in self._active:
                self._order.remove((active, lane))
                self._guard(active.job_id, partial(self._decode, active, lane.index, lane.result))

    # Joining ----------------------------------------------------------------------------------

    def _admit(self) -> None:
        """First come, first served: a job whose model has no room holds up those behind it."""
        while self._waiting:
            order = self._waiting[0]
            in_use = {a.resident for a in self._active.values()}
            ref = order.spec.checkpoint
            try:
                if not self.shelf.has(ref) and not self.shelf.has_room(ref, in_use):
                    return
            except ModelUnavailable:
                pass  # told when it is prepared
            self._waiting.popleft()
            self._guard(order.job_id, partial(self._prepare, order, in_use))

    def _prepare(self, order: Draw, in_use: Iterable[Resident]) -> None:
        spec = order.spec
        _check(spec)
        resident = self.shelf.get(spec.checkpoint, set(in_use))
        fitted = fit(resident, spec, self._library.addons)
        model = fitted.model
        multiple = max(model.info.size_multiple, model.latent_scale)
        if spec.width % multiple or spec.height % multiple:
            raise RenderError(f"{spec.width}×{spec.height} is no multiple of {multiple}")
        start = None
        if spec.input_sha256 is not None:
            png = order.inputs[spec.input_sha256]
            start = vae.encode(model, png, spec.width, spec.height)
        plan = make_plan(fitted, spec, start)
        lanes = [make_lane(model, plan, i) for i in range(spec.count)]
        active = _Active(order.job_id, spec, resident, model, lanes)
        self._active[order.job_id] = active
        self._order.extend((active, lane) for lane in lanes)
        if active.group not in self._turns:
            self._turns.append(active.group)

    # Drawing ----------------------------------------------------------------------------------

    def _next_group(self) -> _Group | None:
        """The group whose turn it is; groups without lanes leave the round."""
        for _ in range(len(self._turns)):
            group = self._turns.popleft()
            if any(active.group == group for active, _ in self._order):
                self._turns.append(group)
                return group
        return None

    def _choose(self, group: _Group) -> list[tuple[_Active, Lane]]:
        """As many lanes as share one call, the longest unserved first; they go to the end."""
        chosen: list[tuple[_Active, Lane]] = []
        rows, chunks, most = 0, 1, self._meter.limit(meter_key(*group))
        for entry in [e for e in self._order if e[0].group == group]:
            ask = entry[1].ask
            joint = lcm(chunks, ask.chunks)
            if chosen and (rows + ask.rows > most or joint > MOST_CHUNKS):
                continue
            chosen.append(entry)
            rows, chunks = rows + ask.rows, joint
        for entry in chosen:
            self._order.remove(entry)
        self._order.extend(chosen)
        return chosen

    def _step(self, chosen: list[tuple[_Active, Lane]]) -> None:
        """One UNet call; if it fails, smaller ones, so that only the culprit is lost."""
        failure = self._try_step(chosen)
        if failure is None:
            return
        free_cache(chosen[0][0].resident.model.device)
        if len(chosen) == 1:
            self._fail(chosen[0][0].job_id, failure)
            return
        middle = len(chosen) // 2
        for half in (chosen[:middle], chosen[middle:]):
            still = [e for e in half if e[0].job_id in self._active]
            if still:
                self._step(still)
        if isinstance(failure, OutOfMemory):
            self._meter.too_many(sum(lane.ask.rows for _, lane in chosen))

    def _try_step(self, chosen: list[tuple[_Active, Lane]]) -> RenderError | None:
        """The error is returned, not raised: a live exception would hold the tensors' memory."""
        active = chosen[0][0]
        try:
            asks = [lane.ask for _, lane in chosen]
            results = timed_denoise(active.resident, asks, self._meter, meter_key(*active.group))
            for (_, lane), denoised in zip(chosen, results, strict=True):
                lane.advance(denoised)
        except Exception as error:
            log.debug("UNet call failed", exc_info=True)
            return _translated(error)
        return None

    def _progress(self, active: _Active) -> None:
        """Tell a step when all pictures have done it, now and then with a preview."""
        done = min(lane.steps_done for lane in active.lanes)
        if done <= active.told or active.job_id not in self._active:
            return
        active.told = done
        every = self._preview_every
        step = Step(job_id=active.job_id, step=done, steps=active.steps)
        lane = active.lanes[0]
        due = every and done % every == 0 and done < active.steps
        if due and lane.denoised is not None:
            self._finisher.preview(active.resident.preview, lane.denoised, step)
        else:
            self._finisher.tell(step)

    # Leaving ----------------------------------------------------------------------------------

    def _decode(self, active: _Active, index: int, latent: Tensor) -> None:
        image = vae.decode(active.model, latent)
        active.decoded += 1
        last = active.decoded == len(active.lanes)
        self._finisher.picture(active.job_id, active.spec, index, image, last=last)
        if last:
            del self._active[active.job_id]

    def _guard(self, job_id: str, work: Callable[[], None]) -> None:
        """Do something for one job; what it raises ends that job alone."""
        try:
            work()
            return
        except Exception as error:
            log.info("job %s failed", job_id, exc_info=True)
            failure = _translated(error)
        self._fail(job_id, failure)

    def _fail(self, job_id: str, failure: RenderError) -> None:
        self._active.pop(job_id, None)
        self._forget_lanes(job_id)
        name = type(failure).__name__
        self._finisher.tell(Ended(job_id=job_id, failure=name, detail=failure.detail))

    def _forget_lanes(self, job_id: str) -> None:
        self._order = deque(e for e in self._order if e[0].job_id != job_id)


def _check(spec: RenderSpec) -> None:
    """What intake has long since seen to; a spec from elsewhere is refused all the same."""
    if spec.sampler not in SAMPLERS:
        raise RenderError(f"unknown sampler {spec.sampler!r}")
    if not 1 <= spec.steps <= MOST_STEPS or spec.count < 1:
        raise RenderError(f"{spec.steps} steps, {spec.count} pictures")


def _translated(error: Exception) -> RenderError:
    """torch's errors in our words."""
    if isinstance(error, RenderError):
        return error
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error):
        return OutOfMemory(str(error))
    return RenderError(f"{type(error).__name__}: {error}")
