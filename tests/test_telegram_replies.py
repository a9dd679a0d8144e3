"""Words in reply to a result on Telegram, what chats and members settle for them, and where they
may be said: real sockets, the real library."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain import Platform
from tests import patient_painter
from tests.quick_painter import colour
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_bot import (
    NEW,
    PATIENCE_S,
    bot,
    content,
    drawn,
    files,
    known,
    look,
    more,
    parameters,
    push,
    results,
    said,
    spoken,
)
from tests.standins.telegram_scene import ANN, LI, png
from tests.standins.telegram_world import Chat, Json, Person

pytestmark = pytest.mark.timeout(180)
BOSS = Person(333, "Boss")
SMALL = "--size 64x64"
CHANNEL = {"id": -1009, "type": "channel", "title": "News"}


def prompts(server: TelegramServer, message: Json) -> str:
    """The words of a picture: the lines before its settings."""
    return parameters(server, message).partition("\nSteps: ")[0]


async def test_words_in_reply_change_a_picture_in_the_house_style(tmp_path: Path) -> None:
    """`+`, `-`, flags, `again`, `same seed`, other words; these get the chat's style and negative
    prompt like any, also in an answer to ✏️, and --raw leaves them out."""
    async with TelegramServer() as server:
        group = server.group()
        group.statuses[BOSS.id] = "creator"
        async with bot(server, tmp_path) as app:

            async def ask(text: str, to: Json | None = None) -> Json:
                reply = to["message_id"] if to else None
                return await drawn(server, group, ANN, text, reply_to=reply)

            await server.say(group, BOSS, "/settings style {prompt}, soft light")
            await said(server, group, "House style")
            await server.say(group, BOSS, "/settings negative blurry")
            await said(server, group, "Negative prompt")
            first = await ask(f"/draw a red apple --seed 5 --steps 9 {SMALL}")
            added = await ask("+ snow", first)
            taken = await ask("- red", first)
            fewer = await ask("same seed --steps 4", first)
            again = await ask("again", first)
            other = await ask("a green pear, the same seed", first)
            raw = await ask("a green pear --raw", first)
            await push(server, group, ANN, first, "✏️")
            form = await said(server, group, "Ann, ")
            await known(app, group, form)
            edited = await ask("a blue plum", form)
            bare = await ask(f"/draw a red apple --raw {SMALL}")
    avoided = "\nNegative prompt: blurry"
    assert prompts(server, first) == f"a red apple, soft light{avoided}"
    assert prompts(server, added) == f"a red apple, soft light, snow{avoided}"
    assert prompts(server, taken) == f"a apple, soft light{avoided}"
    assert prompts(server, fewer) == prompts(server, again) == prompts(server, first)
    assert prompts(server, other) == f"a green pear, soft light{avoided}"
    assert prompts(server, raw) == f"a green pear{avoided}"
    assert prompts(server, edited) == f"a blue plum, soft light{avoided}"
    assert prompts(server, bare) == "a red apple"
    seeds = [parameters(server, m).partition("Seed: ")[2].partition(",")[0] for m in results(group)]
    assert (seeds[0], seeds[3], seeds[5]) == ("5", "5", "5")
    assert "5" not in (seeds[1], seeds[2], seeds[4])
    assert [("Steps: 4," in parameters(server, m)) for m in (first, fewer)] == [False, True]


async def test_presets_wildcards_and_languages(tmp_path: Path) -> None:
    """Saved from words and used by name; each picture draws its own word; and `/language` decides
    how its member is answered, everywhere."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            await server.say(group, ANN, "/preset save ink ink drawing --steps 7")
            await said(server, group, "Kept as “ink”")
            await server.say(group, ANN, "/preset list")
            await said(server, group, "Your preset:")
            inked = await drawn(server, group, ANN, f"/preset use ink a fox {SMALL}")
            assert parameters(server, inked).startswith("a fox, ink drawing\nSteps: 7, ")
            flagged = await drawn(server, group, ANN, f"/draw a crow --preset ink {SMALL}")
            assert prompts(server, flagged) == "a crow, ink drawing"
            words = "/draw a {red|green} {{apple}} -n 2 --seed 4 --file " + SMALL
            await server.say(group, ANN, words)
            await server.when(lambda: len(files(group)) == 2, PATIENCE_S)
            read = sorted(prompts(server, m) for m in files(group))
            assert [text[:8] for text in read] == ["a green ", "a red {{"]
            await server.say(group, ANN, "/language zh")
            await said(server, group, "中文")
            await server.say(group, ANN, "/queue")
            await said(server, group, "没有人在排队")
            await server.say(server.private(ANN), ANN, "/language auto")
            await said(server, server.private(ANN), "Language")


async def test_what_is_pasted_or_carried_by_a_file_is_drawn_and_shown(tmp_path: Path) -> None:
    """A block of parameters, and a file that carries one, with the command, in private without, or
    replied to: the same picture. With /info it is shown; a photo has lost its own, and that is
    said."""
    block = "a red fox\nNegative prompt: blurry\nSteps: 6, Seed: 77, Size: 64x48, Sampler: Euler a"
    async with TelegramServer() as server:
        group, private = server.group(), server.private(LI)
        async with bot(server, tmp_path):
            pasted = await drawn(server, group, ANN, f"/draw {block}")
            carrier = content(server, pasted)
            await server.document(group, ANN, carrier, "/draw")
            with_command = await more(server, group, 2)
            sent = await server.document(group, ANN, carrier)
            replied = await drawn(server, group, LI, "/draw", reply_to=sent)
            await server.document(private, LI, carrier)
            alone = await more(server, private, 1)
            await server.document(group, ANN, carrier, "/info")
            shown = await said(server, group, "a red fox\nNegative prompt: blurry\nSteps: 6")
            await server.photo(group, ANN, png(64, 64), "/info")
            await said(server, group, "Telegram takes them out of photos")
    made = (pasted, with_command, replied, alone)
    assert {parameters(server, m) for m in made} == {shown["text"]}
    assert "Seed: 77, Size: 64x48" in shown["text"]
    assert {look(server, m) for m in made} == {((64, 48), colour(77))}


async def test_everything_of_a_topic_stays_in_it(tmp_path: Path) -> None:
    """Status, picture, refusals, answers, forms, files, endings: all that is sent."""
    async with TelegramServer() as server:
        group = server.group(forum=True)
        topic = server.topic(group, ANN)
        painter = patient_painter.command(0.05)
        async with bot(server, tmp_path, painter) as app:
            words = f"/draw an apple -n 2 --steps 6 {SMALL}"
            first = await drawn(server, group, ANN, words, topic=topic)
            await push(server, group, ANN, first, "📄")
            await server.when(lambda: len(files(group)) == 2, PATIENCE_S)
            await push(server, group, ANN, first, "✏️")
            form = await said(server, group, "Ann, ")
            await known(app, group, form)
            answer = {"reply_to": form["message_id"], "topic": topic}
            await drawn(server, group, ANN, "a pear", **answer)
            await server.say(group, ANN, "/draw x --speed 3", topic=topic)
            await said(server, group, "--speed")
            for command in ("/queue", "/help", "/info", "/quota", "/settings", "/preset list"):
                count = len(spoken(server, group, *NEW))
                await server.say(group, ANN, command, topic=topic)
                await server.when(_more_than(server, group, count), PATIENCE_S)
            await server.say(group, ANN, f"/draw an apple --steps 140 {SMALL}", topic=topic)
            await server.next(lambda c: "⛔" in str(c.p.get("reply_markup")), PATIENCE_S)
            await server.say(group, ANN, "/cancel", topic=topic)
            await said(server, group, "What was not drawn is back")
            assert len(spoken(server, group, "setMessageReaction")) == 1
    sent = spoken(server, group, *NEW)
    assert {c.p.get("message_thread_id") for c in sent} == {topic}
    assert len(sent) > 12


def _more_than(server: TelegramServer, chat: Chat, count: int) -> Any:
    return lambda: len(spoken(server, chat, *NEW)) > count


async def test_albums_are_sources(tmp_path: Path) -> None:
    """The picture with the words is the source; a reply takes the picture that it answers; the
    other pictures of an album ask for nothing."""
    async with TelegramServer() as server:
        group, private = server.group(), server.private(ANN)

        async def album(chat: Chat, *captions: str) -> list[int]:
            sent = []
            for width, caption in zip((64, 96, 128), captions, strict=False):
                photo = {"photo": server.files.photo(png(width, 64)), "media_group_id": "7"}
                fields = photo | ({"caption": caption} if caption else {})
                sent.append(await server.post(chat, ANN, fields))
            return sent

        async with bot(server, tmp_path):
            await album(private, "make it night", "", "")
            first = await more(server, private, 1)
            _, _, last = await album(group, "", "/draw make it night", "")
            second = await more(server, group, 1)
            third = await drawn(server, group, LI, "/draw make it day", reply_to=last)
    sizes = [look(server, m)[0] for m in (first, second, third)]
    assert [round(2 * width / height) for width, height in sizes] == [2, 3, 4]
    assert len(results(private)) == 1
    assert len(spoken(server, private, "sendMessage")) <= 1


async def test_channels_and_anonymous_admins_draw_as_themselves(tmp_path: Path) -> None:
    """A channel that speaks in a group gets its picture; what its linked channel posts by itself is
    left alone; an anonymous admin's buttons are pressed by the admin behind it."""
    async with TelegramServer() as server:
        group = server.group()
        group.statuses[BOSS.id] = "creator"
        async with bot(server, tmp_path) as app:
            post = server.forwarded_post(group, f"/draw a fox {SMALL}")
            await server.update("message", dict(group.messages[post]))
            speaker = Person(136817688, "Channel")
            fields = {"text": f"/draw a fox {SMALL}", "sender_chat": CHANNEL}
            asked = await server.post(group, speaker, fields)
            channels = await more(server, group, 1)
            hidden = await drawn(server, group, None, f"/draw a crow {SMALL}")
            jobs = await app.journal.history(Platform.TELEGRAM, str(group.id))
            assert "只有请求这张图的人" in await push(server, group, LI, hidden, "🗑")
            await push(server, group, BOSS, hidden, "🗑")
            await server.when(lambda: hidden["message_id"] not in group.messages, PATIENCE_S)
    assert channels["reply_to_message"]["message_id"] == asked
    accounts = [item.job.requester.account for item in jobs]
    assert accounts == ["telegram:-1009", f"telegram:{group.id}"]
