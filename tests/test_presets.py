"""`/preset`, `--preset` and `/info`, over a real store."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.database import Database
from bot.domain import Job, Platform
from bot.inspection.client import Inspector
from bot.members.kept import TABLES
from bot.presets import Preset, PresetStore
from bot.quota.accounts import Accounts
from tests.front import Front, config
from tests.samples import CATALOG, incoming, picture, requester

BLOCK = (
    "a 雪狐, (stars:1.2)\nNegative prompt: blurry\n"
    "Steps: 9, Sampler: Euler a, CFG scale: 4, Seed: 5, Size: 64x64"
)
LI = requester("2", name="李", language="zh-hans")


@pytest.fixture
async def front(database: Database, tmp_path: Path) -> AsyncIterator[Front]:
    async with Inspector("off") as inspector:
        made = Front(database, tmp_path, config(), inspector)
        made.catalog = replace(CATALOG, features=("hires", "clip_skip"))
        yield made


def png(**texts: str) -> bytes:
    chunks = PngInfo()
    for key, value in texts.items():
        chunks.add_itxt(key, value)
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


async def shown(front: Front, text: str) -> Job:
    """A job that was drawn; its picture stands in the message 42."""
    job = await front.draw(text)
    made = [(picture(0, png()), await front.store.put(png()))]
    async with front.database.transaction() as t:
        await front.journal.end_drawn(t, job.id, made, 1.0)
    await front.journal.told(job, ["42"])
    front.queue.remove(job.id)
    return job


async def asked(front: Front, text: str, command: str = "draw", **more: object) -> Job:
    answer = await front.conversation.handle(incoming(text, command, **more))
    assert answer.job_id, answer.text
    job = await front.journal.job(answer.job_id)
    assert job is not None
    front.queue.remove(job.id)
    return job


async def test_words_are_kept_and_used(front: Front) -> None:
    """A member's own words stand first; flags of the request win over those of the preset."""
    told = await front.say("save ink ink drawing, white paper --steps 9 --cfg 4", "preset")
    assert "ink drawing" in told
    job = await asked(front, "use ink a fox --steps 12", "preset")
    assert job.spec.prompt == "a fox, ink drawing, white paper"
    assert (job.spec.steps, job.spec.cfg_scale) == (12, 4.0)
    alone = await asked(front, "use INK", "preset")
    assert alone.spec.prompt == "ink drawing, white paper"
    assert alone.spec.steps == 9
    flagged = await asked(front, "a crow --preset Ink")
    assert flagged.spec.prompt == "a crow, ink drawing, white paper"


async def test_chinese_names_and_words(front: Front) -> None:
    """Everything may be said in Chinese, and is answered so."""
    told = await front.say("保存 水墨 水墨画，留白 --步数 9", "preset", requester=LI)
    assert told.startswith("已保存为“水墨”")
    job = await asked(front, "用 水墨 一只狐狸", "preset", requester=LI)
    assert job.spec.prompt == "一只狐狸, 水墨画,留白"
    flagged = await asked(front, "一只鹤 --预设 水墨", requester=LI)
    assert flagged.spec.steps == 9
    assert "水墨" in await front.say("列表", "preset", requester=LI)
    assert "已删除" in await front.say("删除 水墨", "preset", requester=LI)
    assert "还没有预设" in await front.say("", "preset", requester=LI)


async def test_words_at_their_place(front: Front) -> None:
    """A preset may say where the words belong."""
    await front.say("save stamp a stamp with {prompt}, perforated", "preset")
    assert (await asked(front, "stamp a fox", "preset")).spec.prompt == (
        "a stamp with a fox, perforated"
    )
    assert (await asked(front, "--preset stamp")).spec.prompt == "a stamp with , perforated"


async def test_the_look_of_a_picture(front: Front) -> None:
    """Kept by a reply, or of the last picture; its seed is not part of it. Words replace the
    prompt, `+` adds."""
    await shown(front, "a red apple --no blue --seed 5 --steps 12 --sampler Euler --size 64x64")
    await front.say("save last", "preset")
    await front.say("save look", "preset", replied_message_id="42")
    for name in ("last", "look"):
        job = await asked(front, f"use {name} a pear", "preset")
        assert (job.spec.prompt, job.spec.negative_prompt) == ("a pear", "blue")
        assert (job.spec.steps, job.spec.sampler, job.spec.width) == (12, "Euler", 64)
        assert job.spec.seed != 5
    more = await asked(front, "use look + snow", "preset")
    assert more.spec.prompt == "a red apple, snow"


async def test_a_preset_in_reply_to_a_result(front: Front) -> None:
    """Without other words, those of the preset are added to the picture's."""
    await shown(front, "a red apple --steps 12")
    await front.say("save ink ink drawing", "preset")
    job = await asked(front, "--preset ink", "words alone", replied_message_id="42")
    assert (job.spec.prompt, job.spec.steps) == ("a red apple, ink drawing", 12)


async def test_presets_are_ones_own(front: Front) -> None:
    """Nobody else has them, and a name that is nearly right is told."""
    await front.say("save watercolor soft light", "preset")
    assert "no preset" in await front.say("a fox --preset watercolor", requester=requester("3"))
    told = await front.say("a fox --preset watercolour --steps 0")
    assert "Did you mean watercolor?" in told
    assert "0 steps" in told


async def test_linked_accounts_share_theirs(front: Front) -> None:
    """What was saved on one platform is found, replaced and deleted on the other; of two with one
    name the newer counts."""
    accounts = Accounts(front.database, config().quota)
    here, there = requester("2"), requester("7", platform=Platform.DISCORD)
    store = PresetStore(front.database, accounts.linked, clock=iter(range(9)).__next__)
    for account, words in ((here, "old ink"), (there, "new ink")):
        await store.save(account.account, Preset(name="ink", words=words))
    await accounts.link(here.account, there.account, by="telegram:1")
    told = await front.say("list", "preset", requester=here)
    assert told.splitlines()[:2] == ["Your preset:", "• ink: new ink"]
    assert await store.names(here.account, "I") == ("ink",)
    job = await asked(front, "a fox --preset ink", requester=here)
    assert job.spec.prompt == "a fox, new ink"
    assert "is now: wash" in await front.say("save ink wash", "preset", requester=here)
    assert "wash" in await front.say("ink", "preset", requester=there)
    assert "deleted" in await front.say("rm ink", "preset", requester=there)
    assert "no presets" in await front.say("list", "preset", requester=here)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("save", "cannot be the name"),
        ("save a/b words", "cannot be the name"),
        ("save rm words", "cannot be the name"),
        ("save x --steps many", "not understood"),
        ("save x a --preset y", "another preset"),
        ("save x " + "very " * 500, "holds 2,000"),
        ("save x nude woman", "I will not draw this"),
        ("save x", "no picture to take the words from"),
        ("rm nothing", "no preset"),
        ("nothing", "no preset"),
        ("use", "/preset save NAME"),
    ],
)
async def test_what_cannot_be_kept(front: Front, text: str, told: str) -> None:
    """Is told at once, and nothing is kept."""
    assert told in await front.say(text, "preset")
    assert "no presets" in await front.say("list", "preset")


async def test_a_member_has_only_so_many(front: Front) -> None:
    """One of the same name is replaced, so it always fits."""
    for number in range(50):
        assert "Kept" in await front.say(f"save p{number} snow", "preset")
    assert "50 presets already" in await front.say("save one-more snow", "preset")
    assert "is now: rain" in await front.say("save P7 rain", "preset")


async def test_the_filter_sees_what_a_preset_adds(front: Front) -> None:
    """Each half is harmless; together they are refused."""
    await front.say("save half nu{prompt}", "preset")
    assert await front.say("de woman") == ""
    assert "I will not draw this" in await front.say("de woman --preset half")


async def test_presets_are_forgotten_with_their_member(front: Front) -> None:
    """And exported: the table is known."""
    await front.say("save ink ink drawing", "preset")
    await front.say("yes", "forget", reply_to=incoming().reply_to)
    assert "no presets" in await front.say("list", "preset")
    assert TABLES["presets"].by == ("account",)


async def test_a_picture_that_carries_its_words_is_drawn_by_them(front: Front) -> None:
    """Not from the picture; flags beside it win, and so do words."""
    carrying = png(parameters=BLOCK)
    job = await asked(front, "--steps 7", source=carrying)
    assert job.spec.prompt == "a 雪狐, (stars:1.2)"
    assert (job.spec.steps, job.spec.seed, job.spec.negative_prompt) == (7, 5, "blurry")
    assert job.spec.input_sha256 is None
    varied = await asked(front, "make it night", source=carrying)
    assert varied.spec.prompt == "make it night"
    assert varied.spec.input_sha256 is not None
    assert "What shall become of this picture?" in await front.say("", source=png())


async def test_words_in_a_picture_pass_the_filter(front: Front) -> None:
    """They are text like any other."""
    answer = await front.conversation.handle(
        incoming("", source=png(parameters=BLOCK.replace("雪狐", "nude woman")))
    )
    assert answer.job_id is None
    assert answer.text


async def test_info_shows_how_a_picture_was_made(front: Front) -> None:
    """One of ours from the record, another one from its file; only for the one who asks."""
    await shown(front, "a red apple")
    own = await front.conversation.handle(incoming("", "info", replied_message_id="42"))
    assert own.text == "a red apple\nSteps: 20"
    foreign = await front.conversation.handle(incoming("", "info", source=png(parameters=BLOCK)))
    assert foreign.text == BLOCK
    assert own.private
    assert foreign.private
    assert own.verbatim
    assert "files" in await front.say("", "info", source=png())
    assert "/info" in await front.say("", "info")
    assert "20 MB" in await front.say("", "info", source_problem="picture-too-large")


async def test_info_is_fetched_for(front: Front) -> None:
    """An adapter asks first whether to fetch the picture."""
    assert await front.conversation.precheck(incoming("", "info")) is None
    assert await front.conversation.precheck(incoming("save x y", "preset")) is None
    assert await front.conversation.precheck(incoming("")) is None


async def test_an_unknown_command_is_guessed_in_private(front: Front) -> None:
    """In a group it may be meant for another bot."""
    private = replace(incoming().reply_to, chat_id="9", private=True)
    who = requester("9")
    told = await front.say("a fox", "drwa", reply_to=private, requester=who)
    assert told == "I do not know /drwa. Did you mean /draw?"
    li = replace(who, language="zh-hans")
    assert "是不是 /draw" in await front.say("a fox", "drwa", reply_to=private, requester=li)
    assert await front.say("a fox", "drwa") == ""


@pytest.mark.parametrize("prompt", ["a {fox|nude woman}", "n{u|u}de woman", "{nu|nu}{de|de} woman"])
async def test_the_filter_sees_every_wildcard(front: Front, prompt: str) -> None:
    """What may be drawn by lot, and what parts of words make together."""
    assert "I will not draw this" in await front.say(f"{prompt} --seed 4")


async def test_wildcards_stay_for_another_turn(front: Front) -> None:
    """Drawn again with a new seed, the same request may read other words; its record holds all."""
    job = await shown(front, "a {red|blue} fox --seed 4")
    assert (job.spec.prompt, job.spec.words(0)) == ("a {red|blue} fox", "a red fox")
    again = await asked(front, "--seed 5", "words alone", replied_message_id="42")
    assert again.spec.words(0) == "a blue fox"
