"""Buttons under results on Telegram: real sockets, the real library, a bot that is restarted."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.quick_painter import colour
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_bot import (
    PATIENCE_S,
    bot,
    drawn,
    files,
    hasten,
    known,
    labels,
    look,
    more,
    push,
    said,
)
from tests.standins.telegram_scene import ANN, LI

pytestmark = pytest.mark.timeout(120)
LONG = "an apple on a wooden table beside a window, in the light of an early morning in May"


async def test_what_draws_nothing_works_after_a_restart_too(tmp_path: Path) -> None:
    """Files, parameters, the form and its answer, and the end of it."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            words = f"/draw {LONG} -n 2 --seed 5 --size 64x64 --no leaves"
            await server.say(group, ANN, words)
            grid = await more(server, group, 1)
        async with bot(server, tmp_path) as app:
            await push(server, group, LI, grid, "📄")
            await server.when(lambda: len(files(group)) == 2, PATIENCE_S)
            originals = files(group)
            assert await push(server, group, LI, grid, "ℹ️") == ""
            told = await said(server, group, "这些图的种子：5–6")
            await push(server, group, ANN, grid, "✏️")
            form = await said(server, group, "answer this message")
            await known(app, group, form)
            await server.say(group, ANN, "a green pear", reply_to=form["message_id"])
            pear = await more(server, group, 2)
            await push(server, group, ANN, grid, "🗑")
            await server.when(lambda: grid["message_id"] not in group.messages, PATIENCE_S)
            await server.when(lambda: not files(group), PATIENCE_S)
    for number, message in enumerate(originals):
        data = server.files.data[message["document"]["file_id"]]
        with Image.open(io.BytesIO(data)) as image:
            assert f"Seed: {5 + number}" in image.info["parameters"]
    assert told["text"].startswith(f"{LONG}\nNegative prompt: leaves\nSteps: ")
    (asking,) = [c for c in server.heard if "force_reply" in c.p.get("reply_markup", {})]
    assert asking.p["reply_markup"]["selective"]
    assert asking.p["entities"][0]["user"]["id"] == ANN.id
    assert form["text"].startswith("Ann, answer this message")
    assert form["text"].endswith(f"\n{LONG}\nNegative prompt: leaves\n--seed 5")
    assert pear["caption"].startswith("a green pear\n")
    assert pear["reply_to_message"]["text"] == "a green pear"


async def test_a_stranger_cannot_delete(tmp_path: Path) -> None:
    """They read why; an admin of the group may, and a message of last month is covered."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            await server.say(group, ANN, "/draw an apple --size 64x64")
            first = await more(server, group, 1)
            assert "只有请求这张图的人" in await push(server, group, LI, first, "🗑")
            assert first["message_id"] in group.messages
            group.messages[first["message_id"]]["date"] -= 31 * 86400
            group.statuses[LI.id] = "administrator"
            await push(server, group, LI, first, "🗑")
            await server.when(
                lambda: group.messages[first["message_id"]].get("caption") == "已删除。", PATIENCE_S
            )
        left = group.messages[first["message_id"]]
    assert labels(left) == []
    assert look(server, left) == ((64, 64), (127, 127, 127))


async def test_a_month_later_it_is_drawn_from_the_record(tmp_path: Path) -> None:
    """The files are gone: it is drawn once more, the same, and that is said."""
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path):
            await server.say(group, ANN, "/draw an apple -n 2 --seed 5 --size 64x64")
            grid = await more(server, group, 1)
        for file in (tmp_path / "data" / "pictures").rglob("*.png"):
            file.unlink()
        async with bot(server, tmp_path):
            await push(server, group, ANN, grid, "U2")
            redrawn = await more(server, group, 2)
            assert look(server, redrawn) == ((64, 64), colour(6))
            assert "cleared away" in redrawn["caption"]
            await push(server, group, ANN, redrawn, "U")
            larger = await more(server, group, 3)
    assert look(server, larger)[0] == (128, 128)


async def test_more_than_four_are_an_album_with_buttons_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An album has no keyboard; the status message becomes theirs, and stands for the first of them
    where it is answered."""
    hasten(monkeypatch, window_s=2)
    async with TelegramServer() as server:
        group = server.group()
        async with bot(server, tmp_path, limits={"max_count": 6}) as app:
            await server.say(group, ANN, "/draw an apple -n 6 --seed 5 --size 64x64 --steps 3")
            await server.when(
                lambda: any("U6" in labels(m) for m in group.messages.values()), PATIENCE_S
            )
            (below,) = [m for m in group.messages.values() if "U6" in labels(m)]
            assert below["text"] == "Buttons for these 6 pictures"
            album = [m for m in group.messages.values() if "media_group_id" in m]
            await push(server, group, ANN, below, "U6")
            larger = await more(server, group, 2)
            await known(app, group, below)
            changed = await drawn(
                server, group, ANN, "a pear --seed 8 -n 1", reply_to=below["message_id"]
            )
            await push(server, group, ANN, below, "🗑")
            gone = {below["message_id"], *(m["message_id"] for m in album)}
            await server.when(lambda: not gone & set(group.messages), PATIENCE_S)
    assert [look(server, m) for m in album] == [((64, 64), colour(5 + n)) for n in range(6)]
    assert look(server, larger) == ((128, 128), colour(10))
    assert look(server, changed) == ((64, 64), colour(8))
