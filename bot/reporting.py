"""Members report a result that does not belong in their chat: it is hidden, an admin decides."""

import logging
from collections.abc import Awaitable, Callable

from bot.domain import LOCAL, Answer, Incoming, Job, Press, Requester
from bot.holds import Holds, Reported
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.replies.answers import answer

log = logging.getLogger(__name__)

_SAID = {
    Reported.HELD: "report-taken",
    Reported.AGAIN: "report-again",
    Reported.TOO_MANY: "report-too-many",
    Reported.NOTHING: "report-hidden-already",
}


class Reporting:
    """The command `/report`, Discord's menu, and the button. `ask` tells the admins;
    `most_per_hour` is for one member, 0 switches reports off."""

    def __init__(
        self,
        *,
        holds: Holds,
        journal: Journal,
        ask: Callable[[Job], Awaitable[None]],
        most_per_hour: int,
    ) -> None:
        self._holds = holds
        self._journal = journal
        self._ask = ask
        self._most_per_hour = most_per_hour

    async def command(self, incoming: Incoming, _: Preferences) -> Answer:
        """`/report` as a reply to a result."""
        to, replied = incoming.reply_to, incoming.replied_message_id
        known = replied and await self._journal.message(to.platform, to.chat_id, replied)
        if known:
            return await self._report(incoming.requester, await self._journal.job(known.job_id))
        if replied and not to.private:
            return Answer()  # somebody else's message, and maybe somebody else's command
        return answer(incoming.requester, phrase("report-how"))

    async def press(self, press: Press, _: Preferences) -> Answer:
        """The button under a result."""
        job = await self._journal.job(press.argument.partition(":")[0])
        if job is not None and press.reply_to.chat != job.reply_to.chat:
            job = None
        return await self._report(press.requester, job)

    async def _report(self, who: Requester, job: Job | None) -> Answer:
        if who.platform in LOCAL:
            return answer(who, phrase("report-local"))
        if not self._most_per_hour:
            return answer(who, phrase("report-off"))
        if job is None:
            return answer(who, phrase("button-unknown"))
        done = await self._holds.report(job, who.account, most_per_hour=self._most_per_hour)
        if done is Reported.HELD:
            log.info("job %s: reported by %s", job.id, who.account)
            await self._ask(job)
        return answer(who, phrase(_SAID[done], most=self._most_per_hour))
