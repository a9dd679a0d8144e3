"""What the render process says: device, memory, models and files it cannot use."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil

from bot.check.finding import Finding, Level, bad, good, info, warning
from bot.config import Config
from bot.domain import Catalog, ModelFile
from bot.errors import ChatelierError, ConfigError, InspectionFailed
from bot.inspection.client import Inspector
from bot.phrase import phrase
from bot.render.client import RenderClient
from bot.replies import say
from bot.startup import check_models, render_config, unknown_defaults


async def renderer_findings(config: Config, base: Path) -> AsyncIterator[Finding]:
    """Start it as the bot would, and tell what it offers."""
    client = RenderClient(
        render_config(config, base),
        base / config.bot.data_dir,
        default_checkpoint=config.defaults.checkpoint,
    )
    try:
        async with client, asyncio.timeout(config.render.load_timeout_s):
            await client.wait_ready()
            catalog, figures = client.catalog, client.figures
    except ChatelierError as error:
        yield bad("renderer", str(error))
        return
    except TimeoutError:
        yield bad(
            "renderer",
            f"is not ready after {config.render.load_timeout_s:g} s; look at the disk that models"
            " lie on, or set [render] load_timeout_s higher",
        )
        return
    yield good("device", f"{catalog.device}; {_memory(figures.device_free, figures.device_total)}")
    yield good("vram", catalog.memory)
    for finding in models(catalog, base / config.render.models_dir):
        yield finding
    for sentence in unknown_defaults(config, catalog):
        yield warning("model", sentence)


async def inspection_finding(config: Config) -> Finding:
    """Whether pictures can be looked at; where they cannot, none is shown to anybody."""
    name = config.moderation.classifier
    async with Inspector(name) as inspector:
        try:
            await inspector.begin()
        except InspectionFailed as error:
            return bad("pictures", f"{error}; until that is mended no picture is shown")
    if name == "off":
        return info("pictures", "are not looked at, as [moderation] classifier says")
    return good("pictures", f"are looked at by {name}")


def _memory(free: int, total: int) -> str:
    """Bytes of the device's own memory, if it has any, and what main memory is left."""
    main = psutil.virtual_memory()
    text = f"{main.available / 1e9:.1f} of {main.total / 1e9:.1f} GB main memory free"
    if total:
        text = f"{free / 1e9:.1f} of {total / 1e9:.1f} GB graphics memory free, {text}"
    return text


def models(catalog: Catalog, folder: Path) -> Iterator[Finding]:
    """All that lies in the models folder; a file that cannot be used is a warning, because the
    bot works without it."""
    try:
        check_models(folder)
    except ConfigError as error:
        yield bad("model", str(error))
    for c in catalog.checkpoints:
        default = ", the default" if c.name == catalog.default_checkpoint else ""
        yield Finding(
            topic="model",
            text=f"{c.name} ({c.family}, {c.short_hash}){default}",
            level=Level.INFO if c.demo else Level.GOOD,
        )
    if all(c.demo for c in catalog.checkpoints):
        yield info(
            "model",
            "only the small demo model; `chatelier models add` brings a real one,"
            f" or put a .safetensors file into {folder / 'checkpoints'}",
        )
    families = {c.family for c in catalog.checkpoints if not c.demo}
    for lora in catalog.loras:
        fit = f"{lora.fitting} of {lora.layers} layers fit"
        yield _addon("lora", lora, families, fit)
    for vae in catalog.vaes:
        yield good("vae", f"{vae.name} ({vae.sha256[:10]})")
    for embedding in catalog.embeddings:
        yield _addon("embedding", embedding, families)
    for file in catalog.unusable:
        yield warning("model", f"{file.name}: {say(phrase(file.reason))}")


def _addon(topic: str, file: ModelFile, families: set[str], more: str = "") -> Finding:
    """What it is for, and whether any checkpoint here is of that family."""
    details = ", ".join(part for part in (file.family, file.sha256[:10], more) if part)
    if file.family and file.family not in families:
        text = f"{file.name} ({details}): no checkpoint of that family is here"
        return info(topic, text)
    return good(topic, f"{file.name} ({details})")
