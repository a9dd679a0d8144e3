"""Compiled graphs: for the shapes that were compiled ahead, and never in the way.

torch traces the real UNet; what it traced is then run as it is instead of being handed to a
compiler, which takes minutes.
"""

import logging
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx

from bot.prompt import Weighted
from bot.render.batch import Ask, UNetBatch
from bot.render.compiled import Graphs, probe
from bot.render.model import Model
from bot.render.text import encode
from tests.render_fixtures import Bench, relative

CPU = torch.device("cpu")


class Compiler:
    """Counts what it compiles, and how often that is run."""

    def __init__(self) -> None:
        self.made = self.runs = 0

    def __call__(self, graph: fx.GraphModule, inputs: list[Tensor]) -> Callable[..., object]:
        self.made += 1

        def run(*args: Tensor) -> object:
            self.runs += 1
            return graph.forward(*args)

        return run


def broken(graph: fx.GraphModule, inputs: list[Tensor]) -> Callable[..., object]:
    raise OSError("no compiler on this machine. Then follow many lines")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("render")
    bench = Bench(folder / "models", folder / "data")
    return bench.loop.shelf.get(bench.spec().checkpoint).model


def ask(model: Model, seed: int, side: int = 8, *, long: bool = False) -> Ask:
    x = torch.randn(1, 4, side, side, generator=torch.Generator().manual_seed(seed))
    words = (Weighted("a red apple, " * 30 if long else f"star {seed}", 1.0),)
    return Ask(x, 1.0 + seed, encode(model, words), None, 1.0)


def test_calls_are_filled_up_to_what_was_compiled(model: Model) -> None:
    """Compiled for four rows, three are computed by the same graph and equal a plain call; more
    rows, another size and a longer prompt are none of its business."""
    compiler = Compiler()
    batch, plain = UNetBatch(model, Graphs(model.unet, compiler)), UNetBatch(model)
    batch.compile_for([ask(model, 0)] * 4)
    assert compiler.made > 0
    made, before = compiler.made, compiler.runs
    asks = [ask(model, seed) for seed in range(3)]
    for found, wanted in zip(batch.denoise(asks), plain.denoise(asks), strict=True):
        assert relative(found, wanted) < 1e-5
    used = compiler.runs
    assert used > before
    for strange in ([ask(model, 1)] * 5, [ask(model, 1, side=16)], [ask(model, 1, long=True)]):
        batch.denoise(strange)
    assert (compiler.made, compiler.runs) == (made, used)


def test_without_a_compiler_all_is_drawn_the_usual_way(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    """What fails is said in one sentence; calls go on, and nothing is tried again."""
    batch = UNetBatch(model, Graphs(model.unet, broken))
    with caplog.at_level(logging.WARNING, "bot.render.compiled"):
        batch.compile_for([ask(model, 0)])
        batch.compile_for([ask(model, 0)] * 2)
    assert caplog.messages == ["the UNet is not compiled: no compiler on this machine"]
    (found,), (wanted,) = batch.denoise([ask(model, 0)]), UNetBatch(model).denoise([ask(model, 0)])
    assert relative(found, wanted) < 1e-6


def test_a_machine_that_cannot_compile_is_known_beforehand() -> None:
    """The reason is one sentence; there is none where it works."""
    assert probe(CPU, broken) == "no compiler on this machine"
    assert probe(CPU, Compiler()) == ""
