"""Pictures are opened and rated in a process of their own, which may die of them."""

import asyncio
import io
import random
import sys

import pytest
from PIL import Image

from bot.errors import InspectionFailed, UnusablePicture
from bot.inspection.client import Inspector

pytestmark = pytest.mark.timeout(60)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def noise(width: int, height: int = 16) -> Image.Image:
    pixels = random.Random(width).randbytes(width * height * 3)
    return Image.frombytes("RGB", (width, height), pixels)


async def test_a_source_is_opened_and_rated_by_the_packaged_network() -> None:
    """Size kept, metadata gone, a plain PNG; noise is nothing to hide."""
    async with Inspector("opennsfw") as inspector:
        opened = await inspector.open(encoded(noise(64), "JPEG"))
        again = await inspector.rate(opened.png)
    assert (opened.width, opened.height) == (64, 16)
    assert Image.open(io.BytesIO(opened.png)).format == "PNG"
    assert opened.rating.nsfw is not None
    assert 0 <= opened.rating.nsfw < 0.5
    assert again == opened.rating


async def test_an_operators_own_classifier_is_asked() -> None:
    """Named as module and factory; it sees the picture itself."""
    async with Inspector("tests.odd_classifiers:redness") as inspector:
        for red in (0, 51, 255):
            rating = await inspector.rate(encoded(Image.new("RGB", (8, 8), (red, 0, 0))))
            assert rating.nsfw == pytest.approx(red / 255)


async def test_without_a_classifier_nothing_is_rated() -> None:
    """Pictures are still opened."""
    async with Inspector("off") as inspector:
        assert (await inspector.open(encoded(noise(8)))).rating.nsfw is None
        assert (await inspector.rate(encoded(noise(8)))).nsfw is None


async def test_what_is_no_picture_is_refused_and_the_process_goes_on() -> None:
    """A text, a bomb of pixels, a thin one: each with its own sentence."""
    async with Inspector("off") as inspector:
        bomb = encoded(Image.new("1", (6000, 6000)))
        thin = encoded(Image.new("L", (2100, 100)))
        for content, key in [
            (b"not a picture", "picture-not-a-picture"),
            (bomb, "picture-too-many-pixels"),
            (thin, "picture-too-thin"),
            (encoded(noise(64))[:-40], "picture-damaged"),
        ]:
            with pytest.raises(UnusablePicture) as refused:
                await inspector.open(content)
            assert refused.value.phrases[0].key == key
        assert (await inspector.open(encoded(noise(8)))).width == 8


async def test_the_largest_picture_that_is_taken_fits_the_limits() -> None:
    """25 megapixels with transparency, which are decoded, flattened and encoded again."""
    async with Inspector("opennsfw") as inspector:
        opened = await inspector.open(encoded(Image.new("RGBA", (5000, 5000), "red")))
    assert (opened.width, opened.height) == (5000, 5000)


@pytest.mark.parametrize("width", [10, 20, 30, 40], ids=["exit", "hang", "raise", "memory"])
async def test_a_picture_that_breaks_the_process_is_damaged_and_the_next_one_opens(
    width: int,
) -> None:
    """Crash, hang, exception or hunger for memory: the helper is replaced."""
    async with Inspector(
        "tests.odd_classifiers:moody", time_limit_s=1.0, memory_limit=2**29
    ) as inspector:
        with pytest.raises(UnusablePicture) as refused:
            await inspector.open(encoded(noise(width)))
        assert refused.value.phrases[0].key == "picture-damaged"
        with pytest.raises(InspectionFailed):
            await inspector.rate(encoded(noise(width)))
        assert (await inspector.rate(encoded(noise(50)))).nsfw == 0.25


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("tests.odd_classifiers:broken", "the weights are gone"),
        ("tests.nowhere:made", "No module named"),
        ("nonsense", "neither"),
    ],
)
async def test_a_classifier_that_cannot_be_used_is_named(name: str, why: str) -> None:
    """Nothing is rated by a classifier that is not there, and the operator reads why."""
    async with Inspector(name) as inspector:
        with pytest.raises(InspectionFailed, match=why) as failed:
            await inspector.rate(encoded(noise(8)))
    assert name in failed.value.detail


@pytest.mark.parametrize("width", [1, 2, 3])
async def test_what_is_no_probability_is_no_rating(width: int) -> None:
    """NaN lies below every threshold: what got it would be shown."""
    async with Inspector("tests.odd_classifiers:senseless") as inspector:
        with pytest.raises(InspectionFailed):
            await inspector.rate(encoded(noise(width)))


async def test_a_process_that_does_not_start_is_told() -> None:
    """A missing program, and one that ends at once."""
    for command in (("nowhere-to-be-found",), (sys.executable, "-c", "pass")):
        async with Inspector("off", command=command) as inspector:
            with pytest.raises(InspectionFailed, match="start"):
                await inspector.rate(b"")


async def test_an_answer_nobody_waits_for_is_not_given_to_the_next() -> None:
    """A cancelled question takes its process with it."""
    async with Inspector("tests.odd_classifiers:moody") as inspector:
        asked = asyncio.create_task(inspector.rate(encoded(noise(20))))
        while inspector._child is None:
            await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await inspector.rate(encoded(noise(50)))).nsfw == 0.25
