"""Cross-attention remembers what it made of a prompt, and nothing else."""

from collections import Counter

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.prompt import Weighted
from bot.render import prompt_memory
from bot.render.batch import Ask, UNetBatch
from bot.render.model import Conditioning, Model
from bot.render.text import encode
from tests.render_fixtures import Bench, relative


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("render")
    bench = Bench(folder / "models", folder / "data")
    return bench.loop.shelf.get(bench.spec().checkpoint).model


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch, model: Model) -> Counter[str]:
    """How often weights of the cross-attention's keys and values were multiplied with."""
    counted: Counter[str] = Counter()
    layers = {m.attn2.to_k.weight: "k" for m in model.unet.modules() if hasattr(m, "attn2")}
    linear = functional.linear

    def spy(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        counted[layers.get(weight, "other") if isinstance(weight, nn.Parameter) else ""] += 1
        return linear(x, weight, bias)

    monkeypatch.setattr(functional, "linear", spy)
    return counted


def ask(model: Model, words: str, sigma: float = 3.0) -> Ask:
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    return Ask(x, sigma, encode(model, (Weighted(words, 1.0),)), None, 1.0)


def test_a_prompt_s_keys_are_computed_once(model: Model, products: Counter[str]) -> None:
    """The second step of the same prompts multiplies no keys; new company does, once."""
    batch = UNetBatch(model)
    first, second = ask(model, "a star"), ask(model, "a star", 2.0)
    batch.denoise([first])
    once = products["k"]
    assert once > 0
    batch.denoise([second])
    assert products["k"] == once
    batch.denoise([second, ask(model, "a red apple")])
    assert products["k"] == 2 * once


def test_what_is_remembered_is_what_is_computed(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step by step the result is that of a model that remembers nothing, to the bit; other words
    give another one."""
    batch, words = UNetBatch(model), ask(model, "a star")
    found = [batch.denoise([ask(model, "a star", sigma)])[0] for sigma in (5.0, 3.0, 1.0)]
    other = batch.denoise([ask(model, "a red apple", 1.0)])[0]
    monkeypatch.setattr(prompt_memory, "_MOST_BYTES", 0)
    for sigma, result in zip((5.0, 3.0, 1.0), found, strict=True):
        fresh = Conditioning(words.positive.context.clone())
        plain = UNetBatch(model).denoise([Ask(words.x, sigma, fresh, None, 1.0)])[0]
        assert torch.equal(plain, result)
    assert relative(other, found[-1]) > 1e-3


def test_too_much_is_not_remembered(
    model: Model, products: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound every step computes anew."""
    monkeypatch.setattr(prompt_memory, "_MOST_BYTES", 0)
    batch = UNetBatch(model)
    for sigma in (3.0, 2.0):
        batch.denoise([ask(model, "a star", sigma)])
    assert products["k"] % 2 == 0
    assert products["k"] > 0
