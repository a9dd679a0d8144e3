"""`/admin status` as a picture: what its pixels say."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.admin.status import Status
from bot.admin.status_picture import BACK, HEIGHT, NOW, USED, WIDTH, picture, scale
from bot.quota.price import CREDIT
from bot.quota.tally import HourOfCredits

FIVE_PM = 1795252000.0
"""17:46 in Shanghai."""


def drawn(
    used: dict[int, int], back: dict[int, int] | None = None, **changes: object
) -> Image.Image:
    hours = tuple(
        HourOfCredits(hour=f"{h:02}", used=used.get(h, 0), given_back=(back or {}).get(h, 0))
        for h in range(24)
    )
    status = Status(at=FIVE_PM, timezone="Asia/Shanghai", hours=hours, **changes)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(picture(status))) as opened:
        assert opened.format == "PNG"
        return opened.convert("RGB")


def count(image: Image.Image, colour: str, box: tuple[int, int, int, int] | None = None) -> int:
    wanted = tuple(bytes.fromhex(colour[1:]))
    part = image.crop(box) if box else image
    return sum(n for n, pixel in part.getcolors(WIDTH * HEIGHT) or [] if pixel == wanted)


BARS = (88, 112, WIDTH, HEIGHT - 48)


def test_bars_are_as_high_as_the_hours_were_busy() -> None:
    """Twice the credits, twice the blue; the present hour is yellow."""
    image = drawn({3: 1000, 8: 2000, 17: 4000})
    assert image.size == (WIDTH, HEIGHT)
    columns = [count(image, USED, (x, BARS[1], x + 1, BARS[3])) for x in range(BARS[0], WIDTH)]
    heights = sorted({c for c in columns if c})
    assert len(heights) == 2
    assert heights[1] == pytest.approx(2 * heights[0], abs=2)
    yellow = [count(image, NOW, (x, BARS[1], x + 1, BARS[3])) for x in range(BARS[0], WIDTH)]
    assert max(yellow) == pytest.approx(2 * heights[1], abs=2)


def test_what_was_given_back_stands_above() -> None:
    """Grey, and as high as it was."""
    image = drawn({3: 2000}, {3: 2000})
    assert count(image, BACK, BARS) == pytest.approx(count(image, USED, BARS), rel=0.05)


def test_an_empty_day_has_no_bars() -> None:
    """But its hours and its zero."""
    image = drawn({})
    assert count(image, USED) == 0
    assert count(image, NOW, BARS) == 0


def test_little_is_seen_beside_much() -> None:
    """A hundredth of a credit beside a thousand credits."""
    image = drawn({3: 10, 8: 1_000_000})
    left = (BARS[0], BARS[1], BARS[0] + 6 * 35, BARS[3])
    assert count(image, USED, left) > 0


def test_the_line_is_drawn_one_by_one() -> None:
    """Yellow squares are drawn now; many that wait become a number."""
    head = (300, 0, WIDTH, 60)
    one, three = (count(drawn({}, drawing=n), NOW, head) for n in (1, 3))
    assert three == 3 * one > 0
    few, many = (picture_bytes(waiting) for waiting in (16, 17))
    assert few != many


def picture_bytes(waiting: int) -> bytes:
    return drawn({}, waiting=waiting).tobytes()


def test_a_device_whose_name_the_font_lacks_is_left_out() -> None:
    """No boxes in place of letters."""
    assert drawn({}, device="显卡").tobytes() == drawn({}, device="").tobytes()
    assert drawn({}, device="CPU").tobytes() != drawn({}, device="").tobytes()


@given(st.integers(0, 10**12))
def test_the_scale_holds_the_highest_bar(most: int) -> None:
    """Steps of 1, 2 or 5, at most four lines, and not much empty room above."""
    step, lines = scale(most)
    assert 1 <= lines <= 4
    assert step * lines >= most
    assert step * (lines - 1) < max(most, CREDIT)
    assert str(step).rstrip("0") in ("1", "2", "5")


@pytest.mark.parametrize("count_of_hours", [23, 25])
def test_days_of_the_change_of_clocks(count_of_hours: int) -> None:
    """23 or 25 hours fit as well."""
    hours = tuple(
        HourOfCredits(hour=f"{h % 24:02}", used=1000, given_back=0) for h in range(count_of_hours)
    )
    with Image.open(io.BytesIO(picture(Status(at=0, timezone="UTC", hours=hours)))) as opened:
        assert opened.size == (WIDTH, HEIGHT)
