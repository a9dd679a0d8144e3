"""Pause, resume, drain: whether new requests are taken.

A pause of the whole bot takes nothing new and begins nothing that waits; what is being drawn is
finished. Draining takes nothing new and draws what waits. A pause of one chat takes nothing new
from it and draws what waits there. All of them survive a restart.
"""

from collections.abc import Awaitable, Callable

from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.phrase import Phrase, phrase
from bot.preferences import Owner, Pause, PreferenceStore

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class PauseActs:
    """Carries them out. `resumed` is called after the whole bot was resumed."""

    def __init__(self, store: PreferenceStore, resumed: Callable[[], None]) -> None:
        self._store = store
        self._resumed = resumed
        self.acts: dict[str, Act] = {
            "pause": self._pause,
            "resume": self._resume,
            "drain": self._drain,
        }

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup: its settings and its pause follow."""
        await self._store.chat_moved(old, new)

    async def _pause(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        return (await self._set(caller.scope(asked), Pause(reason=asked.reason), caller),)

    async def _drain(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        changed = await self._set(None, Pause(draining=True, reason=asked.reason), caller)
        self._resumed()  # what waited behind a pause is drawn now
        return (changed,)

    async def _resume(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.scope(asked)
        changed = await self._set(chat, None, caller)
        if chat is None:
            self._resumed()
        elif (whole := await self._store.pause()) is not None:
            return (changed, phrase("admin-still-paused", state=state(whole, None)))
        return (changed,)

    async def _set(self, chat: str | None, pause: Pause | None, caller: Caller) -> Phrase:
        stored = None if pause is None else pause.stored
        scope: Owner = "bot" if chat is None else "chat"
        before = await self._store.set(scope, chat or "", "pause", stored, by=caller.account)
        return phrase(
            "admin-pause-changed",
            where=caller.where(chat),
            before=state(None if before is None else Pause.read(before), chat),
            after=state(pause, chat),
        )


def state(pause: Pause | None, chat: str | None) -> Phrase:
    """What is taken and drawn, in words. `chat`: the one that it is about; None: the whole bot."""
    if pause is None:
        return phrase("admin-open")
    mode = "drain" if pause.draining or chat is not None else "pause"
    if not pause.reason:
        return phrase("admin-paused", mode=mode)
    return phrase("admin-paused-why", mode=mode, reason=pause.reason)
