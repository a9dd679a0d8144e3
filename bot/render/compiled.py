"""`[render] compile`: the UNet as a compiled graph, for the shapes that were compiled ahead.

Compiling takes a minute or more per shape, so it is done while nobody waits; any other shape is
computed as without it. Calls are filled up with repeated rows to the next compiled number.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor

log = logging.getLogger(__name__)

_MOST_GRAPHS = 64
"""Per process; torch's own limit is lower than there are row counts."""
_Shape: TypeAlias = tuple[int, ...]
Backend: TypeAlias = str | Callable[..., Any]
"""What torch compiles with."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the UNet is called with: rows of one length each."""

    sample: Tensor
    times: Tensor
    context: Tensor
    added: dict[str, Tensor] | None

    @property
    def shape(self) -> _Shape:
        """All sizes but the number of rows."""
        return (*self.sample.shape[1:], *self.context.shape[1:])

    def filled(self, count: int) -> "Inputs":
        """With the last row repeated up to `count` rows."""
        return Inputs(
            _filled(self.sample, count),
            _filled(self.times, count),
            _filled(self.context, count),
            {k: _filled(v, count) for k, v in self.added.items()} if self.added else None,
        )

    def run(self, unet: Callable[..., Any]) -> Tensor:
        """The UNet's answer."""
        answer: Tensor = unet(
            self.sample, self.times, encoder_hidden_states=self.context,
            added_cond_kwargs=self.added, return_dict=False,
        )[0]  # fmt: skip
        return answer


@dataclass(slots=True)
class Graphs:
    """The compiled graphs of one UNet."""

    unet: Callable[..., Any]
    backend: Backend = "inductor"
    _compiled: Callable[..., Any] | None = None
    _ready: dict[_Shape, set[int]] = field(default_factory=dict)
    _learning: bool = False

    def __post_init__(self) -> None:
        torch._dynamo.config.recompile_limit = _MOST_GRAPHS
        self._compiled = torch.compile(self.unet, dynamic=False, backend=self.backend)

    def run(self, inputs: Inputs) -> Tensor | None:
        """The answer of a compiled graph; None if none is large enough."""
        rows = len(inputs.sample)
        ready = self._ready.setdefault(inputs.shape, set())
        if self._learning and rows not in ready:
            self._learn(inputs, ready)
        large = [n for n in ready if n >= rows]
        if self._compiled is None or not large:
            return None
        return inputs.filled(min(large)).run(self._compiled)[:rows]

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Within this, what is run is compiled for. What goes wrong is logged, and nothing more is
        compiled."""
        self._learning = True
        try:
            yield
        finally:
            self._learning = False

    def _learn(self, inputs: Inputs, ready: set[int]) -> None:
        if self._compiled is None:
            return
        log.info("compiling the UNet for %d rows", len(inputs.sample))
        try:
            inputs.run(self._compiled)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            log.warning("the UNet is not compiled: %s", first_sentence(error))
            self._compiled = None
            return
        ready.add(len(inputs.sample))


def probe(device: torch.device, backend: Backend = "inductor") -> str:
    """Why this machine cannot compile; "" if it can. Takes some seconds."""

    def sample(x: Tensor) -> Tensor:
        return x.sin() + 1

    try:
        torch.compile(sample, backend=backend)(torch.ones(8, device=device))
    except Exception as error:
        return first_sentence(error)
    return ""


def first_sentence(error: BaseException) -> str:
    """torch's errors go on for pages; the cause of a compiler's error says most."""
    while inner := getattr(error, "inner_exception", None) or error.__cause__:
        error = inner
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].partition(". ")[0][:150]


def _filled(tensor: Tensor, count: int) -> Tensor:
    missing = count - len(tensor)
    if not missing:
        return tensor
    return torch.cat([tensor, tensor[-1:].expand(missing, *tensor.shape[1:])])
