"""The studio over real sockets: what the page sends comes in, what the bot says goes out."""

import asyncio
import base64
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.studio import transcript
from bot.adapters.studio.bubble import of_note
from bot.adapters.studio.transcript import Transcript
from bot.adapters.studio.uploads import MOST_BYTES, Uploads, content_type
from bot.command import WORDS
from bot.conversation import COMMANDS
from bot.database import Database
from bot.domain import Answer, Button, Kind, Outgoing
from bot.errors import ConfigError
from tests import samples
from tests.studio_scene import place, png, remember_drawn, studio

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}


def status(text: str, **changes: object) -> Outgoing:
    return Outgoing(kind=Kind.STATUS, to=place("1"), text=text, job_id="job", **changes)


async def test_what_is_typed_reaches_the_conversation(database: Database, tmp_path: Path) -> None:
    """A command keeps its name and its newlines; who asks is the one local member."""
    async with studio(database, tmp_path) as scene:
        message_id = await scene.send("/Draw a red apple\nNegative prompt: green")
    (heard,) = scene.conversation.heard
    assert (heard.command, heard.text) == ("draw", "a red apple\nNegative prompt: green")
    assert heard.requester.account == "studio:local"
    assert heard.reply_to == place(message_id)
    assert heard.key == message_id
    assert heard.is_chat_admin


@pytest.mark.parametrize(
    ("typed", "command", "text"),
    [
        ("a red apple", WORDS, "a red apple"),
        ("/queue", "queue", ""),
        ("/画 红苹果", "draw", "红苹果"),
        ("画 红苹果", "draw", "红苹果"),
        ("／draw a red apple", "draw", "a red apple"),
        ("/ half a slash", WORDS, "/ half a slash"),
        ("/draw/this", WORDS, "/draw/this"),
        ("", WORDS, ""),
    ],
)
async def test_plain_words_are_a_prompt(
    database: Database, tmp_path: Path, typed: str, command: str, text: str
) -> None:
    """Whatever does not begin with a command is drawn."""
    async with studio(database, tmp_path) as scene:
        await scene.send(typed)
    (heard,) = scene.conversation.heard
    assert (heard.command, heard.text) == (command, text)


async def test_the_browser_tells_the_language(database: Database, tmp_path: Path) -> None:
    """The page and the member speak the language that the browser prefers."""
    async with studio(database, tmp_path) as scene:
        scene.http.headers.update(CHINESE)
        await scene.send("红苹果")
        page = await (await scene.http.get(f"{scene.address}/")).text()
        told = await (await scene.http.get(f"{scene.address}/api/words")).json()
    assert scene.conversation.heard[0].requester.language == "zh-CN"
    assert '<html lang="zh-Hans">' in page
    assert "想画点什么？" in page
    assert told["words"]["send"] == "发送"
    assert [c["name"] for c in told["commands"]] == [c.name for c in COMMANDS]


async def test_a_picture_comes_along(database: Database, tmp_path: Path) -> None:
    """An attached picture is the source, is shown on the page, and can be replied to."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        first = await scene.send("/draw a green apple", image=png("blue"))
        shown = (await events.message())["image"]
        assert shown == f"/api/uploads/{first}"
        served = await scene.http.get(scene.address + shown)
        assert (served.content_type, await served.read()) == ("image/png", png("blue"))
        await scene.send("/draw a pear", reply_to=first)
        assert (await events.message())["quoted"] == shown
    assert [heard.source for heard in scene.conversation.heard] == [png("blue"), png("blue")]


async def test_no_picture_is_only_a_file(database: Database, tmp_path: Path) -> None:
    """What only claims to be a picture is handed on, and served as nothing a browser would run."""
    async with studio(database, tmp_path) as scene:
        message_id = await scene.send("/draw x", image=b"<script>alert(1)</script>")
        served = await scene.http.get(f"{scene.address}/api/uploads/{message_id}")
    assert served.content_type == "application/octet-stream"
    assert served.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_reply_names_the_picture(database: Database, tmp_path: Path) -> None:
    """A reply carries the id of the one picture it is to; an own attachment counts more."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        pictures = (samples.picture(0), samples.picture(1))
        result = Outgoing(kind=Kind.RESULT, to=place("1"), job_id="job", pictures=pictures)
        receipt = await scene.adapter.deliver(result)
        shown = await events.message()
        assert [p["id"] for p in shown["pictures"]] == list(receipt.message_ids)
        await scene.send("/draw a pear", reply_to=receipt.message_ids[1])
        assert (await events.message())["quoted"] == "/api/pictures/job/1.png"
        await scene.send("/draw a pear", reply_to=receipt.message_ids[1], image=png())
    reply, attached = scene.conversation.heard
    assert (reply.replied_message_id, reply.source) == (receipt.message_ids[1], None)
    assert (attached.replied_message_id, attached.source) == (None, png())


async def test_an_answer_follows_its_message(database: Database, tmp_path: Path) -> None:
    """What the conversation answers at once appears as a reply."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        scene.conversation.answer = Answer(text="I do not know --stesp.")
        message_id = await scene.send("/draw --stesp 5")
        assert (await events.message())["text"] == "/draw --stesp 5"
        note = await events.message()
    assert (note["kind"], note["text"]) == ("note", "I do not know --stesp.")
    assert note["reply_to"] == message_id
    assert int(note["id"]) > int(message_id)


async def test_a_button_is_pressed(database: Database, tmp_path: Path) -> None:
    """A press reaches the conversation and its answer the one who pressed."""
    async with studio(database, tmp_path) as scene:
        scene.conversation.answer = Answer(text="Cancelled.")
        pressed = {"action": "cancel", "argument": "job", "message_id": "7"}
        answer = await scene.http.post(f"{scene.address}/api/press", json=pressed)
        assert await answer.json() == {"text": "Cancelled."}
        broken = await scene.http.post(f"{scene.address}/api/press", json={"action": 5})
        assert broken.status == 400
    (press,) = scene.conversation.pressed
    assert (press.action, press.argument, press.reply_to) == ("cancel", "job", place("7"))


async def test_one_status_message_is_edited_in_place(database: Database, tmp_path: Path) -> None:
    """Place in line, progress and preview change one message, which the result replaces."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        button = Button(label="Cancel", action="cancel", argument="job")
        receipt = await scene.adapter.deliver(status("Number 2 in line.", buttons=(button,)))
        (message_id,) = receipt.message_ids
        first = await events.message()
        assert (first["id"], first["progress"]) == (message_id, None)
        (shown,) = first["buttons"]
        assert (shown["label"], shown["action"], shown["argument"]) == ("Cancel", "cancel", "job")

        edit = status("🎨 ▰▰▰▱ 50 %", edit=message_id, progress=0.5, preview=b"jpeg")
        assert (await scene.adapter.deliver(edit)).message_ids == (message_id,)
        second = await events.message()
        assert (second["id"], second["text"], second["progress"]) == (message_id, "🎨 50 %", 0.5)
        assert second["preview"].endswith(base64.b64encode(b"jpeg").decode())

        result = Outgoing(
            kind=Kind.RESULT,
            to=place("1"),
            text="a red apple",
            job_id="job",
            remove=message_id,
            pictures=(samples.picture(),),
            model_is_demo=True,
        )
        await scene.adapter.deliver(result)
        last = await events.message()
        assert await events.next() == ("gone", message_id)
    assert last["demo"]
    assert last["pictures"][0]["url"] == "/api/pictures/job/0.png"
    assert last["pictures"][0]["seed"] == "1"


async def test_a_status_that_is_gone_stays_gone(database: Database, tmp_path: Path) -> None:
    """A late edit of a removed status message succeeds without effect."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        receipt = await scene.adapter.deliver(status("40 %", edit="99"))
        assert receipt.message_ids == ("99",)
        await scene.adapter.deliver(Outgoing(kind=Kind.NOTE, to=place(""), text="hello"))
        assert (await events.message())["text"] == "hello"


async def test_a_lost_connection_misses_nothing(database: Database, tmp_path: Path) -> None:
    """A page that comes back is told what changed meanwhile, the newest state only."""
    async with studio(database, tmp_path) as scene:
        async with scene.events() as events:
            receipt = await scene.adapter.deliver(status("waiting"))
            await events.message()
        edit = receipt.message_ids[0]
        await scene.send("while you were away")
        for percent in range(10):
            await scene.adapter.deliver(status(f"{percent} %", edit=edit))
        async with scene.events(since=events.last_id) as again:
            assert (await again.message())["text"] == "while you were away"
            assert (await again.message())["text"] == "9 %"


async def test_a_place_in_another_run_means_nothing(database: Database, tmp_path: Path) -> None:
    """After a restart a page forgets what it shows and is told everything anew."""
    async with studio(database, tmp_path) as scene, scene.events(since="cafe0000.5") as events:
        assert await events.next() == ("hello", {})


async def test_ids_grow_and_never_come_back() -> None:
    """Message ids grow, also beyond what the journal remembers from before a clock was set back."""
    chat = Transcript()
    ids = [int(chat.new_id()) for _ in range(100)]
    assert ids == sorted(set(ids))
    chat.put(of_note("from the future", "9999999999999", 0.0))
    assert chat.new_id() == "10000000000000"


async def test_the_transcript_forgets_the_oldest() -> None:
    """Only the newest messages are kept in memory."""
    chat = Transcript(most=3)
    for number in range(5):
        chat.put(of_note("x", str(number), 0.0))
    assert [chat.get(str(n)) is None for n in range(5)] == [True, True, False, False, False]


async def test_uploads_make_room() -> None:
    """The oldest uploads go first, and the newest always stays."""
    uploads = Uploads(kept_bytes=10)
    for name in ("1", "2", "3"):
        uploads.keep(name, b"x" * 6)
    assert [uploads.get(name) is not None for name in ("1", "2", "3")] == [False, False, True]


async def leave_behind(database: Database, folder: Path) -> None:
    """What an earlier run left: a delivered, a cancelled and a waiting request."""
    async with studio(database, folder) as scene:
        journal = scene.journal
        drawn = await remember_drawn(scene, database, message_id="10")
        await journal.told(drawn, ["11"])
        cancelled, waiting = (
            samples.job(
                f"job{i}", key=i, requester=drawn.requester, reply_to=place(i), text="a fig"
            )
            for i in ("20", "30")
        )
        async with database.transaction() as t:
            await journal.accept(t, cancelled)
            await journal.accept(t, waiting)
            await journal.end_cancelled(t, cancelled.id)
        await journal.told(cancelled, ["21"])
        await journal.set_status_message(waiting.id, "31")


async def test_the_chat_survives_a_restart(database: Database, tmp_path: Path) -> None:
    """After a restart the page shows the requests, their pictures and how they stand."""
    await leave_behind(database, tmp_path)
    async with studio(database, tmp_path) as scene, scene.events() as events:
        shown = [await events.message() for _ in range(6)]
        assert [(m["id"], m["kind"]) for m in shown] == [
            ("10", "request"),
            ("11", "result"),
            ("20", "request"),
            ("21", "result"),
            ("30", "request"),
            ("31", "status"),
        ]
        assert shown[0]["text"] == "/draw a red apple"
        assert shown[1]["text"].startswith("a red apple\nseed 0 ·")
        assert "Cancelled" in shown[3]["text"]
        picture = await scene.http.get(scene.address + shown[1]["pictures"][0]["url"])
        assert await picture.read() == png()
        assert "immutable" in picture.headers["Cache-Control"]

        await scene.adapter.deliver(status("🎨 You are next.", edit="31"))
        assert (await events.message())["text"] == "🎨 You are next."
        missing = await scene.http.get(f"{scene.address}/api/pictures/job20/0.png")
        assert missing.status == 404


async def test_a_note_may_show_a_picture(database: Database, tmp_path: Path) -> None:
    """Inside the message itself, as nothing of it is kept."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        scene.conversation.answer = Answer(text="all is well", picture=png())
        await scene.send("/admin status")
        await events.message()
        note = await events.message()
    assert note["text"] == "all is well"
    assert note["image"] == "data:image/png;base64," + base64.b64encode(png()).decode()


async def test_what_is_forgotten_leaves_the_open_pages(database: Database, tmp_path: Path) -> None:
    """Once the journal remembers nothing; the answer to `/forget` stays."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        job = await remember_drawn(scene, database)
        first = await scene.send("a fox", image=png())
        await events.message()
        scene.conversation.answer = Answer(text="Really?")
        await scene.send("/forget")
        asked = await events.message()
        assert (await events.message())["text"] == "Really?"
        async with database.transaction() as t:
            await t.run("UPDATE jobs SET forgotten = 2 WHERE id = ?", (job.id,))
        scene.conversation.answer = Answer(text="Forgotten.")
        await scene.send("/forget yes")
        said = await events.message()
        told = [await events.next() for _ in range(3)]
        gone = {data for name, data in told if name == "gone"}
        assert {first, asked["id"]} < gone
        assert said["id"] not in gone
        assert (await events.message())["text"] == "Forgotten."
        async with scene.http.get(f"{scene.address}/api/uploads/{first}") as response:
            assert response.status == 404


async def test_a_picture_too_large_gets_a_sentence(database: Database, tmp_path: Path) -> None:
    """Over 20 MB is refused with the limit in the sentence, whether announced or streamed."""

    async def streamed() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        for _ in range(21):
            yield bytes(2**20)
        yield b"\r\n--x--\r\n"

    async with studio(database, tmp_path) as scene:
        announced = aiohttp.FormData()
        announced.add_field("image", io.BytesIO(bytes(MOST_BYTES + 2**18)), filename="a.png")
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        for body, headers in ((announced(), {}), (streamed(), kind)):
            async with scene.http.post(
                f"{scene.address}/api/messages", data=body, headers=headers
            ) as answer:
                assert answer.status == 413
                assert "20 MB" in (await answer.json())["error"]
    assert scene.conversation.heard == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="evil"\r\n\r\n1\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf',
    ],
)
async def test_a_broken_form_gets_a_sentence(
    database: Database, tmp_path: Path, body: bytes
) -> None:
    """What the page would never send is refused, and nothing is heard."""
    async with studio(database, tmp_path) as scene:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await scene.http.post(f"{scene.address}/api/messages", data=body, headers=kind)
        assert answer.status == 400
        assert "reload" in (await answer.json())["error"]
        plain = await scene.http.post(f"{scene.address}/api/messages", data=b"hello")
        assert plain.status == 400
    assert scene.conversation.heard == []


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0AVI ", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream"),
    ],
)
def test_pictures_are_known_by_their_bytes(image: bytes, kind: str) -> None:
    """Only formats without scripts are served as pictures, whatever the file is called."""
    assert content_type(image) == kind


async def test_an_idle_stream_stays_alive(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing happens a comment shows that the connection lives."""
    monkeypatch.setattr(transcript, "HEARTBEAT_S", 0.01)
    async with studio(database, tmp_path) as scene, scene.events() as events:
        assert await events.response.content.readline() == b": still here\n"


async def test_health_is_told(database: Database, tmp_path: Path) -> None:
    """A supervisor can ask whether the studio answers."""
    async with studio(database, tmp_path) as scene:
        answer = await scene.http.get(f"{scene.address}/healthz")
        assert await answer.json() == {"ok": True}


async def test_stopping_is_prompt_with_an_open_page(database: Database, tmp_path: Path) -> None:
    """Open streams end when the studio stops, within two seconds."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        begun = time.monotonic()
        scene.running.cancel()
        with pytest.raises(EOFError):
            await events.next()
        await asyncio.wait([scene.running])
        assert time.monotonic() - begun < 2
        assert scene.running.cancelled()


async def test_a_port_in_use_is_named(database: Database, tmp_path: Path) -> None:
    """The sentence names the key and the port."""
    async with studio(database, tmp_path) as scene:
        port = int(scene.address.rpartition(":")[2])
        with pytest.raises(ConfigError, match=rf"\[studio\] port = {port}: another program"):
            async with studio(database, tmp_path, port=port):
                pass


async def test_a_foreign_address_is_named(database: Database, tmp_path: Path) -> None:
    """An address that this machine does not have is refused with its key."""
    with pytest.raises(ConfigError, match=r"\[studio\] host = '192\.0\.2\.1'"):
        async with studio(database, tmp_path, host="192.0.2.1", password="x"):
            pass


async def test_whoever_sees_the_page_is_in_charge(database: Database, tmp_path: Path) -> None:
    """The one local member is an admin of the one local chat."""
    async with studio(database, tmp_path) as scene:
        assert (await scene.adapter.permissions("studio", "local")).is_admin
        left = await scene.adapter.deliver(Outgoing(kind=Kind.LEAVE, to=place("")))
        assert left.message_ids == ()
