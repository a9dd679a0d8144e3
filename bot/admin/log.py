"""`/admin log`: the last acts, in words."""

from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.admin.wording import stamp
from bot.audit import Act, Audit
from bot.phrase import Phrase, phrase
from bot.preferences import Pause

USUAL = 10


class Log:
    """Tells what was done: in one chat to its admins, everywhere to an operator."""

    def __init__(self, audit: Audit, timezone: str) -> None:
        self._audit = audit
        self._timezone = timezone

    async def tell(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        """The newest first."""
        chat = caller.scope(asked)
        found = await self._audit.last(asked.count or USUAL, chat=chat)
        if not found:
            return (phrase("log-empty", where=caller.where(chat)),)
        title = phrase("log-title", where=caller.where(chat))
        return (title, *(self._line(act, chat) for act in found))

    def _line(self, act: Act, chat: str | None) -> Phrase:
        about = act.chat if act.chat and act.chat != act.target and chat is None else ""
        return phrase(
            "log-line",
            at=stamp(act.at, self._timezone),
            who=_who(act.account),
            act=_act(act.act),
            target=act.target or phrase("admin-everywhere"),
            before=self._state(act, act.before),
            after=self._state(act, act.after),
            chat=phrase("log-in-chat", chat=about) if about else "",
        )

    def _state(self, act: Act, written: str) -> str | Phrase:
        """One of the short words that the log keeps, for people."""
        if act.act == "pause" and written != "default":
            pause = Pause.read(written)
            mode = "drain" if pause.draining or act.chat else "pause"
            if not pause.reason:
                return phrase("admin-paused", mode=mode)
            return phrase("admin-paused-why", mode=mode, reason=pause.reason)
        if act.act == "pause":
            return phrase("admin-open")
        amount, _, ends = written.partition(" ")
        if amount == "until" or ends.startswith("until "):
            moment = stamp(float(ends.removeprefix("until ")), self._timezone)
            before = "" if amount == "until" else f"{amount}, "
            return phrase("log-until", amount=before, moment=moment)
        if ends == "forever":
            return phrase("log-forever", amount=f"{amount}, ")
        known = written.replace(" ", "-")
        return phrase(f"log-state-{known}") if known in _STATES else written or "–"


_STATES = ("default", "none", "forever", "allowed", "not-allowed", "unknown", "operator")
_ACTS = (
    "quota",
    "grant",
    "ban",
    "unban",
    "tier",
    "link",
    "unlink",
    "chat",
    "claim",
    "pause",
    "forget",
)


def _act(name: str) -> str | Phrase:
    if name.startswith("settings-"):
        setting = phrase(f"settings-name-{name.removeprefix('settings-')}")
        return phrase("log-act-settings", name=setting)
    return phrase(f"log-act-{name}") if name in _ACTS else name


def _who(account: str) -> str | Phrase:
    """An anonymous admin acts as the chat itself."""
    platform, _, name = account.partition(":")
    if platform == "console":
        return phrase("log-console", name=name)
    return phrase("log-anonymous", chat=account) if name.startswith("-") else account
