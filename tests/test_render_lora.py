"""LoRAs by block, and tensors of uncommon kinds: right by hand-made merges."""

import json
from pathlib import Path

import diffusers
import pytest
import torch

from bot.lora_blocks import LISTS
from bot.render import lora
from bot.render.lora import wearing
from bot.render.lora_names import block_labels, layer_names
from bot.render.model import Model
from tests.render_fixtures import Bench, relative
from tests.render_layout import narrow, random_parts
from tests.test_render_fitting import _CONV, _TEXT_Q, _TO_Q, kinds, layer, matched, merged, noise

CONFIGS = Path(lora.__file__).parent / "configs"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("lora")
    bench = Bench(folder / "models", folder / "data")
    return bench.loop.shelf.get(bench.spec().checkpoint).model


def up_and_down(prefix: str, out: int, into: int, seed: int = 0) -> dict[str, torch.Tensor]:
    return {
        f"{prefix}.lora_down.weight": noise(4, into, seed=seed),
        f"{prefix}.lora_up.weight": noise(out, 4, seed=seed + 1),
    }


def test_blocks_and_parts_weigh_by_their_own_factors(model: Model) -> None:
    """Each layer changes by the weight of its block; the text encoder is the block BASE, and has a
    weight of its own beside the UNet's."""
    down = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    up = "lora_unet_up_blocks_1_attentions_1_transformer_blocks_0_attn1_to_q"
    middle = "lora_unet_mid_block_resnets_0_time_emb_proj"
    tower = model.towers[0].encoder
    found = {
        down: model.unet.down_blocks[1].attentions[0].transformer_blocks[0].attn1.to_q,
        up: model.unet.up_blocks[1].attentions[1].transformer_blocks[0].attn1.to_q,
        middle: model.unet.mid_block.resnets[0].time_emb_proj,
        _TEXT_Q: tower.get_submodule("encoder.layers.0.self_attn.q_proj"),
    }
    labels = block_labels({"unet": model.unet, "text_encoder": tower})
    weights: dict[str, torch.Tensor] = {}
    for i, (name, module) in enumerate(found.items()):
        weights |= up_and_down(name, *module.weight.shape, seed=10 * i)
    whole = matched(model, weights)
    blocks = {"BASE": 0.5, labels[found[down]]: 2.0, "M00": 0.0, labels[found[up]]: -1.0}
    shaped = lora.shaped(whole, 0.8, 0.3, blocks)
    wanted = {down: 0.3 * 2.0, up: 0.3 * -1.0, middle: 0.0, _TEXT_Q: 0.8 * 0.5}
    for name, module in found.items():
        x = noise(1, 3, module.weight.shape[1], seed=99)
        with torch.inference_mode():
            with wearing([((shaped, 1.0),)]):
                heard = module(x)
            with wearing([((whole, wanted[name]),)]):
                alone = module(x)
        assert torch.allclose(heard, alone, atol=1e-5), name
    assert len(shaped.layers) == 3
    assert set(lora.shaped(whole, 0.0, 1.0, None).layers) == set(whole.layers) - {found[_TEXT_Q]}


@pytest.mark.parametrize(("family", "count"), [("sd1", 26), ("sdxl", 20)])
def test_blocks_are_named_as_in_the_original_code(family: str, count: int) -> None:
    """Every layer of a full-size UNet has its block, and every block of the list has layers."""
    sizes = json.loads((CONFIGS / family / "unet" / "config.json").read_text())
    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel.from_config(sizes)
    labels = block_labels({"unet": unet})
    assert set(labels.values()) == set(LISTS[count])
    assert labels[unet.conv_in] == "IN00"
    assert labels[unet.mid_block.attentions[0].proj_in] == "M00"
    assert labels[unet.up_blocks[0].upsamplers[0].conv] == "OUT02"
    assert labels[unet.down_blocks[0].downsamplers[0].conv] == "IN03"


def test_trainers_names_of_sdxl_mean_these_layers(tmp_path: Path) -> None:
    """As Kohya's scripts write them, by the names of the original code; both text encoders have a
    prefix of their own."""
    parts = random_parts(narrow("sdxl", tmp_path / "config"))
    names = layer_names({k: v for k, v in parts.items() if k != "vae"})
    unet, one, two = (parts[k] for k in ("unet", "text_encoder", "text_encoder_2"))
    block, q = unet.down_blocks[1].attentions[0], "encoder_layers_0_self_attn_q_proj"
    wanted = {
        "lora_unet_input_blocks_4_1_proj_in": block.proj_in,
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k":
            block.transformer_blocks[0].attn2.to_k,
        "lora_unet_middle_block_1_transformer_blocks_0_ff_net_0_proj":
            unet.mid_block.attentions[0].transformer_blocks[0].ff.net[0].proj,
        "lora_unet_output_blocks_2_2_conv": unet.up_blocks[0].upsamplers[0].conv,
        "lora_unet_label_emb_0_0": unet.add_embedding.linear_1,
        f"lora_te1_text_model_{q}": one.get_submodule(q_of(one)),
        f"lora_te2_text_model_{q}": two.get_submodule(q_of(two)),
    }  # fmt: skip
    for name, layer_wanted in wanted.items():
        assert names[name] is layer_wanted, name


def q_of(encoder: torch.nn.Module) -> str:
    """The first query projection, whatever the library puts before its name."""
    end = "encoder.layers.0.self_attn.q_proj"
    return next(name for name, _ in encoder.named_modules() if name.endswith(end))


@pytest.mark.parametrize(
    "strange", ["dora_scale", "diff", "diff_b", "lora_mystery", "hada_t1", "lokr_t2"]
)
def test_what_is_of_no_known_kind_is_counted(model: Model, strange: str) -> None:
    """A layer with a part that cannot be honoured is left out as a whole."""
    weights = dict(kinds(model)["kohya"][1])
    conv = "lora_unet_" + _CONV.replace(".", "_")
    weights |= dict(kinds(model)["locon"][1]) | {f"{conv}.{strange}": noise(4, 4)}
    made = matched(model, weights)
    assert layer(model, _TO_Q) in made.layers
    assert made.unknown
    if strange != "lora_mystery":  # which has a name of its own
        assert set(made.layers) == {layer(model, _TO_Q)}
        assert len(made.unknown) == 1


def test_a_convolution_with_a_middle_equals_merged_weights(model: Model) -> None:
    """LoCon with three tensors, on a layer with stride and padding."""
    name = "down_blocks.0.downsamplers.0.conv"
    module = layer(model, name)
    weight = module.weight
    assert isinstance(weight, torch.Tensor)
    out, into, *kernel = weight.shape
    down, middle = noise(4, into, 1, 1), noise(4, 4, *kernel, seed=1)
    up = noise(out, 4, 1, 1, seed=2)
    prefix = "lora_unet_" + name.replace(".", "_")
    parts = {"lora_down.weight": down, "lora_mid.weight": middle, "lora_up.weight": up}
    made = matched(model, {f"{prefix}.{k}": v for k, v in parts.items()})
    delta = torch.einsum("or,rskl,si->oikl", up[..., 0, 0], middle, down[..., 0, 0])
    x = noise(1, into, 8, 8, seed=9)
    with torch.inference_mode(), wearing([((made, 1.0),)]):
        found = module(x)
    assert relative(found, merged(module, delta, x)) < 1e-5
