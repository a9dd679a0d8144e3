"""Files are looked at once, and again when they change; what is being written is left alone."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from bot.render.model_files import Found, Signature, signature
from bot.render.weights_file import UnusableWeights

log = logging.getLogger(__name__)

T = TypeVar("T")


class Inspection(Generic[T]):
    """Remembers what was found out about each file, round by round.

    From the second round on a file counts when it has looked the same twice in a row: a copy that
    is still growing is neither offered nor complained of.
    """

    def __init__(self, inspect: Callable[[Path], T]) -> None:
        """`inspect` may raise UnusableWeights, which is remembered too."""
        self._inspect = inspect
        self._known: dict[Path, tuple[Signature, T | UnusableWeights]] = {}
        self._seen: dict[Path, Signature] | None = None

    def round(self, files: list[Found]) -> list[tuple[Path, T | UnusableWeights]]:
        """What is known of these files now; those still being written are left out."""
        outcomes = []
        for found in files:
            outcome = self._look(found)
            if outcome is not None:
                outcomes.append((found.path, outcome))
        self._seen = {found.path: found.signature for found in files}
        self._known = {path: self._known[path] for path, _ in outcomes}
        return outcomes

    def _look(self, found: Found) -> T | UnusableWeights | None:
        path = found.path
        if path in self._known and self._known[path][0] == found.signature:
            return self._known[path][1]
        if self._seen is not None and self._seen.get(path) != found.signature:
            return None
        try:
            outcome: T | UnusableWeights = self._inspect(path)
        except UnusableWeights as error:
            outcome = error
        except OSError:
            outcome = UnusableWeights("model-unreadable")
        except Exception:
            # One odd file must not keep all others from being offered.
            log.exception("%s cannot be understood", path.name)
            outcome = UnusableWeights("model-unknown-family")
        if signature(path) != found.signature:
            return None  # it changed under our eyes
        self._known[path] = (found.signature, outcome)
        return outcome
