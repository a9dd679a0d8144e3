"""What admins type: targets, durations, amounts, and everything that is wrong with them."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.admin.amounts import MOST_CREDITS, Limit, NotAnAmount, take_amount
from bot.admin.durations import LONGEST_S, NotADuration, take_duration
from bot.admin.grammar import Asked, Heard, parse
from bot.admin.table import ACTS
from bot.domain import Platform
from bot.errors import BadCommand
from bot.phrase import phrase
from bot.quota.price import as_credits
from bot.replies import LANGUAGES, say
from tests.samples import requester

ANN = requester("111", name="Ann Lee")
TALK = Heard(platform=Platform.TELEGRAM)
REPLY = Heard(platform=Platform.TELEGRAM, target=ANN, is_reply=True)
SHELL = Heard(platform=Platform.CONSOLE)


def faults(text: str, heard: Heard = TALK) -> list[str]:
    with pytest.raises(BadCommand) as refused:
        parse(text, heard)
    for language in LANGUAGES:
        assert all(say(p, language) for p in refused.value.phrases if p.key != "target-bot")
    return [p.key for p in refused.value.phrases if p.key != "admin-example"]


# Durations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds", "rest"),
    [
        ("2d", 2 * 86400, ""),
        ("1h30m spam", 5400, "spam"),
        ("90min", 5400, ""),
        ("90 min of peace", 5400, "of peace"),
        ("1 day 12 hours", 129600, ""),
        ("1.5h", 5400, ""),
        ("1,5h", 5400, ""),
        ("2w, flooding", 14 * 86400, "flooding"),
        ("1mo", 30 * 86400, ""),
        ("2 天", 2 * 86400, ""),
        ("２天 刷屏", 2 * 86400, "刷屏"),
        ("两天半，刷屏", 216000, "刷屏"),
        ("半小时", 1800, ""),
        ("半个小时", 1800, ""),
        ("一个半小时", 5400, ""),
        ("3个星期", 21 * 86400, ""),
        ("forever", None, ""),
        ("永久 广告", None, "广告"),
        ("for 2 days", 2 * 86400, ""),
        ("for 2d spam", 2 * 86400, "spam"),
        ("For a week, flooding", 7 * 86400, "flooding"),
        ("an hour", 3600, ""),
        ("for ever", None, ""),
        ("for forever", None, ""),
    ],
)
def test_durations_as_people_write_them(text: str, seconds: float | None, rest: str) -> None:
    """In both languages, with what follows."""
    assert take_duration(text) == (seconds, rest)


@pytest.mark.parametrize(
    "text",
    [
        *("", "spam", "三次警告", "days of spam", "@ann"),
        *("for spam", "for 3 insults", "a day ago he spammed", "a bot", "for the day"),
    ],
)
def test_words_are_no_duration(text: str) -> None:
    """A reason may begin at once."""
    assert take_duration(text) is None


@pytest.mark.parametrize(
    "text",
    ["0d", "-2d", "1e9d", "5000d", "2天刷屏", "3 warnings", "5 spam", "2dx", "2", "for -2d"],
)
def test_what_begins_like_a_duration_is_not_taken_for_a_reason(text: str) -> None:
    """A ban for ever because of a slip of the finger would be worse than a question."""
    with pytest.raises(NotADuration):
        take_duration(text)


@given(
    days=st.integers(0, 99),
    hours=st.integers(0, 99),
    minutes=st.integers(0, 999),
    gap=st.booleans(),
)
def test_durations_add_up(days: int, hours: int, minutes: int, gap: bool) -> None:
    """Any mixture of units, with and without spaces."""
    space = " " if gap else ""
    text = f"{days}d{space}{hours}h{space}{minutes}min{space}"
    seconds = days * 86400 + hours * 3600 + minutes * 60
    if seconds:
        assert take_duration(f"{text} why") == (seconds, "why")
    else:
        with pytest.raises(NotADuration):
            take_duration(text)


@given(st.text(alphabet="0123456789.,-dhmin 天小时半个eNa永久", max_size=14))
def test_no_text_breaks_the_reader_of_durations(text: str) -> None:
    """A duration, none, or a fault; never anything else, never beyond its bounds."""
    try:
        taken = take_duration(text)
    except NotADuration:
        return
    if taken is not None and taken[0] is not None:
        assert 0 < taken[0] <= LONGEST_S


# Amounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("50/day", Limit(millicredits=50_000, window="day")),
        ("20/hour", Limit(millicredits=20_000, window="hour")),
        ("2.5 / h", Limit(millicredits=2_500, window="hour")),
        ("2,5/d", Limit(millicredits=2_500, window="day")),
        ("1,000/day", Limit(millicredits=1_000_000, window="day")),
        ("12 credits per day", Limit(millicredits=12_000, window="day")),
        ("50 a day", Limit(millicredits=50_000, window="day")),
        ("50/天", Limit(millicredits=50_000, window="day")),
        ("５０点／小时", Limit(millicredits=50_000, window="hour")),
        ("每天50", Limit(millicredits=50_000, window="day")),
        ("50 每天", Limit(millicredits=50_000, window="day")),
        ("50", Limit(millicredits=50_000)),
        ("unlimited", Limit(unlimited=True)),
        ("unlimited/hour", Limit(unlimited=True, window="hour")),
        ("无限", Limit(unlimited=True)),
        ("default", Limit()),
        ("默认", Limit()),
    ],
)
def test_amounts_as_people_write_them(text: str, limit: Limit) -> None:
    """In both languages."""
    assert take_amount(text) == (limit, "")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("-5/day", "negative"),
        ("−5/day", "negative"),
        ("-inf", "negative"),
        ("0", "zero"),
        ("0.0001/day", "small"),
        ("0.001/day", "small"),
        ("1e9", "absurd"),
        ("1e999/day", "absurd"),
        ("99999999999999999999", "absurd"),
        ("NaN/day", "unclear"),
    ],
)
def test_impossible_amounts_say_what_is_wrong(text: str, key: str) -> None:
    """Each has a sentence of its own."""
    with pytest.raises(NotAnAmount) as wrong:
        take_amount(text)
    assert wrong.value.key == f"admin-amount-{key}"


@pytest.mark.parametrize("text", ["", "many", "50天", "50/dayx", "50/week", "/day"])
def test_what_is_no_amount_is_not_taken_for_one(text: str) -> None:
    """50天 are fifty days."""
    assert take_amount(text) is None


@given(st.floats(0.01, MOST_CREDITS), st.sampled_from(["day", "hour"]))
def test_amounts_are_counted_in_millicredits(number: float, window: str) -> None:
    """What is written comes back, to the hundredth, as it is shown."""
    taken = take_amount(f"{number:.3f}/{window}")
    assert taken is not None
    assert math.isclose(taken[0].millicredits, number * 1000, abs_tol=6)
    assert math.isclose(float(as_credits(taken[0].millicredits)), number, abs_tol=0.006)
    assert taken[0].window == window


@given(st.text(alphabet="0123456789.,-+einfa/day天每小时 ", max_size=12))
def test_no_text_breaks_the_reader_of_amounts(text: str) -> None:
    """An amount within its bounds, none, or a fault."""
    try:
        taken = take_amount(text)
    except NotAnAmount:
        return
    if taken is not None:
        assert 0 <= taken[0].millicredits <= MOST_CREDITS * 1000


# Whole commands -----------------------------------------------------------------------------


def read(text: str, heard: Heard = TALK) -> Asked:
    return parse(text, heard)


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("ban telegram:123 2d spam", "telegram:123"),
        ("ban discord:456 2d spam", "discord:456"),
        ("ban <@456> 2d spam", "discord:456"),
        ("ban 123456 2d spam", "telegram:123456"),
        ("ban 2d telegram:123 spam", "telegram:123"),
        ("封禁 telegram:123 2d spam", "telegram:123"),
        ("BAN telegram：123 2d spam", "telegram:123"),
        ("ban telegram:00123 2d spam", "telegram:123"),
        ("ban telegram:١٢٣ 2d spam", "telegram:123"),
    ],
)
def test_a_member_is_named_in_many_ways(text: str, member: str) -> None:
    """Mention, key of an account, bare id; before the duration or behind it."""
    asked = read(text)
    assert (asked.members, asked.seconds, asked.reason) == ([member], 172800, "spam")


@pytest.mark.parametrize(
    ("text", "seconds", "reason"),
    [
        ("ban", None, ""),
        ("ban 2d", 172800, ""),
        ("ban 2 天 刷屏", 172800, "刷屏"),
        ("ban forever 3 warnings ignored", None, "3 warnings ignored"),
        ("ban rude to @bob", None, "rude to @bob"),
    ],
)
def test_a_reply_names_the_member(text: str, seconds: float | None, reason: str) -> None:
    """The rest of the line is the reason."""
    asked = read(text, REPLY)
    assert (asked.members, asked.seconds, asked.reason) == ([ANN.account], seconds, reason)


@pytest.mark.parametrize("text", ["ban spam 2d", "ban spam for 2 days", "grant 5 thanks 7d"])
def test_a_time_behind_the_reason_is_a_question(text: str) -> None:
    """Without an answer it would hold for ever; who means that says so in front."""
    assert faults(text, REPLY) == ["admin-duration-behind"]
    assert read("ban goodbye forever", REPLY).reason == "goodbye forever"
    asked = read("ban forever spammed for 2 days", REPLY)
    assert (asked.seconds, asked.reason) == (None, "spammed for 2 days")
    assert read("ban 1h spam 2d", REPLY).seconds == 3600


def test_a_reply_with_another_member_in_the_reason_is_a_question() -> None:
    """Banning the wrong one is worse than asking."""
    bob = Heard(platform=Platform.TELEGRAM, target=requester("222"), is_reply=True)
    assert faults("ban 2d telegram:222 started it", bob) == ["admin-target-unclear"]
    assert faults("grant 20 telegram:222", bob) == ["admin-target-unclear"]


@pytest.mark.parametrize(
    ("text", "heard", "member", "millicredits"),
    [
        ("grant telegram:5 20", TALK, "telegram:5", 20_000),
        ("grant 123 20", TALK, "telegram:123", 20_000),
        ("grant 20 telegram:5", TALK, "telegram:5", 20_000),
        ("grant 20", REPLY, "telegram:111", 20_000),
        ("grant 100000", REPLY, "telegram:111", 100_000_000),
    ],
)
def test_a_number_is_an_id_only_where_an_amount_follows(
    text: str, heard: Heard, member: str, millicredits: int
) -> None:
    """`grant 20` in a reply gives 20 credits; it does not name account 20."""
    asked = read(text, heard)
    assert (asked.members, asked.credits) == ([member], millicredits)


def test_a_grant_may_expire_and_say_why() -> None:
    """`grant @ann 20 7d for the poster`."""
    asked = read("grant telegram:5 20 7d for the poster")
    assert (asked.seconds, asked.reason) == (7 * 86400, "for the poster")
    assert read("grant telegram:5 20 for the poster").seconds is None


@pytest.mark.parametrize(
    ("text", "chat", "window"),
    [
        ("quota chat 200/day", "", "day"),
        ("quota chat -100123 200/day", "telegram:-100123", "day"),
        ("quota chat discord:9 20/hour", "discord:9", "hour"),
        ("quota chat 200", "", None),
        ("quota chat -0100123 200/day", "telegram:-100123", "day"),
        ("额度 群 每天200", "", "day"),
    ],
)
def test_a_chats_quota(text: str, chat: str, window: str | None) -> None:
    """Of the chat at hand, or of one that is named."""
    asked = read(text)
    assert asked.act.name == "quota-chat"
    (limit,) = asked.limits
    assert (asked.chat, limit.window) == (chat, window)
    assert limit.millicredits in (200_000, 20_000)


@pytest.mark.parametrize("word", ["unlimited", "default"])
def test_another_chats_quota_can_be_taken_away(word: str) -> None:
    """A bare id before a word is a chat, not a negative amount."""
    asked = read(f"quota chat -100123 {word}")
    assert (asked.chat, asked.limits[0].unlimited) == ("telegram:-100123", word == "unlimited")


@pytest.mark.parametrize(
    ("text", "chat", "limits"),
    [
        ("quota chat 50/day 10/hour", "", [(50_000, "day"), (10_000, "hour")]),
        (
            "quota chat -100123 10/hour, 50/day",
            "telegram:-100123",
            [(10_000, "hour"), (50_000, "day")],
        ),
        ("quota telegram:1 50 and 10/hour", "", [(50_000, None), (10_000, "hour")]),
        ("额度 telegram:1 每天50 和 每小时10", "", [(50_000, "day"), (10_000, "hour")]),
        ("quota telegram:1", "", []),
        ("quota chat", "", []),
        ("quota chat -1001234567", "telegram:-1001234567", []),
    ],
)
def test_an_amount_for_each_window_or_none(
    text: str, chat: str, limits: list[tuple[int, str | None]]
) -> None:
    """Day and hour in one go; with no amount at all, what holds is asked for."""
    asked = read(text)
    assert asked.chat == chat
    assert [(limit.millicredits, limit.window) for limit in asked.limits] == limits


def test_me_is_the_one_who_speaks() -> None:
    """In both languages, where a member is named."""
    adam = Heard(platform=Platform.TELEGRAM, speaker="telegram:5")
    for text in ("quota me", "grant me 5", "赠送 我 5"):
        assert read(text, adam).members == ["telegram:5"]


def test_what_is_echoed_shows_that_it_goes_on() -> None:
    """A number that lost digits would be another number."""
    with pytest.raises(BadCommand) as refused:
        parse(f"quota telegram:1 1{'0' * 40}/day", TALK)
    assert "1000000000000000000… credits is more" in say(refused.value.phrases[0])


def test_an_operator_says_where_it_holds() -> None:
    """Flags stand anywhere; phones type dashes."""
    assert read("ban telegram:5 —everywhere spam").everywhere
    asked = read("ban --chat -100123 telegram:5 spam")
    assert (asked.chat, asked.reason) == ("telegram:-100123", "spam")
    assert faults("link telegram:1 discord:2 --everywhere") == ["admin-no-scope"]
    assert faults("pause --everywhere --chat -5") == ["admin-two-scopes"]


def test_two_accounts_are_linked() -> None:
    """Both named, or one of them replied to."""
    assert read("link telegram:1 discord:2", SHELL).members == ["telegram:1", "discord:2"]
    assert read("link discord:2", REPLY).members == ["discord:2", "telegram:111"]
    assert faults("link telegram:1") == ["admin-both"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_leaves_no_act_out(language: str) -> None:
    """What a chat's admins can do, and behind it what operators can."""
    ours, theirs = say(phrase("admin-usage"), language).split("\n\n")
    for act in ACTS:
        told = theirs if act.operator_only else ours + theirs
        missing = [word for word in act.words.split() if not re.search(rf"\b{word}\b", told)]
        assert missing == [], act.name


@pytest.mark.parametrize(
    ("text", "heard", "keys"),
    [
        ("", TALK, ["admin-usage"]),
        ("quote telegram:1 5", TALK, ["admin-unknown-near"]),
        ("frobnicate", TALK, ["admin-unknown"]),
        ("chat", TALK, ["admin-which"]),
        ("ban", TALK, ["admin-whom"]),
        ("ban @nobody 2d", TALK, ["target-unknown"]),
        ("ban -100123 2d", TALK, ["admin-chat-no-member"]),
        ("ban telegram:-100123 2d", TALK, ["admin-chat-no-member"]),
        ("ban 123456", SHELL, ["admin-which-platform"]),
        ("quota chat 200 20", TALK, ["admin-amount-twice"]),
        ("quota telegram:1 unlimited 5/hour", TALK, ["admin-amount-twice"]),
        ("quota chat -5/day", TALK, ["admin-amount-negative"]),
        ("grant telegram:1", TALK, ["admin-amount-missing"]),
        ("quota telegram:1 lots", TALK, ["admin-amount-unclear"]),
        ("quota telegram:1 5/day please", TALK, ["admin-left-over"]),
        ("quota 0", TALK, ["admin-amount-zero", "admin-whom"]),
        ("grant telegram:1 20/day", TALK, ["admin-credits-unclear"]),
        ("grant telegram:1 unlimited", TALK, ["admin-credits-unclear"]),
        ("grant telegram:1 -20 0d", TALK, ["admin-credits-unclear"]),
        ("grant telegram:1 0", TALK, ["admin-credits-unclear"]),
        ("grant telegram:1 1e9", TALK, ["admin-credits-unclear"]),
        ("chat allow bob", TALK, ["admin-bad-chat"]),
        ("chat allow 5", SHELL, ["admin-bad-chat"]),
        ("log 0", TALK, ["admin-count-range"]),
        ("log ten", TALK, ["admin-count-range"]),
        ("log 1000000000", TALK, ["admin-count-range"]),
        ("resume now", TALK, ["admin-left-over"]),
        ("tier telegram:1", TALK, ["admin-tier-missing"]),
    ],
)
def test_every_fault_has_a_sentence(text: str, heard: Heard, keys: list[str]) -> None:
    """All of a command's faults are told together."""
    assert faults(text, heard) == keys


def test_the_platform_says_why_nobody_is_meant() -> None:
    """A reply to a channel's post, to an anonymous admin, to a bot."""
    bot = Heard(platform=Platform.TELEGRAM, target_problem="target-bot", is_reply=True)
    assert faults("ban 2d", bot) == ["target-bot"]


@given(
    st.sampled_from([act.words for act in ACTS]),
    st.lists(
        st.sampled_from(
            [
                "telegram:5",
                "@x",
                "<@7>",
                "12345",
                "-1",
                "50/day",
                "2d",
                "nan",
                "天",
                "--chat",
                "why",
            ]
        ),
        max_size=5,
    ),
    st.booleans(),
)
def test_any_words_are_understood_or_refused_in_words(
    act: str, words: list[str], is_reply: bool
) -> None:
    """Never an exception of another kind, and never an act on a member who was not named."""
    heard = REPLY if is_reply else TALK
    try:
        asked = parse(" ".join([act, *words]), heard)
    except BadCommand:
        return
    known = {"telegram:5", "discord:7", "telegram:12345", *([ANN.account] if is_reply else [])}
    assert set(asked.members) <= known
    assert len(asked.members) == [p.kind for p in asked.act.parameters].count("member")
