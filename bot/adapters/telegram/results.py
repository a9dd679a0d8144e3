"""Pictures on their way: the ladder of forms, and what to do when no answer came."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from telegram import InputMediaDocument, InputMediaPhoto, Message
from telegram.error import TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.caption import Caption, caption
from bot.adapters.telegram.errors import Reason, reason, translate
from bot.adapters.telegram.media import Form, forms, small_jpeg
from bot.adapters.telegram.post import Post, keyboard, place_of
from bot.adapters.telegram.timing import Timing
from bot.domain import Fate, Outgoing, Picture, Receipt, ReplyTo
from bot.errors import DoubtfulSend, RetryLater
from bot.phrase import Phrase, phrase

log = logging.getLogger(__name__)

SETTLE_TRIES = 5
_NO_WORDS = Caption()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file, ready to be sent."""

    data: bytes
    name: str
    as_photo: bool
    caption: Caption = _NO_WORDS
    spoiler: bool = False

    def media(self) -> InputMediaPhoto | InputMediaDocument:
        """As a part of an album, or as what a message is edited into."""
        if not self.as_photo:  # documents cannot be covered
            return InputMediaDocument(self.data, filename=self.name, **self.words())
        return InputMediaPhoto(
            self.data, has_spoiler=self.spoiler or None, filename=self.name, **self.words()
        )

    def words(self) -> dict[str, Any]:
        """The caption, as the library takes it."""
        return {
            "caption": self.caption.text or None,
            "caption_entities": self.caption.entities or None,
        }


class Results:
    """Sends the pictures of a job so that they arrive, and as a rule only once.

    There is no send that can be repeated harmlessly, but an edit can be: where the answer to a
    send was lost, the status message (and for an album a placeholder for each further picture) is
    edited into the picture until Telegram says that it is done.
    """

    def __init__(
        self, api: Api, post: Post, words: Callable[[Outgoing, Phrase], str], timing: Timing
    ) -> None:
        self._api = api
        self._post = post
        self._words = words
        self._timing = timing
        self._settling: dict[str, list[str]] = {}
        """By nonce of a send in doubt: the messages that become its pictures."""
        self._aside: dict[str, bool] = {}
        """By nonce of what is still to be sent: whether its files have gone to the member."""

    async def send(self, message: Outgoing) -> Receipt:
        """Send `message.pictures` in the best form that Telegram takes.

        Raises:
            RetryLater, DoubtfulSend, Rejected, ChatGone
        """
        name = message.nonce or f"{message.to.chat_id}:{message.to.message_id}"
        if message.as_file and _must_be_covered(message):
            message = await self._files_aside(message, name)
        receipt = await self._sent(message, name)
        self._aside.pop(name, None)
        return receipt

    async def _files_aside(self, message: Outgoing, name: str) -> Outgoing:
        """Files that need a spoiler go to the member in private, where that is possible; the chat
        gets covered photos, and a line that says so."""
        if name not in self._aside:
            self._aside[name] = await self._in_private(message)
        key = "telegram-files-aside" if self._aside[name] else "telegram-files-covered"
        told = caption(message, notice=self._words(message, phrase(key)))
        return replace(message, text=told.text)

    async def _in_private(self, message: Outgoing) -> bool:
        """Bots cannot open a private chat, and channels and anonymous admins have none."""
        member = message.notify.user_id if message.notify else ""
        if not member.isdecimal():
            return False
        to = ReplyTo(platform=message.to.platform, chat_id=member, message_id="", private=True)
        try:
            await self._ladder(replace(message, to=to, grid=None, buttons=()), self._fresh)
        except TelegramError as error:
            told = translate(error)
            if isinstance(told, RetryLater):
                raise
            log.info("telegram: files not sent in private: %s", told)
            return isinstance(told, DoubtfulSend)
        return True

    async def _sent(self, message: Outgoing, name: str) -> Receipt:
        if name not in self._settling:
            try:
                return await self._ladder(message, self._fresh)
            except TelegramError as error:
                told = translate(error)
                if not isinstance(told, DoubtfulSend):
                    raise told from error
                log.warning("telegram: %s may have arrived, making sure: %s", name, told)
            self._settling[name] = [message.remove] if message.remove else []
        try:
            receipt = await self._ladder(
                message, lambda m, uploads: self._settle(m, uploads, self._settling[name])
            )
        except TelegramError as error:
            raise translate(error) from error
        del self._settling[name]
        return receipt

    async def _ladder(
        self, message: Outgoing, act: Callable[[Outgoing, list[Upload]], Awaitable[Receipt]]
    ) -> Receipt:
        pngs = [p.png for p in _shown(message)]
        ladder = forms(pngs, as_file=message.as_file, covered=_must_be_covered(message))
        for form in ladder[:-1]:
            try:
                return await act(message, await self._uploads(message, form))
            except TelegramError as error:
                if reason(error) is not Reason.UNFIT_PICTURE:
                    raise
                log.info("telegram: not taken as %s: %s", form.name, error)
        return await act(message, await self._uploads(message, ladder[-1]))

    async def _uploads(self, message: Outgoing, form: Form) -> list[Upload]:
        small = form is Form.SMALL
        notice = self._words(message, phrase("telegram-recompressed")) if small else ""
        origin = self._words(message, phrase("telegram-origin"))
        words = caption(message, notice=notice, origin=origin)
        pictures = _shown(message)
        # An album shows the first photo's caption, but each document's own, below it.
        captioned = len(pictures) - 1 if form is Form.DOCUMENT else 0
        return [
            Upload(
                data=await _bytes(picture, form),
                name=_name(message, picture, form),
                as_photo=form is not Form.DOCUMENT,
                caption=words if number == captioned else _NO_WORDS,
                spoiler=_is_covered(message),
            )
            for number, picture in enumerate(pictures)
        ]

    async def _fresh(self, message: Outgoing, uploads: list[Upload]) -> Receipt:
        patience = {"read_timeout": self._timing.media_s}
        if len(uploads) > 1:
            album = [upload.media() for upload in uploads]
            sent = await self._post.send(
                self._api.send_media_group, message, media=album, **patience
            )
            return _receipt(list(sent))
        (upload,) = uploads
        shared = {
            **upload.words(),
            "filename": upload.name,
            "reply_markup": keyboard(message.buttons),
            **patience,
        }
        if upload.as_photo:
            one = await self._post.send(
                self._api.send_photo,
                message,
                photo=upload.data,
                has_spoiler=upload.spoiler or None,
                **shared,
            )
        else:
            one = await self._post.send(
                self._api.send_document, message, document=upload.data, **shared
            )
        return _receipt([one])

    async def _settle(self, message: Outgoing, uploads: list[Upload], ids: list[str]) -> Receipt:
        for number, upload in enumerate(uploads):
            for tries_left in reversed(range(SETTLE_TRIES)):
                if number == len(ids):
                    ids.append(await self._placeholder(message, number))
                try:
                    await self._become(message, upload, int(ids[number]), len(uploads) == 1)
                    break
                except TelegramError as error:
                    why = reason(error)
                    if why is Reason.NOT_MODIFIED:
                        break
                    if why is Reason.MESSAGE_GONE and tries_left:
                        del ids[number]
                        continue
                    told = translate(error, repeatable=True)
                    if not isinstance(told, RetryLater) or not tries_left:
                        raise
                    await asyncio.sleep(min(told.seconds, self._timing.flood_s))
        return Receipt(message_ids=tuple(ids))

    async def _become(self, message: Outgoing, upload: Upload, id_: int, alone: bool) -> None:
        await self._api.edit_message_media(
            upload.media(),
            chat_id=place_of(message).chat_id,
            message_id=id_,
            reply_markup=keyboard(message.buttons) if alone else None,
            read_timeout=self._timing.media_s,
        )

    async def _placeholder(self, message: Outgoing, number: int) -> str:
        text = self._words(
            message,
            phrase("telegram-placeholder", number=number + 1, count=len(message.pictures)),
        )
        sent = await self._post.text(message, text)
        return str(sent.message_id)


def _is_covered(message: Outgoing) -> bool:
    """Whether its pictures come under a spoiler."""
    return message.spoiler or any(p.fate is Fate.SPOILER for p in message.pictures)


def _must_be_covered(message: Outgoing) -> bool:
    """Where others read along, what comes under a spoiler comes in no other form."""
    return _is_covered(message) and not message.to.private


def _shown(message: Outgoing) -> tuple[Picture, ...]:
    """What is uploaded: the pictures, or the one that shows them all."""
    if message.grid is None:
        return message.pictures
    return (replace(message.pictures[0], png=message.grid),)


async def _bytes(picture: Picture, form: Form) -> bytes:
    if form is Form.SMALL:
        return await asyncio.to_thread(small_jpeg, picture.png)
    return picture.png


def _name(message: Outgoing, picture: Picture, form: Form) -> str:
    if message.grid is not None:
        return f"{message.job_id}-grid.jpg"
    suffix = "jpg" if form is Form.SMALL else "png"
    return f"{message.job_id or 'picture'}-{picture.index + 1}.{suffix}"


def _receipt(sent: list[Message]) -> Receipt:
    files = {}
    for number, message in enumerate(sent):
        if message.photo:
            files[f"photo:{number}"] = message.photo[-1].file_id
        elif message.document:
            files[f"document:{number}"] = message.document.file_id
    return Receipt(message_ids=tuple(str(m.message_id) for m in sent), file_ids=files)
