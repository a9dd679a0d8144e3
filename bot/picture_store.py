"""Pictures on disk, named by their content."""

import asyncio
import hashlib
import os
import secrets
from pathlib import Path

from bot.errors import StoreError


class PictureStore:
    """A folder of files named by the SHA-256 of their bytes; writing twice is harmless."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> str:
        """Write `content` so that it survives a power cut; its SHA-256.

        Raises:
            StoreError: the disk is full or not writable.
        """
        try:
            return await asyncio.to_thread(self._write, content)
        except OSError as error:
            raise StoreError(f"{self._folder}: {error}") from error

    async def get(self, sha256: str) -> bytes | None:
        """The bytes, or None when the file is gone or is not what was written."""
        return await asyncio.to_thread(self._read, sha256)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.png"

    def _write(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if path.exists() and path.stat().st_size == len(content):
            os.utime(path)  # used again: `sweep` goes by this time
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two jobs may draw the same picture at once: each writes a file of its own first.
        partial = path.with_suffix(f".{secrets.token_hex(4)}.part")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return sha256

    def _read(self, sha256: str) -> bytes | None:
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    async def remove(self, sha256: str) -> bool:
        """Delete a file; False when it is gone already.

        Raises:
            StoreError: it cannot be deleted.
        """
        try:
            await asyncio.to_thread(self._path(sha256).unlink)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"{self._folder}: {error}") from error
        return True

    async def sweep(self, *, older_than: float, most_bytes: int, keep: frozenset[str]) -> int:
        """Delete files last written before `older_than` (seconds since 1970), and the oldest ones
        beyond `most_bytes`; how many. What is in `keep` stays whatever its age."""
        return await asyncio.to_thread(self._sweep, older_than, most_bytes, keep)

    def _sweep(self, older_than: float, most_bytes: int, keep: frozenset[str]) -> int:
        files = [(p.stat(), p) for p in self._folder.glob("*/*") if p.is_file()]
        total = sum(stat.st_size for stat, _ in files)
        swept = 0
        for stat, path in sorted(files, key=lambda f: f[0].st_mtime):
            if path.stem in keep:
                continue
            if stat.st_mtime >= older_than and total <= most_bytes:
                break
            path.unlink(missing_ok=True)
            total -= stat.st_size
            swept += 1
        return swept
