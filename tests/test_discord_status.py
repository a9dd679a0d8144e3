"""The one status message of a request on Discord: real sockets, the real library, a whole bot."""

from pathlib import Path

import pytest

from tests import patient_painter
from tests.standins.discord import DiscordServer
from tests.standins.discord_rest import Call
from tests.standins.discord_world import Channel
from tests.test_discord_buttons import answers, bot, more, status
from tests.test_discord_journeys import ours, town

pytestmark = pytest.mark.timeout(120)
DRAW = "an apple --size 64x64 --steps 20"


@pytest.mark.parametrize("how", ["command", "mention"])
async def test_one_status_message_and_one_result_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It is edited while the job waits and is drawn, with a preview; the picture is a new message;
    then what acknowledged the command is one line, and what acknowledged a message is gone."""
    monkeypatch.setattr("bot.app._edit_pause", lambda _: 0.02)
    async with DiscordServer() as server:
        ann, li, art = await town(server)
        painter = patient_painter.command(0.04)
        async with bot(server, tmp_path, painter, render={"jobs_at_once": 1}):
            private = server.private(li)
            await server.say(li, private, "a pear --size 64x64 --steps 10")
            await status(server, private)
            if how == "command":
                await server.slash(ann, art, "draw", {"prompt": DRAW})
            else:
                await server.say(ann, art, f"@bot {DRAW}")
            waiting = await status(server, art)
            result = await more(server, art, 1)
            last = "PATCH" if how == "command" else "DELETE"
            await server.until(lambda: spoken(server, art)[-1].method == last)
    calls = spoken(server, art)
    sent = [c for c in calls if c.method == "POST"]
    edits = [c for c in calls[: calls.index(sent[-1])] if c.method == "PATCH"]
    assert [c.method for c in calls] == [
        *("POST" for _ in sent[:-1]),
        *("PATCH" for _ in edits),
        *("POST", last),
    ]
    assert len(sent) == (1 if how == "command" else 2)  # the response to a command is edited too
    assert len(edits) > 2
    texts = [(c.json or {}).get("content", "") for c in (*sent[:-1], *edits)]
    assert "You are next" in texts[0]
    assert any("▰" in text for text in texts)
    assert any("preview.jpg" in c.files for c in edits)
    assert ours(server, art) == [*([waiting.id] if how == "command" else []), result.id]
    assert result.files
    assert how != "command" or (waiting.content, waiting.buttons) == ("an apple", [])
    assert how != "command" or answers(result) == waiting.id


def spoken(server: DiscordServer, channel: Channel) -> list[Call]:
    """What was said in a channel, and in answer to the one command there."""
    heard = (c for c in server.calls if c.method in ("POST", "PATCH", "DELETE"))
    return [c for c in heard if f"/{channel.id}/messages" in c.path or "@original" in c.path]
