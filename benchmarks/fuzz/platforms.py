"""Damaged updates and gateway events, to whole adapters over sockets.

After each load of them comes a sound request, which must be heard as it is.
"""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.fuzz.damage import damaged_json
from bot.database import Database
from tests.standins.discord import DiscordServer
from tests.standins.discord_bench import bench
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN, LI, png, scene
from tests.standins.telegram_world import Json

_LOAD = 50
_EVENTS = ("INTERACTION_CREATE", "INTERACTION_CREATE", "MESSAGE_CREATE", "GUILD_CREATE",
           "CHANNEL_UPDATE", "GUILD_DELETE", "GUILD_ROLE_UPDATE")  # fmt: skip


class _Catcher(TelegramServer):
    """Keeps updates for itself."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: list[Json] = []

    async def _push(self, update: Json) -> int:
        self.caught.append(update)
        return 0


async def telegram_updates() -> list[Json]:
    """One of each kind that the bot asks for, as the Bot API describes them."""
    server = _Catcher()
    group, private = server.group(), server.private(ANN)
    first = await server.say(group, ANN, "/draw a red fox --steps 20")
    await server.say(group, LI, "/help", reply_to=first)
    await server.say(private, ANN, "a green apple")
    await server.photo(private, ANN, png(8, 8), "/draw a fox")
    await server.document(group, LI, png(8, 8), "/info")
    forum = server.group(-1005, forum=True)
    await server.say(forum, ANN, "/queue", topic=server.topic(forum, ANN))
    buttons = {"inline_keyboard": [[{"text": "U1", "callback_data": "again:job000000001:0"}]]}
    shown = private.add(server.bot, {"text": "a picture", "reply_markup": buttons})
    await server.press(private, ANN, shown["message_id"])
    await server.bot_status(group, ANN, "left", "member")
    await server.migrate(group, -1006)
    return server.caught


async def telegram(cycles: int, rng: random.Random) -> None:
    """Updates of all kinds.

    Raises:
        RuntimeError: a sound one after them was not heard as it is.
    """
    sound = await telegram_updates()
    with tempfile.TemporaryDirectory() as folder:
        async with Database(Path(folder) / "d") as database, scene(database) as s:
            for done in range(0, cycles, _LOAD):
                count = min(_LOAD, cycles - done)
                for _ in range(count):
                    update = rng.choice(sound)
                    kind = next(key for key in update if key != "update_id")
                    await s.server.broken_update(kind, damaged_json(update[kind], rng))
                words = f"a sound request after {done}"
                await s.server.say(s.chat, ANN, f"/draw {words}")
                await s.inbox.until_done(done + count + done // _LOAD + 1)
                if words not in (heard.text for heard in s.talk.heard):
                    raise RuntimeError(f"not heard: {words}")
            s.server.problems.clear()  # answers to what nobody can answer


async def discord(cycles: int, rng: random.Random) -> None:
    """Interactions and other events.

    Raises:
        AssertionError: a sound one after them was not heard as it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with (
            DiscordServer() as server,
            Database(Path(folder) / "d") as database,
            bench(server, database) as ready,
        ):
            user = server.user("ann")
            guild = server.guild("Painters", user)
            channel = server.channel(guild, "art")
            sound = _interactions(server, user, channel)
            for done in range(0, cycles, _LOAD):
                for _ in range(min(_LOAD, cycles - done)):
                    event = rng.choice(_EVENTS)
                    raw = damaged_json(rng.choice(sound), rng)
                    await server.gateway.emit(event, raw)
                words = f"a sound request after {done}"
                await server.slash(user, channel, "draw", {"prompt": words})
                await server.until(
                    lambda words=words: any(i.text == words for i in ready.conversation.handled), 30
                )
            if ready.task.done():
                raise RuntimeError("the adapter has ended")
            await asyncio.sleep(0)


def _interactions(server: DiscordServer, user: Any, channel: Any) -> list[dict[str, Any]]:
    option = {"name": "prompt", "type": 3, "value": "a red fox --steps 20"}
    kinds = [
        (2, {"id": "1", "name": "draw", "type": 1, "options": [option]}),
        (2, {"id": "1", "name": "help", "type": 1, "options": []}),
        (2, {"id": "1", "name": "Vary this image", "type": 3, "target_id": "5", "resolved": {}}),
        (3, {"custom_id": "again:job000000001:0", "component_type": 2}),
        (4, {"id": "1", "name": "draw", "type": 1, "options": [option | {"focused": True}]}),
        (5, {"custom_id": "v:1", "components": [{"type": 1, "components": [option]}]}),
    ]
    return [server.issue(user, channel, kind, data).raw for kind, data in kinds]
