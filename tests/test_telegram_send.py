"""What the Telegram adapter sends, over real sockets to a strict Bot API server."""

import io
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from bot.adapters.telegram.text import units
from bot.database import Database
from bot.domain import Button, Kind, Outgoing, Picture, Platform, Receipt, ReplyTo, Requester
from bot.errors import ChatGone, DoubtfulSend, Rejected, RetryLater
from bot.inbox import Inbox
from tests.standins.telegram import Call, TelegramServer
from tests.standins.telegram_scene import ANN, LI, QUICK, Scene, Talk, adapter_for, png, scene

CANCEL = Button(label="Cancel", action="cancel", argument="abcdefghijkl")


@pytest.fixture
async def s(database: Database) -> AsyncIterator[Scene]:
    async with scene(database, timing=replace(QUICK, media_s=0.5)) as running:
        yield running


async def to(s: Scene, **changes: Any) -> ReplyTo:
    """A place that answers a new request of Ann's."""
    message_id = await s.server.say(s.chat, ANN, "please")
    place = ReplyTo(platform=Platform.TELEGRAM, chat_id=str(s.chat.id), message_id=str(message_id))
    return replace(place, **changes)


def pictures(*pngs: bytes) -> tuple[Picture, ...]:
    return tuple(Picture(index=i, png=p, seed=i, infotext="") for i, p in enumerate(pngs))


async def status(s: Scene, place: ReplyTo) -> str:
    """A status message of ours; its id."""
    receipt = await s.adapter.deliver(
        Outgoing(kind=Kind.STATUS, to=place, text="waiting", buttons=(CANCEL,))
    )
    return receipt.message_ids[0]


async def result(s: Scene, place: ReplyTo, *pngs: bytes, **changes: Any) -> Receipt:
    message = Outgoing(
        kind=Kind.RESULT, to=place, text="a fox", nonce="abc-r", job_id="abc", pictures=()
    )
    return await s.adapter.deliver(replace(message, pictures=pictures(*pngs), **changes))


def calls(s: Scene, *methods: str) -> list[Call]:
    return [c for c in s.server.heard if c.method in methods]


def seen(s: Scene, id_: str) -> dict[str, Any]:
    """A message as the members see it now."""
    return s.chat.messages[int(id_)]


async def gone(s: Scene, id_: str) -> None:
    await s.server.when(lambda: int(id_) not in s.chat.messages)


# Status -----------------------------------------------------------------------------------------


async def test_a_status_message_replies_silently_with_its_button(s: Scene) -> None:
    """It acknowledges; only the result rings."""
    place = await to(s)
    id_ = await status(s, place)
    call = calls(s, "sendMessage")[0]
    assert call.p["disable_notification"] is True
    assert str(call.p["reply_parameters"]["message_id"]) == place.message_id
    assert seen(s, id_)["reply_markup"]["inline_keyboard"] == [
        [{"text": "Cancel", "callback_data": "cancel:abcdefghijkl"}]
    ]


async def test_a_status_message_is_edited_in_place(s: Scene) -> None:
    """The same words twice, or a message that is gone, are no errors."""
    place = await to(s)
    id_ = await status(s, place)
    for _ in range(2):
        edit = Outgoing(kind=Kind.STATUS, to=place, text="50 %", edit=id_, buttons=(CANCEL,))
        assert (await s.adapter.deliver(edit)).message_ids == (id_,)
    assert seen(s, id_)["text"] == "50 %"
    del s.chat.messages[int(id_)]
    assert (await s.adapter.deliver(edit)).message_ids == (id_,)
    assert len(calls(s, "sendMessage")) == 1


async def test_a_preview_turns_the_status_into_a_picture(s: Scene, database: Database) -> None:
    """From then on its text is a caption; an adapter that was restarted finds that out."""
    place = await to(s)
    id_ = await status(s, place)
    edit = Outgoing(kind=Kind.STATUS, to=place, text="25 %", edit=id_, preview=png(32, 32))
    await s.adapter.deliver(edit)
    assert (seen(s, id_)["caption"], len(seen(s, id_)["photo"])) == ("25 %", 2)
    await s.adapter.deliver(replace(edit, text="50 %", preview=None))
    assert seen(s, id_)["caption"] == "50 %"
    restarted = adapter_for(s.server, s.talk, Inbox(database))
    for text in ("75 %", "90 %"):
        await restarted.deliver(replace(edit, text=text, preview=None))
        assert seen(s, id_)["caption"] == text
    assert len(calls(s, "editMessageText")) == 1
    await restarted._api.close_connections()


async def test_an_edit_without_an_answer_is_just_done_again(s: Scene) -> None:
    """Edits repeat harmlessly, so nothing about them is in doubt."""
    place = await to(s)
    edit = Outgoing(kind=Kind.STATUS, to=place, text="50 %", edit=await status(s, place))
    s.server.lose_answer("editMessageText")
    with pytest.raises(RetryLater):
        await s.adapter.deliver(edit)
    await s.adapter.deliver(edit)


# Results ----------------------------------------------------------------------------------------


async def test_one_picture_is_a_photo_that_rings_and_replaces_the_status(s: Scene) -> None:
    """A reply to the request with its caption; the status message goes."""
    place = await to(s)
    id_ = await status(s, place)
    receipt = await result(s, place, png(64, 64), remove=id_, spoiler=True)
    call = calls(s, "sendPhoto")[0]
    assert str(call.p["reply_parameters"]["message_id"]) == place.message_id
    assert "disable_notification" not in call.p
    assert (call.p["photo"], call.p["has_spoiler"]) == (png(64, 64), True)
    assert seen(s, receipt.message_ids[0])["caption"] == "a fox"
    assert receipt.file_ids == {"photo:0": seen(s, receipt.message_ids[0])["photo"][-1]["file_id"]}
    await gone(s, id_)


async def test_as_a_file_the_original_arrives_byte_for_byte(s: Scene) -> None:
    """Telegram recompresses photos, and their parameters are lost."""
    receipt = await result(s, await to(s), png(64, 64), as_file=True)
    document = seen(s, receipt.message_ids[0])["document"]
    assert s.server.files.data[document["file_id"]] == png(64, 64)
    assert receipt.file_ids == {"document:0": document["file_id"]}


async def test_files_that_need_a_spoiler_come_in_private(s: Scene) -> None:
    """No document can be covered: the chat gets the photo, and a line that says so."""
    private = s.server.private(ANN)
    place, ann = await to(s), Requester(platform=Platform.TELEGRAM, user_id=str(ANN.id))
    s.server.refuse("sendPhoto", 429, "Too Many Requests: retry after 0", retry_after=0)
    with pytest.raises(RetryLater):
        await result(s, place, png(64, 64), as_file=True, spoiler=True, notify=ann)
    receipt = await result(s, place, png(64, 64), as_file=True, spoiler=True, notify=ann)
    (file,) = [m for m in private.messages.values() if "document" in m]
    shown = seen(s, receipt.message_ids[0])
    assert s.server.files.data[file["document"]["file_id"]] == png(64, 64)
    assert shown["has_media_spoiler"] is True
    assert shown["caption"] == "a fox\nA file cannot be covered, so I sent it to you in private."


@pytest.mark.parametrize("member", ["222", "-1001", None])
async def test_without_a_private_chat_a_covered_photo_must_do(s: Scene, member: str | None) -> None:
    """Bots cannot open one; anonymous admins and channels have none."""
    asker = member and Requester(platform=Platform.TELEGRAM, user_id=member)
    receipt = await result(
        s, await to(s), png(64, 64), as_file=True, spoiler=True, notify=asker or None
    )
    shown = seen(s, receipt.message_ids[0])
    assert shown["has_media_spoiler"] is True
    assert "document" not in shown
    assert "Write to me in private" in shown["caption"]


async def test_in_private_a_file_is_a_file(s: Scene) -> None:
    """Nobody reads along there."""
    private = s.server.private(ANN)
    place = ReplyTo(
        platform=Platform.TELEGRAM, chat_id=str(private.id), message_id="", private=True
    )
    await result(s, place, png(64, 64), as_file=True, spoiler=True)
    assert ["document" in m for m in private.messages.values()] == [True]


async def test_several_pictures_are_one_album(s: Scene) -> None:
    """In their order, one caption; their buttons in a line of their own."""
    place = await to(s)
    sizes = (32, 48, 64)
    receipt = await result(s, place, *(png(n, n) for n in sizes), buttons=(CANCEL,))
    photos = [seen(s, id_)["photo"][-1]["width"] for id_ in receipt.message_ids]
    assert photos == [32, 48, 64]
    captions = [seen(s, id_).get("caption") for id_ in receipt.message_ids]
    assert captions == ["a fox", None, None]
    assert len(calls(s, "sendMediaGroup")) == 1
    await s.server.next(_holds_buttons)
    files = await result(s, place, png(8, 8), png(9, 9), as_file=True, nonce="other")
    assert [seen(s, i).get("caption") for i in files.message_ids] == [None, "a fox"]


def _holds_buttons(call: Call) -> bool:
    is_line = call.method == "sendMessage" and "reply_markup" in call.p
    return is_line and "Buttons for these 3 pictures" in call.p["text"]


async def test_a_picture_too_large_for_a_photo_is_a_document(s: Scene) -> None:
    """Beyond 10 MB, or longer than 20 to 1; an album goes as a whole."""
    heavy = png(2100, 1800, noise=True)
    assert len(heavy) > 10 * 1024 * 1024
    place = await to(s)
    for big in (heavy, png(2100, 100), png(9000, 1001)):
        receipt = await result(s, place, big)
        assert "document" in seen(s, receipt.message_ids[0])
    receipt = await result(s, place, png(8, 8), png(2100, 100))
    assert ["document" in seen(s, i) for i in receipt.message_ids] == [True, True]
    assert calls(s, "sendPhoto") == []


async def test_a_photo_that_telegram_will_not_take_is_a_document(s: Scene) -> None:
    """Whatever the limits are today: what is refused as a photo goes as a file."""
    s.server.refuse("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    receipt = await result(s, await to(s), png(64, 64))
    assert "document" in seen(s, receipt.message_ids[0])


async def test_a_file_too_large_for_telegram_is_recompressed_and_said_so(s: Scene) -> None:
    """The last rung: a JPEG with a notice, in the language of the one who asked."""
    s.server.refuse("sendPhoto", 400, "Bad Request: IMAGE_PROCESS_FAILED")
    s.server.refuse("sendDocument", 413, "Request Entity Too Large")
    li = Requester(platform=Platform.TELEGRAM, user_id="222", language="zh")
    place = await to(s)
    receipt = await result(s, place, png(640, 480), notify=li, text="x" * 2000)
    message = seen(s, receipt.message_ids[0])
    assert message["caption"].endswith("…\n原图超出 Telegram 的大小限制，这是压缩后的版本。")
    assert units(message["caption"]) == 1024
    sent = calls(s, "sendPhoto")[-1].p["photo"]
    with Image.open(io.BytesIO(sent)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 480))


async def test_a_picture_refused_in_every_form_is_refused(s: Scene) -> None:
    """The caller learns that trying again is of no use."""
    s.server.refuse("sendPhoto", 400, "Bad Request: not enough rights to send photos", times=2)
    s.server.refuse("sendDocument", 400, "Bad Request: not enough rights to send documents")
    with pytest.raises(Rejected):
        await result(s, await to(s), png(64, 64))


async def test_a_deleted_request_or_topic_does_not_lose_the_result(s: Scene) -> None:
    """Without its target it is sent without a reply; without its topic, to the group."""
    place = await to(s)
    del s.chat.messages[int(place.message_id)]
    receipt = await result(s, place, png(8, 8))
    assert "reply_to_message" not in seen(s, receipt.message_ids[0])
    s.server.refuse("sendPhoto", 400, "Bad Request: message to be replied not found")
    await result(s, await to(s), png(8, 8))
    await result(s, await to(s, thread_id="999"), png(8, 8))
    assert "message_thread_id" not in calls(s, "sendPhoto")[-1].p


async def test_a_topic_gets_its_result(s: Scene) -> None:
    """Every send carries the topic."""
    topic = s.server.topic(s.chat, ANN)
    receipt = await result(s, await to(s, thread_id=str(topic)), png(8, 8), png(9, 9))
    assert {seen(s, i)["message_thread_id"] for i in receipt.message_ids} == {topic}


async def test_how_a_job_ended_without_pictures_is_said(s: Scene) -> None:
    """A text that rings; the status message goes."""
    place = await to(s)
    id_ = await status(s, place)
    receipt = await result(s, place, text="failed", remove=id_)
    assert seen(s, receipt.message_ids[0])["text"] == "failed"
    await gone(s, id_)


async def test_a_status_message_too_old_to_delete_is_reduced_to_a_line(s: Scene) -> None:
    """Telegram lets nobody delete after 48 hours."""
    place = await to(s)
    id_ = await status(s, place)
    seen(s, id_)["date"] = int(time.time()) - 49 * 3600
    await result(s, place, png(8, 8), remove=id_, remove_text="a fox")
    await s.server.next(lambda c: c.method == "editMessageText")
    assert seen(s, id_)["text"] == "a fox"
    assert "reply_markup" not in seen(s, id_)


async def test_the_status_goes_also_after_a_flood_limit(s: Scene) -> None:
    """The result does not wait for that, and is not repeated for it."""
    place = await to(s)
    id_ = await status(s, place)
    s.server.refuse("deleteMessage", 429, "Too Many Requests", retry_after=9)
    await result(s, place, png(8, 8), remove=id_)
    await gone(s, id_)


# When no answer comes ---------------------------------------------------------------------------


@pytest.mark.parametrize("hold", [False, True])
async def test_a_result_without_an_answer_is_settled_through_the_status(
    s: Scene, hold: bool
) -> None:
    """The status message becomes the picture, and nothing is sent a second time."""
    place = await to(s)
    id_ = await status(s, place)
    s.server.lose_answer("sendPhoto", hold=hold)
    receipt = await result(s, place, png(64, 64), remove=id_)
    assert receipt.message_ids == (id_,)
    for _ in range(3):  # time enough to delete it, if somebody wanted to
        await s.adapter.permissions(str(s.chat.id), str(ANN.id))
    assert (seen(s, id_)["caption"], len(seen(s, id_)["photo"])) == ("a fox", 2)
    assert "reply_markup" not in seen(s, id_)
    assert len(calls(s, "sendPhoto")) == 1


async def test_settling_goes_on_until_telegram_says_yes(s: Scene) -> None:
    """Lost answers, floods, a status message that is gone: still exactly one more picture."""
    place = await to(s)
    id_ = await status(s, place)
    del s.chat.messages[int(id_)]
    s.server.lose_answer("sendPhoto")
    s.server.refuse("editMessageMedia", 429, "Too Many Requests", retry_after=9)
    s.server.lose_answer("editMessageMedia")
    receipt = await result(s, place, png(64, 64), remove=id_)
    assert len(calls(s, "sendPhoto")) == 1
    assert "photo" in seen(s, receipt.message_ids[0])
    photos = [m for m in s.chat.messages.values() if "photo" in m]
    assert len(photos) == 2


async def test_an_album_without_an_answer_is_settled_picture_by_picture(s: Scene) -> None:
    """The status message becomes the first, placeholders become the others; so the buttons come in
    a line of their own."""
    place = await to(s)
    id_ = await status(s, place)
    s.server.lose_answer("sendMediaGroup")
    three = (png(32, 32), png(48, 48), png(64, 64))
    receipt = await result(s, place, *three, remove=id_, buttons=(CANCEL,))
    await s.server.next(_holds_buttons)
    assert receipt.message_ids[0] == id_
    widths = [seen(s, i)["photo"][-1]["width"] for i in receipt.message_ids]
    assert widths == [32, 48, 64]


async def test_a_send_in_doubt_is_remembered(s: Scene) -> None:
    """Where settling fails too, the next try settles again instead of sending again."""
    place = await to(s)
    id_ = await status(s, place)
    s.server.lose_answer("sendPhoto")
    s.server.cut("editMessageMedia", times=5)
    with pytest.raises(DoubtfulSend):
        await result(s, place, png(64, 64), remove=id_)
    assert (await result(s, place, png(64, 64), remove=id_)).message_ids == (id_,)
    assert len(calls(s, "sendPhoto")) == 1


async def test_a_lost_ending_is_written_into_the_status(s: Scene) -> None:
    """Words are settled as pictures are."""
    place = await to(s)
    id_ = await status(s, place)
    s.server.lose_answer("sendMessage")
    assert (await result(s, place, text="failed", remove=id_)).message_ids == (id_,)
    assert seen(s, id_)["text"] == "failed"


async def test_a_note_without_an_answer_is_in_doubt(s: Scene) -> None:
    """There is nothing to settle it with: the caller decides."""
    s.server.lose_answer("sendMessage")
    with pytest.raises(DoubtfulSend):
        await s.adapter.deliver(Outgoing(kind=Kind.NOTE, to=await to(s), text="hello"))


# Errors -----------------------------------------------------------------------------------------


async def test_a_flood_limit_names_the_seconds(s: Scene) -> None:
    """Telegram's number is passed on."""
    s.server.refuse("sendPhoto", 429, "Too Many Requests: retry after 37", retry_after=37)
    with pytest.raises(RetryLater) as told:
        await result(s, await to(s), png(8, 8))
    assert told.value.seconds == 37


@pytest.mark.parametrize("kind", ["supergroup", "private"])
async def test_a_chat_that_threw_us_out_is_gone(s: Scene, kind: str) -> None:
    """Kicked or blocked: trying again is of no use."""
    place = await to(s)
    s.chat.kind, s.chat.bot_inside = kind, False
    with pytest.raises(ChatGone):
        await result(s, place, png(8, 8))
    with pytest.raises(ChatGone):
        await result(s, await to(s, chat_id="-404"), png(8, 8))


async def test_what_never_left_is_sent_again(database: Database) -> None:
    """No connection, or one that is closed already: certainly nothing arrived."""
    async with TelegramServer() as server:
        adapter = adapter_for(server, Talk(), Inbox(database))
    place = ReplyTo(platform=Platform.TELEGRAM, chat_id="1", message_id="")
    note = Outgoing(kind=Kind.NOTE, to=place, text="hello")
    with pytest.raises(RetryLater):
        await adapter.deliver(note)
    await adapter._api.close_connections()
    with pytest.raises(RetryLater):
        await adapter.deliver(note)


async def test_a_group_that_migrated_gets_its_result(s: Scene) -> None:
    """The new chat is found, and the conversation is told."""
    place = await to(s)
    new = s.server.group(-100999, title="Big")
    s.chat.migrated_to = new.id
    receipt = await result(s, place, png(8, 8), remove="1")
    assert "photo" in new.messages[int(receipt.message_ids[0])]
    assert s.talk.moved == [(str(s.chat.id), "-100999")]


# Words ------------------------------------------------------------------------------------------


async def test_a_note_without_a_chat_goes_to_its_member(s: Scene) -> None:
    """With buttons that say what they do and to what."""
    private = s.server.private(LI)
    li = Requester(platform=Platform.TELEGRAM, user_id=str(LI.id))
    nowhere = ReplyTo(platform=Platform.TELEGRAM, chat_id="", message_id="")
    approve = Button(label="Yes", action="approve", argument="telegram:-1001234567890123")
    note = Outgoing(kind=Kind.NOTE, to=nowhere, text="hi", notify=li, buttons=(approve,))
    receipt = await s.adapter.deliver(note)
    message = private.messages[int(receipt.message_ids[0])]
    button = message["reply_markup"]["inline_keyboard"][0][0]
    assert button["callback_data"] == "approve:telegram:-1001234567890123"
    with pytest.raises(Rejected):
        await s.adapter.deliver(replace(note, notify=None))


async def test_leaving_a_chat_twice_is_no_error(s: Scene) -> None:
    """Being out is what was wanted."""
    leave = Outgoing(kind=Kind.LEAVE, to=await to(s))
    await s.adapter.deliver(leave)
    assert not s.chat.bot_inside
    await s.adapter.deliver(leave)


async def test_long_words_are_shortened_as_telegram_counts(s: Scene) -> None:
    """Texts to 4096 and captions to 1024 UTF-16 units, with no pair cut in two."""
    place = await to(s)
    note = Outgoing(kind=Kind.NOTE, to=place, text="🦊" * 4000)
    text = seen(s, (await s.adapter.deliver(note)).message_ids[0])["text"]
    assert (units(text), text[-2:]) == (4095, "🦊…")
    receipt = await result(s, place, png(8, 8), text="🦊" * 4000)
    assert units(seen(s, receipt.message_ids[0])["caption"]) == 1023


async def test_a_prompt_mentions_nobody_and_is_no_markup(s: Scene) -> None:
    """What members write is shown as it is, and rings no phone."""
    note = Outgoing(kind=Kind.NOTE, to=await to(s), text="<b>@durov</b> *x* _y_")
    await s.adapter.deliver(note)
    call = calls(s, "sendMessage")[0]
    assert call.p["text"] == "<b>@\u2060durov</b> *x* _y_"
    assert "parse_mode" not in call.p
    assert call.p["link_preview_options"] == {"is_disabled": True}
