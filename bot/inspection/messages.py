"""What travels between the bot and its inspection process, as MessagePack."""

import msgspec

from bot.phrase import Phrase


class Setup(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """First message."""

    classifier: str
    """See `classifiers.load`."""
    memory_limit: int
    """Bytes that the process may take beyond what it has once it is set up."""


class Open(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A stranger's picture, as it came."""

    content: bytes


class Rate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A picture of our own, as PNG or JPEG."""

    picture: bytes


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The process is set up; `problem` says in words why its classifier cannot be used."""

    problem: str = ""


class Rating(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is seen in a picture."""

    nsfw: float | None
    """Probability, 0…1, that it is not safe for work; None when no classifier is used."""


class Opened(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A decoded source: RGB PNG without metadata, upright, with its rating."""

    png: bytes
    width: int
    height: int
    rating: Rating
    notes: tuple[Phrase, ...] = ()
    carried: str = ""
    """The parameters that the file carried, as an infotext."""


class Unusable(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """It cannot be opened; the phrase says why."""

    phrase: Phrase


Question = Setup | Open | Rate
Finding = Ready | Opened | Rating | Unusable

_encoder = msgspec.msgpack.Encoder()
_questions: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
_findings: msgspec.msgpack.Decoder[Finding] = msgspec.msgpack.Decoder(Finding)


def encode(message: Question | Finding) -> bytes:
    """One message."""
    return _encoder.encode(message)


def decode_question(content: bytes) -> Question:
    """The question in a message; ValueError: it is none."""
    return _questions.decode(content)


def decode_finding(content: bytes) -> Finding:
    """The finding in a message; ValueError: it is none."""
    return _findings.decode(content)
