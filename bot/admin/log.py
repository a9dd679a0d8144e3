"""`/admin log`: the last acts, in words."""

import re

from bot.admin.caller import Caller
from bot.admin.choices import worded
from bot.admin.grammar import Asked
from bot.admin.pauses import state
from bot.admin.wording import stamp
from bot.audit import Act, Audit
from bot.phrase import Phrase, phrase
from bot.preferences import Pause
from bot.quota.limits import MODERATION, reason_words

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
        about = act.chat if chat is None and act.chat not in ("", act.target) else ""
        return phrase(
            "log-line",
            at=stamp(act.at, self._timezone),
            who=_who(act.account),
            act=_act(act.act),
            target=_target(act, chat),
            before=self._state(act, act.before),
            after=self._state(act, act.after),
            chat=phrase("log-in-chat", chat=about) if about else "",
        )

    def _state(self, act: Act, written: str) -> str | Phrase:
        """One of the short words that the log keeps, for people."""
        if act.act == "strike" and written != "none":
            return phrase(f"category-{written}")
        if act.act == "pause":
            return state(None if written == "default" else Pause.read(written), act.chat or None)
        if act.act.startswith("settings-"):
            return worded(act.act.removeprefix("settings-"), _none_if(written, "default"))
        if timed := _TIMED.fullmatch(written):
            return self._timed(timed)
        known = written.replace(" ", "-")
        if not written:
            return phrase("log-state-none")
        return phrase(f"log-state-{known}") if known in _STATES else written

    def _timed(self, found: re.Match[str]) -> Phrase:
        """`20 until 1780000000 for the poster`, `forever spam`."""
        ends = phrase("log-forever")
        if found["until"]:
            moment = stamp(float(found["until"]), self._timezone)
            ends = phrase("log-until", moment=moment)
        if found["amount"]:
            ends = phrase("log-amount-ends", amount=found["amount"], ends=ends)
        if not found["reason"]:
            return ends
        return phrase("log-why", ends=ends, reason=reason_words(found["reason"]))


_TIMED = re.compile(
    r"(?:(?P<amount>[\d.]+) )?(?:forever|until (?P<until>\d+))(?: (?P<reason>.*))?", re.DOTALL
)
_STATES = (
    "default",
    "none",
    "allowed",
    "not-allowed",
    "unknown",
    "operator",
    "held",
    "released",
    "refused",
    "shown",
    "deleted",
)
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
    "filter",
    "filter-action",
    "prompt-held",
    "strike",
    "picture",
    "report",
)


def _act(name: str) -> str | Phrase:
    if name.startswith("settings-"):
        setting = phrase(f"settings-name-{name.removeprefix('settings-')}")
        return phrase("log-act-settings", name=setting)
    return phrase(f"log-act-{name}") if name in _ACTS else name


def _target(act: Act, chat: str | None) -> str | Phrase:
    if act.target in ("", "all"):
        return phrase("log-everybody")
    return phrase("log-this-chat") if act.target == chat else act.target


def _none_if(written: str, default: str) -> str | None:
    return None if written == default else written


def _who(account: str) -> str | Phrase:
    """An anonymous admin acts as the chat itself."""
    if account == MODERATION:
        return phrase("log-moderation")
    platform, _, name = account.partition(":")
    if platform == "console":
        return phrase("log-console", name=name)
    return phrase("log-anonymous", chat=account) if name.startswith("-") else account
