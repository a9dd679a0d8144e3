"""What the page shows of one message (pure): from `Outgoing` and from the journal to `Bubble`."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain import Button, Fate, Job, JobState, Kind, Outgoing, Picture
from bot.journal import HistoryItem
from bot.replies.buttons import REPORT
from bot.replies.messages import Messages

_DRAWN_BAR = re.compile(r"[▰▱]+ ?")
_UNDER_WAY = (JobState.WAITING, JobState.DRAWING, JobState.DRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """One picture of a result. `id` is the message id that a reply to it names."""

    id: str
    url: str
    seed: str
    """As text: JavaScript's numbers lose digits beyond 2⁵³."""
    infotext: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One message of the chat as the page gets it (JSON)."""

    id: str
    kind: str
    """`request` (from the page), or the `Kind` of what the bot says."""
    at: float
    text: str = ""
    reply_to: str = ""
    job: str = ""
    image: str = ""
    """Address of the picture that the member sent along, or that the bot shows with a note."""
    quoted: str = ""
    """Address of the picture that the member replied to."""
    pictures: tuple[ShownPicture, ...] = ()
    buttons: tuple[Button, ...] = ()
    progress: float | None = None
    preview: str = ""
    """A `data:` address."""
    demo: bool = False
    spoiler: bool = False


def picture_url(job_id: str, index: int) -> str:
    """Where the original PNG of a picture is served."""
    return f"/api/pictures/{job_id}/{index}.png"


def upload_url(message_id: str) -> str:
    """Where a picture that the member sent is served while it is kept in memory."""
    return f"/api/uploads/{message_id}"


def of_status(message: Outgoing, message_id: str, at: float) -> Bubble:
    """The status message, first sent or edited."""
    return Bubble(
        id=message_id,
        kind=Kind.STATUS,
        at=at,
        # The page draws a real bar, so the one made of characters would be said twice.
        text=_DRAWN_BAR.sub("", message.text),
        reply_to=message.to.message_id,
        job=message.job_id,
        buttons=message.buttons,
        progress=message.progress,
        preview=_inline("jpeg", message.preview) if message.preview else "",
    )


def of_result(message: Outgoing, message_ids: Sequence[str], at: float) -> Bubble:
    """The end of a job; `message_ids`: one for each picture, or one for the sentence."""
    return Bubble(
        id=message_ids[0],
        kind=Kind.RESULT,
        at=at,
        text=message.text,
        reply_to=message.to.message_id,
        job=message.job_id,
        pictures=tuple(
            shown_picture(message.job_id, picture, message_id)
            for picture, message_id in zip(message.pictures, message_ids, strict=False)
        ),
        buttons=shown_buttons(message.buttons),
        demo=message.model_is_demo,
        spoiler=message.spoiler,
    )


def of_note(
    text: str, message_id: str, at: float, *, reply_to: str = "", png: bytes | None = None
) -> Bubble:
    """Anything else the bot says, with a picture to it or without."""
    return Bubble(
        id=message_id,
        kind=Kind.NOTE,
        at=at,
        text=text,
        reply_to=reply_to,
        image=_inline("png", png) if png else "",
    )


def _inline(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def of_past(item: HistoryItem, language: str) -> list[Bubble]:
    """A request that the journal remembers, and what was said about it."""
    job = item.job
    found = [] if job.is_pressed else [_past_request(job)]
    if item.pictures and all(p.fate is Fate.DELETED for p in item.pictures):
        return found
    if item.message_ids:
        message = Messages(language).end(job, item.pictures)
        found.append(of_result(message, item.message_ids, job.accepted_at + job.seconds))
    elif job.status_message_id and job.state in _UNDER_WAY:
        # Delivery will say where it stands; until then this shows that it is not lost.
        found.append(
            Bubble(
                id=job.status_message_id,
                kind=Kind.STATUS,
                at=job.accepted_at,
                reply_to=job.reply_to.message_id,
                job=job.id,
            )
        )
    return found


def _past_request(job: Job) -> Bubble:
    return Bubble(
        id=job.reply_to.message_id,
        kind="request",
        at=job.accepted_at,
        # The journal keeps what followed the command.
        text=f"/draw {job.text}".rstrip(),
        quoted=picture_url(job.source_job_id, 0) if job.source_job_id else "",
    )


def shown_buttons(buttons: Iterable[Button]) -> tuple[Button, ...]:
    """Those that mean something here: whoever sees the page is the admin that reports go to."""
    return tuple(button for button in buttons if button.action != REPORT)


def shown_picture(job_id: str, picture: Picture, message_id: str) -> ShownPicture:
    """What the page needs of a picture that `message_id` shows."""
    return ShownPicture(
        id=message_id,
        url=picture_url(job_id, picture.index),
        seed=str(picture.seed),
        infotext=picture.infotext,
    )
