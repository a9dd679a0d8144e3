"""What a press on a button does; each action has one handler."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.access import Access, Doorkeeper
from bot.domain import Answer, Fate, Incoming, Job, Picture, Press
from bot.errors import NotPermitted
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.replies.answers import answer
from bot.replies.buttons import DELETE, EDIT

Handler = Callable[[Press, Preferences], Awaitable[Answer]]
"""Answers one press, given what was settled for this member in this chat."""

_FOR_OWNERS = (EDIT, DELETE)


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
        accounts_of: Callable[[str], Awaitable[tuple[str, ...]]],
        cancel: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        """`accounts_of`: all accounts of the person behind one."""
        self._journal = journal
        self._doorkeeper = doorkeeper
        self._accounts_of = accounts_of
        self._cancel = cancel

    async def command(self, incoming: Incoming) -> Answer:
        """`/cancel`: the newest own job, or the one that is named."""
        if wanted := incoming.text.strip():
            return await self._named(incoming, wanted)
        jobs = await self._journal.active_of(*await self._accounts_of(incoming.requester.account))
        for job in jobs[-1:]:
            if await self._cancel(job.id, job.requester.account):
                return self._cancelled(incoming, job, is_own=True)
        return answer(incoming.requester, phrase("nothing-to-cancel"))

    async def press(self, press: Press, _held: Preferences) -> Answer:
        """The button below a status message."""
        job = await self._journal.job(press.argument)
        if job is None:
            return answer(press.requester, phrase("button-unknown"))
        if not await self._may(press, job):
            return answer(press.requester, phrase("not-your-job"))
        return await self._stop(press, job)

    async def _named(self, incoming: Incoming, wanted: str) -> Answer:
        job = await self._journal.job(wanted.lower())
        if job is None or not await self._may(incoming, job):
            return answer(incoming.requester, phrase("cancel-not-found", job=wanted[:40]))
        return await self._stop(incoming, job)

    async def _stop(self, asked: Press | Incoming, job: Job) -> Answer:
        # Whoever stops their own request does so, whichever of their accounts they use.
        is_own = await self._is_own(asked, job)
        by = job.requester.account if is_own else asked.requester.account
        if not await self._cancel(job.id, by):
            return answer(asked.requester, phrase("already-over"))
        return self._cancelled(asked, job, is_own=is_own)

    @staticmethod
    def _cancelled(asked: Press | Incoming, job: Job, *, is_own: bool) -> Answer:
        is_told = is_own and job.reply_to.chat == asked.reply_to.chat  # its end, there
        return replace(answer(asked.requester, phrase("cancelled")), is_done=is_told)

    async def _may(self, asked: Press | Incoming, job: Job) -> bool:
        return (
            await self._is_own(asked, job)
            or (asked.is_chat_admin and asked.reply_to.chat == job.reply_to.chat)
            or await self._doorkeeper.is_operator(asked.requester)
        )

    async def _is_own(self, asked: Press | Incoming, job: Job) -> bool:
        return job.requester.account in await self._accounts_of(asked.requester.account)


class ButtonRights:
    """Who may press which button of a result.

    Whoever draws with a button pays for it, so everybody may, unless `/settings buttons requester`
    keeps all of them to the requester and admins. To change the words and to delete is for these
    in any case.
    """

    def __init__(self, *, journal: Journal, doorkeeper: Doorkeeper) -> None:
        self._journal = journal
        self._doorkeeper = doorkeeper

    async def job(self, press: Press, held: Preferences) -> Job:
        """The job that `press` is about.

        Raises:
            NotPermitted: there is none, or the button is not theirs to press.
        """
        job = await self._journal.job(press.job_id)
        if job is None:
            raise NotPermitted(phrase("button-unknown"))
        to = press.reply_to
        elsewhere = (to.platform, to.chat_id) != (job.reply_to.platform, job.reply_to.chat_id)
        is_own = to.private and press.requester.account == job.requester.account
        if elsewhere and not is_own:
            # A bad client can send anything; what others asked for elsewhere stays there.
            raise NotPermitted(phrase("button-elsewhere"))
        await self._check_door(press)
        if not await self._may(press, job, held):
            own = press.action in _FOR_OWNERS
            raise NotPermitted(phrase("not-your-result" if own else "not-your-button"))
        return job

    async def pictures(self, job: Job, press: Press) -> list[Picture]:
        """What `press` is about: the picture that it names, or all that were shown; without
        their bytes.

        Raises:
            NotPermitted: none of them may be seen, or their record was forgotten.
        """
        known = await self._journal.listed(job.id)
        if not known:
            raise NotPermitted(phrase("picture-forgotten"))
        if ":" in press.argument:
            known = [p for p in known if p.index == press.index]
        seen = [p for p in known if not p.fate.hidden]
        if not seen:
            deleted = any(p.fate is Fate.DELETED for p in known)
            raise NotPermitted(phrase("picture-deleted" if deleted else "picture-not-shown"))
        return seen

    async def _may(self, press: Press, job: Job, held: Preferences) -> bool:
        shared = press.action not in _FOR_OWNERS and not held.buttons_for_requester
        return (
            shared
            or press.is_chat_admin
            or job.requester.account == press.requester.account
            or await self._doorkeeper.is_operator(press.requester)
        )

    async def _check_door(self, press: Press) -> None:
        incoming = Incoming(
            key=press.key,
            command=press.action,
            requester=press.requester,
            reply_to=press.reply_to,
            chat_title=press.chat_title,
        )
        if await self._doorkeeper.check(incoming) is not Access.ALLOWED:
            private = press.reply_to.private
            raise NotPermitted(phrase("private-closed" if private else "chat-closed"))
