"""Which models stay in memory, with tiny checkpoints on a CPU that is told to have its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from bot.domain import ModelRef, RenderSpec
from bot.errors import OutOfMemory
from bot.render import device, easel, loading, shelf
from bot.render.residency import Residency
from bot.render.room import Memory
from bot.render.shelf import Budget, Resident, Shelf
from tests.render_fixtures import Bench

DEMO = Path(shelf.__file__).parent / "demo"
NAMES = ("a", "b", "c")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Three checkpoints as small as the demo, on a device with memory of its own."""
    monkeypatch.setattr(device, "_memory", lambda _: Memory(8 * 2**30, own=True))
    content = (DEMO / "chatelier-demo.safetensors").read_bytes()
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    bench = Bench(tmp_path / "models", tmp_path / "data", vram="high")
    library = bench.loop._library
    demo = library.checkpoint(bench.spec().checkpoint)
    known = {}
    for name in NAMES:
        path = folder / f"{name}.safetensors"
        path.write_bytes(content)
        known[name] = type(demo)(demo.info, path, demo.config, demo.parameters)
    monkeypatch.setattr(library, "checkpoint", lambda ref: known[ref.sha256])
    return bench


def ref(name: str) -> ModelRef:
    return ModelRef(name=name, sha256=name)


def weights(bench: Bench) -> int:
    library = bench.loop._library
    return library.room(library.checkpoint(ref("a"))).sizes.weights


def make(bench: Bench, on_device: float, in_memory: float, busy: Callable[[], None]) -> Shelf:
    one = weights(bench)
    budget = Budget(int(on_device * one), int(in_memory * one))
    return Shelf(bench.loop._library, _device(bench), budget=budget, busy=busy)


def _device(bench: Bench) -> device.Device:
    chosen: device.Device = bench.loop._library._device
    return chosen


def state(made: Shelf) -> dict[str, bool]:
    """Those in memory, and whether they are parked."""
    return {name: r.model.residency.is_parked for name, r in made._residents.items()}


def test_a_model_that_makes_room_waits_in_main_memory(bench: Bench) -> None:
    """Going back to it reads no file; beyond the budget the longest unused is let go."""
    loads: list[None] = []
    made = make(bench, 1.5, 1.5, lambda: loads.append(None))
    first = made.get(ref("a"))
    made.get(ref("b"))
    assert state(made) == {"a": True, "b": False}
    assert not made.has(ref("a"))
    assert made.get(ref("a")) is first
    assert state(made) == {"b": True, "a": False}
    made.get(ref("c"))
    assert state(made) == {"a": True, "c": False}
    assert len(loads) == 4


def test_without_main_memory_to_give_nothing_is_parked(bench: Bench) -> None:
    """A budget smaller than the model lets it go at once."""
    made = make(bench, 1.5, 0.5, lambda: None)
    made.get(ref("a"))
    made.get(ref("b"))
    assert state(made) == {"b": False}


def test_models_in_use_stay_where_they_are(bench: Bench) -> None:
    """One that draws is neither parked nor let go; another one has room beside it or waits."""
    made = make(bench, 2.5, 0, lambda: None)
    used = made.get(ref("a"))
    assert made.has_room(ref("b"), {used})
    made.get(ref("b"), {used})
    assert not made.has_room(ref("c"), {used, made.get(ref("b"))})
    made.get(ref("c"), {used})
    assert state(made) == {"a": False, "c": False}


def test_a_parked_model_draws_the_same_again(bench: Bench) -> None:
    """Away and back, a model makes the picture that it made before."""
    bench.loop.shelf._budget = Budget(int(1.5 * weights(bench)), 8 * 2**30)

    def spec(name: str) -> RenderSpec:
        return bench.spec(checkpoint=ref(name))

    ((before,),) = bench.draw(spec("a"))
    bench.draw(spec("b"))
    assert state(bench.loop.shelf) == {"a": True, "b": False}
    ((after,),) = bench.draw(spec("a"))
    assert after.png == before.png


def failing(times: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """Runs out of memory so often, then works."""
    left = [times]

    def try_(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("no room for weights")
        return work(*args, **kwargs)

    return try_


def test_loading_is_tried_again_with_the_device_to_itself(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of memory at loading parks what is not in use, whatever the budget says; the second time
    it is the error of that request, and what was there stays."""
    made = make(bench, 9, 9, lambda: None)
    made.get(ref("a"))
    monkeypatch.setattr(loading, "load_file", failing(1, loading.load_file))
    made.get(ref("b"))
    assert state(made) == {"a": True, "b": False}
    monkeypatch.setattr(loading, "load_file", failing(2, loading.load_file))
    with pytest.raises(OutOfMemory):
        made.get(ref("c"))
    assert state(made) == {"a": True, "b": True}


def test_coming_back_may_fail_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parked model that does not fit any more stays parked, and is there for the next try."""
    made = make(bench, 1.5, 9, lambda: None)
    first = made.get(ref("a"))
    made.get(ref("b"))
    monkeypatch.setattr(Residency, "unpark", failing(2, Residency.unpark))
    with pytest.raises(OutOfMemory):
        made.get(ref("a"))
    assert state(made)["a"]
    assert made.get(ref("a")) is first


def test_a_neighbour_is_drawn_while_another_checkpoint_does_not_fit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the request whose weights do not fit hears of it."""
    bench.draw(bench.spec(checkpoint=ref("a")))
    monkeypatch.setattr(loading, "load_file", failing(9, loading.load_file))
    bench.submit([bench.spec(checkpoint=ref("a"), steps=6), bench.spec(checkpoint=ref("b"))])
    bench.run()
    assert bench.end("1").failure == "OutOfMemory"
    assert len(bench.pictures("0")) == 1


def test_the_budget_is_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    """`keep_models_gb` counts main memory; 0 is half of what there is. A device without memory of
    its own has only that."""
    monkeypatch.setattr(easel.psutil, "virtual_memory", lambda: Memory(32 * 2**30, own=False))
    card = device.Device(torch.device("cpu"), torch.float32, "", Memory(10 * 2**30, own=True))
    shared = device.Device(torch.device("cpu"), torch.float32, "", Memory(32 * 2**30, own=False))
    assert easel._budget(card, 0) == Budget(8 * 2**30, 16 * 2**30)
    assert easel._budget(card, 3.0).memory == 3 * 2**30
    assert easel._budget(shared, 5.0) == Budget(5 * 2**30, 0)


def test_what_is_loaded_beside_a_model_leaves_with_it(bench: Bench) -> None:
    """LoRAs and VAEs of a parked model do not stay on the device."""
    made = make(bench, 1.5, 9, lambda: None)
    first: Resident = made.get(ref("a"))
    first.extras["lora"] = object()
    made.get(ref("b"))
    assert first.extras == {}
