"""Trying again what the store could not do."""

import pytest

from bot.errors import StoreError
from bot.insist import insist


async def test_work_is_done_once_the_store_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its result comes through, and what was tried stands in the log."""
    monkeypatch.setattr("bot.insist.FIRST_PAUSE_S", 0)
    failures = [StoreError("full"), StoreError("locked")]

    async def work() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert await insist(work, "a thing") == "done"


async def test_patience_ends_before_it_would_be_overdrawn() -> None:
    """No pause is begun that leads beyond it; other errors are not the store's."""
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise StoreError("full") if tries < 3 else ZeroDivisionError

    with pytest.raises(StoreError):
        await insist(work, "a thing", patience_s=0.5)
    assert tries == 1
    tries = 2
    with pytest.raises(ZeroDivisionError):
        await insist(work, "a thing")
