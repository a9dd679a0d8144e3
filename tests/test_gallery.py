"""Finding pictures: by words, seed and model, a page at a time, however many there are."""

from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Fate, Platform
from bot.gallery import Gallery, Place
from bot.picture_store import PictureStore
from tests.hung import hang

WHERE = (Platform.STUDIO, "studio")


async def prompts_found(database: Database, words: str) -> list[str]:
    gallery = Gallery(database)
    found, rest = await gallery.page(*WHERE, words, behind=None, most=50)
    assert rest is None
    assert await gallery.count(*WHERE, words) == len(found)
    return [item.job.spec.prompt for item in found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["a 3 headed dog", "红苹果", "a red fox, 50% grey", "A red apple"]),
        ("RED", ["a red fox, 50% grey", "A red apple"]),
        ("red apple", ["A red apple"]),
        ("apple red", ["A red apple"]),
        ("苹果", ["红苹果"]),
        ("7002", ["a red fox, 50% grey"]),
        ("3", ["a 3 headed dog"]),
        ("20", []),
        ("50%", ["a red fox, 50% grey"]),
        ("%", ["a red fox, 50% grey"]),
        ("_", []),
        ("other-model", ["红苹果"]),
        ("euler", ["a 3 headed dog", "红苹果", "a red fox, 50% grey", "A red apple"]),
        ("'; DROP TABLE jobs; --", []),
        ("9" * 40, []),
    ],
)
async def test_pictures_are_found_by_what_was_asked(
    database: Database, tmp_path: Path, words: str, found: list[str]
) -> None:
    """All words must fit, in any order and case; a number is a seed or stands in the prompt."""
    store = PictureStore(tmp_path)
    await hang(database, store, ["A red apple"], seeds=[7001], first=1)
    await hang(database, store, ["a red fox, 50% grey"], seeds=[7002], first=2)
    await hang(database, store, ["红苹果"], seeds=[7004], model="other-model", first=3)
    await hang(database, store, ["a 3 headed dog"], seeds=[7005], first=4)
    assert await prompts_found(database, words) == found


async def test_only_what_was_shown_here_is_found(database: Database, tmp_path: Path) -> None:
    """Neither pictures of other chats, nor hidden or forgotten ones."""
    store = PictureStore(tmp_path)
    await hang(database, store, ["elsewhere"], chat_id="-100", first=1)
    for number, fate in enumerate((Fate.DROPPED, Fate.HELD, Fate.DELETED), 2):
        await hang(database, store, [fate], fate=fate, first=number)
    await hang(database, store, ["forgotten"], first=7)
    await hang(database, store, ["blurred"], fate=Fate.BLURRED, first=8)
    async with database.transaction() as t:
        await t.run("UPDATE jobs SET forgotten = 2 WHERE id = 'job7'")
    assert await prompts_found(database, "") == ["blurred"]


async def test_a_damaged_record_is_passed_over(database: Database, tmp_path: Path) -> None:
    """What cannot be read keeps nobody from the others."""
    await hang(database, PictureStore(tmp_path), ["one", "two"])
    async with database.transaction() as t:
        await t.run("UPDATE jobs SET spec = '{}' WHERE id = 'job2'")
    found, _ = await Gallery(database).page(*WHERE, "", behind=None, most=50)
    assert [item.job.id for item in found] == ["job1"]


async def test_pages_follow_each_other_without_gap_or_repeat(
    database: Database, tmp_path: Path
) -> None:
    """Requests newest first, the pictures of one in their order, also where a page ends among
    them and a new request comes in between."""
    store, gallery = PictureStore(tmp_path), Gallery(database)
    await hang(database, store, [f"p{n}" for n in range(5)], seeds=[1, 2, 3])
    seen, behind = [], None
    while True:
        found, behind = await gallery.page(*WHERE, "", behind=behind, most=4)
        seen += [(item.job.spec.prompt, item.picture.index) for item in found]
        if behind is None:
            break
        behind = Place.read(str(behind))
        if len(seen) == 4:
            await hang(database, store, ["new"], first=90)
    assert seen == [(f"p{n}", i) for n in reversed(range(5)) for i in range(3)]


@pytest.mark.parametrize("text", ["", "5", "5.", ".5", "a.b", "-1.0", "1.2.3", "1" * 20 + "." * 20])
def test_a_broken_place_is_the_beginning(text: str) -> None:
    """What no page has told is taken for nothing."""
    assert Place.read(text) is None


async def test_a_page_of_ten_thousand_looks_at_few(database: Database, tmp_path: Path) -> None:
    """No page, first or last, sorts or reads more pictures than it shows: the database walks the
    requests of the chat backwards from where the last page ended."""
    gallery = Gallery(database)
    prompts = [f"picture {n}" for n in range(2_500)]
    await hang(database, PictureStore(tmp_path), prompts, seeds=(1, 2, 3, 4))
    assert await gallery.count(*WHERE, "") == 10_000
    found, behind = await gallery.page(*WHERE, "", behind=None, most=60)
    assert [item.picture.seed for item in found] == [1, 2, 3, 4] * 15
    for place in (behind, Place(number=100, picture=2)):
        steps = await steps_of(database, gallery, place)
        assert steps < 200 * 60
    found, _ = await gallery.page(*WHERE, "1711", behind=None, most=60)
    assert {item.job.spec.prompt for item in found} == {"picture 1711"}


async def steps_of(database: Database, gallery: Gallery, place: Place | None) -> int:
    """How many instructions SQLite's machine runs for a page, to the hundred."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 100
        return 0

    await database._call(lambda connection: connection.set_progress_handler(count, 100))
    await gallery.page(*WHERE, "", behind=place, most=60)
    await database._call(lambda connection: connection.set_progress_handler(None, 0))
    return counted
