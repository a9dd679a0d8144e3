"""How many rows a call pays, from made-up times."""

from pathlib import Path

from bot.render.rows import RowMeter


def measured(file: Path | None, seconds: dict[int, float]) -> RowMeter:
    meter = RowMeter(file, "device")
    for rows, time in seconds.items():
        meter.note("key", rows, time)
    return meter


def test_an_unknown_model_is_tried_with_more_and_more_rows() -> None:
    """Each limit is the next bucket until its time is known."""
    meter = RowMeter(None, "device")
    for rows in (2, 4, 8):
        assert rows == meter.limit("key")
        meter.note("key", rows, 1.0)


def test_growing_ends_where_throughput_stops() -> None:
    """Eight rows that take as long as two calls of four do not pay."""
    assert measured(None, {1: 1.0, 2: 1.1, 4: 1.5, 8: 2.95}).limit("key") == 4


def test_the_larger_bucket_gets_another_chance_now_and_then() -> None:
    """A time taken at a bad moment does not hold for ever."""
    meter = measured(None, {2: 1.0, 4: 50.0})
    limits = [meter.limit("key") for _ in range(100)]
    assert limits.count(4) == 2
    meter.note("key", 4, 1.2)
    assert meter.limit("key") == 8


def test_what_did_not_fit_is_not_tried_again() -> None:
    """After running out of memory with eight rows the limit stays below; for this model at this
    size alone."""
    meter = measured(None, {2: 1.0, 4: 1.0, 8: 1.0, 16: 1.0})
    meter.too_many("key", 8)
    assert meter.limit("key") == 4
    assert (meter.fits("key", 4), meter.fits("key", 8)) == (True, False)
    meter.too_many("key", 2)
    assert meter.limit("key") == 1
    assert meter.limit("another") == 2


def test_times_are_kept_for_the_same_device(tmp_path: Path) -> None:
    """A second start knows what the first measured; another device or a damaged file does not."""
    file = tmp_path / "rows.json"
    measured(file, {2: 1.0, 4: 2.0})
    assert not RowMeter(file, "device").wants("key", 4)
    assert RowMeter(file, "another").wants("key", 4)
    file.write_text("{broken")
    assert RowMeter(file, "device").wants("key", 4)


def test_a_slow_moment_in_the_middle_does_not_hide_a_gain() -> None:
    """A bucket that seemed to gain nothing is passed over when a larger one gains."""
    assert measured(None, {1: 1.0, 2: 1.2, 4: 9.0, 8: 2.0, 16: 3.9}).limit("key") == 8


def test_the_faster_way_is_taken() -> None:
    """Both ways of a bucket are tried; then the faster one, and now and then the other."""
    meter = RowMeter(None, "device")
    assert meter.apart("key", 4)
    meter.note("key", 4, 1.0, apart=True)
    assert not meter.apart("key", 4)
    meter.note("key", 4, 2.0)
    assert [meter.apart("key", 4) for _ in range(50)].count(False) == 1
    assert meter.apart("key", 5)
    assert meter.best("key") == {4: 1.0}
