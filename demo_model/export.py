"""Write the trained weights as one fp16 file with its configuration folder, and prove it loads.

    python -m demo_model.export --data DATA --start START --out bot/render/demo

``--untrained`` exports the start weights with the trained autoencoder instead.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel

from demo_model.layout import one_file
from demo_model.models import PICTURE, load_tokenizer, make_scheduler
from demo_model.vocabulary import COLOURS, OBJECTS, SCENES

NAME = "chatelier-demo.safetensors"
LIMIT = 30_000_000  # bytes
DEFAULTS = {"steps": 16, "cfg_scale": 3.0, "sampler": "DPM++ 2M Karras"}


def load_trained(data: Path, start: Path, untrained: bool) -> StableDiffusionPipeline:
    """A pipeline with the running average of the trained weights, in fp32."""
    text = CLIPTextModel.from_pretrained(start / "text_encoder").float()
    unet = UNet2DConditionModel.from_pretrained(start / "unet").float()
    if not untrained:
        state = torch.load(data / "state.pt", map_location="cpu", weights_only=True)
        params = [*text.parameters(), *unet.parameters()]
        with torch.no_grad():
            for param, average in zip(params, state["average"], strict=True):
                param.copy_(average)
    return StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(data / "autoencoder").float(),
        text_encoder=text,
        tokenizer=load_tokenizer(start / "tokenizer"),
        unet=unet,
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def write_config(pipe: StableDiffusionPipeline, folder: Path) -> None:
    """The configuration folder: everything of a diffusers folder except the weights."""
    shutil.rmtree(folder, ignore_errors=True)
    pipe.scheduler.save_pretrained(folder / "scheduler")
    pipe.tokenizer.save_pretrained(folder / "tokenizer")
    for name in ("text_encoder", "unet", "vae"):
        part = getattr(pipe, name)
        (folder / name).mkdir(parents=True)
        config = json.loads(
            part.config.to_json_string() if name == "text_encoder" else part.to_json_string()
        )
        config.pop("_name_or_path", None)
        (folder / name / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": diffusers.__version__,
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_card(folder: Path) -> None:
    """What the bot wants to know about the model."""
    card = {
        "display_name": "Chatelier demo (tiny)",
        "family": "sd1",
        "prediction_type": "v_prediction",
        "native_size": [PICTURE, PICTURE],
        "size_multiple": 32,
        "max_size": 2 * PICTURE,
        "defaults": DEFAULTS,
        "objects": [{"en": list(t.en), "zh": list(t.zh), "recolour": t.recolour} for t in OBJECTS],
        "colours": [{"en": [c.name], "zh": [c.zh]} for c in COLOURS],
        "scenes": [{"en": list(s.en), "zh": list(s.zh)} for s in SCENES],
        "styles": [{"en": ["3d style"], "zh": ["3D"]}, {"en": ["flat style"], "zh": ["扁平风格"]}],
        "attribution": "Trained on pictures composed from Microsoft's Fluent Emoji (MIT).",
    }
    text = json.dumps(card, ensure_ascii=False, indent=1)
    (folder / "chatelier.json").write_text(text + "\n", encoding="utf-8")


def draw(pipe: StableDiffusionPipeline) -> np.ndarray:
    pipe.set_progress_bar_config(disable=True)
    return pipe(
        "a red apple",
        num_inference_steps=8,
        guidance_scale=3.0,
        height=PICTURE,
        width=PICTURE,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images[0]


def prove(pipe: StableDiffusionPipeline, out: Path) -> float:
    """Largest difference of a picture between the one file and the parts it was made from."""
    loaded = StableDiffusionPipeline.from_single_file(
        str(out / NAME),
        config=str(out / "config"),
        local_files_only=True,
        torch_dtype=torch.float32,
        safety_checker=None,
    )
    rounded = pipe.to(torch.float16).to(torch.float32)
    return float(np.abs(draw(rounded) - draw(loaded)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--untrained", action="store_true")
    args = parser.parse_args()
    pipe = load_trained(args.data, args.start, args.untrained)
    args.out.mkdir(parents=True, exist_ok=True)
    weights = one_file(pipe.unet, pipe.vae, pipe.text_encoder)
    save_file(weights, args.out / NAME, metadata={"format": "pt"})
    (args.out / NAME).chmod(0o644)
    write_config(pipe, args.out / "config")
    write_card(args.out / "config")
    size = (args.out / NAME).stat().st_size
    difference = prove(pipe, args.out)
    print(f"{len(weights)} tensors, {size / 1e6:.1f} MB, largest difference {difference:.2g}")
    if size > LIMIT or difference > 1e-4:
        raise SystemExit("the file is too large or does not load to the same weights")


if __name__ == "__main__":
    main()
