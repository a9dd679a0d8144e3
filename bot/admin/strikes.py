"""`/admin strikes`: who was refused what, for the admins alone."""

from collections.abc import Awaitable, Callable

from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.admin.wording import stamp
from bot.phrase import Phrase, phrase
from bot.quota.strikes import Strike, Strikes

USUAL = 10
WORDS_SHOWN = 200
"""Characters of what was asked for."""

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class StrikeActs:
    """Tells of strikes."""

    def __init__(self, strikes: Strikes, timezone: str) -> None:
        self._strikes = strikes
        self._timezone = timezone
        self.acts: dict[str, Act] = {"strikes": self._tell}

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup: its strikes follow."""
        await self._strikes.chat_moved(old, new)

    async def _tell(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        """The newest first: in one chat to its admins, everywhere to an operator."""
        chat = caller.scope(asked)
        found = await self._strikes.last(asked.count or USUAL, chat=chat)
        if not found:
            return (phrase("strikes-none", where=caller.where(chat)),)
        title = phrase("strikes-title", where=caller.where(chat))
        return (title, *(self._line(strike, chat) for strike in found))

    def _line(self, strike: Strike, chat: str | None) -> Phrase:
        words = " ".join(strike.prompt.split())
        shown = words if len(words) <= WORDS_SHOWN else words[: WORDS_SHOWN - 1] + "…"
        return phrase(
            "strikes-line",
            at=stamp(strike.at, self._timezone),
            who=strike.account,
            category=phrase(f"category-{strike.category}"),
            chat=phrase("log-in-chat", chat=strike.chat) if chat is None else "",
            words=phrase("strikes-words", words=shown) if shown else "",
        )
