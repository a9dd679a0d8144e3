"""What lies under a folder of models, whatever it is."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bot.render.weights_file import PICKLE_SUFFIXES

_SUFFIXES = frozenset({".safetensors", *PICKLE_SUFFIXES})
_INDEX = "model_index.json"


Signature: TypeAlias = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of all that belongs to a model; empty: it cannot be looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is named like a model, or a diffusers folder."""

    path: Path
    signature: Signature


def model_files(root: Path, *, folders: bool = False) -> list[Found]:
    """All models under `root`, sorted by name without case.

    Links to folders are followed, and each folder is entered once, so that circles end. `folders`:
    a diffusers folder is one model, and what lies in it is none.
    """
    found = list(_walk(root, folders=folders))
    return sorted(found, key=lambda f: f.path.as_posix().casefold())


def _walk(root: Path, *, folders: bool) -> Iterator[Found]:
    seen: set[tuple[int, int]] = set()
    for where, inner, names in os.walk(root, followlinks=True):
        here = Path(where)
        stat = here.stat()
        if (stat.st_dev, stat.st_ino) in seen:
            inner.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        if folders and _INDEX in names and here != root:
            inner.clear()
            yield Found(here, signature(here))
            continue
        # A folder named like a file is listed too: it is told as what it is.
        for name in (*names, *inner):
            if Path(name).suffix.lower() in _SUFFIXES:
                path = here / name
                yield Found(path, signature(path))


def signature(path: Path) -> Signature:
    """What changes when the model at `path` does."""
    parts = sorted(path.rglob("*")) if (path / _INDEX).exists() else [path]
    return tuple(line for part in parts for line in _signed(part))


def _signed(path: Path) -> Iterator[tuple[str, int, int]]:
    try:
        stat = path.stat()
    except OSError:
        return
    yield (path.name, stat.st_size, stat.st_mtime_ns)


def folder_weights(part: Path) -> tuple[str | None, list[Path]]:
    """The weights in one part of a diffusers folder, and their variant.

    `model.fp16.safetensors` beside `model.safetensors` is the same once more; alone, as many
    download it, it is the variant `fp16`.
    """
    files: dict[str, list[Path]] = {}
    for file in sorted(part.glob("*.safetensors")):
        inner = file.suffixes[:-1]  # a file of several is `model.fp16-00001-of-00002.safetensors`
        files.setdefault(inner[-1][1:].partition("-")[0] if inner else "", []).append(file)
    variant = min(files, default="")
    return variant or None, files.get(variant, [])
