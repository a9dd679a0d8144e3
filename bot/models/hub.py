"""A model on the Hugging Face Hub, or a mirror that speaks like it: which file, which licence."""

import re
from dataclasses import dataclass
from typing import Any

from bot.errors import ConfigError
from bot.models.fetch import Web

NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file. `sha256`: "" where the hub does not tell."""

    address: str
    name: str
    sha256: str
    licence: str
    page: str


async def find(web: Web, hub: str, name: str, wanted: str, headers: dict[str, str]) -> HubFile:
    """The file `wanted` of the model `name`, or its only single-file model.

    Raises:
        ConfigError: there is no such model or file, or there are several.
    """
    hub = hub.rstrip("/")
    async with web.get(f"{hub}/api/models/{name}?blobs=true", headers) as answer:
        if answer.status in (401, 404):
            raise ConfigError(f"{hub}/{name}: there is no such model, or it is not for everybody")
        if answer.status != 200:
            raise ConfigError(f"{hub}: answers with {answer.status}; try again later")
        try:
            told = await answer.json(content_type=None)
            files = {f["rfilename"]: f for f in told["siblings"]}
        except (ValueError, KeyError, TypeError):
            raise ConfigError(f"{hub}: is no hub of models; look at [models] hub") from None
    file = files[_choice(name, list(files), wanted)]
    checksum = (file.get("lfs") or {}).get("sha256", "")
    return HubFile(
        address=f"{hub}/{name}/resolve/main/{file['rfilename']}",
        name=file["rfilename"].rpartition("/")[2],
        sha256=checksum,
        licence=_licence(told),
        page=f"{hub}/{name}",
    )


def _choice(name: str, files: list[str], wanted: str) -> str:
    if wanted:
        if wanted not in files:
            raise ConfigError(f"{name} has no {wanted}; it has {', '.join(_models(files))}")
        return wanted
    single = [f for f in files if f.endswith(".safetensors") and "/" not in f]
    if len(single) == 1:
        return single[0]
    if single:
        listed = "\n".join(f"    chatelier models add {name} {f}" for f in single)
        raise ConfigError(f"{name} has several models; say which one:\n{listed}")
    if "model_index.json" in files:
        raise ConfigError(
            f"{name} is a folder in diffusers' layout, which is not fetched file by file; take a"
            " model that is a single .safetensors file, or copy the folder into checkpoints/"
        )
    raise ConfigError(f"{name} has no single .safetensors file; it has {', '.join(_models(files))}")


def _models(files: list[str]) -> list[str]:
    """What may be a model, for people to choose from."""
    suffixes = (".safetensors", ".ckpt", ".pt", ".bin")
    return [f for f in files if f.endswith(suffixes)][:20] or ["no model at all"]


def _licence(told: dict[str, Any]) -> str:
    card = told.get("cardData") or {}
    named = card.get("license_name") or card.get("license")
    tags = [t.removeprefix("license:") for t in told.get("tags", []) if t.startswith("license:")]
    return str(named or (tags or [""])[0])
