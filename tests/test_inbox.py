"""Updates are committed before they are acknowledged."""

from bot.database import Database
from bot.domain import Platform
from bot.inbox import Inbox


async def test_the_same_update_is_taken_once(database: Database) -> None:
    """Even after it was settled."""
    inbox = Inbox(database)
    assert await inbox.put(Platform.TELEGRAM, "5", "{}")
    assert not await inbox.put(Platform.TELEGRAM, "5", "{}")
    await inbox.settle(Platform.TELEGRAM, "5")
    assert not await inbox.put(Platform.TELEGRAM, "5", "{}")
    assert await inbox.put(Platform.DISCORD, "5", "{}")


async def test_what_is_not_settled_waits_in_order(database: Database) -> None:
    """After a kill, the rest is handled; what could not be handled is out of the way."""
    inbox = Inbox(database)
    for key in ("3", "1", "2", "4"):
        await inbox.put(Platform.TELEGRAM, key, f"raw {key}")
    await inbox.settle(Platform.TELEGRAM, "1")
    await inbox.set_aside(Platform.TELEGRAM, "2", "not JSON")
    assert await inbox.waiting(Platform.TELEGRAM) == [("3", "raw 3"), ("4", "raw 4")]
    assert await inbox.waiting(Platform.DISCORD) == []


async def test_settled_updates_are_forgotten_after_a_while(database: Database) -> None:
    """The table does not grow for ever; what waits stays, what was put aside has its own time."""
    inbox = Inbox(database)
    for key in ("1", "2", "3"):
        await inbox.put(Platform.TELEGRAM, key, "{}")
    await inbox.settle(Platform.TELEGRAM, "1")
    await inbox.set_aside(Platform.TELEGRAM, "3", "cannot be read")
    await inbox.forget_before(2**40, set_aside=0)
    assert not await inbox.put(Platform.TELEGRAM, "3", "{}")
    await inbox.forget_before(2**40, set_aside=2**40)
    assert await inbox.put(Platform.TELEGRAM, "1", "{}")
    assert not await inbox.put(Platform.TELEGRAM, "2", "{}")
    assert await inbox.put(Platform.TELEGRAM, "3", "{}")
