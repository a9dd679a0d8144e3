"""`chatelier models convert`: a pickle becomes safetensors, in a process that can do little."""

from pathlib import Path

from bot.errors import ConfigError
from bot.models.children import ask


async def convert(source: Path) -> Path:
    """The new file, beside `source`, which stays.

    Raises:
        ConfigError: it holds more than weights, or none; there is a file of that name already.
    """
    source, target = _places(source)
    fresh = target.with_suffix(".part")
    try:
        told = await ask("convert", source, fresh)
        if problem := told.get("problem"):
            raise ConfigError(f"{source}: {problem}")
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return target


def _places(source: Path) -> tuple[Path, Path]:
    source = source.resolve()
    target = source.with_suffix(".safetensors")
    if not source.is_file():
        raise ConfigError(f"{source}: there is no such file")
    if target.exists():
        raise ConfigError(f"{target}: is there already")
    return source, target
