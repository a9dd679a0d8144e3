"""A process of its own that receives from the stand-in and appends what it handled to a file.

    python -m tests.standins.telegram_victim ADDRESS DATABASE HANDLED

It is made to be killed at any moment.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import cast

from bot.adapters.telegram import TelegramAdapter
from bot.config import TelegramConfig
from bot.conversation import Conversation
from bot.database import Database
from bot.domain import Answer, Incoming
from bot.inbox import Inbox
from tests.standins.telegram import TOKEN
from tests.standins.telegram_scene import QUICK, Talk


async def main(base: str, database: Path, handled: Path) -> None:
    with handled.open("a", encoding="utf-8") as file:

        async def note(incoming: Incoming) -> Answer:
            file.write(f"{incoming.text}\n")
            file.flush()
            os.fsync(file.fileno())
            return Answer(text=f"answer {incoming.text}")

        async with Database(database) as opened:
            adapter = TelegramAdapter(
                config=TelegramConfig(api_base=base),
                token=TOKEN,
                conversation=cast(Conversation, Talk(note)),
                inbox=Inbox(opened),
                timing=QUICK,
            )
            await adapter.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
