"""The gallery over real sockets: what the page is told, and the small copies of pictures."""

import io
from pathlib import Path

from PIL import Image

from bot.adapters.studio.thumbnails import SIDE, Thumbnails
from bot.database import Database
from bot.domain import Kind, Outgoing
from bot.replies.buttons import result_buttons
from tests import samples
from tests.hung import hang
from tests.studio_scene import drawn_picture, place, png, studio

CHINESE = {"Accept-Language": "zh-CN"}


async def test_the_page_is_told_page_by_page(database: Database, tmp_path: Path) -> None:
    """Sixty pictures at a time, how many there are in the reader's words, and where to go on."""
    async with studio(database, tmp_path) as scene:
        await hang(database, scene.store, [f"p{n}" for n in range(61)], model="pastel")
        address = f"{scene.address}/api/gallery"
        first = await (await scene.http.get(address, headers=CHINESE)).json()
        query = {"behind": first["behind"]}
        second = await (await scene.http.get(address, params=query)).json()
        found = await (await scene.http.get(address, params={"words": "p7"})).json()
    assert (len(first["pictures"]), first["count"]) == (60, "61 张图片")
    assert [item["prompt"] for item in second["pictures"]] == ["p0"]
    assert (second["behind"], second.get("count")) == (None, None)
    assert found["count"] == "1 picture found"
    (item,) = found["pictures"]
    assert (item["model"], item["picture"]["seed"]) == ("pastel", "1")
    assert item["picture"]["id"] == "801"
    actions = [button["action"] for button in item["buttons"]]
    assert actions == ["upscale", "vary", "again", "edit", "file", "info", "delete"]


async def test_pictures_have_small_copies(database: Database, tmp_path: Path) -> None:
    """They keep their shape, and go with the picture that they are of."""
    out = io.BytesIO()
    Image.new("RGB", (1600, 800), "red").save(out, "PNG")
    async with studio(database, tmp_path) as scene:
        file = await scene.store.put(out.getvalue())
        await hang(database, scene.store, ["one"], file=file)
        address = f"{scene.address}/api/thumbnails/job1/0.webp"
        answer = await scene.http.get(address)
        small = await answer.read()
        assert answer.content_type == "image/webp"
        assert "immutable" in answer.headers["Cache-Control"]
        assert Image.open(io.BytesIO(small)).size == (SIDE, SIDE // 2)
        async with database.transaction() as t:
            await t.run("UPDATE pictures SET fate = 'deleted'")
        gone = Outgoing(kind=Kind.REMOVE, to=place(""), remove="101")
        await scene.adapter.deliver(gone)
        assert (await scene.http.get(address)).status == 404


async def test_small_copies_make_room() -> None:
    """Those not asked for longest go first; nothing is made twice while it is kept."""
    made = []

    async def picture(job_id: str, index: int) -> bytes:
        made.append(job_id)
        return png()

    one = await Thumbnails(picture).get("size", 0)
    assert one is not None
    thumbnails = Thumbnails(picture, kept_bytes=2 * len(one))
    for job_id in ("a", "b", "a", "c", "a", "b"):
        assert await thumbnails.get(job_id, 0) == one
    assert made[1:] == ["a", "b", "c", "b"]


async def test_an_old_picture_is_answered_with_itself_shown(
    database: Database, tmp_path: Path
) -> None:
    """One that the chat shows no more, but the gallery does, stands above the answer."""
    async with studio(database, tmp_path) as scene, scene.events() as events:
        await hang(database, scene.store, ["one"], seeds=(1, 2))
        await scene.send("+ snow", reply_to="102")
        assert (await events.message())["quoted"] == "/api/pictures/job1/1.png"
        await scene.send("+ snow", reply_to="999")
        assert (await events.message())["quoted"] == ""


async def test_nobody_complains_to_themselves(database: Database, tmp_path: Path) -> None:
    """Whoever sees the page is the admin whom reports go to, so there is no button for it."""
    buttons = result_buttons(samples.job(), [drawn_picture(0)], "en", report=True)
    assert buttons[-1].action == "report"
    result = Outgoing(
        kind=Kind.RESULT,
        to=place("1"),
        job_id="job",
        pictures=(drawn_picture(0),),
        buttons=buttons,
    )
    async with studio(database, tmp_path) as scene, scene.events() as events:
        await scene.adapter.deliver(result)
        shown = [button["action"] for button in (await events.message())["buttons"]]
    assert shown == [button.action for button in buttons[:-1]]
