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
    """After running out of memory with eight rows the limit stays below."""
    meter = measured(None, {2: 1.0, 4: 1.0, 8: 1.0, 16: 1.0})
    meter.too_many(8)
    assert meter.limit("key") == 4


def test_times_are_kept_for_the_same_device(tmp_path: Path) -> None:
    """A second start knows what the first measured; another device or a damaged file does not."""
    file = tmp_path / "rows.json"
    measured(file, {2: 1.0, 4: 2.0})
    assert not RowMeter(file, "device").wants("key", 4)
    assert RowMeter(file, "another").wants("key", 4)
    file.write_text("{broken")
    assert RowMeter(file, "device").wants("key", 4)
