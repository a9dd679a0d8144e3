"""Buttons under a result that draw nothing: files, parameters, the end of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Fate, Job, Kind
from bot.inspection.client import Inspector
from bot.replies.buttons import result_buttons
from tests.front import Front, config
from tests.samples import job, picture, reply_to
from tests.test_redraw import BOB, asked, drawn, png, press, refused


@pytest.fixture
async def front(database: Database, tmp_path: Path) -> AsyncIterator[Front]:
    async with Inspector("off") as inspector:
        yield Front(database, tmp_path, config(), inspector)


async def fate(front: Front, one: Job, is_now: Fate, index: int = 0) -> None:
    async with front.database.transaction() as t:
        await t.run(
            "UPDATE pictures SET fate = ? WHERE job_id = ? AND picture = ?",
            (is_now, one.id, index),
        )


async def test_the_files_are_the_originals(front: Front) -> None:
    """All of a grid, or the one that the button names, byte for byte; anybody may have them."""
    first = await asked(front, "a red apple -n 2")
    answer = await front.conversation.press(press("file", first, requester=BOB))
    assert [f.png for f in answer.files] == [png(colour="red"), png(colour="green")]
    (second,) = (await front.conversation.press(press("file", first, 1))).files
    assert second.png == png(colour="green")


async def test_what_is_blurred_or_hidden_is_not_handed_out(front: Front) -> None:
    """Neither alone nor among others."""
    first = await asked(front, "a red apple -n 3")
    await fate(front, first, Fate.BLURRED, 0)
    await fate(front, first, Fate.HELD, 1)
    answer = await front.conversation.press(press("file", first))
    assert [f.index for f in answer.files] == [2]
    only = await front.conversation.press(press("file", first, 0))
    assert only.files == ()
    assert "only shown blurred" in only.text
    hidden = await front.conversation.press(press("file", first, 1))
    assert hidden.files == ()
    assert "not shown here" in hidden.text
    assert "not shown here" in (await front.conversation.press(press("upscale", first, 1))).text


async def test_files_of_a_spoiler_are_covered(front: Front) -> None:
    """Where the platform can cover files."""
    first = await asked(front, "a red apple --spoiler")
    (file,) = (await front.conversation.press(press("file", first))).files
    assert file.fate is Fate.SPOILER


async def test_the_parameters_are_the_infotext(front: Front) -> None:
    """To be copied, for the one who asks only; of several also their seeds."""
    first = await asked(front, "a red apple -n 2")
    answer = await front.conversation.press(press("info", first, requester=BOB))
    assert answer.text == "a red apple\nSteps: 20\nSeeds of these pictures: 1–2"
    assert answer.verbatim
    assert answer.private
    alone = await front.conversation.press(press("info", first, 1))
    assert alone.text == "a red apple\nSteps: 20"


async def test_the_parameters_of_what_is_blurred_are_not_told(front: Front) -> None:
    """With them anybody could draw it elsewhere: neither by the button nor by /info."""
    first = await drawn(front, await front.draw("a red apple -n 2"))
    await fate(front, first, Fate.BLURRED, 0)
    both = await front.conversation.press(press("info", first))
    assert both.text == "a red apple\nSteps: 20"
    alone = await front.conversation.press(press("info", first, 0))
    assert (alone.verbatim, "only shown blurred" in alone.text) == (False, True)
    assert await front.say("", "info", replied_message_id="42") == both.text
    await fate(front, first, Fate.BLURRED, 1)
    assert "only shown blurred" in await front.say("", "info", replied_message_id="42")


async def test_deleting_takes_messages_and_files_away(front: Front) -> None:
    """The message pressed and every other of the job; the record stays, without its pictures."""
    first = await drawn(front, await front.draw("a red apple -n 2"))
    await front.journal.shown(first, ["50", "51"], [0, 1])
    before = len(front.stored())
    answer = await front.conversation.press(press("delete", first))
    assert answer.text == ""
    assert [m.remove for m in front.sent] == ["42", "50", "51"]
    assert {m.kind for m in front.sent} == {Kind.REMOVE}
    assert all(m.to.chat_id == "-100" and m.pictures for m in front.sent)
    assert len(front.stored()) == before - 2
    assert await front.journal.picture(first.id, 0) is None
    assert "was deleted" in await refused(front, "again", first)
    assert await front.journal.job(first.id) is not None


async def test_a_file_that_others_need_stays(front: Front) -> None:
    """Another result shows the same picture, or is drawn from it."""
    first = await asked(front, "a red apple")
    second = await drawn(front, await front.draw("a ripe apple", source=png()), "43")
    kept = second.spec.input_sha256
    assert kept is not None
    async with front.database.transaction() as t:
        await t.run("UPDATE pictures SET sha256 = ? WHERE job_id = ?", (kept, first.id))
    await front.conversation.press(press("delete", first))
    assert await front.journal.source(second.spec) is not None
    third = await asked(front, "an apple", requester=BOB)
    await front.conversation.press(press("delete", second))
    assert await front.journal.picture(third.id, 0) == png()


async def test_a_strangers_delete_is_refused(front: Front) -> None:
    """Whatever the chat's setting for buttons; an admin and an operator may."""
    first = await asked(front)
    assert "Only whoever asked" in await refused(front, "delete", first, requester=BOB)
    await front.preferences.set("chat", "telegram:-100", "buttons", "everyone", by="x")
    assert "Only whoever asked" in await refused(front, "delete", first, requester=BOB)
    assert front.sent == []
    await front.conversation.press(press("delete", first, requester=BOB, is_chat_admin=True))
    assert front.sent != []


async def test_deleting_twice_is_no_error(front: Front) -> None:
    """The message may be there still when the button is pressed again."""
    first = await asked(front)
    for _ in range(2):
        assert (await front.conversation.press(press("delete", first))).text == ""


def test_the_buttons_of_one_picture() -> None:
    """What draws it again, then the rest; each says what it does."""
    made = result_buttons(job(), [picture(0)], "en")
    assert [b.label for b in made] == ["U", "V", "🎲", "✏️", "📄", "ℹ️", "🗑"]
    assert [b.row for b in made] == [0, 0, 0, 0, 1, 1, 1]
    assert {b.argument for b in made} == {"aaaaaaaaaaaa:0"}
    assert made[0].about == "Draw it larger"
    assert all(b.about for b in result_buttons(job(), [picture(0)], "zh", report=True))


def test_the_buttons_of_a_grid() -> None:
    """Numbered as the pictures stand there: those that nobody sees are not counted."""
    made = result_buttons(job(), [picture(0), picture(2), picture(3)], "en", report=True)
    rows = [[b.label for b in made if b.row == row] for row in range(3)]
    assert rows == [["U1", "U2", "U3"], ["V1", "V2", "V3"], ["🎲", "✏️", "📄", "ℹ️", "🗑", "⚑"]]
    assert [b.argument[13:] for b in made[:3]] == ["0", "2", "3"]
    assert made[1].about == "Draw picture 2 larger"
    assert {b.argument for b in made[6:]} == {"aaaaaaaaaaaa"}


def test_a_result_without_pictures_has_no_buttons() -> None:
    """There is nothing to do with it."""
    assert result_buttons(job(), [], "en") == ()


async def test_a_reply_to_a_file_means_its_picture(front: Front) -> None:
    """Files that were handed out as messages are known as messages about the job."""
    first = await asked(front, "a red apple -n 2")
    one = replace(press("file", first), reply_to=reply_to("42"))
    await front.conversation.shows(one, ["60", "61"])
    known = await front.journal.message(one.reply_to.platform, "-100", "61")
    assert known is not None
    assert (known.job_id, known.picture) == (first.id, 1)
