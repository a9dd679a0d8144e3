"""What admins do by command: permissions, before and after, the log."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.admin.table import ACTS, Kind
from bot.audit import Act, Audit
from bot.database import Database
from bot.domain import Catalog, Platform, Press, Requester
from tests.front import OPERATOR, PRIVATE, Front, config
from tests.samples import CATALOG, incoming, reply_to, requester

ADAM = requester("5", name="Adam Adams")
ANN = requester("1", name="Ann Lee")
HOME = reply_to(chat_id="9", private=True)
WORDS = {
    Kind.MEMBER: "telegram:1",
    Kind.AMOUNT: "5/day",
    Kind.CREDITS: "5",
    Kind.WORD: "patron",
    Kind.WORDS: "splatter",
}


class Town(Front):
    """Adam is an admin of the chat, the operator sits in private, Ann is a member."""

    number = 0

    async def tell(self, text: str, command: str = "admin", **changes: object) -> str:
        self.number += 1
        return await self.say(text, command, key=f"n{self.number}", **changes)

    async def adam(self, text: str, **changes: object) -> str:
        return await self.tell(text, requester=ADAM, is_chat_admin=True, **changes)

    async def operator(self, text: str, **changes: object) -> str:
        return await self.tell(text, **{"requester": OPERATOR, "reply_to": HOME, **changes})

    async def ann(self, text: str, command: str = "draw", **changes: object) -> str:
        return await self.tell(text, command, requester=ANN, **changes)

    async def acts(self) -> list[Act]:
        return await Audit(self.database).last(100)


_CHANGING_NOTHING = (
    *("status", "log", "strikes", "resume", "unban"),
    *("filter rm", "filter list", "filter test"),
)


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    tiers = {"patron": {"credits_per_day": 500.0}}
    made = Town(database, tmp_path, config(quota={"tiers": tiers}))
    for known in (ANN, Requester(platform=Platform.DISCORD, user_id="7")):
        await made.members.saw(known)
    return made


# Who may ------------------------------------------------------------------------------------


def example_of(act: str) -> str:
    """Words that carry an act out."""
    found = next(a for a in ACTS if a.words == act)
    shown = [p for p in found.parameters if p.required or p.kind is Kind.AMOUNT]
    told = [WORDS.get(p.kind, "") for p in shown]
    if act == "filter action":
        told = ["gore", "refuse"]
    if act == "link":
        told[1] = "discord:7"
    return " ".join([act, *told]).strip()


@pytest.mark.parametrize("act", [act.words for act in ACTS])
async def test_a_member_changes_nothing(town: Town, act: str) -> None:
    """Each act is refused in private words, and none is in the log."""
    answer = await town.conversation.handle(
        incoming(example_of(act), "admin", requester=ANN, key="a")
    )
    assert answer.private
    assert answer.text == "Only the admins of this chat can do that."
    assert await town.acts() == []


@pytest.mark.parametrize("act", [act.words for act in ACTS])
async def test_an_admin_in_private_is_a_member_like_any_other(town: Town, act: str) -> None:
    """What the platform says of a chat holds in that chat."""
    await town.members.saw(ADAM)
    said = await town.tell(example_of(act), requester=ADAM, is_chat_admin=True, reply_to=PRIVATE)
    assert said == "Only an operator of this bot can do that."
    assert await town.acts() == []


@pytest.mark.parametrize("act", [act.words for act in ACTS if act.operator_only])
async def test_what_is_the_operators_is_refused_to_admins(town: Town, act: str) -> None:
    """As the table says."""
    assert await town.adam(example_of(act)) == f"/admin {act} is for the operator of this bot."
    assert await town.acts() == []


@pytest.mark.parametrize("act", [act.words for act in ACTS if not act.operator_only])
async def test_an_admin_acts_in_their_chat(town: Town, act: str) -> None:
    """And every act that changes something is in the log, about this chat."""
    answer = await town.adam(example_of(act))
    assert "/admin" not in answer
    if act not in _CHANGING_NOTHING:
        (entry,) = await town.acts()
        assert (entry.account, entry.chat) == ("telegram:5", "telegram:-100")


@pytest.mark.parametrize("act", [act.words for act in ACTS])
async def test_an_operator_may_do_all(town: Town, act: str) -> None:
    """From a private chat: everywhere."""
    text = example_of(act) + (" telegram:-77" if act in ("chat allow", "chat deny") else "")
    text = text.replace("quota chat", "quota chat telegram:-77")
    answer = await town.operator(text)
    assert "for the operator" not in answer
    assert "Write it like" not in answer


@pytest.mark.parametrize("flag", ["--everywhere", "--chat telegram:-77"])
async def test_an_admin_cannot_reach_beyond_their_chat(town: Town, flag: str) -> None:
    """By no flag; their own chat may be named."""
    for act in ("ban telegram:1", "quota telegram:1 5/day", "grant telegram:1 5", "pause", "log"):
        assert "only here" in await town.adam(f"{act} {flag}")
    assert "only here" in await town.adam("quota chat telegram:-77 5/day")
    assert await town.acts() == []
    assert "banned for ever" in await town.adam("ban telegram:1 --chat telegram:-100")


async def test_an_unapproved_chat_hears_nothing(town: Town) -> None:
    """Its admins neither."""
    far = reply_to(chat_id="-555")
    await town.tell("status", requester=ADAM, is_chat_admin=True, reply_to=far)
    assert await town.tell("status", requester=ADAM, is_chat_admin=True, reply_to=far) == ""


@pytest.mark.parametrize("act", ["quota {} 5/day", "grant {} 5", "ban {}", "unban {}"])
async def test_nobody_acts_on_themselves_or_on_the_bot(town: Town, act: str) -> None:
    """Linked accounts are the same person."""
    await town.conversation.knows_itself(ADAM.platform, "4242")
    await town.operator("link telegram:5 discord:7")
    before = await town.acts()
    for own in ("telegram:5", "discord:7"):
        assert "to yourself" in await town.adam(act.format(own))
    assert "That is me." in await town.adam(act.format("telegram:4242"))
    assert await town.acts() == before


@pytest.mark.parametrize("act", ["quota {} 5/day", "grant {} 5", "ban {}", "unban {}"])
async def test_an_admin_does_not_limit_an_operator(town: Town, act: str) -> None:
    """Nor a linked account of one; another operator may."""
    await town.operator("link telegram:9 discord:7")
    before = await town.acts()
    for account in ("telegram:9", "discord:7"):
        assert "only another operator" in await town.adam(act.format(account))
    assert await town.acts() == before
    shell = requester("local", platform=Platform.STUDIO)
    page = reply_to(platform=Platform.STUDIO, chat_id="studio", private=True)
    said = await town.tell(act.format("telegram:9"), requester=shell, reply_to=page)
    assert "operator" not in said


# Limits -------------------------------------------------------------------------------------


async def test_a_quota_is_answered_with_before_and_after_and_holds(town: Town) -> None:
    """For the next request already; `default` takes it back."""
    assert await town.adam("quota telegram:1 2/day") == (
        "Credits of telegram:1 in this chat: the default → 2 a day."
    )
    assert await town.adam("quota telegram:1 1/day") == (
        "Credits of telegram:1 in this chat: 2 a day → 1 a day."
    )
    assert await town.ann("a cat --size 512x512") == ""
    assert "in this chat" in await town.ann("a cat --size 512x512")
    assert await town.adam("quota telegram:1 default") == (
        "Credits of telegram:1 in this chat: 1 a day → the default."
    )
    assert await town.ann("a cat --size 512x512") == ""


async def test_what_a_limit_in_one_chat_cannot_lift_is_said(town: Town) -> None:
    """The operator's limit over all chats still counts."""
    assert (await town.adam("quota telegram:1 500/day")).splitlines()[1:] == [
        "Over all chats they still have 100 a day, and both count. "
        "Only the operator can change that one."
    ]
    assert "--everywhere" in await town.operator("quota telegram:1 600/day", reply_to=reply_to())
    assert await town.operator("quota telegram:1 500/day") == (
        "Credits of telegram:1 in all chats: the default → 500 a day."
    )


async def test_unlimited_is_by_the_day_and_by_the_hour(town: Town) -> None:
    """Unless a window is said."""
    assert "no limit by the day and no limit by the hour" in await town.operator(
        "quota telegram:1 unlimited"
    )
    assert (await town.operator("quota telegram:2 unlimited/hour")).endswith(
        "the default → no limit by the hour."
    )


async def test_an_admin_sees_what_a_member_has_left(town: Town) -> None:
    """With no amount a limit is told, whoever set it, and nothing is changed."""
    await town.operator("quota telegram:1 50/day 10/hour")
    await town.operator("tier telegram:1 patron")
    await town.adam("quota telegram:1 5/hour")
    await town.adam("grant telegram:1 3")
    await town.adam("ban telegram:1 2d spam")
    acts = await town.acts()
    assert (await town.adam("quota telegram:1")).splitlines() == [
        "Credits of telegram:1 in this chat, by command: 5 an hour.",
        "• Over all chats, today: 50 of 50 left, back in full at 29 May 2026, 00:00.",
        "• Over all chats, this hour: 10 of 10 left, back in full at 21:00.",
        "• In this chat, this hour: 5 of 5 left, back in full at 21:00.",
        "Extra credits: 3 in this chat, without an end.",
        "• They are banned until 30 May 2026, 20:26 (2 d): spam.",
        "• Tier: patron",
    ]
    assert (await town.operator("quota telegram:1")).splitlines()[:2] == [
        "Credits of telegram:1 in all chats, by command: 50 a day and 10 an hour.",
        "• Over all chats, today: 50 of 50 left, back in full at 29 May 2026, 00:00.",
    ]
    assert "Nothing limits them" in await town.adam("quota telegram:9")
    assert "Over all chats, today: 100 of 100" in await town.adam("quota me")
    assert await town.acts() == acts


async def test_limits_of_a_chat_and_of_everybody_are_told(town: Town) -> None:
    """To whom they concern."""
    await town.adam("quota chat 20/day")
    assert (await town.adam("quota chat")).splitlines() == [
        "Credits of all members together in this chat, by command: 20 a day.",
        "• The chat, today: 20 of 20 left, back in full at 29 May 2026, 00:00.",
    ]
    await town.operator("quota all 7/hour")
    assert "• Everybody, this hour: 7 of 7 left" in await town.operator("quota all")


async def test_both_windows_are_one_act(town: Town) -> None:
    """One line in the log, all or nothing."""
    await town.operator("quota chat telegram:-100 100/day")
    assert "50 a day and 10 an hour" in await town.adam("quota chat 50/day 10/hour")
    assert len(await town.acts()) == 2
    assert "can only set less" in await town.adam("quota chat 5/hour 200/day")
    assert "50 a day and 10 an hour" in await town.adam("quota chat")


async def test_a_tier_nobody_has_set_up(database: Database, tmp_path: Path) -> None:
    """Is no list of none."""
    town = Town(database, tmp_path, config())
    assert await town.operator("tier telegram:1 patron") == (
        "No tiers are set up. An operator names them in config.toml, under [quota.tiers]."
    )


async def test_a_gift_is_explained_as_a_gift(town: Town) -> None:
    """Not as a limit."""
    for wrong in ("-5", "0", "1e12", "20/day", "lots", "unlimited"):
        said = await town.adam(f"grant telegram:1 {wrong}")
        assert said.startswith(f"“{wrong}” is no gift. Write a plain number"), said
        assert "ban" not in said


async def test_what_admins_do_to_themselves(town: Town) -> None:
    """`me` is understood, and refused."""
    assert "to yourself" in await town.adam("grant me 5")


async def test_a_chats_quota_stays_within_the_operators(town: Town) -> None:
    """Its admins can set less."""
    await town.operator("quota chat telegram:-100 1/day")
    assert "can only set less" in await town.adam("quota chat 2/day")
    assert "→ 0.5 a day" in await town.adam("quota chat 0.5/day")
    assert "this chat" in await town.ann("a cat --size 512x512")
    assert "→ 1000000 a day" in await town.operator("quota all 1,000,000/day")


async def test_which_chat_must_be_said_where_there_is_none(town: Town) -> None:
    """In private there is no chat at hand."""
    assert (await town.operator("quota chat 5/day")).startswith("Which chat?")
    assert (await town.operator("chat allow")).startswith("Which chat?")


async def test_a_grant_is_spent_after_the_limit(town: Town) -> None:
    """Before and after are what is left of all gifts; it ends by itself."""
    await town.operator("quota telegram:1 1/day")
    assert await town.adam("grant telegram:1 1 2h well done") == (
        "telegram:1 gets 1 credit extra in this chat, until 28 May 2026, 22:26 (2 h). "
        "Extra credits left: 0 → 1."
    )
    assert await town.ann("a cat --size 512x512") == ""
    assert "Extra credits: 1 in this chat, until 22:27 (2 h)." in await town.ann("", "quota")
    assert await town.ann("a cat --size 512x512") == ""
    assert "credit" in await town.ann("a cat --size 512x512")
    await town.operator("grant telegram:1 5 1h")
    town.now += 3601
    assert "credit" in await town.ann("a cat --size 512x512")


async def test_the_gifts_of_admins_are_limited(town: Town) -> None:
    """All of a day together; the operator's are not."""
    await town.adam("grant telegram:1 90")
    assert "10 are left today" in await town.adam("grant telegram:2 20")
    assert "gets 900 credits" in await town.operator("grant telegram:2 900")


# Bans ---------------------------------------------------------------------------------------


async def test_a_ban_ends_by_itself(town: Town) -> None:
    """The member is told until when and why; two days later nothing is left of it."""
    assert await town.adam("ban telegram:1 2d spam") == (
        "telegram:1 in this chat: not banned → banned until 30 May 2026, 20:26 (2 d): spam."
    )
    said = await town.ann("a cat")
    assert "30 May 2026, 20:27" in said
    assert "spam" in said
    town.now += 2 * 86400 + 1
    assert await town.ann("a cat") == ""
    assert await town.adam("unban telegram:1") == "There is no ban of telegram:1 in this chat."


async def test_a_ban_that_is_not_there_is_not_in_the_log_as_ended(town: Town) -> None:
    """Nor is one of somebody else's, which stays."""
    assert "There is no ban" in await town.adam("unban telegram:1")
    assert await town.acts() == []
    await town.operator("ban telegram:1")
    assert "That other ban still holds" in await town.adam("unban telegram:1")
    assert [act.act for act in await town.acts()] == ["ban"]


@pytest.mark.parametrize("act", ["grant {} 5", "ban {} 2d spam", "tier {} patron"])
async def test_a_number_that_nobody_has_is_remarked_upon(town: Town, act: str) -> None:
    """It is done all the same: the member may come later. Who was pointed at is no number."""
    remark = "{} was not seen here yet: look whether the number is right."
    said = await town.operator(act.format("telegram:11"))
    assert said.endswith("\n" + remark.format("telegram:11"))
    assert "not seen" not in await town.operator(act.format("telegram:1"))
    pointed_at = Requester(platform=Platform.TELEGRAM, user_id="12")
    words = act.format("").replace("  ", " ")
    assert "not seen" not in await town.operator(words, target=pointed_at)


async def test_a_ban_holds_where_it_was_made(town: Town) -> None:
    """An admin's in their chat, an operator's in all; an admin cannot end the operator's."""
    await town.operator("chat allow telegram:-200")
    other = reply_to(chat_id="-200")
    await town.adam("ban telegram:1")
    assert await town.ann("a cat", reply_to=other) == ""
    await town.operator("ban telegram:1")
    assert "cannot ask" in await town.ann("a cat", reply_to=other)
    assert "That other ban still holds" in await town.adam("unban telegram:1")
    assert "cannot ask" in await town.ann("a cat")
    assert "not banned" in await town.operator("unban telegram:1")
    assert await town.ann("a cat") == ""


async def test_one_person_is_banned_on_both_platforms(town: Town) -> None:
    """Accounts that an operator has linked."""
    assert await town.operator("link telegram:1 discord:7") == (
        "One person: telegram:1 → discord:7 + telegram:1."
    )
    await town.operator("ban discord:7")
    assert "cannot ask" in await town.ann("a cat")
    assert "→ telegram:1." in await town.operator("unlink telegram:1")
    assert await town.ann("a cat") == ""
    assert "not linked" in await town.operator("unlink telegram:1")


async def test_a_tier_by_command(town: Town) -> None:
    """A name that is none is told with those that are."""
    assert "There are: patron" in await town.operator("tier telegram:1 patrn")
    assert await town.operator("tier telegram:1 patron") == ("Tier of telegram:1: none → patron.")
    assert "of 500 credits" in await town.ann("", "quota")
    assert "Your tier: patron" in await town.ann("", "quota")


# Pauses -------------------------------------------------------------------------------------


async def test_a_pause_refuses_with_its_reason_and_survives_a_restart(
    town: Town, tmp_path: Path
) -> None:
    """Nothing new from anybody, operators among them."""
    await town.operator("pause new graphics card")
    async with Database(town.database.path) as again:
        front = Town(again, tmp_path, town.config)
        said = "I take no new requests at the moment: new graphics card. "
        assert await front.ann("a cat") == said + "What waits keeps its place."
        assert said in await front.operator("a cat", command="draw")
        assert await front.preferences.holds_all()
        assert said in await front.ann("", "queue")
        assert (await front.operator("resume")).endswith("→ requests are taken.")
        assert front.resumed == 1
        assert not await front.preferences.holds_all()
        assert await front.ann("a cat") == ""


async def test_draining_takes_nothing_new_and_draws_what_waits(town: Town) -> None:
    """So that the machine can be switched off with an empty line."""
    await town.operator("pause")
    assert "what waits is drawn" in await town.operator("drain")
    assert not await town.preferences.holds_all()
    assert town.resumed == 1
    assert (await town.ann("a cat")).endswith("What waits is still drawn.")


async def test_an_admin_pauses_their_chat_alone(town: Town) -> None:
    """Other chats and what waits go on; the whole bot's pause is not theirs to end."""
    await town.operator("chat allow telegram:-200")
    assert await town.adam("pause exams") == (
        "Requests in this chat: requests are taken → "
        "nothing new is taken, what waits is drawn (exams)."
    )
    assert "exams" in await town.ann("a cat")
    assert await town.ann("a cat", reply_to=reply_to(chat_id="-200")) == ""
    assert not await town.preferences.holds_all()
    await town.operator("pause")
    assert "An operator ends that" in await town.adam("resume")
    assert "no new requests" in await town.ann("a cat")


async def test_the_precheck_knows_a_pause(town: Town) -> None:
    """Discord asks before it defers."""
    await town.operator("pause")
    refusal = await town.conversation.precheck(incoming("a cat"))
    assert refusal is not None
    assert "no new requests" in refusal.text


# Status and log -----------------------------------------------------------------------------


async def test_the_status_tells_numbers_and_gives_them(town: Town) -> None:
    """An operator's of all chats, an admin's of theirs."""
    await town.operator("chat allow telegram:-200")
    await town.ann("a cat --size 512x512 -n 2")
    await town.ann("a cat --size 512x512", reply_to=reply_to(chat_id="-200"))
    lines = (await town.operator("status")).splitlines()
    assert lines == [
        "2 requests are waiting, about 15 s of work; nothing is being drawn. A credit takes 5.0 s.",
        "Renderer: ready, on test",
        "Main memory of the renderer: 1.5 GB",
        "Model: demo (one installed)",
        "Today in all chats: 3 credits used, 0 given back.",
        "Busiest hour: 20:00, 3 credits.",
    ]
    assert "Today in this chat: 2 credits used" in await town.adam("status")


async def test_the_status_is_in_one_language(town: Town) -> None:
    """Also what the renderer says of its device, and what is not there."""
    town.catalog = replace(
        CATALOG,
        device="CPU (x86_64, 2 threads), fp32",
        memory="high (auto): the device uses main memory",
    )
    speaker = replace(OPERATOR, language="zh")
    lines = (await town.operator("status", requester=speaker)).splitlines()
    assert lines[1] == "渲染程序：就绪，设备：CPU（x86_64, fp32，2 线程）"
    assert lines[3] == "设备内存：high，权重全部常驻"
    town.catalog = replace(CATALOG, device="CPU (x86_64, 1 thread), fp32")
    lines = (await town.operator("status", requester=speaker)).splitlines()
    assert lines[1] == "渲染程序：就绪，设备：CPU（x86_64, fp32，1 线程）"
    town.catalog = Catalog()
    lines = (await town.operator("status")).splitlines()
    assert (lines[1], lines[3]) == ("Renderer: ready", "No model is installed.")


async def test_a_chat_without_a_title_has_none(town: Town) -> None:
    """No dash, no quotes."""
    await town.operator("chat allow telegram:-200")
    assert "• telegram:-200: allowed" in await town.operator("chat list")


async def test_the_log_tells_the_last_acts_in_words(town: Town) -> None:
    """An admin's own chat only; an operator everything."""
    await town.adam("quota telegram:1 5/day")
    await town.adam("ban telegram:1 2d spam")
    await town.adam("grant telegram:2 20")
    await town.adam("pause")
    await town.operator("quota all 2000/day")
    lines = (await town.aside("log", requester=ADAM, is_chat_admin=True)).splitlines()
    told = [re.sub(r"^.*?, (\d\d:\d\d, )?", "", line) for line in lines]
    assert told == [
        "newest first:",
        "telegram:5: requests of this chat: requests are taken → "
        "nothing new is taken, what waits is drawn",
        "telegram:5: gift to telegram:2: 0 → 20, for ever",
        "telegram:5: ban of telegram:1: none → until 30 May 2026, 20:26: spam",
        "telegram:5: quota of telegram:1: default → 5/day",
    ]
    newest = (await town.operator("log 2")).splitlines()[1:]
    assert newest[0].endswith("telegram:9: quota of all chats together: default → 2000/day")
    assert newest[1].endswith(
        "telegram:5: requests of telegram:-100: requests are taken → "
        "nothing new is taken, what waits is drawn"
    )
    far = reply_to(chat_id="-200")
    await town.operator("chat allow telegram:-200")
    said = await town.aside("log", requester=ADAM, is_chat_admin=True, reply_to=far)
    assert "chat telegram:-200" in said or "chat this chat" in said


async def test_a_log_without_acts_says_so(town: Town) -> None:
    """In this chat nothing was done."""
    said = await town.aside("log", requester=ADAM, is_chat_admin=True)
    assert said == "Nothing has been done in this chat yet."


async def test_an_anonymous_admin_stands_in_the_log_as_one(town: Town) -> None:
    """They speak as the chat itself."""
    chat = requester("-100", name="Chat")
    await town.tell("ban telegram:1", requester=chat, is_chat_admin=True)
    assert "an anonymous admin of telegram:-100: ban of telegram:1" in await town.operator("log")


async def test_answers_are_chinese_where_the_admin_is(town: Town) -> None:
    """Amounts and durations too."""
    adam = requester("5", language="zh-hans")
    said = await town.tell("封禁 telegram:1 2天 刷屏", requester=adam, is_chat_admin=True)
    assert said == (
        "telegram:1 在本群：未封禁 → 已封禁，到 2026年5月30日 20:26 为止（2 天），原因：刷屏。"
    )
    said = await town.tell("额度 telegram:2 每天50", requester=adam, is_chat_admin=True)
    assert said == "telegram:2 在本群的限额：默认 → 每天 50 点。"


# A chat that became a supergroup ------------------------------------------------------------


async def test_a_chat_that_became_a_supergroup_keeps_what_was_settled(town: Town) -> None:
    """Bans, limits, pauses, settings and the log follow to the new id."""
    await town.adam("ban telegram:1")
    await town.adam("pause exams")
    await town.tell("steps 7", "settings", requester=ADAM, is_chat_admin=True)
    await town.operator("chat allow telegram:-100500")
    for _ in range(2):  # Telegram tells it in both chats
        await town.conversation.migrated(ADAM.platform, "-100", "-100500")
    new = reply_to(chat_id="-100500")
    assert "exams" in await town.tell("a cat", "draw", requester=requester("2"), reply_to=new)
    await town.adam("resume", reply_to=new)
    assert "cannot ask" in await town.ann("a cat", reply_to=new)
    job = await town.draw("a cat", requester=requester("2"), reply_to=new)
    assert job.spec.steps == 7
    assert "ban of telegram:1" in await town.aside(
        "log", requester=ADAM, is_chat_admin=True, reply_to=new
    )


# /queue -------------------------------------------------------------------------------------


async def test_the_line_names_others_of_the_same_chat_by_first_name(town: Town) -> None:
    """Nobody of another chat, and nobody in private."""
    await town.operator("chat allow telegram:-200")
    await town.tell("secret garden", "draw", requester=requester("2", name="Bob Brown"))
    await town.ann("a cat")
    far = reply_to(chat_id="-200")
    await town.tell("x", "draw", requester=requester("3", name="Eve Far"), reply_to=far)
    said = await town.ann("", "queue")
    assert "Bob: number " in said
    assert "Brown" not in said
    assert "secret" not in said
    assert "Eve" not in said
    assert "Bob" not in await town.ann("", "queue", reply_to=PRIVATE)


async def test_a_long_line_is_not_told_to_its_end(town: Town) -> None:
    """Ten of others, and how many more."""
    for number in range(12):
        await town.tell("x", "draw", requester=requester(f"2{number}", name=f"M{number}"))
    lines = (await town.ann("", "queue")).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "… and 2 more requests of this chat."


# Buttons ------------------------------------------------------------------------------------


async def test_a_chat_may_keep_its_buttons_to_the_requester(town: Town) -> None:
    """`/settings buttons requester`, and back; to cancel is nobody else's in either case."""
    bob = requester("2", name="Bob")
    job = await town.draw("a cat")
    assert "Buttons: everyone (default)" in await town.ann("", "settings")
    for value, kept in (
        ("requester", "only the one who asked, and admins"),
        ("everyone", "default"),
    ):
        said = await town.tell(f"buttons {value}", "settings", requester=ADAM, is_chat_admin=True)
        assert said.endswith(f" → {kept}.")
        press = Press(action="cancel", argument=job.id, requester=bob, reply_to=reply_to())
        assert "somebody else" in (await town.conversation.press(press)).text
    own = Press(action="cancel", argument=job.id, requester=ANN, reply_to=reply_to())
    assert (await town.conversation.press(own)).text == "Cancelled."


async def test_every_fault_is_told_at_once(town: Town) -> None:
    """And an example of how it is written."""
    said = await town.adam("quota -5/day")
    assert said.splitlines() == [
        "-5 credits is less than nothing. To stop a member, use /admin ban.",
        "Who is meant? Reply to one of their messages, mention them, or write telegram:123.",
        "Write it like this: /admin quota @ann 50/day",
    ]
    assert await town.acts() == []


async def test_a_name_in_the_reason_does_not_matter_in_a_reply(town: Town) -> None:
    """Unless the bot knows it: then it asks who is meant."""
    reply = {"target": ANN, "replied_message_id": "77"}
    assert "telegram:1 in this chat" in await town.adam("ban 2d rude to @stranger", **reply)
    await town.tell("", "queue", requester=requester("2", username="bob_b"))
    said = await town.adam("ban 2d rude to @bob_b", **reply)
    assert "mentioned another" in said
    assert "telegram:2 in this chat" in await town.adam("ban @bob_b 2d rude to @ann", **reply)
    assert "do not know" in await town.adam("ban @stranger 2d", **reply)


async def test_a_reply_to_nobody_who_can_be_named_is_said(town: Town) -> None:
    """A channel's post, an anonymous admin, a bot: nothing changes."""
    for problem in ("target-channel", "target-anonymous", "target-bot"):
        said = await town.adam("ban 2d", target_problem=problem, replied_message_id="77")
        assert said
        assert "Who is meant" not in said
    assert await town.acts() == []
