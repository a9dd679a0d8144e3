"""`chatelier models add`: a checkpoint, LoRA, VAE or embedding comes into its place."""

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yarl import URL

from bot.config import ModelsConfig
from bot.errors import ConfigError
from bot.models.children import ask
from bot.models.fetch import Progress, Web, fetch, sha256, web
from bot.models.hub import NAME, find
from bot.phrase import phrase
from bot.replies import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be added. `file`: of several at the hub. `folder`: "" to tell it by content."""

    source: str
    file: str = ""
    folder: str = ""
    sha256: str = ""


async def add(
    order: Order,
    models: Path,
    config: ModelsConfig,
    progress: Progress,
    tell: Callable[[str], None],
) -> Path:
    """Where it lies now.

    Raises:
        ConfigError: it cannot be had, is no model, or is there already.
    """
    if local := _local(order.source):
        place, family, given = await _look(local, order, models, "")
        await asyncio.to_thread(_copy, local, place)
    else:
        path, checksum = await _bring(order, _arriving(models), config, progress, tell)
        place, family, given = await _look(path, order, models, checksum)
        with _writing(place):
            path.replace(place)
        _tidy(models / ".arriving")
    tell(f"{place}: {family or 'for any family'}, SHA-256 {given}")
    return place


async def _bring(
    order: Order,
    arriving: Path,
    config: ModelsConfig,
    progress: Progress,
    tell: Callable[[str], None],
) -> tuple[Path, str]:
    """The file, in `arriving`, and the checksum that its source states, if any."""
    async with web(config.proxy) as connection:
        if re.match("https?://", order.source):
            tell(
                "Its licence stands on the page that offers it; read it before you let others draw."
            )
            path = arriving / _file_name(URL(order.source).name)
            await fetch(connection, order.source, path, progress, _headers(order.source, config))
            return path, ""
        if NAME.fullmatch(order.source):
            return await _from_hub(connection, order, arriving, config, progress, tell)
    raise ConfigError(
        f"{order.source}: is no file here, no address, and no name at the hub such as owner/model"
    )


def _local(source: str) -> Path | None:
    """A file of this machine; None where it is none."""
    path = Path(source).expanduser()
    return path if path.is_file() else None


def _arriving(models: Path) -> Path:
    """Where files come to; a read-only models folder takes none.

    Raises:
        ConfigError: it cannot be written.
    """
    folder = models / ".arriving"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{models}: cannot be written: {error.strerror or error}") from None
    return folder


def _copy(source: Path, place: Path) -> None:
    """Under another name first: a copy that is half done is no model."""
    fresh = place.with_suffix(".part")
    with _writing(place):
        try:
            shutil.copyfile(source, fresh)
            fresh.replace(place)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Into its folder, which is made where it is missing.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ConfigError(f"{place}: cannot be written: {error.strerror or error}") from None


async def _from_hub(
    connection: Web,
    order: Order,
    arriving: Path,
    config: ModelsConfig,
    progress: Progress,
    tell: Callable[[str], None],
) -> tuple[Path, str]:
    headers = _headers(config.hub, config)
    found = await find(connection, config.hub, order.source, order.file, headers)
    tell(f"Licence: {found.licence or 'not stated'}. Read it on {found.page}")
    path = arriving / _file_name(found.name)
    await fetch(connection, found.address, path, progress, headers)
    return path, found.sha256


def _headers(address: str, config: ModelsConfig) -> dict[str, str]:
    """The token goes to the hub alone; aiohttp drops it where the hub sends us elsewhere."""
    token = os.environ.get("CHATELIER_HUB_TOKEN", "").strip()
    if token and URL(address).origin() == URL(config.hub).origin():
        return {"Authorization": f"Bearer {token}"}
    return {}


def _file_name(offered: str) -> str:
    """A name from elsewhere, harmless as a file's."""
    name = re.sub(r"[^\w.()+-]", "_", offered).lstrip(".")
    if not name:
        raise ConfigError("the address names no file; download it by hand, then add that file")
    return name if "." in name else name + ".safetensors"


async def _look(path: Path, order: Order, models: Path, checksum: str) -> tuple[Path, str, str]:
    """Where a file belongs, the family it is for, and its SHA-256.

    What has come from elsewhere and is of no use is thrown away; a pickle can still be converted.

    Raises:
        ConfigError: it is no model, not the one that was wanted, or there already.
    """
    own = path.parent != models / ".arriving"
    given = await asyncio.to_thread(sha256, path)
    for wanted in filter(None, (checksum, order.sha256.lower())):
        if given != wanted:
            _discard(path, own)
            raise ConfigError(
                f"{path.name}: came damaged or is another file (SHA-256 {given}, expected {wanted})"
            )
    told = await ask("identify", path)
    if reason := told.get("reason"):
        if reason == "model-is-pickle":
            raise ConfigError(
                f"{path}: is a pickle; `chatelier models convert {path}` makes a .safetensors of"
                " it, then add that"
            )
        _discard(path, own)
        raise ConfigError(f"{path.name}: {say(phrase(reason))}")
    place = models / (order.folder or told["folder"]) / f"{path.stem}.safetensors"
    if place.exists():
        _discard(path, own)
        raise ConfigError(f"{place}: is there already; take it away first, or rename it")
    return place, told["family"], given


def _discard(path: Path, own: bool) -> None:
    if not own:
        path.unlink()
        _tidy(path.parent)


def _tidy(arriving: Path) -> None:
    for left in arriving.glob("*.from"):
        left.unlink(missing_ok=True)
    if not any(arriving.iterdir()):
        arriving.rmdir()
