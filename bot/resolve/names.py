"""Finding a checkpoint, VAE or LoRA by what a member calls it."""

import difflib
import re
from collections.abc import Sequence
from typing import TypeVar

from bot.domain import CheckpointInfo, ModelFile
from bot.phrase import Phrase, phrase

SHOWN = 10
"""Names that a list in a sentence holds."""

_EXTENSION = re.compile(r"\.(safetensors|ckpt|pth?|bin)$")
_HEX = re.compile(r"[0-9a-f]{6,64}")

Model = TypeVar("Model", CheckpointInfo, ModelFile)


def find(asked: str, offered: Sequence[Model]) -> list[Model]:
    """All models that `asked` may mean; two or more: it is ambiguous.

    Tried in this order, until something is found: the hash in A1111's title `name [hash]`, the
    name or an alias, the beginning of the SHA-256, a part of the name. Case, file extension,
    spaces, hyphens and underscores do not matter.
    """
    title, bracket, digest = asked.strip().removesuffix("]").rpartition("[")
    if bracket:
        if by_hash := _by_hash(digest, offered):
            return by_hash
        asked = title
    key = _key(asked)
    if not key:
        return []
    exact = [m for m in offered if m.name.casefold() == asked.strip().casefold()]
    return (
        exact
        or [m for m in offered if key in map(_key, _names(m))]
        or _by_hash(asked, offered)
        or [m for m in offered if any(key in _key(name) for name in _names(m))]
    )


def problem(kind: str, asked: str, found: Sequence[Model], offered: Sequence[Model]) -> Phrase:
    """Why `asked` names no single model: a near name, or what there is to choose from."""
    if found:
        return phrase("fault-name-ambiguous", asked=asked[:60], known=listed(found))
    if not offered:
        return phrase("fault-name-none", kind=kind, asked=asked[:60])
    names = {_key(name): m.name for m in offered for name in _names(m)}
    if close := difflib.get_close_matches(_key(asked)[:60], names, 1, 0.5):
        near = names[close[0]]
        return phrase("fault-name-unknown-near", kind=kind, asked=asked[:60], near=near)
    return phrase("fault-name-unknown", kind=kind, asked=asked[:60], known=listed(offered))


def listed(models: Sequence[Model]) -> str:
    """The first names, separated by commas."""
    names = [m.name for m in models[:SHOWN]]
    return ", ".join(names) + (", …" if len(models) > SHOWN else "")


def _names(model: CheckpointInfo | ModelFile) -> tuple[str, ...]:
    aliases = model.aliases if isinstance(model, CheckpointInfo) else ()
    return (model.name, *aliases)


def _key(name: str) -> str:
    return re.sub(r"[\s_.-]", "", _EXTENSION.sub("", name.strip().casefold()))


def _by_hash(asked: str, offered: Sequence[Model]) -> list[Model]:
    digest = asked.strip().casefold()
    return [m for m in offered if m.sha256.startswith(digest)] if _HEX.fullmatch(digest) else []
