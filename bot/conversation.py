"""What the bot answers to a command: one implementation for every platform.

Adapters hand over an `Incoming` and show the `Answer`; refusals become kind sentences here, in the
language of the one who asked. A job's own messages come later, through delivery.
"""

import asyncio
import difflib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot import metrics
from bot.access import Access, Doorkeeper, Known
from bot.admin import Admin
from bot.admin.choices import Choices, as_set
from bot.admin.status_picture import picture
from bot.arrivals import Arrivals
from bot.asking import REDO, Asking
from bot.command import ALIASES, REPLY, WORDS
from bot.desk import Desk
from bot.domain import (
    Answer,
    Incoming,
    Outgoing,
    Platform,
    Press,
    ReplyTo,
    Requester,
)
from bot.errors import Refusal, StoreError
from bot.insist import insist
from bot.intake import Intake
from bot.journal import Journal
from bot.members.own_data import OwnData
from bot.members.seen import Members
from bot.phrase import Phrase, phrase
from bot.preferences import Preferences, PreferenceStore
from bot.preset_commands import as_drawn
from bot.presses import Cancelling, Handler, Presses
from bot.replies import language_for, say, say_all
from bot.replies.answers import answer
from bot.settings import Settings

log = logging.getLogger(__name__)

Command = Callable[[Incoming, Preferences], Awaitable[Answer]]
"""Answers one command, given what was settled for this member in this chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInfo:
    """A command as it is registered with the platforms."""

    name: str
    description: str
    """Phrase key of the line that platforms show beside it."""


COMMANDS = tuple(
    CommandInfo(name=name, description=f"command-{name}")
    for name in (
        "draw",
        *REDO,
        "cancel",
        "queue",
        "quota",
        "report",
        "models",
        "info",
        "preset",
        "settings",
        "privacy",
        "forget",
        "help",
    )
)
"""In the order of the menus. `/start` and `/claim` are understood too."""
ADMIN_COMMANDS = (CommandInfo(name="admin", description="command-admin"),)
"""What is shown to the admins of a chat besides."""

_ALIASES = {**ALIASES, "stop": "cancel", "start": "help"}
_DRAWING = ("draw", *REDO, WORDS, REPLY)
_KNOWN = tuple(c.name for c in (*COMMANDS, *ADMIN_COMMANDS)) + tuple(_ALIASES)
_GO_ON = Answer()
"""Nothing stands against the request."""
_OWN_DATA = ("privacy", "forget")


class Conversation:
    """The front desk: access, commands, buttons."""

    def __init__(
        self,
        *,
        intake: Intake,
        asking: Asking,
        desk: Desk,
        doorkeeper: Doorkeeper,
        admin: Admin,
        choices: Choices,
        preferences: PreferenceStore,
        journal: Journal,
        settings: Settings,
        members: Members,
        own_data: OwnData,
        cancel: Callable[[str, str], Awaitable[bool]],
        send: Callable[[Outgoing], None],
        handlers: Mapping[str, Handler] | None = None,
        commands: Mapping[str, Command] | None = None,
        language: str = "auto",
    ) -> None:
        """`handlers`: of the buttons that are not the conversation's own;
        `commands`: those that somebody else answers."""
        self._intake = intake
        self._asking = asking
        self._desk = desk
        self._doorkeeper = doorkeeper
        self._admin = admin
        self._choices = choices
        self._preferences = preferences
        self._journal = journal
        self._settings = settings
        self._members = members
        self._own_data = own_data
        self._language = language
        self.reached: dict[Platform, asyncio.Event] = defaultdict(asyncio.Event)
        """Set once a platform has taken the bot's token."""
        self._commands = commands or {}
        self._cancelling = Cancelling(
            journal=journal,
            doorkeeper=doorkeeper,
            accounts_of=own_data.accounts_of,
            cancel=cancel,
        )
        self._arrivals = Arrivals(
            doorkeeper=doorkeeper,
            admin=admin,
            members=members,
            preferences=preferences,
            send=send,
            language=language,
        )
        self._presses = Presses(
            {
                "cancel": self._cancelling.press,
                "approve": self._arrivals.press,
                "leave": self._arrivals.press,
                **(handlers or {}),
            }
        )

    async def handle(self, incoming: Incoming) -> Answer:
        """Answer one command. Never raises a Refusal."""
        known, requester = await self._known(incoming.reply_to, incoming.requester)
        incoming = replace(incoming, requester=requester)
        return await self._politely(requester, self._handle(incoming, known))

    async def precheck(self, incoming: Incoming, *, aloud: bool = True) -> Answer | None:
        """The cheap part of a `draw`: the refusal that `handle` would give, or None.

        `aloud`: where the refusal is silence (an unapproved chat), say why all the same.
        """
        known, requester = await self._known(incoming.reply_to, incoming.requester)
        incoming = replace(incoming, requester=requester)
        checked = await self._politely(requester, self._precheck(incoming, known, aloud))
        return None if checked is _GO_ON else checked

    async def too_old(self, incoming: Incoming) -> Answer:
        """Answer a command that waited at the platform for so long that nobody expects it."""
        known, requester = await self._known(incoming.reply_to, incoming.requester)
        incoming = replace(incoming, requester=requester)
        return await self._politely(requester, self._too_old(incoming, known))

    async def press(self, press: Press) -> Answer:
        """Answer a button."""
        known, requester = await self._known(press.reply_to, press.requester)
        press = replace(press, requester=requester)
        return await self._politely(requester, self._presses.answer(press, known.preferences))

    async def shows(self, press: Press, message_ids: Sequence[str]) -> None:
        """Messages of ours that answered `press`: a reply to one means its picture."""
        job = await self._journal.job(press.job_id)
        if job is not None:
            first = press.index
            await self._journal.shown(job, message_ids, range(first, first + len(message_ids)))

    def complete(self, field: str, typed: str) -> tuple[str, ...]:
        """Up to 25 values for a typed option: `model`, `sampler`, `lora`, `vae`."""
        return self._desk.complete(field, typed)

    async def presets(self, requester: Requester, typed: str) -> tuple[str, ...]:
        """Names of a member's own presets, for a typed option."""
        return await self._asking.presets(requester, typed)

    def presence(self) -> str:
        """One line for all chats of a platform: the model, and how long the line is."""
        return say(self._desk.presence(), language_for(None, self._language))

    async def spoken(self, requester: Requester) -> str | None:
        """The language in which this account last spoke to us, for a platform that does not tell
        it with each message."""
        try:
            return await self._members.language_of(requester)
        except StoreError:
            return None  # whatever is asked next will say so

    async def joined(self, to: ReplyTo, title: str, language: str | None = None) -> Answer:
        """The bot was added to a chat, which may have a language of its own: what to say there
        once, if anything."""
        return await self._arrivals.joined(to, title, language)

    def leave(self, platform: Platform, chat_id: str) -> None:
        """Leave a chat."""
        self._arrivals.leave(platform, chat_id)

    async def migrated(self, platform: Platform, old_chat_id: str, new_chat_id: str) -> None:
        """A Telegram group became a supergroup: what was settled for it follows."""
        await self._doorkeeper.follow(platform, old_chat_id, new_chat_id)
        await self._admin.chat_moved(f"{platform}:{old_chat_id}", f"{platform}:{new_chat_id}")

    async def knows_itself(self, platform: Platform, user_id: str) -> None:
        """The account that the bot has on a platform: no command is about it."""
        self.reached[platform].set()
        noted = partial(self._settings.set_fact, f"own:{platform}", f"{platform}:{user_id}")
        await insist(noted, f"the bot's own account on {platform}")

    def words(self, requester: Requester, item: Phrase) -> str:
        """Word a phrase in the language of `requester`, for what only an adapter knows."""
        return say(item, language_for(requester.language, self._language))

    # Commands --------------------------------------------------------------------------------

    async def _known(self, to: ReplyTo, requester: Requester) -> tuple[Known, Requester]:
        """What is known of this member in this chat, and the member with the language that they
        are answered in: as settled, as configured, or their own."""
        try:
            known = await self._doorkeeper.look(to, requester)
        except StoreError:
            return Known(spoken=requester.language), requester  # the answer will say so
        configured = None if self._language == "auto" else self._language
        language = known.preferences.language or configured or requester.language
        if language != requester.language:
            requester = replace(requester, language=language)
        return known, requester

    async def _politely(self, requester: Requester, work: Awaitable[Answer]) -> Answer:
        language = language_for(requester.language)
        try:
            return await work
        except Refusal as refusal:
            metrics.REFUSED.labels(requester.platform, type(refusal).__name__).inc()
            log.info("%s refused: %s", requester.account, refusal)
            return Answer(text=say_all(refusal.phrases, language))
        except StoreError:
            log.exception("the database cannot be used")
            return Answer(text=say(phrase("store-unavailable"), language))
        except Exception:
            # A defect of ours: silence would leave the member waiting for ever.
            log.exception("unexpected error")
            return Answer(text=say(phrase("unexpected"), language))

    async def _handle(self, incoming: Incoming, known: Known) -> Answer:
        if await self._asking.is_idle(incoming):
            return Answer()
        incoming = as_set(as_drawn(incoming))
        command = _ALIASES.get(incoming.command.lower(), incoming.command.lower())
        if command == "claim":
            private = incoming.reply_to.private
            closed = None if private else await self._closed(incoming, known)
            return await self._arrivals.claim(incoming, closed)
        if command == "admin":
            return await self._run_admin(incoming, known)
        if command in _OWN_DATA and incoming.reply_to.private:
            # Whoever left the chat, or may not draw any more, is still asked nothing about that.
            own = await self._own_data.answer(command, incoming)
            return answer(incoming.requester, *own)
        is_drawing = command in _DRAWING
        if (closed := await self._closed(incoming, known, note=not is_drawing)) is not None:
            return closed
        if is_drawing:
            try:
                return await self._draw(incoming, known.preferences, command)
            finally:  # an accepted request has noted its member
                await self._members.heard(incoming)
        if command == "cancel":
            return await self._cancelling.command(incoming)
        if (run := self._commands.get(command)) is not None:
            return await run(incoming, known.preferences)
        if command == "settings":
            operator = await self._doorkeeper.is_operator(incoming.requester)
            said = await self._choices.run(incoming, operator=operator)
            # In the language that holds from now on.
            as_before = replace(incoming.requester, language=known.spoken)
            _, requester = await self._known(incoming.reply_to, as_before)
            return answer(requester, *said)
        if command == "models":
            await self._intake.know_catalog()
        if command in _OWN_DATA:
            own = await self._own_data.answer(command, incoming)
            return answer(incoming.requester, *own)
        lines = await self._desk.answer(command, incoming, known.preferences)
        if lines is None:
            if not incoming.reply_to.private:
                return Answer()  # in a group it may be meant for another bot
            lines = (_unknown(incoming.command[:40]),)
        return answer(incoming.requester, *lines)

    async def _too_old(self, incoming: Incoming, known: Known) -> Answer:
        if await self._asking.is_idle(incoming):
            return Answer()
        closed = await self._closed(incoming, known)
        return closed or answer(incoming.requester, phrase("request-too-old"))

    async def _closed(
        self, incoming: Incoming, known: Known, *, note: bool = True
    ) -> Answer | None:
        """The answer of a door that is shut; None when it is open."""
        match await self._doorkeeper.check(incoming, known, note=note):
            case Access.ALLOWED:
                return None
            case Access.NEW_CHAT:
                return await self._arrivals.ask(incoming)
            case Access.SILENT:
                return Answer()
            case Access.PRIVATE_CLOSED:
                return answer(incoming.requester, await self._private_closed())

    async def _private_closed(self) -> Phrase:
        if not await self._doorkeeper.operators():
            return phrase("private-unclaimed")
        return phrase("private-closed" if self._doorkeeper.members_welcome else "private-operators")

    async def _precheck(self, incoming: Incoming, known: Known, aloud: bool) -> Answer:
        closed = await self._closed(incoming, known, note=False)
        if closed is not None:
            if closed.text or not aloud:
                return closed
            return answer(incoming.requester, phrase("chat-closed"))
        incoming = as_drawn(incoming)
        command = _ALIASES.get(incoming.command.lower(), incoming.command.lower())
        held = known.preferences
        if command in self._commands:
            return _GO_ON
        try:
            await self._intake.check(
                await self._asking.asked(incoming, held, command, is_precheck=True)
            )
        except Refusal:
            await self._members.heard(incoming)
            raise
        return _GO_ON

    async def _draw(self, incoming: Incoming, held: Preferences, command: str) -> Answer:
        if incoming.source and not incoming.text.strip():
            # To read a picture's own words is work: whoever may not draw is told before.
            first = await self._asking.asked(incoming, held, command, is_precheck=True)
            await self._intake.check(first)
        asked = await self._asking.asked(incoming, held, command)
        if asked.parsed.request.price:
            return answer(incoming.requester, await self._intake.price(asked))
        note = partial(self._members.note, incoming=incoming)
        ticket = await self._intake.submit(asked, note)
        self._members.noted(incoming)
        return Answer(job_id=ticket.job_id, private=False)

    # Administration --------------------------------------------------------------------------

    async def _run_admin(self, incoming: Incoming, known: Known) -> Answer:
        operator, to = await self._doorkeeper.is_operator(incoming.requester), incoming.reply_to
        if not operator and (closed := await self._closed(incoming, known)) is not None:
            return replace(closed, text="")
        incoming = await self._members.aimed(incoming, anywhere=to.private)
        done = await self._admin.run(incoming, operator=operator)
        if done.discreet and to.platform is Platform.TELEGRAM and not to.private:
            return self._tell_aside(incoming.requester, done.lines)
        told = answer(incoming.requester, *done.lines)
        if done.status is not None:
            told = replace(told, picture=await asyncio.to_thread(picture, done.status))
        return told

    def _tell_aside(self, who: Requester, lines: tuple[Phrase, ...]) -> Answer:
        """In the private chat, for a platform whose groups read every answer."""
        if who.user_id.startswith("-"):  # an anonymous admin has none
            return answer(who, phrase("told-aside-to-nobody"))
        self._arrivals.write(who, say_all(lines, language_for(who.language)))
        return answer(who, phrase("told-aside"))


def _unknown(typed: str) -> Phrase:
    """What is said of a command that nobody knows."""
    if close := difflib.get_close_matches(typed.lower(), _KNOWN, 1, 0.6):
        return phrase("unknown-command-near", command=typed, near=close[0])
    return phrase("unknown-command", command=typed)
