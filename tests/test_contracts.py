"""Rules about the code itself that import-linter cannot say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "bot"
FILES = sorted(PACKAGE.rglob("*.py"))
MAY_SPEAK_SQL = {
    "database.py",
    "gallery.py",
    "holds.py",
    "inbox.py",
    "journal.py",
    "settings.py",
    "audit.py",
    "members",
    "migrations",
    "preferences.py",
    "presets.py",
    "quota",
    "removal.py",
}
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|CREATE\s+TABLE|PRAGMA\s+\w+\s*=)\b",
    re.DOTALL,
)


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_sql_stands_only_where_it_is_allowed():
    """Tables are read and written by the store's own modules alone."""
    speakers = {named(path) for path in FILES if SQL.search(path.read_text("utf-8"))}
    assert speakers
    strangers = {name for name in speakers if name.split("/")[0] not in MAY_SPEAK_SQL}
    assert set() == strangers


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_outgrows_400_lines(path: Path):
    """A file of 400 lines is usually two ideas; only the vocabulary is one however long."""
    most = 500 if named(path) == "domain.py" else 400
    assert len(path.read_text("utf-8").splitlines()) < most


def test_there_is_no_drawer_for_odds_and_ends():
    """Every module has a name that says what it is about."""
    assert {p.stem for p in FILES}.isdisjoint({"utils", "util", "helpers", "misc", "common"})


def test_the_bot_process_imports_no_torch():
    """Everything that `chatelier run` imports leaves torch and its kin alone."""
    code = (
        "import bot.app, bot.check, bot.cli, bot.greeting, sys\n"
        "import bot.adapters.discord, bot.adapters.studio, bot.adapters.telegram\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'safetensors', 'peft', 'accelerate'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_nothing_needs_posix(path: Path):
    """Fork, Unix sockets and /proc are missing on Windows, and so here."""
    text = path.read_text("utf-8")
    found = re.findall(r"os\.fork|AF_UNIX|open_unix|start_unix|[\"']/proc/|import fcntl", text)
    assert found == []
