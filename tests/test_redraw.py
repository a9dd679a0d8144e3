"""Buttons under a result that draw: whose they are, what they cost, and what becomes of them."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.database import Database
from bot.domain import Answer, Job, Press, Requester
from bot.inspection.client import Inspector
from bot.members.forget import Forgetting
from bot.replies.buttons import result_buttons
from tests.front import Front, config
from tests.samples import CATALOG, picture, reply_to, requester

ANN, BOB = requester("1", name="Ann"), requester("2", name="Bob")
SHOWN = "42"


def png(size: tuple[int, int] = (64, 48), colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def front(database: Database, tmp_path: Path) -> AsyncIterator[Front]:
    async with Inspector("off") as inspector:
        made = Front(database, tmp_path, config(), inspector)
        made.catalog = replace(CATALOG, features=("hires", "clip_skip"))
        yield made


async def drawn(front: Front, job: Job, message_id: str = SHOWN) -> Job:
    """`job` has its pictures, and they stand in a message."""
    colours = ("red", "green", "blue", "white")
    made = [
        (picture(i, png(colour=colour)), await front.store.put(png(colour=colour)))
        for i, colour in zip(range(job.spec.count), colours, strict=False)
    ]
    async with front.database.transaction() as t:
        await front.journal.end_drawn(t, job.id, made, 1.0)
    await front.journal.told(job, [message_id])
    front.queue.remove(job.id)
    return job


async def asked(front: Front, text: str = "a red apple --seed 5", **more: Any) -> Job:
    return await drawn(front, await front.draw(text, **more))


class Presses:
    """Counts, so that each press has a key of its own."""

    number = 0


def press(action: str, job: Job, index: int | None = None, **changes: Any) -> Press:
    Presses.number += 1
    return Press(
        **{
            "key": str(Presses.number),
            "action": action,
            "argument": job.id if index is None else f"{job.id}:{index}",
            "requester": ANN,
            "reply_to": reply_to(SHOWN),
            **changes,
        }
    )


async def pressed(front: Front, action: str, job: Job, index: int = 0, **changes: Any) -> Job:
    """The job that a press becomes."""
    answer = await front.conversation.press(press(action, job, index, **changes))
    assert answer.job_id, answer.text
    made = await front.journal.job(answer.job_id)
    assert made is not None
    return made


async def refused(front: Front, action: str, job: Job, **changes: Any) -> str:
    answer: Answer = await front.conversation.press(press(action, job, 0, **changes))
    assert answer.job_id is None
    return answer.text


async def waiting(front: Front) -> int:
    row = await front.database.row("SELECT count(*) FROM jobs WHERE state = 'waiting'")
    assert row is not None
    return int(row[0])


async def test_again_is_the_same_with_another_seed(front: Front) -> None:
    """All of its pictures, in reply to the message that was pressed."""
    first = await asked(front, "a red apple --seed 5 --steps 9 -n 2 --cfg 4")
    made = await pressed(front, "again", first)
    assert made.spec.seed != 5
    assert replace(made.spec, seed=5) == first.spec
    assert made.reply_to.message_id == SHOWN
    assert made.is_pressed


async def test_vary_is_a_picture_nearby(front: Front) -> None:
    """Picture 2 of the grid, from the same first noise turned a little."""
    first = await asked(front, "a red apple --seed 5 -n 3")
    made = await pressed(front, "vary", first, 2)
    assert (made.spec.seed, made.spec.count, made.spec.subseed_strength) == (7, 1, 0.1)


async def test_upscale_draws_over_that_picture(front: Front) -> None:
    """The second of two, at twice its size."""
    first = await asked(front, "a red apple --seed 5 --size 64x48 -n 2")
    made = await pressed(front, "upscale", first, 1)
    assert made.spec.final_size == (128, 96)
    assert made.source_job_id == first.id
    source = await front.journal.source(made.spec)
    assert source is not None
    with Image.open(io.BytesIO(source)) as image:
        assert image.getpixel((5, 5)) == (0, 128, 0)


@pytest.mark.parametrize("action", ["again", "vary", "upscale", "edit"])
async def test_three_generations_deep(front: Front, action: str) -> None:
    """A button under what a button made, and again: each makes one request with a record of its
    own."""
    job = await asked(front, "a red apple --seed 5 --size 64x48")
    fields = {"prompt": "a green apple", "negative": "", "seed": "9"} if action == "edit" else None
    seen = {job.id}
    for generation in ("43", "44", "45"):
        made = await pressed(front, action, job, fields=fields)
        job = await drawn(front, made, generation)
        seen.add(job.id)
    assert len(seen) == 4
    assert job.spec.prompt == ("a green apple" if action == "edit" else "a red apple")


async def test_a_press_of_another_member_is_at_their_cost(front: Front) -> None:
    """It is a request of theirs; whoever drew first pays nothing for it."""
    first = await asked(front)
    before = await used(front, ANN)
    made = await pressed(front, "vary", first, requester=BOB)
    assert made.requester.account == BOB.account
    assert await used(front, ANN) == before
    assert await used(front, BOB) == made.cost


async def used(front: Front, who: Requester) -> int:
    row = await front.database.row(
        "SELECT coalesce(sum(amount), 0) FROM ledger WHERE account = ?", (who.account,)
    )
    assert row is not None
    return int(row[0])


async def test_a_double_press_is_one_request(front: Front) -> None:
    """The same button by the same member within a moment; by another, or another button, not."""
    first = await asked(front, "a red apple --seed 5 -n 2")
    one = await pressed(front, "again", first)
    two = await pressed(front, "again", first)
    assert one.id == two.id
    assert await waiting(front) == 1
    await pressed(front, "again", first, requester=BOB)
    await pressed(front, "vary", first, 0)
    await pressed(front, "vary", first, 1)
    assert await waiting(front) == 4


async def test_the_same_press_after_a_restart_is_one_request(front: Front) -> None:
    """A press that is taken up again has the key that it had."""
    first = await asked(front)
    one = press("again", first)
    answer = await front.conversation.press(one)
    other = Front(front.database, front.folder, front.config)
    other.catalog = front.catalog
    again = await other.conversation.press(one)
    assert again.job_id == answer.job_id
    assert await waiting(front) == 1


async def test_a_picture_whose_file_is_gone_is_drawn_once_more(front: Front) -> None:
    """From the record, the same seed; and it says so."""
    first = await asked(front, "a red apple --seed 5 -n 2 --steps 9")
    await front.store.sweep(older_than=9e9, most_bytes=0, keep=frozenset())
    made = await pressed(front, "upscale", first, 1)
    assert made.spec == replace(first.spec, seed=6, count=1)
    assert [note.key for note in made.notes] == ["redrawn-gone"]


async def test_files_that_are_gone_are_drawn_once_more_as_files(front: Front) -> None:
    """All of them, with the seeds they had."""
    first = await asked(front, "a red apple --seed 5 -n 2")
    await front.store.sweep(older_than=9e9, most_bytes=0, keep=frozenset())
    answer = await front.conversation.press(press("file", first))
    assert answer.job_id is not None
    made = await front.journal.job(answer.job_id)
    assert made is not None
    assert made.spec == first.spec
    assert made.as_file


async def test_a_source_that_is_gone_is_said(front: Front) -> None:
    """It cannot be drawn from what is not there."""
    first = await asked(front, "a red apple", source=png())
    assert first.spec.input_sha256 is not None
    await front.store.sweep(older_than=9e9, most_bytes=0, keep=frozenset())
    assert "is gone" in await refused(front, "again", first)


async def test_a_model_that_is_gone_is_said(front: Front) -> None:
    """Another draws, and the member reads that."""
    first = await asked(front)
    other = replace(front.catalog.checkpoints[0], name="other", sha256="e" * 64)
    front.catalog = replace(front.catalog, checkpoints=(other,), default_checkpoint="other")
    made = await pressed(front, "again", first)
    assert made.spec.checkpoint.name == "other"
    assert any("demo" in str(note.args) for note in made.notes)


async def test_what_was_forgotten_is_said(front: Front) -> None:
    """Its owner took the words back, so no button brings them again."""
    first = await asked(front)
    forgetting = Forgetting(
        database=front.database, store=front.store, members=front.members, cancel=front._cancel
    )
    await forgetting.forget(frozenset({ANN.account}))
    for action in ("again", "vary", "upscale", "edit", "file", "info"):
        assert "forgotten" in await refused(front, action, first, requester=BOB, is_chat_admin=True)


async def test_a_chat_may_keep_buttons_to_the_requester(front: Front) -> None:
    """`/settings buttons requester`: others are told so; admins and operators may."""
    first = await asked(front)
    await front.preferences.set("chat", "telegram:-100", "buttons", "requester", by="x")
    assert "only whoever asked" in (await refused(front, "again", first, requester=BOB)).lower()
    await pressed(front, "again", first)
    await pressed(front, "again", first, requester=BOB, is_chat_admin=True)
    await pressed(front, "vary", first, requester=requester("9"))


async def test_only_the_owner_and_admins_edit(front: Front) -> None:
    """The form opens for them; others reply with words, or make a picture of their own."""
    first = await asked(front)
    await front.preferences.set("chat", "telegram:-100", "buttons", "everyone", by="x")
    assert "Only whoever asked" in await refused(front, "edit", first, requester=BOB)
    own = await front.conversation.press(press("edit", first, 0))
    assert own.form is not None
    admins = press("edit", first, 0, requester=BOB, is_chat_admin=True)
    assert (await front.conversation.press(admins)).form == own.form


async def test_the_form_holds_what_was_drawn_and_draws_what_is_filled_in(front: Front) -> None:
    """Prompt, negative prompt and seed; what is left as it was stays."""
    first = await asked(front, "a red apple --seed 5 --no leaves --steps 9")
    answer = await front.conversation.press(press("edit", first, 0))
    assert answer.form is not None
    held = {field.name: field.value for field in answer.form.fields}
    assert held == {"prompt": "a red apple", "negative": "leaves", "seed": "5"}
    fields = held | {"prompt": "a green apple"}
    made = await pressed(front, answer.form.action, first, fields=fields)
    assert made.spec == replace(first.spec, prompt="a green apple")


async def test_numbers_of_the_form_may_be_grouped_and_are_never_words(front: Front) -> None:
    """What stands behind a gap in the field of the seed does not get into the prompt."""
    first = await asked(front, "a red apple --seed 5")
    fields = {"prompt": "a pear", "negative": "", "seed": " 1 234 567 "}
    made = await pressed(front, "edit", first, fields=fields)
    assert (made.spec.prompt, made.spec.seed) == ("a pear", 1234567)


async def test_a_button_works_in_its_own_chat_only(front: Front) -> None:
    """A client may send any button anywhere; what others asked in another chat stays there."""
    first = await asked(front)
    elsewhere = reply_to(SHOWN, chat_id="1", private=True)
    assert "another chat" in await refused(front, "again", first, reply_to=elsewhere, requester=BOB)


async def test_a_chat_that_is_no_longer_approved_draws_nothing(front: Front) -> None:
    """Old messages keep their buttons; the door is shut all the same."""
    first = await asked(front)
    closed = Front(front.database, front.folder, config(access={"operators": ["telegram:9"]}))
    closed.catalog = front.catalog
    said = await closed.conversation.press(press("again", first))
    assert "approves this chat" in said.text


async def test_a_button_of_no_job_is_answered(front: Front) -> None:
    """Not with silence."""
    unknown = replace(await asked(front), id="zzzzzzzzzzzz")
    assert "no longer leads" in await refused(front, "again", unknown)


async def test_the_limits_hold_for_presses(database: Database, tmp_path: Path) -> None:
    """Credits that are spent refuse a press, to the one who pressed alone."""
    front = Front(database, tmp_path, config(quota={"credits_per_day": 1.0}))
    first = await asked(front, "a red apple --size 512x512 --steps 20")
    answer = await front.conversation.press(press("again", first))
    assert answer.job_id is None
    assert answer.private
    assert answer.text.startswith("This costs 1 credit, and you have 0 of 1 credit left today.")


async def test_every_button_fits_telegrams_64_bytes(front: Front) -> None:
    """Action, job and picture; nothing else is carried."""
    first = await asked(front, "a red apple -n 4")
    pictures = [picture(i) for i in range(4)]
    made = result_buttons(first, pictures, "en", report=True)
    packed = [f"{b.action}:{b.argument}" for b in made]
    assert max(len(p.encode()) for p in packed) <= 64
    assert len(set(packed)) == len(packed) == 14
