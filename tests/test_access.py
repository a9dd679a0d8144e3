"""Who may draw where."""

import pytest

from bot.access import Access, Doorkeeper
from bot.config import AccessConfig
from bot.database import Database
from bot.domain import Incoming, Platform
from bot.members.seen import Members
from bot.preferences import PreferenceStore
from bot.settings import Settings
from tests.samples import incoming, reply_to, requester

PRIVATE = reply_to(chat_id="1", private=True)


def door(database: Database, **config: object) -> Doorkeeper:
    return Doorkeeper(AccessConfig(**config), Settings(database), Members(database))  # type: ignore[arg-type]


def in_private(user_id: str = "1") -> Incoming:
    return incoming(requester=requester(user_id), reply_to=PRIVATE)


async def test_an_unlisted_chat_is_asked_about_once(database: Database) -> None:
    """The first request introduces the chat, later ones meet silence."""
    keeper = door(database)
    assert await keeper.check(incoming()) is Access.NEW_CHAT
    assert await keeper.check(incoming()) is Access.SILENT


async def test_an_approved_chat_draws_until_it_is_denied(database: Database) -> None:
    """By command, and back."""
    keeper, settings = door(database), Settings(database)
    await keeper.check(incoming())
    await settings.approve(Platform.TELEGRAM, "-100", True, "telegram:9")
    assert await keeper.check(incoming()) is Access.ALLOWED
    await settings.approve(Platform.TELEGRAM, "-100", False, "telegram:9")
    assert await keeper.check(incoming()) is not Access.ALLOWED


async def test_a_chat_in_the_configuration_is_allowed(database: Database) -> None:
    """`[access] chats`."""
    keeper = door(database, chats=("telegram:-100",))
    assert await keeper.check(incoming()) is Access.ALLOWED


async def test_open_allows_everybody(database: Database) -> None:
    """`[access] open = true`."""
    keeper = door(database, open=True)
    assert await keeper.check(incoming()) is Access.ALLOWED
    assert await keeper.check(in_private()) is Access.ALLOWED


async def test_members_of_approved_chats_may_write_in_private(database: Database) -> None:
    """By default; a stranger may not."""
    keeper = door(database, chats=("telegram:-100",))
    assert await keeper.check(in_private()) is Access.PRIVATE_CLOSED
    await keeper.check(incoming())
    assert await keeper.check(in_private()) is Access.ALLOWED
    assert await keeper.check(in_private("2")) is Access.PRIVATE_CLOSED


@pytest.mark.parametrize(
    ("private", "expected"), [("operators", Access.PRIVATE_CLOSED), ("all", Access.ALLOWED)]
)
async def test_private_chats_follow_the_setting(
    database: Database, private: str, expected: Access
) -> None:
    """`[access] private`."""
    keeper = door(database, private=private, operators=("telegram:9",))
    assert await keeper.check(in_private()) is expected
    assert await keeper.check(in_private("9")) is Access.ALLOWED


async def test_the_claim_code_works_once(database: Database) -> None:
    """The first account with the code is the operator; then there is no code any more."""
    keeper = door(database)
    code = await keeper.claim_code()
    assert code is not None
    assert not await keeper.claim(requester("1"), "WRONG")
    assert await keeper.claim(requester("1"), f" {code.lower()} ")
    assert not await keeper.claim(requester("2"), code)
    assert await keeper.is_operator(requester("1"))
    assert not await keeper.is_operator(requester("2"))
    assert await keeper.claim_code() is None


async def test_the_claim_code_survives_a_restart(database: Database) -> None:
    """It is printed again, not made anew."""
    assert await door(database).claim_code() == await door(database).claim_code()


async def test_a_configured_operator_needs_no_code(database: Database) -> None:
    """And nobody can claim beside them."""
    keeper = door(database, operators=("telegram:9",))
    assert await keeper.claim_code() is None
    assert not await keeper.claim(requester("1"), "")


async def test_the_local_page_is_always_open(database: Database) -> None:
    """Whoever sits at the operator's machine is the operator."""
    local = requester(platform=Platform.STUDIO, user_id="local")
    to = reply_to(platform=Platform.STUDIO, chat_id="studio")
    assert await door(database).check(incoming(requester=local, reply_to=to)) is Access.ALLOWED
    assert await door(database).is_operator(local)


async def test_settings_follow_a_group_that_became_a_supergroup(database: Database) -> None:
    """The new chat id is approved as the old one was."""
    settings = Settings(database)
    await settings.approve(Platform.TELEGRAM, "-100", True, "telegram:9")
    await settings.migrate_chat(Platform.TELEGRAM, "-100", "-200")
    assert await door(database).chat_allowed(reply_to(chat_id="-200"))
    assert not await door(database).chat_allowed(reply_to(chat_id="-100"))


async def test_what_was_settled_in_the_new_group_is_newer(database: Database) -> None:
    """Settings and a pause of the old one follow, but replace nothing."""
    store, by = PreferenceStore(database), "telegram:8"
    await store.set("chat", "telegram:-100", "steps", "10", by=by)
    await store.set("chat", "telegram:-100", "style", "ink", by=by)
    await store.set("chat", "telegram:-200", "steps", "20", by=by)
    for _ in range(2):
        await store.chat_moved("telegram:-100", "telegram:-200")
    assert (await store.of("telegram:-200", "")).chat == {"steps": "20", "style": "ink"}
    assert (await store.of("telegram:-100", "")).chat == {}


async def test_an_approved_group_stays_so_as_a_supergroup(database: Database) -> None:
    """By command or by the configuration, which names the old id; a denied one stays denied."""
    keeper = door(database, chats=("telegram:-100",))
    old, new = reply_to(), reply_to(chat_id="-1002")
    assert not await keeper.chat_allowed(new)
    await keeper.follow(Platform.TELEGRAM, old.chat_id, new.chat_id)
    assert await keeper.chat_allowed(new)
    strangers = reply_to(chat_id="-5")
    await keeper.check(incoming(reply_to=strangers))
    await keeper.follow(Platform.TELEGRAM, "-5", "-1005")
    assert not await keeper.chat_allowed(reply_to(chat_id="-1005"))
