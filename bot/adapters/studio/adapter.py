"""The studio as one more chat platform: what the page says comes in, what the bot says goes out."""

import asyncio
import errno
import time
from collections.abc import Callable, Mapping

from aiohttp import web

from bot.adapters.studio import bubble, guard, server
from bot.adapters.studio.auth import Sessions
from bot.adapters.studio.services import Heard, Pressed, Services, Told
from bot.adapters.studio.thumbnails import Thumbnails
from bot.adapters.studio.transcript import Transcript
from bot.adapters.studio.uploads import Sent, Uploads
from bot.command import WORDS, parse_command
from bot.config import StudioConfig
from bot.conversation import Conversation
from bot.domain import (
    Answer,
    Incoming,
    Kind,
    Outgoing,
    Permissions,
    Platform,
    Press,
    Receipt,
    ReplyTo,
    Requester,
)
from bot.errors import ConfigError
from bot.gallery import Gallery
from bot.journal import Journal
from bot.phrase import phrase
from bot.replies import language_for, say

CHAT = "studio"
_WINDOWS_ADDRESS_IN_USE = 10048


class StudioAdapter:
    """Serves the page on `config.host`:`config.port` (0: any free port) and speaks through it.

    Everyone with the page open is the same member in the same chat. `address` is where the page
    is; it is known once `listening` is set.

    Raises:
        ConfigError: other machines could reach the page, and there is no password.
    """

    platform = Platform.STUDIO

    def __init__(
        self,
        *,
        config: StudioConfig,
        password: str,
        conversation: Conversation,
        history: Journal,
        gallery: Gallery,
        language: str = "auto",
        health: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        guard.check_exposure(config.host, password)
        self.address = ""
        self.listening = asyncio.Event()
        self._config = config
        self._conversation = conversation
        self._journal = history
        self._language = language
        self._transcript = Transcript()
        self._uploads = Uploads()
        self._thumbnails = Thumbnails(history.picture)
        self._loading = asyncio.Lock()
        self._loaded = False
        self._app = server.build(
            Services(
                host=config.host,
                configured_language=language,
                sessions=Sessions(password),
                transcript=self._transcript,
                uploads=self._uploads,
                picture=history.picture,
                thumbnails=self._thumbnails,
                gallery=gallery,
                said=self._said,
                pressed=self._pressed,
                health=health,
            ),
            CHAT,
        )

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            ConfigError: the address is taken or is not one of this machine.
        """
        await self._load()
        runner = web.AppRunner(
            self._app, access_log=None, handle_signals=False, shutdown_timeout=1.0
        )
        await runner.setup()
        try:
            await self._listen(runner)
            await asyncio.Event().wait()
        finally:
            self.listening.clear()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._config.host, self._config.port
        try:
            await web.TCPSite(runner, host or None, port).start()
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, _WINDOWS_ADDRESS_IN_USE):
                raise ConfigError(
                    f"[studio] port = {port}: another program uses this port of {host}; "
                    "stop it, or set another port (0: any free one)"
                ) from None
            raise ConfigError(
                f"[studio] host = {host!r}, port = {port}: cannot listen there: "
                f"{error.strerror or error}"
            ) from None
        name = "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared only
        name = f"[{name}]" if ":" in name else name
        self.address = f"http://{name}:{runner.addresses[0][1]}"
        self.listening.set()

    async def deliver(self, message: Outgoing) -> Receipt:
        """Show it on every open page; it is there for those opened later."""
        await self._load()
        now = time.time()
        match message.kind:
            case Kind.STATUS:
                return self._show_status(message, now)
            case Kind.RESULT:
                ids = tuple(self._transcript.new_id() for _ in message.pictures or ("sentence",))
                # The page lets the status stand until the pictures that replace it are loaded.
                self._transcript.put(bubble.of_result(message, ids, now))
                if message.remove:
                    self._transcript.remove(message.remove)
                return Receipt(message_ids=ids)
            case Kind.NOTE:
                return Receipt(message_ids=(self._note(message.text, message.to.message_id),))
            case Kind.REMOVE:
                await self._remove(message.remove or "")
                return Receipt(message_ids=())
            case Kind.LEAVE:
                return Receipt(message_ids=())

    async def _remove(self, message_id: str) -> None:
        known = await self._journal.message(Platform.STUDIO, CHAT, message_id)
        if known is not None:
            self._thumbnails.forget(known.job_id)
        self._transcript.remove(message_id)

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """Whoever may open the page runs this bot."""
        return Permissions(is_admin=True)

    def _show_status(self, message: Outgoing, now: float) -> Receipt:
        if message.edit is None:
            message_id = self._transcript.new_id()
        elif self._transcript.get(message.edit) is not None:
            message_id = message.edit
        else:
            return Receipt(message_ids=(message.edit,))
        self._transcript.put(bubble.of_status(message, message_id, now))
        return Receipt(message_ids=(message_id,))

    def _note(self, text: str, reply_to: str, png: bytes | None = None) -> str:
        message_id = self._transcript.new_id()
        note = bubble.of_note(text, message_id, time.time(), reply_to=reply_to, png=png)
        self._transcript.put(note)
        return message_id

    # What the page sends -----------------------------------------------------------------------

    async def _said(self, sent: Sent, language: str | None) -> Heard:
        message_id = self._transcript.new_id()
        if sent.image is not None:
            self._uploads.keep(message_id, sent.image)
        self._transcript.put(
            bubble.Bubble(
                id=message_id,
                kind="request",
                at=time.time(),
                text=sent.text,
                reply_to=sent.reply_to,
                image=bubble.upload_url(message_id) if sent.image is not None else "",
                quoted=await self._quoted(sent.reply_to),
            )
        )
        incoming = self._incoming(sent, message_id, language)
        answer = await self._conversation.handle(incoming)
        if incoming.command == "forget":
            await self._forget(message_id)
        self._say(answer, message_id)
        # `/draw` alone asks how it is used; there is nothing in it to be written again.
        asked = incoming.command in ("draw", WORDS) and bool(incoming.text or incoming.source)
        return Heard(message_id, refused=asked and bool(answer.text) and answer.job_id is None)

    async def _quoted(self, message_id: str) -> str:
        """Address of the picture that a message shows, also where the page shows it no more."""
        shown = self._transcript.picture_shown(message_id) if message_id else ""
        if shown or not message_id:
            return shown
        known = await self._journal.message(Platform.STUDIO, CHAT, message_id)
        return "" if known is None else bubble.picture_url(known.job_id, known.picture)

    async def _forget(self, message_id: str) -> None:
        """Once the journal remembers nothing of this chat, the open pages forget it too."""
        if not await self._journal.history(Platform.STUDIO, CHAT):
            self._transcript.remove_others(message_id)
            self._uploads.clear()
            self._thumbnails.clear()

    def _say(self, answer: Answer, reply_to: str) -> None:
        if answer.text and not answer.is_done:  # then the request's end says so
            self._note(answer.text, reply_to, answer.picture)

    def _incoming(self, sent: Sent, message_id: str, language: str | None) -> Incoming:
        command, text = parse_command(sent.text)
        return Incoming(
            key=message_id,
            command=command or WORDS,
            text=text,
            requester=self._member(language),
            reply_to=_place(message_id),
            chat_title="Studio",
            source=sent.image or self._uploads.get(sent.reply_to),
            # A picture of one's own counts more than the one replied to.
            replied_message_id=sent.reply_to if sent.reply_to and not sent.image else None,
            is_chat_admin=True,
            received_at=time.time(),
        )

    async def _pressed(self, pressed: Pressed, language: str | None) -> Told:
        press = Press(
            key=self._transcript.new_id(),
            action=pressed.action,
            argument=pressed.argument,
            requester=self._member(language),
            reply_to=_place(pressed.message_id),
            fields=pressed.fields,
            is_chat_admin=True,
            received_at=time.time(),
        )
        answer = await self._conversation.press(press)
        return Told(
            text=answer.text,
            verbatim=answer.verbatim,
            files=tuple(bubble.picture_url(press.job_id, f.index) for f in answer.files),
            form=answer.form,
            drawing=answer.job_id is not None,
        )

    def _member(self, language: str | None) -> Requester:
        name = say(phrase("studio-member"), language_for(language, self._language))
        return Requester(platform=Platform.STUDIO, user_id="local", name=name, language=language)

    # After a restart ---------------------------------------------------------------------------

    async def _load(self) -> None:
        """Once: show again what the journal remembers, before anything new is said."""
        async with self._loading:
            if self._loaded:
                return
            for item in await self._journal.history(Platform.STUDIO, CHAT):
                for past in bubble.of_past(item, self._language):
                    self._transcript.put(past)
            self._loaded = True


def _place(message_id: str) -> ReplyTo:
    return ReplyTo(platform=Platform.STUDIO, chat_id=CHAT, message_id=message_id, private=True)
