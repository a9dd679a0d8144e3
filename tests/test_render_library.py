"""The models folder: what is offered, and what is refused before any of it is loaded."""

import contextlib
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import RenderConfig
from bot.domain import ModelRef
from bot.errors import ModelUnavailable
from bot.render import device, weights_file
from bot.render.family import checkpoint_family
from bot.render.hashes import HashCache
from bot.render.library import Library
from bot.render.weights_file import UnusableWeights, read_header

SD1 = {
    "model.diffusion_model.input_blocks.0.0.weight": [320, 4, 3, 3],
    "first_stage_model.decoder.conv_in.weight": [512, 4, 3, 3],
    "cond_stage_model.transformer.text_model.final_layer_norm.weight": [768],
}
_CONV = "model.diffusion_model.input_blocks.0.0.weight"
_VAE = {"first_stage_model.decoder.conv_in.weight": [512, 4, 3, 3]}
SD2 = {_CONV: [320, 4, 3, 3], **_VAE, "cond_stage_model.model.ln_final.weight": [1024]}
SDXL = {
    _CONV: [320, 4, 3, 3], **_VAE,
    "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight": [768],
    "conditioner.embedders.1.model.ln_final.weight": [1280],
    "model.diffusion_model.label_emb.0.0.weight": [1280, 2816],
}  # fmt: skip
REFINER = {
    _CONV: [384, 4, 3, 3], **_VAE,
    "conditioner.embedders.0.model.ln_final.weight": [1280],
    "model.diffusion_model.label_emb.0.0.weight": [1536, 2560],
}  # fmt: skip
INPAINT = {**SD1, _CONV: [320, 9, 3, 3]}
LORA = {"lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight": [8, 320]}


def safetensors(shapes: dict[str, list[int]], *, dtype: str = "F16") -> bytes:
    """A file of zeros with these tensors."""
    table, end = {}, 0
    for name, shape in shapes.items():
        size = 2
        for n in shape:
            size *= n
        table[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(table).encode()
    return struct.pack("<Q", len(header)) + header + bytes(end)


CPU = device.choose(RenderConfig(device="cpu", threads=1))


def library(root: Path, default: str = "") -> Library:
    return Library(root / "models", HashCache(root / "hashes.json"), default=default, device=CPU)


def put(root: Path, name: str, content: bytes) -> Path:
    path = root / "models" / "checkpoints" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("shapes", "name", "side"),
    [
        (SD1, "SD 1.x", 512),
        (SD2, "SD 2.x", 768),
        (SDXL, "SDXL", 1024),
        (REFINER, "SDXL refiner", 1024),
    ],
)
def test_families_are_told_by_shapes(shapes: dict[str, list[int]], name: str, side: int) -> None:
    """Names and shapes of a few tensors tell SD 1.x, 2.x, XL and its refiner apart."""
    family = checkpoint_family({k: tuple(v) for k, v in shapes.items()})
    assert (name, side) == (family.name, family.native_size)


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        (INPAINT, "model-inpainting"),
        ({**SDXL, _CONV: [320, 9, 3, 3]}, "model-inpainting"),
        ({**SD1, _CONV: [320, 8, 3, 3]}, "model-not-yet"),
        ({**SDXL, "edm_vpred.sigma_max": [1]}, "model-not-yet"),
        (LORA, "model-unknown-family"),
        ({"weight": [3]}, "model-unknown-family"),
        ({k: v for k, v in SD1.items() if "first_stage" not in k}, "model-unknown-family"),
    ],
)
def test_other_kinds_are_refused_with_a_reason(shapes: dict[str, list[int]], reason: str) -> None:
    """Inpainting, editing and EDM models come later; anything else is no checkpoint."""
    with pytest.raises(UnusableWeights) as caught:
        checkpoint_family({k: tuple(v) for k, v in shapes.items()})
    assert reason == caught.value.reason


def test_the_demo_is_always_there_and_the_first_real_one_is_the_default(tmp_path: Path) -> None:
    """With no models folder the demo is the default; a real checkpoint takes its place."""
    assert library(tmp_path).scan().default_checkpoint == "chatelier-demo"
    put(tmp_path, "style/mine.safetensors", safetensors(SD1))
    catalog = library(tmp_path).scan()
    assert [c.name for c in catalog.checkpoints] == ["style/mine", "chatelier-demo"]
    assert catalog.default_checkpoint == "style/mine"
    assert catalog.checkpoints[0].aliases == ("mine",)
    assert not catalog.checkpoints[0].demo
    assert catalog.checkpoints[1].demo
    assert "apple" in catalog.checkpoints[1].known_words


def test_the_configured_default_wins(tmp_path: Path) -> None:
    """A default may be named by name, alias or short hash, in any case; nonsense is ignored."""
    put(tmp_path, "a.safetensors", safetensors(SD1))
    put(tmp_path, "sub/B.safetensors", safetensors(SD2))
    scanned = library(tmp_path).scan()
    b = next(c for c in scanned.checkpoints if c.name == "sub/B")
    for spelling in ("sub/b", "B", b.short_hash):
        assert library(tmp_path, spelling).scan().default_checkpoint == "sub/B"
    assert library(tmp_path, "nonsense").scan().default_checkpoint == "a"


def test_unusable_files_are_told_with_their_reason(tmp_path: Path) -> None:
    """Pickles under any name, broken and truncated files are named; the good one is offered."""
    good = put(tmp_path, "good.safetensors", safetensors(SD1)).read_bytes()
    put(tmp_path, "old.ckpt", b"anything")
    put(tmp_path, "liar.safetensors", pickle.dumps({"a": 1}))
    with zipfile.ZipFile(put(tmp_path, "zip.safetensors", b""), "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
    put(tmp_path, "cut.safetensors", good[:-5])
    put(tmp_path, "empty.safetensors", b"")
    put(tmp_path, "text.safetensors", b"this is a text that somebody renamed")
    put(tmp_path, "inpaint.safetensors", safetensors(INPAINT))
    put(tmp_path, "readme.txt", b"not a model")
    catalog = library(tmp_path).scan()
    assert [c.name for c in catalog.checkpoints] == ["good", "chatelier-demo"]
    assert {u.name: u.reason for u in catalog.unusable} == {
        "checkpoints/old.ckpt": "model-is-pickle",
        "checkpoints/liar.safetensors": "model-is-pickle",
        "checkpoints/zip.safetensors": "model-is-pickle",
        "checkpoints/cut.safetensors": "model-truncated",
        "checkpoints/empty.safetensors": "model-truncated",
        "checkpoints/text.safetensors": "model-header-broken",
        "checkpoints/inpaint.safetensors": "model-inpainting",
    }


def test_a_file_that_vanished_is_unavailable(tmp_path: Path) -> None:
    """Content that is not in the index cannot be had, whatever name is given for it."""
    index = library(tmp_path)
    index.scan()
    with pytest.raises(ModelUnavailable):
        index.checkpoint(ModelRef(name="../../etc/passwd", sha256="0" * 64))


def test_digests_are_computed_once(tmp_path: Path) -> None:
    """The second look reads no file; a changed file is read again; a damaged cache is ignored."""
    path = put(tmp_path, "a.safetensors", safetensors(SD1))
    read: list[None] = []
    cache = tmp_path / "hashes.json"

    def digest() -> str:
        return HashCache(cache, lambda: read.append(None)).sha256(path)

    first = digest()
    assert (first, 1) == (digest(), len(read))
    path.write_bytes(safetensors(SD2))
    os.utime(path, (1, 1))
    assert first != digest()
    assert len(read) == 2
    cache.write_text("[not json")
    digest()
    assert len(read) == 3


# Headers ------------------------------------------------------------------------------------


def header(tmp_path: Path, table: object, data: int = 8) -> weights_file.Header:
    content = json.dumps(table).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(content)) + content + bytes(data))
    return read_header(path)


def entry(**changes: object) -> dict[str, object]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}


def test_a_right_header_is_read(tmp_path: Path) -> None:
    """Shapes and metadata come out as they are written."""
    read = header(tmp_path, {"__metadata__": {"format": "pt"}, "w": entry()})
    assert read.shapes == {"w": (2,)}
    assert read.metadata == {"format": "pt"}


@pytest.mark.parametrize(
    ("table", "data"),
    [
        ({"w": entry(shape=[3])}, 8),
        ({"w": entry(dtype="F99")}, 8),
        ({"w": entry(data_offsets=[4, 12])}, 12),
        ({"w": entry(shape=[-2])}, 8),
        ({"w": entry(shape=[2, *[1] * 16])}, 8),
        ({"w": entry(), "v": entry()}, 8),
        ({"w": entry()}, 9),
        ({"w": [1, 2]}, 8),
        ({"w": entry(shape=None)}, 8),
        ([], 8),
        ({}, 8),
        ({"__metadata__": 5, "w": entry()}, 8),
    ],
)
def test_a_lying_header_is_refused(tmp_path: Path, table: object, data: int) -> None:
    """Offsets, sizes and types must add up to the file."""
    with pytest.raises(UnusableWeights) as caught:
        header(tmp_path, table, data)
    assert caught.value.reason == "model-header-broken"


def test_a_header_of_absurd_length_is_not_read(tmp_path: Path) -> None:
    """A claimed header of terabytes costs no memory."""
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", 2**42) + b"{}")
    with pytest.raises(UnusableWeights):
        read_header(path)


@given(content=st.binary(max_size=300), at=st.integers(0, 200), flip=st.integers(0, 255))
def test_no_file_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int, flip: int
) -> None:
    """Random bytes, and a good file with one byte changed, are read or refused, never a crash."""
    good = bytearray(safetensors({"a": [2, 3], "b": [1]}))
    good[at % len(good)] = flip
    for data in (content, bytes(good)):
        path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
        path.write_bytes(data)
        with contextlib.suppress(UnusableWeights):
            read_header(path)


# VAEs, LoRAs and embeddings -----------------------------------------------------------------

_ATTN = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def lora_shapes(width: int, out: int = 640) -> dict[str, list[int]]:
    """A LoRA of one layer that sees contexts of this width."""
    return {f"{_ATTN}.lora_down.weight": [4, width], f"{_ATTN}.lora_up.weight": [out, 4]}


def test_what_lies_beside_the_checkpoints_is_offered_with_its_family(tmp_path: Path) -> None:
    """LoRAs and embeddings are told apart by width; what is of no known kind is named."""
    vae = {"decoder.conv_in.weight": [8, 4, 3, 3], "encoder.conv_in.weight": [8, 3, 3, 3]}
    files = {
        "loras/one.safetensors": safetensors(lora_shapes(768)),
        "loras/sub/two.safetensors": safetensors(lora_shapes(2048)),
        "loras/half.safetensors": safetensors(
            lora_shapes(1024) | {"lora_unet_x.lora_down.weight": [4, 8]}
        ),
        "loras/odd.safetensors": safetensors({"lora_unet_x.lora_down.weight": [4, 8]}),
        "loras/no.safetensors": safetensors({"weight": [1]}),
        "loras/old.pt": b"pickle",
        "vae/nice.safetensors": safetensors(vae),
        "vae/no.safetensors": safetensors(lora_shapes(768)),
        "embeddings/word.safetensors": safetensors({"emb_params": [2, 768]}),
        "embeddings/xl.safetensors": safetensors({"clip_l": [1, 768], "clip_g": [1, 1280]}),
        "embeddings/no.safetensors": safetensors({"emb_params": [2, 5]}),
    }
    for name, content in files.items():
        path = tmp_path / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    catalog = library(tmp_path).scan()
    assert [(f.name, f.family, f.fitting, f.layers) for f in catalog.loras] == [
        ("half", "SD 2.x", 1, 2),
        ("one", "SD 1.x", 1, 1),
        ("two", "SDXL", 1, 1),
    ]
    assert [(f.name, f.family) for f in catalog.vaes] == [("nice", "")]
    assert [(f.name, f.family) for f in catalog.embeddings] == [("word", "SD 1.x"), ("xl", "SDXL")]
    assert {u.name: u.reason for u in catalog.unusable} == {
        "loras/no.safetensors": "model-unknown-family",
        "loras/odd.safetensors": "model-lora-unknown",
        "loras/old.pt": "model-is-pickle",
        "vae/no.safetensors": "model-unknown-family",
        "embeddings/no.safetensors": "model-unknown-family",
    }
    assert {"lora", "vae", "clip_skip"} <= set(catalog.features)
