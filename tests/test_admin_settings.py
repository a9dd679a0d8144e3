"""`/settings`: what is kept, what is refused, and what requests become of it."""

from pathlib import Path

import pytest

from bot.admin.table import PERSONAL, SETTINGS
from bot.audit import Audit
from bot.config import DefaultsConfig
from bot.database import Database
from bot.domain import Press
from bot.preferences import Pause, Preferences
from bot.replies import LANGUAGES, keys
from tests.front import OPERATOR, Front, config
from tests.samples import reply_to, requester

ADAM = requester("5", name="Adam")
ANN = requester("1", name="Ann")
DM = reply_to(chat_id="1", private=True)


class House(Front):
    """Adam is an admin of the chat, Ann a member."""

    number = 0

    async def tell(self, text: str, command: str = "settings", **changes: object) -> str:
        self.number += 1
        return await self.say(text, command, key=f"n{self.number}", **changes)

    async def adam(self, text: str, **changes: object) -> str:
        return await self.tell(text, requester=ADAM, is_chat_admin=True, **changes)

    async def ann(self, text: str, **changes: object) -> str:
        return await self.tell(text, requester=ANN, **changes)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(database, tmp_path, config(defaults={"negative_prompt": "lowres"}))


async def test_the_settings_of_a_chat_are_shown_to_everybody(house: House) -> None:
    """Each with what holds now; in private, those of the member."""
    lines = (await house.ann("")).splitlines()
    assert len(lines) == len(SETTINGS) + 2
    assert "• Model: demo (default)" in lines
    assert "• Negative prompt: lowres (default)" in lines
    assert len((await house.ann("", reply_to=DM)).splitlines()) == len(PERSONAL) + 2


async def test_a_chats_settings_change_what_is_drawn(house: House) -> None:
    """Steps, size, negative prompt and style, until they are taken back."""
    assert await house.adam("steps 7") == "Steps in this chat: default → 7."
    assert await house.adam("size 128x64") == "Size in this chat: default → 128×64."
    assert await house.adam("negative blurry") == "Negative prompt in this chat: default → blurry."
    assert await house.adam("style ink, {prompt}") == (
        "House style in this chat: default → ink, {prompt}."
    )
    spec = (await house.draw("a cat")).spec
    assert (spec.steps, spec.width, spec.height) == (7, 128, 64)
    assert (spec.prompt, spec.negative_prompt) == ("ink, a cat", "blurry")
    raw = (await house.draw("a dog --raw")).spec
    assert (raw.prompt, raw.negative_prompt, raw.steps) == ("a dog", "", 7)
    own = (await house.draw("a hen --steps 3 --no dogs")).spec
    assert (own.steps, own.negative_prompt) == (3, "dogs")
    assert await house.adam("steps default") == "Steps in this chat: 7 → default."
    assert (await house.draw("a pig")).spec.steps == 20


async def test_no_negative_prompt_can_be_wanted(house: House) -> None:
    """`none` is a value, not the default."""
    assert (await house.draw("a cat")).spec.negative_prompt == "lowres"
    assert await house.adam("negative none") == "Negative prompt in this chat: default → nothing."
    assert (await house.draw("a dog")).spec.negative_prompt == ""


async def test_other_chats_are_as_they_were(house: House) -> None:
    """A setting is of one chat."""
    await house.tell("chat allow telegram:-200", "admin", requester=OPERATOR, reply_to=DM)
    await house.adam("steps 7")
    assert (await house.draw("a cat", reply_to=reply_to(chat_id="-200"))).spec.steps == 20


async def test_a_members_own_settings_go_along_everywhere(house: House) -> None:
    """They win over the chat's, and are nobody's act."""
    await house.adam("steps 7")
    assert await house.ann("my steps 9") == "Steps for yourself: default → 9."
    assert (await house.draw("a cat")).spec.steps == 9
    assert (await house.draw("a cat", requester=requester("2"))).spec.steps == 7
    assert await house.ann("steps default", reply_to=DM) == "Steps for yourself: 9 → default."
    assert (await house.draw("a dog")).spec.steps == 7
    assert [act.act for act in await Audit(house.database).last()] == ["settings-steps"]


async def test_a_member_changes_nothing_of_the_chats(house: House) -> None:
    """A private refusal that says what they can do."""
    for setting in SETTINGS:
        said = await house.ann(f"{setting.words} 5")
        assert said.startswith("Only the admins of this chat can change that.")
    assert await Audit(house.database).last() == []


@pytest.mark.parametrize("name", sorted({s.name for s in SETTINGS} - set(PERSONAL)))
async def test_some_settings_are_of_chats_only(house: House, name: str) -> None:
    """There is no house style of one's own."""
    assert "is for whole chats" in await house.ann(f"my {name} x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model dmo", "Did you mean demo?"),
        ("stepz 5", "Did you mean steps?"),
        ("frobnicate 5", "There are: language, model, size"),
        ("steps many", "“many” is not understood. Write it like 28."),
        ("steps 5 6", "“5 6” is not understood"),
        ("steps -3", "cannot be drawn"),
        ("steps 0", "cannot be drawn"),
        ("size huge", "“huge” is not understood"),
        ("size 0x0", "is not understood"),
        ("language klingon", "no language of mine"),
        ("buttons nobody", "is nobody"),
        ("style {prompt}", "needs words of its own"),
        ("style " + "x" * 501, "501 characters"),
        ("style nude woman", "sexual content"),
        ("style nude {prompt} woman", "sexual content"),
    ],
)
async def test_what_cannot_be_kept_is_refused_in_words(house: House, text: str, said: str) -> None:
    """And nothing was changed."""
    assert said in await house.adam(text)
    assert await Audit(house.database).last() == []


@pytest.mark.parametrize(
    ("text", "kept", "said"),
    [
        ("steps 900", "60", "900 steps became 60"),
        ("size 9000x9000", "512x512", "9000×9000 became 512×512"),
        ("size 3:2", "80x56", ""),
        ("模型 DEMO", "demo", ""),
        ("model dddddddd", "demo", ""),
    ],
)
async def test_values_are_tried_as_a_request_would_be(
    house: House, text: str, kept: str, said: str
) -> None:
    """Clamped and told so; names found by any spelling."""
    assert said in await house.adam(text)
    held = await house.preferences.of("telegram:-100", "telegram:1")
    assert kept in held.chat.values()


async def test_the_words_of_a_style_are_filtered_with_the_prompt(house: House) -> None:
    """Neither half is refused alone."""
    await house.adam("style as a small child")
    said = await house.tell("a nude", "draw", requester=ANN)
    assert said != ""
    assert len(house.queue) == 0


async def test_a_chat_speaks_its_language(house: House) -> None:
    """To everybody there; elsewhere everybody hears their own."""
    assert await house.adam("language 中文") == "语言（本群）：默认 → 中文。"
    assert (await house.ann("steps 1")).startswith("只有本群的管理员")
    job = await house.draw("a cat")
    assert job.requester.language == "zh"
    assert (await house.ann("", command="quota", reply_to=DM)).startswith("You have")
    press = Press(action="x", argument="", requester=ANN, reply_to=reply_to())
    assert "按钮" in (await house.conversation.press(press)).text
    assert await house.adam("language auto") == "Language in this chat: 中文 → default."
    assert (await house.ann("steps 1")).startswith("Only the admins")


async def test_a_members_language_holds_in_private(house: House) -> None:
    """Whatever their app says."""
    await house.draw("a cat")
    await house.ann("language zh", reply_to=DM)
    assert (await house.ann("", command="quota", reply_to=DM)).startswith("今天")


async def test_the_configured_language_is_what_is_usual(database: Database, tmp_path: Path) -> None:
    """`[bot] language`; a chat may choose another one."""
    house = House(database, tmp_path, config(bot={"language": "zh"}))
    assert "本群" in await house.ann("")
    await house.adam("language en")
    assert "in this chat" in await house.ann("")


async def test_settings_are_read_again_at_every_request(house: House, tmp_path: Path) -> None:
    """What another process wrote holds at once."""
    await house.draw("a cat")
    async with Database(house.database.path) as other:
        await House(other, tmp_path, house.config).adam("steps 7")
    assert (await house.draw("a dog")).spec.steps == 7


def test_preferences_fill_the_holes_of_the_configuration() -> None:
    """The member's before the chat's, the chat's before the configuration's."""
    usual = DefaultsConfig(checkpoint="a", steps=1, width=2, height=3, negative_prompt="n")
    assert Preferences().defaults(usual) == usual
    held = Preferences(chat={"size": "8x9", "model": "b", "style": "s"}, member={"model": "c"})
    made = held.defaults(usual)
    assert (made.width, made.height, made.checkpoint, made.style) == (8, 9, "c", "s")


@pytest.mark.parametrize(
    "pause", [Pause(), Pause(draining=True), Pause(reason="a: b"), Pause(draining=True, reason="c")]
)
def test_a_pause_is_read_as_it_was_kept(pause: Pause) -> None:
    """With any reason."""
    assert Pause.read(pause.stored) == pause


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_its_words(language: str) -> None:
    """Names and what menus show."""
    wanted = {f"{key}-{s.name}" for s in SETTINGS for key in ("settings-name", "about-settings")}
    assert wanted <= keys(language)
