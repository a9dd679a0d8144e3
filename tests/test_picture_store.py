"""Pictures on disk, named by their content."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.picture_store import PictureStore


async def test_what_was_put_is_got(tmp_path: Path) -> None:
    """By its SHA-256; twice is once."""
    store = PictureStore(tmp_path)
    assert await store.put(b"one") == await store.put(b"one")
    assert await store.get(await store.put(b"one")) == b"one"
    assert len([p for p in tmp_path.glob("*/*") if p.is_file()]) == 1


async def test_a_file_that_was_damaged_is_not_served(tmp_path: Path) -> None:
    """What is read must be what was written."""
    store = PictureStore(tmp_path)
    sha256 = await store.put(b"one")
    next(tmp_path.glob("*/*")).write_bytes(b"two")
    assert await store.get(sha256) is None
    assert await store.get("0" * 64) is None


async def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError):
        await PictureStore(tmp_path / "file").put(b"one")


async def test_old_files_go_and_needed_ones_stay(tmp_path: Path) -> None:
    """By age first; what an unfinished job needs stays whatever its age."""
    store = PictureStore(tmp_path)
    old, needed, new = [await store.put(c) for c in (b"old", b"needed", b"new")]
    for sha256 in (old, needed):
        os.utime(tmp_path / sha256[:2] / f"{sha256}.png", (1000, 1000))
    assert await store.sweep(older_than=2000, most_bytes=10**9, keep=frozenset({needed})) == 1
    assert [await store.get(s) for s in (old, needed, new)] == [None, b"needed", b"new"]


async def test_the_oldest_go_when_the_disk_budget_is_spent(tmp_path: Path) -> None:
    """Three files of four bytes, room for eight."""
    store = PictureStore(tmp_path)
    names = [await store.put(c) for c in (b"aaaa", b"bbbb", b"cccc")]
    for age, sha256 in enumerate(names):
        os.utime(tmp_path / sha256[:2] / f"{sha256}.png", (1000 + age, 1000 + age))
    await store.sweep(older_than=0, most_bytes=8, keep=frozenset())
    assert [await store.get(s) for s in names] == [None, b"bbbb", b"cccc"]


async def test_the_same_picture_is_put_by_many_at_once(tmp_path: Path) -> None:
    """Two members, one seed: both writes succeed, and one file is there."""
    for n in range(20):
        store, content = PictureStore(tmp_path / str(n)), b"same picture %d" % n * 50_000
        names = await asyncio.gather(*(store.put(content) for _ in range(8)))
        assert len(set(names)) == 1
        assert await store.get(names[0]) == content
        assert len([p for p in (tmp_path / str(n)).glob("*/*") if p.is_file()]) == 1
