"""What a press on a button does; each action has one handler."""

from collections.abc import Awaitable, Callable, Mapping

from bot.access import Doorkeeper
from bot.domain import Answer, Incoming, Job, Press
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.replies.answers import answer

Handler = Callable[[Press, Preferences], Awaitable[Answer]]
"""Answers one press, given what was settled for this member in this chat."""


class Presses:
    """Finds the handler of an action; what nobody handles is a button of an older version."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    async def answer(self, press: Press, held: Preferences) -> Answer:
        """Answer one press."""
        handler = self._handlers.get(press.action)
        if handler is None:
            return answer(press.requester, phrase("button-unknown"))
        return await handler(press, held)


class Cancelling:
    """Stops jobs, for those who may."""

    def __init__(
        self,
        *,
        journal: Journal,
        doorkeeper: Doorkeeper,
        cancel: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        self._journal = journal
        self._doorkeeper = doorkeeper
        self._cancel = cancel

    async def command(self, incoming: Incoming) -> Answer:
        """`/cancel`: the newest own job, or the one that is named."""
        if wanted := incoming.text.strip():
            return await self._named(incoming, wanted)
        jobs = await self._journal.active_of(incoming.requester.account)
        for job in jobs[-1:]:
            if await self._cancel(job.id, incoming.requester.account):
                return answer(incoming.requester, phrase("cancelled"))
        return answer(incoming.requester, phrase("nothing-to-cancel"))

    async def press(self, press: Press, held: Preferences) -> Answer:
        """The button below a status message."""
        job = await self._journal.job(press.argument)
        if job is None:
            return answer(press.requester, phrase("button-unknown"))
        shared = held.buttons_for_everyone and press.reply_to.chat == job.reply_to.chat
        if not shared and not await self._may(press, job):
            return answer(press.requester, phrase("not-your-job"))
        return await self._stop(press, job)

    async def _named(self, incoming: Incoming, wanted: str) -> Answer:
        job = await self._journal.job(wanted.lower())
        if job is None or not await self._may(incoming, job):
            return answer(incoming.requester, phrase("cancel-not-found", job=wanted[:40]))
        return await self._stop(incoming, job)

    async def _stop(self, asked: Press | Incoming, job: Job) -> Answer:
        done = await self._cancel(job.id, asked.requester.account)
        return answer(asked.requester, phrase("cancelled" if done else "already-over"))

    async def _may(self, asked: Press | Incoming, job: Job) -> bool:
        return (
            job.requester.account == asked.requester.account
            or (asked.is_chat_admin and asked.reply_to.chat == job.reply_to.chat)
            or await self._doorkeeper.is_operator(asked.requester)
        )
