"""A picture that is dropped counts against the member who asked for it."""

from collections.abc import Awaitable, Callable, Sequence

from bot.database import Transaction
from bot.domain import Job, Kind, Outgoing, ReplyTo
from bot.phrase import Phrase, phrase
from bot.quota.strikes import PICTURE, Offence, Strikes
from bot.replies import language_for, say_all


class PictureStrikes:
    """Counts, and tells in private. However many pictures of a request are dropped, it is one
    strike."""

    def __init__(
        self,
        *,
        strikes: Strikes,
        is_operator: Callable[[str], Awaitable[bool]],
        send: Callable[[Outgoing], None],
        language: str = "auto",
    ) -> None:
        """`is_operator` says it of an account: nothing is counted against those."""
        self._strikes = strikes
        self._is_operator = is_operator
        self._send = send
        self._language = language

    async def offence(self, job: Job) -> Offence:
        """What is counted; to be asked outside any transaction."""
        spec = job.spec
        return Offence(
            account=job.requester.account,
            chat=job.reply_to.chat,
            key=f"job {job.id}",
            category=PICTURE,
            words="\n".join(filter(None, (spec.prompt, spec.negative_prompt))),
            spared=await self._is_operator(job.requester.account),
        )

    async def count(self, t: Transaction, offence: Offence) -> tuple[Phrase, ...]:
        """Part of ending the job; what is to be told once that is committed."""
        return await self._strikes.within(t, offence)

    def tell(self, job: Job, told: Sequence[Phrase]) -> None:
        """In the private chat."""
        who = job.requester
        language = language_for(who.language, self._language)
        to = ReplyTo(platform=who.platform, chat_id="", message_id="", private=True)
        text = say_all((phrase("strike-picture"), *told), language)
        self._send(Outgoing(kind=Kind.NOTE, to=to, text=text, notify=who))
