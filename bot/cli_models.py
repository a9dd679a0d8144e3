"""`chatelier models …` on the command line."""

import argparse
import asyncio
from pathlib import Path

from bot.config import Config

_FOLDERS = ("checkpoints", "loras", "vae", "embeddings")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Teach the command line these commands."""
    models = commands.add_parser("models", help="bring models into place, convert pickles")
    acts = models.add_subparsers(dest="act", metavar="ACT", required=True)
    adding = acts.add_parser("add", help="a checkpoint, LoRA, VAE or embedding")
    adding.add_argument("source", help="OWNER/MODEL at the hub, an address, or a file")
    adding.add_argument("file", nargs="?", default="", help="which file of OWNER/MODEL")
    adding.add_argument("--as", dest="folder", choices=_FOLDERS, default="", help="what it is")
    adding.add_argument("--sha256", default="", help="the checksum that it must have")
    converting = acts.add_parser("convert", help="make .safetensors of pickles (.ckpt, .pt)")
    converting.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a pickle; it stays as it is"
    )


def run_models(options: argparse.Namespace, config: Config, base: Path) -> int:
    """Do it; the exit code.

    Raises:
        ConfigError: it cannot be done.
    """
    from tqdm import tqdm

    from bot.models.add import Order, add
    from bot.models.convert import convert

    if options.act == "convert":
        for source in options.files:
            print(f"{asyncio.run(convert(source))}: only weights, bit for bit those of {source}")
        return 0
    bar = tqdm(unit="B", unit_scale=True, unit_divisor=1000, leave=False, disable=None)

    def progress(have: int, size: int | None) -> None:
        bar.total = size
        bar.update(have - bar.n)

    order = Order(
        source=options.source, file=options.file, folder=options.folder, sha256=options.sha256
    )
    with bar:
        models = (base / config.render.models_dir).resolve()
        asyncio.run(add(order, models, config.models, progress, bar.write))
    return 0
