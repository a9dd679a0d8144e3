"""Every error this project raises on purpose, told by who must act.

    ChatelierError
    ├── Refusal            the member acts: nothing charged, told kindly, logged at info
    │   ├── BadCommand       the request cannot be understood (all faults at once)
    │   ├── UnknownName      no such model, sampler, LoRA; a near name is offered
    │   ├── UnusablePicture  the source picture cannot be taken
    │   ├── QuotaExceeded    no credits left, and when they come back
    │   ├── QueueFull        too many waiting jobs
    │   ├── RejectedPrompt   the prompt filter says no
    │   ├── Paused           nothing new is taken for now
    │   ├── RendererAbsent   the render process does not start, so nothing can be drawn at all
    │   └── NotPermitted     this account may not do this here
    ├── RenderError        the operator acts: refunded, the member gets a short id
    │   ├── OutOfMemory
    │   ├── ModelUnavailable
    │   ├── PromptTooLong    more than the text encoder is given at once
    │   ├── RenderTimeout
    │   ├── RendererDied     the render process ended while this job was in it
    │   ├── BadOutput        NaN or blank picture
    │   └── InspectionFailed nobody could look at the picture, so it may not be shown
    ├── DeliveryError      wait, or give up with a record
    │   ├── RetryLater       the platform said when
    │   ├── DoubtfulSend     it may have arrived although no answer came
    │   ├── Rejected         the platform will never take this message
    │   └── ChatGone         kicked, blocked, deleted
    ├── StoreError         the database cannot be used
    ├── JobCancelled       somebody asked to stop
    └── ConfigError        one line: file, key, value, what was expected

Classes carry data; the words live in `bot/replies`.
"""

from bot.phrase import Phrase


class ChatelierError(Exception):
    """Base of everything below."""


class Refusal(ChatelierError):
    """Something the member can mend. Carries one phrase for each fault."""

    def __init__(self, *phrases: Phrase) -> None:
        super().__init__(*(p.key for p in phrases))
        self.phrases = phrases


class BadCommand(Refusal):
    """The request cannot be understood; all its faults are told together."""


class UnknownName(Refusal):
    """No such checkpoint, VAE, LoRA, sampler or command."""


class UnusablePicture(Refusal):
    """The source picture is no picture, too large, or of a format that is not taken."""


class QuotaExceeded(Refusal):
    """A limit of credits is reached; the phrase says which and until when."""


class QueueFull(Refusal):
    """The member or the chat already has as many waiting jobs as allowed."""


class RejectedPrompt(Refusal):
    """The prompt filter names a category, never a word."""


class Paused(Refusal):
    """An operator or the chat's admins have paused the bot; the phrase says why."""


class RendererAbsent(Refusal):
    """The render process does not start; the log tells the operator why."""


class NotPermitted(Refusal):
    """This account may not do this here."""


class RenderError(ChatelierError):
    """Drawing failed. `detail` is for the log, never for a chat."""

    key = "render-failed"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class OutOfMemory(RenderError):
    """The device has too little memory for this request."""

    key = "render-out-of-memory"


class ModelUnavailable(RenderError):
    """The checkpoint, VAE or LoRA of this request cannot be loaded."""

    key = "render-model-unavailable"


class PromptTooLong(RenderError):
    """The prompt has too many chunks: the vectors of embeddings count like words."""

    key = "render-prompt-too-long"


class RenderTimeout(RenderError):
    """No step was finished within the deadline; the process was replaced."""

    key = "render-timeout"


class RendererDied(RenderError):
    """The render process ended with this job in it; a retry may succeed.

    `alone`: no other job was in it, so this one may well be the cause.
    """

    key = "render-died"

    def __init__(self, detail: str = "", *, alone: bool = False) -> None:
        super().__init__(detail)
        self.alone = alone


class BadOutput(RenderError):
    """The picture came out as NaN or blank."""

    key = "render-bad-output"


class InspectionFailed(RenderError):
    """The picture could not be looked at, so nobody knows whether it may be shown."""

    key = "inspection-failed"


class DeliveryError(ChatelierError):
    """A message could not be brought to its chat."""


class RetryLater(DeliveryError):
    """Try again after `seconds`; the message certainly did not arrive."""

    def __init__(self, seconds: float, detail: str = "") -> None:
        super().__init__(detail)
        self.seconds = seconds


class DoubtfulSend(DeliveryError):
    """No answer came, so the message may or may not have arrived."""


class Rejected(DeliveryError):
    """The platform refuses this message, and would refuse it again."""


class ChatGone(DeliveryError):
    """The bot was kicked, blocked, or the chat does not exist any more."""


class StoreError(ChatelierError):
    """The database cannot be opened, read or written."""


class JobCancelled(ChatelierError):
    """The job was cancelled while it was in the renderer."""


class ConfigError(ChatelierError):
    """A setting is wrong; `str()` is the one line the operator reads."""
