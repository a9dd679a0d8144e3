"""Results first, edits coalesced, retried until it arrived."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from bot.database import Database
from bot.delivery import Delivery
from bot.domain import (
    Failed,
    Failure,
    Fate,
    Finished,
    Job,
    JobState,
    Kind,
    Outgoing,
    Picture,
    Platform,
    Progress,
    Queued,
    ReplyTo,
)
from bot.errors import ChatGone, DoubtfulSend, Rejected, RetryLater, StoreError
from bot.journal import Journal
from bot.picture_store import PictureStore
from bot.quota.ledger import Ledger
from bot.quota.limits import Part
from bot.replies.messages import Messages
from tests.samples import DAY, allowance, job, picture, reply_to
from tests.scripted import RecordingAdapter


@dataclass
class Post:
    """Delivery with a real journal behind it and a recording adapter before it."""

    database: Database
    journal: Journal
    ledger: Ledger
    store: PictureStore
    adapter: RecordingAdapter
    delivery: Delivery
    gone: list[ReplyTo]

    async def drawn(self, one: Job, *pictures: Picture) -> Job:
        kept = [(p, await self.store.put(p.png)) for p in pictures or (picture(),)]
        async with self.database.transaction() as t:
            await self.journal.accept(t, one)
            await self.ledger.reserve(t, allowance(), one.id, [Part(amount=one.cost)])
            await self.ledger.settle(t, one.id)
            await self.journal.end_drawn(t, one.id, kept, 1.5)
        return one

    async def state(self, job_id: str = "aaaaaaaaaaaa") -> JobState:
        found = await self.journal.job(job_id)
        assert found is not None
        return found.state

    async def settled(self) -> None:
        while await self.journal.unfinished():
            await asyncio.sleep(0)


@pytest.fixture
async def post(database: Database, tmp_path: Path) -> AsyncIterator[Post]:
    store = PictureStore(tmp_path / "pictures")
    journal, ledger, adapter = Journal(database, store), Ledger(database), RecordingAdapter()
    gone: list[ReplyTo] = []

    async def chat_gone(to: ReplyTo) -> None:
        gone.append(to)

    async with Delivery(
        adapters={Platform.TELEGRAM: adapter},
        database=database,
        journal=journal,
        ledger=ledger,
        messages=Messages(),
        pause=lambda _: 0.0,
        chat_gone=chat_gone,
    ) as delivery:
        yield Post(database, journal, ledger, store, adapter, delivery, gone)


async def test_a_drawn_picture_arrives_as_a_new_message(post: Post) -> None:
    """The result carries the bytes, replies to the request, and the job is delivered."""
    one = await post.drawn(job())
    post.delivery.tell(one, Finished(seconds=1.5))
    await post.settled()
    (result,) = post.adapter.results()
    assert result.pictures[0].png == picture().png
    assert result.to.message_id == "7"
    assert "a red apple" in result.text
    assert await post.state() is JobState.DELIVERED
    known = await post.journal.message(Platform.TELEGRAM, "-100", "m1")
    assert known is not None
    assert known.job_id == one.id


async def test_a_platform_that_says_when_is_obeyed_and_tried_again(post: Post) -> None:
    """RetryLater, then a doubtful send, then success: one message, delivered."""
    one = await post.drawn(job())
    post.adapter.errors = [RetryLater(0.01), DoubtfulSend("no answer")]
    post.delivery.tell(one, Finished(seconds=1.5))
    await post.settled()
    assert len(post.adapter.results()) == 1
    assert post.adapter.tried == 3


async def test_a_chat_that_is_gone_is_refunded_and_noted(post: Post) -> None:
    """Kicked from the chat: no retry storm, the credits come back, the chat is forgotten."""
    one = await post.drawn(job())
    post.adapter.errors = [ChatGone("kicked")]
    post.delivery.tell(one, Finished(seconds=1.5))
    await post.settled()
    assert post.adapter.tried == 1
    assert await post.ledger.used("telegram:1", DAY) == 0
    assert [to.chat_id for to in post.gone] == ["-100"]


async def test_a_refused_picture_is_told_in_words_and_refunded(post: Post) -> None:
    """If the platform takes the picture in no form, the member hears so."""
    one = await post.drawn(job())
    post.adapter.errors = [Rejected("too odd")]
    post.delivery.tell(one, Finished(seconds=1.5))
    await post.settled()
    (said,) = post.adapter.results()
    assert said.pictures == ()
    assert "does not accept" in said.text
    assert await post.ledger.used("telegram:1", DAY) == 0


async def test_progress_is_one_message_that_is_edited(post: Post) -> None:
    """The first event sends, later ones edit the same message."""
    async with post.database.transaction() as t:
        await post.journal.accept(t, job())
    post.delivery.tell(job(), Queued(position=2, eta_s=30))
    await post.adapter.until(lambda: len(post.adapter.delivered) == 1)
    post.delivery.tell(job(), Progress(step=5, steps=10))
    await post.adapter.until(lambda: len(post.adapter.delivered) == 2)
    first, second = post.adapter.delivered
    assert (first.kind, first.edit) == (Kind.STATUS, None)
    assert (second.kind, second.edit) == (Kind.STATUS, "m1")
    found = await post.journal.job("aaaaaaaaaaaa")
    assert found is not None
    assert found.status_message_id == "m1"


async def test_old_progress_is_dropped_for_newer(post: Post) -> None:
    """While a call is under way, a hundred events become one edit: the newest."""
    async with post.database.transaction() as t:
        await post.journal.accept(t, job())
    post.delivery.tell(job(), Queued(position=0, eta_s=1))
    await post.adapter.until(lambda: len(post.adapter.delivered) == 1)
    post.adapter.gate.clear()
    for step in range(1, 101):
        post.delivery.tell(job(), Progress(step=step, steps=100))
        await asyncio.sleep(0)
    post.adapter.gate.set()
    await post.adapter.until(lambda: "100 %" in post.adapter.delivered[-1].text)
    assert len(post.adapter.delivered) <= 3


async def test_a_result_overtakes_waiting_edits(post: Post) -> None:
    """Nothing is edited after the end, and the end does not wait for edits."""
    one = await post.drawn(job())
    post.adapter.gate.clear()
    post.delivery.tell(one, Queued(position=0, eta_s=1))
    while not post.adapter.tried:
        await asyncio.sleep(0)
    for step in range(5):
        post.delivery.tell(one, Progress(step=step, steps=5))
    post.delivery.tell(one, Finished(seconds=1.5))
    post.delivery.tell(one, Progress(step=5, steps=5))
    post.adapter.gate.set()
    await post.settled()
    assert [m.kind for m in post.adapter.delivered] == [Kind.STATUS, Kind.RESULT]
    assert post.adapter.delivered[-1].remove == "m1"


async def test_one_chats_limit_does_not_hold_up_another(post: Post) -> None:
    """A chat told to wait for an hour waits alone."""
    slow = await post.drawn(job("slow"))
    other = await post.drawn(job("fast", reply_to=reply_to(chat_id="-200")))
    post.adapter.errors = [RetryLater(3600)]
    post.delivery.tell(slow, Finished(seconds=1))
    while not post.adapter.tried:
        await asyncio.sleep(0)
    post.delivery.tell(other, Finished(seconds=1))
    await post.adapter.until(lambda: len(post.adapter.results()) == 1)
    assert post.adapter.results()[0].job_id == "fast"
    assert await post.state("slow") is JobState.DRAWN


async def test_a_failure_is_told_with_a_report_number(post: Post) -> None:
    """The member reads the class of the failure and an id, no traceback."""
    failure = Failure(key="render-out-of-memory", incident="abc123")
    async with post.database.transaction() as t:
        await post.journal.accept(t, job())
        await post.journal.end_failed(t, "aaaaaaaaaaaa", failure)
    post.delivery.tell(job(), Failed(failure=failure))
    await post.settled()
    (said,) = post.adapter.results()
    assert "memory" in said.text
    assert "abc123" in said.text


async def test_a_picture_whose_file_is_gone_is_told_and_refunded(post: Post) -> None:
    """A file deleted between drawing and sending is admitted, not hidden."""
    one = await post.drawn(job())
    await post.store.sweep(older_than=2**40, most_bytes=0, keep=frozenset())
    post.delivery.tell(one, Finished(seconds=1))
    await post.settled()
    assert "gone" in post.adapter.results()[0].text
    assert await post.ledger.used("telegram:1", DAY) == 0


async def test_what_arrived_is_not_sent_again_when_it_cannot_be_noted(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full for a moment after the picture was sent: it is posted once, noted later."""
    real, failures = post.journal.told, [StoreError("full"), StoreError("full")]

    async def told(one: Job, ids: Sequence[str], pictures: Sequence[int]) -> None:
        if failures:
            raise failures.pop()
        await real(one, ids, pictures)

    monkeypatch.setattr("bot.delivery.STORE_PAUSE_S", 0)
    monkeypatch.setattr(post.journal, "told", told)
    post.delivery.tell(await post.drawn(job()), Finished(seconds=1.5))
    await post.settled()
    assert len(post.adapter.results()) == 1
    assert await post.state() is JobState.DELIVERED


async def test_a_result_waits_where_its_sending_cannot_be_noted(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full before it goes out: it is neither given up nor refunded."""
    real, failures = post.journal.sending, [StoreError("full"), StoreError("full")]

    async def sending(job_id: str) -> bool:
        if failures:
            raise failures.pop()
        return await real(job_id)

    monkeypatch.setattr("bot.delivery.STORE_PAUSE_S", 0)
    monkeypatch.setattr(post.journal, "sending", sending)
    post.delivery.tell(await post.drawn(job()), Finished(seconds=1.5))
    await post.settled()
    assert [len(m.pictures) for m in post.adapter.results()] == [1]
    assert await post.state() is JobState.DELIVERED
    assert await post.ledger.used("telegram:1", DAY) == 1000


async def test_a_defect_in_an_adapter_holds_up_nobody(post: Post) -> None:
    """The one result is told in words and refunded; the next of the same chat arrives."""
    bad, good = await post.drawn(job("bad")), await post.drawn(job("good"))
    post.adapter.errors = [ZeroDivisionError("a defect")]
    post.delivery.tell(bad, Finished(seconds=1))
    post.delivery.tell(good, Finished(seconds=1))
    await post.settled()
    assert [(m.job_id, len(m.pictures)) for m in post.adapter.results()] == [
        ("bad", 0),
        ("good", 1),
    ]
    assert await post.ledger.used("telegram:1", DAY) == 1000


async def test_a_note_reaches_a_member_in_private(post: Post) -> None:
    """A note without a chat goes to its member."""
    to = ReplyTo(platform=Platform.TELEGRAM, chat_id="", message_id="", private=True)
    post.delivery.send(Outgoing(kind=Kind.NOTE, to=to, text="hello", notify=job().requester))
    await post.adapter.until(lambda: len(post.adapter.delivered) == 1)
    assert post.adapter.delivered[0].text == "hello"


async def test_a_chat_is_forgotten_only_when_it_was_left(post: Post) -> None:
    """Until the platform has taken the leave, a restart must find the chat again."""
    to = ReplyTo(platform=Platform.TELEGRAM, chat_id="-5", message_id="")
    post.adapter.errors = [RetryLater(0.01)]
    post.adapter.gate.clear()
    post.delivery.send(Outgoing(kind=Kind.LEAVE, to=to))
    assert post.gone == []
    post.adapter.gate.set()
    await post.adapter.until(lambda: len(post.adapter.delivered) == 1)
    while not post.gone:
        await asyncio.sleep(0)
    assert post.gone == [to]


async def test_a_silent_chat_costs_nothing(post: Post) -> None:
    """Its outbox ends after a while; a message begins a new one."""
    post.delivery.idle_s = 0.01
    to = reply_to(chat_id="-300")
    name = f"outbox {(Platform.TELEGRAM, '-300')}"
    for text in ("hello", "again"):
        post.delivery.send(Outgoing(kind=Kind.NOTE, to=to, text=text))
        (outbox,) = (t for t in asyncio.all_tasks() if t.get_name() == name)
        await outbox
    assert [m.text for m in post.adapter.delivered] == ["hello", "again"]


async def test_a_result_cut_off_while_it_was_sent_is_sent_again_and_logged(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram cannot be asked whether it arrived, so an operator who sees it twice finds why."""
    one = await post.drawn(job())
    assert not await post.journal.sending(one.id)  # and there the last life ended
    post.delivery.tell(one, Finished(seconds=1.5))
    await post.settled()
    assert len(post.adapter.results()) == 1
    assert f"job {one.id}: was being sent when the bot ended" in caplog.text


async def test_an_ordinary_result_is_not_suspected(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """Also not where the platform had to be asked twice."""
    one = await post.drawn(job())
    post.adapter.errors = [RetryLater(0.01)]
    post.delivery.tell(one, Finished(seconds=1.5))
    await post.settled()
    assert "may repeat" not in caplog.text


def fated(fate: Fate, index: int = 0) -> Picture:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(out, "PNG")
    return replace(picture(index, out.getvalue()), nsfw=0.9, fate=fate)


async def test_a_picture_comes_as_its_fate_says(post: Post) -> None:
    """Behind a spoiler, or blurred beyond recognition and without its parameters."""
    veiled, blurry = fated(Fate.SPOILER), fated(Fate.BLURRED)
    for name, one in (("veiled", veiled), ("blurry", blurry)):
        post.delivery.tell(await post.drawn(job(name), one), Finished(seconds=1))
    await post.settled()
    first, second = post.adapter.results()
    assert first.spoiler
    assert first.pictures[0].png == veiled.png
    assert not second.spoiler
    assert second.pictures[0].infotext == ""
    with Image.open(io.BytesIO(second.pictures[0].png)) as shown:
        assert shown.size == (64, 64)
        assert max(ImageStat.Stat(shown).stddev) < 20


async def test_what_may_not_be_seen_is_left_out_and_told(post: Post) -> None:
    """Its neighbours come; alone, a sentence comes instead."""
    some = await post.drawn(job("some"), fated(Fate.SHOWN), fated(Fate.DROPPED, 1))
    none = await post.drawn(job("none"), fated(Fate.DROPPED))
    for one in (some, none):
        post.delivery.tell(one, Finished(seconds=1))
    await post.settled()
    first, second = post.adapter.results()
    assert [p.index for p in first.pictures] == [0]
    assert "1 of 2" in first.text
    assert "credits" in first.text
    assert second.pictures == ()
    assert "credits" in second.text
    assert await post.state("none") is JobState.DELIVERED
    assert await post.journal.picture("none", 0) is None
