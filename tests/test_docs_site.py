"""The documentation site: made from the program where it can be, true where it is written."""

import ast
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from bot.command import parse_draw
from bot.command.flags import FLAGS
from bot.config import Config
from bot.conversation import COMMANDS
from tests.test_docs import all_keys

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
OUR_WORDS = "\n".join(
    p.read_text("utf-8") for p in sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("bot/**/*.ftl")])
)


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return hook().pages()


def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_pages", DOCS / "_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["configuration.md", "configuration.zh.md"])
@pytest.mark.parametrize(("section", "key"), all_keys())
def test_every_setting_has_its_row(made: dict[str, str], name: str, section: str, key: str) -> None:
    """With its default and an explanation, in the table of its section and the page's language."""
    table = made[name].split(f"## [{section}]\n")[1].split("\n## ")[0]
    row = re.search(rf"^\| `{key}` \| `(.+)` \| (.+) \|$", table, re.MULTILINE)
    assert row is not None
    assert len(row[2]) > 3
    assert bool(re.search(r"[\u4e00-\u9fff]", row[2])) is name.endswith(".zh.md")


@pytest.mark.parametrize("name", ["configuration.md", "configuration.zh.md"])
def test_there_are_no_sections_beside_the_schema(made: dict[str, str], name: str) -> None:
    """In its order."""
    assert re.findall(r"^## \[(\w+)\]", made[name], re.MULTILINE) == list(Config.__struct_fields__)


def test_the_chinese_words_are_about_the_same_keys() -> None:
    """What was taken away is explained nowhere."""
    told = tomllib.loads((DOCS / "_configuration.zh.toml").read_text("utf-8"))
    assert [(s, k) for s, keys in told.items() for k in keys] == all_keys()


@pytest.mark.parametrize("name", ["commands.md", "commands.zh.md"])
def test_every_command_and_every_flag_has_its_row(made: dict[str, str], name: str) -> None:
    """In both languages, with words behind; what stands there is taken as it is written."""
    told = dict(re.findall(r"^\| `/(\w+)` \| (.+) \|$", made[name], re.MULTILINE))
    assert [c.name for c in COMMANDS] == list(told)[: len(COMMANDS)]
    assert {"admin", "claim", "language"} <= set(told)  # the last two stand in no menu of all chats
    rows = re.findall(r"^\| (`-.+`) \| `(-.+)` \|$", made[name], re.MULTILINE)
    written = [way for names, _ in rows for way in re.findall(r"`([^`]+)`", names)]
    assert sorted(way.lstrip("-") for way in written) == sorted(n for f in FLAGS for n in f.names)
    for names, example in rows:
        first = parse_draw(f"a fox {example}")
        assert not first.faults, example
        assert first.request.prompt == "a fox", example
        value = example.partition(" ")[2]
        for way in re.findall(r"`([^`]+)`", names):
            assert parse_draw(f"a fox {way} {value}") == first, way


def test_the_chinese_page_is_chinese(made: dict[str, str]) -> None:
    """What a command does is said in the language of the page."""
    told = re.findall(
        r"^\| `(?:/|chatelier )[\w ]+` \| (.+) \|$", made["commands.zh.md"], re.MULTILINE
    )
    assert len(told) > 20
    assert all(re.search(r"[\u4e00-\u9fff]", words) for words in told)


@pytest.mark.parametrize("name", ["commands.md", "commands.zh.md"])
def test_every_command_of_the_shell_has_its_row(made: dict[str, str], name: str) -> None:
    """Groups are told command by command."""
    rows = re.findall(r"^\| `chatelier ([\w ]+)` \| (.+) \|$", made[name], re.MULTILINE)
    names = [name for name, _ in rows]
    for name in ("run", "init", "check", "top", "draw", "models add", "models convert", "admin"):
        assert name in names
    assert all(words.strip() for _, words in rows)


QUOTED = re.compile(r"^\| (.+?) \| ", re.MULTILINE)


@pytest.mark.parametrize("name", ["troubleshooting.md", "troubleshooting.zh.md"])
def test_what_troubleshooting_quotes_is_what_the_program_says(name: str) -> None:
    """Somebody looks here for the words that they have read."""
    first = " ".join(QUOTED.findall((DOCS / name).read_text("utf-8")))
    quotes = [q for q in re.findall(r"`([^`]+)`", first) if not q.startswith(("画", "["))]
    assert len(quotes) > 20
    joined = re.sub(r'["\']\s*f?["\']', "", re.sub(r"\s+", " ", OUR_WORDS))
    for quote in quotes:
        assert quote in joined, quote


def test_the_chinese_page_of_troubles_has_the_same_words() -> None:
    """A row that is only in one language is forgotten in the other."""
    pages = [(DOCS / f"troubleshooting{s}.md").read_text("utf-8") for s in ("", ".zh")]
    first, second = ({q for row in QUOTED.findall(p) for q in re.findall(r"`([^`]+)`", row)}
                     for p in pages)  # fmt: skip
    assert second <= first
    assert len(first - second) <= 3


def strings(path: Path) -> list[str]:
    """Text in the code; what documents it is left out."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
    ]


SAID_TO_PEOPLE = {"bot.example.org", "t.me", "discord.com", "127.0.0.1"}
"""Hosts in sentences and examples; the bot asks nothing there."""


@pytest.mark.parametrize("name", ["leaves.md", "leaves.zh.md"])
def test_every_host_that_stands_in_the_code_is_on_the_page(name: str) -> None:
    """What leaves the machine goes to one of these."""
    page = (DOCS / name).read_text("utf-8")
    hosts = {
        host
        for path in ROOT.glob("bot/**/*.py")
        for text in strings(path)
        for host in re.findall(r"https?://([a-z][\w-]*(?:\.[\w-]+)+)", text)
    }
    hosts |= {
        text
        for path in (ROOT / "bot" / "adapters").glob("**/*.py")
        for text in strings(path)
        if re.fullmatch(r"[a-z-]+\.(discordapp|discord)\.(com|net)", text)
    }
    assert "api.telegram.org" in hosts
    assert {h for h in hosts - SAID_TO_PEOPLE if f"`{h}`" not in page} == set()


def test_every_page_that_is_named_as_a_proof_exists() -> None:
    """The security page names tests."""
    named = re.findall(r"`(tests/\w+\.py)`", (DOCS / "security.md").read_text("utf-8"))
    assert len(named) > 8
    assert all((ROOT / name).exists() for name in named)


def test_every_page_is_in_the_menu() -> None:
    """And every entry of the menu is a page, made or written."""
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    listed = {
        page
        for group in config["nav"]
        for pages in group.values()
        for page in ([pages] if isinstance(pages, str) else pages)
    }
    written = {p.name for p in DOCS.glob("*.md") if not p.stem.endswith(".zh")}
    assert listed == written | {n for n in hook().pages() if not n.endswith(".zh.md")}


def test_pages_show_only_pictures_that_a_test_takes() -> None:
    """tests/test_studio_app.py opens the page and takes them; the drawing of the parts is ours."""
    shots = set(re.findall(r'shoot\(page, "([\w-]+)"\)',
                           (ROOT / "tests" / "test_studio_app.py").read_text("utf-8")))  # fmt: skip
    shown = {
        name
        for page in DOCS.glob("*.md")
        for name in re.findall(r"\]\(images/([\w.-]+)\)", page.read_text("utf-8"))
    }
    assert shown - {"architecture.svg"} <= {f"{name}.webp" for name in shots}
    assert len(shown) > 2


TRANSLATED = sorted(p.name.removesuffix(".zh.md") for p in DOCS.glob("*.zh.md"))


def names_in(page: str) -> set[str]:
    """What stands in code spans; a line may end within one."""
    text = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return {" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_chinese_page_names_what_the_english_one_names(name: str) -> None:
    """What was renamed or taken away in one language does not live on in the other; tables have
    the same rows."""
    english, chinese = ((DOCS / f"{name}{s}.md").read_text("utf-8") for s in ("", ".zh"))
    known, named = names_in(english), names_in(chinese)
    assert {name for name in named - known if name.isascii()} == set()
    assert chinese.count("\n| ") == english.count("\n| ")
    assert chinese.count("\n## ") <= english.count("\n## ")


_CHINESE = r"\u2e80-\u9fff\u3000-\u303f\uff00-\uffef“”…—"
_STRAY = re.compile(
    rf"(?:[{_CHINESE}]\n(?=[{_CHINESE}])|[，。；：、！？）」”]\n(?=\S)|\S\n(?=[，。；：、！？（「“]))"
    r"(?!\s*(?:[-*+#|>]|\d+\. |```))"
)
"""A line that ends amid Chinese: the browser shows its end as a space. Where the next line begins
a list, a table or a heading, it is none."""


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_line_of_a_chinese_page_ends_amid_its_sentence(name: str) -> None:
    """Chinese is written without spaces, so a paragraph is one line."""
    page = (DOCS / f"{name}.zh.md").read_text("utf-8")
    text = re.sub(r"^ *```.*?^ *```|^[#|][^\n]*$", "", page, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\n +", "\n", text)
    assert [text[m.start() - 12 : m.end() + 12] for m in _STRAY.finditer(text)] == []
