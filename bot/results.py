"""Buttons about a result that draw nothing: its files, its parameters, its end."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from bot.domain import Answer, Fate, Job, Kind, Outgoing, Picture, Press
from bot.errors import NotPermitted
from bot.journal import Journal
from bot.parameters import told
from bot.phrase import phrase
from bot.pictures import blank
from bot.preferences import Preferences
from bot.presses import ButtonRights
from bot.removal import Removal
from bot.replies import language_for, say


class OnceMore(Protocol):
    """Draws pictures of a job whose files are gone; `index` None: all of them."""

    def __call__(
        self,
        press: Press,
        held: Preferences,
        job: Job,
        index: int | None = None,
        *,
        as_file: bool = False,
    ) -> Awaitable[Answer]:
        """The answer to the press."""
        ...


class ResultButtons:
    """Answers presses. `send` brings removals to the chat."""

    def __init__(
        self,
        *,
        journal: Journal,
        removal: Removal,
        rights: ButtonRights,
        once_more: OnceMore,
        send: Callable[[Outgoing], None],
    ) -> None:
        self._journal = journal
        self._removal = removal
        self._rights = rights
        self._once_more = once_more
        self._send = send

    async def file(self, press: Press, held: Preferences) -> Answer:
        """The original files, with the infotext inside.

        Raises:
            Refusal: not theirs to press, or shown to nobody like that.
        """
        job = await self._rights.job(press, held)
        pictures = await self._rights.pictures(job, press)
        sharp = [p for p in pictures if p.fate is not Fate.BLURRED]
        if not sharp:
            raise NotPermitted(phrase("picture-only-blurred"))
        files = []
        for picture in sharp:
            png = await self._journal.picture(job.id, picture.index)
            if png is None:
                only = picture.index if len(sharp) == 1 else None
                return await self._once_more(press, held, job, only, as_file=True)
            fate = Fate.SPOILER if job.spoiler else picture.fate
            files.append(replace(picture, png=png, fate=fate))
        return Answer(files=tuple(files))

    async def info(self, press: Press, held: Preferences) -> Answer:
        """The parameters as infotext; of several pictures those of the first, and all seeds.

        Raises:
            Refusal: not theirs to press, shown to nobody like that, or there is nothing to tell
                any more.
        """
        job = await self._rights.job(press, held)
        pictures = await self._rights.pictures(job, press)
        text = told(pictures, language_for(press.requester.language))
        return Answer(text=text, verbatim=True)

    async def delete(self, press: Press, held: Preferences) -> Answer:
        """Take the result away: its messages, and its files where nobody else shows them.

        Raises:
            Refusal: neither theirs nor are they an admin.
        """
        job = await self._rights.job(press, held)
        await self._removal.delete(job.id)
        known = await self._journal.messages_of(job.id)
        said = say(phrase("result-deleted"), language_for(press.requester.language))
        gone = Outgoing(
            kind=Kind.REMOVE,
            to=replace(press.reply_to, message_id=""),
            text=said,
            # What is too old to be deleted is covered.
            pictures=(Picture(index=0, png=blank(), seed=0, infotext=""),),
        )
        for message_id in dict.fromkeys((press.reply_to.message_id, *known)):
            self._send(replace(gone, remove=message_id))
        return Answer()
