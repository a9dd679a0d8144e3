"""What the bot answers: draw, cancel, queue, quota, models, help, first contact."""

import asyncio
import codecs
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.conversation import COMMANDS
from bot.database import Database
from bot.domain import (
    Catalog,
    CheckpointInfo,
    DrawRequest,
    Incoming,
    Kind,
    Platform,
    Press,
    Queued,
)
from bot.inspection.client import Inspector
from bot.phrase import phrase
from bot.replies import keys, say
from bot.replies.messages import Messages
from tests.front import GROUP, OPERATOR, PRIVATE, Front, config
from tests.samples import CATALOG, incoming, job, picture, reply_to, requester


@pytest.fixture
async def front(database: Database, tmp_path: Path) -> AsyncIterator[Front]:
    async with Inspector("off") as inspector:
        yield Front(database, tmp_path, config(), inspector)


def png(width: int = 40, height: int = 20) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


# Drawing ------------------------------------------------------------------------------------


async def test_a_request_becomes_a_complete_job(front: Front) -> None:
    """Defaults filled, seed drawn, credits reserved, told its place."""
    job = await front.draw("a red apple --steps 10 --seed 5")
    assert (job.spec.prompt, job.spec.steps, job.spec.seed) == ("a red apple", 10, 5)
    assert job.spec.checkpoint.name == "demo"
    assert isinstance(front.told[0][1], Queued)
    assert front.queue.line() == [job.id]
    assert await front.ledger.used("telegram:1", "2026-05-28") == job.cost


async def test_the_same_message_twice_is_one_job(front: Front) -> None:
    """An update that is delivered again is neither drawn nor charged again."""
    first = await front.draw()
    assert (await front.draw()).id == first.id
    assert len(front.queue) == 1


async def test_all_faults_are_told_at_once_and_nothing_is_charged(front: Front) -> None:
    """One message, and no job."""
    text = await front.say("a cat --stepz 5 --sampler nonsense")
    assert len(text.splitlines()) >= 2
    assert "--step" in text
    assert "nonsense" in text
    assert len(front.queue) == 0
    assert await front.ledger.used("telegram:1", "2026-05-28") == 0


async def test_an_empty_request_is_answered_with_a_sentence(front: Front) -> None:
    """`/draw` alone."""
    assert await front.say("") != ""
    assert len(front.queue) == 0


async def test_a_prompt_of_5000_characters_is_refused(front: Front) -> None:
    """The sentence names the limit."""
    assert "4" in await front.say("apple " * 900)
    assert len(front.queue) == 0


async def test_a_typed_option_wins_over_a_flag(front: Front) -> None:
    """Discord's typed options."""
    job = await front.draw("a cat --steps 10", options=DrawRequest(steps=12))
    assert job.spec.steps == 12


async def test_a_source_picture_is_kept_and_drawn_from(front: Front) -> None:
    """img2img: the bytes lie in the store under the hash that the spec names."""
    job = await front.draw("a green apple", source=png())
    assert job.spec.input_sha256 is not None
    assert await front.store.get(job.spec.input_sha256) is not None
    assert job.spec.width > job.spec.height


async def test_a_reply_to_our_own_picture_uses_the_original(front: Front) -> None:
    """Not the copy that the platform recompressed."""
    first = await front.draw("a red apple")
    original = png(64, 64)
    sha256 = await front.store.put(original)
    async with front.database.transaction() as t:
        await front.journal.end_drawn(t, first.id, [(picture(0, original), sha256)], 1.0)
    await front.journal.told(first, ["42"])
    job = await front.draw("a green apple", source=png(8, 8), replied_message_id="42")
    assert job.source_job_id == first.id
    assert (job.spec.width, job.spec.height) == (64, 64)


async def test_an_unusable_picture_is_refused_and_nothing_is_charged(front: Front) -> None:
    """A text file renamed .png."""
    assert "not a picture" in await front.say("a cat", source=b"just text")
    assert "20 MB" in await front.say("a cat", source_problem="picture-too-large")
    assert len(front.queue) == 0


async def test_the_very_first_request_waits_for_the_renderer(front: Front) -> None:
    """With no catalogue stored yet, nothing is refused for a model that is about to be there."""
    front.catalog = Catalog()
    assert await front.conversation.precheck(incoming("a red apple")) is None
    assert (await front.draw("a red apple")).spec.checkpoint.name == "demo"


async def test_a_renderer_that_does_not_start_is_said(front: Front) -> None:
    """Not a missing model, and nothing is charged; /models tells the same."""
    front.catalog, front.broken = Catalog(), True
    assert "does not start" in await front.say("a red apple")
    assert "does not start" in await front.say(command="models")
    assert len(front.queue) == 0


async def test_a_clamped_value_is_said(front: Front) -> None:
    """Intent clear: drawn at the limit, and told so."""
    job = await front.draw("a cat --steps 9000")
    assert job.spec.steps == 60
    assert any("60" in say(n) for n in job.notes)


# The prompt filter --------------------------------------------------------------------------

BAD = codecs.decode("ahqr jbzna", "rot13")
"""Two words that the shipped list of sexual content knows."""


@pytest.mark.parametrize(
    "text",
    [
        f"{BAD}, oil painting",
        " ".join(BAD),
        f"a castle\nNegative prompt: x\nSteps: 5\n{BAD}",
        f"[a castle:{BAD}:0.5]",
    ],
)
async def test_refused_words_are_told_by_category_and_cost_nothing(front: Front, text: str) -> None:
    """However they are written; the word itself is not repeated, the picture not kept."""
    answer = await front.conversation.handle(incoming(text, source=png()))
    assert answer.job_id is None
    assert answer.private
    assert BAD not in answer.text
    assert len(front.queue) == 0
    assert await front.ledger.used("telegram:1", "2026-05-28") == 0
    assert not front.stored()


async def test_the_name_of_a_refiner_is_read_too(front: Front) -> None:
    """Of every model that takes part, not only of the checkpoint."""
    refiner = CheckpointInfo(name="kittens", sha256="e" * 64, family="SD 1.x", native_size=512)
    base = replace(refiner, name="base", sha256="f" * 64)
    models = (base, refiner, replace(refiner, name=f"{BAD} mix", sha256="d" * 64))
    front.catalog = replace(
        CATALOG, checkpoints=models, default_checkpoint="base", features=("refiner",)
    )
    assert await front.draw("a castle --refiner kittens")
    by_hash = f"a castle --refiner {models[2].sha256[:10]}"
    answer = await front.conversation.handle(incoming(by_hash, key="b"))
    assert answer.job_id is None
    assert BAD not in answer.text


@pytest.mark.parametrize("form", ["a castle --no {}", "a castle\nNegative prompt: {}, lowres"])
async def test_what_is_to_be_avoided_may_be_named(front: Front, form: str) -> None:
    """Members write such words into the negative prompt to be rid of them."""
    assert await front.draw(form.format(BAD))


async def test_a_category_can_be_drawn_behind_a_spoiler(database: Database, tmp_path: Path) -> None:
    """`[moderation] sexual`, by the operator; never for somebody else's photo."""
    front = Front(database, tmp_path, config(moderation={"sexual": "spoiler"}))
    assert (await front.draw(BAD)).spoiler
    assert (await front.conversation.handle(incoming(BAD, key="b", source=png()))).text


# Limits -------------------------------------------------------------------------------------


async def test_credits_that_are_spent_refuse_with_the_time(
    database: Database, tmp_path: Path
) -> None:
    """Which limit, what is left, when it comes back; the operator has none."""
    front = Front(database, tmp_path, config(quota={"credits_per_day": 0.02}))
    await front.say("a cat")
    text = await front.say("a dog")
    assert "credits" in text
    assert " h " in text
    assert len(front.queue) == 1
    assert await front.draw("a cat", requester=OPERATOR)


async def test_a_member_has_a_cap_of_waiting_jobs(database: Database, tmp_path: Path) -> None:
    """The next one is refused; others are not."""
    front = Front(database, tmp_path, config(limits={"waiting_per_user": 2}))
    await front.draw("one")
    await front.draw("two")
    assert "2 requests waiting" in await front.say("three")
    assert await front.draw("four", requester=requester("2"))


async def test_requests_sent_at_once_do_not_slip_past_the_cap(
    database: Database, tmp_path: Path
) -> None:
    """Twelve at the same moment: as many are taken as may wait."""
    front = Front(database, tmp_path, config(limits={"waiting_per_user": 3}))
    answers = await asyncio.gather(
        *(front.conversation.handle(incoming(key=f"k{n}")) for n in range(12))
    )
    assert [bool(answer.job_id) for answer in answers].count(True) == 3
    assert len(front.queue) == 3


async def test_a_chat_has_a_cap_of_waiting_jobs(database: Database, tmp_path: Path) -> None:
    """Over all its members."""
    front = Front(database, tmp_path, config(limits={"waiting_per_chat": 2}))
    await front.draw("one", requester=requester("1"))
    await front.draw("two", requester=requester("2"))
    assert "2 requests waiting" in await front.say("three", requester=requester("3"))


async def test_the_precheck_tells_what_submit_would_refuse(front: Front) -> None:
    """Without its effects: a refusal for a fault, nothing for a good request."""
    bad = await front.conversation.precheck(incoming("a cat --stepz 5"))
    assert bad is not None
    assert bad.private
    assert await front.conversation.precheck(incoming("a cat")) is None
    assert len(front.queue) == 0


# Other commands -----------------------------------------------------------------------------


async def test_cancel_stops_the_newest_own_job(front: Front) -> None:
    """Not somebody else's, and not the older ones."""
    await front.draw("one")
    second = await front.draw("two")
    await front.draw("three", requester=requester("2"))
    assert await front.say(command="cancel") == "Cancelled."
    assert front.cancelled == [second.id]


async def test_cancel_takes_a_job_by_its_id(front: Front) -> None:
    """As `/queue` shows it; a stranger's id, or a word that is none, finds nothing."""
    first = await front.draw("one")
    second = await front.draw("two")
    not_found = "No request of yours"
    assert not_found in await front.say(first.id, "cancel", requester=requester("2"))
    assert not_found in await front.say("please", "cancel")
    assert front.cancelled == []
    assert await front.say(first.id, "cancel") == "Cancelled."
    admin = incoming(second.id, "cancel", requester=requester("3"), is_chat_admin=True)
    await front.members.saw(admin.requester)
    of_another_chat = replace(admin, reply_to=reply_to(chat_id="3", private=True))
    assert not_found in (await front.conversation.handle(of_another_chat)).text
    assert (await front.conversation.handle(admin)).text == "Cancelled."


async def test_the_line_shows_the_whole_and_ones_own_place(front: Front) -> None:
    """Two waiting, mine is the second."""
    await front.draw("one", requester=requester("2"))
    await front.draw("two")
    lines = (await front.say(command="queue")).splitlines()
    assert lines[0].startswith("2 requests are waiting")
    assert lines[1].startswith("“two”: number 2 in line")


async def test_quota_tells_what_is_left(front: Front) -> None:
    """Of how many, and when they are back; an operator has no limit."""
    await front.draw("a cat --size 512x512 --steps 20")
    assert await front.say(command="quota") == (
        "You have 99 of 100 credits left today. "
        "They are back in full in 3 h 33 min, at 29 May 2026, 00:00.\n"
        "One credit is a 512×512 picture of 20 steps."
    )
    assert "no limit" in await front.say(command="quota", requester=OPERATOR)


async def test_models_are_listed_with_their_hash(front: Front) -> None:
    """And the demo model is admitted to be one."""
    text = await front.say(command="models")
    assert "demo (SD 1.x, dddddddddd, 64 px) ← default" in text
    assert "small demo model" in text


async def test_help_is_given_for_start_too(front: Front) -> None:
    """Telegram opens every private chat with /start."""
    assert await front.say(command="start") == await front.say(command="help")


async def test_an_unknown_command_is_answered_in_private_only(front: Front) -> None:
    """In a group it may be meant for another bot."""
    assert await front.say(command="weather") == ""
    text = await front.say(command="weather", requester=OPERATOR, reply_to=PRIVATE)
    assert "/weather" in text


async def test_answers_come_in_the_language_of_the_asker(front: Front) -> None:
    """Chinese for a Chinese client."""
    text = await front.say(command="cancel", requester=requester(language="zh-hans"))
    assert text == say(phrase("nothing-to-cancel"), "zh")


def test_every_registered_command_has_a_description() -> None:
    """In both catalogues."""
    assert {c.description for c in COMMANDS} <= keys("en")


# First contact ------------------------------------------------------------------------------


def elsewhere(**changes: object) -> Incoming:
    return incoming(reply_to=reply_to(chat_id="-555"), chat_title="Artists", **changes)


async def test_an_unapproved_chat_hears_once_who_can_approve_it(front: Front) -> None:
    """And the operator gets Approve and Leave; afterwards silence, and nothing is drawn."""
    first = await front.conversation.handle(elsewhere())
    assert "approve" in first.text
    (asked,) = front.sent
    assert asked.notify is not None
    assert asked.notify.user_id == "9"
    assert [b.action for b in asked.buttons] == ["approve", "leave"]
    assert "Artists" in asked.text
    again = await front.conversation.handle(replace(elsewhere(), key="again"))
    assert again.text == ""
    assert len(front.queue) == 0


async def test_the_approve_button_opens_the_chat_for_operators_only(front: Front) -> None:
    """A stranger's press changes nothing."""
    await front.conversation.handle(elsewhere())
    press = Press(
        action="approve", argument="telegram:-555", requester=requester("2"), reply_to=PRIVATE
    )
    assert "Only an operator" in (await front.conversation.press(press)).text
    assert not (await front.conversation.handle(replace(elsewhere(), key="b"))).job_id
    done = await front.conversation.press(replace(press, requester=OPERATOR))
    assert done.text == "telegram:-555: not allowed → allowed."
    assert (await front.conversation.handle(replace(elsewhere(), key="c"))).job_id


async def test_a_server_is_approved_with_all_its_channels(front: Front) -> None:
    """On Discord the approval is for the server, not for one channel of it."""
    first = reply_to(chat_id="71", space_id="70")
    other = reply_to(chat_id="72", space_id="70")
    assert "telegram:70" in await front.say("a cat", reply_to=first)
    assert await front.say("a cat", reply_to=other, key="b") == ""
    await front.say("chat allow", "admin", reply_to=first, requester=OPERATOR)
    assert await front.draw("a cat", reply_to=other, key="c")


async def test_the_leave_button_leaves(front: Front) -> None:
    """The adapter is told to go."""
    press = Press(action="leave", argument="telegram:-555", requester=OPERATOR, reply_to=PRIVATE)
    await front.conversation.press(press)
    assert [(m.kind, m.to.chat_id) for m in front.sent] == [(Kind.LEAVE, "-555")]


async def test_an_operator_approves_the_chat_they_are_in(front: Front) -> None:
    """`/admin chat allow`, and it is in the audit log."""
    allow = elsewhere(requester=OPERATOR)
    text = await front.conversation.handle(replace(allow, command="admin", text="chat allow"))
    assert "→ allowed" in text.text
    assert (await front.conversation.handle(elsewhere())).job_id
    rows = await front.database.rows("SELECT account, act, target, after FROM audit")
    assert [tuple(r) for r in rows] == [("telegram:9", "chat", "telegram:-555", "allowed")]


@pytest.mark.parametrize("words", ["chat allow bob", "chat", "", "chat allow 1 2", "frobnicate"])
async def test_an_admin_command_that_makes_no_sense_is_explained(front: Front, words: str) -> None:
    """And changes nothing."""
    text = await front.say(words, "admin", requester=OPERATOR)
    assert "chat" in text
    assert await front.settings.chats() == []


async def test_a_member_who_is_no_operator_cannot_administer(front: Front) -> None:
    """A private refusal; nothing changes."""
    assert "Only the admins" in await front.say("chat allow -555", "admin")
    as_admin = await front.say("chat allow -555", "admin", is_chat_admin=True)
    assert as_admin == "/admin chat allow is for the operator of this bot."
    assert await front.settings.chats() == []


async def test_claim_makes_the_first_account_the_operator(
    database: Database, tmp_path: Path
) -> None:
    """In a private chat only, with the printed code only."""
    front = Front(database, tmp_path, config(access={}))
    code = await front.doorkeeper.claim_code()
    assert code is not None
    assert "private chat" in await front.say(code, "claim")
    assert await front.say(code, "claim") == ""
    assert "not valid" in await front.say("nonsense", "claim", reply_to=PRIVATE)
    assert "operator now" in await front.say(code, "claim", reply_to=PRIVATE)
    assert "not valid" in await front.say(code, "claim", reply_to=PRIVATE, requester=OPERATOR)
    assert await front.draw("a cat", reply_to=PRIVATE)


async def test_the_local_page_does_not_use_up_the_claim_code(
    database: Database, tmp_path: Path
) -> None:
    """Whoever is there is the operator anyway; the code is for an account on a chat platform."""
    front = Front(database, tmp_path, config(access={}))
    code = await front.doorkeeper.claim_code()
    page = {
        "requester": requester("local", platform=Platform.STUDIO),
        "reply_to": reply_to(chat_id="studio", platform=Platform.STUDIO, private=True),
    }
    assert "already" in await front.say(code or "", "claim", **page)
    assert await front.doorkeeper.claim_code() == code


async def test_a_chat_is_not_told_of_an_operator_that_does_not_exist(
    database: Database, tmp_path: Path
) -> None:
    """Before anybody has claimed the bot, it says how to."""
    front = Front(database, tmp_path, config(access={}))
    assert "/claim" in (await front.conversation.handle(elsewhere())).text
    assert front.sent == []


async def test_an_operator_elsewhere_is_asked_there_and_in_their_language(front: Front) -> None:
    """A Discord server asks the operator whom the bot knows on Telegram."""
    await front.members.saw(replace(OPERATOR, language="zh-hans"))
    await front.conversation.handle(incoming(reply_to=reply_to(platform=Platform.DISCORD)))
    (asked,) = front.sent
    assert (asked.to.platform, asked.to.chat_id) == (Platform.TELEGRAM, "")
    assert asked.buttons[0].argument == "discord:-100"
    assert "要批准吗" in asked.text


async def test_private_chats_of_operators_alone_are_not_promised_to_members(
    database: Database, tmp_path: Path
) -> None:
    """`[access] private = "operators"`."""
    front = Front(
        database,
        tmp_path,
        config(access={"private": "operators", "operators": ["telegram:9"]}),
    )
    assert await front.say(reply_to=PRIVATE) == "In private I draw only for my operators."


async def test_a_defect_is_answered_and_logged(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No silence, and no traceback in the chat."""
    monkeypatch.setattr("bot.asking.parse_draw", lambda _: 1 / 0)
    assert await front.say() == say(phrase("unexpected"))
    assert "ZeroDivisionError" in caplog.text


async def test_a_stranger_in_private_is_told_where_to_ask(front: Front) -> None:
    """Private chats are for members of approved chats."""
    text = await front.say("a cat", requester=requester("77"), reply_to=PRIVATE)
    assert "members of chats" in text


async def test_joining_an_unlisted_chat_introduces_the_bot(front: Front) -> None:
    """Once; in an approved chat nothing is said."""
    to = reply_to(chat_id="-777", message_id="")
    assert "approve" in (await front.conversation.joined(to, "Club")).text
    assert (await front.conversation.joined(to, "Club")).text == ""
    assert (await front.conversation.joined(reply_to(message_id=""), "Home")).text == ""


# Buttons ------------------------------------------------------------------------------------


async def test_only_the_requester_an_admin_or_an_operator_cancels(front: Front) -> None:
    """Somebody else's press does nothing; a chat admin's works in that chat."""
    job = await front.draw()

    def press(user: str, admin: bool = False, chat: str = "-100") -> Press:
        return Press(
            action="cancel",
            argument=job.id,
            requester=requester(user),
            reply_to=reply_to(chat_id=chat),
            is_chat_admin=admin,
        )

    handle = front.conversation.press
    assert "somebody else" in (await handle(press("2"))).text
    assert "somebody else" in (await handle(press("2", admin=True, chat="-200"))).text
    assert front.cancelled == []
    assert (await handle(press("2", admin=True))).text == "Cancelled."
    assert "over already" in (await handle(press("1"))).text


async def test_a_button_of_a_forgotten_job_is_answered(front: Front) -> None:
    """No silence, no traceback."""
    press = Press(action="cancel", argument="gone", requester=requester(), reply_to=GROUP)
    assert (await front.conversation.press(press)).text == say(phrase("button-unknown"))
    strange = replace(press, action="dance")
    assert (await front.conversation.press(strange)).text == say(phrase("button-unknown"))


def test_typed_options_complete_from_memory(front: Front) -> None:
    """What begins with the typed letters comes first."""
    complete = front.conversation.complete
    assert complete("sampler", "eu") == ("Euler", "Euler a")
    assert complete("model", "") == ("demo",)
    assert complete("nonsense", "") == ()


async def test_a_place_far_back_in_the_line_is_told_as_an_estimate(front: Front) -> None:
    """Behind forty requests that go first the place is not counted any more."""
    for n in range(40):
        front.queue.put(job(f"other {n}", requester=requester(f"{n + 20}")))
    await front.draw("a red apple")
    event = front.told[-1][1]
    assert isinstance(event, Queued)
    assert (event.position >= 32, event.exact) == (True, False)
    said = Messages().status(front.told[-1][0], event).text
    assert "Around number" in said
    assert "“a red apple”: around number" in await front.say(command="queue")
