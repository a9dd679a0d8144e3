"""The inspection process: `python -m bot.inspection.process`, started by `client`.

One question at a time, one finding for each. It ends when its input is closed.
"""

import contextlib
import io
import logging
import sys

from PIL import Image

from bot.child_process.channel import Channel
from bot.errors import UnusablePicture
from bot.inspection.carried import carried_by
from bot.inspection.classifiers import Classifier, load
from bot.inspection.messages import (
    Finding,
    Open,
    Opened,
    Question,
    Rating,
    Ready,
    Setup,
    Unusable,
    decode_question,
    encode,
)
from bot.phrase import phrase
from bot.pictures import open_source


def main() -> None:
    """Set up, then answer until the input ends."""
    channel = Channel()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    setup = _next(channel)
    if not isinstance(setup, Setup):
        return
    classifier, problem = None, ""
    try:
        classifier = load(setup.classifier)
    except Exception as error:
        # Whatever an operator's own classifier raises must be told, not lost with the process.
        problem = f"{type(error).__name__}: {error}"
    _limit_memory(setup.memory_limit)
    channel.write(encode(Ready(problem=problem)))
    while (question := _next(channel)) is not None:
        channel.write(encode(_answer(question, classifier)))


def _next(channel: Channel) -> Question | None:
    content = channel.read()
    return None if content is None else decode_question(content)


def _answer(question: Question, classifier: Classifier | None) -> Finding:
    if isinstance(question, Open):
        try:
            source = open_source(question.content)
        except UnusablePicture as refusal:
            return Unusable(phrase=refusal.phrases[0])
        return Opened(
            png=source.png,
            width=source.width,
            height=source.height,
            rating=_rate(source.png, classifier),
            notes=source.notes,
            carried=carried_by(question.content),
        )
    if isinstance(question, Setup):
        return Unusable(phrase=phrase("picture-damaged"))
    return _rate(question.picture, classifier)


def _rate(picture: bytes, classifier: Classifier | None) -> Rating:
    if classifier is None:
        return Rating(nsfw=None)
    with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
        nsfw = classifier(image.convert("RGB"))
    if not 0.0 <= nsfw <= 1.0:  # NaN compares with nothing, and every threshold would let it pass
        raise ValueError(f"the classifier says {nsfw}, which is no probability")
    return Rating(nsfw=nsfw)


def _limit_memory(beyond: int) -> None:
    """Where the system can do that (not on Windows); a picture that wants more is "damaged"."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        import psutil

        most = psutil.Process().memory_info().vms + beyond
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
