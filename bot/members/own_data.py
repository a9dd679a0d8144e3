"""`/privacy` and `/forget`: what members may know, and have deleted, of themselves."""

from collections.abc import Awaitable, Callable

from bot.config import StorageConfig
from bot.domain import Incoming
from bot.members.forget import Forgetting
from bot.members.kept import privacy
from bot.phrase import Phrase, phrase

YES = frozenset({"yes", "confirm", "是", "是的", "确认", "确定", "对"})


class OwnData:
    """Answers members. `accounts_of` gives all accounts of the person behind one."""

    def __init__(
        self,
        *,
        config: StorageConfig,
        forgetting: Forgetting,
        accounts_of: Callable[[str], Awaitable[tuple[str, ...]]],
    ) -> None:
        self._config = config
        self._forgetting = forgetting
        self.accounts_of = accounts_of

    async def answer(self, command: str, incoming: Incoming) -> tuple[Phrase, ...]:
        """The lines that answer `/privacy` or `/forget`."""
        if command == "privacy":
            return privacy(keep_days=self._config.keep_days, keep_gb=self._config.keep_gb)
        accounts = frozenset(await self.accounts_of(incoming.requester.account))
        if incoming.text.strip().lower().rstrip(".!。！") not in YES:
            return (phrase("forget-confirm"), *_linked(accounts))
        return await self._forget(accounts)

    async def _forget(self, accounts: frozenset[str]) -> tuple[Phrase, ...]:
        done = await self._forgetting.forget(accounts)
        if done.nothing:
            return (phrase("forget-nothing"),)
        lines = []
        if done.requests:
            lines.append(phrase("forget-done", requests=done.requests, pictures=done.pictures))
        if done.cancelled:
            lines.append(phrase("forget-cancelled", count=done.cancelled))
        # What was cancelled has to be said before it is forgotten, and is one of these.
        if done.later > done.cancelled:
            lines.append(phrase("forget-later", count=done.later - done.cancelled))
        return (*lines, phrase("forget-stays"))


def _linked(accounts: frozenset[str]) -> tuple[Phrase, ...]:
    if len(accounts) == 1:
        return ()
    return (phrase("forget-linked", accounts=", ".join(sorted(accounts))),)
