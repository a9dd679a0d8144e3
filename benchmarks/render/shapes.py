"""A CUDA card with SD 1.5 and SDXL: random weights, because speed does not depend on them.

The weights are written in the layout of the published single files and go the way of every
checkpoint: models folder, index, loader. Work is counted in multiplications and additions of the
UNet and VAE alone (`FlopCounterMode`), and held against what the card reaches when it multiplies
large matrices.
"""

import statistics
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.figures import quickest
from benchmarks.render.alone import lone
from benchmarks.render.load import STATIC_SIZE, mixed
from benchmarks.render.sides import Ours, Subject, Theirs
from benchmarks.render.ticks import rows
from bot.config import RenderConfig
from bot.domain import ModelRef
from bot.render import library
from bot.render.model import Model
from bot.render.vae import decode
from tests.render_layout import random_parts, single_file


@dataclass(frozen=True)
class Shape:
    """A family, and the request that the issue's figures are about."""

    family: str
    side: int
    steps: int
    requests: int
    most_rows: int = 64


CONFIGS = Path(library.__file__).parent / "configs"
SHAPES = (Shape("sd1", 512, 20, 64), Shape("sdxl", 1024, 30, 16, 16))
_MATRIX = 8192


def card_figures(data: Path, quick: bool) -> dict[str, object]:
    """Figures of both families on this card; names begin with the family."""
    dtype = torch.float16
    figures: dict[str, object] = {"matmul_tflops": round(matmul_tflops("cuda", dtype), 1)}
    limit = float(str(figures["matmul_tflops"]))
    for shape in SHAPES:
        figures |= family_figures(shape, data / shape.family, limit, 5 if quick else 30)
        torch.cuda.empty_cache()
    return figures


def matmul_tflops(device: str, dtype: torch.dtype, size: int = _MATRIX) -> float:
    """10^12 operations a second in one large product: what this device can reach at all."""
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))

    def multiply() -> None:
        for _ in range(10):
            torch.mm(a, b)
        if device == "cuda":
            torch.cuda.synchronize()

    multiply()
    return 10 * 2 * size**3 / quickest(multiply, 5) / 1e12


def family_figures(shape: Shape, folder: Path, limit: float, pairs: int) -> dict[str, object]:
    """One family: equal requests as the issue counts, mixed ones, a lone one, rows."""
    config = RenderConfig(
        models_dir=str(folder), preview_every=0, jobs_at_once=shape.most_rows // 2
    )
    write_checkpoint(shape.family, folder / "checkpoints" / "random.safetensors")
    ours = Ours(config, folder)
    found = next(c for c in ours.checkpoints if c.name == "random")
    subject = Subject(
        ModelRef(name=found.name, sha256=found.sha256), shape.side, lambda n: f"a red apple, {n}"
    )
    model = ours.resident(subject.ref).model
    theirs = Theirs.around(model)
    ours.easel.warm_up(lambda: False)
    equal = [subject.spec(i, shape.steps, "DPM++ 2M", 7.0) for i in range(shape.requests)]
    ours.draw(equal), theirs.draw(equal[:1])
    speed = len(equal) / statistics.median(max(ours.draw(equal)) for _ in range(3))
    few = equal[: max(2, len(equal) // 8)]
    count = min(16, shape.requests)
    specs = mixed(subject, count)
    figures: dict[str, object] = {
        "pictures_per_s": round(speed, 3),
        "pictures_per_s_diffusers": round(len(few) / max(theirs.draw(few)), 3),
        "pictures_per_s_static": round(
            len(equal) / max(theirs.draw_batches(equal, STATIC_SIZE)), 3
        ),
        f"throughput_ratio_{count}": round(max(theirs.draw(specs)) / max(ours.draw(specs)), 3),
    }
    tflops = speed * picture_flops(model, shape) / 1e12
    figures |= {"tflops": round(tflops, 3), "share_of_matmul": round(tflops / limit, 3)}
    figures |= rows(ours, subject, shape.most_rows) | lone(ours, theirs, subject, pairs)
    return {f"{shape.family}_{name}": value for name, value in figures.items()}


def write_checkpoint(family: str, file: Path) -> None:
    """Random weights in half precision, in the layout of the published files."""
    file.parent.mkdir(parents=True)
    where = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with where:
        parts = random_parts(CONFIGS / family)
    single_file(family, {name: part.half() for name, part in parts.items()}, file)


def picture_flops(model: Model, shape: Shape) -> float:
    """Operations of a whole picture: so many guided steps, and the VAE's decoder."""
    cells = shape.side // model.latent_scale
    latent = torch.randn(1, model.latent_channels, cells, cells, device=model.device)
    width = model.unet.config.cross_attention_dim
    context = torch.randn(2, 77, width, device=model.device, dtype=model.dtype)
    added = None
    if model.is_xl:
        pooled = torch.zeros(2, model.towers[-1].width, device=model.device, dtype=model.dtype)
        added = {"text_embeds": pooled, "time_ids": torch.zeros_like(pooled[:, :6])}
    step, end = FlopCounterMode(display=False), FlopCounterMode(display=False)
    with torch.inference_mode():
        with step:
            model.unet(
                latent.repeat(2, 1, 1, 1).to(model.dtype), torch.ones(2, device=model.device),
                encoder_hidden_states=context, added_cond_kwargs=added,
            )  # fmt: skip
        with end:
            decode(model, latent)
    return float(shape.steps * step.get_total_flops() + end.get_total_flops())
