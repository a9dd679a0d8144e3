"""From what a member sent to what is asked: words, the picture they reply to, or another turn of
a picture that was drawn before."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot import values
from bot.command import Parsed, override, parse_draw, said
from bot.domain import DrawRequest, Incoming, Job, Requester
from bot.errors import BadCommand, UnusablePicture
from bot.intake import Asked
from bot.journal import Journal
from bot.phrase import phrase
from bot.preferences import Preferences
from bot.resolve.again import asked_again

REDO = ("again", "vary", "upscale")
"""Commands about a picture that is replied to."""

USUAL_VARIATION = 0.1
USUAL_UPSCALE = 2.0
UPSCALE_STRENGTH = 0.35
"""Enough to draw what a larger picture shows, not enough to draw another picture."""
_SHARP = "a sharp, detailed picture"
"""What is drawn larger where nobody says what it shows."""


class Asking:
    """Makes an `Asked` of an `Incoming`."""

    def __init__(
        self, journal: Journal, is_operator: Callable[[Requester], Awaitable[bool]]
    ) -> None:
        self._journal = journal
        self._is_operator = is_operator

    async def asked(
        self, incoming: Incoming, held: Preferences, command: str, *, is_precheck: bool = False
    ) -> Asked:
        """What is asked for by `command`, which is `draw` or one of `REDO`. In a precheck the
        picture that is replied to may not have been fetched yet.

        Raises:
            BadCommand: the command needs a picture that is not there.
            UnusablePicture: a picture is gone from the disk.
        """
        parsed = parse_draw(incoming.text)
        if incoming.options is not None:
            parsed = parsed.under(incoming.options)
        job, index = await self._replied_to(incoming)
        if command == "again" and job is not None:
            parsed = _over(replace(asked_again(job.spec), seed=-1), parsed)
            incoming = await self._with_source(incoming, job)
        elif command == "vary" and job is not None:
            parsed = _over(_varied(job, index), parsed, "subseed_strength")
            incoming = await self._with_source(incoming, job)
        elif command == "upscale" and (job is not None or incoming.source or is_precheck):
            shown = await self._picture(job, index) if job else incoming.source
            incoming = replace(incoming, source=shown)
            parsed = _over(_larger(job, index), parsed, "upscale")
        elif command in REDO:
            raise BadCommand(phrase("redo-no-picture", command=command))
        elif job is not None and (png := await self._journal.picture(job.id, index)):
            incoming = replace(incoming, source=png)
        else:
            job = None
        return Asked(
            incoming=incoming,
            parsed=parsed,
            source_job_id=_own_source(job, command),
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
    return job.source_job_id if command in ("again", "vary") else job.id


def _varied(job: Job, index: int) -> DrawRequest:
    strength = job.spec.subseed_strength or USUAL_VARIATION
    again = asked_again(job.spec, index)
    return replace(again, count=1, subseed=-1, subseed_strength=strength)


def _larger(job: Job | None, index: int) -> DrawRequest:
    """One pass over the picture itself, enlarged; a second pass that was asked for is in it."""
    larger = DrawRequest(prompt=_SHARP)
    if job is not None:
        larger = replace(
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
        )
    return replace(larger, upscale=USUAL_UPSCALE, denoising_strength=UPSCALE_STRENGTH)


def _over(base: DrawRequest, words: Parsed, about: str = "") -> Parsed:
    """`base` with what is said besides: flags win, words replace the prompt, and words behind a
    `+` are added to it. A number alone, as in `/vary 0.3` and `/upscale 1.5x`, is the field that
    the command is `about`. What comes from `base` and is here no more is told, not refused."""
    changes = said(words.request)
    prompt = words.request.prompt.strip()
    number = values.decimal(prompt.removesuffix("x").removesuffix("×")) if about else None
    if number is not None:
        changes = {name: value for name, value in changes.items() if name != "prompt"}
        changes[about] = number
    elif prompt.startswith("+"):
        changes["prompt"] = f"{base.prompt}, {prompt[1:].strip()}"
    if base.hires_size and base.width and {"width", "height", "aspect"} & changes.keys():
        # Another first pass: what stays is how many times larger the second one is.
        changes.setdefault("hires_scale", round(base.hires_size[0] / base.width, 2))
    return replace(
        words,
        request=override(base, DrawRequest(**changes)),
        pasted=(frozenset(said(base)) - frozenset(changes) - {"prompt"}) | words.pasted,
    )
