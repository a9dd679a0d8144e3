"""One call of the UNet for many pictures, each with its own prompt, guidance and noise level."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from bot.render.compiled import Graphs, Inputs
from bot.render.crew import Crew
from bot.render.lora import Worn, wearing
from bot.render.model import Conditioning, Model
from bot.render.prompt_memory import PromptMemory
from bot.render.text import CHUNK

MOST_CHUNKS = 12
"""Prompts share a call while their contexts repeat to at most this many chunks of 77 tokens."""
_MOST_KEPT = 4
_Heard: TypeAlias = tuple[list[Conditioning], Tensor, Tensor | None]
"""The conditionings of a call (kept, so that their ids stay theirs), joined, and pooled."""
_GOOD, _BAD = 6.0, 2.5
"""Aesthetic scores that a refiner is told with the prompt and with the negative prompt."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One picture's part in a call: latent 1 × C × h × w (fp32), its level, prompts, CFG scale."""

    x: Tensor
    sigma: float
    positive: Conditioning
    negative: Conditioning | None
    """None: CFG scale 1, which needs no second row."""
    cfg_scale: float
    loras: Worn = ()
    avoids: bool = False
    """The positive prompt is what to avoid: half of a guided step, see `frugal`."""

    @property
    def rows(self) -> int:
        """Rows of the UNet call that this picture takes."""
        return 1 if self.negative is None else 2

    @property
    def chunks(self) -> int:
        """Least number of chunks to which all its contexts can be repeated."""
        lengths = [c.context.shape[1] // (CHUNK + 2) for c in self.conditionings]
        return math.lcm(*lengths)

    @property
    def conditionings(self) -> tuple[Conditioning, ...]:
        """Positive and, if there is one, negative."""
        return (self.positive,) if self.negative is None else (self.positive, self.negative)


class UNetBatch:
    """Calls the UNet of one model. Keeps the last calls' contexts, which rarely change."""

    def __init__(self, model: Model, graphs: Graphs | None = None) -> None:
        """`graphs`: compiled ones of its UNet, if that is wished for."""
        self._model = model
        self._kept: OrderedDict[tuple[int, ...], _Heard] = OrderedDict()
        on_cpu = model.device.type == "cpu"
        self._crew = Crew() if on_cpu and torch.get_num_threads() > 1 else None
        self._memory = PromptMemory(model.unet) if on_cpu and graphs is None else None
        self._graphs = graphs

    def can_part(self, asks: Sequence[Ask]) -> bool:
        """Whether the asks can be shared out among cores. LoRAs hook into modules that the cores
        would share."""
        return self._crew is not None and len(asks) > 1 and not any(ask.loras for ask in asks)

    def denoise(self, asks: Sequence[Ask], *, apart: bool = False) -> list[Tensor]:
        """What the model takes for the clean latent of each ask, guidance applied.

        All asks have the same latent size. Each result equals the one of a call of its own up to
        rounding: prompts of different length share a call because the softmax over a repeated
        context is the softmax over the context. `apart`: each core draws rows of its own.
        """
        if not apart or self._crew is None or not self.can_part(asks):
            return self._call(asks)
        parts = self._crew.map(self._call, _shares(asks, self._crew.size))
        return [result for part in parts for result in part]

    @property
    def compiles(self) -> bool:
        """Whether `compile_for` does anything."""
        return self._graphs is not None

    def compile_for(self, asks: Sequence[Ask]) -> None:
        """Compile for a call of this shape, which may take minutes. Never fails for that."""
        if self._graphs is not None:
            with self._graphs.learning():
                self._call(asks)

    @torch.inference_mode()
    def _call(self, asks: Sequence[Ask]) -> list[Tensor]:
        model, device = self._model, self._model.device
        x = torch.cat([ask.x for ask in asks])
        guided = [i for i, ask in enumerate(asks) if ask.negative is not None]
        sigma = [ask.sigma for ask in asks]
        steps = [model.levels.timestep(s) for s in sigma]
        numbers = _sent(
            [
                [1 / math.hypot(1.0, s) for s in sigma],
                [(1 / (s * s + 1) if model.v_prediction else 1.0) for s in sigma],
                [(s / math.hypot(1.0, s) if model.v_prediction else s) for s in sigma],
            ],
            device,
        )[..., None, None, None]
        scaled = x * numbers[0]
        at = _sent(guided, device) if guided else None
        rows = scaled if at is None else torch.cat([scaled, scaled.index_select(0, at)])
        times = _sent(steps + [steps[i] for i in guided], device)
        context, pooled = self._context(asks, guided)
        worn = [ask.loras for ask in asks] + [asks[i].loras for i in guided]
        avoids = [ask.avoids for ask in asks] + [True] * len(guided)
        added = None if pooled is None else self._added(pooled, x, avoids)
        inputs = Inputs(rows.to(model.dtype), times, context, added)
        with wearing(worn):
            output = self._output(inputs, bare=not any(worn)).float()
        guess = output[: len(asks)]
        if at is not None:
            away = output[len(asks) :]
            scale = _sent([asks[i].cfg_scale for i in guided], device)
            mixed = away + (guess.index_select(0, at) - away) * scale[:, None, None, None]
            guess = mixed if len(guided) == len(asks) else guess.index_copy(0, at, mixed)
        return list(torch.split(x * numbers[1] - guess * numbers[2], 1))

    def _output(self, inputs: Inputs, *, bare: bool) -> Tensor:
        """What the UNet says. Its graphs know no LoRAs."""
        known = self._graphs.run(inputs) if self._graphs and bare else None
        return inputs.run(self._model.unet) if known is None else known

    def _context(self, asks: Sequence[Ask], guided: list[int]) -> tuple[Tensor, Tensor | None]:
        """The prompts of all rows in one tensor, and SDXL's pooled ones; the last few are kept."""
        heard = [ask.positive for ask in asks]
        heard += [negative for i in guided if (negative := asks[i].negative) is not None]
        key = tuple(map(id, heard))
        kept = self._kept.pop(key, None)
        if kept is None:
            length = math.lcm(*(c.context.shape[1] for c in heard))
            repeated = [c.context.repeat(1, length // c.context.shape[1], 1) for c in heard]
            pooled = [c.pooled for c in heard if c.pooled is not None]
            joined = torch.cat(pooled).to(self._model.dtype) if pooled else None
            kept = heard, torch.cat(repeated), joined
            if self._memory is not None:
                self._memory.prepare(kept[1])
        self._kept[key] = kept
        while len(self._kept) > _MOST_KEPT * (self._crew.size if self._crew else 1):
            self._kept.popitem(last=False)
        return kept[1:]

    def _added(self, pooled: Tensor, x: Tensor, avoids: list[bool]) -> dict[str, Tensor]:
        """SDXL's size conditioning: original size, crop corner, target size; no crop. A refiner
        hears an aesthetic score instead of the target size, as diffusers and A1111 tell it."""
        scale = self._model.latent_scale
        size = [x.shape[-2] * scale, x.shape[-1] * scale]
        told: list[list[float]] = [[*size, 0, 0, *size]] * len(pooled)
        if self._model.hears_score:
            told = [[*size, 0, 0, _BAD if avoided else _GOOD] for avoided in avoids]
        ids = _sent(told, x.device).to(pooled.dtype)
        return {"text_embeds": pooled, "time_ids": ids}


def _sent(values: Sequence[object], device: torch.device) -> Tensor:
    """Numbers on the device; a card is not waited for until it has done what it is at."""
    return torch.tensor(values).to(device, non_blocking=device.type == "cuda")


def _shares(asks: Sequence[Ask], count: int) -> list[list[Ask]]:
    """The asks in order, in at most `count` parts of about equally many rows."""
    rows = sum(ask.rows for ask in asks)
    parts: list[list[Ask]] = [[] for _ in range(count)]
    before = 0
    for ask in asks:
        parts[min(count - 1, (2 * before + ask.rows) * count // (2 * rows))].append(ask)
        before += ask.rows
    return [part for part in parts if part]
