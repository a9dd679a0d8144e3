"""Classifiers that an operator might plug in, well-behaved and not."""

import os
import threading

from PIL import Image

from bot.inspection.classifiers import Classifier


def redness() -> Classifier:
    """The share of red in the first pixel."""

    def rate(image: Image.Image) -> float:
        red, _, _ = image.getpixel((0, 0))  # type: ignore[misc]  # RGB, so three values
        return red / 255

    return rate


def moody() -> Classifier:
    """Ends the process, hangs, raises or eats memory, by the width of the picture."""

    def rate(image: Image.Image) -> float:
        match image.width:
            case 10:
                os._exit(3)
            case 20:
                threading.Event().wait()
            case 30:
                raise ArithmeticError
            case 40:
                return float(len(bytearray(2**31)))
        return 0.25

    return rate


def senseless() -> Classifier:
    """Answers with what is no probability, by the width of the picture."""
    return lambda image: (float("nan"), -0.5, 1.5)[image.width - 1]


def broken() -> Classifier:
    """Cannot be made."""
    raise RuntimeError("the weights are gone")
