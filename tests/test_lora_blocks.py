"""Block weights as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lora_blocks import LISTS, by_label, parse_blocks


@pytest.mark.parametrize(
    ("text", "ones"),
    [
        ("NONE", ""), ("ins", "BASE IN01 IN02 IN04"), ("IND", "BASE IN05 IN07 IN08"),
        ("MIDD", "BASE IN05 IN07 IN08 M00 OUT03 OUT04 OUT05 OUT06"),
        ("OUTD", "BASE OUT03 OUT04 OUT05 OUT06"), ("OUTS", "BASE OUT07 OUT08 OUT09 OUT10 OUT11"),
        ("IN00", "IN00"), ("mid", "M00"), ("BASE", "BASE"),
    ],
)  # fmt: skip
def test_presets_and_single_blocks(text: str, ones: str) -> None:
    """Names stand for the lists that their authors published."""
    weights = parse_blocks(text)
    assert weights is not None
    assert {label for label, w in by_label(weights).items() if w} == set(ones.split())
    assert set(weights) <= {0.0, 1.0}


@given(st.lists(st.floats(-10, 10).map(lambda x: round(x, 3)), max_size=30))
def test_lists_are_read_by_their_length(weights: list[float]) -> None:
    """12, 17, 20 and 26 numbers are lists of blocks; any other count is none."""
    text = ",".join(f"{w:.3f}" for w in weights)
    found = parse_blocks(text)
    assert found == (tuple(weights) if len(weights) in LISTS else None)


@pytest.mark.parametrize("text", ["", "R", ",".join("R" * 17), ",".join(["1e9"] * 17), "XYZ", "1"])
def test_what_is_no_list_is_none(text: str) -> None:
    """Random and dynamic values are not taken: the same order must be the same picture."""
    assert parse_blocks(text) is None


def test_every_list_names_its_blocks_once() -> None:
    """As many names as weights, none twice."""
    assert all(len(set(names)) == count for count, names in LISTS.items())
