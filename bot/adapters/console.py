"""The adapter behind `chatelier draw`: one request from the command line, no chat."""

import asyncio
from collections.abc import Callable

from bot.domain import Kind, Outgoing, Permissions, Platform, Receipt


class ConsoleAdapter:
    """Shows progress through `progress` (0 to 1) and keeps the result in `result`."""

    platform = Platform.CONSOLE

    def __init__(self, progress: Callable[[float], None]) -> None:
        self._progress = progress
        self.result: asyncio.Future[Outgoing] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """There is nothing to listen to."""
        await asyncio.get_running_loop().create_future()

    async def deliver(self, message: Outgoing) -> Receipt:
        """Status becomes progress; the result ends the command."""
        if message.kind is Kind.RESULT:
            self.result.set_result(message)
        elif message.progress is not None:
            self._progress(message.progress)
        return Receipt(message_ids=("console",))

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """Whoever has the shell may do everything."""
        return Permissions(is_admin=True)
