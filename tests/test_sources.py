"""Pictures of members on their way in: what is refused stays nowhere, and what may be done with
pictures of others."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.command.names import REPLY
from bot.database import Database
from bot.inspection.client import Inspector
from bot.picture_store import PictureStore
from bot.removal import Removal
from bot.sources import Sources
from tests.front import OPERATOR, Front, config
from tests.samples import incoming, picture, reply_to, requester

UNDRESS = "undress her, nude"
REDNESS = "tests.odd_classifiers:redness"


def png(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def inspector() -> AsyncIterator[Inspector]:
    async with Inspector("off") as opened:
        yield opened


async def test_a_request_beyond_its_limits_leaves_no_picture(
    database: Database, tmp_path: Path, inspector: Inspector
) -> None:
    """The price is known only once the picture was opened."""
    front = Front(database, tmp_path, config(quota={"credits_per_day": 0.01}), inspector)
    assert "credits" in await front.say("a cat", source=png())
    assert front.stored() == []


async def test_an_unsafe_picture_is_kept_nowhere(database: Database, tmp_path: Path) -> None:
    """It was looked at, and that was all."""
    async with Inspector(REDNESS) as inspector:
        settings = config(moderation={"classifier": REDNESS})
        front = Front(database, tmp_path, settings, inspector)
        assert "not be safe for work" in await front.say("a cat", source=png("red"))
    assert front.stored() == []


async def test_a_picture_that_another_request_needs_stays(
    database: Database, tmp_path: Path, inspector: Inspector
) -> None:
    """One member is out of credits, another has sent the same picture."""
    front = Front(database, tmp_path, config(quota={"credits_per_day": 0.01}), inspector)
    job = await front.draw("a cat", source=png(), requester=OPERATOR)
    assert "credits" in await front.say("a cat", source=png())
    assert job.spec.input_sha256 is not None
    assert await front.store.get(job.spec.input_sha256) is not None


async def test_a_refusal_takes_no_picture_from_a_request_that_is_coming(
    database: Database, tmp_path: Path
) -> None:
    """Two members send the same picture at once; the file goes with the last who let it go."""
    store = PictureStore(tmp_path)
    sources = Sources(store, Removal(database, store))
    sha256 = hashlib.sha256(b"one").hexdigest()
    inside, done = asyncio.Event(), asyncio.Event()

    async def other() -> None:
        async with sources.kept(b"one", sha256):
            inside.set()
            await done.wait()

    task = asyncio.create_task(other())
    await inside.wait()
    async with sources.kept(b"one", sha256):
        pass
    assert await store.get(sha256) == b"one"
    done.set()
    await task
    assert await store.get(sha256) is None


async def test_only_the_operator_relaxes_the_rule_for_pictures_of_others(
    database: Database, tmp_path: Path, inspector: Inspector
) -> None:
    """In channels for adults, and as far as the words are allowed at all; never with minors."""
    relaxed = {"sexual": "allow", "degrading": "allow", "age_restricted_sources": "allow"}
    strict = Front(
        database, tmp_path, config(moderation={"sexual": "allow", "degrading": "allow"}), inspector
    )
    free = Front(database, tmp_path, config(moderation=relaxed), inspector)
    adults = reply_to(age_restricted=True)

    async def taken(front: Front, who: str, text: str = UNDRESS, **more: Any) -> bool:
        asked = incoming(text, source=png(), requester=requester(who), **more)
        return (await front.conversation.handle(asked)).job_id is not None

    assert not await taken(strict, "5", reply_to=adults)
    assert not await taken(free, "6")
    assert not await taken(free, "7", f"{UNDRESS}, 12 year old", reply_to=adults)
    assert free.stored() == []
    assert await taken(free, "8", reply_to=adults)


async def test_what_was_drawn_over_somebodys_picture_is_theirs_still(
    database: Database, tmp_path: Path, inspector: Inspector
) -> None:
    """Over however many results; what was drawn from words alone is the bot's own."""
    settings = config(moderation={"sexual": "allow", "degrading": "allow"})
    front = Front(database, tmp_path, settings, inspector)

    async def drawn(message_id: str, **asked: Any) -> str:
        """A harmless result, in a message."""
        job = await front.draw("a cat, oil painting", key=message_id, **asked)
        made = [(picture(0, png()), await front.store.put(png()))]
        async with database.transaction() as t:
            await front.journal.end_drawn(t, job.id, made, 1.0)
        await front.journal.told(job, [message_id])
        front.queue.remove(job.id)
        return message_id

    photo = await drawn("41", source=png())
    over = await drawn("42", replied_message_id=photo, command="upscale")
    ours = await drawn("43")
    for message_id, allowed in ((photo, False), (over, False), (ours, True)):
        asked = incoming(UNDRESS, REPLY, key=f"u{message_id}", replied_message_id=message_id)
        answer = await front.conversation.handle(asked)
        assert (answer.job_id is not None) is allowed, answer.text
