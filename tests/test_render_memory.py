"""Weights that visit, tiles, second tries: the picture is the same however little memory there is.

The device is the CPU, told to have memory of its own; what would be copied to a card is copied, and
counted.
"""

import io
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from bot.domain import ModelRef
from bot.errors import BadOutput, OutOfMemory
from bot.render import device, residency, vae, warm_up
from bot.render.batch import Ask, UNetBatch
from bot.render.frugal import denoise_by_rows
from bot.render.model import Model
from bot.render.room import Memory
from bot.render.rows import RowMeter
from bot.render.shelf import Resident
from bot.render.text import encode
from bot.spec import HiresSpec
from tests.render_fixtures import Bench, png, relative

SOURCE = png(size=(96, 96))


class Card:
    """Counts the bytes of all copies that are on the device."""

    def __init__(self) -> None:
        self.now = self.peak = self.copies = 0

    def copy(self, tensor: torch.Tensor, _: torch.device) -> torch.Tensor:
        copied = tensor.clone()
        size = copied.untyped_storage().nbytes()
        self.now, self.copies = self.now + size, self.copies + 1
        self.peak = max(self.peak, self.now)
        weakref.finalize(copied.untyped_storage(), self._free, size)
        return copied

    def _free(self, size: int) -> None:
        self.now -= size


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    made = Card()
    monkeypatch.setattr(residency, "on_device", made.copy)
    monkeypatch.setattr(device, "_memory", lambda _: Memory(8 * 2**30, own=True))
    return made


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("memory")
    return Bench(folder / "models", folder / "data")


@pytest.fixture
def resident(bench: Bench) -> Resident:
    return bench.loop.shelf.get(bench.spec().checkpoint)


@pytest.fixture
def model(resident: Resident) -> Iterator[Model]:
    yield resident.model
    resident.model.vae.to(torch.float32)


def orders(bench: Bench) -> list[Any]:
    return [
        bench.spec(prompt="a [red:blue:0.5] apple", steps=3, sampler="Heun"),
        bench.spec(input_sha256="s", denoising_strength=0.6, seed=5, width=96, height=96),
    ]


def size(*modules: Any) -> int:
    return sum(p.numel() * p.element_size() for m in modules for p in m.parameters())


@pytest.mark.parametrize("level", ["medium", "low"])
def test_every_level_draws_the_same_picture(
    bench: Bench, card: Card, tmp_path: Path, level: str
) -> None:
    """Text to picture and picture to picture, byte for byte; afterwards nothing that only visits is
    left on the device, and at no time was more there than the level allows."""
    inputs = {"s": SOURCE}
    wanted = bench.draw(*orders(bench), inputs=inputs)
    tight = Bench(tmp_path / "models", tmp_path / "data", vram=level)
    assert tight.easel.catalog.memory == f"{level}, as [render] vram says"
    found = tight.draw(*orders(tight), inputs=inputs)
    assert [[p.png for p in job] for job in found] == [[p.png for p in job] for job in wanted]
    model = tight.loop.shelf.get(tight.spec().checkpoint).model
    weights = size(model.unet, model.vae, model.towers[0].encoder)
    visitors = max(size(model.vae), size(model.towers[0].encoder))
    assert card.copies > 100
    if level == "medium":
        assert card.now == 0
        assert card.peak <= 1.01 * visitors + 8192
    else:
        rest = size(model.unet.conv_in, model.unet.conv_out, model.unet.time_embedding)
        assert card.now <= 1.1 * rest
        assert card.peak < weights / 2


@pytest.mark.parametrize("level", ["medium", "low"])
def test_a_failing_copy_leaves_the_module_at_home(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """If memory runs out half-way, what was copied is gone, and the next picture is drawn."""
    tight = Bench(tmp_path / "models", tmp_path / "data", vram=level)
    ((wanted,),) = tight.draw(tight.spec())
    copies, rest = card.copies, card.now
    tower = tight.loop.shelf.get(tight.spec().checkpoint).model.towers[0].encoder
    most = 3 if level == "medium" else len(list(tower.state_dict())) + 40  # in the UNet

    def full(tensor: torch.Tensor, where: torch.device) -> torch.Tensor:
        if card.copies > copies + most:
            raise torch.OutOfMemoryError("no room for a visitor")
        return card.copy(tensor, where)

    monkeypatch.setattr(residency, "on_device", full)
    tight.draw(tight.spec(prompt="a blue star"))
    assert tight.end("0").failure == "OutOfMemory"
    assert card.now == rest
    monkeypatch.setattr(residency, "on_device", card.copy)
    ((again,),) = tight.draw(tight.spec())
    assert again.png == wanted.png
    assert card.now == rest


# The VAE ------------------------------------------------------------------------------------


def latent_of(model: Model, side: int) -> torch.Tensor:
    """Of a picture with soft fields, edges and grain."""
    generator = torch.Generator().manual_seed(3)
    soft = torch.rand(1, 3, 5, 5, generator=generator) * 2 - 1
    pixels = torch.nn.functional.interpolate(soft, size=(side, side), mode="bicubic")
    pixels[..., side // 3 : side // 2, :] *= -1
    pixels += 0.05 * torch.randn(pixels.shape, generator=generator)
    return vae.encode_pixels(model, pixels.clamp(-1, 1))


def pixels_of(image: Image.Image) -> torch.Tensor:
    return torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).float()


def gives_way(model: Model, part: Any, most: int) -> Any:
    """Lets this part of the VAE run out of memory for anything wider than `most`."""

    def hook(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        if inputs[0].shape[-1] > most:
            raise torch.OutOfMemoryError("no room for a large picture")

    return part.register_forward_pre_hook(hook)


def test_tiles_show_no_seams(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """In overlapping tiles a picture differs little from the whole one, and from row to row the
    difference changes no more at a seam than elsewhere; latents are alike, too."""
    monkeypatch.setattr(vae, "TILE_SIDE", 256)
    side = 384
    latent = latent_of(model, side)
    whole = pixels_of(vae.decode(model, latent)).reshape(side, side, 3)
    monkeypatch.setattr(type(model.residency.room), "tiles", lambda *_: True)
    tiled = pixels_of(vae.decode(model, latent)).reshape(side, side, 3)
    difference = tiled - whole
    assert 0 < float(difference.abs().mean()) < 5.0
    along = difference.mean(dim=1)
    assert float((along[1:] - along[:-1]).abs().max()) < 10.0
    again = latent_of(model, side)
    assert 0 < float((again - latent).abs().mean()) < 0.1 * float(latent.abs().mean())


@pytest.mark.parametrize("work", ["decode", "encode"])
def test_what_does_not_fit_whole_is_done_in_tiles(
    model: Model, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    """Out of memory in the VAE is answered by tiles; if a tile does not fit either, by the error
    of that request."""
    monkeypatch.setattr(vae, "TILE_SIDE", 128)
    latent = latent_of(model, 256)
    do: Callable[[], Any] = lambda: vae.decode(model, latent)  # noqa: E731 one of two
    part, most = model.vae.decoder, 128 // model.latent_scale
    if work == "encode":
        do, part, most = lambda: latent_of(model, 256), model.vae.encoder, 128
    handle = gives_way(model, part, most)
    try:
        assert do() is not None
        handle.remove()
        handle = gives_way(model, part, 4)
        with pytest.raises(OutOfMemory):
            do()
    finally:
        handle.remove()


def test_a_vae_that_overflows_goes_on_in_fp32(model: Model, tmp_path: Path) -> None:
    """Half precision with weights that make infinities: the picture is the one of fp32, and the VAE
    stays there."""
    wide = Bench(tmp_path / "models", tmp_path / "data", precision="fp16")
    half = wide.loop.shelf.get(wide.spec().checkpoint).model
    latent = latent_of(model, 64)
    first = model.vae.decoder.conv_in.weight.data
    # The norms further on undo the factor, but in fp16 there are no such numbers.
    factor = 6e4 / float(first.abs().max())
    for part in (model, half):
        part.vae.decoder.conv_in.weight.data = part.vae.decoder.conv_in.weight.data * factor
    try:
        with torch.inference_mode():
            in_half = half.vae.decode(latent.half() / half.vae.config.scaling_factor).sample
        assert not torch.isfinite(in_half).all()
        found, wanted = (pixels_of(vae.decode(m, latent)) for m in (half, model))
        assert half.vae.dtype is torch.float32
        assert float((found - wanted).abs().mean()) < 2.0
        assert float(wanted.std()) > 5.0
    finally:
        model.vae.decoder.conv_in.weight.data = first


def test_a_vae_that_fails_in_fp32_too_keeps_its_numbers(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request fails; the VAE is as it was, for the next one."""
    monkeypatch.setattr(vae, "_pixels", lambda *_: torch.full((1, 3, 8, 8), float("nan")))
    model.vae.to(torch.bfloat16)
    with pytest.raises(BadOutput):
        vae.decode(model, torch.zeros(1, 4, 8, 8))
    assert model.vae.dtype is torch.bfloat16


@pytest.mark.parametrize("level", [-7.0, 7.0])
def test_a_picture_beyond_black_or_white_is_blank(
    model: Model, monkeypatch: pytest.MonkeyPatch, level: float
) -> None:
    """Different numbers that all become one colour are no picture."""
    made = level + torch.rand(1, 3, 8, 8)
    monkeypatch.setattr(vae, "_pixels", lambda *_: made)
    with pytest.raises(BadOutput):
        vae.decode(model, torch.zeros(1, 4, 8, 8))


# The UNet -----------------------------------------------------------------------------------


def test_rows_one_by_one_are_the_rows_together(model: Model) -> None:
    """A guided step in two calls of one row equals the one call of two."""
    heard, away = encode(model, ()), encode(model, (), clip_skip=2)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    batch = UNetBatch(model)
    for negative in (away, None):
        ask = Ask(x, 3.0, heard, negative, 5.0 if negative else 1.0)
        assert relative(denoise_by_rows(batch, ask), batch.denoise([ask])[0]) < 1e-4


def test_a_lone_picture_is_tried_row_by_row(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that takes only one row at a time draws the same picture; a card that takes none ends
    that job, and holds no tensors of the failed calls when it tries again."""
    ((wanted,),) = bench.draw(bench.spec())
    call = UNetBatch.denoise
    monkeypatch.setattr(bench.easel.meter, "_most", {})
    held: list[weakref.ref[torch.Tensor]] = []
    failed = 0
    alive: list[int] = []
    most = 1

    def tight(batch: UNetBatch, asks: list[Ask], **how: Any) -> list[torch.Tensor]:
        alive.append(sum(kept() is not None for kept in held))
        rows = sum(ask.rows for ask in asks)
        workspace = torch.zeros(1000 * rows)
        held.append(weakref.ref(workspace))
        if rows > most:
            nonlocal failed
            failed += 1
            raise torch.OutOfMemoryError("no room for two")
        return call(batch, asks, **how)

    monkeypatch.setattr(UNetBatch, "denoise", tight)
    ((found,),) = bench.draw(bench.spec())
    assert _distance(found.png, wanted.png) <= 1
    assert set(alive) == {0}
    assert failed == 1
    most = 0
    bench.draw(bench.spec())
    assert bench.end("0").failure == "OutOfMemory"


def _distance(one: bytes, two: bytes) -> float:
    return float(
        (pixels_of(Image.open(io.BytesIO(one))) - pixels_of(Image.open(io.BytesIO(two))))
        .abs()
        .max()
    )


@pytest.mark.parametrize("way", ["upscale", "hires"])
def test_a_larger_picture_is_drawn_where_only_single_rows_and_tiles_fit(
    bench: Bench, model: Model, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Twice the size on a card that takes neither two rows nor a whole picture in the VAE, both
    found out by running out of memory: it is nearly the picture of a card that takes them."""
    changes: dict[str, Any] = {"input_sha256": "s", "denoising_strength": 0.5, "width": 128}
    if way == "hires":
        changes = {"hires": HiresSpec(width=128, height=128, steps=2, upscaler="Lanczos")}
    order = bench.spec(**({"height": 128} if way == "upscale" else {}), **changes)
    inputs = {"s": png(size=(64, 64))}
    ((wanted,),) = bench.draw(order, inputs=inputs)
    call = UNetBatch.denoise

    def tight(batch: UNetBatch, asks: list[Ask], **how: Any) -> list[torch.Tensor]:
        if asks[0].x.shape[-1] * model.latent_scale == 128 and sum(ask.rows for ask in asks) > 1:
            raise torch.OutOfMemoryError("no room for two")
        return call(batch, asks, **how)

    monkeypatch.setattr(UNetBatch, "denoise", tight)
    monkeypatch.setattr(bench.easel.meter, "_most", {})
    monkeypatch.setattr(vae, "TILE_SIDE", 96)
    handles = [
        gives_way(model, model.vae.encoder, 96),
        gives_way(model, model.vae.decoder, 96 // model.latent_scale),
    ]
    try:
        ((found,),) = bench.draw(order, inputs=inputs)
    finally:
        for handle in handles:
            handle.remove()
    sizes = [Image.open(io.BytesIO(p.png)).size for p in (found, wanted)]
    assert sizes == [(128, 128)] * 2
    one, other = (pixels_of(Image.open(io.BytesIO(p.png))) for p in (found, wanted))
    assert 0 < float((one - other).abs().mean()) < 8.0


def test_rows_are_limited_by_memory(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows pay, a call has no more than fit."""
    model = bench.loop.shelf.get(bench.spec().checkpoint).model
    monkeypatch.setattr(type(model.residency.room), "rows", lambda *_: 2)
    seen: list[int] = []
    call = UNetBatch.denoise

    def spy(batch: UNetBatch, asks: list[Ask], **how: Any) -> list[torch.Tensor]:
        seen.append(sum(ask.rows for ask in asks))
        return call(batch, asks, **how)

    monkeypatch.setattr(UNetBatch, "denoise", spy)
    bench.draw(*(bench.spec(seed=i) for i in range(4)))
    assert set(seen) == {2}


def test_measuring_asks_for_no_more_rows_than_fit(
    bench: Bench, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pays is measured at the start, but only as far as memory goes."""
    monkeypatch.setattr(type(resident.model.residency.room), "rows", lambda *_: 3)
    seen: set[int] = set()

    def spy(_: UNetBatch, asks: list[Ask], **__: Any) -> list[torch.Tensor]:
        seen.add(len(asks))
        return [ask.x for ask in asks]

    monkeypatch.setattr(UNetBatch, "denoise", spy)
    bench.loop.shelf.get(bench.spec().checkpoint)
    warm_up._measure(resident, RowMeter(None, "here"), "0" * 64, lambda: False)
    assert seen == {1, 2}


def test_an_unknown_checkpoint_is_still_refused(bench: Bench) -> None:
    """Nothing about memory hides what else is wrong."""
    bench.draw(bench.spec(checkpoint=ModelRef(name="gone", sha256="0" * 64)))
    assert bench.end("0").failure == "ModelUnavailable"
