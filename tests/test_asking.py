"""`/again`, `/vary` and `/upscale` as replies to pictures."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.command import REPLY, WORDS
from bot.database import Database
from bot.domain import Job
from bot.editing import edit_form
from bot.inspection.client import Inspector
from bot.preferences import Preferences
from bot.resolve.again import asked_again
from bot.spec import HiresSpec, passes
from tests.front import Front, config
from tests.samples import CATALOG, incoming, picture

FULL = replace(CATALOG, features=("hires", "clip_skip"))


@pytest.fixture
async def front(database: Database, tmp_path: Path) -> AsyncIterator[Front]:
    async with Inspector("off") as inspector:
        made = Front(database, tmp_path, config(), inspector)
        made.catalog = FULL
        yield made


def png(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


async def shown(front: Front, text: str, size: tuple[int, int] = (64, 48), **more: Any) -> Job:
    """A job that was drawn; its two pictures stand in the messages 42 and 43."""
    job = await front.draw(text, **more)
    made = [(picture(i, png(*size)), await front.store.put(png(*size))) for i in range(2)]
    async with front.database.transaction() as t:
        await front.journal.end_drawn(t, job.id, made, 1.0)
    await front.journal.told(job, ["42", "43"])
    front.queue.remove(job.id)
    return job


async def redo(front: Front, command: str, text: str = "", **more: Any) -> Job:
    answer = await front.conversation.handle(
        incoming(text, command, **{"replied_message_id": "42", **more})
    )
    assert answer.job_id, answer.text
    job = await front.journal.job(answer.job_id)
    assert job is not None
    return job


FANCY = (
    "a red apple --no blue --seed 5 --steps 12 --cfg 4 --sampler Euler a --size 64x64 -n 2"
    " --hires 1.5 --hires-steps 3 --clip-skip 2 --schedule Karras"
)


async def test_again_keeps_everything_but_the_seed(front: Front) -> None:
    """Whatever was asked for is asked for again; only chance is new."""
    first = await shown(front, FANCY)
    assert first.spec.hires == HiresSpec(width=96, height=96, steps=3)
    again = await redo(front, "again")
    assert again.spec.seed != 5
    assert replace(again.spec, seed=5) == first.spec
    assert again.notes == ()


async def test_words_and_flags_behind_again_count(front: Front) -> None:
    """Words replace the prompt, `+ words` are added, flags win."""
    first = await shown(front, FANCY)
    added = await redo(front, "again", "+ snow --seed 6")
    assert replace(added.spec, prompt="a red apple", seed=5) == first.spec
    assert (added.spec.prompt, added.spec.seed) == ("a red apple, snow", 6)
    other = await redo(front, "again", "a green star --steps 7")
    assert (other.spec.prompt, other.spec.steps) == ("a green star", 7)
    assert other.spec.negative_prompt == "blue"


async def test_another_size_keeps_the_scale_of_hires_fix(front: Front) -> None:
    """The second pass grows with the first."""
    await shown(front, FANCY)
    wide = await redo(front, "again", "--size 128x64")
    assert (wide.spec.width, wide.spec.height) == (128, 64)
    assert wide.spec.final_size == (192, 96)
    assert wide.notes == ()


async def test_again_of_a_varied_picture_starts_from_the_same_source(front: Front) -> None:
    """Not from its own result; where the source is gone it is said."""
    first = await shown(front, "make it night --strength 0.4", source=png(40, 20))
    again = await redo(front, "again", source=b"what the platform fetched")
    assert again.spec.input_sha256 == first.spec.input_sha256
    assert again.spec.denoising_strength == 0.4
    assert again.source_job_id is None
    for path in front.stored():
        path.unlink()
    assert "cannot be drawn like that" in await front.say("x", "again", replied_message_id="43")


async def test_vary_stays_near_the_picture_replied_to(front: Front) -> None:
    """Its own seed with a new variation seed, one picture; a number says how far."""
    await shown(front, FANCY)
    near = await redo(front, "vary", replied_message_id="43")
    assert (near.spec.seed, near.spec.count, near.spec.subseed_strength) == (6, 1, 0.1)
    far = await redo(front, "vary", "0.4")
    assert (far.spec.seed, far.spec.subseed_strength) == (5, 0.4)
    assert far.spec.prompt == "a red apple"
    assert near.spec.subseed != far.spec.subseed


async def test_vary_of_a_variation_varies_the_same_picture(front: Front) -> None:
    """How far it was turned stays; only whereto is new."""
    await shown(front, "a red apple --seed 5 --subseed 7 --vary 0.3")
    again = await redo(front, "vary")
    assert (again.spec.seed, again.spec.subseed_strength) == (5, 0.3)
    assert again.spec.subseed != 7


async def test_upscale_draws_over_the_enlarged_picture(front: Front) -> None:
    """Twice the size of the picture, from its own words and seed, at a low strength."""
    first = await shown(front, FANCY, size=(96, 96))
    larger = await redo(front, "upscale", replied_message_id="43")
    spec = larger.spec
    assert (spec.width, spec.height, spec.count, spec.seed) == (192, 192, 1, 6)
    assert (spec.prompt, spec.negative_prompt) == ("a red apple", "blue")
    assert (spec.hires, spec.denoising_strength) == (None, 0.35)
    assert len(passes(spec)) == 1
    assert larger.source_job_id == first.id
    assert await front.store.get(spec.input_sha256 or "") is not None


async def test_upscale_of_any_picture(front: Front) -> None:
    """Without words it is just drawn sharper; a number says how much larger."""
    job = await redo(front, "upscale", "1.5x", source=png(80, 64), replied_message_id=None)
    assert (job.spec.width, job.spec.height) == (120, 96)
    assert job.spec.prompt
    assert job.source_job_id is None
    words = await redo(front, "upscale", "a cat", source=png(80, 64), replied_message_id=None)
    assert words.spec.prompt == "a cat"


async def test_upscaling_to_less_is_told_as_such(front: Front) -> None:
    """A factor of one or less is not a picture without room."""
    for factor in ("0.1", "1"):
        told = await front.say(factor, "upscale", source=png(80, 64))
        assert f"so {factor} times is too little" in told


async def test_upscale_is_clamped_and_told(front: Front) -> None:
    """At the limit the size is what fits; where nothing fits it is refused."""
    job = await redo(front, "upscale", source=png(400, 400), replied_message_id=None)
    assert (job.spec.width, job.spec.height) == (512, 512)
    assert [note.key for note in job.notes] == ["note-size-limit"]
    told = await front.say("2", "upscale", source=png(512, 512))
    assert told == "At 512×512 this picture is as large as it may be here."


@pytest.mark.parametrize("command", ["again", "vary", "upscale"])
async def test_without_a_picture_it_is_told_what_to_do(front: Front, command: str) -> None:
    """Each in its own words, and nothing is charged."""
    assert f"/{command}" in await front.say("", command)
    assert f"/{command}" in await front.say("", command, replied_message_id="999")
    assert len(front.queue) == 0


async def test_the_precheck_of_upscale_waits_for_the_picture(front: Front) -> None:
    """An adapter fetches a picture only after the precheck."""
    assert await front.conversation.precheck(incoming("", "upscale")) is None
    refused = await front.conversation.precheck(incoming("", "again"))
    assert refused is not None


async def test_a_model_that_is_gone_is_told_not_refused(front: Front) -> None:
    """The record is drawn with what is here."""
    await shown(front, "a red apple --seed 5")
    other = replace(CATALOG.checkpoints[0], name="other", sha256="e" * 64)
    front.catalog = replace(FULL, checkpoints=(other,), default_checkpoint="other")
    again = await redo(front, "again")
    assert again.spec.checkpoint.name == "other"
    assert [note.key for note in again.notes] == ["note-checkpoint-missing"]


async def test_again_needs_no_copy_of_the_picture(front: Front) -> None:
    """That the platform cannot hand it out is no problem; for another picture it is."""
    await shown(front, "a red apple --seed 5")
    again = await redo(front, "again", source_problem="picture-too-large")
    assert again.spec.prompt == "a red apple"
    assert "20 MB" in await front.say("", "upscale", source_problem="picture-too-large")


# Words alone ---------------------------------------------------------------------------------


async def test_words_alone_change_a_result(front: Front) -> None:
    """Whether they were meant for the bot or only answer its message; flags change flags."""
    first = await shown(front, FANCY)
    for command in (WORDS, REPLY):
        added = await redo(front, command, "+ snow, same seed --steps 7")
        same = replace(added.spec, prompt="a red apple", steps=12)
        assert same == first.spec
        assert added.spec.prompt == "a red apple, snow"
    again = await redo(front, REPLY, "再来一张")
    assert replace(again.spec, seed=5) == first.spec
    other = await redo(front, REPLY, "同种子", replied_message_id="43")
    assert other.spec.seed == 6


async def test_a_strength_speaks_of_the_picture(front: Front) -> None:
    """With a strength the words change the picture itself, as `/draw` in reply does."""
    first = await shown(front, "a red apple --seed 5 --steps 12")
    varied = await redo(front, REPLY, "make it night --strength 0.4")
    assert (varied.spec.denoising_strength, varied.spec.steps) == (0.4, 12)
    assert varied.spec.input_sha256 is not None
    assert varied.source_job_id == first.id


async def test_words_alone_about_nothing_of_ours(front: Front) -> None:
    """Meant for the bot they are a prompt; in answer to another message of ours, nothing."""
    await shown(front, "a red apple")
    meant = await redo(front, WORDS, "a pear", replied_message_id="999")
    assert meant.spec.prompt == "a pear"
    for text, message in (("what?", "999"), ("thanks!", "42"), ("谢谢", "42"), ("👍", "42")):
        assert await front.say(text, REPLY, replied_message_id=message) == ""
        late = incoming(text, REPLY, replied_message_id=message)
        assert (await front.conversation.too_old(late)).text == ""
    assert len(front.queue) == 1


async def test_a_question_about_a_picture_is_for_members(front: Front) -> None:
    """In a group, unless the bot is named; in private nobody else could be asked."""
    await shown(front, "a red apple")
    about = {"replied_message_id": "42"}
    assert await front.say("what model is this?", REPLY, **about) == ""
    assert not len(front.queue)
    named = await redo(front, WORDS, "what is love?", **about)
    assert named.spec.prompt == "what is love?"


async def test_replies_in_a_chat_that_is_not_approved(front: Front) -> None:
    """Chat among members is not asked about."""
    elsewhere = replace(incoming().reply_to, chat_id="-5")
    assert await front.say("hello", REPLY, reply_to=elsewhere, replied_message_id="3") == ""


async def test_the_filter_sees_the_changed_words(front: Front) -> None:
    """Each half is harmless; what is drawn is not."""
    await shown(front, "a woman, sunny beach")
    told = await front.say("+ nude", REPLY, replied_message_id="42")
    assert "I will not draw this" in told


async def test_a_form_filled_in(front: Front) -> None:
    """What was left stays to the letter; what was changed is drawn like words."""
    held = Preferences()
    job = await shown(front, FANCY)
    form = edit_form(job, 1, "zh")
    fields = {field.name: field.value for field in form.fields}
    assert fields == {"prompt": "a red apple", "negative": "blue", "seed": "6"}
    asking = front.conversation._asking
    same = await asking.edited(incoming(""), held, job, 1, fields)
    assert same.parsed.request == asked_again(job.spec, 1)
    changed = {"prompt": "a pear --steps 7", "negative": "", "seed": ""}
    other = (await asking.edited(incoming(""), held, job, 1, changed)).parsed.request
    assert (other.prompt, other.negative_prompt, other.seed) == ("a pear", "", -1)
    assert (other.steps, other.sampler) == (7, "Euler a")
    wrong = await asking.edited(incoming(""), held, job, 0, {**fields, "seed": "soon"})
    assert [fault.key for fault in wrong.parsed.faults] == ["fault-flag-value"]


async def test_the_form_of_a_varied_picture(front: Front) -> None:
    """It has a strength, and starts from the same picture."""
    job = await shown(front, "make it night --strength 0.4", source=png(40, 20))
    fields = {field.name: field.value for field in edit_form(job, 0, "en").fields}
    assert fields["strength"] == "0.4"
    asked = await front.conversation._asking.edited(
        incoming(""), Preferences(), job, 0, {**fields, "strength": "70%"}
    )
    assert asked.parsed.request.denoising_strength == 0.7
    assert asked.incoming.source is not None
