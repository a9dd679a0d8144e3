"""Which numbers a card counts with, told from what torch says of it."""

import os

import pytest
import torch

from bot.config import RenderConfig
from bot.render import device
from bot.render.device import Card, NoSuchDevice, Precision, choose, precision
from bot.render.room import Memory

KEPLER = Card(kind="cuda", name="Tesla K40m", capability=(3, 5))
MAXWELL = Card(kind="cuda", name="NVIDIA GeForce GTX 970", capability=(5, 2))
PASCAL = Card(kind="cuda", name="NVIDIA GeForce GTX 1080", capability=(6, 1))
TU116 = Card(kind="cuda", name="NVIDIA GeForce GTX 1660 SUPER", capability=(7, 5))
T1000 = Card(kind="cuda", name="NVIDIA T1000 8GB", capability=(7, 5))
TURING = Card(kind="cuda", name="NVIDIA GeForce RTX 2060", capability=(7, 5))
AMPERE = Card(kind="cuda", name="NVIDIA GeForce RTX 3060", capability=(8, 6), has_bf16=True)
RADEON = Card(kind="cuda", name="AMD Radeon RX 7900 XTX", has_bf16=True)
APPLE = Card(kind="mps", name="Apple GPU", has_bf16=True)
CPU = Card(kind="cpu", has_bf16=True)


@pytest.mark.parametrize(
    ("card", "dtype", "why"),
    [
        (KEPLER, torch.float32, "too old"), (MAXWELL, torch.float32, "too old"),
        (PASCAL, torch.float16, ""), (TU116, torch.float32, "black pictures"),
        (T1000, torch.float32, "black pictures"), (TURING, torch.float16, ""),
        (AMPERE, torch.float16, ""), (RADEON, torch.float16, ""), (APPLE, torch.float16, ""),
        (CPU, torch.float32, ""),
    ],
    ids=lambda x: x.name or x.kind if isinstance(x, Card) else None,
)  # fmt: skip
def test_auto_takes_what_the_card_does_well(card: Card, dtype: torch.dtype, why: str) -> None:
    """fp16 wherever it is right; fp32 on old cards and on those that fail in fp16, and said."""
    found, said = precision("auto", card)
    assert dtype is found
    assert why in said
    assert bool(why) is bool(said)


@pytest.mark.parametrize(
    ("wish", "card", "advice"),
    [("bf16", TURING, "fp16"), ("bf16", KEPLER, "fp32"), ("fp16", MAXWELL, "fp32")],
)
def test_numbers_that_a_card_does_not_know_are_refused(
    wish: Precision, card: Card, advice: str
) -> None:
    """One sentence with the card's name and what to write instead."""
    with pytest.raises(NoSuchDevice) as caught:
        precision(wish, card)
    assert f'[render] precision = "{wish}": {card.name} cannot do that' in str(caught.value)
    assert f'use "{advice}"' in str(caught.value)


@pytest.mark.parametrize("card", [TU116, AMPERE, RADEON, APPLE, CPU])
@pytest.mark.parametrize("wish", ["fp32", "fp16"])
def test_a_setting_wins(wish: Precision, card: Card) -> None:
    """Also where `auto` would take something else."""
    assert precision(wish, card) == ({"fp32": torch.float32, "fp16": torch.float16}[wish], "")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is such a device here")
@pytest.mark.parametrize(
    ("name", "words"),
    [("cuda", "this torch is built without CUDA"), ("cuda:7", "CUDA"), ("toaster", "toaster")],
)
def test_a_device_that_is_not_there_is_one_sentence(name: str, words: str) -> None:
    """It names the setting and what it holds, in one line."""
    with pytest.raises(NoSuchDevice) as caught:
        choose(RenderConfig(device=name))
    said = str(caught.value)
    assert said.startswith(f'[render] device = "{name}": ')
    assert words in said or torch.version.cuda
    assert said.endswith('set "auto", which takes what there is')
    assert "\n" not in said


def test_a_build_for_cards_without_a_card_names_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """There another torch would not help."""
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    said = device._no_device("cuda", "Found no NVIDIA driver on your system.")
    assert said == (
        '[render] device = "cuda": no driver or no card is found; install the driver, '
        'or set "auto", which takes what there is'
    )


def test_threads_are_never_more_than_cores() -> None:
    """With very many no thread could be started at all."""
    before = torch.get_num_threads()
    try:
        choose(RenderConfig(device="cpu", threads=99_999))
        assert torch.get_num_threads() <= (os.cpu_count() or 1)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("count", "words"), [(1, "1 thread"), (2, "2 threads")])
def test_the_cpu_is_named_with_its_threads(
    monkeypatch: pytest.MonkeyPatch, count: int, words: str
) -> None:
    """One is a thread, more are threads."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: count)
    assert device._words(torch.device("cpu")).endswith(f", {words})")


def test_the_cpu_uses_main_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no memory of its own; a card as torch describes it has."""
    assert not choose(RenderConfig(device="cpu", threads=1)).memory.own
    properties = type("Properties", (), {"total_memory": 8 * 2**30})()
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    assert device._memory(torch.device("cuda")) == Memory(8 * 2**30, own=True)


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"), True),
        (RuntimeError("shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_running_out_of_memory_is_recognised(error: Exception, is_memory: bool) -> None:
    """CUDA has an exception of its own; the CPU's allocator and MPS do not."""
    assert device.is_out_of_memory(error) is is_memory
