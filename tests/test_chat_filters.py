"""Words that chats add to the prompt filter: who may, what is refused, and where they hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit import Audit
from bot.cli_admin import run_admin
from bot.database import Database
from bot.domain import DrawRequest
from bot.errors import BadCommand
from bot.inspection.client import Inspector
from bot.quota.chat_filters import MOST_WORDS, ChatFilters
from bot.quota.own_words import check_entry, entry_of, line_of
from bot.quota.prompt_filter import (
    MINORS,
    UNREADABLE,
    Action,
    Fields,
    PromptFilter,
    Source,
    run_filter_test,
)
from bot.quota.word_lists import Entry, shipped
from tests.front import FILTER, GROUP, OPERATOR, Front, config
from tests.samples import CATALOG, incoming, reply_to, requester
from tests.test_asking import shown

ADAM, ANN = requester("5", name="Adam"), requester("1", name="Ann")
HOME = reply_to(chat_id="9", private=True)
FAR = reply_to(chat_id="-200")
BY: dict[str, Any] = {"by": "telegram:9", "as_operator": True}
REFUSED = "something that this chat does not want"


def shipped_word(category: str) -> str:
    """One of our lists, so that none stands here."""
    return next(
        e.text for e in shipped() if e.category == category and not e.flag and e.text.isascii()
    )


class Place(Front):
    number = 0

    async def tell(self, text: str, command: str = "admin", **changes: Any) -> str:
        self.number += 1
        return await self.say(text, command, **{"key": f"n{self.number}", **changes})

    async def adam(self, text: str, **changes: Any) -> str:
        return await self.tell(text, requester=ADAM, is_chat_admin=True, **changes)

    async def operator(self, text: str, **changes: Any) -> str:
        return await self.tell(text, requester=OPERATOR, **{"reply_to": HOME, **changes})

    async def draws(self, text: str, **changes: Any) -> bool:
        """Whether it is accepted; otherwise it is this chat's words that refuse it."""
        self.number += 1
        asked = incoming(text, **{"command": "draw", "key": f"n{self.number}", **changes})
        answer = await self.conversation.handle(asked)
        assert answer.job_id or (answer.private and REFUSED in answer.text), answer.text
        assert "zorbl" not in answer.text
        return answer.job_id is not None

    async def acts(self) -> list[tuple[str, str, str, str]]:
        acts = await Audit(self.database).last(100)
        return [(a.act, a.target, a.before, a.after) for a in acts]


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    access = {"chats": ["telegram:-100", "telegram:-200"], "operators": ["telegram:9"]}
    return Place(database, tmp_path, config(access=access))


# Acts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_operator", [False, True])
async def test_a_word_holds_in_its_chat_until_it_is_taken_back(
    place: Place, by_operator: bool
) -> None:
    """In its chat only; both acts are in the log with before and after."""
    who = place.operator if by_operator else place.adam
    assert await place.draws("a zorbl in a field")
    said = await who("filter add Zorbl", reply_to=GROUP)
    assert said == f"Forbidden in this chat now, as {REFUSED}: Zorbl"
    assert not await place.draws("two ｚｏｒｂｌｓ in a field")
    assert await place.draws("a zorbl in a field", reply_to=FAR)
    assert await who("filter rm zorbl", reply_to=GROUP) == "Off the list in this chat: Zorbl"
    assert await place.draws("a zorbl in a field")
    assert await place.acts() == [
        ("filter", "telegram:-100", "other: Zorbl", "none"),
        ("filter", "telegram:-100", "none", "other: Zorbl"),
    ]
    log = await place.aside("log", requester=ADAM, is_chat_admin=True)
    assert "words of this chat: none → other: Zorbl" in log


async def test_an_operators_word_holds_everywhere(place: Place) -> None:
    """A chat's admins cannot take it off, nor see it in their list."""
    assert "in all chats" in await place.operator("filter add zorbl --everywhere")
    assert not await place.draws("a zorbl", reply_to=FAR)
    assert "only here" in await place.adam("filter rm zorbl --everywhere")
    assert "not on this list" in await place.adam("filter rm zorbl")
    assert not await place.draws("a zorbl")
    await place.operator("filter rm zorbl")
    assert await place.draws("a zorbl")


@pytest.mark.parametrize("act", ["add zorbl", "rm zorbl", "list", "test zorbl"])
async def test_a_member_is_refused_in_private_and_changes_nothing(place: Place, act: str) -> None:
    """Nor learns what is on the list."""
    await place.adam("filter add zorbl")
    before = await place.filters.words("telegram:-100"), await place.acts()
    asked = incoming(f"filter {act}", "admin", requester=ANN, key="a")
    answer = await place.conversation.handle(asked)
    assert answer.private
    assert answer.text == "Only the admins of this chat can do that."
    assert (await place.filters.words("telegram:-100"), await place.acts()) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Which words?"),
        ("a", "at least"),
        ("~cat", "at least"),
        ("的", "at least"),
        ("the", "nearly every request"),
        ("best quality", "nearly every request"),
        ("...", "at least"),
        ("+", "no word"),
        ("# remark", "no word"),
        ("[nonsense] zorbl", "is none of these"),
        ("z" * 61, "60 are the most"),
        ("!fox", "only its operator"),
        ("ＧＲＩＮＤＬ", "on the list already: grindl"),
        ("+grindl", "on the list already: grindl"),
    ],
)
async def test_what_cannot_be_a_word_is_refused(place: Place, words: str, said: str) -> None:
    """In one clear sentence, and nothing is changed."""
    await place.adam("filter add grindl")
    assert said in await place.adam(f"filter add {words}")
    assert len(await place.acts()) == 1
    assert [line_of(e) for e in await place.filters.words("telegram:-100")] == ["grindl"]


async def test_a_list_has_an_end(place: Place) -> None:
    """Each chat's own."""
    for number in range(MOST_WORDS):
        name = "".join(chr(97 + int(digit)) for digit in f"{number:03}")
        await place.filters.add(Entry("other", f"zorbl{name}"), chat="telegram:-100", **BY)
    assert f"{MOST_WORDS} entries are the most" in await place.adam("filter add grindl")
    assert "Forbidden" in await place.adam("filter add grindl", reply_to=FAR)


@pytest.mark.parametrize("written", ["gore: zorbl", "[gore] zorbl", "血腥：zorbl", "GORE: zorbl"])
async def test_a_word_may_have_a_category(place: Place, written: str) -> None:
    """The refusal names it."""
    await place.adam(f"filter add {written}")
    assert [e.category for e in await place.filters.words("telegram:-100")] == ["gore"]
    assert "touches on gore" in await place.tell("a zorbl", "draw", requester=ANN)


async def test_words_are_never_patterns(place: Place) -> None:
    """Signs that mean something to regular expressions mean nothing here."""
    await place.adam("filter add zo.*bl")
    assert await place.draws("a zorbl and a zombl")


async def test_the_list_is_told_in_private(place: Place) -> None:
    """A group on Telegram does not read it; the shipped lists are not in it."""
    await place.adam("filter add gore: zorbl")
    said = await place.adam("filter list")
    assert "zorbl" not in said
    (note,) = place.sent
    assert (note.to.private, note.notify) == (True, ADAM)
    assert note.text == "Words of your own in this chat (1 of 200):\n• gore: zorbl"
    alone = await place.operator("filter list --chat telegram:-100")
    assert alone == "Words of your own in telegram:-100 (1 of 200):\n• gore: zorbl"


async def test_a_text_can_be_tried(place: Place) -> None:
    """The verdict names categories, and no word of any list."""
    await place.adam("filter add zorbl")
    bad = shipped_word("sexual")
    assert "finds nothing" in await place.adam("filter test a fox")
    assert f"finds {REFUSED} in that in this chat: refused" in await place.adam(
        "filter test a zorbl"
    )
    said = await place.adam(f"filter test {bad}")
    assert "sexual content" in said
    assert bad not in said
    assert "always refused" in await place.adam(f"filter test {bad}, 12 year old")


async def test_a_word_from_the_shell_holds_at_once(place: Place, tmp_path: Path) -> None:
    """For a bot that runs and has compiled the list before."""
    data = tmp_path / "data"
    data.mkdir()
    async with Database(data / "chatelier.sqlite") as shared:
        front = Place(shared, tmp_path, place.config)
        assert await front.draws("a zorbl")
        words = ["filter", "add", "zorbl", "--chat", "telegram:-100"]
        assert await run_admin(words, place.config, tmp_path, "en") == 0
        assert not await front.draws("a zorbl")
        words[1] = "rm"
        assert await run_admin(words, place.config, tmp_path, "en") == 0
        assert await front.draws("a zorbl")


async def test_words_follow_a_group_that_became_a_supergroup(place: Place) -> None:
    """Under its new id, once."""
    await place.adam("filter add zorbl")
    await place.conversation.migrated(GROUP.platform, "-100", "-200")
    assert not await place.draws("a zorbl", reply_to=FAR)
    assert await place.filters.words("telegram:-100") == []


# What no list changes -----------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["telegram:-100", None])
async def test_no_list_touches_the_fixed_rules(place: Place, scope: str | None) -> None:
    """Exceptions lift what an operator may lift, and nothing of the fixed rules."""
    bad = shipped_word("sexual")
    for line in (f"!{bad}", "!12 year old", "!year old", "!old"):
        await place.filters.add(entry_of(line, "other"), chat=scope, **BY)
    check, chat = place.filters.check, GROUP.chat
    assert (await check(Fields(prompt=bad), chat)).allowed
    young = f"{bad}, 12 year old"
    assert (await check(Fields(prompt=young), chat)).category == MINORS
    assert (await check(Fields(prompt="a fox", negative_prompt=young[:-1]), chat)).allowed
    source = Fields(prompt=bad, source=Source.FOREIGN)
    assert (await check(source, chat)).category == "source"
    tangle = Fields(prompt="[a|b]" * 2000)
    assert (await check(tangle, chat)).category == UNREADABLE


@given(st.text(max_size=70))
def test_any_text_is_an_entry_or_is_refused(text: str) -> None:
    """And an entry is read again as it was written."""
    try:
        entry = entry_of(text, "gore")
        check_entry(entry)
    except BadCommand:
        return
    assert entry_of(line_of(entry), "gore") == entry


# Where they hold ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "a zorbl"},
        {"text": "a [fox|zorbl]"},
        {"text": "a (zor)bl"},
        {"text": "z o r b l"},
        {"text": "a fox\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Seed: 1, zorbl: 1"},
        {"text": "a zorbl\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Seed: 1"},
        {"text": "", "options": DrawRequest(prompt="a zorbl")},
        {"text": "zor --no bl"},
    ],
    ids=["command", "alternation", "syntax", "apart", "raw", "infotext", "option", "split"],
)
async def test_a_word_is_found_in_each_request(place: Place, changes: dict[str, Any]) -> None:
    """However it is written."""
    assert await place.draws(**changes)
    await place.adam("filter add zorbl")
    assert not await place.draws(**changes)


@pytest.mark.parametrize("command", ["again", "vary", "upscale", "draw"])
async def test_a_word_is_found_in_a_reply(database: Database, tmp_path: Path, command: str) -> None:
    """Also where it stood in the request that is drawn another time."""
    async with Inspector("off") as inspector:
        place = Place(database, tmp_path, config(), inspector)
        place.catalog = replace(CATALOG, features=("hires",))
        await shown(place, "a zorbl in a field")
        changes = {
            "text": "a zorbl" if command == "draw" else "",
            "command": command,
            "replied_message_id": "42",
        }
        assert await place.draws(**changes)
        await place.adam("filter add zorbl")
        assert not await place.draws(**changes)


async def test_a_word_is_found_in_what_a_chat_has_settled(place: Place) -> None:
    """A house style is refused when it is set, and what was set before when it is drawn."""
    await place.adam("style oil, zorbl", command="settings")
    assert await place.draws("a fox --raw")
    assert await place.draws("a fox")
    await place.adam("filter add zorbl")
    assert await place.draws("a fox --raw")
    assert not await place.draws("a fox")
    assert REFUSED in await place.adam("style zorbl", command="settings")


async def test_a_filter_is_compiled_once_until_a_list_changes(database: Database) -> None:
    """A request costs one look into the database."""
    asked: list[int] = []

    def usual() -> PromptFilter:
        asked.append(1)
        return FILTER

    filters = ChatFilters(database, config().moderation, usual)
    for _ in range(3):
        await filters.check(Fields(prompt="a zorbl"), "telegram:-100")
    assert len(asked) == 1
    await filters.add(Entry("other", "zorbl"), chat="telegram:-100", **BY)
    for _ in range(3):
        assert not (await filters.check(Fields(prompt="a zorbl"), "telegram:-100")).allowed
    assert len(asked) == 2


async def test_newer_words_and_actions_stay_when_a_chat_moves(database: Database) -> None:
    """What was settled in the supergroup already wins over what the group had."""
    kept = ChatFilters(database, config().moderation, lambda: FILTER)
    old, new = "telegram:-5", "telegram:-1005"
    await kept.add(entry_of("splatter", "gore"), chat=old, **BY)
    await kept.add(entry_of("swear", "other"), chat=old, **BY)
    await kept.add(entry_of("+splatter", "other"), chat=new, **BY)
    await kept.act_upon("gore", Action.SPOILER, chat=old, **BY)
    await kept.act_upon("gore", Action.NEGATIVE, chat=new, **BY)
    for _ in range(2):
        await kept.chat_moved(old, new)
    assert [(e.text, e.category) for e in await kept.words(new)] == [
        ("swear", "other"),
        ("splatter", "other"),
    ]
    assert await kept.words(old) == []
    assert (await kept.rules(new)).actions["gore"] is Action.NEGATIVE


async def test_both_ways_to_try_the_filter_agree(database: Database) -> None:
    """`/admin filter test` in a chat without words of its own, and `chatelier filter test`."""
    filters = ChatFilters(database, config().moderation, lambda: FILTER)
    lines = [
        "a red fox",
        "n u d e",
        "R-18",
        "12 year old",
        f"{shipped_word('sexual')}, 12 years old",
    ]
    lines += [shipped_word(category) for category in ("gore", "hate", "self-harm", "degrading")]
    for line, told in zip(lines, run_filter_test(lines), strict=True):
        verdict = await filters.check(Fields(prompt=line), "telegram:-100")
        assert told == (f"{verdict.action} {verdict.category}" if verdict.category else "allow")
