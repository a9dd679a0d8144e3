"""What is written for people is true: settings, commands, targets, links."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

import run
from bot.admin.grammar import Heard, parse
from bot.admin.table import ACTS, PERSONAL
from bot.admin.table import SETTINGS as CHAT_SETTINGS
from bot.cli import _parser
from bot.command import ALIASES, parse_draw
from bot.config import Config, TierConfig
from bot.conversation import COMMANDS
from bot.domain import Platform
from bot.replies.buttons import result_buttons
from tests.samples import job, picture

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = (ROOT / "config.toml").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
MADE = [ROOT / line[1:] for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()]
"""Among them the pages that `make docs` makes."""


def all_keys() -> list[tuple[str, str]]:
    """Without tables inside a section: those have no default that could stand there."""
    sections = msgspec.to_builtins(Config()).items()
    return [(s, k) for s, keys in sections for k, value in keys.items() if value != {}]


@pytest.mark.parametrize(("section", "key"), all_keys())
def test_every_setting_stands_explained_in_the_shipped_file(section, key):
    """Each key is there, and its comment right above it."""
    assert key in tomllib.loads(SETTINGS)[section]
    table = SETTINGS.split(f"[{section}]\n")[1].split("\n[")[0]
    before = table[: re.search(rf"^{key} = ", table, re.MULTILINE).start()]
    assert before.splitlines()[-1].startswith("# ")


def test_the_shipped_file_explains_no_key_twice_or_in_vain():
    """Nothing stands in the file that the program does not know."""
    assert [(s, k) for s, keys in tomllib.loads(SETTINGS).items() for k in keys] == all_keys()


def test_the_tier_that_is_shown_is_one():
    """Without its comment signs the example of a tier is taken, and names every key."""
    example = SETTINGS.split("# [quota.tiers.patron]\n")[1].split("\n\n")[0]
    table = tomllib.loads(re.sub(r"^# ", "", example, flags=re.MULTILINE))
    assert msgspec.convert(table, TierConfig)
    assert tuple(table) == TierConfig.__struct_fields__


def targets() -> set[str]:
    line = next(s for s in (ROOT / "Makefile").read_text().splitlines() if s.startswith(".PHONY"))
    return set(line.partition(":")[2].split())


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_every_make_target_that_is_named_exists(path):
    """`make x` in any page is a target, and each target is a command of run.py."""
    named = re.findall(r"(?:`|^)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= targets()


def test_make_knows_what_run_py_knows():
    """Whoever has no make misses nothing."""
    assert targets() == {"run", "setup", "check", "format", "torture", "screenshots", *run.CHECKS}


def test_ci_runs_the_readmes_test_command_and_every_check():
    """What a newcomer types is what CI types."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "make test" in README
    assert set(run.CHECKS) == set(re.findall(r"^make ([a-z]+)", script, re.MULTILINE))


def test_the_readme_begins_with_the_two_commands():
    """The first code block is all that a newcomer needs."""
    first = README.split("```")[1]
    assert [line.split("#")[0].strip() for line in first.strip().splitlines()] == [
        "make run",
        "make test",
    ]


def test_the_readmes_commands_are_the_bots():
    """Each command of the menus has its row, and no row promises one that is not there."""
    table = README.split("## Commands")[1].split("\n\n")[1]
    rows = re.findall(r"^\| `/(\w+)", table, re.MULTILINE)
    known = [command.name for command in COMMANDS]
    assert set(known) <= set(rows)
    assert set(rows) - set(known) == {"claim", "admin"}
    assert all(f"{alias}`" in table for alias in ALIASES)


def test_the_readmes_example_of_a_request_is_understood():
    """Its flags parse without a fault."""
    example = re.search(r"^/draw (.+--.+)$", README, re.MULTILINE)[1]
    parsed = parse_draw(example)
    assert not parsed.faults
    assert parsed.request.seed == 42


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_every_file_that_is_linked_exists(path):
    """A link inside the project leads somewhere."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists() or path.parent / target in MADE, target


ADMINISTRATION = (ROOT / "docs" / "administration.md").read_text("utf-8")


def test_the_page_for_admins_tells_who_may_do_what():
    """One row for each act of the table in the code, with the same permission."""
    rows = re.findall(r"^\| `/admin ([^`]+)` \|.*\| (.+) \|$", ADMINISTRATION, re.MULTILINE)
    assert len(rows) == len(ACTS)
    for act, (written, who) in zip(ACTS, rows, strict=True):
        assert f"{written} ".startswith(f"{act.words} ")
        assert who == ("operators" if act.operator_only else "chat admins, here")


def test_the_page_for_admins_tells_all_settings():
    """And which of them members have for themselves."""
    table = ADMINISTRATION.split("| setting |")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `([\w-]+)` \|.*\| (yes|no) \|$", table, re.MULTILINE))
    assert rows == {s.name: "yes" if s.name in PERSONAL else "no" for s in CHAT_SETTINGS}


def test_the_examples_of_the_page_for_admins_are_understood():
    """As they stand there, said in a chat about a member."""
    for written in re.findall(r"^\| `/admin ([^`]+)` \|", ADMINISTRATION, re.MULTILINE):
        parse(written.replace("@ann", "telegram:1"), Heard(platform=Platform.TELEGRAM))
    for written in re.findall(r"^chatelier admin (.+)$", ADMINISTRATION, re.MULTILINE):
        parse(written, Heard(platform=Platform.CONSOLE))


def test_the_readme_tells_the_buttons():
    """Each sign that stands under a result, so that nobody looks for one that is gone."""
    told = README.split("Under a result stand buttons:")[1].split("\n\n")[0]
    buttons = result_buttons(job(), [picture()], "en", report=True)
    signs = [button.label for button in buttons]
    assert len(signs) == 8
    assert [s for s in signs if s not in told] == []


def test_the_readmes_commands_of_the_shell_are_understood():
    """As they stand there."""
    parser = _parser()
    for written in re.findall(r"`chatelier ([a-z][^`]*)`", README):
        words = " ".join(written.split()).replace("…", "status").split()
        assert parser.parse_known_args(words)[0].command == words[0]
