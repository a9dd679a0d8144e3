"""SHA-256 of model files, computed once and kept beside the data."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path


class HashCache:
    """Digests by path, size and time of change, in one JSON file."""

    def __init__(self, file: Path, busy: Callable[[], None] = lambda: None) -> None:
        """`busy` is called before each file that must be read."""
        self._file, self._busy = file, busy
        self._known: dict[str, str] = {}
        try:
            stored = json.loads(file.read_text("utf-8"))
            self._known = {str(k): str(v) for k, v in stored.items()}
        except (OSError, ValueError, AttributeError):
            pass  # absent or damaged: everything is computed again

    def settle(self) -> None:
        """The start is over: nobody waits for what is read from now on."""
        self._busy = lambda: None

    def sha256(self, path: Path) -> str:
        """The digest of a file, or of a folder's weights and configurations.

        Raises:
            OSError: it cannot be read.
        """
        if not path.is_dir():
            return self._of_file(path)
        parts = [p for p in path.rglob("*") if p.suffix in (".safetensors", ".json")]
        lines = [f"{p.relative_to(path).as_posix()} {self._of_file(p)}" for p in sorted(parts)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _of_file(self, path: Path) -> str:
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        if key not in self._known:
            self._busy()
            with path.open("rb") as file:
                self._known[key] = hashlib.file_digest(file, "sha256").hexdigest()
            self._save()
        return self._known[key]

    def _save(self) -> None:
        """Best effort: a cache that cannot be written costs only time."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(self._known, indent=0), "utf-8")
            fresh.replace(self._file)
        except OSError:
            pass
