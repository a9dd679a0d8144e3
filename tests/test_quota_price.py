"""What a picture costs, and when a day ends."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.quota.price import as_credits, picture_cost
from bot.quota.windows import day_of, seconds_to_next_day
from bot.spec import HiresSpec
from tests.samples import spec


def test_one_credit_is_a_512_picture_of_20_steps() -> None:
    """The unit of PRODUCT: 512×512, 20 steps."""
    assert picture_cost(spec()) == 1000


def test_cost_grows_with_pixels_and_steps() -> None:
    """Twice the side is four times the work; twice the steps, twice."""
    assert picture_cost(spec(width=1024, height=1024)) == 4000
    assert picture_cost(spec(steps=40)) == 2000


def test_img2img_costs_the_steps_it_runs() -> None:
    """At strength 0.6, thirteen of twenty steps are run."""
    assert picture_cost(spec(input_sha256="a" * 64, denoising_strength=0.6)) == 650


def test_the_second_pass_costs_its_pixels_and_steps() -> None:
    """Twice the side at half the steps: one credit for the first pass, two for the second."""
    hires = HiresSpec(width=1024, height=1024, steps=10)
    assert picture_cost(spec(hires=hires)) == 3000


def test_nothing_is_free() -> None:
    """The smallest picture costs at least a millicredit."""
    assert picture_cost(spec(width=8, height=8, steps=1)) == 1


def test_the_day_is_the_one_of_the_configured_zone() -> None:
    """At 17:00 UTC it is already tomorrow in Shanghai."""
    moment = datetime(2026, 11, 21, 17, tzinfo=ZoneInfo("UTC")).timestamp()
    assert day_of(moment, "UTC") == "2026-11-21"
    assert day_of(moment, "Asia/Shanghai") == "2026-11-22"


def test_the_day_that_daylight_saving_ends_has_25_hours() -> None:
    """Midnight comes right on both days of the year that are not 24 hours long."""
    zone = ZoneInfo("Europe/Berlin")
    autumn = datetime(2026, 10, 25, tzinfo=zone).timestamp()
    spring = datetime(2026, 3, 29, tzinfo=zone).timestamp()
    assert seconds_to_next_day(autumn, "Europe/Berlin") == 25 * 3600
    assert seconds_to_next_day(spring, "Europe/Berlin") == 23 * 3600


def test_credits_are_shown_with_two_digits_at_most() -> None:
    """Rounded up, so that a price is never understated."""
    assert [as_credits(m) for m in (1000, 12_500, 63, 0)] == ["1", "12.5", "0.07", "0"]
