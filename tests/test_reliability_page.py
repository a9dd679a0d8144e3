"""The page about reliability names a test for every fault, and each of them exists."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGES = [TESTS.parent / "docs" / f"reliability{suffix}.md" for suffix in ("", ".zh")]


def _rows(page: Path) -> list[str]:
    """Of the table whose last column names tests."""
    (table,) = [part for part in page.read_text("utf-8").split("\n\n") if ".py::" in part]
    return table.splitlines()[2:]


ROWS = [row for page in PAGES for row in _rows(page)]


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
    """A row that is lost is noticed, and both languages name the same tests."""
    english, chinese = ([row.rpartition(" | ")[2] for row in _rows(page)] for page in PAGES)
    assert len(english) >= 28
    assert english == chinese
