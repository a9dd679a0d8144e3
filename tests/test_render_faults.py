"""What goes wrong on a device, raised where torch raises it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from bot.errors import BadOutput, ModelUnavailable, OutOfMemory, RenderError
from bot.render import plan, text, vae
from bot.render.batch import UNetBatch
from bot.render.faults import translated
from bot.render.noise import PictureNoise
from bot.render.shelf import Shelf
from tests.render_fixtures import Bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder: Path = tmp_path_factory.mktemp("faults")
    return Bench(folder / "models", folder / "data")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), OutOfMemory),
        (MemoryError(), OutOfMemory),
        (RuntimeError("DefaultCPUAllocator: not enough memory"), OutOfMemory),
        (ValueError("shapes"), RenderError),
        (BadOutput("blank"), BadOutput),
        (ModelUnavailable("gone"), ModelUnavailable),
    ],
)
def test_errors_are_told_by_their_kind(error: Exception, kind: type[RenderError]) -> None:
    """Ours stay what they are; torch's memory errors of all kinds are one."""
    assert type(translated(error)) is kind


def test_a_device_that_has_failed_ends_the_process(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After such an error every call fails, so no job is blamed; the process makes way for another
    one, with a line about why."""
    said = "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be …"

    def broken(*_: Any, **__: Any) -> Any:
        raise torch.AcceleratorError(said)

    monkeypatch.setattr(UNetBatch, "denoise", broken)
    bench.submit([bench.spec(), bench.spec(seed=2)])
    with pytest.raises(SystemExit) as ended:
        bench.run()
    assert ended.value.code == (
        "the device has failed: CUDA error: an illegal memory access was encountered"
    )
    assert not any(type(report).__name__ == "Ended" for report in bench.told)
    monkeypatch.undo()
    bench.run()


@pytest.mark.parametrize("where", ["encode", "decode"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_job_is_given_room_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, where: str, times: int
) -> None:
    """Prompts and pictures that find no memory are tried again after all that is not in use has
    left the device; then it is that job's error, and its neighbour is drawn."""
    module, name = (text, "_run") if where == "encode" else (vae, "decode")
    real = getattr(module, name)
    left = [times]
    relieved: list[int] = []

    def fails(*args: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("no room")
        return real(*args)

    relieve = Shelf.relieve

    def spy(shelf: Shelf, in_use: Any) -> None:
        relieved.append(len(in_use))
        relieve(shelf, in_use)

    prompt = f"a {where} star {times}"
    monkeypatch.setattr(module, name, fails)
    monkeypatch.setattr(Shelf, "relieve", spy)
    bench.submit([bench.spec(prompt=prompt), bench.spec(seed=2)])
    bench.run()
    assert len(relieved) == 1
    assert bench.end("0").failure == ("" if times == 1 else "OutOfMemory")
    assert len(bench.pictures("1")) == 1


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("no room"), RuntimeError("broken")])
def test_a_sampler_that_fails_ends_its_job_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Its arithmetic needs memory too. It cannot go on then, so the job ends, and once."""
    real = PictureNoise.__call__

    def fails(noise: PictureNoise) -> torch.Tensor:
        if noise._generator.initial_seed() in (7, 8):
            raise error
        return real(noise)

    monkeypatch.setattr(PictureNoise, "__call__", fails)
    orders = [bench.spec(sampler="Euler a", seed=seed) for seed in (1, 7, 3)]
    bench.submit([orders[0], replace(orders[1], count=2), orders[2]])
    for _ in range(20):
        bench.loop.tick()
    bench.easel.finisher.wait()
    assert not bench.loop.busy
    assert bench.end("1").failure == type(translated(error)).__name__
    assert [len(bench.pictures(job)) for job in "012"] == [1, 0, 1]


def test_words_that_fail_for_one_picture_of_a_job_end_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other picture, already chosen for the same call, leaves with it; the neighbour stays."""
    real = text.encode

    def fails(model: Any, pieces: Any, *rest: Any) -> Any:
        if any("unsayable" in piece.text for piece in pieces):
            raise RuntimeError("no words")
        return real(model, pieces, *rest)

    monkeypatch.setattr(plan, "encode", fails)
    monkeypatch.setattr(bench.easel.meter, "limit", lambda key: 3)
    # One picture of the job gets a step ahead, for a call of three rows has no room for both.
    job = bench.spec(prompt="[star:unsayable:2]", count=2, cfg_scale=1.0, sampler="Euler")
    bench.submit([job, bench.spec(seed=2, sampler="Euler")])
    bench.run()
    assert bench.end("0").failure == "RenderError"
    assert len(bench.pictures("1")) == 1
