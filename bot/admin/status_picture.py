"""The status as a picture: today's credits as bars, an hour each; the line and the device above.

Words stand in the message beside it: the font that comes with Pillow has no Chinese, so that the
picture keeps to figures, signs, and the name of the device.
"""

import io
from collections.abc import Iterator
from datetime import datetime
from math import ceil, floor, log10
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from bot.admin.status import Status
from bot.quota.price import CREDIT, as_credits

WIDTH, HEIGHT = 960, 440
LEFT, RIGHT, TOP, BOTTOM = 88, 24, 112, 48
"""Margins of the bars, in pixels."""
GROUND, GRID, FAINT, TEXT = "#1f2430", "#343b4b", "#8b93a5", "#eef1f6"
USED, NOW, BACK = "#4f9fdc", "#f2b53c", "#5b6478"
MOST_LINES = 4
MOST_SQUARES = 16
"""Waiting requests that are drawn one by one."""


def picture(status: Status) -> bytes:
    """A PNG of 960×440 pixels. Blue: used; yellow: used in this hour; grey above: given back."""
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(image)
    _head(draw, status)
    step, lines = scale(max((h.used + h.given_back for h in status.hours), default=0))
    bottom, high = HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM
    for line in range(lines + 1):
        y = bottom - high * line // lines
        draw.line((LEFT, y, WIDTH - RIGHT, y), fill=GRID, width=2 if not line else 1)
        _text(draw, (LEFT - 14, y), as_credits(step * line), 20, FAINT, "rm")
    _bars(draw, status, high / (step * lines))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def scale(most: int) -> tuple[int, int]:
    """Millicredits between two lines (1, 2 or 5 times a power of ten) and how many lines above
    the lowest hold `most`; at least one credit and one line."""
    most = max(most, CREDIT)
    power = 10 ** max(0, floor(log10(most / MOST_LINES)))
    step = next(power * n for n in (1, 2, 5, 10) if power * n * MOST_LINES >= most)
    return step, ceil(most / step)


def _bars(draw: ImageDraw.ImageDraw, status: Status, pixels: float) -> None:
    """`pixels`: height of a millicredit."""
    now = datetime.fromtimestamp(status.at, ZoneInfo(status.timezone)).strftime("%H")
    bottom = HEIGHT - BOTTOM
    for number, (left, right) in enumerate(_places(len(status.hours))):
        hour = status.hours[number]
        is_now, beside = hour.hour == now, abs(int(hour.hour) - int(now)) == 1
        used, back = hour.used * pixels, hour.given_back * pixels
        if back:
            draw.rectangle((left, bottom - round(used + back), right, bottom - 1), fill=BACK)
        if used:
            top = min(bottom - 2, bottom - round(used))  # what was used is seen, however little
            draw.rectangle((left, top, right, bottom - 1), fill=NOW if is_now else USED)
        if is_now or (int(hour.hour) % 3 == 0 and not beside):
            place = ((left + right) // 2, bottom + 10)
            _text(draw, place, hour.hour, 20, NOW if is_now else FAINT, "ma")


def _places(count: int) -> Iterator[tuple[int, int]]:
    """Left and right edge of each bar, in pixels, with gaps between them."""
    width = WIDTH - LEFT - RIGHT
    for number in range(count):
        left, right = (LEFT + width * (number + n) // count for n in (0, 1))
        yield left + 5, right - 5


def _head(draw: ImageDraw.ImageDraw, status: Status) -> None:
    """Today's sum on the left; what is drawn and what waits on the right, above the device."""
    _text(draw, (LEFT - 4, 22), as_credits(status.used), 48, TEXT, "la")
    if status.given_back:
        width = draw.textlength(as_credits(status.used), ImageFont.load_default(48))
        _text(draw, (LEFT + 12 + width, 46), f"-{as_credits(status.given_back)}", 24, FAINT, "la")
    right, y = WIDTH - RIGHT, 40
    more = "" if status.waiting <= MOST_SQUARES else f" {status.waiting}"
    if more:
        _text(draw, (right, y), more, 24, TEXT, "rm")
        right -= round(draw.textlength(more, ImageFont.load_default(24))) + 6
    for _ in range(min(status.waiting, MOST_SQUARES)):
        draw.rectangle((right - 12, y - 6, right, y + 6), outline=FAINT, width=2)
        right -= 18
    for _ in range(min(status.drawing, MOST_SQUARES)):
        draw.rectangle((right - 12, y - 6, right, y + 6), fill=NOW)
        right -= 18
    device = "".join(c for c in status.device if " " <= c <= "~")[:60]
    _text(draw, (WIDTH - RIGHT, 76), device, 22, FAINT, "rm")


def _text(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    words: str,
    size: int,
    colour: str,
    anchor: str,
) -> None:
    draw.text(place, words, fill=colour, font=ImageFont.load_default(size), anchor=anchor)
