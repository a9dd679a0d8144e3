"""LoRAs, VAEs and embeddings: right by hand-made merges, row by row."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from bot.domain import LoraRef, ModelRef
from bot.errors import ModelUnavailable
from bot.prompt import Weighted, parse
from bot.render import fitting, lora, text
from bot.render.addons import Addons
from bot.render.batch import Ask, UNetBatch
from bot.render.library import Library
from bot.render.lora import Lora, wearing
from bot.render.model import Model
from bot.render.room import Memory
from bot.render.text import Embedding, encode
from tests.render_fixtures import Bench, relative
from tests.render_layout import vae as vae_layout

_TO_Q = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
_CONV = "down_blocks.1.resnets.0.conv1"
_KOHYA_Q = "lora_unet_" + _TO_Q.replace(".", "_")
_TEXT_Q = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("fitting")
    return Bench(folder / "models", folder / "data")


@pytest.fixture(scope="module")
def model(bench: Bench) -> Model:
    return bench.loop.shelf.get(bench.spec().checkpoint).model


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 0.3


def layer(model: Model, name: str) -> nn.Module:
    found: nn.Module = model.unet.get_submodule(name)
    return found


def matched(model: Model, weights: dict[str, torch.Tensor]) -> Lora:
    modules = {"unet": model.unet, "text_encoder": model.towers[0].encoder}
    return lora.read("test", weights, modules, model.device, torch.float32)


def merged(module: nn.Module, delta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """What the layer says with `delta` added to its weights."""
    kept = module.weight.data.clone()  # type: ignore[union-attr, operator]  # Linear or Conv2d
    module.weight.data += delta.reshape(kept.shape)  # type: ignore[union-attr, operator]
    try:
        with torch.inference_mode():
            said: torch.Tensor = module(x)
    finally:
        module.weight.data.copy_(kept)  # type: ignore[union-attr, operator]
    return said


def kinds(model: Model) -> dict[str, tuple[str, dict[str, torch.Tensor], torch.Tensor]]:
    """For each kind of LoRA: the layer, the file's tensors, and what they add to the weights."""
    q = layer(model, _TO_Q).weight
    conv = layer(model, _CONV).weight
    assert isinstance(q, torch.Tensor)
    assert isinstance(conv, torch.Tensor)
    out, into = q.shape
    down, up = noise(4, into), noise(out, 4, seed=1)
    c_down, c_up = noise(4, *conv.shape[1:], seed=2), noise(conv.shape[0], 4, 1, 1, seed=3)
    a1, b1, a2, b2 = (noise(*s, seed=i) for i, s in enumerate([(out, 2), (2, into)] * 2))
    w1, w2 = noise(4, 4, seed=5), noise(out // 4, into // 4, seed=6)
    alpha = torch.tensor(2.0)
    kohya_conv = "lora_unet_" + _CONV.replace(".", "_")
    return {
        "kohya": (
            _TO_Q,
            {_KOHYA_Q + ".lora_down.weight": down, _KOHYA_Q + ".lora_up.weight": up,
             _KOHYA_Q + ".alpha": alpha},
            up @ down * 0.5,
        ),
        "kohya, original names": (
            _TO_Q,
            {"lora_unet_input_blocks_3_1_transformer_blocks_0_attn1_to_q.lora_down.weight": down,
             "lora_unet_input_blocks_3_1_transformer_blocks_0_attn1_to_q.lora_up.weight": up},
            up @ down,
        ),
        "diffusers": (
            _TO_Q,
            {f"unet.{_TO_Q}.lora_A.weight": down, f"unet.{_TO_Q}.lora_B.weight": up},
            up @ down,
        ),
        "locon": (
            _CONV,
            {kohya_conv + ".lora_down.weight": c_down, kohya_conv + ".lora_up.weight": c_up},
            (c_up.flatten(1) @ c_down.flatten(1)),
        ),
        "loha": (
            _TO_Q,
            {_KOHYA_Q + ".hada_w1_a": a1, _KOHYA_Q + ".hada_w1_b": b1,
             _KOHYA_Q + ".hada_w2_a": a2, _KOHYA_Q + ".hada_w2_b": b2, _KOHYA_Q + ".alpha": alpha},
            (a1 @ b1) * (a2 @ b2),
        ),
        "lokr": (
            _TO_Q,
            {_KOHYA_Q + ".lokr_w1": w1, _KOHYA_Q + ".lokr_w2": w2},
            torch.kron(w1, w2),
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["kohya", "kohya, original names", "diffusers", "locon", "loha", "lokr"]
)
def test_each_kind_equals_merged_weights_row_by_row(model: Model, kind: str) -> None:
    """Only the rows that wear the LoRA change, each by its own weight, and as if it were merged."""
    name, weights, delta = kinds(model)[kind]
    made = matched(model, weights)
    module = layer(model, name)
    assert {module} == set(made.layers)
    assert made.unknown == ()
    shape = (3, 64, 8, 8) if isinstance(module, nn.Conv2d) else (3, 5, delta.shape[1])
    x = noise(*shape, seed=9)
    with torch.inference_mode(), wearing([((made, 0.8),), (), ((made, -1.0), (made, 0.5))]):
        found = module(x)
    for row, weight in enumerate((0.8, 0.0, -0.5)):
        wanted = merged(module, delta * weight, x[row : row + 1])
        assert relative(found[row : row + 1], wanted) < 1e-5
    assert not module._forward_hooks


def test_rows_with_different_loras_share_a_call(model: Model) -> None:
    """In one UNet call each picture has what it has alone with its own LoRAs."""
    all_kinds = kinds(model)
    one, two = (matched(model, all_kinds[k][1]) for k in ("kohya", "locon"))
    heard = encode(model, (Weighted("a star", 1.0),))
    other = encode(model, ())
    worn = [((one, 1.0),), (), ((two, 0.7), (one, 0.3))]
    asks = [
        Ask(noise(1, 4, 8, 8, seed=i), 2.0 + i, heard, None if i == 1 else other, 4.0, loras)
        for i, loras in enumerate(worn)
    ]
    batch = UNetBatch(model)
    together = batch.denoise(asks)
    alone = [batch.denoise([ask])[0] for ask in asks]
    bare = batch.denoise([Ask(asks[0].x, 2.0, heard, other, 4.0)])[0]
    for found, wanted in zip(together, alone, strict=True):
        assert relative(found, wanted) < 1e-4
    assert relative(bare, alone[0]) > 1e-3


def test_the_text_encoder_wears_its_part(model: Model) -> None:
    """A LoRA of the text encoder changes what the UNet hears."""
    weights = {
        _TEXT_Q + ".lora_down.weight": noise(4, 128),
        _TEXT_Q + ".lora_up.weight": noise(128, 4),
    }
    made = matched(model, weights)
    words = (Weighted("a red apple", 1.0),)
    plain, worn = encode(model, words), encode(model, words, loras=((made, 1.0),))
    assert relative(worn.context, plain.context) > 1e-3
    model.heard.clear()
    assert relative(encode(model, words).context, plain.context) == 0


def test_a_prompt_heard_lately_is_not_encoded_again(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words, LoRA weights and clip skip are remembered; any difference counts."""
    made = matched(model, kinds(model)["kohya"][1])
    words = (Weighted("a red apple", 1.0),)
    first = encode(model, words, loras=((made, 1.0),))
    assert encode(model, list(words), loras=((made, 1.0),)) is first
    for other in (
        encode(model, words),
        encode(model, words, loras=((made, 0.5),)),
        encode(model, words, clip_skip=2, loras=((made, 1.0),)),
        encode(model, (Weighted("a red apple", 1.1),), loras=((made, 1.0),)),
    ):
        assert other is not first
    monkeypatch.setattr(text, "_MOST_KEPT", 8)
    for i in range(8):
        encode(model, (Weighted(f"apple {i}", 1.0),))
    assert encode(model, words, loras=((made, 1.0),)) is not first


def test_a_lora_that_fits_in_part_says_so(model: Model) -> None:
    """Layers that the model does not have are counted; a LoRA that fits nowhere is refused."""
    weights = dict(kinds(model)["kohya"][1])
    weights["lora_unet_nowhere.lora_down.weight"] = noise(4, 4)
    assert matched(model, weights).unknown == ("lora_unet_nowhere",)
    with pytest.raises(ModelUnavailable):
        matched(model, {"lora_unet_nowhere.lora_down.weight": noise(4, 4)})
    wrong = {
        _KOHYA_Q + ".lora_down.weight": noise(4, 999),
        _KOHYA_Q + ".lora_up.weight": noise(9, 4),
    }
    with pytest.raises(ModelUnavailable):
        matched(model, wrong)


def test_a_lora_with_block_weights_is_one_of_its_own(
    bench: Bench, model: Model, tmp_path: Path
) -> None:
    """An order with block weights gets the same one again and again, and the plain one stays."""
    resident = bench.loop.shelf.get(bench.spec().checkpoint)
    save_file(kinds(model)["kohya"][1], tmp_path / "x.safetensors")
    addons = Addons({}, (), {"digest": tmp_path / "x.safetensors"})

    def worn(**more: Any) -> tuple[Lora, float]:
        ref = LoraRef(name="x", sha256="digest", weight=0.5, **more)
        found: tuple[Lora, float] = fitting.fit(resident, bench.spec(loras=(ref,)), addons).loras[0]
        return found

    plain, blocks = worn(), worn(blocks=(1.0,) * 26)
    assert (plain[1], blocks[1]) == (0.5, 1.0)
    assert blocks[0] is worn(blocks=(1.0,) * 26)[0]
    assert plain[0] is worn()[0] is not blocks[0]
    module = layer(model, _TO_Q)
    x = noise(1, 3, kinds(model)["kohya"][2].shape[1], seed=3)
    said = []
    for one in (plain, blocks):
        with torch.inference_mode(), wearing([(one,)]):
            said.append(module(x))
    assert torch.allclose(said[0], said[1], atol=1e-6)


def test_extras_take_a_share_of_memory_and_no_more(
    bench: Bench, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest unused go first; the one just loaded stays, however large it is. A LoRA with
    weights of its own for its parts counts as another one."""
    resident = bench.loop.shelf.get(bench.spec().checkpoint)
    resident.extras.clear()
    paths = {}
    for name in "abc":
        paths[name] = tmp_path / f"{name}.safetensors"
        save_file(kinds(model)["kohya"][1], paths[name])

    def fit(name: str, **more: Any) -> None:
        spec = bench.spec(loras=(LoraRef(name=name, sha256=name, **more),))
        fitting.fit(resident, spec, Addons({}, (), paths))

    def limit(size: int) -> None:
        room = replace(model.residency.room, memory=Memory(8 * size, own=False))
        monkeypatch.setattr(model.residency, "room", room)

    fit("a")
    limit(2 * resident.extras["a"].byte_count + 1)
    for name in "bac":
        fit(name)
    assert list(resident.extras) == ["a", "c"]
    limit(1)
    fit("b")
    assert list(resident.extras) == ["b"]
    limit(3 * resident.extras["b"].byte_count + 1)
    for weight in range(5):
        fit("b", unet_weight=float(weight))
    assert len(resident.extras) == 3
    assert "b" in resident.extras
    resident.extras.clear()


def test_an_embedding_is_spoken_by_its_name(model: Model) -> None:
    """The file's vectors take the place of its name, in any case; other words are untouched."""
    tower = model.towers[0]
    ids = tower.tokenizer("apple star", add_special_tokens=False).input_ids
    vectors = tower.encoder.get_input_embeddings().weight[ids].detach()
    spell = Embedding("my-Style", (vectors,))
    wanted = encode(model, parse("a red apple star, house").at_step(1, 1))
    found = encode(model, parse("a red MY-STYLE, house").at_step(1, 1), embeddings=[spell])
    assert relative(found.context, wanted.context) < 1e-5
    untouched = encode(model, parse("my-stylers").at_step(1, 1), embeddings=[spell])
    assert (
        relative(untouched.context, encode(model, parse("my-stylers").at_step(1, 1)).context) == 0
    )


def test_files_are_found_by_content_and_kept(
    bench: Bench, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request's LoRA, VAE and embedding are loaded once; a job with all of them is drawn."""
    resident = bench.loop.shelf.get(bench.spec().checkpoint)
    save_file(kinds(model)["kohya"][1], tmp_path / "l.safetensors")
    save_file({"emb_params": noise(2, 128)}, tmp_path / "e.safetensors")
    parts = {k: v.contiguous() for k, v in vae_layout(model.vae.state_dict(), 4).items()}
    bare = {k.removeprefix("first_stage_model."): v for k, v in parts.items()}
    save_file(bare, tmp_path / "v.safetensors")
    paths = {d: tmp_path / f"{d}.safetensors" for d in "lev"}
    spec = bench.spec(
        prompt="a star e",
        loras=(LoraRef(name="l", sha256="l", weight=0.5),),
        embeddings=(ModelRef(name="e", sha256="e"),),
        vae=ModelRef(name="v", sha256="v"),
    )
    addons = Addons({}, (), paths)
    first, second = (fitting.fit(resident, spec, addons) for _ in range(2))
    assert first.loras[0][0] is second.loras[0][0]
    assert first.model.vae is second.model.vae is not model.vae
    monkeypatch.setattr(Library, "addons", addons)
    ((drawn,),) = bench.draw(spec)
    ((plain,),) = bench.draw(bench.spec(prompt="a star e"))
    assert drawn.png != plain.png


@pytest.mark.parametrize("content", [{"emb_params": noise(2, 5)}, {"something": noise(1)}])
def test_an_embedding_of_another_width_is_refused(
    bench: Bench, tmp_path: Path, content: dict[str, torch.Tensor]
) -> None:
    """The error is that request's own."""
    resident = bench.loop.shelf.get(bench.spec().checkpoint)
    save_file(content, tmp_path / "x.safetensors")
    spec = bench.spec(embeddings=(ModelRef(name="x", sha256=f"x{len(content)}"),))
    addons = Addons({}, (), {spec.embeddings[0].sha256: tmp_path / "x.safetensors"})
    with pytest.raises(ModelUnavailable):
        fitting.fit(resident, spec, addons)
