"""Key names of the one-file layout, tokenizer numbering, schedule and optimiser."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from torch import nn

from demo_model.layout import one_file, text_key, unet_key, vae_key
from demo_model.models import CONTEXT
from demo_model.optim import Optimisers, orthogonal, schedule
from demo_model.tokenizer import byte_letters, clip_vocabulary, learn_merges
from demo_model.train import strange_ids

UNET = {
    "sample_size": 8,
    "block_out_channels": (16, 32),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "cross_attention_dim": 16,
    "attention_head_dim": 4,
    "norm_num_groups": 8,
}


@pytest.mark.parametrize("layers", [1, 2])
def test_diffusers_reads_our_unet_names(layers: int) -> None:
    unet = UNet2DConditionModel(**UNET, layers_per_block=layers)
    weights = {unet_key(k, layers, [True, False]): v for k, v in unet.state_dict().items()}
    back = convert_ldm_unet_checkpoint(weights, dict(unet.config))
    assert back.keys() == unet.state_dict().keys()
    assert all(back[key] is weights[unet_key(key, layers, [True, False])] for key in back)


def test_diffusers_reads_our_autoencoder_names() -> None:
    vae = AutoencoderKL(
        block_out_channels=(8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        norm_num_groups=8,
        mid_block_add_attention=False,
    )
    weights = {vae_key(k, 3): v for k, v in vae.state_dict().items()}
    assert len(weights) == len(vae.state_dict())
    back = convert_ldm_vae_checkpoint(weights, dict(vae.config))
    assert back.keys() == vae.state_dict().keys()
    assert all(back[key] is weights[vae_key(key, 3)] for key in back)


def test_text_names_and_half_precision() -> None:
    assert text_key("embeddings.token_embedding.weight") == text_key(
        "text_model.embeddings.token_embedding.weight"
    )
    assert text_key("final_layer_norm.bias").startswith("cond_stage_model.transformer.text_model.")
    unet = UNet2DConditionModel(**UNET, layers_per_block=1)
    vae = AutoencoderKL(block_out_channels=(8,), norm_num_groups=8, mid_block_add_attention=False)
    weights = one_file(unet, vae, nn.LayerNorm(4))
    assert {value.dtype for value in weights.values()} == {torch.float16}
    assert "first_stage_model.decoder.mid.block_2.conv1.weight" in weights


def test_tokens_are_numbered_as_clip_does() -> None:
    letters = byte_letters()
    assert len(set(letters)) == 256
    texts = ["red apple", "红苹果", "red car"] * 20
    vocabulary, merges = clip_vocabulary(learn_merges(texts, 600), 600)
    assert vocabulary["!"] == 0
    assert vocabulary["!</w>"] == 256
    assert vocabulary["<|endoftext|>"] == len(vocabulary) - 1
    assert "red</w>" in vocabulary
    assert all(left + right in vocabulary for left, right in merges)


def test_prompts_without_meaning_look_like_prompts_to_the_text_encoder() -> None:
    rows = strange_ids(50, 300, np.random.default_rng(0))
    assert rows.shape == (50, CONTEXT)
    assert (rows[:, 0] == 298).all()
    assert (rows[:, 11:] == 299).all()
    words = (rows[:, 1:] < 298).sum(1)
    assert words.min() >= 1
    assert words.max() == 10


def test_schedule_rises_and_falls_to_zero() -> None:
    assert schedule(0, 0.0) < 0.02
    assert schedule(500, 0.2) == 1.0
    assert 0 < schedule(500, 0.9) < 0.2
    assert schedule(500, 1.0) == 0.0


def test_orthogonal_brings_singular_values_near_one() -> None:
    torch.manual_seed(0)
    for shape in ((16, 40), (40, 16)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)).float())
        assert values.min() > 0.4
        assert values.max() < 1.5


def test_optimisers_learn_and_resume(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 16))
    inputs, wanted = torch.randn(64, 32), torch.randn(64, 16)
    optimisers = Optimisers(list(net.named_parameters()), muon=0.02, adam=1e-2)
    losses = []
    for _ in range(40):
        loss = (net(inputs) - wanted).square().mean()
        losses.append(loss.item())
        optimisers.step(loss, 1.0)
    assert losses[-1] < 0.7 * losses[0]
    torch.save(optimisers.state_dict(), tmp_path / "state.pt")
    again = Optimisers(list(net.named_parameters()), muon=0.02, adam=1e-2)
    again.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert len(again.state_dict()[0]["state"]) == 2
