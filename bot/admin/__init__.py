"""What operators and a chat's admins do by command, in a chat or on the command line.

One implementation: the grammar (`grammar`) reads what was typed, the table (`table`) says who may,
and the acts change the store; each act is one transaction with its row in the audit log, and is
answered with what was before and after.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.admin.caller import Caller
from bot.admin.chats import ChatActs
from bot.admin.filters import FilterActs
from bot.admin.grammar import Asked, Heard, parse
from bot.admin.log import Log
from bot.admin.members import MemberActs
from bot.admin.pauses import PauseActs
from bot.admin.quotas import QuotaActs
from bot.admin.status import Status, StatusDesk, worded
from bot.admin.strikes import StrikeActs
from bot.domain import Incoming
from bot.errors import NotPermitted
from bot.phrase import Phrase, phrase

__all__ = ["Admin", "Done", "Status"]

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]
_DISCREET = ("filter-list", "log", "strikes")
"""Answered in words that a whole chat should not read."""
_ABOUT_SOMEBODY = ("grant", "ban", "tier", "link")
"""A number that is mistyped gives them to nobody, or to somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What is answered. `status`: the numbers, where these were asked for; `discreet`: words that
    a whole chat should not read."""

    lines: tuple[Phrase, ...]
    status: Status | None = None
    discreet: bool = False


class Admin:
    """Carries out `/admin`."""

    def __init__(
        self,
        *,
        members: MemberActs,
        quotas: QuotaActs,
        chats: ChatActs,
        pauses: PauseActs,
        filters: FilterActs,
        strikes: StrikeActs,
        log: Log,
        status: StatusDesk,
        seen: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`seen`: whether the bot knows an account."""
        self._members = members
        self._seen = seen
        self._chats = chats
        self._pauses = pauses
        self._filters = filters
        self._strikes = strikes
        self._status = status
        self._acts: dict[str, Act] = {
            **members.acts,
            **quotas.acts,
            **chats.acts,
            **pauses.acts,
            **filters.acts,
            **strikes.acts,
            "log": log.tell,
        }

    async def run(self, incoming: Incoming, *, operator: bool) -> Done:
        """Do what follows `/admin`. `operator`: whether the one who says it is one.

        Raises:
            Refusal: not understood, not allowed, not there; nothing was changed.
        """
        asked, caller = self._understood(incoming, operator)
        if asked.act.name == "status":
            status = await self._status.of(None if operator else caller.here)
            return Done(lines=worded(status), status=status)
        await self._members.check(asked, caller)
        lines = await self._acts[asked.act.name](asked, caller)
        if asked.act.name in _ABOUT_SOMEBODY:
            lines += await self._unseen(asked, incoming)
        return Done(lines=lines, discreet=asked.act.name in _DISCREET)

    async def _unseen(self, asked: Asked, incoming: Incoming) -> tuple[Phrase, ...]:
        """A remark about each account that was typed, and that the bot has not met."""
        pointed_at = incoming.target.account if incoming.target else ""
        return tuple(
            [
                phrase("admin-not-seen", member=member)
                for member in asked.members
                if member != pointed_at and not await self._seen(member)
            ]
        )

    async def allow_chat(self, chat: str, account: str) -> Phrase:
        """Approve a chat (the button under the operator's notice)."""
        return await self._chats.approve(chat, True, account)

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup (`telegram:-5` → `telegram:-1005`): what was
        settled for it and its members follows. Doing it again changes nothing."""
        await self._members.chat_moved(old, new)
        await self._pauses.chat_moved(old, new)
        await self._filters.chat_moved(old, new)
        await self._strikes.chat_moved(old, new)

    @staticmethod
    def _understood(incoming: Incoming, operator: bool) -> tuple[Asked, Caller]:
        caller = Caller.of(incoming, operator=operator)
        asked = parse(
            incoming.text,
            Heard(
                platform=incoming.reply_to.platform,
                target=incoming.target,
                target_problem=incoming.target_problem,
                is_reply=incoming.replied_message_id is not None,
                speaker=incoming.requester.account,
            ),
        )
        if asked.act.operator_only and not operator:
            raise NotPermitted(phrase("admin-operators-only", act=asked.act.words))
        return asked, caller
