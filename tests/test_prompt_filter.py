"""What `bot.quota.prompt_filter` lets pass and what not."""

import random
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import benchmarks.filter as bench
from benchmarks.filter_prompts import ordinary
from bot.errors import ConfigError
from bot.quota.effort import MOST, Effort
from bot.quota.normalise import fold
from bot.quota.prompt_filter import (
    CATEGORIES,
    UNREADABLE,
    Action,
    Fields,
    PromptFilter,
    Source,
    resolve,
    run_filter_test,
    self_test,
)
from bot.quota.views import Views
from bot.quota.word_lists import parse, shipped
from bot.replies import LANGUAGES, say

FILTER = PromptFilter()


def category(prompt: str, negative: str = "", **more: object) -> str:
    return FILTER.check(Fields(prompt=prompt, negative_prompt=negative, **more)).category  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    "prompt",
    [
        "n u d e",
        "ｎｕｄｅ",
        "(n:1.1)ude",
        "NuDe",
        "n\u200bu\u00add\u2060e",
        "ñúdé",
        "nudе",
        "𝓷𝓾𝓭𝓮",
        "🅽🆄🅳🅴",
        "ɴᴜᴅᴇ",
        "ǝpnu",
        "nu<lora:detail:1>de",
        "nu<lora:de:1>",
        "[nu|xx]de",
        "[[nu:zz:9]|yy]de",
        "a BREAK nude BREAK b",
        "n\nu\nd\ne",
        "nnnuuudddeee",
        "n*de",
        "nvde",
        "bignudewoman",
        "裸 体",
        "一张裸 体的照片",
        "裸🌸体",
        "clothing-optional beach",
        "光溜溜的女人，未着寸缕",
        "裸的女孩在海边",
        "她裸着上身",
        "少女，全身裸，雪地",
        "裸ti",
        "luoti",
        "luǒ tǐ",
        "裸體",
    ],
)
def test_a_word_is_found_in_disguise(prompt: str) -> None:
    """One trick of each kind; the benchmark has the rest."""
    assert category(prompt) == "sexual"


def test_known_tricks_are_seen_through() -> None:
    """At least 99 % of a sample of words times all tricks written down beforehand."""
    latin, chinese = bench.words(seed=3)
    figures = bench.caught(FILTER, bench.attempts(latin[:25], chinese[:25], "known"))
    assert figures["tricks"] >= 40
    assert figures["caught"] >= 0.99, figures["missed_most"]


def test_unforeseen_tricks_are_mostly_seen_through() -> None:
    """A sample of the tricks kept apart; the exact figure is the benchmark's."""
    latin, chinese = bench.words(seed=4)
    figures = bench.caught(FILTER, bench.attempts(latin[:15], chinese[:15], "held_out"))
    assert figures["caught"] >= 0.95, figures["missed_most"]


def test_a_third_set_of_tricks_is_seen_through() -> None:
    """Other disguises, two at once, and words that are written as they sound."""
    latin, chinese = bench.words(seed=5)
    figures = bench.caught(FILTER, bench.attempts(latin[:15], chinese[:15], "blind"))
    assert figures["tricks"] >= 60
    assert figures["caught"] >= 0.98, figures["missed_most"]


def test_a_fourth_set_of_tricks_is_seen_through() -> None:
    """Other scripts and signs, letters drawn with several, syntax of other programs."""
    latin, chinese = bench.words(seed=6)
    figures = bench.caught(FILTER, bench.attempts(latin[:15], chinese[:15], "fresh"))
    assert figures["tricks"] >= 80
    assert figures["caught"] >= 0.98, figures["missed_most"]


def test_signs_of_a_minor_are_read_and_grown_ups_are_none() -> None:
    """Also where everything that can be allowed is allowed."""
    assert bench.of_age(FILTER) == {"missed": [], "grown_refused": []}


def test_what_sounds_like_a_word_is_it() -> None:
    """Phonetic spellings of long words; bed sheets and an actress are none."""
    assert category("phucking") == "sexual"
    for innocent in ("white sheets on a bed", "Meryl Streep, portrait", "Otto Dix, painting"):
        assert category(innocent) == ""


def test_innocent_words_pass() -> None:
    """More than a hundred words and sentences that contain others, in both languages."""
    assert len(bench.innocent()) >= 100
    assert bench.wrongly(FILTER, bench.innocent()) == []


def test_innocent_words_pass_beside_each_other() -> None:
    """A whole prompt of them, in any order, makes no word across its gaps; that a butt of malmsey
    and a schoolgirl make the fixed rule meet, is as it should be."""
    draw = random.Random(5)
    lines = bench.innocent()
    for _ in range(60):
        assert category(", ".join(draw.sample(lines, 6))) in ("", "minors")


def test_ordinary_prompts_pass() -> None:
    """None of a thousand, with the negative prompts that people paste."""
    refused = [p for p, n in ordinary(1000) if category(p, n)]
    assert refused == []


def test_the_negative_prompt_has_its_own_list() -> None:
    """What is not wanted may be named there; to not want clothes is another thing."""
    assert category("a woman", "nsfw, nude, gore, blood") == ""
    assert category("a woman", "clothes") == "sexual"
    assert category("a woman in summer clothes") == ""


def test_names_and_what_was_written_are_read_too() -> None:
    """LoRA, embedding, checkpoint, and the message as it came."""
    assert category("a garden", names=("NudeStyleXL",)) == "sexual"
    assert category("a garden", raw="/draw a garden --preset nude") == "sexual"
    assert category("a photo of nu", "de, blurry") == "sexual"


@pytest.mark.parametrize("wish", ["undress her", "in a bikini", "remove the dress", "make her fat"])
def test_somebody_elses_picture_is_not_undressed(wish: str) -> None:
    """The stricter rule holds with a foreign source only, unless the operator relaxes it."""
    foreign = Fields(prompt=wish, source=Source.FOREIGN)
    assert FILTER.check(foreign).category == "source"
    assert FILTER.check(foreign, dict.fromkeys(CATEGORIES, Action.ALLOW)).category == "source"
    assert FILTER.check(foreign, relax_foreign=True).category in ("", "sexual")
    assert category(wish, source=Source.OWN) in ("", "sexual")


@pytest.mark.parametrize(
    "wish",
    ["lose the shirt", "unbutton her white blouse", "skirt hiked up", "without his trousers",
     "r3move her dr3ss", "dress falling off", "衣服少一点", "pin-up pose", "show more skin"],
)  # fmt: skip
def test_a_garment_in_somebodys_picture_stays_where_it_is(wish: str) -> None:
    """Harmless elsewhere."""
    assert category(wish, source=Source.FOREIGN) == "source"
    assert category(f"a mannequin, {wish}") in ("", "sexual")


@pytest.mark.parametrize(
    "wish",
    ["change the shirt to red", "wearing a winter coat", "remove the tree", "open the window",
     "an open-top bus", "dressed for dinner", "in a suit and tie", "take off from the runway"],
)  # fmt: skip
def test_somebody_may_be_dressed_otherwise(wish: str) -> None:
    """Clothes may change as long as none goes."""
    assert category(wish, source=Source.FOREIGN) == ""


def test_ordinary_wishes_for_a_foreign_picture_pass() -> None:
    """Somebody's photo may become a painting."""
    for wish in (
        "as an oil painting",
        "make it night",
        "in the snow",
        "变成水彩画",
        "+ a red hat",
        "a plane taking off",
    ):
        assert category(wish, source=Source.FOREIGN) == ""


def test_actions_are_a_chats_own() -> None:
    """The strictest action of what was found; nothing else changes."""
    spoiler = {**dict.fromkeys(CATEGORIES, Action.REFUSE), "sexual": Action.SPOILER}
    verdict = FILTER.check(Fields(prompt="nude"), spoiler)
    assert (verdict.action, verdict.allowed) == (Action.SPOILER, True)
    assert FILTER.check(Fields(prompt="nude, n1pples, sieg heil"), spoiler).category == "hate"
    assert resolve(frozenset({"sexual"}), {}).action is Action.REFUSE


def test_lists_of_a_chat_add_words_and_exceptions() -> None:
    """With the same protection against disguise; a user's word is no pattern."""
    longer = FILTER.extended(parse("[other]\nwombat\n.*\n考拉\n!nude\n"))
    assert longer.check(Fields(prompt="two w0mbats")).category == "other"
    assert longer.check(Fields(prompt="考 拉")).category == "other"
    assert longer.check(Fields(prompt="anything else")).category == ""
    assert FILTER.check(Fields(prompt="wombat")).category == ""


def test_an_exception_of_a_chat_frees_a_shipped_word() -> None:
    """`!` in a later list wins over an earlier list."""
    assert FILTER.extended(parse("!nude beach")).check(Fields(prompt="a nude beach")).allowed
    assert not FILTER.extended(parse("!nude beach")).check(Fields(prompt="nude")).allowed


def test_a_tangle_is_refused_rather_than_guessed() -> None:
    """More turns than can be read in time."""
    tangled = "".join(f"[{'|'.join(['red fox', 'hen'] * n)}]" for n in range(1, 25))
    assert category(tangled, steps=150) == UNREADABLE


def test_every_category_has_words() -> None:
    """English and Chinese, in every category that is refused by default."""
    have = Counter((e.category, e.text.isascii()) for e in shipped() if not e.is_exception)
    for name in CATEGORIES - {"other"}:
        assert have[name, True] > 5
        assert have[name, False] > 5


def test_no_exception_frees_a_word_that_is_listed() -> None:
    """As it stands in the list, each is found."""
    listed = [e.text for e in shipped() if e.category in CATEGORIES and not e.is_exception]
    assert [text for text in listed if not category(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_has_words_that_name_no_word(language: str) -> None:
    """Every category can be told."""
    for found in ("minors", "source", "unreadable", *CATEGORIES):
        told = say(resolve(frozenset({found}), {}).phrase, language)
        assert told
        assert "{" not in told


def test_self_test_passes_and_fails_loudly() -> None:
    """An exception for a listed word, or a list that is too greedy, stops the start."""
    self_test(FILTER)
    first = next(e.text for e in shipped() if not e.is_exception)
    with pytest.raises(ConfigError, match="pass"):
        self_test(PromptFilter([]))
    with pytest.raises(ConfigError, match="pass"):
        self_test(FILTER.extended(parse(f"!{first}")))
    with pytest.raises(ConfigError, match="ordinary"):
        self_test(FILTER.extended(parse("fox")))


def test_filter_test_answers_one_line_each() -> None:
    """What `chatelier filter test` prints."""
    answers = list(
        run_filter_test(["a red fox", "n u d e\n", "", "wombat"], parse("[other]\nwombat"))
    )
    assert answers == ["allow", "refuse sexual", "allow", "refuse other"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.text(max_size=100), st.sampled_from(list(Source)))
def test_no_text_raises(prompt: str, negative: str, source: Source) -> None:
    """Any text at all has a verdict, within the bound on work, however often it is repeated."""
    prompt = (prompt * 40)[:4000]
    fields = Fields(prompt=prompt, negative_prompt=negative, names=(prompt[:9],), source=source)
    effort = Effort()
    verdict = FILTER.check(fields, effort=effort)
    assert verdict.action in Action
    assert effort.spent <= MOST or verdict.category == UNREADABLE


def test_no_text_takes_long() -> None:
    """Hostile texts of 4000 characters: counted as work, since clocks of busy machines lie. The
    benchmark tells what that is in milliseconds."""
    for prompt, negative in bench.hostile(72):
        assert len(prompt) <= 4000
        effort = Effort()
        verdict = FILTER.check(Fields(prompt=prompt, negative_prompt=negative), effort=effort)
        assert effort.spent <= MOST or verdict.category == UNREADABLE, prompt[:40]


@pytest.mark.parametrize("piece", ["ass ", "cum", "裸体", "淫", "nude, ", "!n5!", "ɐssɐ "])
def test_work_grows_no_faster_than_the_text(piece: str) -> None:
    """Also where every word is one of the lists, or of the exceptions."""
    spent = []
    for length in (1000, 4000):
        effort = Effort(10**9)
        FILTER.check(Fields(prompt=(piece * length)[:length]), effort=effort)
        spent.append(10**9 - effort.left)
    assert spent[1] < 4.5 * spent[0]
    hits, exceptions = FILTER._matchers[0].find(
        Views(fold("做爱心" * 1300)), Effort(10**9)
    )  # as many of both as can be
    assert len(hits) > 1000
    assert len(exceptions()) > 1000
    begun = time.thread_time()
    assert FILTER.check(Fields(prompt="做爱心" * 1300), effort=Effort(10**9)).allowed
    assert time.thread_time() - begun < 1  # one with the other would be a million comparisons


def test_what_takes_too_much_work_is_refused() -> None:
    """Before the work is done; the bound holds for all fields together."""
    effort = Effort()
    long = "n u d 3, "
    fields = Fields(prompt=long * 900, negative_prompt=long * 900, raw="x" + long * 900)
    assert FILTER.check(fields, effort=effort).category == UNREADABLE
    assert effort.spent > MOST
    assert Effort(5).left == 5


def test_long_prompts_of_ordinary_words_can_be_read() -> None:
    """As long as the platforms allow, with a negative prompt, and as it was written besides."""
    draw = random.Random(3)
    some = list(ordinary(1000))
    for _ in range(5):
        # With an alternation, a weight or a tag every few words, two thirds of that.
        prompt = ", ".join(draw.choice(some)[0] for _ in range(60))[:2600]
        negative = ", ".join(draw.choice(some)[1] for _ in range(20))[:600]
        fields = Fields(prompt=prompt, negative_prompt=negative, raw=f"{prompt} --seed 1")
        assert FILTER.check(fields).category != UNREADABLE
    words = "a cosy cabin by the lake at night, stars, oil painting, 8k, 一座古老的山城，夜晚，"
    assert FILTER.check(Fields(prompt=(words * 99)[:4000])).allowed


def test_requests_that_go_around_a_filter_are_refused() -> None:
    """Written without a look at the lists; `benchmarks.filter` tells the figure."""
    passed = [text for _, text in bench.evasions() if FILTER.check(Fields(prompt=text)).allowed]
    assert len(bench.evasions()) >= 250
    assert len(passed) <= 3


def test_a_character_may_be_listed_alone() -> None:
    """`=词`: as a tag, not inside other words."""
    for prompt in ("裸，少女", "1girl, 裸, solo", "1girl裸", "(裸:1.3)", "裸"):
        assert category(prompt) == "sexual"
    for prompt in ("裸麦面包", "裸车价格", "裸婚"):
        assert category(prompt) == ""


def test_an_exception_frees_what_is_written_and_nothing_like_it() -> None:
    """`tittles` may be written, `t1tt1es` is read as the other word; one with digits works too."""
    assert category("jots and tittles") == ""
    assert category("t1tt1es") == "sexual"
    assert category("R-18 illustration") == "sexual"
    assert category("R18 refrigerant bottle") == ""
    longer = FILTER.extended(parse("[other]\nm4x\n!m4x plus\n"))
    assert longer.check(Fields(prompt="m4x")).category == "other"
    assert longer.check(Fields(prompt="m4x plus")).allowed


def test_words_of_other_alphabets_are_whole_words_too() -> None:
    """In an operator's list; look-alikes among their letters do not matter."""
    longer = FILTER.extended(parse("[gore]\nбарсук\nстарый барсук\n!барсук лесной\nασβός\n"))
    assert longer.check(Fields(prompt="Один БАРСУК")).category == "gore"
    assert longer.check(Fields(prompt="ένας ασβός")).category == "gore"
    for prompt in ("барсуковый мех", "барсук лесной", "a p, c y k", "бар сук"):
        assert longer.check(Fields(prompt=prompt)).category == ""


@pytest.mark.parametrize(
    ("prompt", "found"),
    [("做爱国海报", ""), ("阴道士", ""), ("口交换意见", ""), ("牛乳房间", ""), ("跳楼梯", ""),
     ("做爱情侣", "sexual"), ("裸女子", "sexual"), ("口交的女人", "sexual"), ("挖眼珠", "gore")],
)  # fmt: skip
def test_a_word_that_ends_in_the_next_one_is_none(prompt: str, found: str) -> None:
    """Where a Chinese reader divides the sentence elsewhere; and only there."""
    assert category(prompt) == found


@pytest.mark.parametrize(
    ("prompt", "found"),
    [("没有穿任何衣服的女人", "sexual"), ("她衣服都没穿", "sexual"), ("把她的衣服脱掉", "sexual"),
     ("身无寸缕的人", "sexual"), ("成人视频", "sexual"), ("没有穿外套的人", ""), ("衣服都没洗", ""),
     ("空衣柜里没有任何衣服", ""), ("成人视力检查", ""), ("苹果体验店", ""), ("水果照片", "")],
)  # fmt: skip
def test_nakedness_in_everyday_chinese_is_read(prompt: str, found: str) -> None:
    """And what is said of coats, laundry and wardrobes passes."""
    assert category(prompt) == found


@pytest.mark.parametrize("mark", ["\x1e", "\x1f", "\n\x1e\n"])
def test_marks_that_the_filter_itself_uses_divide_nothing(mark: str) -> None:
    """They are invisible, so they are left out of what members write."""
    assert category(f"nu{mark}de") == "sexual"
    assert category("a garden", f"nsfw{mark}", names=(f"nu{mark}de",)) == "sexual"
