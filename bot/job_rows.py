"""Rows of the journal's tables, and the jobs and pictures that they stand for."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.database import Row
from bot.domain import (
    Failure,
    Fate,
    Job,
    JobState,
    ModelRef,
    Picture,
    Platform,
    RenderSpec,
    ReplyTo,
    Requester,
)
from bot.phrase import Phrase

UNREADABLE = (ValueError, msgspec.MsgspecError)
"""What reading a damaged row raises."""
_NO_SPEC = RenderSpec(
    prompt="", seed=0, steps=1, cfg_scale=1.0, sampler="", width=64, height=64,
    checkpoint=ModelRef(name="", sha256=""),
)  # fmt: skip


def to_json(value: Any) -> str:
    """How a value that is no plain column is kept."""
    return msgspec.json.encode(value).decode()


def job_of(row: Row) -> Job:
    """The job in a row.

    Raises:
        UNREADABLE: the row is damaged, or was written by another version.
    """
    return Job(
        id=row["id"],
        key=row["request_key"],
        spec=msgspec.json.decode(row["spec"], type=RenderSpec),
        requester=msgspec.json.decode(row["requester"], type=Requester),
        reply_to=msgspec.json.decode(row["reply_to"], type=ReplyTo),
        cost=row["cost"],
        text=row["text"],
        spoiler=bool(row["spoiler"]),
        as_file=bool(row["as_file"]),
        state=JobState(row["state"]),
        attempts=row["attempts"],
        deaths=row["deaths"],
        rank=row["rank"],
        person=row["person"],
        weight=row["weight"],
        accepted_at=row["accepted_at"],
        notes=msgspec.json.decode(row["notes"], type=tuple[Phrase, ...]),
        source_job_id=row["source_job_id"],
        status_message_id=row["status_message_id"],
        seconds=row["seconds"] or 0.0,
        failure=msgspec.json.decode(row["failure"], type=Failure) if row["failure"] else None,
    )


def picture_of(row: Row, png: bytes) -> Picture:
    """The picture in a row, with the bytes of its file."""
    return Picture(
        index=row["picture"],
        png=png,
        seed=row["seed"],
        infotext=row["infotext"],
        nsfw=row["nsfw"],
        fate=Fate(row["fate"]),
    )


def mended(row: Mapping[str, Any], failure: Failure) -> dict[str, Any]:
    """Columns that make a damaged row the readable one of a failed job: what cannot be read gives
    way to what its other columns tell.

    Raises:
        UNREADABLE: nothing tells whose job it was.
    """
    platform, user_id = row["account"].split(":", 1)
    stand_ins = {
        "spec": _NO_SPEC,
        "requester": Requester(platform=Platform(platform), user_id=user_id),
        "reply_to": ReplyTo(
            platform=Platform(row["platform"]), chat_id=row["chat_id"], message_id=""
        ),
        "notes": (),
    }
    kinds = {
        "spec": RenderSpec,
        "requester": Requester,
        "reply_to": ReplyTo,
        "notes": tuple[Phrase, ...],
    }
    found = {
        name: row[name] if _can_be_read(row[name], kinds[name]) else to_json(stand_in)
        for name, stand_in in stand_ins.items()
    }
    return {**found, "state": JobState.FAILED, "failure": to_json(failure)}


def _can_be_read(text: str, kind: Any) -> bool:
    try:
        msgspec.json.decode(text, type=kind)
    except UNREADABLE:
        return False
    return True
