"""Which chats may be drawn in: allow, deny, list."""

from collections.abc import Awaitable, Callable

from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.domain import Platform
from bot.phrase import Phrase, phrase
from bot.settings import Settings

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class ChatActs:
    """Carries out an operator's word about chats."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.acts: dict[str, Act] = {
            "chat-allow": self._allow,
            "chat-deny": self._deny,
            "chats": self._list,
        }

    async def approve(self, chat: str, approved: bool, by: str) -> Phrase:
        """Let the bot draw in `chat` (`telegram:-100123`), or not any more."""
        platform, _, chat_id = chat.partition(":")
        before = await self._settings.approve(Platform(platform), chat_id, approved, by)
        if before is approved:
            return phrase("admin-chat-already", chat=chat, state=_state(before))
        return phrase(
            "admin-chat-changed", chat=chat, before=_state(before), after=_state(approved)
        )

    async def _allow(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        return (await self.approve(caller.chat(asked), True, caller.account),)

    async def _deny(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        return (await self.approve(caller.chat(asked), False, caller.account),)

    async def _list(self, _: Asked, __: Caller) -> tuple[Phrase, ...]:
        chats = await self._settings.chats()
        if not chats:
            return (phrase("admin-no-chats"),)
        return tuple(
            phrase(
                "admin-chat-line",
                chat=f"{c.platform}:{c.chat_id}",
                title=phrase("admin-chat-title", title=c.title) if c.title else "",
                state=_state(c.approved),
            )
            for c in chats
        )


def _state(approved: bool | None) -> str:
    return "unknown" if approved is None else "allowed" if approved else "denied"
