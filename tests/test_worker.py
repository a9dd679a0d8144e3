"""From the queue through the renderer to exactly one end."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.config import ModerationConfig
from bot.database import Database, Transaction
from bot.domain import (
    Cancelled,
    Failed,
    Fate,
    Finished,
    Job,
    JobEvent,
    JobState,
    Outgoing,
    Progress,
    Queued,
    Started,
)
from bot.errors import ModelUnavailable, RendererDied, StoreError
from bot.holds import Holds, Why
from bot.inspection.client import Inspector
from bot.job_queue import Flow, JobQueue, Pace
from bot.journal import Journal
from bot.picture_check import PictureCheck
from bot.picture_store import PictureStore
from bot.picture_strikes import PictureStrikes
from bot.preferences import PreferenceStore
from bot.quota.ledger import Ledger
from bot.quota.limits import Part
from bot.quota.strikes import Strikes
from bot.worker import Worker
from tests.samples import DAY, allowance, job, requester, spec
from tests.scripted import ScriptedRenderer


@dataclass
class Bench:
    """A worker with real store, queue and ledger around it."""

    database: Database
    journal: Journal
    ledger: Ledger
    queue: JobQueue
    renderer: ScriptedRenderer
    worker: Worker
    told: list[tuple[str, JobEvent]]
    looks: int = 0
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What happens while the worker asks whether there is a pause."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, one: Job, *, each: int = 0) -> None:
        """`each`: what one of several pictures costs."""
        parts = [Part(amount=each or one.cost)] * (one.spec.count if each else 1)
        async with self.database.transaction() as t:
            await self.journal.accept(t, one)
            await self.ledger.reserve(t, allowance(), one.id, parts)
        self.queue.put(one)

    def tell(self, one: Job, event: JobEvent) -> None:
        self.told.append((one.id, event))
        self._changed.set()

    async def is_paused(self) -> bool:
        self.looks += 1
        self._changed.set()
        if self.meanwhile is not None:
            await self.meanwhile()
        return await PreferenceStore(self.database).holds_all()

    async def pause(self, value: str | None) -> None:
        """As `/admin pause`, `drain` and `resume` write it down."""
        await PreferenceStore(self.database).set("bot", "", "pause", value, by="telegram:9")

    async def looked(self, times: int) -> None:
        """Until the worker has asked so often whether there is a pause."""
        while self.looks < times:
            self._changed.clear()
            await self._changed.wait()

    def ends(self) -> list[tuple[str, type]]:
        return [(i, type(e)) for i, e in self.told if isinstance(e, Finished | Failed | Cancelled)]

    async def ended(self, count: int) -> None:
        while len(self.ends()) < count:
            self._changed.clear()
            await self._changed.wait()

    async def stepped(self) -> None:
        while not any(isinstance(e, Progress) for _, e in self.told):
            self._changed.clear()
            await self._changed.wait()

    async def used(self) -> int:
        return await self.ledger.used("telegram:1", DAY)

    async def state(self, job_id: str) -> JobState:
        found = await self.journal.job(job_id)
        assert found is not None
        return found.state


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    off = check(database, Inspector("off"), classifier="off")
    return bench_with(database, tmp_path, off)


def check(database: Database, inspector: Inspector, **moderation: Any) -> PictureCheck:
    config = ModerationConfig(**moderation)
    return PictureCheck(inspector, config, PreferenceStore(database))


def bench_with(
    database: Database,
    tmp_path: Path,
    looks: PictureCheck,
    strikes: PictureStrikes | None = None,
) -> Bench:
    store = PictureStore(tmp_path / "pictures")
    journal, ledger = Journal(database, store), Ledger(database)
    queue, renderer = JobQueue(), ScriptedRenderer()
    told: list[tuple[str, JobEvent]] = []
    made = Bench(database, journal, ledger, queue, renderer, None, told)  # type: ignore[arg-type]
    made.worker = Worker(
        renderer=renderer,
        queue=queue,
        pace=Pace(),
        database=database,
        journal=journal,
        ledger=ledger,
        store=store,
        check=looks,
        holds=Holds(database, days=7),
        tell=made.tell,
        jobs_at_once=4,
        strikes=strikes,
        paused=made.is_paused,
    )
    return made


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    task = asyncio.create_task(bench.worker.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_job_is_drawn_kept_and_paid_for(bench: Bench) -> None:
    """Started, progress, Finished; two pictures on disk; the reservation is spent."""
    await bench.accept(job(spec=spec(count=2)))
    async with running(bench):
        await bench.ended(1)
    events = [type(e) for _, e in bench.told]
    assert events == [Started, Progress, Progress, Progress, Progress, Finished]
    pictures = await bench.journal.pictures("aaaaaaaaaaaa")
    assert pictures is not None
    assert [p.png for p in pictures] == [b"0 of aaaaaaaaaaaa", b"1 of aaaaaaaaaaaa"]
    assert await bench.used() == 1000
    assert await bench.state("aaaaaaaaaaaa") is JobState.DRAWN


async def test_several_jobs_are_in_the_renderer_at_once(bench: Bench) -> None:
    """The loop gets company to batch, up to the configured number."""
    bench.renderer.go.clear()
    for n in range(6):
        await bench.accept(job(f"job {n}"))
    async with running(bench):
        await bench.renderer.until(lambda: len(bench.renderer.active) == 4)
        assert len(bench.queue) == 2
        bench.renderer.go.set()
        await bench.ended(6)


async def test_a_job_that_is_claimed_while_the_bot_stops_goes_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits again, and that attempt is not counted."""
    real = bench.journal.begin

    async def begin(job_id: str, **turns: Any) -> Job | None:
        await real(job_id, **turns)
        raise asyncio.CancelledError  # as the database does once its work is committed

    monkeypatch.setattr(bench.journal, "begin", begin)
    await bench.accept(job())
    task = asyncio.create_task(bench.worker.run())
    with suppress(asyncio.CancelledError):
        await task
    rows = await bench.database.rows("SELECT state, attempts, deaths FROM jobs")
    assert [tuple(row) for row in rows] == [("waiting", 0, 0)]


async def test_those_who_wait_are_told_when_the_line_moves(bench: Bench) -> None:
    """A job ahead is begun, another is cancelled: the last one moves up."""
    bench.renderer.go.clear()
    for n in range(7):
        await bench.accept(job(f"job {n}"))
    async with running(bench):
        await bench.renderer.until(lambda: len(bench.renderer.active) == 4)
        await bench.worker.cancel("job 5")
        places = [e.position for i, e in bench.told if i == "job 6" and isinstance(e, Queued)]
        bench.renderer.go.set()
        await bench.ended(7)
    assert places == [5, 4, 3, 2, 1]


async def test_a_failure_is_refunded_and_named(bench: Bench) -> None:
    """A model that cannot be loaded costs nothing; the others go on."""
    bench.renderer.fail["bad"] = [ModelUnavailable("no such file")]
    await bench.accept(job("bad"))
    await bench.accept(job("good"))
    async with running(bench):
        await bench.ended(2)
    assert sorted(bench.ends()) == sorted([("bad", Failed), ("good", Finished)], key=str)
    assert await bench.used() == 1000
    failed = await bench.journal.job("bad")
    assert failed is not None
    assert failed.failure is not None
    assert failed.failure.key == "render-model-unavailable"


async def test_an_unexpected_error_ends_only_its_own_job(bench: Bench) -> None:
    """A defect is a refunded failure, and the worker draws the next one."""
    bench.renderer.fail["bad"] = [ZeroDivisionError("a defect")]
    await bench.accept(job("bad"))
    async with running(bench):
        await bench.ended(1)
        await bench.accept(job("good"))
        await bench.ended(2)
    assert bench.ends() == [("bad", Failed), ("good", Finished)]


async def test_a_waiting_job_is_cancelled_and_refunded_whole(bench: Bench) -> None:
    """Cancelled before it is begun: it never reaches the renderer."""
    await bench.accept(job())
    assert await bench.worker.cancel("aaaaaaaaaaaa")
    async with running(bench):
        await bench.accept(job("next"))
        await bench.ended(2)
    assert bench.renderer.begun == ["next"]
    assert await bench.used() == 1000
    assert not await bench.worker.cancel("aaaaaaaaaaaa")


async def test_a_cancel_that_cannot_be_stored_leaves_the_job_in_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The member is told to try again, and until then the job waits as before."""

    async def full(*_: object) -> bool:
        raise StoreError("disk full")

    await bench.accept(job())
    with monkeypatch.context() as broken:
        broken.setattr(bench.journal, "end_cancelled", full)
        with pytest.raises(StoreError):
            await bench.worker.cancel("aaaaaaaaaaaa")
    async with running(bench):
        await bench.ended(1)
    assert bench.ends() == [("aaaaaaaaaaaa", Finished)]


@pytest.mark.parametrize("failures", [1, 3])
async def test_a_picture_waits_for_room_on_the_disk(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """Neither its file nor its end can be written at first: it is drawn once, and not lost."""
    monkeypatch.setattr("bot.insist.FIRST_PAUSE_S", 0)
    put, end = bench.worker._store.put, bench.journal.end_drawn
    full = [StoreError("disk full") for _ in range(2 * failures)]

    async def put_at_last(content: bytes) -> str:
        if len(full) > failures:
            raise full.pop()
        return await put(content)

    async def end_at_last(t: Transaction, job_id: str, *values: Any) -> bool:
        if full:
            raise full.pop()
        return await end(t, job_id, *values)

    monkeypatch.setattr(bench.worker._store, "put", put_at_last)
    monkeypatch.setattr(bench.journal, "end_drawn", end_at_last)
    await bench.accept(job())
    async with running(bench):
        await bench.ended(1)
    assert not full
    assert bench.ends() == [("aaaaaaaaaaaa", Finished)]
    assert bench.renderer.begun == ["aaaaaaaaaaaa"]
    assert await bench.used() == 1000


async def test_a_failure_is_told_once_it_can_be_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its refund waits as long as the disk is full; the job is not forgotten until a restart."""
    monkeypatch.setattr("bot.insist.FIRST_PAUSE_S", 0)
    monkeypatch.setattr("bot.ends.PATIENCE_S", 0)
    real, full = bench.journal.end_failed, [StoreError("disk full") for _ in range(3)]

    async def fail(t: Transaction, job_id: str, failure: Any) -> bool:
        if full:
            raise full.pop()
        return await real(t, job_id, failure)

    monkeypatch.setattr(bench.journal, "end_failed", fail)
    bench.renderer.fail["aaaaaaaaaaaa"] = [ModelUnavailable("no such file")]
    await bench.accept(job())
    async with running(bench):
        await bench.ended(1)
    assert bench.ends() == [("aaaaaaaaaaaa", Failed)]
    assert await bench.used() == 0


async def test_a_job_that_can_no_longer_be_read_is_set_aside_at_its_turn(bench: Bench) -> None:
    """Its row was damaged while it waited: refunded and told; the next one is drawn."""
    await bench.accept(job())
    async with bench.database.transaction() as t:
        await t.run("UPDATE jobs SET spec = '{}'")
    await bench.accept(job("next"))
    async with running(bench):
        await bench.ended(2)
    assert bench.ends() == [("aaaaaaaaaaaa", Failed), ("next", Finished)]
    assert await bench.used() == 1000


@pytest.mark.parametrize(("by", "counted"), [("telegram:1", 1), ("telegram:8", 0)])
async def test_only_what_a_member_stops_counts_for_the_cooldown(
    bench: Bench, by: str, counted: int
) -> None:
    """And only while it is drawn; an admin who stops it is not the member."""
    await bench.accept(job("waits"))
    assert await bench.worker.cancel("waits", by)
    bench.renderer.go.clear()
    await bench.accept(job())
    async with running(bench):
        await bench.stepped()
        assert await bench.worker.cancel("aaaaaaaaaaaa", by)
        await bench.ended(2)
    rows = await bench.database.rows("SELECT account, job_id FROM cancels")
    assert [tuple(row) for row in rows] == [("telegram:1", "aaaaaaaaaaaa")] * counted


@pytest.mark.parametrize(
    ("first", "second", "counted"),
    [("telegram:8", "telegram:1", 0), ("telegram:1", "telegram:8", 1)],
)
async def test_of_two_who_stop_a_request_the_first_has_done_it(
    bench: Bench, first: str, second: str, counted: int
) -> None:
    """A member who presses after an admin did has stopped nothing."""
    bench.renderer.go.clear()
    await bench.accept(job())
    async with running(bench):
        await bench.stepped()
        assert await bench.worker.cancel("aaaaaaaaaaaa", first)
        await bench.worker.cancel("aaaaaaaaaaaa", second)
        await bench.ended(1)
    assert len(await bench.database.rows("SELECT * FROM cancels")) == counted


async def test_a_job_cancelled_while_drawing_pays_for_its_steps(bench: Bench) -> None:
    """One of four steps is done: a quarter is spent, the rest comes back."""
    bench.renderer.go.clear()
    await bench.accept(job())
    async with running(bench):
        await bench.renderer.until(lambda: bool(bench.renderer.active))
        await bench.stepped()
        assert await bench.worker.cancel("aaaaaaaaaaaa")
        await bench.ended(1)
        assert bench.renderer.active == set()
    assert bench.ends() == [("aaaaaaaaaaaa", Cancelled)]
    assert await bench.used() == 250


async def test_a_drawn_picture_is_told_although_somebody_cancels_too_late(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancel that meets the commit of the picture changes nothing: it was drawn and is told."""
    drawn, go_on = asyncio.Event(), asyncio.Event()
    real = bench.journal.end_drawn

    async def slow(t: Transaction, job_id: str, *values: Any) -> bool:
        ended = await real(t, job_id, *values)
        drawn.set()
        await go_on.wait()
        return ended

    monkeypatch.setattr(bench.journal, "end_drawn", slow)
    await bench.accept(job())
    async with running(bench):
        await drawn.wait()
        late = asyncio.create_task(bench.worker.cancel("aaaaaaaaaaaa"))
        await asyncio.sleep(0)
        go_on.set()
        await bench.ended(1)
        assert not await late
    assert bench.ends() == [("aaaaaaaaaaaa", Finished)]
    assert await bench.used() == 1000


@pytest.mark.parametrize("turns", range(6))
async def test_a_cancel_between_the_line_and_the_first_step_ends_the_job(
    bench: Bench, turns: int
) -> None:
    """At whatever turn of the loop it comes: told once as cancelled, refunded, not drawn on."""
    bench.renderer.go.clear()
    await bench.accept(job())
    async with running(bench):
        while not bench.worker.drawing:
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        assert await bench.worker.cancel("aaaaaaaaaaaa")
        await bench.ended(1)
        await bench.renderer.until(lambda: not bench.renderer.active)
        while bench.worker.drawing:
            await asyncio.sleep(0)
    assert bench.ends() == [("aaaaaaaaaaaa", Cancelled)]
    assert isinstance(bench.told[-1][1], Cancelled)
    assert await bench.used() == 0


async def test_a_suspect_is_cancelled_while_it_waits_to_be_alone(bench: Bench) -> None:
    """It has left the line and is not in the renderer yet; its cancel is told at once."""
    bench.renderer.go.clear()
    await bench.accept(job("other"))
    async with running(bench):
        await bench.renderer.until(lambda: bool(bench.renderer.active))
        await bench.accept(job("suspect"))
        async with bench.database.transaction() as t:
            await t.run("UPDATE jobs SET deaths = 1 WHERE id = 'suspect'")
        while "suspect" not in bench.worker.drawing:
            await asyncio.sleep(0)
        assert await bench.worker.cancel("suspect")
        bench.renderer.go.set()
        await bench.ended(2)
        await bench.accept(job("next"))
        await bench.ended(3)
    assert bench.renderer.begun == ["other", "next"]
    assert bench.ends() == [("suspect", Cancelled), ("other", Finished), ("next", Finished)]


async def test_a_store_that_fails_once_stops_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a cancelled job cannot be written: it fails instead, and the next is drawn."""

    async def full(*_: object) -> bool:
        raise StoreError("disk full")

    monkeypatch.setattr("bot.ends.PATIENCE_S", 0)
    bench.renderer.go.clear()
    await bench.accept(job("bad"))
    async with running(bench):
        await bench.stepped()
        monkeypatch.setattr(bench.journal, "end_cancelled", full)
        await bench.worker.cancel("bad")
        bench.renderer.go.set()
        await bench.accept(job("good"))
        await bench.ended(2)
    assert bench.ends() == [("bad", Failed), ("good", Finished)]


async def test_a_job_that_cannot_be_claimed_is_claimed_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is locked for a moment: the job is not forgotten until the next start."""
    real, failures = bench.journal.begin, [StoreError("locked")]

    async def begin(job_id: str, **turns: Any) -> Job | None:
        if failures:
            raise failures.pop()
        return await real(job_id, **turns)

    monkeypatch.setattr("bot.insist.FIRST_PAUSE_S", 0)
    monkeypatch.setattr(bench.journal, "begin", begin)
    await bench.accept(job())
    async with running(bench):
        await bench.ended(1)
    assert bench.ends() == [("aaaaaaaaaaaa", Finished)]


async def test_stopping_the_bot_puts_jobs_back_in_line_uncounted(bench: Bench) -> None:
    """A stop in the middle of drawing is nobody's failure."""
    bench.renderer.go.clear()
    await bench.accept(job())
    async with running(bench):
        await bench.renderer.until(lambda: bool(bench.renderer.active))
    assert bench.ends() == []
    found = await bench.journal.job("aaaaaaaaaaaa")
    assert found is not None
    assert (found.state, found.attempts) == (JobState.WAITING, 0)
    assert await bench.used() == 1000


async def test_a_death_of_the_renderer_is_survived(bench: Bench) -> None:
    """A job whose process was killed is drawn once more and delivered."""
    bench.renderer.fail["aaaaaaaaaaaa"] = [RendererDied("killed")]
    await bench.accept(job())
    async with running(bench):
        await bench.ended(1)
    assert bench.ends() == [("aaaaaaaaaaaa", Finished)]
    assert bench.renderer.begun == ["aaaaaaaaaaaa"] * 2


async def test_a_poison_job_is_set_aside_and_its_neighbours_are_delivered(bench: Bench) -> None:
    """Four die together; each is drawn again alone; only the one that dies alone fails."""
    bench.renderer.go.clear()
    for n in range(4):
        deaths = 2 if n == 2 else 1
        bench.renderer.fail[f"job {n}"] = [RendererDied("killed") for _ in range(deaths)]
        await bench.accept(job(f"job {n}"))
    async with running(bench):
        await bench.renderer.until(lambda: len(bench.renderer.active) == 4)
        bench.renderer.go.set()
        await bench.ended(4)
    assert dict(bench.ends()) == {
        "job 0": Finished,
        "job 1": Finished,
        "job 2": Failed,
        "job 3": Finished,
    }
    assert set(bench.renderer.company.values()) == {1}
    assert await bench.used() == 3000


async def test_a_lost_source_picture_is_a_refunded_failure(bench: Bench) -> None:
    """img2img without its picture cannot be drawn, and says so."""
    await bench.accept(job(spec=spec(input_sha256="f" * 64)))
    async with running(bench):
        await bench.ended(1)
    assert bench.ends() == [("aaaaaaaaaaaa", Failed)]
    assert await bench.used() == 0


async def test_a_cancelled_drawing_counts_only_as_far_as_it_came(bench: Bench) -> None:
    """A quarter of a large job is drawn: its member's next one stands before the other's second."""
    bench.renderer.go.clear()
    await bench.accept(job("large", cost=4000))
    for n in range(3):
        await bench.accept(job(f"other {n}", requester=requester(f"{n + 5}")))
    async with running(bench):
        await bench.renderer.until(lambda: len(bench.renderer.active) == 4)
        await bench.stepped()
        for name in ("b0", "b1"):
            await bench.accept(job(name, requester=requester("2"), cost=1500))
        await bench.accept(job("a1", cost=100))
        assert bench.queue.line() == ["b0", "b1", "a1"]
        await bench.worker.cancel("large")
        await bench.ended(1)
        bench.renderer.go.set()
        await bench.ended(7)
    assert bench.renderer.begun[4:] == ["b0", "a1", "b1"]


async def test_the_turns_that_were_taken_are_known_after_a_restart(bench: Bench) -> None:
    """The line that another queue makes of the database is the one that was there."""
    bench.renderer.go.clear()
    for n in range(8):
        await bench.accept(job(f"a{n}"))
    async with running(bench):
        await bench.renderer.until(lambda: len(bench.renderer.active) == 4)
        for n in range(2):
            await bench.accept(job(f"b{n}", requester=requester("2"), person="telegram:2"))
        before = bench.queue.line()
    again = JobQueue()
    again.restore(map(Flow._make, await bench.journal.turns()))
    kept = await bench.journal.unfinished()
    for one in kept:
        again.put(one, first=one.rank < 0)
    assert before == ["b0", "a4", "b1", "a5", "a6", "a7"]
    assert again.line() == ["a0", "a1", "a2", "a3", *before]
    assert kept[-1].person == "telegram:2"


async def test_a_dropped_picture_costs_nothing_and_is_not_kept(
    database: Database, tmp_path: Path
) -> None:
    """The others of the job are drawn, kept and paid for."""
    name = "tests.odd_classifiers:redness"
    async with Inspector(name) as inspector:
        looks = check(database, inspector, classifier=name, picture_action="drop")
        bench = bench_with(database, tmp_path, looks)
        bench.renderer.pngs = [png("black"), png("red"), png("black")]
        await bench.accept(job(spec=spec(count=3), cost=3000), each=1000)
        async with running(bench):
            await bench.ended(1)
    pictures = await bench.journal.pictures("aaaaaaaaaaaa")
    assert pictures is not None
    assert [p.fate for p in pictures] == [Fate.SHOWN, Fate.DROPPED, Fate.SHOWN]
    assert [p.png for p in pictures] == [png("black"), b"", png("black")]
    assert len(list((tmp_path / "pictures").rglob("*.png"))) == 1
    assert await bench.used() == 2000


async def test_dropped_pictures_are_one_strike_against_their_member(
    database: Database, tmp_path: Path
) -> None:
    """Told in private with what follows; an operator is spared."""
    name = "tests.odd_classifiers:redness"
    sent: list[Outgoing] = []

    async def is_operator(account: str) -> bool:
        return account == "telegram:9"

    strikes = PictureStrikes(
        strikes=Strikes(database, ModerationConfig(strikes_to_timeout=2)),
        is_operator=is_operator,
        send=sent.append,
    )
    async with Inspector(name) as inspector:
        looks = check(database, inspector, classifier=name, picture_action="drop")
        bench = bench_with(database, tmp_path, looks, strikes)
        bench.renderer.pngs = [png("red"), png("red")]
        who = {"a": requester("1"), "b": requester("9"), "c": requester("1")}
        for job_id, asked in who.items():
            one = job(job_id * 12, spec=spec(count=2), cost=2000, requester=asked)
            await bench.accept(one, each=1000)
        async with running(bench):
            await bench.ended(3)
    assert [note.notify and note.notify.account for note in sent] == ["telegram:1"] * 2
    assert all(note.to.private and "is not shown" in note.text for note in sent)
    assert "one more" in sent[0].text
    assert "cannot draw here for" in sent[1].text
    bans = await database.rows("SELECT account, chat, given_by FROM bans")
    assert [tuple(ban) for ban in bans] == [("telegram:1", "telegram:-100", "moderation")]


async def test_a_held_picture_is_kept_and_waits(database: Database, tmp_path: Path) -> None:
    """It costs what it costs until somebody decides; its bytes are given to nobody."""
    name = "tests.odd_classifiers:redness"
    async with Inspector(name) as inspector:
        looks = check(database, inspector, classifier=name, picture_action="hold")
        bench = bench_with(database, tmp_path, looks)
        bench.renderer.pngs = [png("black"), png("red")]
        await bench.accept(job(spec=spec(count=2), cost=2000), each=1000)
        async with running(bench):
            await bench.ended(1)
    pictures = await bench.journal.pictures("aaaaaaaaaaaa")
    assert pictures is not None
    assert [(p.fate, p.png) for p in pictures] == [(Fate.SHOWN, png("black")), (Fate.HELD, b"")]
    assert await bench.journal.picture("aaaaaaaaaaaa", 1) is None
    (hold,) = await Holds(database, days=7).of("aaaaaaaaaaaa")
    assert (hold.picture, hold.why, hold.decided) == (1, Why.CHECK, None)
    assert len(await bench.journal.needed()) == 2
    assert await bench.used() == 2000


async def test_a_picture_that_cannot_be_looked_at_fails_the_job(
    database: Database, tmp_path: Path
) -> None:
    """Refunded and told; nothing is shown that nobody has checked."""
    name = "tests.odd_classifiers:broken"
    async with Inspector(name) as inspector:
        bench = bench_with(database, tmp_path, check(database, inspector, classifier=name))
        bench.renderer.pngs = [png("black")]
        await bench.accept(job())
        async with running(bench):
            await bench.ended(1)
    (end,) = (e for _, e in bench.told if isinstance(e, Failed))
    assert end.failure.key == "inspection-failed"
    assert await bench.used() == 0


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


# Pauses -------------------------------------------------------------------------------------


async def test_a_pause_begins_nothing_until_it_ends(bench: Bench) -> None:
    """What waits keeps its place; draining begins it, and so does the end of the pause."""
    await bench.pause("pause:new card")
    await bench.accept(job())
    async with running(bench):
        await bench.looked(1)
        assert bench.renderer.active == set()
        assert await bench.state("aaaaaaaaaaaa") is JobState.WAITING
        await bench.pause("drain:")
        bench.worker.wake()
        await bench.ended(1)
        await bench.pause(None)
        await bench.accept(job("bbbbbbbbbbbb"))
        await bench.ended(2)


async def test_a_pause_that_ends_elsewhere_is_seen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line is another process and cannot wake the worker."""
    monkeypatch.setattr("bot.worker.PAUSE_LOOK_S", 0.01)
    await bench.pause("pause:")
    await bench.accept(job())
    async with running(bench):
        await bench.looked(3)
        assert bench.ends() == []
        await bench.pause(None)
        await bench.ended(1)


async def test_a_job_that_comes_with_the_pause_goes_back(bench: Bench) -> None:
    """The worker was waiting for it when the pause began; it is drawn afterwards, charged once."""
    async with running(bench):
        await bench.looked(1)
        await bench.pause("pause:")
        await bench.accept(job())
        await bench.looked(3)
        assert "aaaaaaaaaaaa" in bench.queue
        assert await bench.state("aaaaaaaaaaaa") is JobState.WAITING
        await bench.pause(None)
        bench.worker.wake()
        await bench.ended(1)
    assert await bench.used() == 1000


async def test_a_job_that_is_cancelled_as_the_pause_begins_leaves_the_line(bench: Bench) -> None:
    """It had left the line already, and does not come back to it."""

    async def cancel_it() -> None:
        bench.meanwhile = None
        await bench.worker.cancel("aaaaaaaaaaaa")

    async with running(bench):
        await bench.looked(1)
        await bench.pause("pause:")
        bench.meanwhile = cancel_it
        await bench.accept(job())
        await bench.looked(3)
        assert bench.ends() == [("aaaaaaaaaaaa", Cancelled)]
        assert bench.queue.work == len(bench.queue) == 0
    assert await bench.used() == 0
