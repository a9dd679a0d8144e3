"""The numbered SQL files that make and upgrade the database."""

from importlib import resources


def latest() -> int:
    """The format that all of them lead to."""
    names = (file.name for file in resources.files(__name__).iterdir())
    return sum(name.endswith(".sql") for name in names)
