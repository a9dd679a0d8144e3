"""Another language is a folder: with it the bot speaks it everywhere, without a line of code."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

import bot
from bot.admin.table import LANGUAGE_CHOICES
from bot.config.schema import BotConfig
from bot.replies import LANGUAGES, language_for

PACKAGE = Path(bot.__file__).parent
TOY = {
    "jobs.ftl": ("status-next = ", "status-next = Tuj post { WAIT($wait) } kaj { $price }: "),
    "studio.ftl": ("studio-page-send = ", "studio-page-send = Sendu "),
}
ASK = """
import json
from bot.adapters.studio.pages import PAGE
from bot.adapters.studio.words import fill
from bot.adapters.telegram.menu import CODES
from bot.admin.choices import _WORDS
from bot.admin.table import LANGUAGE_CHOICES
from bot.domain import Queued
from bot.replies import LANGUAGES, duration, language_for
from bot.replies.messages import Messages
from tests.samples import job, requester
member = requester(language="eo-XX")
page = fill((PAGE / "index.html").read_text("utf-8"), language_for("eo-XX"))
print(json.dumps({
    "languages": LANGUAGES,
    "status": Messages().status(job(requester=member), Queued(position=0, eta_s=61)).text,
    "lang": page.split('lang="')[1].split('"')[0],
    "send": "Sendu" in page,
    "menu": CODES["eo"],
    "choices": LANGUAGE_CHOICES,
    "typed": _WORDS["language"]["eo"],
}))
"""


def test_a_third_language_is_used_everywhere(tmp_path: Path) -> None:
    """A folder of catalogues more, and messages, the page, Telegram's menus and `/settings` know
    it; members are answered in it by the tag that their platform tells."""
    copy = tmp_path / "bot"
    leave = shutil.ignore_patterns("__pycache__", "*.safetensors")
    shutil.copytree(PACKAGE, copy, ignore=leave)
    toy = copy / "replies" / "eo"
    shutil.copytree(copy / "replies" / "en", toy)
    for name, (key, words) in TOY.items():
        text = (toy / name).read_text("utf-8")
        assert text.count(f"\n{key}") == 1
        (toy / name).write_text(text.replace(f"\n{key}", f"\n{words}"), "utf-8")
    shutil.copytree(PACKAGE.parent / "tests", tmp_path / "tests", ignore=leave_tests)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=tmp_path,
    )
    told = json.loads(ran.stdout)
    assert told["status"].startswith("Tuj post 1 min 1 s kaj 1 credit: ")
    assert told == {
        "languages": ["en", "eo", "zh"],
        "status": told["status"],
        "lang": "eo",
        "send": True,
        "menu": "eo",
        "choices": ["auto", "en", "eo", "zh"],
        "typed": "eo",
    }


def leave_tests(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name not in ("__init__.py", "samples.py")}


def test_every_setting_offers_every_language() -> None:
    """The one list that cannot follow from the folders is that of `[bot] language`."""
    offered = get_args(get_type_hints(BotConfig)["language"])
    assert set(offered) == set(LANGUAGE_CHOICES) == {"auto", *LANGUAGES}


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-Hant-HK", "zh"), ("ZH", "zh"), ("zhx", "en"), ("-", "en"), ("en_US.UTF-8", "en")],
)
def test_a_tag_is_shortened_until_a_language_fits(tag: str, language: str) -> None:
    """By its parts, never in the middle of one (RFC 4647, lookup)."""
    assert language_for(tag) == language
    assert msgspec.convert({"language": language}, BotConfig).language == language
