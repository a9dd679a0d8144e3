"""Pictures that wait for an admin, and reports: what is asked, decided, told, and kept over a
restart."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.access import Doorkeeper
from bot.audit import Audit
from bot.config import Config
from bot.database import Database
from bot.domain import (
    Fate,
    Incoming,
    Job,
    JobState,
    Kind,
    Outgoing,
    Permissions,
    Platform,
    Press,
    Receipt,
    Requester,
)
from bot.errors import RetryLater
from bot.holding import Settled
from bot.holds import Holds, Why
from bot.journal import Journal
from bot.members.seen import Members
from bot.moderators import Moderators
from bot.picture_moderation import PictureModeration
from bot.picture_store import PictureStore
from bot.preferences import Preferences, PreferenceStore
from bot.quota.ledger import Ledger
from bot.quota.limits import Part
from bot.removal import Removal
from bot.replies.messages import Messages
from bot.settings import Settings
from tests.front import config
from tests.samples import DAY, NOON, allowance, incoming, job, picture, reply_to, requester, spec

BOSS, ADMIN, ANN, LI = (
    requester(number, name=name)
    for number, name in zip("9512", ("Boss", "Admin", "Ann", "Li"), strict=True)
)
GONE = Preferences()


@dataclass
class Rights:
    """A platform that knows one admin of one chat."""

    fails: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        self.asked.append((chat_id, user_id))
        if self.fails:
            raise RetryLater(1, "away")
        return Permissions(is_admin=(chat_id, user_id) == ("-100", ADMIN.user_id))


class Desk:
    """Holding and reporting over a real store; what is sent waits for the test to bring it."""

    def __init__(self, database: Database, folder: Path, settings: Config) -> None:
        self.database, self.now = database, NOON
        self.store = PictureStore(folder / "pictures")
        self.journal, self.ledger = Journal(database, self.store), Ledger(database)
        self.holds = Holds(database, days=7, clock=lambda: self.now)
        self.removal, self.rights = Removal(database, self.store), Rights()
        self.preferences, members = PreferenceStore(database), Members(database)
        self.sent: list[tuple[Outgoing, Settled | None]] = []
        self._built = (settings, members)
        self.moderation = self.started()

    def started(self) -> PictureModeration:
        """As after a restart."""
        settings, members = self._built
        self.sent.clear()
        self.moderation = PictureModeration(
            config=settings,
            holds=self.holds,
            journal=self.journal,
            store=self.store,
            removal=self.removal,
            moderators=Moderators(
                doorkeeper=Doorkeeper(settings.access, Settings(self.database), members),
                members=members,
                preferences=self.preferences,
                adapters={Platform.TELEGRAM: self.rights},  # type: ignore[dict-item] # only rights
            ),
            messages=Messages(),
            send=lambda message, settled: self.sent.append((message, settled)),
        )
        return self.moderation

    async def drawn(self, *fates: Fate, **changes: Any) -> Job:
        """A job whose result is in its chat; what is held waits."""
        made = job(spec=spec(count=len(fates)), cost=1000 * len(fates), requester=ANN, **changes)
        parts = [Part(amount=1000)] * len(fates)
        pictures = []
        for index, fate in enumerate(fates):
            png = f"PNG {made.id} {index}".encode()
            sha256 = await self.store.put(png)
            pictures.append((replace(picture(index, png), fate=fate), sha256))
        held = [i for i, fate in enumerate(fates) if fate is Fate.HELD]
        async with self.database.transaction() as t:
            await self.journal.accept(t, made)
            await self.ledger.reserve(t, allowance(), made.id, parts)
            await self.ledger.settle(t, made.id)
            await self.journal.end_drawn(t, made.id, pictures, 1.0)
            if held:
                await self.holds.begin(t, made.id, held, Why.CHECK)
        await self.journal.told(made, [f"m-{made.id}"], [0])
        return replace(made, state=JobState.DELIVERED)

    async def arrive(self) -> list[Outgoing]:
        """All that was sent arrives; what that was."""
        brought, self.sent[:] = list(self.sent), []
        for number, (_, settled) in enumerate(brought):
            if settled is not None:
                await settled(Receipt(message_ids=(f"n-{number}-{self.now:.0f}",)))
        return [message for message, _ in brought]

    async def press(
        self, who: Requester, action: str, argument: str, chat: str = "-100", **more: Any
    ) -> str:
        """What is answered to a press in that chat (`1`: a private one)."""
        to = reply_to("note", chat, private=not chat.startswith("-"))
        pressed = Press(action=action, argument=argument, requester=who, reply_to=to, **more)
        return (await self.moderation.handlers[action](pressed, GONE)).text

    async def report(self, who: Requester, message_id: str | None, **more: Any) -> str:
        asked: Incoming = incoming(
            "", "report", requester=who, replied_message_id=message_id, **more
        )
        return (await self.moderation.reporting.command(asked, GONE)).text

    async def used(self) -> int:
        return await self.ledger.used(ANN.account, DAY)

    async def fates(self, job_id: str = "aaaaaaaaaaaa") -> list[Fate]:
        return [p.fate for p in await self.journal.listed(job_id)]

    async def log(self) -> list[tuple[str, str, str, str, str, str]]:
        acts = await Audit(self.database).last()
        return [(a.account, a.act, a.target, a.before, a.after, a.chat) for a in acts]


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path, config())


def kinds(messages: list[Outgoing]) -> list[tuple[str, str, int]]:
    """Kind, chat and number of pictures of each."""
    return [(m.kind.value, m.to.chat_id, len(m.pictures)) for m in messages]


# Asking -----------------------------------------------------------------------------------------


async def test_the_chat_is_asked_without_the_picture_and_operators_see_it(desk: Desk) -> None:
    """Covered, each with its own buttons, and told from which chat; what was shown is no part of
    it."""
    await Settings(desk.database).meet(Platform.TELEGRAM, "-100", "Painters")
    made = await desk.drawn(Fate.SHOWN, Fate.HELD, Fate.HELD)
    await desk.moderation.holding.ask(made)
    question, *asides = await desk.arrive()
    assert kinds([question, *asides]) == [("note", "-100", 0), ("note", "", 1), ("note", "", 1)]
    assert [b.argument for b in question.buttons] == [made.id] * 3
    assert [a.pictures[0].index for a in asides] == [1, 2]
    assert [a.buttons[0].argument for a in asides] == [f"{made.id}:1", f"{made.id}:2"]
    assert all(a.spoiler and a.notify and a.notify.account == BOSS.account for a in asides)
    assert "a red apple" not in question.text
    assert asides[0].text.endswith("Ann asked for it in “Painters” (telegram:-100): a red apple")


async def test_a_question_that_did_not_arrive_is_asked_at_the_next_start(desk: Desk) -> None:
    """And one that did is not."""
    made = await desk.drawn(Fate.HELD)
    await desk.moderation.holding.ask(made)
    await desk.started().holding.resume()
    assert kinds(await desk.arrive()) == [("note", "-100", 0), ("note", "", 1)]
    await desk.started().holding.resume()
    await desk.moderation.holding.ask(made)
    assert await desk.arrive() == []


async def test_in_a_private_chat_only_operators_are_asked(desk: Desk) -> None:
    """There is nobody else."""
    made = await desk.drawn(Fate.HELD, reply_to=reply_to(chat_id="1", private=True))
    await desk.moderation.holding.ask(made)
    assert kinds(await desk.arrive()) == [("note", "", 1)]
    await desk.started().holding.resume()
    assert await desk.arrive() == []


async def test_a_result_that_nobody_got_is_asked_about_by_nobody(desk: Desk) -> None:
    """Its chat is gone; the time will be up."""
    made = await desk.drawn(Fate.HELD)
    async with desk.database.transaction() as t:
        await desk.journal.give_up(t, made.id)
    await desk.moderation.holding.resume()
    assert await desk.arrive() == []


# Who decides ------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["look", "release", "discard"])
async def test_members_decide_nothing(desk: Desk, action: str) -> None:
    """Not even the one who asked for it, nor an admin of another chat, wherever the button is."""
    made = await desk.drawn(Fate.HELD)
    for who, chat, admin in ((ANN, "-100", False), (LI, "-200", True), (LI, "2", False)):
        said = await desk.press(who, action, made.id, chat, is_chat_admin=admin)
        assert said == "Only the admins of that chat can decide about this."
    assert await desk.fates() == [Fate.HELD]
    assert desk.sent == []


async def test_an_admin_who_presses_in_private_is_looked_up(desk: Desk) -> None:
    """The platform is asked about the chat of the picture; without its answer nobody is one."""
    made = await desk.drawn(Fate.HELD)
    desk.rights.fails = True
    refused = await desk.press(ADMIN, "release", f"{made.id}:0", ADMIN.user_id)
    desk.rights.fails = False
    done = await desk.press(ADMIN, "release", f"{made.id}:0", ADMIN.user_id)
    assert refused.startswith("Only the admins")
    assert done.startswith("Released")
    assert desk.rights.asked == [("-100", ADMIN.user_id)] * 2


async def test_looking_brings_what_waits_to_the_private_chat(desk: Desk) -> None:
    """Of whoever may decide; again and again, each time as a message of its own."""
    made = await desk.drawn(Fate.SHOWN, Fate.HELD)
    for _ in range(2):
        assert (await desk.press(BOSS, "look", made.id)).startswith("Sent to your private chat")
    first, second = await desk.arrive()
    assert first.nonce != second.nonce
    assert [first.pictures[0].png, first.notify] == [f"PNG {made.id} 1".encode(), BOSS]


# Deciding ---------------------------------------------------------------------------------------


async def test_a_release_shows_the_picture_in_answer_to_its_request(desk: Desk) -> None:
    """With its caption, once; the question loses its buttons; a reply to it means that picture."""
    made = await desk.drawn(Fate.SHOWN, Fate.HELD)
    said = await desk.press(BOSS, "release", made.id)
    again = await desk.press(BOSS, "release", made.id)
    closed, result = await desk.arrive()
    assert (said, again) == (
        "Released. I am sending it to the chat.",
        "This was released already.",
    )
    assert (closed.edit, closed.buttons) == ("note", ())
    assert (result.kind, result.to, result.pictures[0].index) == (Kind.RESULT, made.reply_to, 1)
    assert result.text.startswith("a red apple")
    assert await desk.fates() == [Fate.SHOWN, Fate.RELEASED]
    assert await desk.journal.picture(made.id, 1) is not None
    known = await desk.journal.message(Platform.TELEGRAM, "-100", f"n-1-{desk.now:.0f}")
    assert known is not None
    assert (known.job_id, known.picture) == (made.id, 1)
    assert await desk.holds.of(made.id) == []
    assert await desk.used() == 2000
    (act,) = await desk.log()
    assert act == (BOSS.account, "picture", ANN.account, "held", "released", "telegram:-100")


async def test_a_release_that_did_not_arrive_is_sent_at_the_next_start(desk: Desk) -> None:
    """Under the same nonce, by which the platform knows it."""
    made = await desk.drawn(Fate.HELD)
    await desk.press(BOSS, "release", made.id)
    before = [m.nonce for m, _ in desk.sent if m.kind is Kind.RESULT]
    await desk.started().holding.resume()
    after = [m for m in await desk.arrive() if m.kind is Kind.RESULT]
    assert [m.nonce for m in after] == before
    await desk.started().holding.resume()
    assert await desk.arrive() == []


async def test_a_release_that_cannot_be_sent_costs_nothing(desk: Desk) -> None:
    """The chat takes the picture in no form, or its file is gone."""
    sent, lost = await desk.drawn(Fate.HELD), await desk.drawn(Fate.HELD, id="b" * 12)
    await desk.press(BOSS, "release", sent.id)
    ((_, settled),) = [one for one in desk.sent if one[0].kind is Kind.RESULT]
    assert settled is not None
    await settled(None)
    assert await desk.used() == 1000
    await desk.store.sweep(older_than=2**40, most_bytes=0, keep=frozenset())
    await desk.press(BOSS, "release", lost.id)
    assert await desk.used() == 0
    assert any("gone from the disk" in m.text for m, _ in desk.sent)


async def test_a_deleted_picture_is_refunded_and_its_file_goes(desk: Desk) -> None:
    """In one step, once; the others of the job stay as they are, and the member is told."""
    made = await desk.drawn(Fate.HELD, Fate.HELD)
    said = await desk.press(BOSS, "discard", f"{made.id}:1", BOSS.user_id)
    again = await desk.press(BOSS, "discard", f"{made.id}:1", BOSS.user_id)
    removal, told = await desk.arrive()
    assert (said, again) == (
        "Deleted; its credits are given back.",
        "This was deleted already.",
    )
    assert (removal.kind, removal.remove) == (Kind.REMOVE, "note")
    assert told.text == "A picture was not released, so it is deleted. Its credits are back."
    assert await desk.fates() == [Fate.HELD, Fate.DELETED]
    assert await desk.used() == 1000
    assert await desk.store.get(sha256(made, 1)) is None
    assert await desk.store.get(sha256(made, 0)) is not None
    (act,) = await desk.log()
    assert act == (BOSS.account, "picture", ANN.account, "held", "deleted", "telegram:-100")


async def test_a_file_that_is_needed_elsewhere_stays(desk: Desk) -> None:
    """Somebody else's request starts from the same picture."""
    made = await desk.drawn(Fate.HELD)
    await desk.drawn(Fate.SHOWN, id="b" * 12, key="other")
    async with desk.database.transaction() as t:
        await t.run(
            "UPDATE jobs SET spec = json_set(spec, '$.input_sha256', ?) WHERE id = ?",
            (sha256(made, 0), "b" * 12),
        )
    await desk.press(BOSS, "discard", made.id)
    assert await desk.store.get(sha256(made, 0)) is not None


async def test_what_nobody_decides_is_deleted_in_time(desk: Desk) -> None:
    """Not before; refunded, told, and in the log as nobody's act."""
    made = await desk.drawn(Fate.HELD)
    desk.now += 7 * 86400 - 1
    await desk.moderation.holding.expire()
    assert await desk.fates() == [Fate.HELD]
    desk.now += 2
    await desk.moderation.holding.expire()
    (told,) = await desk.arrive()
    assert told.to == made.reply_to
    assert await desk.fates() == [Fate.DELETED]
    assert await desk.used() == 0
    assert (await desk.log())[0][:2] == ("moderation", "picture")
    await desk.moderation.holding.expire()
    assert desk.sent == []


async def test_the_requester_may_delete_what_waits(desk: Desk) -> None:
    """Then there is nothing to decide, and nothing comes back."""
    made = await desk.drawn(Fate.HELD)
    await desk.removal.delete(made.id)
    assert await desk.press(BOSS, "release", made.id) == "This was deleted already."
    assert await desk.fates() == [Fate.DELETED]
    desk.now += 8 * 86400
    await desk.moderation.holding.expire()
    assert desk.sent == []


async def test_a_held_picture_outlives_the_sweep(desk: Desk) -> None:
    """It could not be released otherwise."""
    await desk.drawn(Fate.HELD)
    await desk.drawn(Fate.SHOWN, id="b" * 12, key="other")
    swept = await desk.store.sweep(older_than=2**40, most_bytes=0, keep=await desk.journal.needed())
    assert swept == 1


# Reports ----------------------------------------------------------------------------------------


async def test_a_report_takes_the_result_away_and_asks(desk: Desk) -> None:
    """All of its pictures, and before anybody is asked; after a restart as well."""
    made = await desk.drawn(Fate.SHOWN, Fate.SPOILER, Fate.DROPPED)
    said = await desk.report(LI, f"m-{made.id}")
    await desk.started().holding.resume()
    removal, question, *asides = await desk.arrive()
    assert said == "Thank you. It is hidden, and the admins look at it."
    assert (removal.kind, removal.remove) == (Kind.REMOVE, f"m-{made.id}")
    assert removal.pictures[0].png.startswith(b"\x89PNG")
    assert question.text.startswith("A member reported 2 pictures that Ann asked for.")
    assert len(asides) == 2
    assert await desk.fates() == [Fate.HELD, Fate.HELD, Fate.DROPPED]
    assert await desk.journal.picture(made.id, 0) is None
    (act,) = await desk.log()
    assert act == (LI.account, "report", ANN.account, "shown", "held", "telegram:-100")


async def test_a_reported_picture_comes_back_as_it_was_shown(desk: Desk) -> None:
    """Also under its spoiler, also blurred; and once more after a second report."""
    made = await desk.drawn(Fate.SPOILER, Fate.BLURRED, Fate.SHOWN)
    for who in (LI, ADMIN):
        desk.now += 60
        await desk.press(who, "report", made.id)
        await desk.press(BOSS, "release", made.id)
        assert await desk.press(BOSS, "release", made.id) == "This was released already."
        (back,) = [m for m in await desk.arrive() if m.kind is Kind.RESULT]
        assert await desk.fates() == [Fate.SPOILER, Fate.BLURRED, Fate.RELEASED]
        assert [p.fate for p in back.pictures] == await desk.fates()
        assert back.spoiler


async def test_a_message_that_stays_is_told_to_the_chat(desk: Desk) -> None:
    """The platform lets the bot neither delete nor change it, at the second try either: an archived
    thread opens again by the question."""
    made = await desk.drawn(Fate.SHOWN)
    await desk.report(LI, f"m-{made.id}")
    for _ in range(2):
        ((removal, settled),) = [one for one in desk.sent if one[0].kind is Kind.REMOVE]
        desk.sent.remove((removal, settled))
        assert not any("neither delete nor change" in m.text for m, _ in desk.sent)
        assert settled is not None
        await settled(None)
    told = desk.sent[-1][0]
    assert "neither delete nor change" in told.text
    assert told.to == made.reply_to


async def test_a_released_result_cannot_be_reported_by_the_same_member_again(desk: Desk) -> None:
    """By another it can."""
    made = await desk.drawn(Fate.SHOWN)
    await desk.report(LI, f"m-{made.id}")
    assert (await desk.press(LI, "report", made.id)).startswith("You have reported this one")
    assert await desk.report(ADMIN, f"m-{made.id}") == "It is hidden already."
    await desk.press(BOSS, "release", made.id)
    await desk.arrive()
    assert (await desk.press(LI, "report", made.id)).startswith("You have reported this one")
    assert await desk.fates() == [Fate.RELEASED]
    assert (await desk.press(ADMIN, "report", made.id)).startswith("Thank you.")
    assert await desk.fates() == [Fate.HELD]


async def test_two_releases_of_one_picture_are_two_messages(desk: Desk) -> None:
    """Discord takes the same nonce twice for the same message."""
    made = await desk.drawn(Fate.SHOWN)
    nonces = []
    for who in (LI, ADMIN):
        desk.now += 60
        await desk.press(who, "report", made.id)
        await desk.press(BOSS, "release", made.id)
        nonces += [m.nonce for m in await desk.arrive() if m.kind is Kind.RESULT]
    assert len(set(nonces)) == 2
    assert all(len(nonce) <= 25 for nonce in nonces)


async def test_reports_of_one_member_are_limited(desk: Desk) -> None:
    """Within an hour; then they count anew."""
    jobs = [await desk.drawn(Fate.SHOWN, id=f"job{n:09}", key=str(n)) for n in range(6)]
    for made in jobs[:5]:
        assert (await desk.press(LI, "report", made.id)).startswith("Thank you.")
    assert (await desk.press(LI, "report", jobs[5].id)).startswith("You have reported 5 results")
    assert await desk.fates(jobs[5].id) == [Fate.SHOWN]
    desk.now += 3601
    assert (await desk.press(LI, "report", jobs[5].id)).startswith("Thank you.")


async def test_a_report_needs_a_result_of_this_chat(desk: Desk) -> None:
    """In a group, `/report` in reply to others may be meant for another bot."""
    made = await desk.drawn(Fate.SHOWN)
    assert await desk.report(LI, "somebody's") == ""
    assert (await desk.report(LI, None)).startswith("Reply with /report")
    assert (await desk.press(LI, "report", made.id, "-200")).startswith("This button")
    assert await desk.fates() == [Fate.SHOWN]


async def test_reports_can_be_switched_off(database: Database, tmp_path: Path) -> None:
    """The owner of the local page has nobody to report to either."""
    desk = Desk(database, tmp_path, config(moderation={"reports_per_hour": 0}))
    made = await desk.drawn(Fate.SHOWN)
    assert (await desk.press(LI, "report", made.id)).startswith("Reports are switched off")
    local = requester("local", platform=Platform.STUDIO)
    assert (await desk.press(local, "report", made.id)).startswith("There is nobody here")
    assert await desk.fates() == [Fate.SHOWN]


def sha256(made: Job, index: int) -> str:
    return hashlib.sha256(f"PNG {made.id} {index}".encode()).hexdigest()
