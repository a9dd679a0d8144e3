"""Who may use how much of a card's memory."""

import json
import weakref
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

from bot.render import loading
from bot.render.room import Level, Memory, Sizes, room

CONFIGS = Path(loading.__file__).parent / "configs"
GB = 2**30
SD1 = Sizes(unet=1_719_000_000, vae=167_000_000, text=246_000_000, item=2)
SDXL = Sizes(unet=5_135_000_000, vae=167_000_000, text=1_636_000_000, item=2, native_size=1024)


class Account(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no types here
    """Counts the bytes of all tensors made within it, as long as they live."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.now = self.peak = 0
        self._live: dict[int, int] = {}

    def __torch_dispatch__(
        self, op: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:  # torch's own signature has no types
        made = op(*args, **(kwargs or {}))
        for tensor in tree_iter(made):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self._live:
                    self._live[storage._cdata] = storage.nbytes()
                    self.now += storage.nbytes()
                    self.peak = max(self.peak, self.now)
                    weakref.finalize(storage, self._gone, storage._cdata)
        return made

    def _gone(self, key: int) -> None:
        self.now -= self._live.pop(key, 0)


def meta(kind: Any, family: str, part: str) -> Any:
    """A full-size module without memory of its own."""
    with torch.device("meta"):
        sizes = json.loads((CONFIGS / family / part / "config.json").read_text())
        return kind.from_config(sizes).half().eval()


@pytest.mark.parametrize(("family", "side", "width"), [("sd1", 64, 768), ("sdxl", 128, 2048)])
def test_what_a_call_takes_is_what_was_counted(family: str, side: int, width: int) -> None:
    """The estimate covers what the full-size UNet and VAE hold at once, and is not twice it."""
    half: dict[str, Any] = {"device": "meta", "dtype": torch.half}
    added = {"text_embeds": torch.empty(2, 1280, **half), "time_ids": torch.empty(2, 6, **half)}
    unet = meta(diffusers.UNet2DConditionModel, family, "unet")
    vae = meta(diffusers.AutoencoderKL, family, "vae")
    sizes = Sizes(unet=0, vae=0, text=0, item=2)
    with torch.inference_mode(), Account() as in_unet:
        unet(
            torch.empty(2, 4, side, side, **half), torch.empty(2, device="meta"),
            torch.empty(2, 77, width, **half), added_cond_kwargs=added, return_dict=False,
        )  # fmt: skip
    with torch.inference_mode(), Account() as decoding:
        vae.decode(torch.empty(1, 4, side, side, **half))
    with torch.inference_mode(), Account() as encoding:
        vae.encode(torch.empty(1, 3, side * 8, side * 8, **half))
    pixels = (side * 8) ** 2
    assert in_unet.peak <= 2 * sizes.row(pixels) <= 2.2 * in_unet.peak
    # The estimate for the VAE is of fp32, which takes twice what is counted here.
    assert encoding.peak <= decoding.peak <= sizes.decoding(pixels) / 2 <= 2 * decoding.peak


@pytest.mark.parametrize(
    ("sizes", "gigabytes", "level"),
    [
        (SD1, 2, Level.LOW), (SD1, 3, Level.LOW), (SD1, 4, Level.HIGH), (SD1, 24, Level.HIGH),
        (SDXL, 4, Level.LOW), (SDXL, 6, Level.LOW), (SDXL, 8, Level.MEDIUM),
        (SDXL, 10, Level.MEDIUM), (SDXL, 12, Level.HIGH), (SDXL, 24, Level.HIGH),
    ],
)  # fmt: skip
def test_auto_takes_the_highest_level_that_fits(sizes: Sizes, gigabytes: int, level: Level) -> None:
    """Cards from 2 to 24 GB and the sizes of SD 1.5 and SDXL in half precision."""
    made = room("auto", sizes, Memory(gigabytes * GB, own=True))
    assert level is made.level
    assert f"{level.name.lower()} (auto): {gigabytes}.0 GB" in made.words


def test_a_setting_wins_and_main_memory_is_high() -> None:
    """What the operator says holds on any card; a device without memory of its own keeps all."""
    assert room("low", SD1, Memory(24 * GB, own=True)).level is Level.LOW
    assert room("high", SDXL, Memory(2 * GB, own=True)).level is Level.HIGH
    shared = room("auto", SDXL, Memory(4 * GB, own=False))
    assert shared.level is Level.HIGH
    assert not shared.is_tight
    assert not room("low", SDXL, Memory(4 * GB, own=False)).is_tight


def test_rows_and_tiles_follow_the_memory_that_is_left() -> None:
    """Fewer rows of larger pictures, fewer beside more weights; large pictures go in tiles."""
    card = Memory(12 * GB, own=True)
    small, large = room("auto", SD1, card), room("auto", SDXL, card)
    assert small.rows(512**2) > small.rows(1024**2) > large.rows(1024**2) >= 2
    assert room("low", SDXL, card).rows(512**2) == 2
    assert room("high", SDXL, Memory(6 * GB, own=True)).rows(1024**2) == 1
    assert not small.tiles(1024**2)
    assert not large.tiles(1024**2)
    assert large.tiles(2048**2)
    assert room("low", SD1, card).tiles(1024**2)
    assert not room("low", SD1, card).tiles(512**2)
