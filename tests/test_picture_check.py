"""What becomes of pictures that a classifier takes for not safe for work."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.config import ModerationConfig
from bot.database import Database
from bot.domain import Fate, Platform, Progress
from bot.errors import InspectionFailed, UnusablePicture
from bot.inspection.client import Inspector
from bot.picture_check import PictureCheck
from bot.preferences import PreferenceStore
from bot.replies.messages import Messages
from tests.samples import job, picture, reply_to

REDNESS = "tests.odd_classifiers:redness"
CHAT = "telegram:-100"


def png(red: int) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (16, 16), (red, 0, 0))
    image.putpixel((15, 15), (255, 255, 255))
    image.save(out, "PNG")
    return out.getvalue()


def check(
    database: Database, inspector: Inspector, name: str = REDNESS, **moderation: Any
) -> PictureCheck:
    config = ModerationConfig(classifier=name, **moderation)
    return PictureCheck(inspector, config, PreferenceStore(database))


async def choose(database: Database, name: str, value: str | None) -> None:
    await PreferenceStore(database).set("chat", CHAT, name, value, by="telegram:9")


@pytest.mark.parametrize(
    ("action", "fate"),
    [
        ("allow", Fate.SHOWN),
        ("spoiler", Fate.SPOILER),
        ("blur", Fate.BLURRED),
        ("hold", Fate.HELD),
        ("drop", Fate.DROPPED),
    ],
)
async def test_the_setting_decides_over_what_reaches_the_threshold(
    database: Database, action: str, fate: Fate
) -> None:
    """The rating is kept with the picture; what lies below is shown."""
    async with Inspector(REDNESS) as inspector:
        looks = check(database, inspector, picture_action=action, picture_threshold=0.6)
        red = await looks.result(picture(0, png(153)), reply_to())
        dark = await looks.result(picture(0, png(150)), reply_to())
    assert (fate, 0.6) == (red.fate, red.nsfw)
    assert dark.fate is Fate.SHOWN


async def test_a_chat_has_its_own_action_and_threshold(database: Database) -> None:
    """They hold in that chat, from the next picture on, and can be taken back."""
    async with Inspector(REDNESS) as inspector:
        looks = check(database, inspector)
        await choose(database, "pictures", "hold")
        await choose(database, "pictures-from", "0.5")
        here = await looks.result(picture(0, png(150)), reply_to())
        elsewhere = await looks.result(picture(0, png(150)), reply_to(chat_id="-200"))
        await choose(database, "pictures-from", None)
        again = await looks.result(picture(0, png(150)), reply_to())
        red = await looks.result(picture(0, png(255)), reply_to())
    fates = [p.fate for p in (here, elsewhere, again, red)]
    assert fates == [Fate.HELD, Fate.SHOWN, Fate.SHOWN, Fate.HELD]


async def test_channels_for_adults_have_a_rule_of_their_own(database: Database) -> None:
    """What a server's admins chose for it does not reach them, nor the other way round."""
    adults = reply_to(age_restricted=True)
    async with Inspector(REDNESS) as inspector:
        looks = check(database, inspector)
        await choose(database, "pictures", "drop")
        usual = await looks.result(picture(0, png(255)), adults)
        preview = await looks.preview(png(255), adults)
        await choose(database, "pictures-adult", "blur")
        chosen = await looks.result(picture(0, png(255)), adults)
        outside = await looks.result(picture(0, png(255)), reply_to())
    assert [p.fate for p in (usual, chosen, outside)] == [Fate.SHOWN, Fate.BLURRED, Fate.DROPPED]
    assert preview == png(255)


async def test_a_preview_that_looks_unsafe_is_left_out(database: Database) -> None:
    """Also where results come behind a spoiler; where they are allowed it stays."""
    async with Inspector(REDNESS) as inspector:
        looks = check(database, inspector)
        assert await looks.preview(png(255), reply_to()) is None
        assert await looks.preview(png(0), reply_to()) == png(0)
        await choose(database, "pictures", "allow")
        assert await looks.preview(png(255), reply_to()) == png(255)


def test_a_preview_of_what_comes_behind_a_spoiler_does_too() -> None:
    """A forced or wanted spoiler is none if the picture is to be seen while it is drawn."""
    event = Progress(step=3, steps=20, eta_s=4.0, preview=png(0))
    for spoiler in (True, False):
        assert Messages().status(job(spoiler=spoiler), event).spoiler is spoiler


async def test_without_the_store_no_preview_is_shown(tmp_path: Path) -> None:
    """Nobody knows what the chat wants; the drawing goes on."""
    async with Inspector(REDNESS) as inspector, Database(tmp_path / "other.sqlite") as gone:
        looks = check(gone, inspector)
        async with gone.transaction() as t:
            await t.run("DROP TABLE preferences")
        assert await looks.preview(png(0), reply_to()) is None


async def test_the_operators_own_machine_is_not_watched(database: Database) -> None:
    """What is drawn on the local page or the command line is theirs to judge."""
    looks = check(database, Inspector("tests.odd_classifiers:broken"))
    for platform in (Platform.STUDIO, Platform.CONSOLE):
        shown = await looks.result(picture(0, png(255)), reply_to(platform=platform))
        assert shown.fate is Fate.SHOWN


async def test_a_picture_nobody_could_look_at_is_not_shown(database: Database) -> None:
    """A classifier that does not work is an error, not a pass."""
    async with Inspector("tests.odd_classifiers:broken") as inspector:
        looks = check(database, inspector)
        with pytest.raises(InspectionFailed, match="weights are gone"):
            await looks.result(picture(0, png(0)), reply_to())
        assert await looks.preview(png(0), reply_to()) is None


async def test_a_source_is_refused_unless_it_is_our_own_result(database: Database) -> None:
    """Or the operator allows it: everywhere, or in channels for adults only."""
    adults = reply_to(age_restricted=True)
    async with Inspector(REDNESS) as inspector:
        strict = check(database, inspector)
        for to in (reply_to(), adults):
            with pytest.raises(UnusablePicture) as refused:
                await strict.source(png(255), to, own=False)
            assert refused.value.phrases[0].key == "picture-not-safe"
        assert (await strict.source(png(255), reply_to(), own=True)).width == 16
        assert (await strict.source(png(0), reply_to(), own=False)).width == 16
        open_house = check(database, inspector, source_action="allow")
        assert (await open_house.source(png(255), reply_to(), own=False)).width == 16
        for_adults = check(database, inspector, age_restricted_sources="allow")
        assert (await for_adults.source(png(255), adults, own=False)).width == 16
        with pytest.raises(UnusablePicture):
            await for_adults.source(png(255), reply_to(), own=False)


async def test_a_chats_admins_cannot_let_more_sources_through(database: Database) -> None:
    """Only the operator may relax what is done with pictures of others."""
    await choose(database, "pictures-from", "1")
    async with Inspector(REDNESS) as inspector:
        looks = check(database, inspector)
        assert (await looks.result(picture(0, png(250)), reply_to())).fate is Fate.SHOWN
        with pytest.raises(UnusablePicture):
            await looks.source(png(250), reply_to(), own=False)


async def test_a_chats_own_threshold_holds_for_sources_too(database: Database) -> None:
    """Where it is the stricter one."""
    await choose(database, "pictures-from", "0.5")
    async with Inspector(REDNESS) as inspector:
        with pytest.raises(UnusablePicture):
            await check(database, inspector).source(png(150), reply_to(), own=False)
