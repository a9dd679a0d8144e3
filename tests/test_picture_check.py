"""What becomes of pictures that a classifier takes for not safe for work."""

import io

import pytest
from PIL import Image

from bot.config import ModerationConfig
from bot.domain import Fate, Platform
from bot.errors import InspectionFailed, UnusablePicture
from bot.inspection.client import Inspector
from bot.picture_check import PictureCheck
from tests.samples import picture, reply_to

REDNESS = "tests.odd_classifiers:redness"


def png(red: int) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (16, 16), (red, 0, 0))
    image.putpixel((15, 15), (255, 255, 255))
    image.save(out, "PNG")
    return out.getvalue()


def moderation(**changes: object) -> ModerationConfig:
    return ModerationConfig(classifier=REDNESS, **changes)  # type: ignore[arg-type]  # by keyword


@pytest.mark.parametrize(
    ("action", "fate"),
    [
        ("allow", Fate.SHOWN),
        ("spoiler", Fate.SPOILER),
        ("blur", Fate.BLURRED),
        ("drop", Fate.DROPPED),
    ],
)
async def test_the_setting_decides_over_what_reaches_the_threshold(action: str, fate: Fate) -> None:
    """The rating is kept with the picture; what lies below is shown."""
    async with Inspector(REDNESS) as inspector:
        check = PictureCheck(inspector, moderation(picture_action=action, picture_threshold=0.6))
        red = await check.result(picture(0, png(153)), reply_to())
        dark = await check.result(picture(0, png(150)), reply_to())
    assert (fate, 0.6) == (red.fate, red.nsfw)
    assert dark.fate is Fate.SHOWN


async def test_a_preview_that_looks_unsafe_is_left_out() -> None:
    """Also where results come behind a spoiler; where they are allowed it stays."""
    async with Inspector(REDNESS) as inspector:
        check = PictureCheck(inspector, moderation())
        assert await check.preview(png(255), reply_to()) is None
        assert await check.preview(png(0), reply_to()) == png(0)
        relaxed = PictureCheck(inspector, moderation(picture_action="allow"))
        assert await relaxed.preview(png(255), reply_to()) == png(255)


async def test_the_operators_own_machine_is_not_watched() -> None:
    """What is drawn on the local page or the command line is theirs to judge."""
    check = PictureCheck(Inspector("tests.odd_classifiers:broken"), moderation())
    for platform in (Platform.STUDIO, Platform.CONSOLE):
        shown = await check.result(picture(0, png(255)), reply_to(platform=platform))
        assert shown.fate is Fate.SHOWN


async def test_a_picture_nobody_could_look_at_is_not_shown() -> None:
    """A classifier that does not work is an error, not a pass."""
    async with Inspector("tests.odd_classifiers:broken") as inspector:
        with pytest.raises(InspectionFailed, match="weights are gone"):
            await PictureCheck(inspector, moderation()).result(picture(0, png(0)), reply_to())


async def test_a_source_is_refused_unless_it_is_our_own_result() -> None:
    """Or the operator allows it."""
    async with Inspector(REDNESS) as inspector:
        strict = PictureCheck(inspector, moderation())
        with pytest.raises(UnusablePicture) as refused:
            await strict.source(png(255), reply_to(), own=False)
        assert refused.value.phrases[0].key == "picture-not-safe"
        assert (await strict.source(png(255), reply_to(), own=True)).width == 16
        assert (await strict.source(png(0), reply_to(), own=False)).width == 16
        open_house = PictureCheck(inspector, moderation(source_action="allow"))
        assert (await open_house.source(png(255), reply_to(), own=False)).width == 16
