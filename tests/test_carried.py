"""What pictures carry about how they were drawn."""

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from bot.infotext import parse_infotext
from bot.inspection.carried import carried_text

BLOCK = "a 雪狐, (masterpiece:1.2)\nNegative prompt: blurry\nSteps: 28, Sampler: Euler a, Seed: 5"


def png(**texts: str) -> Image.Image:
    chunks = PngInfo()
    for key, value in texts.items():
        chunks.add_itxt(key, value)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=chunks)
    return Image.open(out)


def with_comment(raw: bytes, kind: str) -> Image.Image:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "a drawing program"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = raw
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind, exif=exif)
    return Image.open(out)


def test_a1111s_block_in_a_png() -> None:
    """To the letter."""
    assert carried_text(png(parameters=BLOCK)) == BLOCK


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
def test_a1111s_block_in_exif_whatever_the_byte_order(kind: str, order: str) -> None:
    """Writers differ in the order, and say the same before it."""
    assert carried_text(with_comment(b"UNICODE\0" + BLOCK.encode(order), kind)) == BLOCK


def test_a_comment_in_plain_ascii() -> None:
    """The other encoding that is met."""
    assert carried_text(with_comment(b"ASCII\0\0\0Steps: 5", "JPEG")) == "Steps: 5"


def test_novelais_picture_draws_the_same_here() -> None:
    """Description and Comment become prompt, negative prompt and fields."""
    comment = {
        "steps": 28, "sampler": "k_euler_ancestral", "scale": 11.0, "seed": 3, "uc": "lowres: bad",
        "height": 768, "width": 512, "noise_schedule": "karras",
    }  # fmt: skip
    found = parse_infotext(
        carried_text(png(Description="{1girl}, solo", Comment=json.dumps(comment)))
    )
    assert found.prompt == "{1girl}, solo"
    assert found.negative_prompt == "lowres: bad"
    assert found.fields["Sampler"] == "k_euler_ancestral"
    assert found.fields["Size"] == "512x768"
    assert found.fields["Schedule type"] == "karras"


def graph(**changes: Any) -> dict[str, Any]:
    sampler = {
        "seed": 9, "steps": 20, "cfg": 8, "sampler_name": "dpmpp_2m", "scheduler": "karras",
        "denoise": 1, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0],
        "latent_image": ["5", 0],
    }  # fmt: skip
    return {
        "3": {"class_type": "KSampler", "inputs": sampler | changes},
        "4": {
            "class_type": "LoraLoader",
            "inputs": {
                "lora_name": "ink/ink wash.safetensors",
                "strength_model": 0.8,
                "model": ["1", 0],
            },
        },
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 640}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a bottle", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "text", "clip": ["4", 1]}},
    }


def test_comfyuis_plain_graph() -> None:
    """One sampler, two texts, LoRAs on the way to the checkpoint."""
    found = parse_infotext(carried_text(png(prompt=json.dumps(graph()), workflow="{}")))
    assert found.prompt == "a bottle <lora:ink wash:0.8>"
    assert found.negative_prompt == "text"
    assert found.fields == {
        "Steps": "20", "Sampler": "dpmpp_2m", "Schedule type": "karras", "CFG scale": "8",
        "Seed": "9", "Size": "512x640", "Model": "v1-5",
    }  # fmt: skip


@pytest.mark.parametrize(
    "odd",
    [
        {"positive": ["4", 0]},
        {"positive": ["99", 0]},
        {"model": ["3", 0]},
        {"denoise": "much"},
        {"latent_image": []},
    ],
)
def test_a_graph_that_is_not_plain_is_not_guessed_at(odd: dict[str, Any]) -> None:
    """A wrong guess would draw something else under the picture's name."""
    text = carried_text(png(prompt=json.dumps(graph(**odd))))
    assert "Model" not in parse_infotext(text).fields
    assert odd == {"model": ["3", 0]} or text == ""


def test_two_samplers_are_not_plain() -> None:
    """Which one would it be?"""
    nodes = graph()
    nodes["33"] = nodes["3"]
    assert carried_text(png(prompt=json.dumps(nodes))) == ""


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the text
@given(
    st.dictionaries(
        st.sampled_from(["parameters", "Comment", "Description", "prompt"]),
        st.text(max_size=60)
        | st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["3", "inputs", "class_type", "steps"]), inner)
            ),
        ).map(json.dumps),
    )
)
def test_nonsense_is_nothing(texts: dict[str, str]) -> None:
    """Whatever stands there, no exception, and a text of bounded length."""
    image = Image.new("RGB", (1, 1))
    image.info.update(texts)
    assert len(carried_text(image)) <= 20_000
