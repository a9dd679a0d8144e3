"""From what a member sent to what is asked: words, the picture they reply to, or another turn of
a picture that was drawn before."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot import editing
from bot.command import REPLY, WORDS, Parsed, parse_draw
from bot.domain import DrawRequest, Incoming, Job, JobState, Requester
from bot.errors import BadCommand, UnusablePicture
from bot.intake import Asked
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.presets import PresetStore
from bot.resolve.again import asked_again
from bot.tweak import is_chatter, is_question, nearby, tweaked, with_preset

REDO = ("again", "vary", "upscale")
"""Commands about a picture that is replied to."""

USUAL_VARIATION = 0.1
USUAL_UPSCALE = 2.0
UPSCALE_STRENGTH = 0.35
"""Enough to draw what a larger picture shows, not enough to draw another picture."""
_SHARP = "a sharp, detailed picture"
"""What is drawn larger where nobody says what it shows."""
_TWEAK = "tweak"
_RESULTS = (JobState.DRAWN, JobState.DELIVERED)


class Asking:
    """Makes an `Asked` of an `Incoming`."""

    def __init__(
        self,
        *,
        journal: Journal,
        is_operator: Callable[[Requester], Awaitable[bool]],
        presets: PresetStore,
        carried: Callable[[bytes], Awaitable[str]],
    ) -> None:
        """`carried` reads the parameters that a picture carries, as an infotext."""
        self._journal = journal
        self._is_operator = is_operator
        self._presets = presets
        self._carried = carried

    async def presets(self, requester: Requester, typed: str) -> tuple[str, ...]:
        """Names of a member's own presets that fit what was typed."""
        return await self._presets.names(requester.account, typed)

    async def is_idle(self, incoming: Incoming) -> bool:
        """Whether words without a command are none of the bot's business: thanks for a picture, a
        question that members ask each other, or an answer to something that is no picture."""
        if incoming.command not in (WORDS, REPLY):
            return False
        job, _ = await self._replied_to(incoming)
        if job is None or job.state not in _RESULTS:
            return incoming.command == REPLY
        if not incoming.reply_to.private and is_question(incoming.text):
            return incoming.command == REPLY
        return bool(incoming.text.strip()) and is_chatter(incoming.text)

    async def asked(
        self, incoming: Incoming, held: Preferences, command: str, *, is_precheck: bool = False
    ) -> Asked:
        """What is asked for by `command`: `draw`, one of `REDO`, or words alone. In a precheck
        the picture that is replied to may not have been fetched yet.

        Raises:
            BadCommand: the command needs a picture that is not there.
            UnusablePicture: a picture is gone from the disk.
        """
        job, index = await self._replied_to(incoming)
        if command in (WORDS, REPLY):
            is_result = job is not None and job.state in _RESULTS
            command = _TWEAK if is_result and incoming.text.strip() else "draw"
        return await self.about(incoming, held, command, job, index, is_precheck=is_precheck)

    async def about(
        self,
        incoming: Incoming,
        held: Preferences,
        command: str,
        job: Job | None,
        index: int = 0,
        *,
        is_precheck: bool = False,
    ) -> Asked:
        """The same about picture `index` of `job`, whatever message is replied to.

        Raises:
            BadCommand, UnusablePicture: as `asked`.
        """
        incoming = await self._about(incoming, job, index)
        parsed = await self._understood(incoming, is_reply=command in ("again", _TWEAK))
        if command in ("again", _TWEAK) and job is not None:
            strong = command == _TWEAK and parsed.request.denoising_strength is not None
            if strong and job.spec.input_sha256 is None and job.spec.hires is None:
                # A strength speaks of a picture to start from, and there is only this one.
                incoming = replace(incoming, source=await self._picture(job, index))
                command = "draw"
            else:
                incoming = await self._with_source(incoming, job)
            parsed = tweaked(asked_again(job.spec, index), parsed)
        elif command == "vary" and job is not None:
            parsed = nearby(_varied(job, index), parsed, "subseed_strength")
            incoming = await self._with_source(incoming, job)
        elif job is not None and (png := await self._shown(job, index, command)):
            incoming = replace(incoming, source=png)
            parsed = _upscaled(job, index, parsed) if command == "upscale" else parsed
        elif incoming.source_problem and command in ("draw", "upscale"):
            raise UnusablePicture(phrase(incoming.source_problem, most=20))
        elif command == "upscale" and (incoming.source or is_precheck):
            job, parsed = None, _upscaled(None, 0, parsed)
        elif command in REDO:
            raise BadCommand(phrase("redo-no-picture", command=command))
        elif is_precheck and not parsed.request.prompt:
            # A picture is on its way, which may carry its words.
            job, parsed = None, replace(parsed, request=replace(parsed.request, prompt=_SHARP))
        else:
            carried = await self._as_carried(incoming, parsed)
            if carried is not incoming:
                parsed = await self._understood(carried)
            job, incoming = None, carried
        return await self._complete(incoming, parsed, held, _own_source(job, command))

    async def edited(
        self,
        incoming: Incoming,
        held: Preferences,
        job: Job,
        index: int,
        fields: Mapping[str, str],
    ) -> Asked:
        """What is asked for by the form of picture `index` of `job`, filled in.

        Raises:
            UnusablePicture: the picture that it started from is gone from the disk.
        """
        parsed = editing.filled_in(job, index, fields)
        incoming = await self._about(incoming, job, index)
        incoming = replace(incoming, text=fields.get("prompt", ""))
        incoming = await self._with_source(incoming, job)
        return await self._complete(incoming, parsed, held, job.source_job_id)

    async def _complete(
        self, incoming: Incoming, parsed: Parsed, held: Preferences, source_job_id: str | None
    ) -> Asked:
        return Asked(
            incoming=incoming,
            parsed=parsed,
            source_job_id=source_job_id,
            preferences=held,
            unlimited=await self._is_operator(incoming.requester),
        )

    async def _replied_to(self, incoming: Incoming) -> tuple[Job | None, int]:
        """The job whose picture is replied to, and which of its pictures that is."""
        if not incoming.replied_message_id:
            return None, 0
        to = incoming.reply_to
        known = await self._journal.message(to.platform, to.chat_id, incoming.replied_message_id)
        job = await self._journal.job(known.job_id) if known else None
        return job, known.picture if known else 0

    async def _about(self, incoming: Incoming, job: Job | None, index: int) -> Incoming:
        """`incoming`, which knows the message that shows picture `index` of `job`: answers to ✏️ are
        about it, and so are presses below an album, which has no buttons of its own."""
        if job is None or not incoming.replied_message_id:
            return incoming
        to, shown = incoming.reply_to, None
        for message_id in await self._journal.messages_of(job.id):
            known = await self._journal.message(to.platform, to.chat_id, message_id)
            if known is not None and (shown is None or known.picture == index):
                shown = message_id  # a grid is the first picture's message, and shows all
                if known.picture == index:
                    break
        about = replace(to, about_id=shown or incoming.replied_message_id)
        return replace(incoming, reply_to=about)

    async def _understood(self, incoming: Incoming, *, is_reply: bool = False) -> Parsed:
        """The words, flags and typed options, and the preset that they name."""
        parsed = parse_draw(incoming.text)
        if incoming.options is not None:
            parsed = parsed.under(incoming.options)
        if (name := parsed.request.preset) is None:
            return parsed
        account = incoming.requester.account
        preset = await self._presets.find(account, name)
        if preset is None:
            fault = await self._presets.unknown(account, name)
            return replace(parsed, faults=(*parsed.faults, fault))
        return with_preset(parse_draw(preset.words), parsed, is_reply=is_reply)

    async def _as_carried(self, incoming: Incoming, parsed: Parsed) -> Incoming:
        """A picture without words that carries its parameters asks to be drawn by them. They are
        text like any other, and flags beside them win."""
        if incoming.source is None or parsed.request.prompt:
            return incoming
        carried = await self._carried(incoming.source)
        if not carried:
            return incoming
        return replace(incoming, text=f"{carried}\n{incoming.text}".strip(), source=None)

    async def _shown(self, job: Job, index: int, command: str) -> bytes | None:
        """The picture that is to be changed; nothing else than itself can be enlarged."""
        if command == "upscale":
            return await self._picture(job, index)
        return await self._journal.picture(job.id, index)

    async def _picture(self, job: Job, index: int) -> bytes:
        png = await self._journal.picture(job.id, index)
        if png is None:
            raise UnusablePicture(phrase("redo-picture-gone"))
        return png

    async def _with_source(self, incoming: Incoming, job: Job) -> Incoming:
        """Starting from what that job started from."""
        if job.spec.input_sha256 is None:
            return replace(incoming, source=None)
        source = await self._journal.source(job.spec)
        if source is None:
            raise UnusablePicture(phrase("redo-source-gone"))
        return replace(incoming, source=source)


def _own_source(job: Job | None, command: str) -> str | None:
    """The job that made the source picture, if it was one of ours: of a picture drawn again it is
    whatever that one started from."""
    if job is None:
        return None
    return job.source_job_id if command in ("again", "vary", _TWEAK) else job.id


def _varied(job: Job, index: int) -> DrawRequest:
    strength = job.spec.subseed_strength or USUAL_VARIATION
    again = asked_again(job.spec, index)
    return replace(again, count=1, subseed=-1, subseed_strength=strength)


def _upscaled(job: Job | None, index: int, words: Parsed) -> Parsed:
    """One pass over the picture itself, enlarged; a second pass that was asked for is in it."""
    if job is None:
        base = DrawRequest(upscale=USUAL_UPSCALE, denoising_strength=UPSCALE_STRENGTH, raw=True)
        parsed = nearby(base, words, "upscale")
        if not parsed.request.prompt:
            parsed = replace(parsed, request=replace(parsed.request, prompt=_SHARP))
        return parsed
    base = replace(
        asked_again(job.spec, index),
        count=1,
        width=None,
        height=None,
        hires_size=None,
        hires_steps=None,
        hires_upscaler=None,
        hires_denoising_strength=None,
        subseed=None,
        subseed_strength=None,
        upscale=USUAL_UPSCALE,
        denoising_strength=UPSCALE_STRENGTH,
    )
    return nearby(base, words, "upscale")
