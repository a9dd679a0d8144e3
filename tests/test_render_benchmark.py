"""The benchmark of the render loop runs through, with small pictures and narrow models."""

import math
from pathlib import Path

import pytest
import torch

from benchmarks.figures import median_interval, percentile
from benchmarks.render import demo, load, shapes, table
from benchmarks.render.alone import border, lone
from benchmarks.render.load import mixed, under_load
from benchmarks.render.sides import Ours, Subject, Theirs
from benchmarks.render.ticks import host, rows, short_behind_long
from bot.config import RenderConfig
from bot.render import library, warm_up
from bot.render.warm_up import meter_key
from tests.render_layout import narrow

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning:diffusers"
)


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "STEPS", (2, 4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def config(folder: Path) -> RenderConfig:
    return RenderConfig(
        models_dir=str(folder / "models"), device="cpu", threads=1, preview_every=0, jobs_at_once=2
    )


@pytest.fixture(scope="module")
def ours(config: RenderConfig, folder: Path) -> Ours:
    return Ours(config, folder)


@pytest.fixture(scope="module")
def subject(ours: Ours) -> Subject:
    full = demo(ours)
    return Subject(full.ref, 64, full.prompt)


@pytest.fixture(scope="module")
def theirs() -> Theirs:
    return Theirs.demo()


def test_the_mixed_load_repeats_nothing(subject: Subject) -> None:
    """No two requests share their words, and settings cover what the loop has to mix."""
    specs = mixed(subject, 64)
    words = {text for s in specs for text in (s.prompt, s.negative_prompt)}
    assert len(words) == 2 * len(specs)
    assert {s.cfg_scale for s in specs} >= {1.0, 7.0}
    assert min(s.steps for s in specs) >= 8
    assert max(s.steps for s in specs) <= 50
    assert len({s.sampler for s in specs}) == 6


@pytest.mark.usefixtures("few_steps")
def test_all_sides_draw_the_load(ours: Ours, theirs: Theirs, subject: Subject) -> None:
    """Pictures per second and times to picture of every side; the last one is the slowest."""
    figures = under_load(ours, theirs, subject, 3, rounds=1)
    for side in ("ours", "diffusers", "ours_equal", "static_equal"):
        speed, late = figures[f"pictures_per_s_3_{side}"], figures[f"p95_s_3_{side}"]
        assert isinstance(speed, float)
        assert isinstance(late, float)
        assert speed * late == pytest.approx(3, rel=0.05)
    assert isinstance(figures["throughput_ratio_3"], float)
    head, *lines = table(figures).splitlines()
    assert "pictures/s" in head
    assert [line.split()[0] for line in lines[:4]] == ["3"] * 4
    assert str(figures["p95_s_3_static_equal"]) in lines[3]
    assert any(line.startswith("throughput_ratio_3 ") for line in lines)


def test_a_lone_request_is_timed_on_both_sides_of_the_border(
    ours: Ours, theirs: Theirs, subject: Subject, config: RenderConfig, folder: Path
) -> None:
    """Pairs in one process, and through the bot's client into a real render process."""
    figures = lone(ours, theirs, subject, 2) | border(ours, subject, config, folder, 2)
    low, high = figures["lone_ratio_95"]  # type: ignore[misc]  # a pair
    assert 0 < low <= figures["lone_ratio"] <= high  # type: ignore[operator]  # a number
    assert math.isfinite(figures["border_ms"])  # type: ignore[arg-type]  # a number


def test_ticks_are_timed_and_leave_no_trace(ours: Ours, subject: Subject) -> None:
    """The host's share, the row counts, and a short request behind a long one; the instant UNet
    of the first does not reach the meter."""
    key = meter_key(subject.ref.sha256, 64, 64)
    ours.draw([subject.spec(1, 2, "Euler", 3.0)])
    before = ours.easel.meter.best(key)
    figures = host(ours, subject)
    assert 0 < figures["host_ms_per_request_tick"] < 10  # type: ignore[operator]  # a number
    assert before == ours.easel.meter.best(key)
    assert before
    assert list(rows(ours, subject, 2)["rows_per_s"]) == ["1", "2"]  # type: ignore[call-overload]
    assert short_behind_long(ours, subject, 1)["short_behind_long_ratio"] > 0  # type: ignore[operator]


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_the_card_s_part_runs_with_narrow_models(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs on a CUDA card with full widths, here with a tenth of them: file, index, loop,
    pipelines, and the count of operations."""
    narrow(family, tmp_path / "configs" / family)
    monkeypatch.setattr(library, "_CONFIGS", tmp_path / "configs")
    monkeypatch.setattr(shapes, "CONFIGS", tmp_path / "configs")
    monkeypatch.setattr(warm_up, "_MOST_SECONDS", 0.0)  # 512 pixels are not what is drawn here
    shape = shapes.Shape(family, 64, 2, 2, most_rows=2)
    limit = shapes.matmul_tflops("cpu", torch.float32, 256)
    figures = shapes.family_figures(shape, tmp_path / "data", limit, pairs=1)
    for name in ("pictures_per_s", "pictures_per_s_static", "tflops", "lone_ratio"):
        assert figures[f"{family}_{name}"] > 0  # type: ignore[operator]  # a number
    assert 0 < figures[f"{family}_share_of_matmul"] < 1  # type: ignore[operator]  # a number


def test_ranks_and_intervals() -> None:
    """The nearest rank of a share, and an interval around the median that holds it."""
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.95), percentile(values, 0.025), percentile([3.0], 0.95)) == (
        95,
        3,
        3,
    )
    low, high = median_interval(values)
    assert 40 < low < 50.5 < high < 61
