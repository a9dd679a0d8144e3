"""What is done with each event that was received."""

import logging
import time
from dataclasses import replace
from functools import partial

from telegram.constants import ReactionEmoji
from telegram.error import ChatMigrated, TelegramError

from bot.adapters.telegram.albums import Albums
from bot.adapters.telegram.answers import Answers
from bot.adapters.telegram.api import Api, NotFetched, TooLarge
from bot.adapters.telegram.parse import Command, Event, Joined, Me, Migrated, Pressed, Removed
from bot.adapters.telegram.press import Pressing
from bot.adapters.telegram.rights import Rights
from bot.adapters.telegram.send import Sender
from bot.adapters.telegram.target import ABOUT_MEMBERS
from bot.adapters.telegram.text import CAPTION_UNITS, units
from bot.adapters.telegram.timing import Timing
from bot.command import ALIASES, WORDS
from bot.conversation import Conversation
from bot.domain import (
    Answer,
    Incoming,
    Kind,
    Outgoing,
    Permissions,
    Picture,
    Platform,
    ReplyTo,
)
from bot.phrase import phrase

log = logging.getLogger(__name__)

_WITH_PICTURE = ("draw", "upscale", "info", "preset", WORDS)
"""Commands that use a picture which is not the bot's own."""

HELP = frozenset({"help", "start"})


class Handler:
    """Hands events to the conversation, and says what it answers."""

    def __init__(
        self,
        *,
        api: Api,
        conversation: Conversation,
        sender: Sender,
        max_age_s: float,
        timing: Timing,
        ranks_matter: bool = False,
    ) -> None:
        self.me = Me(0, "")
        """Who Telegram says that we are, once it was asked."""
        self._api = api
        self._rights = Rights(api)
        self._ranks_matter = ranks_matter
        self._conversation = conversation
        self._answers = Answers(sender.deliver, timing)
        self._nods = sender.nods
        self._albums = Albums(timing.album_s)
        self._max_age_s = max_age_s
        self._press = Pressing(
            api=api,
            rights=self._rights,
            conversation=conversation,
            bring=self._answers.bring,
            timing=timing,
        )

    async def __call__(self, event: Event) -> None:
        """Handle one event to its end."""
        match event:
            case Command(album=album) if event.is_wordless:
                self._albums.wordless(album, partial(self._hint, event.incoming))
            case Command():
                if event.album:
                    self._albums.worded(event.album)
                await self._command(event)
            case Pressed():
                await self._press(event)
            case Joined(to=to, title=title):
                answer = await self._conversation.joined(to, title)
                await self._say(to, answer)
            case Removed(chat_id=chat_id):
                log.info("telegram: removed from chat %s", chat_id)
            case Migrated(old_chat_id=old, new_chat_id=new):
                await self._conversation.migrated(Platform.TELEGRAM, old, new)

    async def close(self) -> None:
        """Give up answers that wait."""
        await self._albums.close()
        await self._answers.close()

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """What Telegram says of this member; nobody is an admin whom it does not know.

        Raises:
            TelegramError: it could not be asked.
        """
        return Permissions(is_admin=await self._rights.is_admin(chat_id, user_id))

    # Commands ----------------------------------------------------------------------------------

    async def _command(self, command: Command) -> None:
        incoming = command.incoming
        if time.time() - incoming.received_at > self._max_age_s:
            log.info("telegram: %s is too old to be done", incoming.key)
            answer = await self._conversation.too_old(incoming)
        else:
            is_known = True
            if not command.is_post:
                incoming, is_known = await self._ranked(incoming)
            answer = await self._acknowledged(incoming, command.found.file_id)
            if command.is_post:
                answer = self._about_posts(incoming, answer)
            elif incoming.command in HELP:
                answer = await self._with_hearing(incoming, answer)
            elif not is_known and _is_for_admins(incoming):
                answer = self._with_line(incoming, answer, "telegram-rights-unknown")
        await self._say(incoming.reply_to, answer)

    async def _hint(self, incoming: Incoming) -> None:
        """How an album is drawn from, to those who may."""
        if time.time() - incoming.received_at > self._max_age_s:
            return
        words = self._conversation.words(incoming.requester, phrase("telegram-album-wordless"))
        refusal = await self._conversation.precheck(incoming, aloud=False)
        await self._say(incoming.reply_to, refusal or Answer(text=words))

    async def _ranked(self, incoming: Incoming) -> tuple[Incoming, bool]:
        """`incoming` with what Telegram says of its member; False: Telegram did not say."""
        to, asks = incoming.reply_to, _is_for_admins(incoming)
        if to.private or incoming.is_chat_admin or not (asks or self._ranks_matter):
            return incoming, True
        try:
            is_admin = await self._rights.is_admin(
                to.chat_id, incoming.requester.user_id, doubt_no=asks
            )
        except ChatMigrated as error:
            new = str(error.new_chat_id)
            log.warning("telegram: chat %s is now %s", to.chat_id, new)
            await self._conversation.migrated(Platform.TELEGRAM, to.chat_id, new)
            # Messages and topics of the supergroup are numbered anew.
            moved = ReplyTo(platform=Platform.TELEGRAM, chat_id=new, message_id="")
            return await self._ranked(replace(incoming, reply_to=moved))
        except TelegramError as error:
            log.warning("telegram: rights unknown: %s: %s", type(error).__name__, error)
            return incoming, False
        return replace(incoming, is_chat_admin=is_admin), True

    async def _acknowledged(self, incoming: Incoming, file_id: str) -> Answer:
        to, answer = incoming.reply_to, Answer()
        self._nods.heard(to)
        try:
            answer = await self._answer(incoming, file_id)
        finally:
            if answer.job_id:
                self._nods.accepted(to)
            else:
                self._nods.spoke(to)
        return answer

    async def _answer(self, incoming: Incoming, file_id: str) -> Answer:
        if file_id and ALIASES.get(incoming.command, incoming.command) in _WITH_PICTURE:
            # Nothing is fetched for those who may not draw.
            refusal = await self._conversation.precheck(incoming, aloud=False)
            if refusal is not None:
                return refusal
            incoming = await self._with_picture(incoming, file_id)
        return await self._conversation.handle(incoming)

    async def _with_hearing(self, incoming: Incoming, answer: Answer) -> Answer:
        """Whether `画 …` works depends on privacy mode, and on the bot's own rank in a group."""
        hears = self.me.hears_all
        to = incoming.reply_to
        if not hears and not to.private:
            try:
                hears = await self._rights.is_admin(to.chat_id, str(self.me.id), doubt_no=False)
            except TelegramError as error:
                log.info("telegram: own rights unknown: %s", type(error).__name__)
        return self._with_line(incoming, answer, f"telegram-hears-{'all' if hears else 'commands'}")

    def _about_posts(self, incoming: Incoming, answer: Answer) -> Answer:
        """What is different in a channel."""
        if incoming.command in HELP:
            return self._with_line(incoming, answer, "telegram-hears-posts")
        if incoming.command in ABOUT_MEMBERS:
            return self._with_line(incoming, answer, "telegram-post-unsigned")
        return answer

    def _with_line(self, incoming: Incoming, answer: Answer, key: str) -> Answer:
        """A silent answer stays silent."""
        if not answer.text:
            return answer
        line = self._conversation.words(incoming.requester, phrase(key))
        return replace(answer, text=f"{answer.text}\n\n{line}")

    async def _with_picture(self, incoming: Incoming, file_id: str) -> Incoming:
        try:
            return replace(incoming, source=await self._api.download(file_id))
        except TooLarge:
            return replace(incoming, source_problem="picture-too-large")
        except NotFetched as error:
            log.warning("telegram: %s: picture not fetched: %s", incoming.key, error)
            return replace(incoming, source_problem="telegram-picture-lost")

    # Answers -----------------------------------------------------------------------------------

    async def _say(self, to: ReplyTo, answer: Answer) -> None:
        """Say one short thing."""
        if answer.is_done and await self._nods.sign(to, ReactionEmoji.OK_HAND_SIGN):
            return
        text, picture = answer.text, answer.picture
        if picture is not None:
            shown = Picture(index=0, png=picture, seed=0, infotext="")
            fits = units(text) <= CAPTION_UNITS
            note = Outgoing(kind=Kind.NOTE, to=to, text=text if fits else "", pictures=(shown,))
            await self._answers.bring(note)
            text = "" if fits else text
        if text:
            await self._answers.bring(Outgoing(kind=Kind.NOTE, to=to, text=text))


def _is_for_admins(incoming: Incoming) -> bool:
    """Whether an admin of the chat may do more with this than a member."""
    if incoming.command in ("cancel", "stop"):
        return bool(incoming.text)  # it names somebody's request
    return incoming.command in ("admin", "settings")
