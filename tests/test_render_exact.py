"""`[render] exact`: every picture is drawn in calls of its own."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.render.batch import Ask, UNetBatch
from tests.render_fixtures import Bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder: Path = tmp_path_factory.mktemp("exact")
    bench = Bench(folder / "models", folder / "data", exact=True)
    del bench.easel.meter.limit  # the fixture's; here the meter's own is what counts
    return bench


def test_neighbours_do_not_touch_a_bit(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn among others, a job of two pictures has the very bytes that it has alone; no call
    holds two pictures."""
    sizes = []
    denoise = UNetBatch.denoise

    def spy(batch: UNetBatch, asks: Sequence[Ask], *, apart: bool = False) -> object:
        sizes.append(len(asks))
        return denoise(batch, asks, apart=apart)

    monkeypatch.setattr(UNetBatch, "denoise", spy)
    wanted = bench.spec(seed=5, count=2, sampler="Euler a")
    (alone,) = bench.draw(wanted)
    others = [bench.spec(prompt="a blue star, " * 9, seed=i, steps=6) for i in range(3)]
    among = bench.draw(others[0], wanted, *others[1:])[1]
    by_index = {picture.index: picture.png for picture in alone}
    assert by_index == {picture.index: picture.png for picture in among}
    assert len(by_index) == 2
    assert set(sizes) == {1}


def test_pictures_still_take_turns(bench: Bench) -> None:
    """A short job that stands behind a long one does not wait for its end."""
    bench.draw(bench.spec(steps=12), bench.spec(steps=3))
    ends = [r.job_id for r in bench.told if type(r).__name__ == "Ended"]
    assert ends == ["1", "0"]
