"""`/info`: how a picture was made, from our record or from what its file carries."""

from collections.abc import Awaitable, Callable, Sequence

from bot.domain import Answer, Fate, Incoming, Picture, Platform
from bot.errors import BadCommand, NotPermitted, UnusablePicture
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.replies import language_for, say
from bot.replies.answers import answer
from bot.replies.messages import runs

COMMAND = "info"


def told(pictures: Sequence[Picture], language: str) -> str:
    """The infotext of the first of these pictures of one request, and the seeds of all; without
    those that are only shown blurred, which anybody could draw elsewhere by it.

    Raises:
        NotPermitted: all of them are blurred.
    """
    sharp = [p for p in pictures if p.fate is not Fate.BLURRED]
    if not sharp:
        raise NotPermitted(phrase("picture-only-blurred"))
    if len(sharp) == 1:
        return sharp[0].infotext
    seeds = phrase("info-seeds", seeds=runs([p.seed for p in sharp]))
    return f"{sharp[0].infotext}\n{say(seeds, language)}"


class Parameters:
    """Answers `/info`. `carried` reads the parameters of a file, as an infotext."""

    def __init__(self, journal: Journal, carried: Callable[[bytes], Awaitable[str]]) -> None:
        self._journal = journal
        self._carried = carried

    async def run(self, incoming: Incoming, _: Preferences) -> Answer:
        """The infotext of the picture that is replied to or sent along.

        Raises:
            BadCommand: there is no picture.
            NotPermitted: it is only shown blurred.
            UnusablePicture: it cannot be fetched or opened.
        """
        if text := await self._recorded(incoming):
            return Answer(text=text, verbatim=True)
        if incoming.source_problem:
            raise UnusablePicture(phrase(incoming.source_problem, most=20))
        if incoming.source is None:
            raise BadCommand(phrase("info-no-picture"))
        if text := await self._carried(incoming.source):
            return Answer(text=text, verbatim=True)
        on_telegram = incoming.reply_to.platform is Platform.TELEGRAM
        nothing = "info-nothing-telegram" if on_telegram else "info-nothing"
        return answer(incoming.requester, phrase(nothing))

    async def _recorded(self, incoming: Incoming) -> str:
        """Of one of our own messages; of several pictures in it those of the first, and all
        seeds."""
        to = incoming.reply_to
        if not incoming.replied_message_id:
            return ""
        known = await self._journal.message(to.platform, to.chat_id, incoming.replied_message_id)
        if known is None:
            return ""
        pictures = [p for p in await self._journal.listed(known.job_id) if not p.fate.hidden]
        shown = [p for p in pictures if p.index == known.picture]
        if not shown:
            return ""
        alone = len(await self._journal.messages_of(known.job_id)) > 1
        return told(shown if alone else pictures, language_for(incoming.requester.language))
