"""What follows from a category of the prompt filter, in each chat."""

from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from bot.admin.table import ACTS
from bot.config import Config, ModerationConfig
from bot.config.schema import PromptAction
from bot.database import Database
from bot.domain import Queued
from bot.quota.forced_negative import FORCED, forced
from bot.quota.prompt_filter import CATEGORIES, DEFAULT_ACTIONS, Action, Verdict, resolve
from tests.front import OPERATOR, Front, config
from tests.samples import incoming, reply_to, requester, spec
from tests.test_chat_filters import shipped_word

ADAM, ANN = requester("5", name="Adam"), requester("1", name="Ann")
FAR = reply_to(chat_id="-200")
GORE, HATE = shipped_word("gore"), shipped_word("hate")


class Place(Front):
    number = 0

    async def tell(self, text: str, command: str = "admin", **changes: Any) -> str:
        self.number += 1
        asked = incoming(text, command, **{"key": f"n{self.number}", **changes})
        return (await self.conversation.handle(asked)).text

    async def adam(self, text: str, **changes: Any) -> str:
        return await self.tell(text, requester=ADAM, is_chat_admin=True, **changes)

    async def operator(self, text: str, **changes: Any) -> str:
        return await self.tell(text, requester=OPERATOR, **changes)

    async def asks(self, text: str, **changes: Any) -> str:
        return await self.tell(text, "draw", requester=ANN, **changes)


def settings(**moderation: Any) -> Config:
    access: dict[str, object] = {
        "chats": ["telegram:-100", "telegram:-200"],
        "operators": ["telegram:9"],
    }
    return config(access=access, moderation=moderation)


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return Place(database, tmp_path, settings(gore="spoiler"))


async def drawn(place: Place, text: str, **changes: Any) -> Any:
    place.number += 1
    return await place.draw(text, requester=ANN, key=f"n{place.number}", **changes)


async def test_admins_may_be_stricter_than_the_operator(place: Place) -> None:
    """In their chat only, until they take it back; milder they may not be."""
    assert (await drawn(place, GORE)).spoiler
    said = await place.adam("filter action gore refuse")
    assert said == "What touches on gore in this chat: drawn behind a spoiler → refused."
    assert "touches on gore" in await place.asks(GORE)
    assert (await drawn(place, GORE, reply_to=FAR)).spoiler
    assert "may be stricter, not milder" in await place.adam("filter action gore allow")
    assert "touches on gore" in await place.asks(GORE)
    assert "refused → drawn behind a spoiler" in await place.adam("filter action gore default")
    assert (await drawn(place, GORE)).spoiler


async def test_what_an_operator_says_takes_the_admins_word_away(place: Place) -> None:
    """For one chat, or everywhere."""
    await place.adam("filter action gore refuse")
    await place.operator("filter action gore allow")
    assert not (await drawn(place, GORE)).spoiler
    assert (await drawn(place, GORE, reply_to=FAR)).spoiler
    await place.operator("filter action gore refuse --everywhere")
    assert "touches on gore" in await place.asks(GORE, reply_to=FAR)
    assert not (await drawn(place, GORE)).spoiler


async def test_acts_are_in_the_log_and_members_are_refused(place: Place) -> None:
    """Who, what before, what after."""
    assert await place.tell("filter action gore refuse", requester=ANN) == (
        "Only the admins of this chat can do that."
    )
    await place.adam("filter action gore refuse")
    log = await place.aside("log", requester=ADAM, is_chat_admin=True)
    assert "telegram:5: prompts of this chat: gore: spoiler → gore: refuse" in log


@pytest.mark.parametrize("asked", ["minors refuse", "minors allow", "source allow"])
async def test_the_fixed_rules_know_no_action(place: Place, asked: str) -> None:
    """Nobody can even name them."""
    assert "is none of these" in await place.operator(f"filter action {asked}")


async def test_a_category_can_be_drawn_with_a_negative_prompt(place: Place) -> None:
    """It is seen in the parameters, is not repeated, and comes behind a spoiler where the renderer
    does not read negative prompts."""
    await place.operator("filter action gore negative")
    job = await drawn(place, f"{GORE} --no blurry")
    assert job.spec.negative_prompt == f"blurry, {FORCED['gore']}"
    assert not job.spoiler
    again = await drawn(place, f"{GORE} --no {job.spec.negative_prompt}")
    assert again.spec.negative_prompt == job.spec.negative_prompt
    assert (await drawn(place, f"{GORE} --cfg 1")).spoiler
    assert (await drawn(place, "a red apple")).spec.negative_prompt == ""


async def test_the_strictest_of_several_counts(place: Place) -> None:
    """And the milder ones do what they do besides."""
    await place.operator("filter action hate negative")
    job = await drawn(place, f"{GORE}, {HATE}")
    assert job.spoiler
    assert job.spec.negative_prompt == FORCED["hate"]
    await place.operator("filter action hate refuse")
    assert "touches on hate" in await place.asks(f"{GORE}, {HATE}")


async def test_a_supergroup_keeps_what_its_group_had(place: Place) -> None:
    """Doing it again changes nothing."""
    await place.adam("filter action gore refuse")
    for _ in range(2):
        await place.filters.chat_moved("telegram:-100", "telegram:-200")
    assert "touches on gore" in await place.asks(GORE, reply_to=FAR)
    assert (await drawn(place, GORE)).spoiler


@pytest.mark.parametrize("action", list(Action))
async def test_the_operators_configuration_is_what_holds_first(
    database: Database, tmp_path: Path, action: Action
) -> None:
    """Each action, from `[moderation]`."""
    place = Place(database, tmp_path, settings(gore=action))
    said = await place.asks(GORE)
    assert ("touches on gore" in said) is (action is Action.REFUSE)
    in_line = any(isinstance(event, Queued) for _, event in place.told)
    assert in_line is (action not in (Action.REFUSE, Action.HOLD))


def test_every_category_can_be_forced_away() -> None:
    """With words of its own."""
    assert FORCED.keys() == CATEGORIES
    negative = dict.fromkeys(CATEGORIES, Action.NEGATIVE)
    verdict = resolve(CATEGORIES, negative)
    assert set(verdict.avoided) == CATEGORIES
    assert all(text in forced(spec(), verdict).negative_prompt for text in FORCED.values())
    assert forced(spec(negative_prompt="blurry"), Verdict()).negative_prompt == "blurry"


def test_settings_menus_lists_and_filter_know_the_same_categories() -> None:
    """Whoever adds one is told here where else it is named."""
    hints = get_type_hints(ModerationConfig)
    named = {name.replace("_", "-") for name, kind in hints.items() if kind == PromptAction}
    assert named == set(CATEGORIES) == set(DEFAULT_ACTIONS) == set(FORCED)
    assert set(get_args(PromptAction)) == set(Action)
    act = next(act for act in ACTS if act.name == "filter-action")
    assert [set(p.choices) for p in act.parameters] == [named, {*Action, "default"}]
