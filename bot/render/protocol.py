"""What travels between the bot and its render process: MessagePack messages.

Free of torch, so that the bot process can import it.
"""

from typing import Final

import msgspec

from bot.config import RenderConfig
from bot.domain import Catalog, Picture, RenderSpec
from bot.errors import (
    BadOutput,
    JobCancelled,
    ModelUnavailable,
    OutOfMemory,
    PromptTooLong,
    RenderError,
    RenderTimeout,
)

WRONG_SETTING: Final = 2
"""Exit code of a process whose settings this machine cannot follow; its last words tell which."""


class Setup(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """First order: how to draw."""

    config: RenderConfig
    data_dir: str
    default_checkpoint: str = ""
    version: str = ""


class Draw(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Draw this. `inputs`: PNG bytes by SHA-256."""

    job_id: str
    spec: RenderSpec
    inputs: dict[str, bytes]


class Cancel(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Drop this job at the next tick."""

    job_id: str


Order = Setup | Draw | Cancel


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The process takes orders, and offers this. Sent again when the models folder changed."""

    catalog: Catalog


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The loop is alive. `loading`: what comes now may take as long as loading a checkpoint."""

    loading: bool = False


class Figures(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the process has done since its start, and the device's own memory, for watching it."""

    calls: int = 0
    """UNet calls,"""
    rows: int = 0
    """and the rows in all of them: pictures are one or two rows each."""
    device_free: int = 0
    device_total: int = 0
    """Bytes; 0 where the device has no memory of its own."""


class Step(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A job has come a step further."""

    job_id: str
    step: int
    steps: int
    preview: bytes | None = None


class Drawn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A picture of a job is finished."""

    job_id: str
    picture: Picture


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last word about a job. `failure` names a class of `FAILURES`; empty: all went well."""

    job_id: str
    failure: str = ""
    detail: str = ""


Report = Ready | Beat | Figures | Step | Drawn | Ended

FAILURES: Final[dict[str, type[RenderError]]] = {
    kind.__name__: kind
    for kind in (
        RenderError,
        OutOfMemory,
        ModelUnavailable,
        PromptTooLong,
        RenderTimeout,
        BadOutput,
    )
}

_encoder = msgspec.msgpack.Encoder()
_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def encode(message: Order | Report) -> bytes:
    """One message as MessagePack."""
    return _encoder.encode(message)


def decode_order(content: bytes) -> Order:
    """The order in a message.

    Raises:
        ValueError: it is none.
    """
    try:
        return _orders.decode(content)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not an order: {error}") from None


def decode_report(content: bytes) -> Report:
    """The report in a message.

    Raises:
        ValueError: it is none.
    """
    try:
        return _reports.decode(content)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a report: {error}") from None


def error_of(report: Ended) -> RenderError | JobCancelled | None:
    """The exception that a job's last word stands for; None when it ended well."""
    if not report.failure:
        return None
    if report.failure == JobCancelled.__name__:
        return JobCancelled(report.detail)
    return FAILURES.get(report.failure, RenderError)(report.detail)
