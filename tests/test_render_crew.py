"""Cores with rows of their own draw what they draw together."""

from collections.abc import Iterator

import pytest
import torch

from bot.prompt import Weighted
from bot.render.batch import Ask, UNetBatch
from bot.render.crew import Crew
from bot.render.model import Model
from bot.render.text import encode
from tests.render_fixtures import Bench, relative


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("render")
    bench = Bench(folder / "models", folder / "data")
    return bench.loop.shelf.get(bench.spec().checkpoint).model


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def asks(model: Model) -> list[Ask]:
    """Five pictures: long and short prompts, with and without guidance."""
    short = encode(model, (Weighted("a star", 1.0),))
    long = encode(model, (Weighted("a red apple, " * 30, 1.0),))
    empty = encode(model, ())
    generator = torch.Generator().manual_seed(0)
    return [
        Ask(torch.randn(1, 4, 8, 8, generator=generator), 1.0 + i, long if i == 3 else short,
            None if i in (1, 4) else empty, 3.0 + i)
        for i in range(5)
    ]  # fmt: skip


@pytest.mark.usefixtures("two_threads")
def test_shared_out_rows_equal_a_call_of_their_own(model: Model) -> None:
    """Each picture drawn in a share equals the one drawn alone, in the order asked."""
    batch, wanted = UNetBatch(model), asks(model)
    assert batch.can_part(wanted)
    found = batch.denoise(wanted, apart=True)
    for ask, result in zip(wanted, found, strict=True):
        assert relative(result, batch.denoise([ask])[0]) < 1e-5


@pytest.mark.usefixtures("two_threads")
def test_what_cannot_be_shared_out(model: Model) -> None:
    """A picture alone is drawn by all cores together."""
    batch = UNetBatch(model)
    assert not batch.can_part(asks(model)[:1])


@pytest.mark.usefixtures("two_threads")
def test_each_of_the_crew_has_one_core() -> None:
    """The crew's threads use one core each; the thread that made them keeps its own number."""
    crew = Crew()
    assert crew.size == 2
    assert crew.map(lambda _: torch.get_num_threads(), [0, 1, 2]) == [1, 1, 1]
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_a_failing_share_is_told_when_all_are_done() -> None:
    """What one share raises is raised, after the others have come to their end."""
    done = []

    def work(part: int) -> None:
        if part == 0:
            raise torch.OutOfMemoryError("no room")
        done.append(part)

    with pytest.raises(torch.OutOfMemoryError):
        Crew().map(work, [0, 1, 2, 3])
    assert done == [1, 2, 3]


def test_one_thread_needs_no_crew(model: Model) -> None:
    """With a single core there is nothing to share out."""
    assert torch.get_num_threads() == 1
    assert not UNetBatch(model).can_part(asks(model))
