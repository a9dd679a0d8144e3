"""How far a job that is being drawn is, measured by the clock."""

import time

from bot.domain import Progress, RenderSpec, StepDone
from bot.spec import work_done


class Watch:
    """How far a job is: for progress, for the remaining time, for a partial refund."""

    def __init__(self, spec: RenderSpec) -> None:
        self._spec = spec
        self._begun = time.monotonic()
        self._first_step: tuple[float, int] | None = None
        self._step_s = 0.0
        self.share = 0.0

    @property
    def seconds(self) -> float:
        """Since the first step began: loading a model is nobody's drawing time."""
        now = time.monotonic()
        if self._first_step is None:
            return now - self._begun
        ended, steps = self._first_step
        return min(now - self._begun, now - ended + steps * self._step_s)

    def step(self, event: StepDone) -> Progress:
        """A step is done; what is told of it."""
        now = time.monotonic()
        eta = None
        self.share = work_done(self._spec, event.step / max(1, event.steps))
        if self._first_step is None:
            # The time before the first step is loading, which says nothing about the rest.
            self._first_step = (now, event.step)
        else:
            begun, first = self._first_step
            if event.step > first:
                self._step_s = (now - begun) / (event.step - first)
                seen = self.share - work_done(self._spec, first / event.steps)
                eta = (now - begun) * (1 - self.share) / seen
        return Progress(step=event.step, steps=event.steps, eta_s=eta, preview=event.preview)
