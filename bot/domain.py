"""The vocabulary: what this product is about, as frozen data without I/O.

A request travels one way. An adapter hands an `Incoming` to the conversation; its text becomes a
`DrawRequest` (holes allowed); intake turns that once into a `RenderSpec` (no holes) inside a
`Job`; the renderer answers with `RenderEvent`s; the worker tells `JobEvent`s, exactly one of the
last three per job; delivery words them as `Outgoing` messages for the adapter that owns the chat.

Identifiers are strings, never objects of a chat library. Times are seconds since 1970, UTC.
Credits are counted in millicredits (integers), so that sums are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.catalog import Catalog as Catalog
from bot.catalog import CheckpointInfo as CheckpointInfo
from bot.catalog import ModelFile as ModelFile
from bot.catalog import UnusableFile as UnusableFile
from bot.fate import Fate as Fate
from bot.form import Form as Form
from bot.form import FormField as FormField
from bot.phrase import Phrase
from bot.spec import HiresSpec as HiresSpec
from bot.spec import LoraRef as LoraRef
from bot.spec import ModelRef as ModelRef
from bot.spec import RefinerSpec as RefinerSpec
from bot.spec import RenderSpec as RenderSpec


class Platform(StrEnum):
    """Where a member speaks to the bot."""

    TELEGRAM = "telegram"
    DISCORD = "discord"
    STUDIO = "studio"
    """The page on the operator's own machine."""
    CONSOLE = "console"
    """`chatelier draw`."""


LOCAL = (Platform.STUDIO, Platform.CONSOLE)
"""Who speaks there sits at the operator's own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asks."""

    platform: Platform
    user_id: str
    name: str = ""
    username: str = ""
    """The `@name` by which others mention this account, without the sign."""
    language: str | None = None
    """BCP 47 tag as the platform tells it, such as `zh-hans`."""

    @property
    def account(self) -> str:
        """Key of this account in the ledger and in `[access] operators`."""
        return f"{self.platform}:{self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTo:
    """Where the answer goes: enough to find the chat and the message after a restart."""

    platform: Platform
    chat_id: str
    message_id: str
    """The message to reply to; empty when there is none."""
    about_id: str | None = None
    """The message of ours whose picture is to be changed or drawn again, if it is about one."""
    thread_id: str | None = None
    """Telegram forum topic. (A Discord thread is a channel of its own: `chat_id`.)"""
    space_id: str | None = None
    """The Discord server that a channel belongs to: approvals are for the whole server."""
    private: bool = False
    """A chat of one member with the bot."""
    age_restricted: bool = False
    """Discord shows this channel to adults only."""

    @property
    def home_id(self) -> str:
        """What is approved or left: the server of a channel, or the chat itself."""
        return self.space_id or self.chat_id

    @property
    def chat(self) -> str:
        """Key of the chat, as in `[access] chats`."""
        return f"{self.platform}:{self.home_id}"


# What is asked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLora:
    """`<lora:name:0.8>` as written."""

    name: str
    weight: float = 1.0
    extra: tuple[str, ...] = ()
    """What follows the weight, such as `lbw=OUTD`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRequest:
    """What a member wrote. `None` means "not said"."""

    prompt: str = ""
    negative_prompt: str | None = None
    seed: int | None = None
    """-1 asks for a random one."""
    steps: int | None = None
    cfg_scale: float | None = None
    sampler: str | None = None
    """A1111's name, already resolved from any known spelling."""
    schedule: str | None = None
    """A1111's schedule type, such as `Karras`."""
    width: int | None = None
    height: int | None = None
    aspect: tuple[float, float] | None = None
    """Width to height; ignored where width and height are both said."""
    count: int | None = None
    denoising_strength: float | None = None
    checkpoint: str | None = None
    """A name, alias, hash or part of one; resolved against the catalogue by intake."""
    vae: str | None = None
    loras: tuple[AskedLora, ...] = ()
    upscale: float | None = None
    """How many times larger than the source picture; width and height are not asked then."""
    hires_scale: float | None = None
    hires_size: tuple[int, int] | None = None
    """Width and height of the second pass, instead of a scale."""
    hires_steps: int | None = None
    hires_upscaler: str | None = None
    hires_denoising_strength: float | None = None
    refiner: str | None = None
    refiner_switch_at: float | None = None
    subseed: int | None = None
    """-1 asks for a random one."""
    subseed_strength: float | None = None
    clip_skip: int | None = None
    preset: str | None = None
    """The member's own words and flags of that name, on top of which this is asked."""
    raw: bool = False
    spoiler: bool = False
    as_file: bool = False
    price: bool = False
    """Only tell what it would cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One command from a chat, whatever platform it came from.

    `key` is unique within the platform (Telegram: chat and message id; Discord: the interaction or
    message id): the same key twice is one request.
    """

    key: str
    command: str
    """`draw`, `cancel`, `queue`, …, without prefix; aliases are resolved by the conversation."""
    text: str = ""
    requester: Requester
    reply_to: ReplyTo
    chat_title: str = ""
    options: DrawRequest | None = None
    """Typed options (Discord): they win over flags in the text."""
    source: bytes | None = None
    """The picture to vary, as the platform gave it."""
    source_problem: str = ""
    """Key of the phrase that says why the picture could not even be fetched."""
    replied_message_id: str | None = None
    """The message this one replies to, if any."""
    target: Requester | None = None
    """The member mentioned, or whose message is replied to: whom an `/admin` command is about."""
    target_problem: str = ""
    """Key of the phrase that says why the one meant is no member that can be named."""
    is_chat_admin: bool = False
    roles: tuple[str, ...] = ()
    """Ids of the requester's roles in this server (Discord), which may stand for a tier."""
    received_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press on a button that the bot made, or a form of ours that was filled in."""

    key: str = ""
    """Unique within the platform (Telegram: the query; Discord: the interaction)."""
    action: str
    argument: str
    """What the action is about: mostly `job` or `job:picture`."""
    requester: Requester
    reply_to: ReplyTo
    """The message with the button."""
    chat_title: str = ""
    fields: Mapping[str, str] | None = None
    """What was filled in, by `FormField.name`; None: the button itself was pressed."""
    is_chat_admin: bool = False
    roles: tuple[str, ...] = ()
    received_at: float = 0.0

    @property
    def job_id(self) -> str:
        """The job that a button under its messages is about."""
        return self.argument.partition(":")[0]

    @property
    def index(self) -> int:
        """Which of its pictures; 0 where the button does not say."""
        index = self.argument.partition(":")[2]
        return int(index) if index.isdecimal() and len(index) < 4 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the conversation says at once. A job's own messages come through delivery."""

    text: str = ""
    """Empty: say nothing (a job speaks through its status message; a closed chat gets silence)."""
    private: bool = True
    """Only for the one who asked, where the platform can do that."""
    verbatim: bool = False
    """`text` is there to be copied: it is shown whole, and as it is."""
    is_done: bool = False
    """It only says that what was asked is done, and a message of the job will tell so as well: a
    sign may stand for it, or nothing."""
    picture: bytes | None = None
    """A PNG to show with the text."""
    files: tuple["Picture", ...] = ()
    """Pictures to be handed out as the files they are."""
    form: Form | None = None
    """To be filled in by the one who asked."""
    job_id: str | None = None
    """Set when a job was accepted."""


# What is done -------------------------------------------------------------------------------


PRESSED = "press:"
"""The key of a request that a button made begins with this."""


class JobState(StrEnum):
    """Where a job stands; every change is one transaction."""

    WAITING = "waiting"
    DRAWING = "drawing"
    DRAWN = "drawn"
    """All pictures lie on disk; delivery is under way."""
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job ended without pictures; the credits are back."""

    key: str
    """Phrase that tells the class of the failure."""
    incident: str
    """Short id that stands in the log beside the details."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An accepted request: plain data that can be printed, stored, sent to another machine."""

    id: str
    """12 characters of base 32; also the Discord nonce and the id in buttons."""
    key: str
    spec: RenderSpec
    requester: Requester
    reply_to: ReplyTo
    cost: int
    """Millicredits reserved in the ledger."""
    text: str = ""
    spoiler: bool = False
    as_file: bool = False
    state: JobState = JobState.WAITING
    attempts: int = 0
    deaths: int = 0
    """How often drawing was begun, and how often the render process ended while in it."""
    rank: float = 0.0
    """Below 0: it has had its turn in the fair queue, and goes first where it waits again."""
    person: str = ""
    """Who pays in turns for it: one of the linked accounts; empty: the requester's own."""
    weight: float = 1.0
    """Of the requester's tier: how much more of the machine they get than others."""
    accepted_at: float = 0.0
    status_message_id: str | None = None
    seconds: float = 0.0
    """How long drawing took, once drawn."""
    failure: "Failure | None" = None
    notes: tuple[Phrase, ...] = ()
    """What intake changed or ignored: clamped values, unknown infotext keys."""
    source_job_id: str | None = None
    """The job whose picture this one varies, if it was one of ours."""

    @property
    def is_pressed(self) -> bool:
        """Nobody wrote this request: a button was pressed."""
        return self.key.startswith(PRESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What an accepted request gets: its place and the predicted wait."""

    job_id: str
    position: int
    """0: next to be drawn."""
    eta_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One finished picture: PNG bytes with the infotext inside."""

    index: int
    png: bytes
    seed: int
    infotext: str
    nsfw: float | None = None
    """Probability that it is not safe for work; None where nobody looked."""
    fate: Fate = Fate.SHOWN


# What the renderer tells --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """One denoising step of a job (all its pictures) is done; `preview` is a small JPEG."""

    step: int
    steps: int
    preview: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureDone:
    """One picture of a job is finished."""

    picture: Picture


RenderEvent = StepDone | PictureDone


# What happens to a job ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Accepted, or its place in line has changed."""

    position: int
    eta_s: float
    exact: bool = True
    """False: far back in a long line, the place is an estimate."""


@dataclass(frozen=True, slots=True)
class Held:
    """Accepted, but in no line before an admin has read its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Drawing has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Between Started and the end."""

    step: int
    steps: int
    eta_s: float | None = None
    preview: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All pictures are on disk."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Nothing was drawn; the credits are back."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Stopped by its requester or an admin."""


JobEvent = Queued | Held | Started | Progress | Finished | Failed | Cancelled


# What is sent -------------------------------------------------------------------------------


class Kind(StrEnum):
    """What an outgoing message is for."""

    STATUS = "status"
    """The one status message of a job: sent once, then edited."""
    RESULT = "result"
    """The pictures, or the sentence that ends the job: a new message that notifies."""
    NOTE = "note"
    """Anything else; with an empty `to.chat_id` it goes to `notify` in private."""
    LEAVE = "leave"
    """No message at all: leave this chat."""
    REMOVE = "remove"
    """No new message: delete the one that `remove` names. Where the platform does not allow that,
    `pictures` and `text` take the place of what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button; the adapter packs `action:argument` into what the platform allows: 64 bytes."""

    label: str
    action: str
    argument: str
    about: str = ""
    """What it does in words, where the label is only a sign."""
    row: int = 0
    """Buttons of one row stand beside each other, as far as there is room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message in words, ready for a platform.

    The adapter decides how: photo, album, document, attachment. `nonce` (≤ 25 characters) names
    this message, so that a repeated send can be recognised where the platform allows it.
    """

    kind: Kind
    to: ReplyTo
    text: str = ""
    nonce: str = ""
    edit: str | None = None
    """Edit this message of ours instead of sending a new one."""
    remove: str | None = None
    """Once this has arrived, delete that message of ours, or edit it to `remove_text`."""
    remove_text: str = ""
    pictures: tuple[Picture, ...] = ()
    grid: bytes | None = None
    """`pictures` side by side as one JPEG, for a platform where one message shows one picture."""
    preview: bytes | None = None
    """A small JPEG to show in the status message, where the platform can."""
    progress: float | None = None
    """0 to 1, for a platform that can draw a bar of its own."""
    as_file: bool = False
    spoiler: bool = False
    buttons: tuple[Button, ...] = ()
    form: Form | None = None
    """To be filled in by `notify`, in an answer to this message."""
    notify: Requester | None = None
    is_pressed: bool = False
    """Asked for with a button: what it replies to is no message of `notify`."""
    job_id: str = ""
    model_is_demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a message arrived. `message_ids`: one per message made, the first is the main
    one; `file_ids` lets the platform send the same file again."""

    message_ids: tuple[str, ...]
    file_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What a platform says of a member in a chat."""

    is_admin: bool = False
