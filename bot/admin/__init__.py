"""What operators do by command, in a chat or on the command line: one implementation."""

import re
from dataclasses import dataclass

from bot.domain import Platform
from bot.errors import BadCommand
from bot.phrase import Phrase, phrase
from bot.settings import Settings

_CHAT_ID = re.compile(r"(?:(?P<platform>telegram|discord):)?(?P<id>-?\d{1,24})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAct:
    """`chat allow ID` or `chat deny ID`, understood."""

    platform: Platform
    chat_id: str
    allow: bool


class Admin:
    """Acts of an operator; each is written to the audit log with what was before and after."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def run(
        self, words: list[str], *, account: str, here: tuple[Platform, str] | None
    ) -> list[Phrase]:
        """Do what `words` say (`chat allow -100123`). `here`: the chat in which it was said.

        Raises:
            BadCommand: not understood.
        """
        match [w.lower() for w in words]:
            case ["chat", "list"] | ["chats"]:
                return await self._list()
            case ["chat", "allow" | "deny" as verb, *rest] if len(rest) <= 1:
                return [await self._allow(_chat(rest, here, verb == "allow"), account)]
            case _:
                raise BadCommand(phrase("admin-usage"))

    async def allow_chat(self, platform: Platform, chat_id: str, account: str) -> Phrase:
        """Approve a chat (the button under the operator's notice)."""
        return await self._allow(ChatAct(platform=platform, chat_id=chat_id, allow=True), account)

    async def _allow(self, act: ChatAct, account: str) -> Phrase:
        before = await self._settings.approve(act.platform, act.chat_id, act.allow, account)
        name = f"{act.platform}:{act.chat_id}"
        if before is act.allow:
            return phrase("admin-chat-already", chat=name, state=_state(before))
        return phrase(
            "admin-chat-changed", chat=name, before=_state(before), after=_state(act.allow)
        )

    async def _list(self) -> list[Phrase]:
        chats = await self._settings.chats()
        if not chats:
            return [phrase("admin-no-chats")]
        return [
            phrase(
                "admin-chat-line",
                chat=f"{c.platform}:{c.chat_id}",
                title=c.title or "–",
                state=_state(c.approved),
            )
            for c in chats
        ]


def _state(approved: bool | None) -> str:
    return "unknown" if approved is None else "allowed" if approved else "denied"


def _chat(rest: list[str], here: tuple[Platform, str] | None, allow: bool) -> ChatAct:
    if not rest:
        if here is None:
            raise BadCommand(phrase("admin-usage"))
        return ChatAct(platform=here[0], chat_id=here[1], allow=allow)
    match = _CHAT_ID.match(rest[0])
    platform = match["platform"] if match else None
    if match is None or (platform is None and here is None):
        raise BadCommand(phrase("admin-bad-chat", chat=rest[0]))
    chosen = Platform(platform) if platform else here[0] if here else Platform.TELEGRAM
    return ChatAct(platform=chosen, chat_id=match["id"], allow=allow)
