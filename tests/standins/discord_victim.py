"""A process of its own that receives from the stand-in and appends what it handled to a file.

    python -m tests.standins.discord_victim ADDRESS DATABASE HANDLED

It is made to be killed at any moment.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import cast

from bot.adapters.discord import DiscordAdapter
from bot.config import DiscordConfig
from bot.conversation import Conversation
from bot.database import Database
from bot.domain import Answer, Incoming
from bot.inbox import Inbox
from tests.standins.discord import TOKEN
from tests.standins.discord_bench import ScriptedConversation


class Talk(ScriptedConversation):
    """Writes down what it is asked before it answers."""

    def __init__(self, handled: Path) -> None:
        super().__init__()
        self._handled = handled

    async def handle(self, incoming: Incoming) -> Answer:
        with self._handled.open("a", encoding="utf-8") as file:
            file.write(f"{incoming.text}\n")
            file.flush()
            os.fsync(file.fileno())
        return Answer(text=f"answer {incoming.text}", private=False)


async def main(base: str, database: Path, handled: Path) -> None:
    async with Database(database) as opened:
        adapter = DiscordAdapter(
            config=DiscordConfig(api_base=base),
            token=TOKEN,
            conversation=cast(Conversation, Talk(handled)),
            inbox=Inbox(opened),
        )
        await adapter.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
