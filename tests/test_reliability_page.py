"""The page about reliability names a test for every fault, and each of them exists."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "reliability.md"
FAULTS = PAGE.read_text("utf-8").partition("## Faults")[2].partition("\n## ")[0]
ROWS = [row for row in FAULTS.splitlines() if row.startswith("|")][2:]


def _names_in(name: str) -> set[str]:
    """Names of the test functions of a file."""
    tree = ast.parse((TESTS / name).read_text("utf-8"))
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_fault_has_tests_that_exist(row: str) -> None:
    """By file and name, and nothing else stands in the last column."""
    fault, follows, named = (cell.strip() for cell in row.strip("|").split(" | "))
    assert fault
    assert follows
    for one in named.split(", "):
        found = re.fullmatch(r"`(test_\w+\.py)::(test_\w+)`", one)
        assert found is not None, one
        assert found[2] in _names_in(found[1])


def test_the_faults_are_all_there() -> None:
    """A row that is lost is noticed."""
    assert len(ROWS) >= 28
